import { type Millis, SECOND } from '../../../../model/instant.ts'
import { keyedRandom } from '../../../../model/keyed.ts'

/** Shortest boot and how much longer it may take, until kubelet registers; our assumptions. */
const AT_LEAST: Millis = 60 * SECOND
const SPREAD: Millis = 60 * SECOND

/** Windows takes about five minutes (public write-ups); our assumption is that it scales like the rest. */
const WINDOWS_FACTOR = 4

/** From the start of an instance until its kubelet registers. A factor stretches it. */
export function bootTime(seed: number, instanceId: string, stretch: number, isWindows = false): Millis {
  const factor = stretch * (isWindows ? WINDOWS_FACTOR : 1)
  return Math.floor(factor * (AT_LEAST + Math.floor(keyedRandom(seed, 'boot', instanceId) * SPREAD)))
}
