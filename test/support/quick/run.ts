import { act } from '../../../src/engine/act.ts'
import { UNSTOPPABLE } from '../../../src/engine/apply.ts'
import { append, type Session } from '../../../src/engine/session.ts'
import type { JournalEntry, RunEvent } from '../../../src/journal/event.ts'
import { type Instant, MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { Itinerary } from '../../../src/model/itinerary.ts'
import { keyedRandom } from '../../../src/model/keyed.ts'
import type { Seen } from '../../../src/model/seen.ts'
import type { RunRequest } from '../../../src/ports/run-record.ts'
import { decide } from '../../../src/rollout/decide.ts'
import type { Decision } from '../../../src/rollout/decision.ts'
import { evolve } from '../../../src/rollout/evolve.ts'
import type { RunState } from '../../../src/rollout/state.ts'
import { NOW } from '../seen-builder.ts'
import { preflightEvent } from '../tale.ts'
import type { Death, QuickChoice } from './choice.ts'
import { QuickCluster } from './cluster.ts'
import { itineraryOf } from './plan.ts'
import { lossy, type Passage, quickPorts } from './ports.ts'
import { Watch } from './watch.ts'

/**
 * A run in a quick cluster, through all the lives of its drivers: the decisions, the fold, the acting and the performing of the
 * engine as they are. Only what reads the cluster is the quick cluster's own.
 */

const MOST_TURNS = 6_000
const MOST_RESUMES = 3
/** Seconds by which a driver may be late, by what machine it has. */
const SLOWNESS = [6, 45, 90, 90]

export interface QuickTrace {
  readonly choice: QuickChoice
  readonly cluster: QuickCluster
  readonly watch: Watch
  readonly itinerary: Itinerary
  readonly entries: readonly JournalEntry[]
  readonly state: RunState
  /** The exit of a run that has ended, `held`, or `endless`. */
  readonly exit: string
  readonly why: string
  readonly turns: number
}

/** Breaks what the run is about to record or to do: how the laws are shown to bite. */
export type Sabotage = (decision: Decision, cluster: QuickCluster) => Decision

class Died extends Error {}

export async function runQuickly(choice: QuickChoice): Promise<QuickTrace> {
  return await new QuickRun(choice, (decision) => decision, MOST_TURNS).driven()
}

/** A run whose decisions are broken; it may go round in circles, so it is cut short. */
export async function runBroken(choice: QuickChoice, sabotage: Sabotage): Promise<QuickTrace> {
  return await new QuickRun(choice, sabotage, MOST_TURNS / 10).driven()
}

class QuickRun {
  readonly #cluster: QuickCluster
  readonly #watch: Watch
  readonly #itinerary: Itinerary
  readonly #sabotage: Sabotage
  readonly #choice: QuickChoice
  readonly #mostTurns: number
  #entries: JournalEntry[] = []
  #state: RunState
  #published: { readonly state: RunState; readonly sequence: number }
  #requests: RunRequest[] = []
  /** As the engine does, one picture is decided on until time has passed. */
  #seen: Seen | undefined
  #plainReadAt: Instant = NOW
  #resumes = 0
  #turns = 0
  #lives = 0

  constructor(choice: QuickChoice, sabotage: Sabotage, mostTurns: number) {
    this.#mostTurns = mostTurns
    this.#choice = choice
    this.#sabotage = sabotage
    this.#cluster = new QuickCluster(choice, NOW)
    this.#watch = new Watch(this.#cluster)
    // What the record carries of it is not looked at here, and to write it out each time would cost more than the run.
    this.#itinerary = Object.assign(itineraryOf(this.#cluster), { toJSON: () => null })
    this.#state = evolve(undefined, OPENED, NOW)
    this.#entries.push({ sequence: 1, at: NOW, event: OPENED })
    this.#published = { state: this.#state, sequence: 1 }
  }

  async driven(): Promise<QuickTrace> {
    for (;;) {
      try {
        return this.#told(await this.#life())
      } catch (error) {
        if (!(error instanceof Died)) throw error
        this.#resume()
      }
    }
  }

  #told(end: { readonly exit: string; readonly why: string }): QuickTrace {
    const { exit, why } = end
    const base = { choice: this.#choice, cluster: this.#cluster, watch: this.#watch, itinerary: this.#itinerary }
    return { ...base, entries: this.#entries, state: this.#state, exit, why, turns: this.#turns }
  }

  /** Another driver goes on: with the journal that was written, or with the record in the cluster alone. */
  #resume(): void {
    const { elsewhere, pause }: Death = this.#choice.deaths[this.#lives] ?? { nth: 0, moment: 'before', elsewhere: false, pause: MINUTE }
    this.#lives += 1
    this.#advance(this.#cluster.now + pause)
    const { state, sequence } = this.#published
    if (elsewhere && sequence < this.#entries.length) {
      this.#entries = this.#entries.slice(0, sequence)
      this.#state = state
    }
    this.#keep({ type: 'run-resumed', by: 'max' })
    this.#ask('resume')
  }

  #keep(...events: readonly RunEvent[]): void {
    for (const event of events) {
      this.#entries.push({ sequence: this.#entries.length + 1, at: this.#cluster.now, event })
      this.#state = evolve(this.#state, event, this.#cluster.now)
    }
  }

  #ask(kind: RunRequest['kind'], by = 'max'): void {
    this.#requests.push({ id: `request-${this.#requests.length}`, kind, by, at: this.#cluster.now, reason: 'random' })
  }

  /** One driver, until the run ends, rests for good, or the driver does. */
  async #life(): Promise<{ readonly exit: string; readonly why: string }> {
    const session = this.#session()
    this.#plainReadAt = this.#cluster.now
    for (;;) {
      this.#turns += 1
      if (this.#turns > this.#mostTurns) return { exit: 'endless', why: '' }
      this.#takeRequests()
      const decision = this.#sabotage(this.#decide(), this.#cluster)
      if (decision.kind === 'finished') return { exit: decision.outcome.exit, why: decision.outcome.summary }
      if (decision.kind !== 'hold') await this.#follow(session, decision)
      else if (!this.#answer(decision.because)) return { exit: 'held', why: decision.because }
    }
  }

  async #follow(session: Session, decision: Exclude<Decision, { kind: 'hold' | 'finished' }>): Promise<void> {
    if (decision.kind === 'record') await append(session, decision.events)
    if (decision.kind === 'wait') this.#rest(decision.until)
    if (decision.kind === 'inspect') await this.#inspect(session, decision.what)
    if (decision.kind !== 'perform') return
    this.#lookAt()
    await act(session, decision.commands)
  }

  async #inspect(session: Session, what: 'preflight' | 'plain-read' | 'diagnosis'): Promise<void> {
    if (what === 'preflight') await append(session, [preflightEvent('clear')])
    if (what === 'diagnosis') await append(session, [{ type: 'diagnosed', batch: this.#batchFailed(), causes: [] }])
    if (what !== 'plain-read') return
    this.#plainReadAt = this.#cluster.now
    this.#seen = undefined
  }

  #decide(): Decision {
    this.#seen ??= this.#cluster.seen(this.#plainReadAt)
    const seen = this.#seen
    return decide({ itinerary: this.#itinerary, state: this.#state, seen, now: this.#cluster.now, requests: this.#requests })
  }

  /** A driver may be slow: nothing may depend on how soon it looks again. */
  #rest(until: Instant): void {
    const most = SLOWNESS[this.#choice.seed % SLOWNESS.length] ?? 0
    const slow = Math.floor(keyedRandom(this.#choice.seed, 'slow', this.#turns) * most) * SECOND
    this.#advance(Math.max(until, this.#cluster.now + 2 * SECOND) + slow)
  }

  #advance(instant: Instant): void {
    this.#cluster.timers.advanceTo(instant)
    this.#seen = undefined
  }

  #takeRequests(): void {
    const { asked } = this.#cluster
    for (const { kind } of asked.splice(0)) this.#ask(kind, 'omar')
  }

  /** What the laws go by: which way the run goes, and whether anybody has looked past a gate. */
  #lookAt(): void {
    const { back, resumedAt } = this.#state
    this.#watch.forward = back === undefined
    this.#watch.proves = back === undefined && resumedAt === undefined && this.#lives === 0
  }

  /** Whether anybody does something about a run that rests. */
  #answer(because: string): boolean {
    const { plan, person } = this.#choice
    const [, deleted] = /^(\S+) deleted, .* approves it/.exec(because) ?? []
    this.#advance(this.#cluster.now + 10 * MINUTE)
    if (deleted !== undefined && !plan.consents) return false
    if (because.includes('approves it')) {
      if (deleted !== undefined) this.#watch.agreed.add(deleted)
      this.#ask('approve')
      return true
    }
    this.#resumes += 1
    if (person === 'leaves' || this.#resumes > MOST_RESUMES) return false
    const kinds = {
      resumes: this.#resumes === MOST_RESUMES ? 'rollback' : 'resume',
      'rolls-back': 'rollback',
      abandons: 'abandon',
    } as const
    this.#ask(kinds[person])
    return true
  }

  #batchFailed(): string {
    const course = this.#state.back?.batches ?? this.#itinerary.batches
    const open = course.find(({ id }) => !['passed', 'accepted'].includes(this.#state.batches[id]?.status ?? 'waiting'))
    return open?.id ?? ''
  }

  #session(): Session {
    const { timers } = this.#cluster
    const death = this.#choice.deaths[this.#lives]
    let [effects, dead] = [0, false]
    const mortal: Passage = async (_name, reach) => {
      if (dead) throw new Died()
      effects += 1
      const dies = death?.nth === effects
      if (dies) dead = true
      if (dies && death?.moment === 'before') throw new Died()
      if (!dies) return await reach()
      await Promise.resolve()
        .then(reach)
        .catch(() => undefined)
      throw new Died()
    }
    const journal = {
      state: () => this.#state,
      sequence: () => this.#entries.length,
      append: (events: readonly RunEvent[]) =>
        mortal('journal.append', () => {
          this.#keep(...events)
          return this.#state
        }),
    }
    const write = () =>
      mortal('records.write', () => {
        this.#published = { state: this.#state, sequence: this.#entries.length }
      })
    const clock = { now: () => timers.now, sleepUntil: async (until: Instant) => this.#rest(until) }
    const ports = {
      ...quickPorts(this.#cluster, this.#watch, lossy(this.#cluster, mortal)),
      ...{ clock, lease: { status: () => 'held', renew: async () => {} }, records: { write, read: async () => undefined } },
    }
    return {
      ...{ ports, itinerary: this.#itinerary, journal, listeners: [], stop: UNSTOPPABLE, requests: [], asked: [] },
      ...{ notify: async () => [], unsent: new Set(), own: new Set(), observer: undefined },
    } as unknown as Session
  }
}

const OPENED: RunEvent = { type: 'run-opened', run: 'r', plan: 'p', digest: 'd', by: 'lena', cluster: 'shop' }
