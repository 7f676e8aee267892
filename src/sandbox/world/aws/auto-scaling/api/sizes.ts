import { WireError } from '../../../../contract.ts'
import type { Sizes } from '../../../world-spec.ts'
import { type Input, numberOf } from '../../answers.ts'
import type { ScalingGroup } from '../group.ts'
import { refusal } from './refusals.ts'

/**
 * A new minimum above, or a new maximum below, the desired capacity moves that too when none is given
 * (API reference of UpdateAutoScalingGroup).
 */
export function newSizes(group: ScalingGroup, input: Input): Sizes {
  const min = numberOf(input, 'MinSize') ?? group.sizes.min
  const max = numberOf(input, 'MaxSize') ?? group.sizes.max
  const desired = numberOf(input, 'DesiredCapacity') ?? Math.min(Math.max(group.sizes.desired, min), max)
  return checkedSizes({ min, max, desired })
}

/** Throws ValidationError when the sizes contradict each other. */
export function checkedSizes(sizes: Sizes): Sizes {
  const { min, max, desired } = sizes
  if (min > max) throw refusal(`Max bound, ${max}, must be greater than or equal to min bound, ${min}`)
  if (desired < min || desired > max) {
    throw refusal(`Desired capacity:${desired} must be between the specified min size:${min} and max size:${max}`)
  }
  return sizes
}

/** With HonorCooldown, a group whose last activity ended within its cooldown is left alone. */
export function refuseInCooldown(group: ScalingGroup, now: number): void {
  const last = group.activities.findLast(({ code }) => code !== 'Failed')
  const over = last === undefined ? 0 : (last.end ?? now) + group.settings.defaultCooldown * 1000
  if (last === undefined || now >= over) return
  const message = `Scaling activity ${last.id} is in progress and blocks this action`
  throw new WireError(400, 'ScalingActivityInProgressFault', message)
}

/** Refuses what would take the desired capacity below the minimum, as each operation words it. */
export function refuseBelowMinimum({ name, sizes }: ScalingGroup, units: number, what: string): void {
  if (sizes.desired - units >= sizes.min) return
  const has = `AutoScalingGroup ${name} has min-size=${sizes.min}, max-size=${sizes.max}, and desired-size=${sizes.desired}`
  throw refusal(`${has}. To ${what}, please update the AutoScalingGroup sizes appropriately.`)
}

/** Refuses what would take the desired capacity above the maximum. */
export function refuseAboveMaximum({ name, sizes }: ScalingGroup, units: number, what: string): void {
  if (sizes.desired + units <= sizes.max) return
  const has = `AutoScalingGroup ${name} has min-size=${sizes.min}, max-size=${sizes.max}, and desired-size=${sizes.desired}`
  throw refusal(`${has}. To ${what}, please update the AutoScalingGroup sizes appropriately.`)
}
