import { AWS_NODE_USER, CNI_ACCESS } from '../../catalog/knowledge/cni-access.ts'
import { DRAIN_ACCESS, GATE_ACCESS, type KubernetesAccess, RUN_ACCESS } from '../../catalog/knowledge/run-permissions.ts'
import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { AccessReview, ClusterSnapshot } from '../../model/snapshot.ts'
import { RESOURCES, type Resource } from '../../ports/kubernetes.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { Pass } from './pass.ts'

interface Review extends KubernetesObject {
  readonly spec?: unknown
  readonly status?: { readonly allowed?: boolean; readonly reason?: string }
}

type Reviews = Pick<ClusterSnapshot['kubernetes'], 'accessReviews' | 'awsNodeReviews'>

/** What the API server lets the caller do of what a run does, and aws-node of what it needs. A review is a question: nothing is made. */
export async function readAccess(ports: ClusterPorts, pass: Pass, ofPlan: readonly KubernetesAccess[]): Promise<Reviews> {
  const asked = [...RUN_ACCESS, ...DRAIN_ACCESS, ...Object.values(GATE_ACCESS).flat(), ...ofPlan]
  const own = [...new Map(asked.map((access) => [JSON.stringify(access), access])).values()]
  const [accessReviews, awsNodeReviews] = await Promise.all([
    reviewed(ports, pass, RESOURCES.accessReviews, own),
    reviewed(ports, pass, RESOURCES.subjectReviews, CNI_ACCESS, AWS_NODE_USER),
  ])
  return {
    ...(accessReviews.length === 0 ? {} : { accessReviews }),
    ...(awsNodeReviews.length === 0 ? {} : { awsNodeReviews }),
  }
}

function reviewed(
  { kubernetes }: ClusterPorts,
  pass: Pass,
  resource: Resource,
  accesses: readonly KubernetesAccess[],
  user?: string,
): Promise<readonly AccessReview[]> {
  const { apiVersion, kind, plural } = resource
  return pass.readEach(`kubernetes:${plural}`, accesses, async (access) => {
    const spec = { resourceAttributes: access, ...(user === undefined ? {} : { user }) }
    const { status } = await kubernetes.review<Review>(resource, { apiVersion, kind, metadata: { name: '' }, spec })
    return { ...access, allowed: status?.allowed === true, ...(status?.reason === undefined ? {} : { reason: status.reason }) }
  })
}
