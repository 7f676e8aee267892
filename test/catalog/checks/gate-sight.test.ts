import { gateAccess } from '../../../src/catalog/checks/gate-access.ts'
import { gateAlarms } from '../../../src/catalog/checks/gate-alarms.ts'
import { gateEndpoints } from '../../../src/catalog/checks/gate-endpoints.ts'
import type { Alarm } from '../../../src/model/alarm.ts'
import type { Answer } from '../../../src/model/outside.ts'
import type { UpgradePlan } from '../../../src/model/plan.ts'
import type { AccessReview } from '../../../src/model/snapshot.ts'
import { checkTable } from '../../support/check-table.ts'
import { changeAccess } from '../../support/principals.ts'
import { changeAws, healthyPlan, type SnapshotChange } from '../../support/snapshot-builder.ts'

/** What the gates of a plan will look at is looked at before the run: the snapshot was taken at 10:00. */

type Gate = UpgradePlan['waves'][number]['gates'][number]

const gated = (kind: string, options: Gate['options'] = {}): Partial<UpgradePlan> => {
  const { canary, waves, target } = healthyPlan()
  const without = { addons: target.addons.map((addon) => ({ ...addon, gates: [] })) }
  return {
    canary: canary && { ...canary, gates: [{ kind, options }] },
    waves: waves.map((wave) => ({ ...wave, gates: [] })),
    target: { ...target, ...without },
  }
}

const reviewed =
  (...more: readonly Partial<AccessReview>[]): SnapshotChange =>
  (snapshot) => ({
    ...snapshot,
    kubernetes: {
      ...snapshot.kubernetes,
      accessReviews: [
        ...(snapshot.kubernetes.accessReviews ?? []),
        ...more.map((each) => ({ verb: 'create', group: 'batch', resource: 'jobs', allowed: true, ...each })),
      ],
    },
  })
const unasked: SnapshotChange = (snapshot) => ({
  ...snapshot,
  kubernetes: {
    ...snapshot.kubernetes,
    accessReviews: snapshot.kubernetes.accessReviews?.filter(({ resource }) => resource !== 'endpointslices'),
  },
})
const denied = (resource: string, verb: string) => changeAccess(verb, resource, { allowed: false, reason: 'no binding' })
const proof = gated('network-proof', { namespace: 'probes', image: 'busybox:1.36' })
const logs = { ...gated('aws-node'), diagnosis: { nodeLogs: { namespace: 'probes', image: 'busybox:1.36', maxNodes: 2 } } }

checkTable(gateAccess, [
  {
    title: 'EndpointSlices may not be watched, which workloads looks at',
    plan: gated('workloads'),
    snapshot: [denied('endpointslices', 'watch')],
    verdict: 'block',
    words: ['watch endpointslices.discovery.k8s.io, which the gate workloads needs', 'no binding'],
    remedy: 'kubectl auth can-i watch endpointslices.discovery.k8s.io',
  },
  { title: 'no gate looks at EndpointSlices', plan: gated('aws-node'), snapshot: [denied('endpointslices', 'watch')], verdict: 'pass' },
  {
    title: 'pods may not be watched, which every gate looks at',
    plan: gated('aws-node'),
    snapshot: [denied('pods', 'watch')],
    verdict: 'block',
    words: ['watch pods, which every gate needs'],
  },
  {
    title: 'ipamd may not be asked for its counters',
    plan: gated('ipamd-metrics', { unreachable: 'unknown' }),
    snapshot: [changeAccess('get', 'pods', { allowed: false })],
    verdict: 'block',
    words: ['get pods/proxy in kube-system, which the gate ipamd-metrics needs'],
    remedy: 'kubectl auth can-i get pods --subresource=proxy -n kube-system',
  },
  {
    title: 'ipamd may not be asked, which the plan lets be',
    plan: gated('ipamd-metrics', { unreachable: 'pass' }),
    snapshot: [changeAccess('get', 'pods', { allowed: false })],
    verdict: 'pass',
  },
  {
    title: 'probes may be made and not removed',
    plan: proof,
    snapshot: [reviewed({ namespace: 'probes' }, { namespace: 'probes', verb: 'delete', allowed: false })],
    verdict: 'block',
    words: ['delete jobs.batch in probes, which the gate network-proof needs'],
  },
  {
    title: 'probes may come and go',
    plan: proof,
    snapshot: [reviewed({ namespace: 'probes' }, { namespace: 'probes', verb: 'delete' })],
    verdict: 'pass',
    words: ['create jobs.batch in probes, delete jobs.batch in probes'],
  },
  {
    title: 'probes of a snapshot without the plan',
    plan: proof,
    verdict: 'unknown',
    findings: 2,
    words: ['was not asked'],
    remedy: 'serin snapshot PLAN',
  },
  {
    title: 'a log may not be read, without which a run goes its way',
    plan: logs,
    snapshot: [
      reviewed(
        { namespace: 'probes', allowed: false },
        { namespace: 'probes', verb: 'delete' },
        { namespace: 'probes', group: '', resource: 'pods' },
      ),
    ],
    verdict: 'warn',
    words: ['create jobs.batch in probes, which `diagnosis.nodeLogs` needs'],
  },
  {
    title: 'the snapshot is of an older Serin',
    plan: gated('workloads'),
    snapshot: [unasked],
    verdict: 'unknown',
    findings: 2,
    words: ['was not asked'],
  },
])

