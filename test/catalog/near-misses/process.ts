import { callerAccess } from '../../../src/catalog/checks/caller-access.ts'
import { callerActions } from '../../../src/catalog/checks/caller-actions.ts'
import { clockSkew } from '../../../src/catalog/checks/clock-skew.ts'
import { clusterRole } from '../../../src/catalog/checks/cluster-role.ts'
import { cniRoleActions } from '../../../src/catalog/checks/cni-role-actions.ts'
import { credentialsLast } from '../../../src/catalog/checks/credentials-last.ts'
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

/** Who acts in the run, and what they may. */
export const PROCESS: readonly NearMiss[] = [
  { check: callerActions, title: 'one action is denied', fires: { snapshot: [decide('caller', 'explicitDeny', 'eks:UpdateAddon')] } },
  { check: callerAccess, title: 'nodes may not be patched', fires: { snapshot: [changeAccess('patch', 'nodes', { allowed: false })] } },
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
