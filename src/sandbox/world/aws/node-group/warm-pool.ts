import { type Input, numberOf, textOf } from '../answers.ts'
import type { WarmPool } from '../auto-scaling/warm-pool.ts'
import { invalidParameter } from '../eks-errors.ts'
import { isBottlerocket } from '../images.ts'
import type { NodeGroup } from '../node-groups.ts'
import { aboutGroup, type NodeGroupApiDeps } from './context.ts'
import type { Configured } from './settings.ts'

/** The warm pool of a managed group, in the words of EKS (API reference, WarmPoolConfig). */
export interface ManagedPool {
  readonly enabled: boolean
  readonly minSize: number
  readonly maxGroupPreparedCapacity?: number
  readonly poolState: 'STOPPED' | 'RUNNING' | 'HIBERNATED'
  readonly reuseOnScaleIn: boolean
}

const STATES = { STOPPED: 'Stopped', RUNNING: 'Running', HIBERNATED: 'Hibernated' } as const

/**
 * A pool as asked for, on top of what there is. Throws 400 for what the page "warm-pools-managed-node-groups" of the EKS user guide
 * excludes: custom AMIs, and on Bottlerocket hibernation and reuse. The words of the refusals are ours.
 */
export function checkedPool(deps: NodeGroupApiDeps, group: Configured, wanted: Input, now: ManagedPool | undefined): ManagedPool {
  const refuse = (message: string) => invalidParameter(message, aboutGroup(deps, group))
  const poolState = stateOf(textOf(wanted, 'poolState')) ?? now?.poolState ?? 'STOPPED'
  const flag = (member: string) => (typeof wanted[member] === 'boolean' ? wanted[member] : undefined)
  const prepared = numberOf(wanted, 'maxGroupPreparedCapacity') ?? now?.maxGroupPreparedCapacity
  const pool: ManagedPool = {
    enabled: flag('enabled') ?? now?.enabled ?? false,
    minSize: numberOf(wanted, 'minSize') ?? now?.minSize ?? 0,
    ...(prepared === undefined || prepared < 0 ? {} : { maxGroupPreparedCapacity: prepared }),
    poolState,
    reuseOnScaleIn: flag('reuseOnScaleIn') ?? now?.reuseOnScaleIn ?? false,
  }
  if (pool.enabled && group.spec.form === 'custom-ami') throw refuse('Warm pools are not supported for node groups with custom AMIs.')
  if (pool.enabled && isBottlerocket(group.spec.amiType) && (poolState === 'HIBERNATED' || pool.reuseOnScaleIn))
    throw refuse('Warm pools of Bottlerocket node groups support neither the state HIBERNATED nor reuseOnScaleIn.')
  return pool
}

function stateOf(text: string | undefined): ManagedPool['poolState'] | undefined {
  return (Object.keys(STATES) as ManagedPool['poolState'][]).find((state) => state === text)
}

/** Makes, changes or takes away the pool beside the group's Auto Scaling group. */
export function applyPool({ autoScaling }: Pick<NodeGroupApiDeps, 'autoScaling'>, { scaling }: NodeGroup, pool: ManagedPool): void {
  if (!pool.enabled && scaling.warmPool === undefined) return
  const { minSize, maxGroupPreparedCapacity: maxPrepared, poolState, reuseOnScaleIn: reuse } = pool
  const wanted: WarmPool = {
    minSize,
    ...(maxPrepared === undefined ? {} : { maxPrepared }),
    state: STATES[poolState],
    reuse,
    deleting: !pool.enabled,
  }
  autoScaling.setWarmPool(scaling, wanted)
}
