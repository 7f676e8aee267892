import { callerAccess } from '../../../src/catalog/checks/caller-access.ts'
import { callerActions } from '../../../src/catalog/checks/caller-actions.ts'
import { clockSkew } from '../../../src/catalog/checks/clock-skew.ts'
import { clusterRole } from '../../../src/catalog/checks/cluster-role.ts'
import { cniRoleActions } from '../../../src/catalog/checks/cni-role-actions.ts'
import { credentialsLast } from '../../../src/catalog/checks/credentials-last.ts'
import { runLease } from '../../../src/catalog/checks/run-lease.ts'
import type { IamUse } from '../../../src/model/iam.ts'
import type { AccessReview, ClusterSnapshot } from '../../../src/model/snapshot.ts'
import { checkTable } from '../../support/check-table.ts'
import { CNI_AFTER, CNI_BEFORE, GROUPS } from '../../support/healthy-cluster.ts'
import { changeAccess, changePrincipal, decide } from '../../support/principals.ts'
import { changeAws, changeCluster, healthyAddonIntent, healthyGroupIntent, type SnapshotChange } from '../../support/snapshot-builder.ts'

const without =
  (use: IamUse): SnapshotChange =>
  (snapshot) =>
    changeAws({ principals: snapshot.aws.principals?.filter(({ uses }) => !uses.includes(use)) })(snapshot)

const still = { addons: [], groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: false })) }
const nothingAt = (action: string) => [{ Effect: 'Allow', Action: ['ec2:Create*', 'ec2:Attach*'].filter((each) => each !== action) }]
const ofCni = (...actions: readonly string[]) => decide('vpc-cni', 'implicitDeny', ...actions)
const role = { subject: 'Role/shop-cni' } as const

checkTable(cniRoleActions, [
  {
    title: 'a statement denies an action that a hop calls',
    snapshot: [decide('vpc-cni', 'explicitDeny', 'ec2:DescribeSubnets')],
    verdict: 'block',
    ...role,
    words: ['ec2:DescribeSubnets (denied by a statement)', CNI_AFTER],
  },
  {
    title: 'an action that no statement names',
    snapshot: [ofCni('ec2:DescribeSubnets'), changePrincipal('vpc-cni', { statements: nothingAt('ec2:DescribeSubnets') })],
    verdict: 'block',
    ...role,
    words: ['in no statement'],
  },
  {
    title: 'an action that some statement names, under conditions',
    snapshot: [ofCni('ec2:CreateTags'), changePrincipal('vpc-cni', { statements: nothingAt('') })],
    verdict: 'unknown',
    ...role,
    words: ['ec2:CreateTags', 'conditions'],
  },
  {
    title: 'an action that is not allowed, and the policies could not be read',
    snapshot: [ofCni('ec2:CreateTags')],
    verdict: 'unknown',
    ...role,
    words: ['were not read'],
  },
  {
    title: 'an action that only versions between the hops call',
    snapshot: [decide('vpc-cni', 'explicitDeny', 'ec2:DescribeSecurityGroups')],
    verdict: 'pass',
  },
  {
    title: 'the same action, and a hop stops on such a version',
    snapshot: [decide('vpc-cni', 'explicitDeny', 'ec2:DescribeSecurityGroups')],
    intent: { addons: [healthyAddonIntent({ hops: ['v1.21.2-eksbuild.2', 'v1.22.1-eksbuild.2'] })] },
    verdict: 'block',
    ...role,
    words: ['ec2:DescribeSecurityGroups', 'v1.22.1'],
  },
  {
    title: 'an action of IPv6 on a cluster with IPv4',
    snapshot: [decide('vpc-cni', 'explicitDeny', 'ec2:AssignIpv6Addresses')],
    verdict: 'pass',
  },
  {
    title: 'the same on a cluster with IPv6',
    snapshot: [
      decide('vpc-cni', 'explicitDeny', 'ec2:AssignIpv6Addresses'),
      changeCluster({ kubernetesNetworkConfig: { ipFamily: 'ipv6' } }),
    ],
    verdict: 'block',
    ...role,
    words: ['AssignIpv6Addresses'],
  },
  {
    title: 'the role does not exist',
    snapshot: [changePrincipal('vpc-cni', { missing: true, evaluations: undefined })],
    verdict: 'block',
    ...role,
    words: ['does not know'],
  },
  { title: 'nothing was simulated', snapshot: [changePrincipal('vpc-cni', { evaluations: [] })], verdict: 'unknown', ...role },
  { title: 'whose credentials it has is not known', snapshot: [without('vpc-cni')], verdict: 'unknown', subject: 'Addon/vpc-cni' },
  {
    title: 'vpc-cni stays, and the new nodes start with the installed version',
    snapshot: [decide('vpc-cni', 'explicitDeny', 'ec2:CreateTags')],
    intent: { addons: [] },
    verdict: 'block',
    ...role,
    words: [CNI_BEFORE],
  },
  { title: 'nothing starts anew', snapshot: [decide('vpc-cni', 'explicitDeny', 'ec2:CreateTags')], intent: still, verdict: 'pass' },
])

const ofCaller = (...actions: readonly string[]) => decide('caller', 'explicitDeny', ...actions)
const stays = {
  groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: false })),
}
const onGroup = (group: string): SnapshotChange =>
  changePrincipal('caller', (caller) => ({
    evaluations: [
      ...(caller.evaluations ?? []),
      {
        EvalActionName: 'eks:UpdateNodegroupVersion',
        EvalResourceName: `arn:aws:eks:eu-central-1:111122223333:nodegroup/shop/${group}/0`,
        EvalDecision: 'explicitDeny',
      },
    ],
  }))

