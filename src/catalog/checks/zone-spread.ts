import { staticMisfit } from '../../forecast/drain/fitting.ts'
import { type RehearsedNode, rehearsedNode } from '../../forecast/drain/nodes.ts'
import { type PodSpec, ZONE_LABEL } from '../../model/kubernetes.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { nodesOf, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { zonesOfVolumes } from './reading/volumes.ts'
import { count, names } from './reading/wording.ts'
import { type MovedWorkload, movedWorkloads } from './reading/workloads.ts'

/** No replicated workload depends on one zone while the nodes of that zone are replaced. */
export const zoneSpread: CheckDefinition = {
  code: 'ZONE_SPREAD',
  title: 'No replicated workload to be moved has all its pods in one zone where nodes of other zones would take it',
  severity: 'warn',
  waivable: true,
  needs: [
    'kubernetes:nodes',
    'kubernetes:pods',
    'kubernetes:deployments',
    'kubernetes:statefulsets',
    'kubernetes:persistentvolumes',
    'kubernetes:persistentvolumeclaims',
  ],
  notApplicable: noGroupChanges,
  prevents:
    'A workload with replicas that is down as a whole: all of them stand in one zone, and in the middle of the run that zone has no capacity or no address for the nodes that are to take them.',
  remedy: 'Spread it over zones with topologySpreadConstraints (`serin preflight` prints the patch for each workload).',
  source: 'https://docs.aws.amazon.com/eks/latest/best-practices/application.html#_schedule_replicas_across_nodes',
  evaluate: ({ snapshot, intent, plan }) => {
    const nodes = nodesOf(snapshot).map((node) => rehearsedNode(node, undefined))
    const zoneOf = new Map(nodes.map(({ name, zone }) => [name, zone]))
    const kinds = [...new Map(nodes.filter(({ closed }) => !closed).map((node) => [node.class, node])).values()]
    const pinned = zonesOfVolumes(snapshot)
    const replicated = movedWorkloads(snapshot, intent).filter(({ pods }) => pods.length > 1)
    const found = replicated
      .filter(({ pods, moved }) => moved.length === pods.length && pods.every((pod) => pinned(pod) === undefined))
      .flatMap((workload) => judge(workload, zoneOf, kinds))
    return foundOr(
      found,
      plan,
      `${count(replicated.length, 'replicated workload')} to be moved, each in several zones or with no other zone to go to.`,
    )
  },
}

function judge(moved: MovedWorkload, zoneOf: ReadonlyMap<string, string>, kinds: readonly RehearsedNode[]): readonly CheckFinding[] {
  const { subject, pods } = moved
  const zones = new Set(pods.map(({ spec }) => zoneOf.get(spec?.nodeName ?? '') ?? ''))
  const [zone = ''] = zones
  const spec = pods[0]?.spec ?? {}
  const elsewhere = kinds.filter((node) => node.zone !== zone && node.zone !== '' && staticMisfit(spec, node) === undefined)
  if (zones.size !== 1 || zone === '' || elsewhere.length === 0) return []
  const [kind, namespace, name] = subject.split('/')
  return [
    {
      verdict: 'warn',
      subject,
      message:
        `All ${pods.length} pods of ${kind} ${namespace}/${name} are in ${zone}, and this run moves each; nodes that would take them are in ` +
        `${names([...new Set(elsewhere.map((node) => node.zone))].sort())} too. If ${zone} lacks capacity or addresses by then, all of it waits.`,
      remedy: spreadRemedy(moved, spec),
    },
  ]
}

/** What is spread already, or wants to be, is spread anew by a restart; the rest is told to spread, which restarts it. */
function spreadRemedy({ subject, workload }: MovedWorkload, { topologySpreadConstraints = [] }: PodSpec): string {
  const [kind = '', namespace, name] = subject.split('/')
  const which = `-n ${namespace} ${kind.toLowerCase()} ${name}`
  if (topologySpreadConstraints.some(({ topologyKey }) => topologyKey === ZONE_LABEL))
    return `Its rule to spread came too late for these pods: \`kubectl rollout restart ${which}\`.`
  const labelSelector = workload.spec?.selector ?? {}
  const rule = { maxSkew: 1, topologyKey: ZONE_LABEL, whenUnsatisfiable: 'ScheduleAnyway', labelSelector }
  const patch = { spec: { template: { spec: { topologySpreadConstraints: [...topologySpreadConstraints, rule] } } } }
  return `Spread it over zones (this restarts it): \`kubectl patch ${which} --type=merge -p '${JSON.stringify(patch)}'\`.`
}
