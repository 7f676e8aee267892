import type { Instant } from '../../../../model/instant.ts'
import { keyedRandom } from '../../../../model/keyed.ts'
import type { LaunchFault, LaunchResult } from '../instances.ts'
import { record } from './activities.ts'
import { activeMembers, type Member, type ScalingGroup } from './group.ts'
import { admit } from './members.ts'
import type { Scaling } from './scaling.ts'

/** Tries the emptiest zone first, then the others; each refusal is an activity of its own. Whether one was launched. */
export function launchOne(scaling: Scaling, group: ScalingGroup, cause: string): boolean {
  return subnetsByLoad(scaling, group).some((subnetId) => {
    const result = launchInto(scaling, group, subnetId, scaling.timeline.now())
    if (!result.ok) recordRefusal(scaling, group, subnetId, result.fault, cause)
    else admit(scaling, group, memberOf(result), cause)
    return result.ok
  })
}

/** A member of the world's beginning: it has been in service since. Throws when EC2 refuses it. */
export function launchSettled(scaling: Scaling, group: ScalingGroup, since: Instant): void {
  const [subnetId = ''] = subnetsByLoad(scaling, group)
  const result = launchInto(scaling, group, subnetId, since)
  if (!result.ok) throw new Error(`An instance of ${group.name} cannot be launched: ${result.fault.message}`)
  group.members.set(result.instance.id, { ...memberOf(result), lifecycle: 'InService', inServiceAt: since })
}

function memberOf({ instance }: Extract<LaunchResult, { ok: true }>): Member {
  return { instance, weight: 1, lifecycle: 'Pending', health: 'Healthy', protected: false }
}

function launchInto(scaling: Scaling, group: ScalingGroup, subnetId: string, launchedAt: Instant): LaunchResult {
  const { template } = group.launch
  const found = scaling.templates.find({ id: template.id })
  const version = scaling.templates.version(found, template.version)
  const market = group.capacityType === 'SPOT' ? 'spot' : 'on-demand'
  return scaling.instances.launch({
    group: group.name,
    type: version?.instanceType ?? pickType(scaling, group),
    market,
    subnetId,
    imageId: version?.imageId ?? '',
    template: { id: template.id, version: version?.number ?? 0 },
    launchedAt,
  })
}

function pickType(scaling: Scaling, group: ScalingGroup): string {
  const draw = keyedRandom(scaling.seed, 'type', group.name, group.activities.length, group.members.size)
  return group.instanceTypes[Math.floor(draw * group.instanceTypes.length)] ?? ''
}

function recordRefusal(scaling: Scaling, group: ScalingGroup, subnetId: string, { code, message: why }: LaunchFault, cause: string): void {
  const kind = group.capacityType === 'SPOT' ? 'Spot' : 'On-Demand'
  const message = `Could not launch ${kind} Instances. ${code} - ${why} Launching EC2 instance failed.`
  const details = { 'Subnet ID': subnetId, 'Availability Zone': scaling.subnets.get(subnetId)?.zone ?? '' }
  record(scaling, group, {
    code: 'Failed',
    description: `Launching a new EC2 instance.  Status Reason: ${message}`,
    message,
    cause,
    details,
  })
}

function subnetsByLoad(scaling: Scaling, group: ScalingGroup): readonly string[] {
  const load = new Map(group.subnetIds.map((id) => [id, 0]))
  const zoneLoad = new Map<string, number>()
  for (const { instance } of activeMembers(group)) {
    load.set(instance.subnetId, (load.get(instance.subnetId) ?? 0) + 1)
    zoneLoad.set(instance.zone, (zoneLoad.get(instance.zone) ?? 0) + 1)
  }
  const zoneOf = (id: string) => scaling.subnets.get(id)?.zone ?? ''
  return [...group.subnetIds].sort(
    (a, b) =>
      (zoneLoad.get(zoneOf(a)) ?? 0) - (zoneLoad.get(zoneOf(b)) ?? 0) ||
      (load.get(a) ?? 0) - (load.get(b) ?? 0) ||
      (zoneOf(a) < zoneOf(b) ? -1 : 1),
  )
}
