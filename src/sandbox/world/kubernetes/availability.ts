import type { Instant } from '../../../model/instant.ts'
import { instantOf, SECOND } from '../../../model/instant.ts'
import type { PodObject } from './objects.ts'
import { isReady } from './objects.ts'

/** A pod is available once it has been Ready for `minReadySeconds`. Rule: IsPodAvailable in k8s.io/kubernetes/pkg/api/v1/pod/util.go. */
export function isAvailable(pod: PodObject, minReadySeconds: number | undefined, now: Instant): boolean {
  return isReady(pod) && (!minReadySeconds || availableFrom(pod, minReadySeconds) <= now)
}

/** When the next of the pods that are Ready becomes available; undefined when none has to wait. */
export function nextAvailable(pods: readonly PodObject[], minReadySeconds: number | undefined, now: Instant): Instant | undefined {
  if (!minReadySeconds) return undefined
  const ahead = pods
    .filter(isReady)
    .map((pod) => availableFrom(pod, minReadySeconds))
    .filter((at) => at > now)
  return ahead.length === 0 ? undefined : Math.min(...ahead)
}

function availableFrom({ status }: PodObject, minReadySeconds: number): Instant {
  const since = instantOf(status?.conditions?.find(({ type }) => type === 'Ready')?.lastTransitionTime) ?? 0
  return since + minReadySeconds * SECOND
}
