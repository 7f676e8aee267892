import { type Instant, iso, type Millis, SECOND } from '../../../model/instant.ts'
import { keyedId, keyedRandom, keyedUuid } from '../../../model/keyed.ts'
import type { Timeline } from '../../contract.ts'
import type { Sizes } from '../world-spec.ts'
import type { Subnets } from './addresses.ts'
import type { Instance, Instances, TemplateReference } from './instances.ts'
import type { LaunchTemplates } from './launch-templates.ts'

export interface Member {
  readonly instance: Instance
  lifecycle: 'Pending' | 'InService' | 'Terminating'
}

export interface Activity {
  readonly id: string
  readonly code: 'InProgress' | 'Successful' | 'Failed'
  readonly description: string
  readonly message?: string
  readonly cause: string
  readonly start: Instant
  readonly end?: Instant
}

/** An Auto Scaling group. Sizes, template, members and suspended processes move. */
export interface ScalingGroup {
  readonly name: string
  readonly subnetIds: readonly string[]
  readonly instanceTypes: readonly string[]
  readonly capacityType: 'ON_DEMAND' | 'SPOT'
  readonly tags: Readonly<Record<string, string>>
  readonly createdAt: Instant
  sizes: Sizes
  template: TemplateReference
  readonly members: Map<string, Member>
  readonly suspended: Set<string>
  /** Newest last. */
  readonly activities: Activity[]
}

export type NewScalingGroup = Pick<ScalingGroup, 'name' | 'subnetIds' | 'instanceTypes' | 'capacityType' | 'tags' | 'sizes' | 'template'>

export interface AutoScaling {
  /** A group of the world's beginning: its members have been running since `launchedAt`. Throws when an address is lacking. */
  create(group: NewScalingGroup, launchedAt: Instant): ScalingGroup
  get(name: string): ScalingGroup | undefined
  all(): readonly ScalingGroup[]
  /** Sets sizes; the group launches or terminates to match a few seconds later. */
  resize(group: ScalingGroup, sizes: Sizes, why: string): void
  /** Ends a member. Without `decrement` the group launches another one. */
  terminate(group: ScalingGroup, instanceId: string, decrement: boolean, why: string): Activity
  /** Looks again whether members and sizes agree, as after processes were resumed. */
  reconcile(group: ScalingGroup): void
}

/** Our assumptions about EC2 Auto Scaling's pace; the boot time runs until kubelet registers. */
const REACTION: Millis = 5 * SECOND
const IN_SERVICE_AFTER: Millis = 30 * SECOND
const BOOT_AT_LEAST: Millis = 60 * SECOND
const BOOT_SPREAD: Millis = 60 * SECOND
const SHUT_DOWN: Millis = 30 * SECOND
const RETRY_LAUNCH: Millis = 60 * SECOND

export interface AutoScalingDeps {
  readonly timeline: Timeline
  readonly seed: number
  readonly subnets: Subnets
  readonly instances: Instances
  readonly templates: LaunchTemplates
  /** The instance has booted far enough for its kubelet to start. */
  readonly booted: (group: ScalingGroup, instance: Instance) => void
  /** The instance is gone; its node and pods go with it. */
  readonly gone: (instance: Instance) => void
}

interface Scaling extends AutoScalingDeps {
  readonly groups: Map<string, ScalingGroup>
}

/** EC2 Auto Scaling: keeps as many instances as desired, spread over the subnets. */
export function createAutoScaling(deps: AutoScalingDeps): AutoScaling {
  const scaling: Scaling = { ...deps, groups: new Map() }
  return {
    create: (wanted, launchedAt) => create(scaling, wanted, launchedAt),
    get: (name) => scaling.groups.get(name),
    all: () => [...scaling.groups.values()],
    resize: (group, sizes, why) => resize(scaling, group, sizes, why),
    terminate: (group, instanceId, decrement, why) => terminate(scaling, group, instanceId, decrement, why),
    reconcile: (group) => reconcileSoon(scaling, group, `At ${iso(deps.timeline.now())} processes were resumed.`),
  }
}

