import { callerAccess } from '../../../src/catalog/checks/caller-access.ts'
import { callerActions } from '../../../src/catalog/checks/caller-actions.ts'
import { clockSkew } from '../../../src/catalog/checks/clock-skew.ts'
import { clusterRole } from '../../../src/catalog/checks/cluster-role.ts'
import { cniRoleActions } from '../../../src/catalog/checks/cni-role-actions.ts'
import { credentialsLast } from '../../../src/catalog/checks/credentials-last.ts'
import { gateAccess } from '../../../src/catalog/checks/gate-access.ts'
import { gateAlarms } from '../../../src/catalog/checks/gate-alarms.ts'
import { gateEndpoints } from '../../../src/catalog/checks/gate-endpoints.ts'
import { probePods } from '../../../src/catalog/checks/probe-pods.ts'
import type { NearMiss } from '../../support/near-miss.ts'
import { changeAccess, changePrincipal, decide } from '../../support/principals.ts'
import type { Situation } from '../../support/situation.ts'
import { changeAws, healthyPlan, type SnapshotChange } from '../../support/snapshot-builder.ts'

/** A plan whose first wave probes the network from a namespace, and a snapshot that tried it in one. */
const probed = (namespace: string): Situation => {
  const [first, ...waves] = healthyPlan().waves
  const gates = [{ kind: 'network-proof', options: { namespace: 'probes', image: 'busybox:1.36' } }]
  const tried: SnapshotChange = (snapshot) => ({
    ...snapshot,
    kubernetes: { ...snapshot.kubernetes, dryRuns: [{ subject: `kubernetes:probe/${namespace}` }] },
  })
  return { plan: { waves: first === undefined ? [] : [{ ...first, gates }, ...waves] }, snapshot: [tried] }
}

const gatedBy = (kind: string, options = {}): Situation['plan'] => {
  const [first, ...waves] = healthyPlan().waves
  return { waves: first === undefined ? [] : [{ ...first, gates: [{ kind, options }] }, ...waves] }
}

const alarmed = (StateValue: string): Situation => ({
  plan: gatedBy('cloudwatch-alarm', { alarms: ['errors'], noData: 'unknown', dryRun: false }),
  snapshot: [changeAws({ alarms: [{ AlarmName: 'errors', StateValue }] })],
})

const answering = (verdict: 'pass' | 'fail'): Situation => {
  const answer = { kind: 'verdict' as const, verdict, says: 'checkout' }
  return {
    plan: gatedBy('http', { url: 'http://gate', dryRun: false }),
    snapshot: [(snapshot) => ({ ...snapshot, outside: [{ subject: 'outside:http://gate', answer }] })],
  }
}

/** Who acts in the run, and what they may. */
export const PROCESS: readonly NearMiss[] = [
  { check: callerActions, title: 'one action is denied', fires: { snapshot: [decide('caller', 'explicitDeny', 'eks:UpdateAddon')] } },
  { check: callerAccess, title: 'nodes may not be patched', fires: { snapshot: [changeAccess('patch', 'nodes', { allowed: false })] } },
  {
    check: gateAccess,
    title: 'EndpointSlices may not be watched',
    fires: { plan: gatedBy('workloads'), snapshot: [changeAccess('watch', 'endpointslices', { allowed: false })] },
    silent: { plan: gatedBy('workloads') },
  },
  {
    check: gateAlarms,
    title: 'an alarm rings',
    fires: alarmed('ALARM'),
    silent: alarmed('OK'),
  },
  {
    check: gateEndpoints,
    title: 'an endpoint says fail before anything has changed',
    fires: answering('fail'),
    silent: answering('pass'),
  },
  { check: probePods, title: 'where a probe was tried', fires: probed('default'), silent: probed('probes') },
  {
    check: credentialsLast,
    title: 'whether somebody renews them',
    fires: { snapshot: [changeAws({ credentials: { session: true, renewable: false, Expiration: '2026-11-23T11:00:00.000Z' } })] },
  },
  {
    check: clockSkew,
    title: 'five minutes, and a moment less',
    fires: { snapshot: [changeAws({ clockOffset: 300_000 })] },
    silent: { snapshot: [changeAws({ clockOffset: 299_999 })] },
  },
  {
    check: cniRoleActions,
    title: 'an action of IPv4 is denied',
    fires: { snapshot: [decide('vpc-cni', 'explicitDeny', 'ec2:AssignPrivateIpAddresses')] },
  },
  {
    check: clusterRole,
    title: 'the role trusts EC2',
    fires: { snapshot: [changePrincipal('cluster', { trustedServices: ['ec2.amazonaws.com'] })] },
  },
]