const named = gated('cloudwatch-alarm', { alarms: ['errors'], noData: 'unknown', dryRun: false })
const measured = gated('cloudwatch-alarm', { alarms: ['errors'], noData: 'unknown', dryRun: true })
const alarm = (over: Alarm = {}): SnapshotChange =>
  changeAws({ alarms: [{ AlarmName: 'errors', StateValue: 'OK', StateUpdatedTimestamp: '2026-11-20T10:00:00Z', ...over }] })
const errors = { subject: 'Alarm/errors' }
const gap =
  (source: string, message: string): SnapshotChange =>
  (snapshot) => ({ ...snapshot, unavailable: [...(snapshot.unavailable ?? []), { source, reason: 'AccessDenied', message }] })

checkTable(gateAlarms, [
  { title: 'it is OK', plan: named, snapshot: [alarm()], verdict: 'pass', words: ['errors: OK'] },
  {
    title: 'it is not there, or in another Region',
    plan: named,
    snapshot: [alarm({ AlarmName: 'erors' })],
    ...errors,
    verdict: 'block',
    words: ['no alarm `errors` in eu-central-1 of account'],
    remedy: 'describe-alarms',
  },
  { title: 'it is not there, and only measured', plan: measured, snapshot: [alarm({ AlarmName: 'erors' })], ...errors, verdict: 'warn' },
  {
    title: 'it has had no data for days',
    plan: named,
    snapshot: [alarm({ StateValue: 'INSUFFICIENT_DATA', StateReason: 'Unchecked' })],
    ...errors,
    verdict: 'warn',
    words: ['no data for 3d', 'Unchecked'],
    remedy: 'notBreaching',
  },
  {
    title: 'it was made five minutes ago',
    plan: named,
    snapshot: [alarm({ StateValue: 'INSUFFICIENT_DATA', StateUpdatedTimestamp: '2026-11-23T09:55:00Z' })],
    verdict: 'pass',
  },
  {
    title: 'it rings',
    plan: named,
    snapshot: [alarm({ StateValue: 'ALARM' })],
    ...errors,
    verdict: 'warn',
    words: ['in ALARM for 3d already'],
  },
  { title: 'it rings, and is only measured', plan: measured, snapshot: [alarm({ StateValue: 'ALARM' })], verdict: 'pass' },
  {
    title: 'it cannot be evaluated',
    plan: named,
    snapshot: [alarm({ EvaluationState: 'EVALUATION_ERROR' })],
    ...errors,
    verdict: 'warn',
    words: ['EVALUATION_ERROR'],
  },
  {
    title: 'alarms may not be read',
    plan: named,
    snapshot: [gap('cloudwatch:DescribeAlarms', 'is not authorized')],
    verdict: 'unknown',
    words: ['is not authorized'],
    remedy: 'cloudwatch:DescribeAlarms',
  },
  { title: 'a snapshot without the plan', plan: named, verdict: 'unknown', words: ['was not asked'] },
])

const asking = gated('prometheus', { url: 'http://prom:9090', query: 'up', failIf: { above: 1 }, noData: 'unknown', dryRun: false })
const onlyMeasuring = gated('prometheus', { url: 'http://prom:9090', query: 'up', failIf: { above: 1 }, noData: 'unknown', dryRun: true })
const hook = gated('http', { url: 'http://prom:9090', dryRun: false })
const answered =
  (subject: string, answer?: Answer): SnapshotChange =>
  (snapshot) => ({ ...snapshot, outside: [{ subject, ...(answer && { answer }) }] })
const PROM = 'outside:http://prom:9090 up'
const prom = { subject: 'Endpoint/http://prom:9090' }
const rehearsed: SnapshotChange = (snapshot) => ({ ...snapshot, outside: [] })

checkTable(gateEndpoints, [
  {
    title: 'it answers',
    plan: asking,
    snapshot: [answered(PROM, { kind: 'number', value: 0 })],
    verdict: 'pass',
    words: ['http://prom:9090'],
  },
  { title: 'it wants its token first', plan: asking, snapshot: [answered(PROM)], verdict: 'pass' },
  {
    title: 'it is not reached',
    plan: asking,
    snapshot: [gap(PROM, 'outside:prom:9090: ENOTFOUND')],
    ...prom,
    verdict: 'unknown',
    words: ['The gate prometheus', 'ENOTFOUND'],
    remedy: 'dryRun: true',
  },
  { title: 'it is not reached, and only measures', plan: onlyMeasuring, snapshot: [gap(PROM, 'ENOTFOUND')], ...prom, verdict: 'warn' },
  {
    title: 'it has no data',
    plan: asking,
    snapshot: [answered(PROM, { kind: 'number' })],
    ...prom,
    verdict: 'warn',
    words: ['the query has no data'],
  },
  {
    title: 'it says fail already',
    plan: hook,
    snapshot: [answered('outside:http://prom:9090', { kind: 'verdict', verdict: 'fail', says: 'checkout is slow' })],
    ...prom,
    verdict: 'warn',
    words: ['it says fail (checkout is slow)'],
  },
  { title: 'a snapshot without the plan', plan: asking, ...prom, verdict: 'unknown', words: ['was not tried'] },
  { title: 'a rehearsal', plan: asking, snapshot: [rehearsed], verdict: 'pass', words: ['asks nobody outside'] },
])
