import { perform } from '../../src/engine/perform.ts'
import type { RunEvent } from '../../src/journal/event.ts'
import type { Command } from '../../src/model/command.ts'
import { MINUTE, SECOND } from '../../src/model/instant.ts'
import type { Batch, Itinerary, ReplaceStep } from '../../src/model/itinerary.ts'
import type { RunRequest } from '../../src/ports/run-record.ts'
import { decide } from '../../src/rollout/decide.ts'
import type { Decision } from '../../src/rollout/decision.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import type { RunState } from '../../src/rollout/state.ts'
import { type GroupChoice, GroupWorld } from './group-world.ts'
import { NOW } from './seen-builder.ts'
import { aTale, preflightEvent } from './tale.ts'

/** The nodes of a self-managed group replaced in a quick world, by the decisions, the fold and the performing of the engine as they are. */

const GROUP = 'asg:workers'
const spec = (version: string) => ({ launchTemplate: { id: 'lt-1', version }, launch: { kind: 'template' as const, id: 'lt-1', version } })
const WHOLE = aTale().itinerary

function itineraryOf({ nodes, spare, zones, maxUnavailable, surge, rebalances }: GroupChoice): Itinerary {
  const step: ReplaceStep = {
    ...{ kind: 'replace-nodes', id: `wave/workers/1/${GROUP}`, title: 'workers', group: GROUP, autoScalingGroup: 'workers' },
    ...{ before: spec('1'), after: spec('2'), nodes, nodeClass: 'm5', zones: ['a', 'b', 'c'].slice(0, zones), timeout: 120 * MINUTE },
    pace: { maxUnavailable, surge, drainTimeout: 15 * MINUTE, blocked: { kind: 'hold' } },
    wayBack: { exists: 'yes', how: '' },
    forecast: { expected: 0, back: 0, exposed: { nodes: 0, pods: 0, minutes: 0 } },
  }
  const batch: Batch = { id: 'wave/workers/1', phase: 'wave', title: 'workers', steps: [step], gates: [], soak: 0, approval: false }
  const sizes = { min: 0, max: nodes + spare, desired: nodes }
  const scaling = { suspended: rebalances ? [] : ['AZRebalance'], protected: [], protectsNew: false }
  const names = Array.from({ length: nodes }, (_none, index) => `old-${index + 1}`)
  const group = {
    spec: step.before,
    sizes,
    updateSettings: {},
    autoScalingGroup: 'workers',
    autoScalingMax: sizes.max,
    nodes: names,
    scaling,
  }
  const { window: _window, ...rest } = WHOLE
  return {
    ...rest,
    batches: [batch],
    untouched: [],
    baseline: { ...WHOLE.baseline, groups: { [GROUP]: group }, cordoned: [], excludedFromBalancers: [] },
  }
}

const MOST_TURNS = 3_000

export interface Driven {
  readonly world: GroupWorld
  readonly exit: string
  readonly why: string
}

/** One run with the drivers that it has, one after another. */
export class Run {
  readonly world: GroupWorld
  readonly #itinerary: Itinerary
  readonly #deaths: readonly number[]
  readonly events: RunEvent[] = []
  readonly #sent = new Set<string>()
  readonly #resumed: RunRequest[] = []
  #state: RunState
  #performed = 0
  #plainReadAt = NOW

  /** @param deaths the driver dies after these commands, before it can write down what was answered */
  constructor(choice: GroupChoice, deaths: readonly number[]) {
    this.world = new GroupWorld(choice, NOW)
    this.#itinerary = itineraryOf(choice)
    this.#deaths = deaths
    this.#state = evolve(undefined, { type: 'run-opened', run: 'r', plan: 'p', digest: 'd', by: 'lena', cluster: 'shop' }, NOW)
    this.#happens(preflightEvent('clear'))
  }

  #happens(...events: readonly RunEvent[]): void {
    for (const event of events) {
      this.events.push(event)
      this.#state = evolve(this.#state, event, this.world.now)
    }
  }

  async driven(): Promise<Driven> {
    const { world } = this
    for (let turn = 0; turn < MOST_TURNS; turn++) {
      const seen = world.seen(GROUP, this.#plainReadAt)
      const decision = decide({ itinerary: this.#itinerary, state: this.#state, seen, now: world.now, requests: this.#resumed })
      if (decision.kind === 'finished') return { world, exit: decision.outcome.exit, why: decision.outcome.summary }
      if (decision.kind === 'hold' && this.#resumed.length > 2) return { world, exit: 'held', why: decision.because }
      if (decision.kind === 'perform') await this.#perform(decision.commands)
      else this.#follow(decision)
    }
    return { world, exit: 'endless', why: '' }
  }

  #follow(decision: Exclude<Decision, { kind: 'perform' }>): void {
    const { world } = this
    if (decision.kind === 'record') this.#happens(...decision.events)
    if (decision.kind === 'wait') world.advanceTo(Math.max(decision.until, world.now + SECOND))
    if (decision.kind === 'inspect') this.#inspect(decision.what)
    if (decision.kind !== 'hold') return
    world.advanceTo(world.now + 10 * MINUTE)
    this.#resumed.push({ id: `resume-${this.#resumed.length}`, kind: 'resume', by: 'max', at: world.now })
  }

  #inspect(what: Extract<Decision, { kind: 'inspect' }>['what']): void {
    if (what === 'preflight') this.#happens(preflightEvent('clear'))
    else if (what === 'diagnosis') this.#happens({ type: 'diagnosed', batch: 'wave/workers/1', causes: [] })
    else this.#plainReadAt = this.world.now
  }

  async #perform(commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      this.#performed += 1
      const again = this.#sent.has(command.id)
      this.#sent.add(command.id)
      const result = await perform(this.world.ports(), 'shop', command, this.world.now, again)
      if (this.#deaths.includes(this.#performed)) return this.#die(commands)
      this.#happens({ type: 'command-answered', command: command.id, result })
    }
  }

  /** Whoever goes on a minute later does not know what was sent. */
  #die(commands: readonly Command[]): void {
    for (const { id } of commands) this.#sent.add(id)
    this.world.advanceTo(this.world.now + MINUTE)
    this.#happens({ type: 'run-resumed', by: 'max' } as RunEvent)
  }
}
