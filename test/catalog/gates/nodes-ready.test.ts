import { describe, expect, it } from 'vitest'
import type { GateInput } from '../../../src/catalog/gates/definition.ts'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { NodeFacts, UnjoinedInstance } from '../../../src/model/seen.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { anInput, BATCH, gate, STEP, untouched } from '../../support/gate-input.ts'
import { aBaseline, aGroup, aNode, aSeen, NOW } from '../../support/seen-builder.ts'

const { judge } = gate('nodes-ready')
const notReady = { ready: 'False', notReadyBecause: 'cni plugin not initialized' } as const

interface Row {
  readonly title: string
  readonly node: Partial<NodeFacts>
  readonly verdict: Verdict
  readonly words: RegExp
}

const rows: readonly Row[] = [
  { title: 'Ready for an hour', node: {}, verdict: 'pass', words: /1 node with the target have been Ready for 1m/ },
  { title: 'Ready for exactly 60 s', node: { readySince: NOW - 60 * SECOND }, verdict: 'pass', words: /Ready for 1m/ },
  { title: 'Ready for 59 s', node: { readySince: NOW - 59 * SECOND }, verdict: 'pending', words: /stay so for 1m, until 10:00:01 UTC/ },
  { title: 'Ready without a time', node: { readySince: undefined }, verdict: 'unknown', words: /does not say since when/ },
  {
    title: 'not Ready one second before the 15 minutes are over',
    node: { ...notReady, createdAt: NOW - 15 * MINUTE + SECOND, readySince: NOW - 20 * MINUTE },
    verdict: 'pending',
    words: /not Ready yet \(cni plugin not initialized\); it has until 10:00:01 UTC/,
  },
  {
    title: 'not Ready after 15 minutes',
    node: { ...notReady, createdAt: NOW - 15 * MINUTE, readySince: NOW - 15 * MINUTE },
    verdict: 'fail',
    words: /Node new-1 is not Ready after 15m \(cni plugin not initialized\); 3 untouched nodes are healthy/,
  },
  { title: 'Ready lost once, and back', node: { readyLost: 1 }, verdict: 'pass', words: /Ready/ },
  {
    title: 'Ready lost twice, although it is Ready now',
    node: { readyLost: 2 },
    verdict: 'fail',
    words: /has lost Ready 2 times since 09:00 UTC/,
  },
  { title: 'Ready=Unknown', node: { ready: 'Unknown' }, verdict: 'unknown', words: /Ready=Unknown.*kubelet does not report/ },
  {
    title: 'the old minor although EKS is done',
    node: { kubeletMinor: '1.32' },
    verdict: 'unknown',
    words: /runs kubelet 1.32, the target is 1.33/,
  },
  { title: 'a kubelet that does not tell its version', node: { kubeletMinor: undefined }, verdict: 'unknown', words: /unknown version/ },
  { title: 'on its way out', node: { deleting: true }, verdict: 'unknown', words: /no new node/ },
]

describe('nodes-ready', () => {
  it.each(rows)('$title: $verdict', ({ node, verdict, words }) => {
    const judgement = judge(anInput({ subjects: [aNode({ name: 'new-1', ...node })] }))
    expect(judgement.reason).toMatch(words)
    expect(judgement.verdict).toBe(verdict)
  })

  it.each([
    { title: 'an old node', node: { kubeletMinor: '1.32' }, verdict: 'pending' },
    { title: 'a good node', node: {}, verdict: 'pending' },
    { title: 'a node that lost Ready twice', node: { readyLost: 2 }, verdict: 'fail' },
  ])('says of $title while EKS still works: $verdict', ({ node, verdict }) => {
    expect(judge(anInput({ settledAt: undefined, subjects: [aNode(node)] })).verdict).toBe(verdict)
  })

  it('waits while EKS has not launched any node', () => {
    expect(judge(anInput({ settledAt: undefined, subjects: [] }))).toMatchObject({
      verdict: 'pending',
      reason: expect.stringContaining('EKS still works'),
    })
  })

  it.each([
    {
      title: 'template',
      after: { launchTemplate: { id: 'lt-1', version: '7' } },
      node: { templateVersion: '6' },
      words: /template version 6, the target is 7/,
    },
    { title: 'custom image', after: { imageId: 'ami-2' }, node: { image: 'ami-1' }, words: /image ami-1, the target is ami-2/ },
  ])('knows nodes of another $title', ({ after, node, words }) => {
    const batch = { ...BATCH, steps: [{ ...STEP, after }] }
    const judgement = judge(anInput({ batch, subjects: [aNode(node)] }))
    expect(judgement).toMatchObject({ verdict: 'unknown', reason: expect.stringMatching(words) })
  })

  it('takes untouched nodes that stopped reporting for trouble that all have', () => {
    const controls = untouched({ ready: 'Unknown' })
    const judgement = judge(anInput({ subjects: [aNode({ readyLost: 2 })], controls, baseline: aBaseline(untouched()) }))
    expect(judgement).toMatchObject({ verdict: 'unknown', reason: expect.stringContaining('but so do old-1') })
  })
})

