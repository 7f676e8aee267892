import type { Instant, Millis } from '../../../src/model/instant.ts'
import { MINUTE } from '../../../src/model/instant.ts'
import { APART, groupName, POOL, STILL } from './choice.ts'
import type { QuickCluster } from './cluster.ts'
import { BALANCE_AFTER, type QuickGroup } from './groups.ts'
import { isKept, isRetired, type Machine } from './machines.ts'

/** What must not have happened, by the law that it breaks; seen from inside the cluster at the moment of the deed. */
export const DEEDS = {
  group: 'no more nodes of a group are missing by our acts than the plan lets be',
  zone: 'where the plan goes zone by zone, no two zones miss nodes at a time',
  budget: 'no pod ends past its budget, but where the plan forces it and after its time',
  strangers: 'nothing outside the plan is touched',
  emptied: 'a node is ended only when it takes no pods and carries none',
  sizes: 'no size is set lower than what is there',
  balance: 'Auto Scaling is let balance zones only where it finds nothing to do',
  deletion: 'a group is deleted only when the run made it, or somebody has agreed',
  pace: 'EKS updates a group with no more nodes away at a time than the plan lets be',
} as const

export type Deed = keyof typeof DEEDS

/** How long the gates want a node to stand before it counts, less what a picture may lag behind. */
const PROOF: Millis = 3 * MINUTE - 5_000

export class Watch {
  readonly wrongs: { readonly law: Deed; readonly what: string }[] = []
  /** Told by the driver: the run goes forward and has never been held, so new nodes count only when they have proven themselves. */
  proves = false
  forward = true
  /** Names of groups that the run has said it makes. */
  readonly made = new Set<string>()
  /** Groups whose deletion somebody has agreed to. */
  readonly agreed = new Set<string>()
  readonly #resumedAt = new Map<string, Instant>()
  readonly #cluster: QuickCluster

  constructor(cluster: QuickCluster) {
    this.#cluster = cluster
    cluster.groups.onEnded = (machine, why) => this.#ended(machine, why)
  }

