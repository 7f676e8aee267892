import { MINUTE, type Millis } from '../../../../model/instant.ts'
import type { Timeline } from '../../../contract.ts'
import type { Instance, Instances } from '../instances.ts'

/** EC2 warns two minutes before it takes a Spot Instance (EC2 user guide, "Spot Instance interruption notices"). */
const NOTICE: Millis = 2 * MINUTE
/** How long before the notice it recommends to rebalance; AWS promises nothing, so this is our assumption. */
const RECOMMENDED: Millis = 3 * MINUTE

export interface SpotDeps {
  readonly timeline: Timeline
  readonly instances: Instances
  /** Whether EC2 wants this instance back now. */
  readonly wanted: (instance: Instance) => boolean
  /** EC2 says that the instance is at elevated risk of interruption. */
  readonly recommended: (instance: Instance) => void
}

/** Looks which Spot Instances EC2 wants back; each gets its recommendation, its notice and its end, once. */
export function createSpotMarket({ timeline, instances, wanted, recommended }: SpotDeps): () => void {
  const told = new Set<string>()
  return () => {
    for (const instance of instances.all()) {
      if (instance.market !== 'spot' || told.has(instance.id) || instance.state !== 'running' || !wanted(instance)) continue
      told.add(instance.id)
      recommended(instance)
      timeline.after(RECOMMENDED + NOTICE, `instance/${instance.id}/interruption`, () => {
        instances.terminate(instance, 'Server.SpotInstanceTermination: Spot instance termination')
      })
    }
  }
}
