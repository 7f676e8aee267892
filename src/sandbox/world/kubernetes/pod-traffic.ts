import type { Instant } from '../../../model/instant.ts'
import { instantOf } from '../../../model/instant.ts'
import type { Reach, TrafficTrouble } from '../../levers.ts'
import { isOpen } from '../faults/when.ts'
import type { Ground } from './ground.ts'
import type { Nodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { podSubject } from './pod-subject.ts'

/** Whether packets of a pod arrive. */
export interface Traffic {
  /** Nothing comes through between a pod and that place now. Pods on the host network are never cut off. */
  isCut(pod: PodObject, reach: Reach): boolean
  /** When that may change next without anybody doing anything. */
  nextChange(pod: PodObject): Instant | undefined
}

export function createTraffic(ground: Ground, nodes: Nodes): Traffic {
  function troubles(pod: PodObject): readonly TrafficTrouble[] {
    const run = nodes.get(pod.spec?.nodeName ?? '')
    if (!run || pod.spec?.hostNetwork) return []
    return ground.faults.effects('pod/traffic', podSubject(pod, run, ground.cniVersion()))
  }

  const age = (pod: PodObject) => ground.timeline.now() - (instantOf(pod.status?.startTime) ?? ground.timeline.now())

  return {
    isCut: (pod, reach) => troubles(pod).some((trouble) => trouble.cuts.includes(reach) && isOpen(trouble.since ?? {}, age(pod))),
    nextChange(pod) {
      const elapsed = age(pod)
      const edges = troubles(pod).flatMap(({ since = {} }) => edgesOf(since, elapsed))
      return edges.length === 0 ? undefined : ground.timeline.now() - elapsed + Math.min(...edges)
    },
  }
}

/** The next instants, counted from the pod's start, at which a window opens or closes. */
function edgesOf({ from = 0, to, every, lasting }: NonNullable<TrafficTrouble['since']>, elapsed: number): readonly number[] {
  const edges = to === undefined ? [from] : [from, to]
  if (every !== undefined && lasting !== undefined && elapsed >= from) {
    const turn = from + Math.floor((elapsed - from) / every) * every
    edges.push(turn + lasting, turn + every)
  }
  return edges.filter((edge) => edge > elapsed)
}