  wrong(law: Deed, what: string): void {
    const minutes = Math.round((this.#cluster.now - this.#cluster.begin) / 6_000) / 10
    this.wrongs.push({ law, what: `after ${minutes} min: ${what}` })
  }

  #choiceOf(name: string) {
    const { groups } = this.#cluster.choice
    return groups.find((each, index) => name === groupName(each, index) || name === `${groupName(each, index)}-new`)
  }

  group(group: QuickGroup | undefined, deed: string): void {
    if (group === undefined || this.#choiceOf(group.name) !== undefined) return
    this.wrong('strangers', `${deed} of ${group.name}, which is none of the plan's groups`)
  }

  node(name: string, machine: Machine | undefined, deed: string): void {
    const strange = name.startsWith('floor-') || machine?.group === STILL || machine?.group === APART
    if (strange) this.wrong('strangers', `${deed} of ${name} of ${machine?.group ?? POOL}`)
  }

  /** A node is about to be taken out of service. */
  retires(machine: Machine): void {
    const choice = this.#choiceOf(machine.group)
    const group = this.#cluster.groups.all.get(machine.group)
    if (choice === undefined || group === undefined || machine.lifecycle === 'Terminating') return
    if (isRetired(machine) || !this.#serves(machine)) return
    const replaced = choice.kind.endsWith('replaced')
    // On the way back old nodes are there already; then, and while a group that is to go is closed, budgets alone set the pace.
    if (replaced && (!this.forward || group.status === 'DELETING' || this.agreed.has(group.name))) return
    const own = [group, ...(replaced ? [this.#cluster.groups.all.get(`${machine.group}-new`)] : [])]
    const serving = own
      .flatMap((each) => (each === undefined ? [] : this.#cluster.groups.staying(each)))
      .filter((each) => this.#serves(each))
    const least = choice.nodes - choice.maxUnavailable
    if (serving.length - 1 < least)
      this.wrong('group', `${serving.length - 1} nodes of ${machine.group} serve without ${machine.name}, ${least} have to`)
    // A node that is given up is put back into service in the same moment in which the next one is taken out.
    if (choice.zoneByZone && choice.kind === 'self' && this.#cluster.choice.plan.blocked !== 'skip') this.#oneZone(machine, group)
  }

  #oneZone(machine: Machine, group: QuickGroup): void {
    const away = this.#cluster.machines
      .of(group.name)
      .filter((each) => isRetired(each) && !isKept(each) && each.version === machine.version)
    const other = away.find(({ zone, lifecycle }) => zone !== machine.zone && lifecycle !== 'Terminating')
    if (other !== undefined)
      this.wrong('zone', `${machine.name} of zone ${machine.zone} is taken out while ${other.name} of ${other.zone} is`)
  }

  /** As far as it is up to the run: what others did to a node is not held against it. */
  #serves(machine: Machine): boolean {
    const { joinedAt, lifecycle, fate, version } = machine
    if (joinedAt === undefined || lifecycle !== 'InService' || (isRetired(machine) && machine.cordoned)) return false
    const fresh = version === '2' && joinedAt > this.#cluster.begin
    if (!fresh || !this.proves) return fate !== 'silent'
    if (!this.#cluster.choice.plan.gated) return fate !== 'silent'
    return fate === 'well' && this.#cluster.now - joinedAt >= PROOF
  }

  terminates(machine: Machine): void {
    if (machine.joinedAt === undefined) return
    if (machine.pods.size > 0) this.wrong('emptied', `${machine.name} is ended with ${machine.pods.size} pods`)
    if (!machine.cordoned) this.wrong('emptied', `${machine.name} is ended while it takes pods`)
    if (machine.lifecycle === 'Terminating') this.wrong('emptied', `${machine.name} is ended twice`)
  }

  resizes(group: QuickGroup, sizes: { readonly max?: number; readonly desired?: number }): void {
    const { desired, max } = { ...group, ...sizes }
    if (desired < group.desired) this.wrong('sizes', `${group.name} is sized to ${desired} where it had ${group.desired}`)
    if (max < group.desired) this.wrong('sizes', `${group.name} gets a maximum of ${max} under its size of ${group.desired}`)
  }

  resumes(group: QuickGroup): void {
    this.#resumedAt.set(group.name, this.#cluster.now)
  }

  #ended(machine: Machine, why: 'shrunk' | 'balanced'): void {
    const { groups, now, choice } = this.#cluster
    const group = groups.all.get(machine.group)
    if (group === undefined || group.status === 'DELETING') return
    const since = now - (this.#resumedAt.get(group.name) ?? Number.NEGATIVE_INFINITY)
    const disturbed = choice.others.some(({ does }) => does === 'no-capacity' || does === 'grow')
    if (why === 'balanced' && since <= 2 * BALANCE_AFTER && !disturbed)
      this.wrong('balance', `Auto Scaling ends ${machine.name}, as it may balance zones again`)
    if (why === 'shrunk' && !group.managed)
      this.wrong('sizes', `${group.name} ends ${machine.name} by itself, as it is ${group.desired} wide`)
  }

  forces(machine: Machine | undefined): void {
    const { plan } = this.#cluster.choice
    if (plan.blocked !== 'force') this.wrong('budget', `a pod on ${machine?.name} is deleted past its budget`)
  }

  evicts(machine: Machine | undefined): void {
    if (machine === undefined || isRetired(machine)) return
    this.wrong('strangers', `a pod is evicted from ${machine.name}, which nobody has taken out of service`)
  }

  deletes(group: QuickGroup): void {
    const own = group.name.endsWith('-new') && group.tags.has('serin.dev/run')
    if (!own && !this.agreed.has(group.name)) this.wrong('deletion', `${group.name} is deleted, and nobody has agreed`)
    const busy = this.#cluster.groups.staying(group).filter(({ pods }) => pods.size > 0)
    if (busy.length > 0) this.wrong('emptied', `${group.name} is deleted while ${busy.map(({ name }) => name).join(', ')} carries pods`)
  }

  updates(group: QuickGroup): void {
    const choice = this.#choiceOf(group.name)
    const { maxUnavailable = 1 } = group.updateConfig
    const most = Math.max(1, choice?.maxUnavailable ?? 1)
    if (maxUnavailable > most) this.wrong('pace', `EKS updates ${group.name} with ${maxUnavailable} nodes away, ${most} may be`)
  }
}
