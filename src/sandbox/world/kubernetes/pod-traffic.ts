import type { Instant } from '../../../model/instant.ts'
import { instantOf } from '../../../model/instant.ts'
import type { Reach, TrafficTrouble } from '../../levers.ts'
import { isOpen } from '../faults/when.ts'
import type { Ground } from './ground.ts'
import { trafficTroubles } from './node-policies.ts'
import type { Nodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import type { ResourceController } from './pod-interfaces/resource-controller.ts'
import { podSubject } from './pod-subject.ts'

/** Whether packets of a pod arrive. */
export interface Traffic {
  /** Nothing comes through between a pod and that place now. Pods on the host network are never cut off. */
  isCut(pod: PodObject, reach: Reach): boolean
  /** When that may change next without anybody doing anything. */
  nextChange(pod: PodObject): Instant | undefined
}

export function createTraffic(ground: Ground, nodes: Nodes, { mistakenUntil }: Pick<ResourceController, 'mistakenUntil'>): Traffic {
  const start = ground.timeline.now()

  function troubles(pod: PodObject): readonly TrafficTrouble[] {
    const run = nodes.get(pod.spec?.nodeName ?? '')
    if (!run || pod.spec?.hostNetwork) return []
    if (ground.network.isCutOff(run.machine.instanceId, pod.metadata.uid)) return [{ cuts: ['kubelet', 'services', 'pods', 'internet'] }]
    const faults = ground.faults.effects('pod/traffic', podSubject(pod, run, ground.cniVersion()))
    return [...trafficTroubles(ground.store, pod, faults, start), ...mistaken(pod)]
  }

  function mistaken(pod: PodObject): readonly TrafficTrouble[] {
    const until = mistakenUntil(pod)
    return until === undefined ? [] : [{ cuts: ['services'], since: { to: until - ground.timeline.now() + age(pod) } }]
  }

  const age = (pod: PodObject) => ground.timeline.now() - (instantOf(pod.status?.startTime) ?? ground.timeline.now())

  function holds({ since = {}, flaps }: TrafficTrouble, pod: PodObject): boolean {
    const isThere = flaps === undefined || (ground.timeline.now() - start) % flaps.every < flaps.lasting
    return isThere && isOpen(since, age(pod))
  }

  return {
    isCut: (pod, reach) => troubles(pod).some((trouble) => trouble.cuts.includes(reach) && holds(trouble, pod)),
    nextChange(pod) {
      const now = ground.timeline.now()
      const born = now - age(pod)
      const edges = troubles(pod).flatMap(({ since, flaps }) => [
        ...edgesOf(since).map((edge) => born + edge),
        ...turnsOf(flaps, start, now),
      ])
      const next = edges.filter((edge) => edge > now)
      return next.length === 0 ? undefined : Math.min(...next)
    },
  }
}

function edgesOf({ from, to }: NonNullable<TrafficTrouble['since']> = {}): readonly number[] {
  return [...(from === undefined ? [] : [from]), ...(to === undefined ? [] : [to])]
}

function turnsOf(flaps: TrafficTrouble['flaps'], start: Instant, now: Instant): readonly Instant[] {
  if (flaps === undefined) return []
  const turn = now - ((now - start) % flaps.every)
  return [turn + flaps.lasting, turn + flaps.every]
}
