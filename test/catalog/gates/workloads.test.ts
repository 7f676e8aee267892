import { describe, expect, it } from 'vitest'
import type { GateInput } from '../../../src/catalog/gates/definition.ts'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { WorkloadFacts } from '../../../src/model/seen.ts'
import type { ServiceFacts } from '../../../src/model/service-facts.ts'
import type { Verdict } from '../../../src/model/verdict.ts'
import { anInput, gate, untouched } from '../../support/gate-input.ts'
import { aBaseline, aGroup, aNode, aSeen, aWorkload, NOW } from '../../support/seen-builder.ts'

const { judge } = gate('workloads')

const gone = aNode({ name: 'gone-1', uid: 'uid-gone-1' })
const web = aWorkload({ nodes: ['gone-1'] })
const elsewhere = aWorkload({ key: 'Deployment/pay/api', namespace: 'pay', nodes: ['old-1'] })
const SETTLED = NOW - 10 * MINUTE

interface Situation {
  readonly now: readonly WorkloadFacts[]
  readonly before?: readonly WorkloadFacts[]
  readonly over?: Partial<GateInput<unknown>>
}

/** The baseline has `web` on a node that is gone, and `api` on an untouched one. */
function situation({ now, before = [web, elsewhere], over = {} }: Situation): GateInput<unknown> {
  const groups = [aGroup({ nodes: [aNode({ name: 'new-1' })] }), aGroup({ name: 'web', nodes: untouched() })]
  const baseline = aBaseline([gone, ...untouched()], before)
  return anInput({ seen: aSeen({ groups, workloads: now }), baseline, settledAt: SETTLED, ...over })
}

const short = { ...web, available: 2 }
const crashing = { pod: 'web-1', node: 'new-1', restarts: 4, lastExit: 'Error (exit 1)', startedAt: NOW - MINUTE }

const rows: readonly (Situation & { title: string; verdict: Verdict; words: RegExp })[] = [
  { title: 'back as before', now: [web, elsewhere], verdict: 'pass', words: /1 workload of the replaced nodes is back/ },
  {
    title: 'short one second before the 10 minutes are over',
    now: [short, elsewhere],
    over: { settledAt: SETTLED + SECOND },
    verdict: 'pending',
    words: /Deployment\/shop\/web has 2 of 3 replicas available, before it had 3 of 3; it has until 10:00:01 UTC/,
  },
  {
    title: 'short after 10 minutes',
    now: [short, elsewhere],
    verdict: 'fail',
    words: /2 of 3 replicas .* not back after 10m; 1 untouched workload is healthy/,
  },
  {
    title: 'short, and EKS still replaces nodes',
    now: [short, elsewhere],
    over: { settledAt: undefined },
    verdict: 'pending',
    words: /EKS still replaces nodes/,
  },
  {
    title: 'fell short again a minute ago, long after it was back',
    now: [{ ...short, shortSince: NOW - MINUTE }, elsewhere],
    over: { settledAt: NOW - 60 * MINUTE },
    verdict: 'pending',
    words: /it has until 10:09:00 UTC/,
  },
  {
    title: 'short before the batch and no worse now',
    now: [short, elsewhere],
    before: [short, elsewhere],
    verdict: 'pass',
    words: /is back/,
  },
  {
    title: 'workloads elsewhere are short too',
    now: [short, { ...elsewhere, available: 1 }],
    verdict: 'unknown',
    words: /but so does Deployment\/pay\/api/,
  },
  {
    title: 'short, as pods find no node',
    now: [{ ...short, pending: { pods: 1, because: '0/4 nodes are available: 4 Insufficient cpu.' } }, elsewhere],
    verdict: 'fail',
    words:
      /2 of 3 replicas available, before it had 3 of 3; 1 pod without a node \(0\/4 nodes are available: 4 Insufficient cpu\.\), and is not back/,
  },
  {
    title: 'back, and a pod on a new node restarts again and again',
    now: [{ ...web, restarts: 4, restarting: [crashing] }, elsewhere],
    verdict: 'fail',
    words: /restarts again and again on new-1: web-1 4 times, last Error \(exit 1\); before the batch its pods had 0 restarts; 1 untouched/,
  },
  {
    title: 'the same one second before the 10 minutes are over',
    now: [{ ...web, restarts: 4, restarting: [crashing] }, elsewhere],
    over: { settledAt: SETTLED + SECOND },
    verdict: 'pending',
    words: /restarts again and again on new-1.*it has until 10:00:01 UTC/,
  },
  {
    title: 'it restarted while it came up, and has been steady for five minutes',
    now: [{ ...web, restarts: 4, restarting: [{ ...crashing, startedAt: NOW - 5 * MINUTE }] }, elsewhere],
    verdict: 'pass',
    words: /is back/,
  },
  {
    title: 'it restarted like this before',
    now: [{ ...web, restarts: 4, restarting: [crashing] }, elsewhere],
    before: [{ ...web, restarts: 90 }, elsewhere],
    verdict: 'pass',
    words: /is back/,
  },
  {
    title: 'it restarts on an untouched node',
    now: [{ ...web, restarts: 4, restarting: [{ ...crashing, node: 'old-1' }] }, elsewhere],
    verdict: 'pass',
    words: /is back/,
  },
  {
    title: 'workloads elsewhere restart too',
    now: [
      { ...web, restarts: 4, restarting: [crashing] },
      { ...elsewhere, restarts: 3 },
    ],
    verdict: 'unknown',
    words: /but so does Deployment\/pay\/api/,
  },
  {
    title: 'changed by others meanwhile',
    now: [{ ...short, generation: 2 }, elsewhere],
    verdict: 'unknown',
    words: /no workload that can be judged/,
  },
  {
    title: 'nothing ran on the replaced nodes, so nothing is missing',
    now: [elsewhere],
    before: [elsewhere],
    verdict: 'pass',
    words: /no workload .* had a pod on the/,
  },
  {
    title: 'the group had no nodes before',
    now: [web],
    over: { baseline: aBaseline([], [web]) },
    verdict: 'pass',
    words: /the group had no nodes before/,
  },
  {
    title: 'no node was replaced',
    now: [web],
    over: { baseline: aBaseline([aNode({ name: 'new-1' })], [web]) },
    verdict: 'unknown',
    words: /no node of wave app was replaced/,
  },
  {
    title: 'its namespace is left out by the plan',
    now: [short, elsewhere],
    over: { options: { ignoreNamespaces: ['shop'] } },
    verdict: 'pass',
    words: /no workload that the plan asks about/,
  },
]

