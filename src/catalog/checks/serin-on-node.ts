import { groupOfNode } from '../../model/groups-of-nodes.ts'
import type { Pod } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition } from './definition.ts'
import { drainedNodes, nodesOf, noGroupChanges } from './reading/nodes.ts'

/** Serin does not run on a node that it is about to drain. */
export const serinOnNode: CheckDefinition = {
  code: 'SERIN_ON_NODE',
  title: 'Serin does not run on a node of the plan',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:nodes'],
  notApplicable: (input) =>
    noGroupChanges(input) ?? (input.snapshot.takenFrom === undefined ? 'Serin does not run in this cluster.' : undefined),
  prevents: 'A run that evicts itself: nobody would be there to judge the gates and to take things back.',
  remedy: 'Run it from outside the cluster, or on a group that the plan excludes (`exclude: [{ nodeGroups: [GROUP], reason: … }]`).',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/',
  evaluate: ({ snapshot, intent, plan }) => {
    const { namespace = 'default', pod = '(not said)' } = snapshot.takenFrom ?? {}
    const subject = `Pod/${namespace}/${pod}`
    const name = nodeOfSerin(snapshot)
    if (name === undefined) {
      return [{ verdict: 'unknown', subject, message: `Serin runs in this cluster (${namespace}/${pod}), but on which node is not known.` }]
    }
    const node = nodesOf(snapshot).find((each) => each.metadata.name === name)
    if (!node) return [{ verdict: 'unknown', subject, message: `Serin runs on ${name}, which is not among the nodes that were read.` }]
    if (!drainedNodes(snapshot, intent).includes(node))
      return [
        { verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message: `Serin runs on ${name}, which this run does not drain.` },
      ]
    const message = `Serin runs as ${namespace}/${pod} on ${name} of ${groupOfNode(node, snapshot)}, which this run drains: it would evict itself.`
    return [{ verdict: 'block', subject, message }]
  },
}

function nodeOfSerin(snapshot: ClusterSnapshot): string | undefined {
  const { node, namespace, pod: name } = snapshot.takenFrom ?? {}
  const pod = objectsOf<Pod>(snapshot, 'Pod').find((each) => each.metadata.namespace === namespace && each.metadata.name === name)
  return node ?? pod?.spec?.nodeName
}
