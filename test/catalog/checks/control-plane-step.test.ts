import { addonsOnBothMinors } from '../../../src/catalog/checks/addons-on-both-minors.ts'
import { controlPlaneInsights } from '../../../src/catalog/checks/control-plane-insights.ts'
import { earlierUpgrade } from '../../../src/catalog/checks/earlier-upgrade.ts'
import { groupTarget } from '../../../src/catalog/checks/group-target.ts'
import { karpenterDrift } from '../../../src/catalog/checks/karpenter-drift.ts'
import { kubeletSkew } from '../../../src/catalog/checks/kubelet-skew.ts'
import { rollbackInsights } from '../../../src/catalog/checks/rollback-insights.ts'
import { wayBack } from '../../../src/catalog/checks/way-back.ts'
import { wayBackOpen } from '../../../src/catalog/checks/way-back-open.ts'
import { checkTable } from '../../support/check-table.ts'
import { aPool, aStep, BACK, CORE_DNS_LISTED, theInsight, upgradedAt } from '../../support/control-plane.ts'
import { GROUPS } from '../../support/healthy-cluster.ts'
import { addObjects, changeAddon, healthyAddonIntent, healthyGroupIntent } from '../../support/snapshot-builder.ts'

const step = { controlPlane: aStep() }
const applies = { intent: step }
const status = (word: string) => theInsight({ insightStatus: { status: word, reason: 'as EKS says.' } })

checkTable(
  controlPlaneInsights,
  [
    { title: 'all of them pass', intent: step, verdict: 'pass', words: ['1 insight about 1.34'] },
    { title: 'one is in error', snapshot: [status('ERROR')], intent: step, ...insight('block'), words: ['ERROR for Kubernetes 1.34'] },
    { title: 'one warns', snapshot: [status('WARNING')], intent: step, ...insight('warn') },
    { title: 'one EKS could not look at', snapshot: [status('UNKNOWN')], intent: step, ...insight('unknown') },
    {
      title: 'an error about the minor after that',
      snapshot: [theInsight({ kubernetesVersion: '1.35', insightStatus: { status: 'ERROR' } })],
      intent: step,
      verdict: 'unknown',
      words: ['no insight about 1.34'],
    },
    {
      title: 'an all-clear of the day before yesterday',
      snapshot: [theInsight({ lastRefreshTime: '2026-11-21T10:00:00Z' })],
      intent: step,
      verdict: 'unknown',
      words: ['2d old'],
    },
    {
      title: 'an error about an add-on that this run moves before',
      snapshot: [status('ERROR'), addonInsight(healthyAddonIntent().target)],
      intent: step,
      ...insight('warn'),
      words: ['moves what it names before the control plane'],
    },
    {
      title: 'an error about an add-on that this run moves to another version',
      snapshot: [status('ERROR'), addonInsight('v1.99.0-eksbuild.1')],
      intent: step,
      ...insight('block'),
    },
    { title: 'an error, and the control plane stays', snapshot: [status('ERROR')], verdict: 'pass' },
  ],
  applies,
)

function insight(verdict: 'block' | 'warn' | 'unknown') {
  return { verdict, subject: 'Insight/Deprecated APIs removed in Kubernetes v1.34' }
}

function addonInsight(version: string) {
  return theInsight({ categorySpecificSummary: { addonCompatibilityDetails: [{ name: 'vpc-cni', compatibleVersions: [version] }] } })
}

checkTable(
  rollbackInsights,
  [
    { title: 'all of them pass', snapshot: [rollback('PASSING')], intent: { controlPlane: BACK }, verdict: 'pass' },
    { title: 'one warns', snapshot: [rollback('WARNING')], intent: { controlPlane: BACK }, verdict: 'pass' },
    { title: 'one is in error', snapshot: [rollback('ERROR')], intent: { controlPlane: BACK }, ...insight('block') },
    { title: 'one EKS could not look at', snapshot: [rollback('UNKNOWN')], intent: { controlPlane: BACK }, ...insight('block') },
    { title: 'one in error on the way there', snapshot: [rollback('ERROR')], intent: step, verdict: 'pass', words: ['does not go back'] },
  ],
  { intent: { controlPlane: BACK } },
)

function rollback(word: string) {
  return theInsight({ category: 'ROLLBACK_READINESS', kubernetesVersion: '1.33', insightStatus: { status: word } })
}

checkTable(
  addonsOnBothMinors,
  [
    { title: 'all of them do', snapshot: [CORE_DNS_LISTED], intent: step, verdict: 'pass', words: ['1.33 and 1.34'] },
    {
      title: 'one that the plan leaves alone does not',
      snapshot: [CORE_DNS_LISTED, changeAddon('kube-proxy', { addonVersion: 'v1.32.6-eksbuild.12' })],
      intent: { controlPlane: aStep({ baseline: '1.35', target: '1.36' }) },
      verdict: 'block',
      subject: 'Addon/kube-proxy',
      words: ['and not for 1.36'],
    },
    {
      title: 'one that no listing has',
      snapshot: [CORE_DNS_LISTED, changeAddon('kube-proxy', { addonVersion: 'v1.33.99-eksbuild.1' })],
      intent: step,
      verdict: 'unknown',
      subject: 'Addon/kube-proxy',
    },
  ],
  { snapshot: [CORE_DNS_LISTED], intent: step },
)

