import type { GateInput } from '../../src/catalog/gates/definition.ts'
import { GATES, type Gate } from '../../src/catalog/gates/registry.ts'
import { MINUTE } from '../../src/model/instant.ts'
import type { Batch, GroupStep } from '../../src/model/itinerary.ts'
import type { NodeFacts } from '../../src/model/seen.ts'
import { aBaseline, aGroup, aNode, aSeen, NOW } from './seen-builder.ts'

/** What gates are given: a batch that moved group `app-a` half an hour ago and has been settled for 20 minutes. */

export const STEP: GroupStep = {
  id: 'wave/app/1/app-a',
  kind: 'nodegroup-update',
  title: 'app-a to 1.33',
  group: 'app-a',
  before: { version: '1.32', releaseVersion: '1.32.9-20260801' },
  after: { version: '1.33', releaseVersion: '1.33.5-20261101' },
  form: 'optimised',
  nodes: 3,
  nodeClass: 'AL2023_x86_64_STANDARD/m5',
  zones: ['eu-central-1a'],
  timeout: 90 * MINUTE,
  wayBack: { exists: 'yes', how: 'eks:UpdateNodegroupVersion' },
  forecast: { expected: 20 * MINUTE, back: 20 * MINUTE, exposed: { nodes: 3, pods: 9, minutes: 20 } },
}

export const BATCH: Batch = {
  id: 'wave/app/1',
  phase: 'wave',
  title: 'wave app',
  steps: [STEP],
  gates: [],
  soak: 0,
  approval: false,
}

/** Three untouched nodes of another group. */
export function untouched(over: Partial<NodeFacts> = {}): readonly NodeFacts[] {
  return [1, 2, 3].map((n) => aNode({ name: `old-${n}`, group: 'web', ...over }))
}

/** An input in which every gate about nodes passes. Subjects are in the picture as group `app-a`, controls as group `web`. */
export function anInput(over: Partial<GateInput<unknown>> = {}): GateInput<unknown> {
  const subjects = over.subjects ?? [aNode({ name: 'new-1' })]
  const controls = over.controls ?? untouched()
  const groups = [aGroup({ name: 'app-a', nodes: subjects }), aGroup({ name: 'web', nodes: controls })]
  const gone = aNode({ name: 'gone-1', uid: 'uid-gone-1', image: 'ami-old', kubeletMinor: '1.32' })
  return {
    options: {},
    batch: BATCH,
    seen: aSeen({ groups }),
    now: NOW,
    actedAt: NOW - 30 * MINUTE,
    settledAt: NOW - 20 * MINUTE,
    baseline: aBaseline([gone, ...controls]),
    probing: { run: 'run-1', epoch: 0, over: false, acted: true, probes: [] },
    ...over,
    subjects,
    controls,
  }
}

/** A gate that judges a picture. */
export function gate(kind: string): Required<Gate> {
  const found = GATES.find((candidate) => candidate.kind === kind)
  if (found?.judge === undefined) throw new Error(`no gate ${kind} that judges`)
  return found as Required<Gate>
}
