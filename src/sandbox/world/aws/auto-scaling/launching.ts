import type { Instant } from '../../../../model/instant.ts'
import type { LaunchResult } from '../instances.ts'
import { record } from './activities.ts'
import { activeMembers, type Member, openMember, type ScalingGroup } from './group.ts'
import { type LaunchPlan, plansOf } from './launch-plan.ts'
import { admit } from './members.ts'
import type { Scaling } from './scaling.ts'

/**
 * Tries the emptiest zone first, then the others, and in each zone every type there is; each refusal is an activity of its own. Whether
 * one was launched.
 * @param options `zones`: the only ones that will do, all of the group's unless given; `into`: where the instance goes, the group unless given.
 */
export function launchOne(scaling: Scaling, group: ScalingGroup, cause: string, options: LaunchOptions = {}): boolean {
  const { zones, into = (member: Member) => admit(scaling, group, member, cause) } = options
  const made = plansOf(scaling, group, group.refreshed ?? group.launch)
  if (!made.ok) {
    recordFailure(scaling, group, `${made.fault.message} Launching EC2 instance failed.`, cause, {})
    return false
  }
  const open = subnetsByLoad(scaling, group).filter((id) => zones === undefined || zones.has(zoneOf(scaling, id)))
  return open.some((subnetId) => launchIn(scaling, group, { subnetId, plans: made.plans, cause, into }))
}

interface LaunchOptions {
  readonly zones?: ReadonlySet<string>
  readonly into?: (member: Member, cause: string) => void
}

interface Attempt extends Required<Pick<LaunchOptions, 'into'>> {
  readonly subnetId: string
  readonly plans: readonly LaunchPlan[]
  readonly cause: string
}

function launchIn(scaling: Scaling, group: ScalingGroup, { subnetId, plans, cause, into }: Attempt): boolean {
  for (const plan of plans) {
    const result = launch(scaling, group, subnetId, plan, scaling.timeline.now())
    if (result.ok) {
      into(openMember(result.instance, plan.weight, group.settings.newInstancesProtected), cause)
      return true
    }
    const { code, message } = result.fault
    const kind = plan.market === 'spot' ? 'Spot' : 'On-Demand'
    const details = { 'Subnet ID': subnetId, 'Availability Zone': zoneOf(scaling, subnetId) }
    recordFailure(scaling, group, `Could not launch ${kind} Instances. ${code} - ${message} Launching EC2 instance failed.`, cause, details)
    if (!OF_THE_TYPE.has(code)) return false
  }
  return false
}

/** Refusals that another type may not meet. */
const OF_THE_TYPE: ReadonlySet<string> = new Set([
  'InsufficientInstanceCapacity',
  'UnfulfillableCapacity',
  'Unsupported',
  'VcpuLimitExceeded',
])

/** A member of the world's beginning: it has been in service since. Throws when EC2 refuses it. */
export function launchSettled(scaling: Scaling, group: ScalingGroup, since: Instant): void {
  const made = plansOf(scaling, group, group.launch)
  const [plan] = made.ok ? made.plans : []
  const [subnetId = ''] = subnetsByLoad(scaling, group)
  const result = plan === undefined ? made : launch(scaling, group, subnetId, plan, since)
  if (!result.ok) throw new Error(`An instance of ${group.name} cannot be launched: ${result.fault.message}`)
  if (!('instance' in result) || plan === undefined) throw new Error(`Nothing says what ${group.name} launches.`)
  const member = openMember(result.instance, plan.weight, group.settings.newInstancesProtected)
  group.members.set(result.instance.id, { ...member, lifecycle: 'InService', inServiceAt: since })
}

function launch(scaling: Scaling, group: ScalingGroup, subnetId: string, plan: LaunchPlan, launchedAt: Instant): LaunchResult {
  const { weight: _weight, ...wanted } = plan
  return scaling.instances.launch({ ...wanted, group: group.name, subnetId, launchedAt })
}

function recordFailure(
  scaling: Scaling,
  group: ScalingGroup,
  message: string,
  cause: string,
  details: Readonly<Record<string, string>>,
): void {
  record(scaling, group, {
    code: 'Failed',
    description: `Launching a new EC2 instance.  Status Reason: ${message}`,
    message,
    cause,
    details,
  })
}

function zoneOf({ subnets }: Scaling, subnetId: string): string {
  return subnets.get(subnetId)?.zone ?? ''
}

function subnetsByLoad(scaling: Scaling, group: ScalingGroup): readonly string[] {
  const load = new Map(group.subnetIds.map((id) => [id, 0]))
  const zoneLoad = new Map<string, number>()
  for (const { instance } of activeMembers(group)) {
    load.set(instance.subnetId, (load.get(instance.subnetId) ?? 0) + 1)
    zoneLoad.set(instance.zone, (zoneLoad.get(instance.zone) ?? 0) + 1)
  }
  return [...group.subnetIds].sort(
    (a, b) =>
      (zoneLoad.get(zoneOf(scaling, a)) ?? 0) - (zoneLoad.get(zoneOf(scaling, b)) ?? 0) ||
      (load.get(a) ?? 0) - (load.get(b) ?? 0) ||
      (zoneOf(scaling, a) < zoneOf(scaling, b) ? -1 : 1),
  )
}
