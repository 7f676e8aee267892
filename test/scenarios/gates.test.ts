import { describe, expect, it } from 'vitest'
import type { FailureCause } from '../../src/model/failure.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { type Rehearsal, rehearse } from '../support/rehearsal.ts'
import { eventsOf } from './story.ts'

/** Gates that look at more than nodes and aws-node, each in a world where all is well and in one where it has something to say. */

const WORLD = `
apiVersion: serin.dev/v1alpha1
kind: World
metadata: { name: gates }
clock: { start: "2026-09-29T19:30:00Z" }
cluster: { name: gates, region: eu-central-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets:
  - { name: nodes-a, zone: eu-central-1a, cidr: 10.0.0.0/23 }
  - { name: nodes-b, zone: eu-central-1b, cidr: 10.0.2.0/23 }
alarms: [{ name: errors }, { name: latency }, { name: noisy, state: ALARM }]
nodeGroups:
  - { name: app, instanceTypes: [m5.large], size: { min: 1, max: 8, desired: 2 }, kubernetesVersion: "1.32", subnets: [nodes-a, nodes-b] }
  - { name: other, instanceTypes: [m6i.large], size: { min: 1, max: 8, desired: 2 }, kubernetesVersion: "1.32", subnets: [nodes-a, nodes-b] }
addons:
  - { name: kube-proxy, version: v1.33.5-eksbuild.2 }
  - { name: vpc-cni, version: v1.21.1-eksbuild.7 }
  - { name: coredns, version: v1.12.4-eksbuild.1 }
workloads: [{ kind: Deployment, namespace: shop, name: web, replicas: 3 }]
`

interface Row {
  readonly title: string
  /** As an item of the plan's list of gates. */
  readonly gate: string
  readonly faults?: string
  readonly world?: string
  /** Whether the other group follows in a wave; else it is left alone. */
  readonly others?: boolean
  readonly exit: Rehearsal['exit']
  /** What stopped the run, if something did. */
  readonly says?: RegExp
  /** What it waits for before the batch begins, if it does. */
  readonly holds?: RegExp
  readonly cause?: FailureCause
}

/** What pre-flight would have said, had it been so before the run. */
const SOON = 'when: { after: "eks:UpdateNodegroupVersion app" }'
const AFTER = 'when: { after: "eks:UpdateNodegroupVersion app", from: 15m, to: 30m }'

/** Agents on the nodes of the group that moves, which no gate counts, behind a Service; another Service elsewhere. */
const AGENT = JSON.stringify({
  workloads: ['app', 'other'].map((group) => ({
    ...{ kind: 'DaemonSet', namespace: group === 'app' ? 'ops' : 'logs', name: 'agent', service: { port: 80 } },
    nodeSelector: { 'eks.amazonaws.com/nodegroup': group },
  })),
})

/** EC2 gives addresses now and then only. */
const STARVED = '{ network: { requestBuckets: { AssignPrivateIpAddresses: { burst: 1, refill: 0.001 } } } }'

