import type { RunEvent } from '../../src/journal/event.ts'
import type { Batch } from '../../src/model/itinerary.ts'
import type { Seen } from '../../src/model/seen.ts'
import { decide } from '../../src/rollout/decide.ts'
import { evolve } from '../../src/rollout/evolve.ts'
import type { RunState } from '../../src/rollout/state.ts'
import { aGroup, aNode, aSeen, NOW } from '../support/seen-builder.ts'
import { aTale } from '../support/tale.ts'
import { ms, perRound, timed } from './measure.ts'

const EVENTS = 60_000
const BATCHES = 100

/** A long run: batches that begin, send commands and pass, thirty events of a gate in each round. */
function longJournal(): readonly RunEvent[] {
  const events: RunEvent[] = [{ type: 'run-opened', run: 'r', plan: 'p', digest: 'd', by: 'lena', cluster: 'c' }]
  for (let index = 0; events.length < EVENTS; index++) {
    const batch = `wave/w/${index % BATCHES}`
    const command = { id: `c-${index}`, step: `${batch}/g`, action: { kind: 'uncordon', node: 'n' } } as const
    events.push(
      { type: 'batch-started', batch, baseline: { takenAt: 0, nodes: {}, workloads: {} } },
      { type: 'command-intended', command: { ...command, id: `c-${index % BATCHES}` } },
      { type: 'command-answered', command: `c-${index % BATCHES}`, result: { kind: 'accepted' } },
      { type: 'gate-judged', batch, gate: 'ipam', judgement: { verdict: 'pass', reason: 'well', evidence: [] } },
    )
  }
  return events.slice(0, EVENTS)
}

/** The same facts kept side by side under one key each: every event copies the whole record. */
function flatFold(events: readonly RunEvent[]): Readonly<Record<string, RunEvent>> {
  let record: Readonly<Record<string, RunEvent>> = {}
  for (const event of events) record = { ...record, [keyOf(event)]: event }
  return record
}

function keyOf(event: RunEvent): string {
  if ('batch' in event) return `${event.type}/${event.batch}`
  return event.type === 'command-intended'
    ? `command/${event.command.id}`
    : event.type === 'command-answered'
      ? `answer/${event.command}`
      : event.type
}

export async function folding(): Promise<readonly (readonly string[])[]> {
  const events = longJournal()
  let state: RunState | undefined
  const nested = await timed(() => {
    for (const event of events) state = evolve(state, event, 0)
  })
  const some = events.slice(0, EVENTS / 20)
  const flat = (await timed(() => flatFold(some))) * 20
  return [
    ['shape', 'time', 'ratio'],
    ['nested by batch (evolve)', ms(nested), '1'],
    ['flat record (at least: 1/20 of the events, times 20)', ms(flat), (flat / nested).toFixed(1)],
  ]
}

const GROUPS = 50
const NODES = 100
const PODS_PER_NODE = 30

/** 5,000 nodes in 50 groups, healthy, as the observer makes them: frozen facts, made once. */
function largePicture(): Seen {
  const groups = Array.from({ length: GROUPS }, (_group, group) => {
    const name = `group-${group}`
    const nodes = Array.from({ length: NODES }, (_node, node) => aNode({ name: `${name}-${node}`, group: name }))
    return aGroup({ name, nodes })
  })
  return aSeen({ groups })
}

/** What gates without facts would do at every tick: go through all pods to find those of the nodes they judge. */
function scanOf(seen: Seen): () => number {
  const names = Object.values(seen.groups).flatMap(({ nodes }) => nodes.map(({ name }) => name))
  const pods = names.flatMap((node) =>
    Array.from({ length: PODS_PER_NODE }, (_pod, index) => ({
      spec: { nodeName: node, containers: [{ name: 'main' }] },
      status: { phase: 'Running', podIP: `10.0.0.${index}`, conditions: [{ type: 'Ready', status: 'True' }] },
    })),
  )
  return () => {
    const stuck = new Map<string, number>()
    for (const { spec, status } of pods) {
      const ready = status.conditions.find(({ type }) => type === 'Ready')?.status === 'True'
      if (!ready || status.podIP === '') stuck.set(spec.nodeName, (stuck.get(spec.nodeName) ?? 0) + 1)
      else stuck.set(spec.nodeName, stuck.get(spec.nodeName) ?? 0)
    }
    return stuck.size
  }
}

export async function ticking(): Promise<readonly (readonly string[])[]> {
  const seen = largePicture()
  const tale = aTale()
  const batch: Batch = { ...firstWave(tale.itinerary.batches), id: 'wave/app/1' }
  const itinerary = { ...tale.itinerary, batches: [batch] }
  const step = batch.steps[0]
  if (step === undefined) throw new Error('the healthy plan has a wave')
  const nodes = Object.fromEntries(
    Object.values(seen.groups).flatMap((group) =>
      group.nodes.map((node) => [
        node.name,
        { uid: node.uid, group: node.group, ready: node.ready, restarts: 0, awsNodeReady: true, waiting: 0 },
      ]),
    ),
  )
  tale.happens(
    { type: 'batch-started', batch: batch.id, baseline: { takenAt: NOW, nodes, workloads: {} } },
    { type: 'command-intended', command: { id: 'c', step: step.id, action: { kind: 'uncordon', node: 'n' } } },
    { type: 'command-answered', command: 'c', result: { kind: 'accepted', updateId: 'u' } },
  )
  const tick = await perRound(30, () => decide({ itinerary, state: tale.state, seen, now: seen.now, requests: [] }))
  const scan = await perRound(10, scanOf(seen))
  return [
    ['tick', 'time', 'ratio'],
    ['decide on facts made once', ms(tick), '1'],
    [`one scan of ${GROUPS * NODES * PODS_PER_NODE} pods, one gate`, ms(scan), (scan / tick).toFixed(1)],
  ]
}

function firstWave(batches: readonly Batch[]): Batch {
  const found = batches.find(({ phase }) => phase === 'wave')
  if (found === undefined) throw new Error('the healthy plan has a wave')
  return found
}
