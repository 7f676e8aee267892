import { HOUR, type Instant, type Millis, SECOND } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { Timeline } from '../../contract.ts'
import type { Subnets } from './addresses.ts'
import type { Interfaces } from './interfaces.ts'

export type InstanceState = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped'

/** An EC2 instance. Its state, its group and its times move; the rest is fixed at launch. */
export interface Instance {
  readonly id: string
  /** The Auto Scaling group it was launched by; empty once it was detached. */
  group: string
  readonly type: string
  readonly market: 'on-demand' | 'spot'
  readonly subnetId: string
  readonly zone: string
  readonly privateIp: string
  readonly nodeName: string
  readonly imageId: string
  /** Absent when a launch configuration made it. */
  readonly template?: TemplateReference
  /** The launch configuration that made it, whatever its group launches from by now. */
  readonly configuration?: string
  readonly launchedAt: Instant
  /** Besides those of its group. */
  readonly tags?: Readonly<Record<string, string>>
  /** Which of the instances of its reservation it is, from 0 on, and the first one's id. */
  readonly launchIndex: number
  readonly launchedWith: string
  state: InstanceState
  /** Why it left the state `running`, as `StateTransitionReason` says it. */
  reason?: string
  /** Whether its kubelet has begun to register. */
  booted: boolean
  terminatedAt?: Instant
}

export interface TemplateReference {
  readonly id: string
  readonly version: number
}

export interface Launch {
  /** The Auto Scaling group; empty when nobody but a user wants it. */
  readonly group: string
  /** What ids are drawn for; the group unless said. */
  readonly key?: string
  readonly type: string
  readonly market: 'on-demand' | 'spot'
  readonly subnetId: string
  readonly imageId: string
  readonly template?: TemplateReference
  readonly configuration?: string
  readonly launchedAt: Instant
  readonly tags?: Readonly<Record<string, string>>
  /** Of its network interface. */
  readonly securityGroups?: readonly string[]
  /** The node is called by the id of its instance, not by its address (EC2 user guide, "instance hostname types"). */
  readonly named?: 'by-id'
}

/** Why EC2 refuses a launch: code and message of RunInstances. */
export interface LaunchFault {
  readonly code: string
  readonly message: string
}

export type LaunchResult = { readonly ok: true; readonly instance: Instance } | { readonly ok: false; readonly fault: LaunchFault }

export type LaunchResults =
  | { readonly ok: true; readonly instances: readonly Instance[] }
  | { readonly ok: false; readonly fault: LaunchFault }

/** `ending` comes just before the interfaces of an instance that shut down are given back. */
export type InstanceEvent = 'running' | 'booted' | 'shutting-down' | 'ending' | 'stopping' | 'stopped'

export interface Instances {
  /** All or nothing for one instance. A launch in the past is of the world's beginning: it runs at once. */
  launch(wanted: Launch): LaunchResult
  /** As many as can be had, at least `least` and at most `most`, or none. */
  launchSeveral(wanted: Launch, counts: { readonly least: number; readonly most: number }): LaunchResults
  terminate(instance: Instance, reason: string): void
  stop(instance: Instance, reason: string): void
  /** From `stopped` back to `running`. */
  start(instance: Instance): void
  /** Terminated instances are there for an hour. */
  get(id: string): Instance | undefined
  all(): readonly Instance[]
  on(listener: (instance: Instance, event: InstanceEvent) => void): void
  /** The instance has ended: its interfaces and addresses are about to be free again. */
  onTerminated(listener: (instance: Instance) => void): void
}

export interface InstancesDeps {
  readonly timeline: Timeline
  readonly subnets: Subnets
  readonly interfaces: Interfaces
  readonly seed: number
  readonly region: string
  /** What stands against a launch, besides addresses. */
  readonly refused: (wanted: Launch) => LaunchFault | undefined
  /** From the launch until kubelet registers. */
  readonly bootTime: (instance: Instance) => Millis
}

/** Our assumptions about EC2's pace. */
const RUNNING_AFTER: Millis = 30 * SECOND
const SHUT_DOWN: Millis = 30 * SECOND
const STOP: Millis = 30 * SECOND
const SHOWN_AFTER_THE_END: Millis = HOUR

interface Fleet extends InstancesDeps {
  readonly byId: Map<string, Instance>
  readonly launches: Map<string, number>
  readonly listeners: ((instance: Instance, event: InstanceEvent) => void)[]
  readonly endings: ((instance: Instance) => void)[]
}

/** The instances of the account and their state machine (EC2 user guide, "instance lifecycle"). */
export function createInstances(deps: InstancesDeps): Instances {
  const fleet: Fleet = { ...deps, byId: new Map(), launches: new Map(), listeners: [], endings: [] }
  return {
    launch: (wanted) => launch(fleet, wanted),
    launchSeveral: (wanted, counts) => launchSeveral(fleet, wanted, counts),
    terminate: (instance, reason) => terminate(fleet, instance, reason),
    stop: (instance, reason) => stop(fleet, instance, reason),
    start: (instance) => start(fleet, instance),
    get: (id) => fleet.byId.get(id),
    all: () => [...fleet.byId.values()],
    on: (listener) => fleet.listeners.push(listener),
    onTerminated: (listener) => fleet.endings.push(listener),
  }
}

function launch(fleet: Fleet, wanted: Launch): LaunchResult {
  const result = make(fleet, wanted)
  if (result.ok) begin(fleet, result.instance)
  return result
}