describe('nodes-ready over zones', () => {
  const inZone = (name: string, zone: string) => aNode({ name, uid: `${name}-${zone}`, zone })
  const before = aBaseline([inZone('gone-1', 'a'), inZone('gone-2', 'b'), ...untouched()])

  const zones: readonly { title: string; over: Partial<GateInput<unknown>>; verdict: Verdict; words: RegExp }[] = [
    { title: 'each zone has one', over: { subjects: [inZone('n1', 'a'), inZone('n2', 'b')] }, verdict: 'pass', words: /2 nodes/ },
    {
      title: 'a zone lacks one',
      over: { subjects: [inZone('n1', 'a'), inZone('n2', 'a')], settledAt: NOW - MINUTE },
      verdict: 'pending',
      words: /no new node in b, which had one/,
    },
    {
      title: 'a zone lacks one 15 minutes after EKS was done',
      over: { subjects: [inZone('n1', 'a'), inZone('n2', 'a')], settledAt: NOW - 15 * MINUTE },
      verdict: 'unknown',
      words: /Group app-a has no new node in b/,
    },
    { title: 'the group has become smaller than its zones', over: { subjects: [inZone('n1', 'a')] }, verdict: 'pass', words: /1 node/ },
    {
      title: 'a group with fewer nodes than zones is spread as before, over other zones',
      over: {
        subjects: [inZone('n1', 'b'), inZone('n2', 'c')],
        batch: { ...BATCH, steps: [{ ...STEP, zones: ['a', 'b', 'c'] }] },
        settledAt: NOW - MINUTE,
      },
      verdict: 'pass',
      words: /2 nodes/,
    },
    { title: 'the group has no node any more', over: { subjects: [] }, verdict: 'unknown', words: /app-a has no/ },
  ]

  it.each(zones)('$title: $verdict', ({ over, verdict, words }) => {
    const judgement = judge(anInput({ baseline: before, ...over }))
    expect(judgement.reason).toMatch(words)
    expect(judgement.verdict).toBe(verdict)
  })
})

describe('nodes-ready and instances that never join', () => {
  function withInstance(instance: UnjoinedInstance): GateInput<unknown> {
    const sizes = { min: 0, max: 5, desired: 3 }
    const group = aGroup({ autoScaling: { name: 'asg', sizes, launchFailures: [], unjoined: [instance] } })
    return anInput({ seen: aSeen({ groups: [group] }), settledAt: undefined, subjects: [] })
  }

  it.each([
    { title: 'launched 15 minutes ago', launchedAt: NOW - 15 * MINUTE, verdict: 'fail' },
    { title: 'launched a second less ago', launchedAt: NOW - 15 * MINUTE + SECOND, verdict: 'pending' },
    { title: 'launched before the batch', launchedAt: NOW - 31 * MINUTE, verdict: 'pending' },
  ])('$title: $verdict', ({ launchedAt, verdict }) => {
    const judgement = judge(withInstance({ instanceId: 'i-0abc', launchedAt }))
    expect(judgement.verdict).toBe(verdict)
  })

  it('says which instance', () => {
    const { reason } = judge(withInstance({ instanceId: 'i-0abc', launchedAt: NOW - 20 * MINUTE }))
    expect(reason).toContain('Instance i-0abc was launched at 09:40 UTC for app-a and has not joined the cluster')
  })
})
