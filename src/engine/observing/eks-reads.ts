import { isSerinError, SerinError } from '../../errors/serin-error.ts'
import type { AutoScalingGroup, EksAddon, EksCluster, EksNodegroup, EksUpdate, ScalingActivity } from '../../model/aws.ts'
import type { Instant, Millis } from '../../model/instant.ts'
import { sameJson } from '../../model/same-json.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { ScalingRead } from '../facts/aws.ts'
import { inParallel } from './in-parallel.ts'
import type { Troubles } from './troubles.ts'

export interface EksWanted {
  /** Groups in flight: read every time, with their Auto Scaling groups; every half minute while EKS updates them. */
  readonly groups: readonly string[]
  readonly addons: readonly string[]
  /** Whether the control plane is on its way, or about to be. */
  readonly controlPlane?: boolean
  readonly updates: readonly { readonly id: string; readonly nodegroup?: string; readonly addon?: string }[]
}

export interface EksSettings {
  /** How often groups that are not in flight are read again. */
  readonly refreshEvery: Millis
  /** How often a group is read that EKS updates: its update, which is read every time, says how it fares. */
  readonly updatingEvery: Millis
  /** Requests at a time. */
  readonly parallel: number
}

const LIST = 'eks:ListNodegroups'
const GROUP = 'eks:DescribeNodegroup/'
const SCALING = 'autoscaling:DescribeAutoScalingGroups'
const ACTIVITIES = 'autoscaling:DescribeScalingActivities/'

/** Sources that are not read in every round, so their trouble lasts from round to round. */
export function isReadNowAndThen(source: string): boolean {
  return source === LIST || source.startsWith(GROUP)
}

const FAILED = new Set(['Failed', 'Cancelled'])
const ENDED = new Set([...FAILED, 'Successful'])

/** What EKS and Auto Scaling last said. Answers equal to the last one keep its identity; what cannot be read keeps its last answer. */
export class EksReads {
  readonly nodegroups = new Map<string, EksNodegroup>()
  readonly addons = new Map<string, EksAddon>()
  readonly updates = new Map<string, EksUpdate>()
  /** What DescribeCluster last said, while it was asked. */
  cluster: EksCluster | undefined
  /** By node group; only groups in flight. */
  readonly scaling = new Map<string, ScalingRead>()
  readonly #readAt = new Map<string, Instant>()
  /** When a group in flight was last read together with its Auto Scaling group. */
  readonly #wholeAt = new Map<string, Instant>()
  #listedAt: Instant | undefined
  readonly #cluster: string
  readonly #ports: ClusterPorts
  readonly #troubles: Troubles
  readonly #settings: EksSettings
  readonly #comeAndGo: ReadonlySet<string>

  /** @param comeAndGo groups that the run makes or takes away: that one of them is not there is an answer */
  constructor(ports: ClusterPorts, cluster: string, troubles: Troubles, settings: EksSettings, comeAndGo: ReadonlySet<string>) {
    this.#comeAndGo = comeAndGo
    this.#ports = ports
    this.#cluster = cluster
    this.#troubles = troubles
    this.#settings = settings
  }

  /** @param joined whether an instance is a node of this group in the cluster */
  async round(wanted: EksWanted, joined: (group: string, instanceId: string) => boolean): Promise<void> {
    await this.#list()
    const { parallel } = this.#settings
    await inParallel(parallel, wanted.updates, (update) => this.#describeUpdate(update))
    if (wanted.controlPlane) await this.#describeCluster()
    else this.cluster = undefined
    const inFlight = this.#notResting(wanted)
    await inParallel(parallel, this.#due(inFlight), (name) => this.#describeGroup(name))
    await inParallel(parallel, wanted.addons, (name) => this.#describeAddon(name))
    this.#forgetScalingBut(wanted.groups)
    await this.#scalingOf(inFlight, wanted, joined)
    for (const group of inFlight) this.#noteWhole(group)
  }

  /** All but the groups that EKS still updates, as it just said, and of which all was read a moment ago. */
  #notResting({ groups, updates }: EksWanted): readonly string[] {
    const updating = new Set(updates.filter(({ id }) => this.updates.get(id)?.status === 'InProgress').map(({ nodegroup }) => nodegroup))
    return groups.filter((group) => !updating.has(group) || this.#isOld(this.#wholeAt.get(group), this.#settings.updatingEvery))
  }

  /** A group does not rest while any of it could not be read: the trouble stands until it was. */
  #noteWhole(group: string): void {
    const sources = [`${GROUP}${group}`, SCALING, `${ACTIVITIES}${this.#scalingName(group)}`]
    if (sources.every((source) => this.#troubles.reasonOf(source) === undefined)) this.#wholeAt.set(group, this.#ports.clock.now())
    else this.#wholeAt.delete(group)
  }

  #scalingName(group: string): string | undefined {
    return this.nodegroups.get(group)?.resources?.autoScalingGroups?.[0]?.name
  }

  async #list(): Promise<void> {
    if (!this.#isOld(this.#listedAt)) return
    const read = await this.#troubles.read(LIST, () => this.#ports.eks.listNodegroups(this.#cluster))
    if (read === undefined) return
    this.#listedAt = this.#ports.clock.now()
    const names = new Set(read.answer)
    for (const name of this.nodegroups.keys()) if (!names.has(name)) this.nodegroups.delete(name)
    for (const name of this.#readAt.keys()) if (!names.has(name)) this.#readAt.delete(name)
    for (const name of names) if (!this.#readAt.has(name)) this.#readAt.set(name, Number.NEGATIVE_INFINITY)
  }

  /** Groups in flight, and those that were not read for a while; those never read come first of all. */
  #due(inFlight: readonly string[]): readonly string[] {
    const old = [...this.#readAt].filter(([, at]) => this.#isOld(at)).map(([name]) => name)
    return [...new Set([...inFlight, ...old])]
  }

  #isOld(at: Instant | undefined, every: Millis = this.#settings.refreshEvery): boolean {
    return at === undefined || this.#ports.clock.now() - at >= every
  }

  async #describeGroup(name: string): Promise<void> {
    const read = await this.#troubles.read(`${GROUP}${name}`, async () => {
      const answer = await this.#describe(name)
      if (answer !== undefined && answer.status === undefined)
        throw new SerinError('REMOTE_MALFORMED', `the description of node group ${name} has no status`)
      return answer
    })
    if (read === undefined) return
    if (read.answer === undefined) {
      this.nodegroups.delete(name)
      this.#readAt.delete(name)
      return
    }
    this.#readAt.set(name, this.#ports.clock.now())
    keep(this.nodegroups, name, read.answer)
  }

  async #describeCluster(): Promise<void> {
    const read = await this.#troubles.read('eks:DescribeCluster', () => this.#ports.eks.describeCluster(this.#cluster))
    if (read !== undefined) this.cluster = read.answer
  }

