import { MINUTE, type Millis, SECOND } from '../../../../model/instant.ts'
import { keyedRandom } from '../../../../model/keyed.ts'
import type { Image } from '../images.ts'

/** Shortest boot and how much longer it may take, until kubelet registers; our assumptions. */
const LINUX = { atLeast: 60 * SECOND, spread: 60 * SECOND }
const WINDOWS = { atLeast: 4 * MINUTE, spread: 4 * MINUTE }

/** From the start of an instance until its kubelet registers. A factor stretches it. */
export function bootTime(seed: number, instanceId: string, image: Image | undefined, factor: number): Millis {
  const { atLeast, spread } = image?.amiType.startsWith('WINDOWS') ? WINDOWS : LINUX
  return Math.floor(factor * (atLeast + Math.floor(keyedRandom(seed, 'boot', instanceId) * spread)))
}
