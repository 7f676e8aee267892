import { type Millis, SECOND } from '../../../../model/instant.ts'
import { PREFIX_SIZE } from '../addresses.ts'
import type { Interface } from '../interfaces.ts'
import { callerOf, type IpamdDeps, managesInterfaces } from './growth.ts'
import {
  availableOf,
  dropRange,
  hasAddressTargets,
  inPrefixes,
  ledgerOf,
  type Pool,
  type Range,
  rangesOn,
  slotsOf,
  targetState,
  thaw,
} from './pool.ts'

/** minENILifeTime. */
const INTERFACE_MINIMUM_AGE: Millis = 60 * SECOND

/** ipamd looks every few seconds whether it has too much; here it looks a minute after a pod went, when it may act at the earliest. */
export function shrinkLater(deps: IpamdDeps, pool: Pool): void {
  const key = shrinkKey(pool.instance.id)
  deps.timeline.cancel(key)
  deps.timeline.after(INTERFACE_MINIMUM_AGE, key, () => shrink(deps, pool))
}

export function shrinkKey(instanceId: string): string {
  return `ipamd/${instanceId}/shrink`
}

/** Gives back addresses or prefixes over the targets, then interfaces that nobody needs. The primary interface stays. */
function shrink(deps: IpamdDeps, pool: Pool): void {
  if (pool.settings.ipv6 || !pool.settings.provisions) return
  thaw(pool, deps.timeline.now())
  const refused = unassignSurplus(deps, pool) || freeInterfaces(deps, pool)
  if (refused || pool.cooling.length > 0 || hasYoung(deps, pool)) shrinkLater(deps, pool)
}

/** `isDatastorePoolTooHigh`: never with WARM_ENI_TARGET, where only whole interfaces go back. */
function surplusOf(pool: Pool): number {
  const { settings } = pool
  if (hasAddressTargets(settings)) return targetState(pool).over
  return settings.prefixes && settings.warmPrefixes > 0 ? ledgerOf(pool).idle - settings.warmPrefixes : 0
}

/** True when EC2 refused. */
function unassignSurplus(deps: IpamdDeps, pool: Pool): boolean {
  const surplus = surplusOf(pool)
  if (surplus <= 0) return false
  const going = new Map<Interface, Range[]>()
  for (const range of [...ledgerOf(pool).ranges].filter(isIdle).slice(0, surplus)) {
    going.set(range.owner, [...(going.get(range.owner) ?? []), range])
  }
  return [...going].some(([owner, ranges]) => {
    const texts = ranges.map(({ text }) => text)
    if (deps.calls.unassign(callerOf(pool), owner, texts) !== undefined) return true
    for (const range of ranges) dropRange(pool, range)
    return false
  })
}

function isIdle({ assigned, cooling }: Range): boolean {
  return assigned === 0 && cooling === 0
}

/** True when EC2 refused. */
function freeInterfaces(deps: IpamdDeps, pool: Pool): boolean {
  if (!managesInterfaces(pool)) return false
  for (const each of [...candidates(deps, pool)].reverse()) {
    if (!mayHaveExtra(pool) || isYoung(deps, each) || !isUnneeded(pool, each)) continue
    if (deps.calls.remove(callerOf(pool), each) !== undefined) return true
    for (const range of rangesOn(pool, each)) dropRange(pool, range)
  }
  return false
}

function candidates(deps: IpamdDeps, pool: Pool): readonly Interface[] {
  const isCandidate = (each: Interface) => each.deviceIndex > 0 && each.type === 'interface' && !pool.forgotten.has(each)
  return deps.interfaces.ofInstance(pool.instance.id).filter(isCandidate)
}

function isYoung({ timeline }: IpamdDeps, each: Interface): boolean {
  return timeline.now() - each.createdAt < INTERFACE_MINIMUM_AGE
}

function hasYoung(deps: IpamdDeps, pool: Pool): boolean {
  return candidates(deps, pool).some((each) => isYoung(deps, each) && rangesOn(pool, each).every(isIdle))
}

/** `shouldRemoveExtraENIs`: with prefixes, or with address targets, each interface is looked at by itself. */
function mayHaveExtra(pool: Pool): boolean {
  const { settings } = pool
  return settings.prefixes || hasAddressTargets(settings) || availableOf(pool) >= (settings.warmInterfaces + 1) * slotsOf(pool)
}

/** `getDeletableENI`: no pods, nothing cooling, and the targets are met by the other interfaces. */
function isUnneeded(pool: Pool, each: Interface): boolean {
  const { settings } = pool
  const own = rangesOn(pool, each)
  if (!own.every(isIdle)) return false
  const ledger = ledgerOf(pool)
  const ofMode = own.filter((range) => ledger.ranges.has(range))
  const addresses = ofMode.reduce((sum, range) => sum + range.addresses.length, 0)
  const whole = (target: number) => (settings.prefixes ? inPrefixes(target) * PREFIX_SIZE : target)
  if (availableOf(pool) - addresses < whole(settings.warmAddresses)) return false
  if (ledger.total - addresses < whole(settings.minimumAddresses)) return false
  return !settings.prefixes || hasAddressTargets(settings) || ledger.idle - ofMode.length >= settings.warmPrefixes
}
