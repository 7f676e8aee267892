import { expect, it } from 'vitest'
import type { Failure } from '../../src/model/failure.ts'
import { MINUTE } from '../../src/model/instant.ts'
import type { Batch } from '../../src/model/itinerary.ts'
import { cureBatches } from '../../src/rollout/cure/batches.ts'
import { DEFAULT_POLICY } from '../../src/rollout/cure/choose.ts'
import { decide } from '../../src/rollout/decide.ts'
import { aTale, type Tale } from '../support/tale.ts'

/** A batch failed, and a node is being rotated to cure it. */
function curing(tale: Tale, cause: Failure['cause']): { readonly cure: Batch; readonly group: string; readonly node: string } {
  const [batch] = tale.itinerary.batches
  const [group = ''] = Object.keys(tale.seen.groups)
  const node = tale.seen.groups[group]?.nodes[0]
  if (batch === undefined || node === undefined) throw new Error('an empty tale')
  const { name, instanceId = '' } = node
  const rotation = { node: name, instanceId, group, autoScalingGroup: `eks-${group}`, nodes: 1, code: 'F06', because: '' }
  const chosen = { rotations: [rotation], pods: [], leftovers: { groups: [], nodes: [] }, left: [], first: [] }
  const cures = cureBatches(chosen, DEFAULT_POLICY, [], `cure/${batch.id}/1`, batch.phase)
  const [cure] = cures
  if (cure === undefined) throw new Error('no cure')
  const baseline = { takenAt: 0, nodes: {}, workloads: {} }
  const failure: Failure = { cause, at: batch.id, message: 'aws-node hangs on one node.', evidence: [], nodes: [name], diagnosis: [] }
  tale.happens(
    { type: 'batch-started', batch: batch.id, baseline },
    { type: 'batch-failed', batch: batch.id, failure },
    { type: 'cure-started', batch: batch.id, batches: cures },
    { type: 'batch-started', batch: cure.id, baseline },
  )
  return { cure, group, node: name }
}

it.each([
  { title: 'holds', cause: 'evidence-missing', ends: 'hold-entered' },
  { title: 'goes back', cause: 'addon-fails', ends: 'rollback-started' },
] as const)('a rotation that a budget blocks leaves no node out of service before the run $title', ({ cause, ends }) => {
  const tale = aTale()
  const { cure, group, node } = curing(tale, cause)
  const says = 'shop/web-1: PodDisruptionBudget shop/web allows no disruption'
  const failure: Failure = { cause: 'eviction-blocked', at: cure.id, message: says, evidence: [], nodes: [node] }
  tale.happens({ type: 'step-failed', step: cure.steps[0]?.id ?? '', failure })
  const serves = (yes: boolean) =>
    tale.group(group, ({ nodes }) => ({ nodes: nodes.map((each) => (each.name === node ? { ...each, cordoned: !yes } : each)) }))
  serves(false)

  const decision = tale.decide()
  expect(decision).toMatchObject({ kind: 'perform', commands: [{ action: { kind: 'uncordon', node } }] })
  tale.answer(decision, { kind: 'accepted' })
  serves(true)
  tale.decide()
  const [ending] = tale.events.filter(({ type }) => type === 'hold-entered' || type === 'rollback-started')
  expect(ending?.type).toBe(ends)
  if (ends !== 'hold-entered') return
  expect(ending).toMatchObject({ cause, because: expect.stringContaining('aws-node hangs on one node. The cure was tried and failed too') })
  expect(ending).toMatchObject({ because: expect.stringContaining(says), resumeWith: expect.stringContaining('budgets') })
})

it('a rotation that may never begin is given up at its time-out, counted anew after a hold', () => {
  const tale = aTale()
  const { cure, group } = curing(tale, 'evidence-missing')
  tale.world(({ groups: { [group]: _unread, ...groups } }) => ({ groups }))
  const minutes = (cure.steps[0]?.timeout ?? 0) / MINUTE
  tale.passes(minutes - 1)
  expect(tale.decide()).toMatchObject({ kind: 'wait' })
  tale.passes(2)
  expect(tale.decide()).toMatchObject({ kind: 'hold', because: expect.stringContaining(`${group} has not been read yet`) })

  tale.happens({ type: 'hold-left', by: 'lena', door: 'resume', reason: '' })
  tale.passes(minutes - 1)
  expect(tale.decide().kind).toBe('wait')
})

it('a run that only cures stops at the first new node that fails too, says so, and touches no other', () => {
  const tale = aTale()
  const rotation = { node: 'n1', instanceId: 'i-1', group: 'app-a', autoScalingGroup: 'eks-app-a', nodes: 99, code: 'F06', because: '' }
  const rotations = [rotation, { ...rotation, node: 'n2', instanceId: 'i-2' }]
  const batches = cureBatches({ rotations, pods: [], leftovers: { groups: [], nodes: [] }, left: [], first: [] }, DEFAULT_POLICY, [])
  const itinerary = { ...tale.itinerary, batches, rollback: { ...tale.itinerary.rollback, waves: 'hold' as const } }
  const failure: Failure = {
    cause: 'networking-fails',
    at: 'cure/node/1',
    message: 'ipam: n3 hangs',
    evidence: [],
    nodes: ['n3'],
    diagnosis: [],
  }
  tale.happens(
    { type: 'batch-started', batch: 'cure/node/1', baseline: { takenAt: 0, nodes: {}, workloads: {} } },
    { type: 'batch-failed', batch: 'cure/node/1', failure },
  )
  expect(decide({ itinerary, state: tale.state, seen: tale.seen, now: tale.now, requests: [] })).toMatchObject({
    kind: 'record',
    events: [
      {
        type: 'hold-entered',
        because: 'node 1/2: the new node fails too, so no further one is replaced. ipam: n3 hangs',
        resumeWith: expect.stringMatching(/serin diagnose PLAN.*serin resume.*serin abandon/),
      },
    ],
  })
})