const alias = [{ alias: 'al2023@latest' }]
const pinned = [{ alias: 'al2023@v20261101' }]
const drifts = { intent: step, verdict: 'block', subject: 'NodePool/general' } as const

checkTable(
  karpenterDrift,
  [
    { title: 'there is no pool', intent: step, verdict: 'pass', words: ['no Karpenter pool'] },
    { title: 'its AMI is an alias', snapshot: [addObjects(...aPool(alias))], ...drifts, words: ['al2023@latest, which follows its minor'] },
    { title: 'its alias is pinned', snapshot: [addObjects(...aPool(pinned))], ...drifts },
    { title: 'its AMI is looked up in SSM', snapshot: [addObjects(...aPool([{ ssmParameter: '/a/b' }]))], ...drifts },
    { title: 'its AMI is chosen by id', snapshot: [addObjects(...aPool([{ id: 'ami-1' }]))], intent: step, verdict: 'pass' },
    {
      title: 'a budget keeps it from drifting',
      snapshot: [addObjects(...aPool(alias, [{ nodes: '0', reasons: ['Drifted'] }]))],
      intent: step,
      verdict: 'pass',
    },
    {
      title: 'a budget keeps it from everything',
      snapshot: [addObjects(...aPool(alias, [{ nodes: '0' }]))],
      intent: step,
      verdict: 'pass',
    },
    { title: 'a budget slows it down only', snapshot: [addObjects(...aPool(alias, [{ nodes: '10%' }]))], ...drifts },
    {
      title: 'a budget holds for other reasons',
      snapshot: [addObjects(...aPool(alias, [{ nodes: '0', reasons: ['Underutilized'] }]))],
      ...drifts,
    },
    {
      title: 'a budget holds at times',
      snapshot: [addObjects(...aPool(alias, [{ nodes: '0', schedule: '0 9 * * 1-5', duration: '8h' }]))],
      ...drifts,
    },
    {
      title: 'it is one of Auto Mode',
      snapshot: [
        addObjects({
          ...{ apiVersion: 'karpenter.sh/v1', kind: 'NodePool', metadata: { name: 'general' } },
          spec: { template: { spec: { nodeClassRef: { group: 'eks.amazonaws.com', kind: 'NodeClass', name: 'default' } } } },
        } as never),
      ],
      intent: step,
      verdict: 'warn',
      subject: 'NodePool/general',
    },
    {
      title: 'its class is not there',
      snapshot: [addObjects(...aPool(alias).slice(0, 1))],
      intent: step,
      verdict: 'unknown',
      subject: 'NodePool/general',
    },
    { title: 'its AMI is an alias, and the control plane stays', snapshot: [addObjects(...aPool(alias))], verdict: 'pass' },
  ],
  applies,
)

checkTable(
  earlierUpgrade,
  [
    {
      title: 'one was five days ago',
      snapshot: [upgradedAt('2026-11-18T10:00:00Z')],
      intent: step,
      verdict: 'warn',
      words: ['until 2026-11-25T10:00:00.000Z'],
    },
    { title: 'one was eight days ago', snapshot: [upgradedAt('2026-11-15T10:00:00Z')], intent: step, verdict: 'pass' },
    { title: 'one failed', snapshot: [upgradedAt('2026-11-18T10:00:00Z', { status: 'Failed' })], intent: step, verdict: 'pass' },
    {
      title: 'a node group had one',
      snapshot: [upgradedAt('2026-11-18T10:00:00Z', { nodegroupName: 'app-a' })],
      intent: step,
      verdict: 'pass',
    },
  ],
  applies,
)

const moved = { controlPlane: aStep({ changes: false, changedByRun: true }), addons: [], ...noGroups() }

function noGroups() {
  return { groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: false })) }
}

checkTable(wayBackOpen, [
  { title: 'the control plane moved six days ago', snapshot: [upgradedAt('2026-11-17T10:00:00Z')], intent: moved, verdict: 'pass' },
  {
    title: 'the control plane moved seven days ago',
    snapshot: [upgradedAt('2026-11-16T10:00:00Z')],
    intent: moved,
    verdict: 'block',
    words: ['until 2026-11-23T10:00:00.000Z'],
  },
])

checkTable(wayBack, [
  {
    title: 'the control plane has none',
    intent: { controlPlane: aStep({ wayBack: { exists: 'none', how: 'support has ended', acceptToken: 'no-way-back/control-plane' } }) },
    verdict: 'block',
    subject: 'Cluster/control-plane',
  },
])

checkTable(kubeletSkew, [
  {
    title: 'the control plane is to go four minors ahead of nodes at 1.32',
    intent: { controlPlane: aStep({ target: '1.36' }) },
    verdict: 'block',
    subject: 'NodeGroup/canary',
    words: ["4 minors behind the control plane's 1.36"],
    findings: 5,
  },
  { title: 'the control plane is to go three minors ahead of them', intent: { controlPlane: aStep({ target: '1.35' }) }, verdict: 'pass' },
])

const to134 = { groups: GROUPS.map((group) => healthyGroupIntent(group, { target: { version: '1.34' } })) }

checkTable(groupTarget, [
  { title: 'groups go to the minor that the control plane goes to before', intent: { ...to134, ...step }, verdict: 'pass' },
  { title: 'groups go there, and the control plane does not', intent: to134, verdict: 'block', subject: 'NodeGroup/app-a', findings: 5 },
])
