import { writersIn } from '../../catalog/checks/reading/writers.ts'
import { goingApis, type RemovedApi } from '../../catalog/knowledge/removed-apis.ts'
import { isSerinError } from '../../errors/serin-error.ts'
import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import { redactObject } from '../redact.ts'
import type { Pass } from './pass.ts'

/**
 * Of each kind that loses an API version with a minor to come: the objects that somebody wrote in it, as their metadata.
 * A list a kind, of metadata only; objects that nobody wrote so are not kept.
 */
export async function readWrittenObjects({ kubernetes }: ClusterPorts, pass: Pass, minor = ''): Promise<readonly KubernetesObject[]> {
  const going = goingApis(minor)
  const kinds = [...new Map(going.map((api) => [api.kind, api])).values()]
  const lists = await Promise.all(kinds.map((api) => pass.read(`kubernetes:${api.plural}`, () => list(api))))
  return lists.flatMap((objects) =>
    (objects ?? []).filter((object) => going.some((api) => writersIn(object, api).length > 0)).flatMap((each) => redactObject(each) ?? []),
  )

  async function list({ kind, plural, replacement }: RemovedApi): Promise<readonly KubernetesObject[]> {
    try {
      return await kubernetes.list({ apiVersion: replacement, kind, plural, namespaced: true }, { metadataOnly: true })
    } catch (error) {
      if (isSerinError(error, 'REMOTE_NOT_FOUND')) return []
      throw error
    }
  }
}
