import { describe, expect, it } from 'vitest'
import type { Finding, PreflightResult } from '../../src/model/finding.ts'
import { changedSince } from '../../src/preflight/since.ts'

const waiver = { code: 'A', subject: 'Node/a', owner: 'lena', reason: 'known', expires: '2027-01-31', verdict: 'block' } as const
const finding = (verdict: Finding['verdict'], over: Partial<Finding> = {}): Finding => ({
  code: 'A',
  subject: 'Node/a',
  message: 'said',
  verdict,
  ...over,
})
const resultOf = (...findings: readonly Finding[]): PreflightResult => ({
  evaluatedAt: '2026-11-23T10:00:00Z',
  findings,
  verdict: 'blocked',
})

describe('what changed since an earlier result', () => {
  it.each<{ title: string; earlier: readonly Finding[]; now: readonly Finding[]; told: number; same: number; gone: number }>([
    { title: 'a new finding', earlier: [], now: [finding('block')], told: 1, same: 0, gone: 0 },
    { title: 'one that is as it was', earlier: [finding('block')], now: [finding('block')], told: 0, same: 1, gone: 0 },
    { title: 'other words', earlier: [finding('warn')], now: [finding('warn', { message: '9h ago' })], told: 0, same: 1, gone: 0 },
    { title: 'another verdict', earlier: [finding('warn')], now: [finding('block')], told: 1, same: 0, gone: 0 },
    { title: 'waived meanwhile', earlier: [finding('block')], now: [finding('block', { waivedBy: waiver })], told: 1, same: 0, gone: 0 },
    { title: 'another subject', earlier: [finding('warn')], now: [finding('warn', { subject: 'Node/b' })], told: 1, same: 0, gone: 1 },
    { title: 'a pass that is not said any more', earlier: [finding('pass')], now: [], told: 0, same: 0, gone: 0 },
  ])('$title', ({ earlier, now, told, same, gone }) => {
    const changed = changedSince(resultOf(...now), resultOf(...earlier))
    expect(changed.findings).toHaveLength(told)
    expect(changed.since).toMatchObject({ same, evaluatedAt: '2026-11-23T10:00:00Z' })
    expect(changed.since?.gone).toHaveLength(gone)
    expect(changed.verdict).toBe('blocked')
  })
})
