import { keyedRandom } from '../../../model/keyed.ts'
import type { FargateCalls } from '../../network-contract.ts'
import type { ControlPlaneSpec } from '../control-plane-spec.ts'
import type { Vpc } from './vpc.ts'

/** Fargate takes an interface for each pod in one of the cluster's subnets; which first is a draw. */
export function createFargateCalls(
  { fargateProfiles }: ControlPlaneSpec,
  { interfaces, subnets }: Pick<Vpc, 'interfaces' | 'subnets'>,
  subnetIds: readonly string[],
  seed: number,
): FargateCalls {
  return {
    profiles: fargateProfiles,
    take(podUid) {
      const first = Math.floor(keyedRandom(seed, 'fargate-subnet', podUid) * subnetIds.length)
      for (const subnetId of [...subnetIds.slice(first), ...subnetIds.slice(0, first)]) {
        const made = interfaces.create({ subnetId, deviceIndex: 0, description: `fargate pod ${podUid}`, secondary: 0 })
        if (made === undefined) continue
        return { address: made.primary, subnetId, zone: subnets.get(subnetId)?.zone ?? '', release: () => interfaces.remove(made) }
      }
      return undefined
    },
  }
}
