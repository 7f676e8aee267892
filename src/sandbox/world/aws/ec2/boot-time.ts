import { type Millis, SECOND } from '../../../../model/instant.ts'
import { keyedRandom } from '../../../../model/keyed.ts'

const AT_LEAST: Millis = 60 * SECOND
const SPREAD: Millis = 60 * SECOND

/** From the launch of an instance until its kubelet registers, our assumption: one to two minutes. */
export function bootTime(seed: number, instanceId: string): Millis {
  return AT_LEAST + Math.floor(keyedRandom(seed, 'boot', instanceId) * SPREAD)
}
