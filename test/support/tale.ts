import { seenFromSnapshot } from '../../src/engine/facts/snapshot.ts'
import type { RunEvent } from '../../src/journal/event.ts'
import type { CommandResult } from '../../src/model/command.ts'
import type { Instant } from '../../src/model/instant.ts'
import type { Intent } from '../../src/model/intent.ts'
import type { Itinerary } from '../../src/model/itinerary.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import type { GroupFacts, NodeFacts, Seen } from '../../src/model/seen.ts'
import type { RunRequest } from '../../src/ports/run-record.ts'
import { compile } from '../../src/rollout/compile.ts'
import { batchNow } from '../../src/rollout/context.ts'
import { decide } from '../../src/rollout/decide.ts'
import type { Decision } from '../../src/rollout/decision.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import type { RunState } from '../../src/rollout/state.ts'
import { healthyIntent, healthyPlan, healthySnapshot, NOW } from './snapshot-builder.ts'

/** A run told step by step: what happened so far, what the world looks like, what is decided. */
export interface Tale {
  readonly itinerary: Itinerary
  state: RunState
  seen: Seen
  now: Instant
  readonly events: RunEvent[]
  /** Decides again and again, records what follows, until something else than recording is to be done; no known cause is ever found. */
  decide(options?: { requests?: readonly RunRequest[]; until?: string; stopping?: boolean }): Exclude<Decision, { kind: 'record' }>
  /** Something happened that the loop would journal. */
  happens(...events: readonly RunEvent[]): void
  /** The commands to perform were sent and answered so. */
  answer(decision: Decision, result: CommandResult | ((index: number) => CommandResult)): void
  /** The world as it is from now on. */
  world(change: (seen: Seen) => Partial<Seen>): void
  group(name: string, change: (group: GroupFacts) => Partial<GroupFacts>): void
  passes(minutes: number): void
  types(): readonly string[]
}

/** A run of the healthy plan on the healthy cluster, just opened, pre-flight clear. */
export function aTale(
  over: { plan?: Partial<UpgradePlan>; intent?: Partial<Intent>; preflight?: 'clear' | 'blocked' | 'none' } = {},
): Tale {
  const snapshot = healthySnapshot()
  const itinerary = compile(healthyPlan(over.plan), healthyIntent(over.intent), snapshot)
  const opened: RunEvent = { type: 'run-opened', run: 'r1', plan: itinerary.plan, digest: itinerary.digest, by: 'lena', cluster: 'shop' }
  const tale: Tale = {
    itinerary,
    state: evolve(undefined, opened, NOW),
    seen: { ...seenFromSnapshot(snapshot, NOW), lease: 'held', unavailable: [] },
    now: NOW,
    events: [opened],
    happens(...events) {
      for (const event of events) {
        tale.events.push(event)
        tale.state = evolve(tale.state, event, tale.now)
      }
    },
    decide(options = {}) {
      for (let turn = 0; turn < 100; turn++) {
        const decision = decide({
          itinerary,
          state: tale.state,
          seen: tale.seen,
          now: tale.now,
          requests: options.requests ?? [],
          ...options,
        })
        if (decision.kind === 'record') tale.happens(...decision.events)
        else if (decision.kind === 'inspect' && decision.what === 'diagnosis')
          tale.happens({ type: 'diagnosed', batch: batchNow(itinerary, tale.state)?.id ?? '', causes: [] })
        else return decision
      }
      throw new Error(`recording without end: ${tale.types().slice(-6).join(', ')}`)
    },
    answer(decision, result) {
      if (decision.kind !== 'perform') throw new Error(`nothing to answer: ${JSON.stringify(decision)}`)
      decision.commands.forEach((command, index) => {
        tale.happens({ type: 'command-answered', command: command.id, result: typeof result === 'function' ? result(index) : result })
      })
    },
    world(change) {
      tale.seen = { ...tale.seen, ...change(tale.seen) }
    },
    group(name, change) {
      const group = tale.seen.groups[name]
      if (group === undefined) throw new Error(`no group ${name}`)
      tale.world((seen) => ({ groups: { ...seen.groups, [name]: { ...group, ...change(group) } } }))
    },
    passes(minutes) {
      tale.now += minutes * 60_000
      tale.world(() => ({ now: tale.now }))
    },
    types: () => tale.events.map((event) => event.type),
  }
  if (over.preflight !== 'none') tale.happens(preflightEvent(over.preflight ?? 'clear'))
  return tale
}

export function preflightEvent(verdict: 'clear' | 'blocked' | 'inconclusive'): RunEvent {
  const stopping = verdict === 'clear' ? [] : [{ code: 'SUBNET_ADDRESSES', subject: 'Subnet/subnet-a', message: 'too few addresses' }]
  return { type: 'preflight-evaluated', verdict, stopping, warnings: 0 }
}

/** Nodes as an update replaces them: new names and uids, the new minor, image and a fresh aws-node. */
export function replaced(nodes: readonly NodeFacts[], at: Instant, over: Partial<NodeFacts> = {}): readonly NodeFacts[] {
  return nodes.map((node) => ({
    ...node,
    name: `${node.name}-new`,
    uid: `${node.uid}-new`,
    createdAt: at,
    readySince: at,
    kubeletMinor: '1.33',
    image: 'ami-new',
    lastAddressAt: at + 60_000,
    awsNode: node.awsNode && {
      ...node.awsNode,
      pod: `${node.awsNode.pod}-new`,
      uid: `${node.awsNode.uid}-new`,
      boundAt: at,
      readyChangedAt: at,
      containers: node.awsNode.containers.map((container) => ({ ...container, startedAt: at, restarts: 0 })),
    },
    ...over,
  }))
}
