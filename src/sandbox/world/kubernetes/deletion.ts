import { SECOND } from '../../../model/instant.ts'
import type { ObjectStore, Timeline } from '../../contract.ts'
import { removeOrMark } from './finalizers.ts'
import { kubeTime } from './kube-time.ts'
import type { PodObject } from './objects.ts'
import { isTerminating } from './objects.ts'

/**
 * Deletes a pod as the API does: it is marked, its kubelet stops it and then it goes. Without a node, or with a grace
 * of 0 seconds, it goes at once. With finalizers it then still waits for these. A second deletion changes nothing, except that a grace of 0 ends the first.
 */
export function deletePod(
  { timeline, store }: { timeline: Timeline; store: ObjectStore },
  namespace: string,
  name: string,
  graceSeconds?: number,
): void {
  const pod = store.get('Pod', namespace, name) as PodObject | undefined
  if (!pod) return
  const grace = graceSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30
  if (grace === 0 || pod.spec?.nodeName === undefined) return void removeOrMark(store, pod, timeline.now())
  if (isTerminating(pod)) return
  const marks = { deletionTimestamp: kubeTime(timeline.now() + grace * SECOND), deletionGracePeriodSeconds: grace }
  store.update('Pod', namespace, name, (current) => ({ ...current, metadata: { ...current.metadata, ...marks } }))
}