  /** Undefined for a group that may be gone, and is. */
  async #describe(name: string): Promise<EksNodegroup | undefined> {
    try {
      return await this.#ports.eks.describeNodegroup(this.#cluster, name)
    } catch (error) {
      if (this.#comeAndGo.has(name) && isSerinError(error, 'REMOTE_NOT_FOUND')) return undefined
      throw error
    }
  }

  async #describeAddon(name: string): Promise<void> {
    const read = await this.#troubles.read(`eks:DescribeAddon/${name}`, () => this.#ports.eks.describeAddon(this.#cluster, name))
    if (read?.answer !== undefined) keep(this.addons, name, read.answer)
    else if (read !== undefined) this.addons.delete(name)
  }

  /** An update that has ended says the same for ever. */
  async #describeUpdate({ id, nodegroup, addon }: EksWanted['updates'][number]): Promise<void> {
    if (ENDED.has(this.updates.get(id)?.status ?? '')) return
    const read = await this.#troubles.read(`eks:DescribeUpdate/${id}`, () =>
      this.#ports.eks.describeUpdate(this.#cluster, id, { ...(nodegroup && { nodegroup }), ...(addon && { addon }) }),
    )
    if (read !== undefined) keep(this.updates, id, read.answer)
  }

  #forgetScalingBut(groups: readonly string[]): void {
    for (const group of this.scaling.keys()) if (!groups.includes(group)) this.scaling.delete(group)
  }

  async #scalingOf(
    groups: readonly string[],
    { updates }: EksWanted,
    joined: (group: string, instanceId: string) => boolean,
  ): Promise<void> {
    const behind = groups.flatMap((group): [string, string][] => {
      const name = this.#scalingName(group)
      return name === undefined ? [] : [[group, name]]
    })
    if (behind.length === 0) return
    const names = behind.map(([, name]) => name)
    const read = await this.#troubles.read(SCALING, () => this.#ports.autoScaling.describeGroups(names))
    if (read === undefined) return
    const found = new Map(read.answer.map((group) => [group.AutoScalingGroupName, group]))
    const failed = new Set(updates.filter(({ id }) => FAILED.has(this.updates.get(id)?.status ?? '')).map(({ nodegroup }) => nodegroup))
    await inParallel(this.#settings.parallel, behind, async ([group, name]) => {
      const answer = found.get(name)
      if (answer === undefined) return void this.scaling.delete(group)
      const explained = failed.has(group) || hasUnjoined(answer, (instance) => joined(group, instance))
      const activities = explained ? await this.#activitiesOf(name) : undefined
      keep(this.scaling, group, { group: answer, activities: activities ?? this.scaling.get(group)?.activities ?? [] })
    })
  }

  /** What Auto Scaling did is long to read, and asked only where it explains something: a failed update, an instance without a node. */
  async #activitiesOf(name: string): Promise<readonly ScalingActivity[] | undefined> {
    const source = `${ACTIVITIES}${name}`
    return (await this.#troubles.read(source, () => this.#ports.autoScaling.describeScalingActivities(name)))?.answer
  }
}

function hasUnjoined({ Instances = [] }: AutoScalingGroup, joined: (instanceId: string) => boolean): boolean {
  return Instances.some(({ InstanceId: id, LifecycleState }) => id !== undefined && LifecycleState === 'InService' && !joined(id))
}

/** Keeps the old object when the new one says the same. */
function keep<T>(map: Map<string, T>, key: string, answer: T): void {
  const old = map.get(key)
  if (old === undefined || !sameJson(old, answer)) map.set(key, answer)
}
