import type { Instant } from '../../../../model/instant.ts'
import type { Sizes } from '../../world-spec.ts'
import type { Instance } from '../instances.ts'
import type { LaunchSource } from './launch-source.ts'
import type { Refresh } from './refresh.ts'
import { DEFAULT_SETTINGS, type GroupSettings } from './settings.ts'
import type { WarmPool } from './warm-pool.ts'

/** LifecycleState as Auto Scaling's API names it (Auto Scaling user guide, "instance lifecycle"). */
export type Lifecycle =
  | 'Pending'
  | 'Pending:Wait'
  | 'Pending:Proceed'
  | 'InService'
  | 'EnteringStandby'
  | 'Standby'
  | 'Terminating'
  | 'Terminating:Wait'
  | 'Terminating:Proceed'
  | 'Warmed:Pending'
  | 'Warmed:Stopped'
  | 'Warmed:Running'
  | 'Warmed:Hibernated'
  | 'Warmed:Terminating'

/** An instance in a group. */
export interface Member {
  readonly instance: Instance
  /** Units of capacity it counts for: 1 without weights. */
  readonly weight: number
  lifecycle: Lifecycle
  health: 'Healthy' | 'Unhealthy'
  protected: boolean
  /** When it last came into service: grace periods and warm-ups count from here. */
  inServiceAt?: Instant
  /** Why it is unhealthy, as causes of activities say it. */
  ailment?: string
  /** EC2 recommends to replace it; it goes once its replacement is in service. */
  doomed?: boolean
  /** What brings it in or takes it away. */
  activity?: Activity
  /** Lifecycle actions it waits for, by hook. */
  readonly actions: Map<string, LifecycleAction>
}

/** Something that users do to instances as they come or go (Auto Scaling user guide, "lifecycle hooks"). */
export interface LifecycleHook {
  readonly name: string
  readonly transition: 'launching' | 'terminating'
  /** Seconds. */
  readonly heartbeat: number
  readonly defaultResult: 'CONTINUE' | 'ABANDON'
  readonly notificationTarget?: string
  readonly roleArn?: string
  readonly metadata?: string
}

/** A hook at work on one instance. */
export interface LifecycleAction {
  readonly hook: LifecycleHook
  readonly token: string
  /** Heartbeats do not reach beyond this. */
  readonly globalDeadline: Instant
  /** What follows once the last action of this instance has ended, or one was abandoned. */
  readonly then: (outcome: ActionOutcome) => void
}

export interface ActionOutcome {
  readonly abandoned: boolean
  readonly token: string
  /** `Heartbeat Timed Out` or what completed it. */
  readonly how: string
}

/** A scaling activity; it moves until it has ended. */
export interface Activity {
  readonly id: string
  code: 'PreInService' | 'InProgress' | 'MidLifecycleAction' | 'Successful' | 'Failed' | 'Cancelled'
  description: string
  message?: string
  readonly cause: string
  /** Subnet and zone, as JSON in `Details`. */
  readonly details: Readonly<Record<string, string>>
  readonly start: Instant
  end?: Instant
}

/** A target group, classic load balancer or other traffic source that a group stands behind. */
export interface Attachment {
  readonly type: 'elbv2' | 'elb' | 'vpc-lattice'
  /** From then on its instances take traffic. */
  readonly addedAt: Instant
  /** It is being detached, and is gone then. */
  removedAt?: Instant
}

/** An Auto Scaling group. Sizes, launch source, members and suspended processes move. */
export interface ScalingGroup {
  readonly name: string
  subnetIds: readonly string[]
  /** What it picks from when its launch template brings no type. */
  readonly instanceTypes: readonly string[]
  readonly capacityType: 'ON_DEMAND' | 'SPOT'
  readonly tags: Record<string, string>
  /** Keys of tags that its instances do not get. */
  readonly keptTags: Set<string>
  readonly createdAt: Instant
  sizes: Sizes
  launch: LaunchSource
  /** What an instance refresh launches from while it is under way. */
  refreshed?: LaunchSource
  readonly members: Map<string, Member>
  /** Suspended processes, and since when. */
  readonly suspended: Map<string, Instant>
  settings: GroupSettings
  readonly hooks: Map<string, LifecycleHook>
  warmPool?: WarmPool
  /** Instances that wait in the warm pool; they are no members. */
  readonly warm: Map<string, Member>
  /** Newest last. */
  readonly refreshes: Refresh[]
  /** Units above the desired capacity that an instance refresh launches before others go. */
  extra: number
  /** An instance has come to balance the zones, and another will go for it. */
  balancing: boolean
  /** By ARN, or by the name of a classic load balancer. */
  readonly attachments: Map<string, Attachment>
  /** Its deletion was forced: its instances end, and it with the last one. */
  deleting: boolean
  /** Newest last. */
  readonly activities: Activity[]
}