describe('workloads', () => {
  it.each(rows)('$title: $verdict', (row) => {
    const judgement = judge(situation(row))
    expect(judgement.reason).toMatch(row.words)
    expect(judgement.verdict).toBe(row.verdict)
  })

  it('lists what others changed or deleted, and what the plan leaves out', () => {
    const before = [
      web,
      { ...web, key: 'Deployment/shop/old' },
      { ...web, key: 'Deployment/ci/runner', namespace: 'ci' },
      { ...web, key: 'StatefulSet/shop/db' },
    ]
    const now = [
      { ...web, generation: 7 },
      { ...web, key: 'Deployment/ci/runner', namespace: 'ci' },
      { ...web, key: 'StatefulSet/shop/db' },
    ]
    const judgement = judge(situation({ now, before, over: { options: { ignoreNamespaces: ['ci'] } } }))
    expect(judgement.verdict).toBe('pass')
    expect(judgement.notApplicable).toEqual([
      { subject: 'Deployment/shop/web', says: 'was changed by others meanwhile' },
      { subject: 'Deployment/shop/old', says: 'was deleted meanwhile' },
      { subject: 'Deployment/ci/runner', says: 'the plan leaves out namespace ci' },
    ])
  })

  it.each(['deployments', 'statefulsets', 'replicasets', 'pods', 'nodes'])('is unknown while %s cannot be read', (plural) => {
    const unavailable = [{ source: `kubernetes:${plural}`, reason: 'HTTP 503', since: NOW }]
    expect(judge(situation({ now: [web], over: { seen: aSeen({ workloads: [web], unavailable }) } })).verdict).toBe('unknown')
  })
})

const leader: ServiceFacts = { key: 'shop/leader', ready: 1, nodes: ['gone-1'], workloads: ['Deployment/shop/web'] }
const front: ServiceFacts = { key: 'pay/api', ready: 2, nodes: ['old-1'], workloads: ['Deployment/pay/api'] }
const empty = { ...leader, ready: 0, nodes: [] }
const lost = { ...leader, ready: 2, nodes: ['new-1'], unlisted: [{ pod: 'web-3', readySince: NOW - 3 * MINUTE }] }

interface ServiceRow {
  readonly title: string
  readonly services: readonly ServiceFacts[]
  readonly before?: NonNullable<GateInput<unknown>['baseline']['services']>
  readonly workloads?: readonly WorkloadFacts[]
  readonly settledAt?: number | null
  readonly options?: object
  readonly verdict: Verdict
  readonly words: RegExp
}

const served = (...services: readonly ServiceFacts[]) => Object.fromEntries(services.map(({ key, unlisted, ...facts }) => [key, facts]))