function create(scaling: Scaling, wanted: NewScalingGroup, launchedAt: Instant): ScalingGroup {
  const group: ScalingGroup = { ...wanted, createdAt: launchedAt, members: new Map(), suspended: new Set(), activities: [] }
  scaling.groups.set(group.name, group)
  for (let nth = 0; nth < group.sizes.desired; nth++) {
    const [subnetId = ''] = subnetsByLoad(scaling, group)
    const instance = launchInto(scaling, group, subnetId, launchedAt)
    if (instance === undefined) throw new Error(`Subnet ${subnetId} has no address for an instance of ${group.name}.`)
    instance.state = 'running'
    group.members.set(instance.id, { instance, lifecycle: 'InService' })
  }
  return group
}

function resize(scaling: Scaling, group: ScalingGroup, sizes: Sizes, why: string): void {
  const change = `constraints to min: ${sizes.min}, max: ${sizes.max}, desired: ${sizes.desired} changing the desired capacity from ${group.sizes.desired} to ${sizes.desired}`
  group.sizes = sizes
  reconcileSoon(scaling, group, `At ${iso(scaling.timeline.now())} ${why} AutoScalingGroup ${change}.`)
}

function reconcileSoon(scaling: Scaling, group: ScalingGroup, cause: string, delay = REACTION): void {
  const key = `scaling/${group.name}/reconcile`
  scaling.timeline.cancel(key)
  scaling.timeline.after(delay, key, () => reconcile(scaling, group, cause))
}

function reconcile(scaling: Scaling, group: ScalingGroup, cause: string): void {
  const active = activeMembers(group)
  const missing = group.sizes.desired - active.length
  if (missing > 0 && !group.suspended.has('Launch')) launchSome(scaling, group, missing, cause)
  if (missing < 0 && !group.suspended.has('Terminate')) {
    for (const member of surplus(group, -missing, scaling.templates, scaling.seed)) end(scaling, group, member, cause)
  }
}

function launchSome(scaling: Scaling, group: ScalingGroup, count: number, cause: string): void {
  for (let launched = 0; launched < count; launched++) {
    if (launchOne(scaling, group, cause)) continue
    reconcileSoon(scaling, group, cause, RETRY_LAUNCH)
    return
  }
}

/** Tries the emptiest zone first, then the others; each refusal is an activity of its own. */
function launchOne(scaling: Scaling, group: ScalingGroup, cause: string): boolean {
  return subnetsByLoad(scaling, group).some((subnetId) => {
    const instance = launchInto(scaling, group, subnetId, scaling.timeline.now())
    if (instance === undefined) recordRefusal(scaling, group, subnetId, cause)
    else admit(scaling, group, instance, cause)
    return instance !== undefined
  })
}

function launchInto(scaling: Scaling, group: ScalingGroup, subnetId: string, launchedAt: Instant): Instance | undefined {
  const version = scaling.templates.get(group.template.id)?.versions.find(({ number }) => number === group.template.version)
  const type = version?.instanceType ?? pickType(scaling, group)
  return scaling.instances.launch({
    group: group.name,
    type,
    subnetId,
    imageId: version?.imageId ?? '',
    template: group.template,
    launchedAt,
  })
}

function pickType(scaling: Scaling, group: ScalingGroup): string {
  const draw = keyedRandom(scaling.seed, 'type', group.name, group.activities.length, group.members.size)
  return group.instanceTypes[Math.floor(draw * group.instanceTypes.length)] ?? ''
}

function admit(scaling: Scaling, group: ScalingGroup, instance: Instance, cause: string): void {
  const member: Member = { instance, lifecycle: 'Pending' }
  group.members.set(instance.id, member)
  const boot = BOOT_AT_LEAST + Math.floor(keyedRandom(scaling.seed, 'boot', instance.id) * BOOT_SPREAD)
  scaling.timeline.after(IN_SERVICE_AFTER, `instance/${instance.id}/in-service`, () => {
    member.lifecycle = 'InService'
    instance.state = 'running'
  })
  scaling.timeline.after(boot, `instance/${instance.id}/boot`, () => scaling.booted(group, instance))
  const started = `At ${iso(scaling.timeline.now())} an instance was started in response to a difference between desired and actual capacity.`
  record(scaling, group, { code: 'Successful', description: `Launching a new EC2 instance: ${instance.id}`, cause: `${cause} ${started}` })
}