const ROWS: readonly Row[] = [
  { title: 'alarms stay OK', gate: 'cloudwatch-alarm: { alarms: [errors, latency] }', exit: 'ok' },
  {
    title: 'an alarm goes off while the batch soaks',
    gate: 'cloudwatch-alarm: { alarms: [errors, latency] }',
    faults: `[{ fault: alarm-sounds, where: { alarm: errors }, ${AFTER} }]`,
    exit: 'rolledBack',
    says: /^cloudwatch-alarm: alarm `errors` is in ALARM since \d\d:\d\d UTC \(Threshold Crossed.*\); before the batch began: alarm `errors` is OK/,
  },
  {
    title: 'an alarm goes off and rings on, also when all is as it was',
    gate: 'cloudwatch-alarm: { alarms: [errors] }',
    faults: `[{ fault: alarm-sounds, where: { alarm: errors }, ${AFTER.replace(', to: 30m', '')} }]`,
    exit: 'rolledBack',
    says: /^cloudwatch-alarm: alarm `errors` is in ALARM/,
  },
  {
    title: 'an alarm goes off that is measured only',
    gate: 'cloudwatch-alarm: { alarms: [errors], dryRun: true }',
    faults: `[{ fault: alarm-sounds, where: { alarm: errors }, ${AFTER} }]`,
    exit: 'ok',
  },
  {
    title: 'an alarm was going off before the run',
    gate: 'cloudwatch-alarm: { alarms: [noisy] }',
    exit: 'held',
    says: /^cloudwatch-alarm: alarm `noisy` is in ALARM .* but so it was before the batch began/,
  },
  {
    title: 'an alarm has no data',
    gate: 'cloudwatch-alarm: { alarms: [errors] }',
    faults: `[{ fault: alarm-sounds, where: { alarm: errors }, state: INSUFFICIENT_DATA, ${AFTER} }]`,
    exit: 'held',
    says: /^cloudwatch-alarm: alarm `errors` is in INSUFFICIENT_DATA/,
  },
  {
    title: 'an alarm is not there',
    gate: 'cloudwatch-alarm: { alarms: [erors] }',
    exit: 'blocked',
    says: /^GATE_ALARMS: There is no alarm `erors` in eu-central-1 of account 111122223333/,
  },
  {
    title: 'alarms may not be read',
    gate: 'cloudwatch-alarm: { alarms: [errors] }',
    faults: '[{ fault: forbidden, where: { service: cloudwatch, operation: DescribeAlarms } }]',
    exit: 'inconclusive',
    says: /^GATE_ALARMS: Alarms cannot be read: .*cloudwatch:DescribeAlarms/,
  },
  {
    title: 'alarms may not be read any more',
    gate: 'cloudwatch-alarm: { alarms: [errors] }',
    faults: `[{ fault: forbidden, where: { service: cloudwatch, operation: DescribeAlarms }, ${SOON} }]`,
    exit: 'held',
    says: /^cloudwatch-alarm: no answer since .* cloudwatch:DescribeAlarms/,
  },
  { title: 'ipamd counts nothing that speaks of trouble', gate: 'ipamd-metrics', exit: 'ok' },
  {
    title: 'EC2 refuses ipamd on new nodes, and untouched ones ask nothing of it',
    gate: 'ipamd-metrics',
    faults: `[{ fault: role-lacks-action, where: { role: aws-node }, actions: ["ec2:CreateNetworkInterface"], ${AFTER.replace('15m', '0s')} }]`,
    exit: 'held',
    says: /^ipamd-metrics: ipamd on ip-\S+ was refused CreateNetworkInterface by EC2 \d+ times within \S+ \(UnauthorizedOperation\)/,
  },
  {
    title: 'subnets have no address left',
    gate: 'ipamd-metrics',
    faults: `[{ fault: subnet-exhausted, where: {}, ${AFTER.replace('15m', '6m')} }]`,
    world: '{ workloads: [{ kind: Deployment, namespace: shop, name: many, replicas: 30, cpu: 10m }] }',
    exit: 'held',
    cause: 'no-capacity',
    says: /^ipamd-metrics: .*free addresses in its subnet, going back needs them too/,
  },
  {
    title: 'EC2 throttles ipamd, which nothing but its counters tells',
    gate: 'throttling',
    world: STARVED,
    exit: 'held',
    cause: 'throttled',
    says: /^throttling: throttling goes on for \d+m.*: EC2 refused \S+ to ipamd on ip-\S+ \(RequestLimitExceeded\)/,
  },
  {
    title: 'EC2 throttles ipamd, and its counters may not be asked',
    gate: 'throttling',
    world: STARVED,
    faults: `[{ fault: rbac-lacks-verb, where: { user: "*" }, verbs: [get], resources: [pods/proxy], ${SOON} }]`,
    exit: 'ok',
  },
  {
    title: 'ipamd may not be asked',
    gate: 'ipamd-metrics',
    faults: `[{ fault: rbac-lacks-verb, where: { user: "*" }, verbs: [get], resources: [pods/proxy], ${SOON} }]`,
    exit: 'held',
    says: /^ipamd-metrics: no node tells its metrics, changed or not .*serin permissions --plan PLAN --only rbac/,
  },
  {
    title: 'ipamd may not be asked, and the plan lets that be',
    gate: 'ipamd-metrics: { unreachable: pass }',
    faults: `[{ fault: rbac-lacks-verb, where: { user: "*" }, verbs: [get], resources: [pods/proxy], ${SOON} }]`,
    exit: 'ok',
  },
  {
    title: 'aws-node is set to serve no metrics',
    gate: 'ipamd-metrics',
    world: '{ addons: { vpc-cni: { configuration: { env: { DISABLE_METRICS: "true" } } } } }',
    exit: 'ok',
  },
  { title: 'subnets have addresses for what follows', gate: 'addresses-left', others: true, exit: 'ok' },
  {
    title: 'a zone runs out of addresses while the canary soaks',
    cause: 'no-capacity',
    gate: 'ipamd-metrics, addresses-left',
    others: true,
    faults: `[{ fault: subnet-exhausted, where: { zone: "*b" }, ${AFTER} }]`,
    exit: 'held',
    says: /^addresses-left: a later batch would not fit: rest in eu-central-1b \(subnet-\w+\): other: 2 new nodes x 20 addresses = 40 needed, 0 free, 40 too few; free addresses there/,
  },
  {
    title: 'a zone runs out of addresses, and nothing follows',
    gate: 'addresses-left',
    faults: `[{ fault: subnet-exhausted, where: { zone: "*b" }, ${AFTER} }]`,
    exit: 'ok',
  },
  {
    title: 'a workload crashes again and again on new nodes',
    gate: 'workloads',
    faults: '[{ fault: container-exits, where: { namespace: shop, kubeletMinor: "1.33" } }]',
    exit: 'rolledBack',
    says: /^workloads: Deployment\/shop\/web (has \d of 3 replicas available, before it had 3 of 3; web-\S+ restarted \d+ times \(.*exit \d+\)|restarts again and again)/,
  },
  {
    title: 'a Service loses its endpoints with the nodes, and no workload is short',
    gate: 'workloads',
    world: AGENT,
    faults: '[{ fault: container-exits, where: { namespace: ops, kubeletMinor: "1.33" } }]',
    exit: 'rolledBack',
    says: /^workloads: Service\/ops\/agent has 0 ready endpoints, before it had 2, and is not back after 10m; \d+ untouched Services? (is|are) healthy/,
  },
  { title: 'a Service has its endpoints again', gate: 'workloads', world: AGENT, exit: 'ok' },
  {
    title: 'EndpointSlices may not be read',
    gate: 'workloads',
    faults: '[{ fault: rbac-lacks-verb, where: { user: "*" }, verbs: [list, watch], resources: [endpointslices] }]',
    exit: 'blocked',
    says: /^GATE_ACCESS: The API server does not let the caller list endpointslices.discovery.k8s.io, which the gate workloads needs/,
  },
  {
    title: 'EndpointSlices cannot be read, though they may',
    gate: 'workloads',
    faults: '[{ fault: forbidden, where: { service: kubernetes, resource: "endpointslices*" } }]',
    exit: 'held',
    holds: /^kubernetes:endpointslices cannot be read \(.*is forbidden.*\); nothing begins without a baseline/,
  },
]

