import type { Intent } from '../../model/intent.ts'
import { type Pod, ZONE_LABEL } from '../../model/kubernetes.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingGroups, drainedNodes, nodesOf, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { volumesOf, zonesOfVolume } from './reading/volumes.ts'
import { count, names } from './reading/wording.ts'
import { movedPods, topOwner } from './reading/workloads.ts'

/** Where the volumes are, there are nodes after the run. */
export const volumeZone: CheckDefinition = {
  code: 'VOLUME_ZONE',
  title: 'Every volume of a pod to be evicted is in a zone that has nodes after the run',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:persistentvolumes', 'kubernetes:persistentvolumeclaims'],
  notApplicable: noGroupChanges,
  prevents:
    'A database that stays Pending for good: its volume is in a zone in which the group launches nothing any more, and a volume does not move.',
  remedy: 'Give the group a subnet of that zone, or move the volume by a snapshot of it: `aws ec2 create-snapshot --volume-id ID`.',
  source: 'https://docs.aws.amazon.com/eks/latest/best-practices/cluster-autoscaling.html#_ebs_volumes',
  evaluate: ({ snapshot, plan, intent }) => {
    const volumes = volumesOf(snapshot)
    const served = zonesAfter(snapshot, intent)
    const pinned = movedPods(snapshot, intent).flatMap((pod) =>
      volumes(pod).flatMap((volume) => {
        const zones = zonesOfVolume(volume)
        return zones === undefined ? [] : [{ pod, volume: volume.metadata.name, zones }]
      }),
    )
    const stuck = pinned.filter(({ zones }) => !zones.some((zone) => served.has(zone)))
    const owner = topOwner(snapshot)
    const together = Map.groupBy(stuck, ({ pod }) => owner(pod) || `Pod/${pod.metadata.namespace}/${pod.metadata.name}`)
    return foundOr(
      [...together].map(([subject, all]) => blocked(subject, all, [...served].sort())),
      plan,
      `${count(pinned.length, 'volume')} of pods to be evicted, each in a zone that has nodes after the run.`,
    )
  },
}

/** Zones of nodes that stay, and zones in which changing groups launch. */
function zonesAfter(snapshot: ClusterSnapshot, intent: Intent): ReadonlySet<string> {
  const drained = new Set(drainedNodes(snapshot, intent))
  const staying = nodesOf(snapshot).filter((node) => !drained.has(node) && node.spec?.unschedulable !== true)
  return new Set([
    ...staying.flatMap(({ metadata }) => metadata.labels?.[ZONE_LABEL] ?? []),
    ...changingGroups(intent).flatMap(({ zones }) => zones),
  ])
}

interface Pinned {
  readonly pod: Pod
  readonly volume: string
  readonly zones: readonly string[]
}

function blocked(subject: string, stuck: readonly Pinned[], served: readonly string[]): CheckFinding {
  const [pods, zones] = [new Set(stuck.map(({ pod }) => pod.metadata.name)), new Set(stuck.flatMap((each) => each.zones))]
  const told = names(
    stuck.map(({ pod, volume }) => `${volume} of ${pod.metadata.name}`),
    3,
  )
  return {
    verdict: 'block',
    subject,
    message: `${count(stuck.length, 'volume')} of ${subject} (${told}) in ${names([...zones].sort())}, and after the run there are nodes in ${names(served)} only: ${count(pods.size, 'pod')} would stay Pending.`,
  }
}
