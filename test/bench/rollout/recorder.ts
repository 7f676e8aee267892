import { slowedBecause } from '../../../src/catalog/pace.ts'
import { firstBatchOf } from '../../../src/catalog/steps/replacing/choosing.ts'
import type { JournalEntry } from '../../../src/journal/event.ts'
import type { Action, CommandResult } from '../../../src/model/command.ts'
import { type Instant, instantOf, type Millis } from '../../../src/model/instant.ts'
import type { Node } from '../../../src/model/kubernetes.ts'
import type { Seen } from '../../../src/model/seen.ts'
import type { StoredObject, World } from '../../../src/sandbox/contract.ts'
import type { Drained, Kept, Timeline } from './overhead.ts'

/** What Serin did, by the journal, and what the world then did, by its own store: from both the timeline of a roll. */

export class RollRecorder {
  readonly #slots: number
  readonly #proof: Millis
  readonly #world: World
  readonly #intended = new Map<string, Action>()
  readonly #raised: Instant[] = []
  readonly #ready = new Map<string, Instant>()
  readonly #before = new Set<string>()
  readonly #nodes = new Map<string, { -readonly [M in keyof Drained]?: Drained[M] }>()
  readonly #going = new Map<string, Instant>()
  readonly #empty = new Set<string>()
  readonly #kept: Kept[] = []
  readonly #open = new Map<Kept['by'], Instant>()
  evicted = 0
  throttled = false

  /** @param isOwn whether a node is of the group that is rolled */
  constructor(world: World, slots: number, proof: Millis, isOwn: (node: StoredObject) => boolean) {
    this.#world = world
    this.#slots = slots
    this.#proof = proof
    for (const node of world.store.list('Node')) this.#before.add(node.metadata.name)
    world.store.subscribe(({ type, object }) => {
      if (object.kind === 'Node' && type !== 'DELETED' && isOwn(object)) this.#sawNode(object)
      if (object.kind === 'Pod' && type !== 'ADDED') this.#sawPod(object, type === 'DELETED')
      if (object.kind === 'PodDisruptionBudget') this.#sawBudget(object)
    })
  }

  #now(): Instant {
    return this.#world.timeline.now()
  }

  #sawNode(node: StoredObject): void {
    const { name } = node.metadata
    if (this.#before.has(name) || this.#ready.has(name)) return
    const { conditions = [] } = node.status as Pick<NonNullable<Node['status']>, 'conditions'>
    const ready = conditions.find(({ type, status }) => type === 'Ready' && status === 'True')
    // A node says since when, in whole seconds, and gates go by what it says.
    if (ready !== undefined) this.#ready.set(name, instantOf(ready.lastTransitionTime) ?? this.#now())
  }

  #sawPod({ metadata, spec }: StoredObject, gone: boolean): void {
    const { nodeName: node = '' } = spec as { nodeName?: string }
    if (!this.#nodes.has(node)) return
    const since = this.#going.get(metadata.uid)
    if (since === undefined && metadata.deletionTimestamp !== undefined) this.#begins(metadata.uid, node)
    if (since === undefined || !gone) return
    this.#going.delete(metadata.uid)
    const known = this.#nodes.get(node) ?? {}
    this.#nodes.set(node, { ...known, emptied: this.#now(), stops: Math.max(known.stops ?? 0, this.#now() - since) })
  }

  #begins(uid: string, node: string): void {
    this.#going.set(uid, this.#now())
    const known = this.#nodes.get(node) ?? {}
    this.#nodes.set(node, { ...known, evicting: known.evicting ?? this.#now() })
  }

  /** While any budget allows nothing, whoever waits may wait for it. */
  #sawBudget({ metadata, status }: StoredObject): void {
    const none = (status as { disruptionsAllowed?: number } | undefined)?.disruptionsAllowed === 0
    none ? this.#empty.add(metadata.name) : this.#empty.delete(metadata.name)
    this.#keeps('budget', this.#empty.size > 0)
  }

  #keeps(by: Kept['by'], holds: boolean): void {
    const from = this.#open.get(by)
    if (holds && from === undefined) this.#open.set(by, this.#now())
    if (holds || from === undefined) return
    this.#open.delete(by)
    this.#kept.push({ by, from, until: this.#now() })
  }

  tick(seen: Seen, waitingFor?: string): void {
    const slowed = slowedBecause(seen, seen.now) !== undefined
    this.throttled ||= slowed
    this.#keeps('throttle', slowed)
    this.#keeps('window', waitingFor?.includes('window') === true)
  }

  happened({ event }: JournalEntry): void {
    if (event.type === 'command-intended') this.#intended.set(event.command.id, event.command.action)
    if (event.type !== 'command-answered') return
    const action = this.#intended.get(event.command)
    this.#intended.delete(event.command)
    if (action !== undefined) this.#did(action, event.result)
  }

  #did(action: Action, result: CommandResult): void {
    if (result.kind !== 'accepted') return
    const at = this.#now()
    if (action.kind === 'update-scaling-group') for (let more = action.change.raisedBy ?? 0; more > 0; more--) this.#raised.push(at)
    if (action.kind === 'retire-node') this.#nodes.set(action.node, { begun: at, ...this.#nodes.get(action.node) })
    if (action.kind === 'evict-pod') this.evicted += 1
    if (action.kind === 'terminate-instance' && action.node !== undefined)
      this.#nodes.set(action.node, { ...this.#nodes.get(action.node), ended: at, replaced: !action.decrement })
  }

  timeline(from: Instant, until: Instant): Timeline {
    for (const by of [...this.#open.keys()]) this.#keeps(by, false)
    const drained = [...this.#nodes.values()].map(({ begun = 0, evicting, emptied, ended = 0, stops = 0, replaced = false }): Drained => {
      const first = evicting ?? ended
      return { begun, evicting: first, emptied: emptied ?? first, stops, ended, replaced }
    })
    return {
      ...{ slots: this.#slots, first: firstBatchOf(this.#slots), proof: this.#proof, from, until, drained, kept: this.#kept },
      ...{ raised: this.#raised, ready: [...this.#ready.values()] },
    }
  }
}

/** L of every new node, in the order in which they were asked for. */
export function launchesOf({ raised, drained, ready }: Timeline): readonly Millis[] {
  const asked = [...raised, ...drained.flatMap(({ replaced, ended }) => (replaced ? [ended] : []))].sort((a, b) => a - b)
  return [...ready].sort((a, b) => a - b).map((at, index) => at - (asked[index] ?? at))
}