export type NewScalingGroup = Pick<ScalingGroup, 'name' | 'subnetIds' | 'instanceTypes' | 'capacityType' | 'sizes' | 'launch'> & {
  readonly tags: Readonly<Record<string, string>>
  readonly keptTags?: ReadonlySet<string>
  readonly settings?: Partial<GroupSettings>
  readonly attachments?: ReadonlyMap<string, Attachment>
  readonly hooks?: readonly LifecycleHook[]
}

/** A group without members. */
export function openGroup(
  { settings, hooks = [], keptTags = new Set(), attachments = new Map(), ...wanted }: NewScalingGroup,
  createdAt: Instant,
): ScalingGroup {
  return {
    ...wanted,
    tags: { ...wanted.tags },
    keptTags: new Set(keptTags),
    attachments: new Map(attachments),
    deleting: false,
    createdAt,
    members: new Map(),
    suspended: new Map(),
    activities: [],
    settings: { ...DEFAULT_SETTINGS, ...settings },
    hooks: new Map(hooks.map((hook) => [hook.name, hook])),
    warm: new Map(),
    refreshes: [],
    extra: 0,
    balancing: false,
  }
}

/** A group as it is now, with its members. */
export function copyGroup(group: ScalingGroup): ScalingGroup {
  const { tags, keptTags, members, suspended, hooks, warm, refreshes, attachments, activities } = group
  const copies = (of: ReadonlyMap<string, Member>) => new Map([...of].map(([id, member]) => [id, { ...member }]))
  return {
    ...group,
    tags: { ...tags },
    keptTags: new Set(keptTags),
    members: copies(members),
    warm: copies(warm),
    suspended: new Map(suspended),
    hooks: new Map(hooks),
    refreshes: refreshes.map((refresh) => ({ ...refresh })),
    attachments: new Map(attachments),
    activities: activities.map((activity) => ({ ...activity })),
  }
}

/** An instance that has just been launched. */
export function openMember(instance: Instance, weight: number, protectedFromScaleIn: boolean): Member {
  return { instance, weight, lifecycle: 'Pending', health: 'Healthy', protected: protectedFromScaleIn, actions: new Map() }
}

const COUNTED: ReadonlySet<Lifecycle> = new Set(['Pending', 'Pending:Wait', 'Pending:Proceed', 'InService'])

/** Members that count towards the desired capacity. */
export function activeMembers(group: ScalingGroup): readonly Member[] {
  return [...group.members.values()].filter(isCounted)
}

export function isCounted({ lifecycle }: Member): boolean {
  return COUNTED.has(lifecycle)
}

/** Units of capacity that count towards the desired capacity. */
export function capacityOf(group: ScalingGroup): number {
  return activeMembers(group).reduce((sum, { weight }) => sum + weight, 0)
}

/** Nobody is on the way in. */
export function isSettled(group: ScalingGroup): boolean {
  return [...group.members.values()].every(({ lifecycle }) => !lifecycle.startsWith('Pending'))
}

export function isTerminating({ lifecycle }: Member): boolean {
  return lifecycle.startsWith('Terminating')
}

/** Tags that instances of a group carry: those that propagate, and the one of Auto Scaling's own (user guide, "tag groups and instances"). */
export function instanceTagsOf(group: ScalingGroup | undefined): Readonly<Record<string, string>> {
  if (group === undefined) return {}
  const propagated = Object.entries(group.tags).filter(([key]) => !group.keptTags.has(key))
  return { ...Object.fromEntries(propagated), 'aws:autoscaling:groupName': group.name }
}
