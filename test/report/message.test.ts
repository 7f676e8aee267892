import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/event.ts'
import { MESSAGES, messageOf } from '../../src/report/message.ts'
import { batches, hop, ipamHang, opened, passing, START } from '../support/run-builder.ts'

const failure = ipamHang
const command = {
  id: 'c-1',
  step: hop.id,
  action: { kind: 'update-addon', addon: 'vpc-cni', spec: hop.after, resolveConflicts: 'PRESERVE' },
} as const

/** One event of each type: the compiler refuses this table when a type is missing. */
const ONE_OF_EACH: { readonly [T in RunEvent['type']]: Extract<RunEvent, { type: T }> } = {
  'run-opened': opened as Extract<RunEvent, { type: 'run-opened' }>,
  'run-resumed': { type: 'run-resumed', by: 'lena' },
  'lease-taken': { type: 'lease-taken', identity: 'lena@here/1', transitions: 3 },
  'preflight-evaluated': {
    type: 'preflight-evaluated',
    verdict: 'blocked',
    stopping: [{ code: 'A', subject: 'B/c', message: 'm' }],
    warnings: 2,
  },
  'approval-requested': { type: 'approval-requested', batch: 'wave/app/1', role: 'release' },
  'approval-given': { type: 'approval-given', batch: 'wave/app/1', by: 'mia', request: 'q-1' },
  'batch-started': { type: 'batch-started', batch: 'canary/1', baseline: { takenAt: START, nodes: {}, workloads: {} } },
  'command-intended': { type: 'command-intended', command },
  'command-answered': { type: 'command-answered', command: 'c-1', result: { kind: 'deferred', code: 'ResourceInUse', message: 'busy.' } },
  'step-done': { type: 'step-done', step: hop.id },
  'way-back-until': { type: 'way-back-until', step: 'control-plane/update', until: START },
  'node-skipped': { type: 'node-skipped', step: hop.id, node: 'ip-10-0-1-2', because: 'its budget allows nothing' },
  'step-failed': { type: 'step-failed', step: hop.id, failure },
  'gate-judged': { type: 'gate-judged', batch: 'canary/1', gate: 'ipam', judgement: { verdict: 'fail', reason: 'no.', evidence: [] } },
  'soak-clock': { type: 'soak-clock', batch: 'canary/1', running: true, passed: 60_000 },
  'probe-reported': {
    type: 'probe-reported',
    batch: 'canary/1',
    probe: 'serin-probe-0',
    report: { kind: 'no-address', says: 'it got no address.', at: START },
  },
  'batch-passed': { type: 'batch-passed', batch: 'canary/1' },
  'batch-failed': { type: 'batch-failed', batch: 'canary/1', failure },
  'hold-entered': { type: 'hold-entered', because: 'a budget allows none', resumeWith: '`serin resume`', cause: 'eviction-blocked' },
  'hold-left': { type: 'hold-left', by: 'lena', door: 'resume', reason: 'budget raised' },
  'accepted-by-hand': { type: 'accepted-by-hand', at: 'canary/1', by: 'lena', reason: 'repaired' },
  'request-taken': { type: 'request-taken', request: 'q-1', kind: 'hold', by: 'mia' },
  'cure-started': { type: 'cure-started', batch: 'canary/1', batches: [] },
  diagnosed: { type: 'diagnosed', batch: 'canary/1', causes: [] },
  'notification-failed': { type: 'notification-failed', on: 'held', reason: 'env:HOOK is not set' },
  'waiting-began': { type: 'waiting-began', on: 'throttling', because: 'the API throttles' },
  'waiting-ended': { type: 'waiting-ended', on: 'throttling' },
  'rollback-started': { type: 'rollback-started', failure, scope: 'everything', batches: [], notBefore: START },
  'run-finished': {
    type: 'run-finished',
    outcome: { exit: 'ok', summary: 'All done', changed: [], takenBack: [], untouched: [], byHand: [] },
  },
}

describe('the message registry', () => {
  it.each(Object.values(ONE_OF_EACH))('says $type as one plain sentence', (event) => {
    const { text, code } = messageOf(event)
    expect(code).toBe(event.type.toUpperCase().replaceAll('-', '_'))
    expect(text).toMatch(/[.:`)]$/)
    expect(text).not.toMatch(/undefined|\[object|\n|\.\.$/)
  })

  it('has a row for each type of event, and codes of their own', () => {
    expect(Object.keys(MESSAGES).sort()).toEqual(Object.keys(ONE_OF_EACH).sort())
    expect(new Set(Object.values(MESSAGES).map((row) => row.code)).size).toBe(Object.keys(MESSAGES).length)
  })

  it('names the hanging nodes of a failure', () => {
    expect(messageOf(ONE_OF_EACH['batch-failed']).text).toContain('ip-10-0-1-7.ec2.internal')
  })

  it('is calm about what goes well', () => {
    const levels = batches.flatMap(passing).map((event) => messageOf(event).level)
    expect(new Set(levels)).toEqual(new Set(['info']))
  })
})
