import type { AutoScalingGroup, EksNodegroup, ScalingActivity } from '../../../src/model/aws.ts'
import { type Instant, iso, MINUTE, type Millis, SECOND } from '../../../src/model/instant.ts'
import { keyedRandom } from '../../../src/model/keyed.ts'
import type { Fate } from './choice.ts'
import type { Machine, Machines } from './machines.ts'
import type { Timers } from './timers.ts'

/** An Auto Scaling group, with the managed node group in front of it where there is one. */
export interface QuickGroup {
  /** As plans name it: `app`, `asg:app`. */
  readonly name: string
  readonly scalingName: string
  readonly managed: boolean
  readonly arn: string
  readonly home: string
  readonly template: string
  readonly zones: readonly string[]
  readonly protectsNew: boolean
  readonly tags: Map<string, string>
  readonly suspended: Set<string>
  min: number
  max: number
  desired: number
  /** Sizes as EKS states them: what it was asked for, not what the Auto Scaling group has. */
  stated: { readonly min: number; readonly max: number; readonly desired: number }
  /** What it launches from. */
  launch: string
  /** What EKS says that its nodes are. */
  current: string
  status: 'ACTIVE' | 'UPDATING' | 'CREATING' | 'CREATE_FAILED' | 'DELETING'
  updateConfig: { maxUnavailable?: number; updateStrategy?: string }
  shortUntil: Instant
  readonly failures: { readonly at: Instant; readonly message: string }[]
  /** By how much an autoscaler has grown it. */
  grown: number
  sizesBeforeFailure?: Pick<QuickGroup, 'max' | 'desired' | 'grown'>
}

export const RELEASES: Readonly<Record<string, { readonly version: string; readonly releaseVersion: string }>> = {
  '1': { version: '1.32', releaseVersion: '1.32.9-20260815' },
  '2': { version: '1.33', releaseVersion: '1.33.9-20260915' },
}

const REACTION: Millis = 5 * SECOND
const RUNS_AFTER: Millis = 30 * SECOND
const JOINS_AFTER: Millis = 20 * SECOND
const ENDS_AFTER: Millis = 30 * SECOND
const TRY_AGAIN: Millis = MINUTE
export const BALANCE_AFTER: Millis = MINUTE

/** What the groups do by themselves: launch what is missing, end what is too much, balance zones. */
export class Groups {
  readonly all = new Map<string, QuickGroup>()
  /** Nodes that a group ended by itself, with pods or not: told to the laws. */
  onEnded: (machine: Machine, why: 'shrunk' | 'balanced') => void = () => {}
  readonly #timers: Timers
  readonly #machines: Machines
  readonly #seed: number
  readonly #fate: { readonly kind: Fate; readonly share: number }
  readonly #due = new Set<string>()
  #launched = 0

  constructor(timers: Timers, machines: Machines, seed: number, fate: { readonly kind: Fate; readonly share: number }) {
    this.#timers = timers
    this.#machines = machines
    this.#seed = seed
    this.#fate = fate
  }

