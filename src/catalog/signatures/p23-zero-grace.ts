import { byPerson, matched, type Signature, says } from './definition.ts'
import { few } from './reading.ts'

/** Pods without grace leave their branch interfaces: the plugin never runs its DEL. */
export const zeroGrace: Signature = {
  code: 'P23',
  title: 'Pods with a grace period of 0 leave their branch interfaces behind',
  source: 'https://docs.aws.amazon.com/eks/latest/best-practices/sgpp.html',
  needs: ['kubernetes:pods', 'ec2:DescribeNetworkInterfaces'],
  match({ guarded, branches }) {
    const graceless = guarded.filter(({ pod }) => pod.spec?.terminationGracePeriodSeconds === 0)
    if (graceless.length === 0) return undefined
    const worn = guarded.flatMap(({ pod }) => pod.metadata.annotations?.['vpc.amazonaws.com/pod-eni'] ?? []).join(' ')
    const orphans = branches.filter(({ id }) => !worn.includes(id))
    if (orphans.length === 0) return { rejected: 'pods have no grace, and no branch interface is left over' }
    return matched({
      nodes: [],
      pods: graceless,
      evidence: [
        says(2, 'Cluster', `${orphans.length} branch interfaces are in use and no pod wears them: ${few(orphans.map(({ id }) => id))}`),
        says(2, `Pod/${graceless[0]?.key}`, `terminationGracePeriodSeconds is 0, as of ${graceless.length} pods with branch interfaces`),
      ],
    })
  },
  remedy: ({ pods }) =>
    byPerson(`Give the owners of ${few(pods.map(({ key }) => key))} a grace period above 0; what is left goes when the node goes.`),
}
