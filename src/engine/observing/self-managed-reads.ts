import type { AutoScalingGroup, InstanceRefresh, ScalingActivity } from '../../model/aws.ts'
import { type Instant, MINUTE, type Millis, SECOND } from '../../model/instant.ts'
import type { LifecycleHook } from '../../model/launch-source.ts'
import { sameJson } from '../../model/same-json.ts'
import { selfManagedGroup } from '../../model/self-managed.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { SelfManagedRead } from '../facts/aws.ts'
import { inParallel } from './in-parallel.ts'
import type { Troubles } from './troubles.ts'

/** How often a group is read whose nodes are being replaced: its nodes and pods are watched, so this is only about instances. */
const IN_FLIGHT: Millis = 10 * SECOND
/** How often what others may do to it is looked for: activities that failed, an instance refresh. */
const BESIDE: Millis = MINUTE

const GROUPS = 'autoscaling:DescribeAutoScalingGroups/self-managed'
const ACTIVITIES = 'autoscaling:DescribeScalingActivities/self-managed/'
const HOOKS = 'autoscaling:DescribeLifecycleHooks/'
const REFRESHES = 'autoscaling:DescribeInstanceRefreshes/'

/** What Auto Scaling last said about the self-managed groups of a run. Answers equal to the last one keep its identity. */
export class SelfManagedReads {
  /** By `asg:NAME`. */
  readonly groups = new Map<string, SelfManagedRead>()
  readonly #ports: ClusterPorts
  readonly #troubles: Troubles
  readonly #names: readonly string[]
  readonly #parallel: number
  readonly #refreshEvery: Millis
  readonly #readAt = new Map<string, Instant>()
  readonly #besideAt = new Map<string, Instant>()
  #members: ReadonlyMap<string, string> = new Map()

  /** @param names of the Auto Scaling groups */
  constructor(
    ports: ClusterPorts,
    troubles: Troubles,
    names: readonly string[],
    settings: { readonly parallel: number; readonly refreshEvery: Millis },
  ) {
    this.#ports = ports
    this.#troubles = troubles
    this.#names = names
    this.#parallel = settings.parallel
    this.#refreshEvery = settings.refreshEvery
  }

  /** Groups in flight every ten seconds, the others now and then; all that are due in one question. */
  async round(inFlight: readonly string[]): Promise<void> {
    const now = this.#ports.clock.now()
    const moving = new Set(inFlight)
    const due = this.#names.filter((name) => {
      const at = this.#readAt.get(name)
      return at === undefined || now - at >= (moving.has(selfManagedGroup(name)) ? IN_FLIGHT : this.#refreshEvery)
    })
    if (due.length === 0) return
    const read = await this.#troubles.read(GROUPS, () => this.#ports.autoScaling.describeGroups(due))
    if (read === undefined) return
    const found = new Map(read.answer.map((group) => [group.AutoScalingGroupName, group]))
    await inParallel(this.#parallel, due, async (name) => {
      this.#readAt.set(name, now)
      await this.#take(name, found.get(name), moving.has(selfManagedGroup(name)), now)
    })
    this.#renewMembers()
  }

  async #take(name: string, group: AutoScalingGroup | undefined, moving: boolean, now: Instant): Promise<void> {
    const key = selfManagedGroup(name)
    if (group === undefined) return void this.groups.delete(key)
    const known = this.groups.get(key)
    const waiting = (group.Instances ?? []).some(({ LifecycleState }) => LifecycleState?.endsWith(':Wait'))
    const hooks = moving && waiting ? await this.#hooksOf(name) : undefined
    const beside =
      moving && now - (this.#besideAt.get(name) ?? Number.NEGATIVE_INFINITY) >= BESIDE ? await this.#besideOf(name, now) : undefined
    const fresh: SelfManagedRead = {
      group,
      hooks: hooks ?? known?.hooks ?? [],
      activities: beside?.activities ?? known?.activities ?? [],
      refreshes: beside?.refreshes ?? known?.refreshes ?? [],
    }
    if (known === undefined || !sameJson(known, fresh)) this.groups.set(key, fresh)
  }

  async #hooksOf(name: string): Promise<readonly LifecycleHook[] | undefined> {
    return (await this.#troubles.read(`${HOOKS}${name}`, () => this.#ports.autoScaling.describeLifecycleHooks(name)))?.answer
  }

  async #besideOf(
    name: string,
    now: Instant,
  ): Promise<{ readonly activities?: readonly ScalingActivity[]; readonly refreshes?: readonly InstanceRefresh[] }> {
    this.#besideAt.set(name, now)
    const { autoScaling } = this.#ports
    const [activities, refreshes] = await Promise.all([
      this.#troubles.read(`${ACTIVITIES}${name}`, () => autoScaling.describeScalingActivities(name)),
      this.#troubles.read(`${REFRESHES}${name}`, () => autoScaling.describeInstanceRefreshes(name)),
    ])
    return { activities: activities?.answer, refreshes: refreshes?.answer }
  }

  /** An instance that has left its group is still one of its own: its node stays for a moment, and is nobody's to compare with. */
  #renewMembers(): void {
    const entries = [...this.groups].flatMap(([key, { group }]) =>
      (group.Instances ?? []).map(({ InstanceId = '' }): [string, string] => [InstanceId, key]),
    )
    if (entries.some(([id, key]) => this.#members.get(id) !== key)) this.#members = new Map([...this.#members, ...entries])
  }

  /** `asg:NAME` by instance. */
  members(): ReadonlyMap<string, string> {
    return this.#members
  }

  /** Its sources are not read in every round, so their trouble lasts. */
  isReadNowAndThen(source: string): boolean {
    return source === GROUPS || [ACTIVITIES, HOOKS, REFRESHES].some((prefix) => source.startsWith(prefix))
  }
}
