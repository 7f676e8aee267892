import { guardsOf } from '../../forecast/drain/evictable.ts'
import { groupOfNode } from '../../model/groups-of-nodes.ts'
import type { PodDisruptionBudget } from '../../model/kubernetes.ts'
import { objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingGroups, nodesOf, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'
import { type MovedWorkload, movedWorkloads } from './reading/workloads.ts'

/** No replicated workload can lose all its pods at once. */
export const replicasTogether: CheckDefinition = {
  code: 'REPLICAS_TOGETHER',
  title: 'No replicated workload without a budget has all its pods where nodes go at the same time',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:deployments', 'kubernetes:statefulsets', 'kubernetes:poddisruptionbudgets'],
  notApplicable: noGroupChanges,
  prevents: 'An outage of something that has replicas: nothing guards them, and all sit on nodes that are drained together.',
  remedy:
    'Give it a budget (`kubectl -n NAMESPACE create poddisruptionbudget NAME --selector=LABEL=VALUE --max-unavailable=1`), or spread it over nodes with topologySpreadConstraints.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/disruptions/',
  evaluate: ({ snapshot, intent, plan }) => {
    const groupOf = new Map(nodesOf(snapshot).map((node) => [node.metadata.name, groupOfNode(node, snapshot) ?? '']))
    const together = new Map(changingGroups(intent).map((group) => [group.name, group.maxUnavailable]))
    const guarding = guardsOf(objectsOf<PodDisruptionBudget>(snapshot, 'PodDisruptionBudget'))
    const replicated = movedWorkloads(snapshot, intent).filter(({ pods }) => pods.length > 1)
    const found = replicated
      .filter(({ pods }) => pods.every((pod) => guarding(pod).length === 0))
      .flatMap((moved) => judge(moved, groupOf, together))
    return foundOr(found, plan, `${count(replicated.length, 'replicated workload')} to be moved, each guarded or spread.`)
  },
}

function judge(
  { subject, pods }: MovedWorkload,
  groupOf: ReadonlyMap<string, string>,
  together: ReadonlyMap<string, number>,
): readonly CheckFinding[] {
  const nodes = [...new Set(pods.map((pod) => pod.spec?.nodeName ?? ''))]
  const groups = new Set(nodes.map((node) => groupOf.get(node) ?? ''))
  const [group = ''] = groups
  const most = together.get(group) ?? 0
  if (groups.size > 1 || nodes.length > most) return []
  const [kind, namespace, name] = subject.split('/')
  return [
    {
      verdict: 'warn',
      subject,
      message:
        `All ${pods.length} pods of ${kind} ${namespace}/${name} are on ${names(nodes)} of ${group}, ` +
        `of which up to ${most} may go at a time, and no PodDisruptionBudget guards them: it may go down for a moment.`,
      remedy: `\`kubectl -n ${namespace} create pdb ${name} --selector=… --max-unavailable=1\`, or spread it over nodes.`,
    },
  ]
}