  staying({ name }: QuickGroup): readonly Machine[] {
    const found: Machine[] = []
    for (const machine of this.#machines.all.values())
      if (machine.group === name && machine.lifecycle !== 'Terminating') found.push(machine)
    return found
  }

  byScalingName(name: string): QuickGroup | undefined {
    for (const group of this.all.values()) if (group.scalingName === name) return group
    return undefined
  }

  /** Nodes of the world's beginning run already. */
  open(group: QuickGroup, nodes: number): void {
    this.all.set(group.name, group)
    for (let count = 0; count < nodes; count++) {
      const machine = this.#launch(group, `${group.scalingName}-old-${count + 1}`, this.#timers.now - 60 * MINUTE, 'well')
      machine.lifecycle = 'InService'
      this.#machines.join(machine, this.#timers.now - 58 * MINUTE)
    }
  }

  #launch(group: QuickGroup, name: string, launchedAt: Instant, fate: Fate): Machine {
    return this.#machines.add({
      ...{
        id: `i-${name}`,
        name,
        group: group.name,
        home: group.home,
        zone: this.#emptiest(group),
        version: group.launch,
        launchedAt,
        fate,
      },
      ...{ lifecycle: 'Pending', protected: group.protectsNew, cordoned: false, labels: new Set(), annotations: new Map() },
      ...{ taints: new Set(), unwellUntil: 0, hangsUntil: 0, recoveredAt: 0, pods: new Set(), handled: false, wasRetired: false },
    })
  }

  zoneSizes(group: QuickGroup): ReadonlyMap<string, number> {
    const sizes = new Map(group.zones.map((zone) => [zone, 0]))
    for (const { zone } of this.staying(group)) sizes.set(zone, (sizes.get(zone) ?? 0) + 1)
    return sizes
  }

  #emptiest(group: QuickGroup): string {
    const [first] = [...this.zoneSizes(group)].sort((a, b) => a[1] - b[1])
    return first?.[0] ?? 'a'
  }

  /** Looks again whether the group has what it wants. */
  reconcileSoon(group: QuickGroup, delay: Millis = REACTION): void {
    if (this.#due.has(group.name)) return
    this.#due.add(group.name)
    this.#timers.after(delay, () => {
      this.#due.delete(group.name)
      this.#reconcile(group)
    })
  }

  #reconcile(group: QuickGroup): void {
    const staying = this.staying(group)
    if (staying.length > group.desired) this.#shrink(group, staying, staying.length - group.desired)
    for (let count = staying.length; count < group.desired; count++) {
      if (group.shortUntil > this.#timers.now) {
        group.failures.unshift({ at: this.#timers.now, message: 'We currently do not have sufficient m5.large capacity' })
        this.reconcileSoon(group, TRY_AGAIN)
        return
      }
      this.#launchNew(group)
    }
  }

  #launchNew(group: QuickGroup): Machine {
    this.#launched += 1
    const ill = group.launch === '2' && keyedRandom(this.#seed, 'fate', this.#launched) < this.#fate.share
    const machine = this.#launch(group, `${group.scalingName}-new-${this.#launched}`, this.#timers.now, ill ? this.#fate.kind : 'well')
    this.#timers.after(RUNS_AFTER, () => {
      if (machine.lifecycle !== 'Pending') return
      machine.lifecycle = 'InService'
      if (machine.fate === 'never-joins') return
      this.#timers.after(JOINS_AFTER, () => machine.lifecycle === 'InService' && this.#machines.join(machine))
    })
    return machine
  }

  #shrink(group: QuickGroup, staying: readonly Machine[], count: number): void {
    const open = staying.filter((each) => !each.protected).sort((a, b) => a.launchedAt - b.launchedAt)
    for (const machine of open.slice(0, count)) {
      this.onEnded(machine, 'shrunk')
      this.end(machine)
    }
    if (open.length < count) this.reconcileSoon(group, TRY_AGAIN)
  }

  /** Ends an instance; its node is gone a moment later. */
  end(machine: Machine): void {
    if (machine.lifecycle === 'Terminating') return
    machine.lifecycle = 'Terminating'
    this.#machines.touch(machine)
    this.#timers.after(ENDS_AFTER, () => this.#machines.remove(machine))
  }

  /** Auto Scaling moves nodes between zones when one has two more than another, and asks no budget. */
  balanceLater(group: QuickGroup): void {
    this.#timers.after(BALANCE_AFTER, () => {
      const sizes = [...this.zoneSizes(group)].sort((a, b) => b[1] - a[1])
      const [most, least] = [sizes[0], sizes.at(-1)]
      const staying = this.staying(group)
      const settled = staying.length === group.desired && this.all.has(group.name)
      if (most === undefined || least === undefined || most[1] - least[1] < 2 || !settled || group.suspended.has('AZRebalance')) return
      const leaving = staying.find(({ zone, protected: kept }) => zone === most[0] && !kept)
      if (leaving === undefined || group.shortUntil > this.#timers.now) return
      this.#launchNew(group)
      this.onEnded(leaving, 'balanced')
      this.end(leaving)
    })
  }

  resize(group: QuickGroup, sizes: { readonly min?: number; readonly max?: number; readonly desired?: number }): void {
    group.min = sizes.min ?? group.min
    group.max = sizes.max ?? group.max
    group.desired = sizes.desired ?? group.desired
    this.reconcileSoon(group)
  }
}

/** As Auto Scaling describes it. */
export function scalingGroupOf(group: QuickGroup, machines: Machines): AutoScalingGroup {
  const { scalingName, arn, min, max, desired, launch, template, suspended, zones, protectsNew, tags, status, managed } = group
  return {
    AutoScalingGroupName: scalingName,
    AutoScalingGroupARN: managed ? `arn:scaling:${scalingName}` : arn,
    MinSize: min,
    MaxSize: max,
    DesiredCapacity: desired,
    LaunchTemplate: { LaunchTemplateId: template, Version: launch },
    VPCZoneIdentifier: zones.map((zone) => `s-${zone}`).join(','),
    AvailabilityZones: [...zones],
    SuspendedProcesses: [...suspended].map((ProcessName) => ({ ProcessName })),
    NewInstancesProtectedFromScaleIn: protectsNew,
    Tags: [...tags].map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: false })),
    ...(status === 'DELETING' && !managed && { Status: 'Delete in progress' }),
    Instances: machines.of(group.name).map((machine) => ({
      InstanceId: machine.id,
      LifecycleState: machine.lifecycle,
      AvailabilityZone: machine.zone,
      ProtectedFromScaleIn: machine.protected,
      LaunchTemplate: { LaunchTemplateId: template, Version: machine.version },
    })),
  } as AutoScalingGroup
}

/** Launches that failed, and those of instances that are no nodes yet. */
export function activitiesOf(group: QuickGroup, machines: Machines): readonly ScalingActivity[] {
  const failed = group.failures.slice(0, 3).map(({ at, message }) => ({
    ...{ Description: 'Launching a new EC2 instance.  Status Reason: no capacity', StatusCode: 'Failed' },
    ...{ StatusMessage: message, StartTime: iso(at) },
  }))
  const unjoined = machines
    .of(group.name)
    .flatMap(({ id, joinedAt, launchedAt }) =>
      joinedAt === undefined
        ? [{ Description: `Launching a new EC2 instance: ${id}`, StatusCode: 'Successful', StartTime: iso(launchedAt) }]
        : [],
    )
  return [...failed, ...unjoined]
}

/** As EKS describes it. */
export function nodegroupOf(group: QuickGroup): EksNodegroup {
  const { name, arn, status, current, stated, updateConfig, tags, scalingName, zones } = group
  return {
    nodegroupName: name,
    nodegroupArn: arn,
    status,
    ...RELEASES[current],
    scalingConfig: { minSize: stated.min, maxSize: stated.max, desiredSize: stated.desired },
    updateConfig: { ...updateConfig },
    subnets: zones.map((zone) => `s-${zone}`),
    tags: Object.fromEntries(tags),
    resources: { autoScalingGroups: [{ name: scalingName }] },
    health: { issues: [] },
  } as EksNodegroup
}
