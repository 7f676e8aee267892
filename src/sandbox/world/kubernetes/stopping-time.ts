import { MINUTE, type Millis, SECOND } from '../../../model/instant.ts'
import type { Ground } from './ground.ts'
import type { PodObject } from './objects.ts'

/**
 * How long a pod takes to stop. What never ran goes at once; ordinary pods need some seconds; who asks for more
 * than a minute of grace needs most of it, for that is why it was asked for.
 */
export function stoppingTime(ground: Ground, pod: PodObject): Millis {
  const grace = (Number((pod.metadata as { deletionGracePeriodSeconds?: number }).deletionGracePeriodSeconds ?? 30) || 0) * SECOND
  const running = pod.status?.containerStatuses?.some((status) => status.state?.running) ?? false
  if (grace === 0 || pod.spec?.nodeName === undefined) return 0
  if (!running) return Math.min(grace, SECOND)
  const needed = grace > MINUTE ? grace * 0.8 : ground.span(SECOND, 5 * SECOND, 'stop', pod.metadata.uid)
  return Math.min(grace, needed)
}