function recordRefusal(scaling: Scaling, group: ScalingGroup, subnetId: string, cause: string): void {
  const kind = group.capacityType === 'SPOT' ? 'Spot' : 'On-Demand'
  const message =
    `Could not launch ${kind} Instances. InsufficientFreeAddressesInSubnet - There are not enough free addresses in subnet ` +
    `'${subnetId}' to satisfy the requested number of instances. Launching EC2 instance failed.`
  record(scaling, group, { code: 'Failed', description: `Launching a new EC2 instance.  Status Reason: ${message}`, message, cause })
}

function terminate(scaling: Scaling, group: ScalingGroup, instanceId: string, decrement: boolean, why: string): Activity {
  const member = group.members.get(instanceId)
  if (member === undefined) throw new Error(`Instance ${instanceId} is not a member of ${group.name}.`)
  if (decrement) group.sizes = { ...group.sizes, desired: Math.max(group.sizes.min, group.sizes.desired - 1) }
  const cause = `At ${iso(scaling.timeline.now())} ${why}.`
  const activity = end(scaling, group, member, cause)
  reconcileSoon(scaling, group, cause)
  return activity
}

function end(scaling: Scaling, group: ScalingGroup, member: Member, cause: string): Activity {
  const { instance } = member
  if (member.lifecycle !== 'Terminating') {
    member.lifecycle = 'Terminating'
    instance.state = 'shutting-down'
    scaling.timeline.cancel(`instance/${instance.id}/in-service`)
    scaling.timeline.cancel(`instance/${instance.id}/boot`)
    scaling.timeline.after(SHUT_DOWN, `instance/${instance.id}/gone`, () => vanish(scaling, group, instance))
  }
  return record(scaling, group, { code: 'Successful', description: `Terminating EC2 instance: ${instance.id}`, cause })
}

function vanish(scaling: Scaling, group: ScalingGroup, instance: Instance): void {
  group.members.delete(instance.id)
  scaling.gone(instance)
  scaling.instances.terminated(instance)
}

function record(scaling: Scaling, group: ScalingGroup, activity: Omit<Activity, 'id' | 'start' | 'end'>): Activity {
  const now = scaling.timeline.now()
  const made = { ...activity, id: keyedUuid(scaling.seed, 'activity', group.name, group.activities.length), start: now, end: now }
  group.activities.push(made)
  return made
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

/** Members that count towards the desired capacity. */
export function activeMembers(group: ScalingGroup): readonly Member[] {
  return [...group.members.values()].filter(({ lifecycle }) => lifecycle !== 'Terminating')
}

/**
 * The default termination policy, as far as it can matter here: the zone with most members first, then the oldest launch template version
 * (Amazon EC2 Auto Scaling user guide, "default termination policy"); what is left is a draw.
 */
export function surplus(group: ScalingGroup, count: number, templates: LaunchTemplates, seed: number): readonly Member[] {
  const left = new Set(activeMembers(group))
  const chosen: Member[] = []
  while (chosen.length < count && left.size > 0) {
    const crowd = new Map<string, number>()
    for (const { instance } of left) crowd.set(instance.zone, (crowd.get(instance.zone) ?? 0) + 1)
    const [victim] = [...left].sort((a, b) => preference(a, crowd, templates, seed).localeCompare(preference(b, crowd, templates, seed)))
    if (victim === undefined) break
    left.delete(victim)
    chosen.push(victim)
  }
  return chosen
}

function preference({ instance }: Member, crowd: ReadonlyMap<string, number>, templates: LaunchTemplates, seed: number): string {
  const emptiness = String(10_000 - (crowd.get(instance.zone) ?? 0)).padStart(5, '0')
  const age = templates.get(instance.template.id) === undefined ? '00000' : String(instance.template.version).padStart(5, '0')
  return `${emptiness}/${age}/${keyedId(8, seed, 'termination', instance.id)}`
}