async function played({ gate, faults = '[]', world = '{}', others = false }: Row): Promise<Rehearsal> {
  const plan = `
apiVersion: serin.dev/v1alpha1
kind: UpgradePlan
metadata: { name: gates }
cluster: { name: gates, region: eu-central-1, accountId: "111122223333" }
target: { kubernetesVersion: "1.33", images: latest }
gates: { node: [nodes-ready, aws-node, ${gate}] }
canary: { nodeGroups: [app], gates: node, soak: 20m }
${others ? 'waves: [{ name: rest, nodeGroups: [other], gates: node }]' : 'exclude: [{ nodeGroups: [other], reason: untouched }]'}
rollback: { canary: automatic, grace: 1m }
`
  const scenario = `
apiVersion: serin.dev/v1alpha1
kind: Scenario
metadata: { name: trouble, summary: what the row says }
world: ${world}
faults: ${faults}
`
  return await rehearse({
    plan: { plan: loadPlan({ read: () => plan }, 'gates.yaml').plan, world: WORLD },
    scenarios: faults === '[]' && world === '{}' ? [] : [{ name: 'trouble', text: scenario }],
  })
}

describe('a run whose gates ask more', () => {
  it.each(ROWS)('$title: $exit', async (row) => {
    const { exit, journal, prepared } = await played(row)
    const stopped = eventsOf(journal, 'batch-failed')[0]?.failure
    const [first] = prepared.preflight.verdict === 'clear' ? [] : prepared.preflight.findings
    expect(stopped?.message ?? (first === undefined ? '' : `${first.code}: ${first.message}`)).toMatch(row.says ?? /^$/)
    if (row.holds !== undefined) expect(eventsOf(journal, 'hold-entered')[0]?.because).toMatch(row.holds)
    if (row.cause !== undefined) expect(stopped?.cause).toBe(row.cause)
    expect(exit).toBe(row.exit)
  })
})