function launchSeveral(fleet: Fleet, wanted: Launch, { least, most }: { readonly least: number; readonly most: number }): LaunchResults {
  const made: Instance[] = []
  while (made.length < most) {
    const result = make(fleet, wanted, made)
    if (result.ok) made.push(result.instance)
    else if (made.length >= least) break
    else {
      for (const instance of made) unmake(fleet, instance)
      return result
    }
  }
  for (const instance of made) begin(fleet, instance)
  return { ok: true, instances: made }
}

/** An instance of which nobody has heard yet, beside others of its reservation. */
function make(fleet: Fleet, wanted: Launch, others: readonly Instance[] = []): LaunchResult {
  const fault = fleet.refused(wanted)
  if (fault !== undefined) return { ok: false, fault }
  const { named, key = wanted.group, securityGroups, ...rest } = wanted
  const nth = (fleet.launches.get(key) ?? 0) + 1
  const id = `i-${keyedId(17, fleet.seed, 'instance', key, nth)}`
  const { subnetId } = wanted
  const primary = fleet.interfaces.create({ subnetId, instanceId: id, deviceIndex: 0, description: '', secondary: 0, securityGroups })
  if (primary === undefined) return { ok: false, fault: withoutAddress(subnetId) }
  fleet.launches.set(key, nth)
  const past = wanted.launchedAt < fleet.timeline.now()
  const instance: Instance = {
    ...rest,
    id,
    launchIndex: others.length,
    launchedWith: others[0]?.id ?? id,
    zone: fleet.subnets.get(subnetId)?.zone ?? '',
    privateIp: primary.primary,
    nodeName: named === 'by-id' ? id : nodeNameOf(primary.primary, fleet.region),
    state: past ? 'running' : 'pending',
    booted: past,
  }
  fleet.byId.set(id, instance)
  return { ok: true, instance }
}

function unmake(fleet: Fleet, instance: Instance): void {
  for (const attached of [...fleet.interfaces.ofInstance(instance.id)]) fleet.interfaces.remove(attached)
  fleet.byId.delete(instance.id)
}

function begin(fleet: Fleet, instance: Instance): void {
  if (instance.state === 'pending') comeUp(fleet, instance)
}

function withoutAddress(subnetId: string): LaunchFault {
  const message = `There are not enough free addresses in subnet '${subnetId}' to satisfy the requested number of instances.`
  return { code: 'InsufficientFreeAddressesInSubnet', message }
}

function comeUp(fleet: Fleet, instance: Instance): void {
  later(fleet, instance, 'in-service', RUNNING_AFTER, () => {
    instance.state = 'running'
    tell(fleet, instance, 'running')
  })
  later(fleet, instance, 'boot', fleet.bootTime(instance), () => {
    instance.booted = true
    tell(fleet, instance, 'booted')
  })
}

function later({ timeline }: Fleet, { id }: Instance, what: string, delay: Millis, action: () => void): void {
  timeline.after(delay, `instance/${id}/${what}`, action)
}

function tell({ listeners }: Fleet, instance: Instance, event: InstanceEvent): void {
  for (const listener of listeners) listener(instance, event)
}

/** What was still to come for an instance does not come. */
function halt({ timeline }: Fleet, { id }: Instance): void {
  for (const what of ['in-service', 'boot', 'stopped']) timeline.cancel(`instance/${id}/${what}`)
}

function terminate(fleet: Fleet, instance: Instance, reason: string): void {
  if (instance.state === 'shutting-down' || instance.state === 'terminated') return
  halt(fleet, instance)
  instance.state = 'shutting-down'
  instance.reason = reason
  tell(fleet, instance, 'shutting-down')
  later(fleet, instance, 'gone', SHUT_DOWN, () => vanish(fleet, instance))
}

function vanish(fleet: Fleet, instance: Instance): void {
  tell(fleet, instance, 'ending')
  instance.state = 'terminated'
  instance.terminatedAt = fleet.timeline.now()
  for (const listener of fleet.endings) listener(instance)
  for (const attached of [...fleet.interfaces.ofInstance(instance.id)]) fleet.interfaces.remove(attached)
  later(fleet, instance, 'forgotten', SHOWN_AFTER_THE_END, () => fleet.byId.delete(instance.id))
}

function stop(fleet: Fleet, instance: Instance, reason: string): void {
  if (instance.state !== 'running' && instance.state !== 'pending') return
  halt(fleet, instance)
  instance.state = 'stopping'
  instance.reason = reason
  instance.booted = false
  tell(fleet, instance, 'stopping')
  later(fleet, instance, 'stopped', STOP, () => {
    instance.state = 'stopped'
    tell(fleet, instance, 'stopped')
  })
}

function start(fleet: Fleet, instance: Instance): void {
  if (instance.state !== 'stopped') return
  instance.state = 'pending'
  delete instance.reason
  comeUp(fleet, instance)
}

/** IP-based host names: `ip-10-0-1-7.eu-central-1.compute.internal`, in us-east-1 `….ec2.internal` (EC2 user guide, "instance hostname types"). */
function nodeNameOf(privateIp: string, region: string): string {
  const host = `ip-${privateIp.replaceAll('.', '-')}`
  return region === 'us-east-1' ? `${host}.ec2.internal` : `${host}.${region}.compute.internal`
}