checkTable(callerActions, [
  {
    title: 'the add-on may not be moved',
    snapshot: [ofCaller('eks:UpdateAddon')],
    verdict: 'block',
    words: ['eks:UpdateAddon', 'in the middle'],
  },
  { title: 'the add-on may not be moved, and stays', snapshot: [ofCaller('eks:UpdateAddon')], intent: { addons: [] }, verdict: 'pass' },
  { title: 'the role of the add-on may not be passed', snapshot: [ofCaller('iam:PassRole')], verdict: 'block', words: ['iam:PassRole'] },
  {
    title: 'no role may be passed, and the add-on has none',
    snapshot: [ofCaller('iam:PassRole')],
    intent: { addons: [healthyAddonIntent({ baseline: { version: CNI_BEFORE } })] },
    verdict: 'pass',
  },
  { title: 'groups may not be moved', snapshot: [ofCaller('eks:UpdateNodegroupVersion')], verdict: 'block' },
  { title: 'groups may not be moved, and none is', snapshot: [ofCaller('eks:UpdateNodegroupVersion')], intent: stays, verdict: 'pass' },
  { title: 'one group may not be moved', snapshot: [onGroup('app-a')], verdict: 'block' },
  { title: 'a group may not be moved that this run does not have', snapshot: [onGroup('legacy')], verdict: 'pass' },
  { title: 'instances may not be launched, and no group has a template', snapshot: [ofCaller('ec2:RunInstances')], verdict: 'pass' },
  {
    title: 'a condition that cannot be simulated',
    snapshot: [decide('caller', 'implicitDeny', 'autoscaling:UpdateAutoScalingGroup')],
    verdict: 'unknown',
    words: ['may not be allowed'],
  },
  {
    title: 'the account itself, which cannot be simulated',
    snapshot: [without('caller')],
    verdict: 'unknown',
    words: ['cannot be simulated'],
  },
  { title: 'nothing moves', snapshot: [ofCaller('eks:UpdateAddon')], intent: still, verdict: 'pass' },
])

const nodes = (parts: Partial<AccessReview>) => changeAccess('patch', 'nodes', parts)

checkTable(callerAccess, [
  {
    title: 'nodes may not be patched',
    snapshot: [nodes({ allowed: false, reason: 'no binding' })],
    verdict: 'block',
    words: ['patch nodes', 'no binding'],
  },
  { title: 'the answer about nodes is missing', snapshot: [nodes({ verb: 'get' })], verdict: 'unknown', words: ['was not asked'] },
])

checkTable(clusterRole, [
  { title: 'the role is gone', snapshot: [changePrincipal('cluster', { missing: true })], verdict: 'block', words: ['does not exist'] },
  {
    title: 'the role trusts somebody else',
    snapshot: [changePrincipal('cluster', { trustedServices: ['ec2.amazonaws.com'] })],
    verdict: 'block',
    words: ['ec2.amazonaws.com'],
  },
  { title: 'the role is not in the snapshot', snapshot: [without('cluster')], verdict: 'unknown' },
])

const held =
  (lease: ClusterSnapshot['lease']): SnapshotChange =>
  (snapshot) => ({ ...snapshot, lease })

checkTable(runLease, [
  {
    title: 'somebody holds it',
    snapshot: [held({ holder: 'mira (host, process 7)', renewedAt: '2026-11-23T09:59:50.000000Z', durationSeconds: 30, run: 'r-7' })],
    verdict: 'block',
    words: ['mira', 'r-7', '09:59:50'],
  },
  {
    title: 'somebody held it, and it ran out',
    snapshot: [held({ holder: 'mira', renewedAt: '2026-11-23T09:59:20.000000Z', durationSeconds: 30 })],
    verdict: 'pass',
    words: ['ran out'],
  },
  { title: 'somebody holds it, since nobody knows when', snapshot: [held({ holder: 'mira' })], verdict: 'block' },
])

const ending = (Expiration: string | undefined, renewable = false) => changeAws({ credentials: { session: true, renewable, Expiration } })

checkTable(credentialsLast, [
  { title: 'a pasted session of an hour', snapshot: [ending('2026-11-23T11:00:00Z')], verdict: 'block', words: ['in 1h', 'nobody renews'] },
  { title: 'a session of an hour that is renewed', snapshot: [ending('2026-11-23T11:00:00Z', true)], verdict: 'pass' },
  { title: 'a pasted session of two days', snapshot: [ending('2026-11-25T10:00:00Z')], verdict: 'pass' },
  { title: 'a pasted session that does not say', snapshot: [ending(undefined)], verdict: 'unknown', words: ['not told'] },
  {
    title: 'a key of a user',
    snapshot: [changeAws({ credentials: { session: false, renewable: true } })],
    verdict: 'pass',
    words: ['no session'],
  },
])

checkTable(clockSkew, [
  { title: 'ten minutes behind', snapshot: [changeAws({ clockOffset: 600_000 })], verdict: 'warn', words: ['10m ahead of'] },
  { title: 'ten minutes ahead', snapshot: [changeAws({ clockOffset: -600_000 })], verdict: 'warn', words: ['10m behind'] },
  { title: 'four minutes', snapshot: [changeAws({ clockOffset: 240_000 })], verdict: 'pass' },
])
