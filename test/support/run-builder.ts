import type { JournalEntry, RunEvent } from '../../src/journal/event.ts'
import type { RunForecast } from '../../src/model/forecast.ts'
import { MINUTE } from '../../src/model/instant.ts'
import type { AddonStep, Batch, GroupStep, Itinerary } from '../../src/model/itinerary.ts'

/** A small run for the renderers: one add-on hop, a canary, a wave. */

export const START = Date.UTC(2026, 10, 23, 10)

const wayBack = { exists: 'yes', how: 'the same call with the baseline' } as const

export const hop: AddonStep = {
  kind: 'addon-update',
  id: 'addon/vpc-cni/1/vpc-cni',
  title: 'vpc-cni: v1.18.3-eksbuild.3 → v1.19.2-eksbuild.1',
  timeout: 60 * MINUTE,
  wayBack,
  forecast: { expected: 6 * MINUTE, back: 6 * MINUTE, exposed: { nodes: 1, pods: 11, minutes: 2 } },
  addon: 'vpc-cni',
  before: { version: 'v1.18.3-eksbuild.3' },
  after: { version: 'v1.19.2-eksbuild.1' },
  resolveConflicts: 'PRESERVE',
}

function groupStep(group: string, batch: string): GroupStep {
  return {
    kind: 'nodegroup-update',
    id: `${batch}/${group}`,
    title: `${group}: 1.32 → 1.33`,
    timeout: 90 * MINUTE,
    wayBack,
    forecast: { expected: 20 * MINUTE, back: 22 * MINUTE, exposed: { nodes: 2, pods: 24, minutes: 20 } },
    group,
    before: { version: '1.32', releaseVersion: '1.32.9-20261101' },
    after: { version: '1.33', releaseVersion: '1.33.5-20261101' },
    form: 'optimised',
    nodes: 2,
    nodeClass: 'AL2023/x86_64/m5',
    zones: ['eu-central-1a'],
  }
}

const gates = [
  { kind: 'nodes-ready', options: {} },
  { kind: 'aws-node', options: {} },
]

export const batches: readonly Batch[] = [
  {
    id: 'addon/vpc-cni/1',
    phase: 'addon',
    title: 'vpc-cni 1/1',
    steps: [hop],
    gates: [{ kind: 'aws-node', options: {} }],
    soak: 15 * MINUTE,
    approval: false,
  },
  { id: 'canary/1', phase: 'canary', title: 'canary', steps: [groupStep('spot', 'canary/1')], gates, soak: 30 * MINUTE, approval: false },
  {
    id: 'wave/app/1',
    phase: 'wave',
    title: 'app',
    steps: [groupStep('app-a', 'wave/app/1')],
    gates,
    soak: 0,
    approval: { role: 'release' },
  },
]

export function itinerary(change: Partial<Itinerary> = {}): Itinerary {
  const spec = (group: string) => ({
    spec: groupStep(group, '').before,
    sizes: { min: 2, max: 4, desired: 2 },
    updateSettings: {},
    nodes: [`ip-${group}-1`, `ip-${group}-2`],
  })
  return {
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'Itinerary',
    digest: `sha256:${'ab'.repeat(32)}`,
    decisionFacts: {},
    plan: 'shop-1-33',
    source: { plan: {}, intent: {}, file: 'shop.yaml' },
    tool: 'serin/0.1.0',
    madeFrom: { capturedAt: '2026-11-23T10:00:00Z' },
    cluster: { name: 'shop', region: 'eu-central-1', accountId: '111122223333', minor: '1.33' },
    batches,
    baseline: {
      takenAt: '2026-11-23T10:00:00Z',
      addons: { 'vpc-cni': hop.before },
      groups: { spot: spec('spot'), 'app-a': spec('app-a') },
      cordoned: [],
      excludedFromBalancers: [],
    },
    rollback: { addon: 'last-proven-hop', canary: 'automatic', waves: 'hold', grace: 10 * MINUTE },
    waivers: [],
    notify: [],
    untouched: [{ name: 'forensics', reason: 'quarantined as evidence' }],
    pointsOfNoReturn: [],
    forecast: { expected: 91 * MINUTE, declaredWaits: 45 * MINUTE, run: runForecastOf(batches) },
    ...change,
  } as Itinerary
}

