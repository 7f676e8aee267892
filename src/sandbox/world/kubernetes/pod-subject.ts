import type { Subject } from '../../levers.ts'
import { nodePlace } from '../node-place.ts'
import type { NodeRun } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { controllerOf } from './objects.ts'

/** A pod as the selectors of faults see it. */
export function podSubject(pod: PodObject, { machine, launchedLater }: NodeRun, cniVersion: string): Subject {
  const workload = workloadOf(pod)
  return {
    ...nodePlace(machine, cniVersion, launchedLater),
    namespace: pod.metadata.namespace ?? '',
    pod: pod.metadata.name,
    ...(workload === undefined ? {} : { workload }),
  }
}

/** The workload a pod belongs to by name: without the hash of a ReplicaSet, or the minute of a CronJob's Job. */
export function workloadOf(pod: PodObject): string | undefined {
  const owner = controllerOf(pod)
  if (owner?.kind === 'ReplicaSet') return owner.name.replace(/-[^-]+$/, '')
  return owner?.kind === 'Job' ? owner.name.replace(/-\d{7,}$/, '') : owner?.name
}
