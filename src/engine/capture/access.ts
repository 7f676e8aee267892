import { DRAIN_ACCESS, type KubernetesAccess, RUN_ACCESS } from '../../catalog/knowledge/run-permissions.ts'
import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { AccessReview } from '../../model/snapshot.ts'
import { RESOURCES } from '../../ports/kubernetes.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { Pass } from './pass.ts'

interface Review extends KubernetesObject {
  readonly spec?: unknown
  readonly status?: { readonly allowed?: boolean; readonly reason?: string }
}

/** What the API server says the caller may do of what a run does. A review is a question: nothing is made. */
export async function readAccess({ kubernetes }: ClusterPorts, pass: Pass): Promise<readonly AccessReview[] | undefined> {
  const ask = async (access: KubernetesAccess): Promise<AccessReview> => {
    const { apiVersion, kind } = RESOURCES.accessReviews
    const question: Review = { apiVersion, kind, metadata: { name: '' }, spec: { resourceAttributes: access } }
    const { status } = await kubernetes.create<Review>(RESOURCES.accessReviews, question)
    return { ...access, allowed: status?.allowed === true, ...(status?.reason === undefined ? {} : { reason: status.reason }) }
  }
  const answers = await pass.readEach('kubernetes:selfsubjectaccessreviews', [...RUN_ACCESS, ...DRAIN_ACCESS], ask)
  return answers.length === 0 ? undefined : answers
}