/** Every batch takes what its longest step does, and a fifth more at its slowest; nothing blocks. */
function runForecastOf(batches: readonly Batch[]): RunForecast {
  let from = 0
  const stages = batches.map(({ id, steps, soak }) => {
    const p50 = Math.max(0, ...steps.map(({ forecast }) => forecast.expected))
    const stage = { id, from, steps: { p50, p90: p50 * 1.2 }, gates: 3 * MINUTE, soak, groups: [] }
    from += p50 + 3 * MINUTE + soak
    return stage
  })
  return { takes: { p50: from, p90: from * 1.2 }, stages, blockers: [], unplaced: [], disruptions: [], addresses: [], rehearsals: 1 }
}

/** Events a minute apart, numbered. */
export function journal(events: readonly RunEvent[]): readonly JournalEntry[] {
  return events.map((event, index) => ({ sequence: index + 1, at: START + index * MINUTE, event }))
}

export const opened: RunEvent = {
  type: 'run-opened',
  run: 'r-1',
  plan: 'shop-1-33',
  digest: `sha256:${'ab'.repeat(32)}`,
  by: 'lena',
  cluster: 'shop',
}

/** Events of a batch whose steps are done and whose gate passes. */
export function passing(batch: Batch): readonly RunEvent[] {
  return [
    started(batch),
    ...batch.steps.map((step): RunEvent => ({ type: 'step-done', step: step.id })),
    {
      type: 'gate-judged',
      batch: batch.id,
      gate: 'aws-node',
      judgement: { verdict: 'pass', reason: '2 of 2 nodes are ready.', evidence: [] },
    },
    { type: 'batch-passed', batch: batch.id },
  ]
}

function started(batch: Batch): RunEvent {
  return { type: 'batch-started', batch: batch.id, baseline: { takenAt: START, nodes: {}, workloads: {} } }
}

export const ipamHang = {
  cause: 'networking-fails',
  at: 'canary/1',
  message: 'aws-node waits for IPAM on new nodes and works on untouched ones',
  evidence: [],
  nodes: ['ip-10-0-1-7.ec2.internal', 'ip-10-0-1-9.ec2.internal'],
} as const

/** A run whose canary fails and is taken back. */
export function takenBack(): readonly JournalEntry[] {
  const [addon, canary] = batches
  if (!addon || !canary) throw new Error('the builder has three batches')
  const back: Batch = {
    ...canary,
    id: 'back/1',
    phase: 'back',
    title: 'back: spot',
    steps: [{ ...groupStep('spot', 'back/1'), before: groupStep('spot', '').after, after: groupStep('spot', '').before }],
  }
  const cni: Batch = {
    ...addon,
    id: 'back/0',
    phase: 'back',
    title: 'back: vpc-cni',
    steps: [{ ...hop, id: 'back/0/vpc-cni', after: hop.before, before: hop.after }],
  }
  return journal([
    opened,
    ...passing(addon),
    started(canary),
    { type: 'step-done', step: 'canary/1/spot' },
    {
      type: 'gate-judged',
      batch: 'canary/1',
      gate: 'ipam',
      judgement: { verdict: 'fail', reason: '2 of 2 nodes wait for IPAM.', evidence: [] },
    },
    { type: 'batch-failed', batch: 'canary/1', failure: ipamHang },
    { type: 'rollback-started', failure: ipamHang, scope: 'everything', batches: [cni, back], notBefore: START },
    ...passing(cni),
    ...passing(back),
    {
      type: 'run-finished',
      outcome: {
        exit: 'rolledBack',
        summary: 'Everything is as it was.',
        changed: [],
        takenBack: ['vpc-cni', 'spot'],
        untouched: ['app-a'],
        byHand: [],
      },
    },
  ])
}
