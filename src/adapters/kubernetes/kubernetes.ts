import { isSerinError } from '../../errors/serin-error.ts'
import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { Kubernetes, PatchType, Resource } from '../../ports/kubernetes.ts'
import type { Retrier } from '../retry.ts'
import { type Connection, operationOf, type RequestOptions } from './connection.ts'
import { evictPod } from './eviction.ts'
import { listAll, readObject } from './list.ts'
import { apiPath, segment } from './paths.ts'
import { createSharing } from './sharing.ts'
import { malformedAnswer } from './status-error.ts'

/** Set on every patch: clients that leave it out send a JSON patch with a merge body. */
const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
}

/** Bytes of a log that are read at most. */
const LOG_LIMIT = 262_144

/** The Kubernetes API in raw JSON: nothing is dropped, renamed or turned into a Date. */
export function createKubernetes(connection: Connection, retrier: Retrier): Kubernetes {
  const send = objects(connection, retrier)
  const share = createSharing()
  return {
    server: { endpoint: connection.endpoint, certificateAuthorityData: connection.certificateAuthorityData },
    list: async <T extends KubernetesObject>(resource: Resource, options = {}) =>
      (await listAll(connection, retrier, resource, options, (object) => share(object as T))).items,
    get: async (resource, namespace, name) => {
      try {
        return await send('GET', apiPath(resource, namespace, name))
      } catch (error) {
        if (isSerinError(error, 'REMOTE_NOT_FOUND')) return undefined
        throw error
      }
    },
    review: async (resource, question) => send('POST', apiPath(resource), { body: question }, true),
    create: async (resource, object, { dryRun } = {}) =>
      send('POST', apiPath(resource, object.metadata.namespace), { body: object, ...(dryRun && { query: { dryRun: 'All' } }) }),
    replace: async (resource, object) => {
      const { namespace, name } = object.metadata
      return send('PUT', apiPath(resource, namespace, name), { body: object })
    },
    patch: async (resource, namespace, name, type, body) =>
      send('PATCH', apiPath(resource, namespace, name), { body, contentType: PATCH_TYPES[type] }),
    tryPatch: async (resource, namespace, name, body, asUser) => {
      await retrier.once(() =>
        connection.request('PATCH', apiPath(resource, namespace, name), {
          query: { dryRun: 'All' },
          body,
          contentType: PATCH_TYPES.merge,
          ...(asUser !== undefined && { headers: { 'impersonate-user': asUser } }),
        }),
      )
    },
    remove: async (resource, namespace, name, { uid, propagation } = {}) => {
      const wish = { ...(uid && { preconditions: { uid } }), ...(propagation && { propagationPolicy: propagation }) }
      const options = Object.keys(wish).length === 0 ? {} : { body: { apiVersion: 'v1', kind: 'DeleteOptions', ...wish } }
      await retrier.once(() => connection.request('DELETE', apiPath(resource, namespace, name), options))
    },
    evict: (namespace, pod, uid) => evictPod(connection, retrier, namespace, pod, uid),
    logs: async (namespace, pod, container, { tailLines, previous }) => {
      const path = `/api/v1/namespaces/${segment(namespace)}/pods/${segment(pod)}/log`
      const query = { container, tailLines, limitBytes: LOG_LIMIT, previous: previous === true ? true : undefined }
      return retrier.read(operationOf('GET', path), () => connection.request('GET', path, { query }))
    },
    askPod: async (namespace, pod, port, path) => {
      const asked = `/api/v1/namespaces/${segment(namespace)}/pods/${segment(pod)}:${port}/proxy${path}`
      return retrier.read(operationOf('GET', asked), () => connection.request('GET', asked))
    },
    version: () =>
      retrier.read(operationOf('GET', '/version'), async () => {
        const text = await connection.request('GET', '/version')
        const { gitVersion } = readObject(connection, operationOf('GET', '/version'), text, false)
        if (typeof gitVersion !== 'string') throw malformedAnswer(operationOf('GET', '/version'), text, false)
        return gitVersion
      }),
  }
}

/** One object in, one object out; what only asks is repeated, nothing else is. */
function objects(connection: Connection, retrier: Retrier) {
  return <T extends KubernetesObject>(method: string, path: string, options: RequestOptions = {}, asks = method === 'GET'): Promise<T> => {
    const operation = operationOf(method, path)
    const attempt = async (): Promise<T> => {
      const text = await connection.request(method, path, options)
      const object = readObject(connection, operation, text, !asks)
      if (typeof object.metadata !== 'object' || typeof object.kind !== 'string') throw malformedAnswer(operation, text, !asks)
      return object as unknown as T
    }
    return asks ? retrier.read(operation, attempt) : retrier.once(attempt)
  }
}