/** All workloads are back: only what their Services say differs. */
const serviceRows: readonly ServiceRow[] = [
  {
    title: 'it has an endpoint again',
    services: [{ ...leader, nodes: ['new-1'] }, front],
    verdict: 'pass',
    words: /1 Service of theirs has ready endpoints$/,
  },
  {
    title: 'none one second before the 10 minutes are over, though all pods are available',
    services: [empty, front],
    settledAt: SETTLED + SECOND,
    verdict: 'pending',
    words: /^Service\/shop\/leader has 0 ready endpoints, before it had 1; it has until 10:00:01 UTC/,
  },
  {
    title: 'none after 10 minutes',
    services: [empty, front],
    verdict: 'fail',
    words: /^Service\/shop\/leader has 0 ready endpoints, before it had 1, and is not back after 10m; 1 untouched Service is healthy/,
  },
  {
    title: 'none, and EKS still replaces nodes',
    services: [empty, front],
    settledAt: null,
    verdict: 'pending',
    words: /EKS still replaces nodes/,
  },
  {
    title: 'it lost the last one a minute ago, long after it was back',
    services: [{ ...empty, changedAt: NOW - MINUTE }, front],
    verdict: 'pending',
    words: /it has until 10:09:00 UTC/,
  },
  {
    title: 'Services elsewhere have none either',
    services: [empty, { ...front, ready: 0 }],
    verdict: 'unknown',
    words: /but so does Service\/pay\/api/,
  },
  {
    title: 'it was on an untouched node',
    services: [{ ...empty }, front],
    before: served({ ...leader, nodes: ['old-1'] }, front),
    verdict: 'pass',
    words: /is back$/,
  },
  { title: 'it was deleted by somebody', services: [front], verdict: 'pass', words: /is back$/ },
  {
    title: 'its workload was scaled to nothing by somebody',
    services: [empty, front],
    workloads: [{ ...web, generation: 2, desired: 0, available: 0 }, elsewhere],
    verdict: 'unknown',
    words: /no workload that can be judged/,
  },
  {
    title: 'a DaemonSet behind it, which is no workload of this gate',
    services: [{ ...empty, workloads: [] }, front],
    before: served({ ...leader, workloads: ['DaemonSet/shop/agent'] }, front),
    verdict: 'fail',
    words: /0 ready endpoints/,
  },
  {
    title: 'its namespace is left out by the plan',
    services: [empty, front],
    options: { ignoreNamespaces: ['shop'] },
    verdict: 'pass',
    words: /no workload that the plan asks about/,
  },
  {
    title: 'a pod is Ready for 3 minutes and no endpoint: named',
    services: [lost, front],
    verdict: 'pass',
    words:
      /has ready endpoints; Service\/shop\/leader has 2 ready endpoints, before it had 1; Ready for more than 2m and no endpoint of it: web-3$/,
  },
  {
    title: 'the same for 2 minutes only',
    services: [{ ...lost, unlisted: [{ pod: 'web-3', readySince: NOW - 2 * MINUTE }] }, front],
    verdict: 'pass',
    words: /has ready endpoints$/,
  },
  {
    title: 'it left pods out before: it selects some of them only',
    services: [lost, front],
    before: { ...served(leader, front), [leader.key]: { ...leader, unlisted: 2 } },
    verdict: 'pass',
    words: /has ready endpoints$/,
  },
]

describe('Services of the replaced nodes', () => {
  it.each(serviceRows)(
    '$title: $verdict',
    ({ services, before = served(leader, front), workloads = [web, elsewhere], settledAt = SETTLED, options = {}, ...row }) => {
      const base = situation({ now: workloads })
      const seen = { ...base.seen, services }
      const judgement = judge({
        ...base,
        seen,
        options,
        settledAt: settledAt ?? undefined,
        baseline: { ...base.baseline, services: before },
      })
      expect(judgement.reason).toMatch(row.words)
      expect(judgement.verdict).toBe(row.verdict)
    },
  )

  it('are unknown while EndpointSlices cannot be read, with the command that prints the rights; what workloads tell still counts', () => {
    const unavailable = [{ source: 'kubernetes:endpointslices', reason: 'HTTP 403', since: NOW }]
    const judged = (now: readonly WorkloadFacts[]) => {
      const base = situation({ now })
      return judge({ ...base, seen: { ...base.seen, unavailable } })
    }
    expect(judged([web, elsewhere])).toMatchObject({
      verdict: 'unknown',
      reason: expect.stringContaining('`serin permissions --only rbac`'),
    })
    expect(judged([short, elsewhere])).toMatchObject({ verdict: 'fail', reason: expect.stringContaining('2 of 3 replicas') })
  })
})
