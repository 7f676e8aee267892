import { expect, it } from 'vitest'
import { doNotDisrupt } from '../../../src/catalog/checks/do-not-disrupt.ts'
import { drainBlocked } from '../../../src/catalog/checks/drain-blocked.ts'
import { nakedPods } from '../../../src/catalog/checks/naked-pods.ts'
import { noRoom } from '../../../src/catalog/checks/no-room.ts'
import { pdbOverlap } from '../../../src/catalog/checks/pdb-overlap.ts'
import { pdbSelectsNothing } from '../../../src/catalog/checks/pdb-selects-nothing.ts'
import { replicasTogether } from '../../../src/catalog/checks/replicas-together.ts'
import { singleReplica } from '../../../src/catalog/checks/single-replica.ts'
import { terminationGrace } from '../../../src/catalog/checks/termination-grace.ts'
import { zoneSpread } from '../../../src/catalog/checks/zone-spread.ts'
import {
  type LabelSelector,
  type Pod,
  type PodDisruptionBudget,
  type PodSpec,
  type Workload,
  ZONE_LABEL,
} from '../../../src/model/kubernetes.ts'
import { checkTable } from '../../support/check-table.ts'
import { GROUPS } from '../../support/healthy-cluster.ts'
import { appPod } from '../../support/healthy-kubernetes.ts'
import { inputOf } from '../../support/situation.ts'
import {
  addObjects,
  changeNodes,
  changeObject,
  changePods,
  healthyGroupIntent,
  nodeNames,
  removeObjects,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'

const [firstOfBatch = '', secondOfBatch = ''] = nodeNames('batch')
const [firstOfData = ''] = nodeNames('data')
const noGroups = { groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: false })) }
const withoutBatch = { groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: group.name !== 'batch' })) }
const twoOfBatch = {
  groups: GROUPS.map((group) => healthyGroupIntent(group, group.name === 'batch' ? { maxUnavailable: 2 } : {})),
}
const noGroupRow = { title: 'no group changes', intent: noGroups, verdict: 'pass', words: ['No node group changes'] } as const

function aBudget(namespace: string, name: string, selector?: LabelSelector): SnapshotChange {
  const budget: PodDisruptionBudget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace },
    spec: { maxUnavailable: 1, ...(selector && { selector }) },
    status: { disruptionsAllowed: 1, currentHealthy: 4, desiredHealthy: 3 },
  }
  return addObjects(budget)
}

const ofApp = (app: string): LabelSelector => ({ matchLabels: { app } })

const spec = (parts: Partial<PodSpec>) => (pod: Pod) => ({ ...pod, spec: { ...pod.spec, ...parts } })
const onNode = (node: string) => spec({ nodeName: node })
const cordonedBut = (zone: string) =>
  changeNodes((node) => ({ ...node, spec: { ...node.spec, unschedulable: node.metadata.labels?.[ZONE_LABEL] !== zone } }))
const annotated = (annotations: Record<string, string>) => (pod: Pod) => ({ ...pod, metadata: { ...pod.metadata, annotations } })
const replicas = (kind: string, name: string, number: number) =>
  changeObject<Workload>(kind, name, (each) => ({ ...each, spec: { ...each.spec, replicas: number } }))

checkTable(pdbOverlap, [
  {
    title: 'two budgets over the same pods',
    snapshot: [aBudget('shop', 'web-too', ofApp('web'))],
    verdict: 'block',
    subject: 'PodDisruptionBudget/shop/web+web-too',
    words: ['guard the same 8 pods', 'web-6d4cf56db6-0', '500'],
  },
  { title: 'a second budget in another namespace', snapshot: [aBudget('jobs', 'web', ofApp('web'))], verdict: 'pass' },
  {
    title: 'two budgets over pods that stay',
    snapshot: [aBudget('jobs', 'one', ofApp('worker')), aBudget('jobs', 'two', ofApp('worker'))],
    intent: withoutBatch,
    verdict: 'pass',
  },
  noGroupRow,
])

checkTable(pdbSelectsNothing, [
  {
    title: 'a selector that no pod matches',
    snapshot: [aBudget('shop', 'old', ofApp('webb'))],
    verdict: 'warn',
    subject: 'PodDisruptionBudget/shop/old',
    words: ['{"matchLabels":{"app":"webb"}}', 'protects nothing'],
  },
  {
    title: 'no selector at all',
    snapshot: [aBudget('shop', 'bare')],
    verdict: 'warn',
    subject: 'PodDisruptionBudget/shop/bare',
    words: ['no selector'],
  },
  { title: 'a selector that one pod matches', snapshot: [aBudget('shop', 'all', ofApp('api'))], verdict: 'pass' },
  noGroupRow,
])

const noWhere = changePods('web', spec({ nodeSelector: { pool: 'nowhere' } }))

checkTable(drainBlocked, [
  {
    title: 'pods that would find no place, one after the other',
    snapshot: [noWhere],
    verdict: 'block',
    subject: 'PodDisruptionBudget/shop/web',
    words: [
      'of Deployment/shop/web cannot be evicted',
      'healthy, 6 must stay',
      'waits for a place',
      "didn't match Pod's node affinity/selector",
    ],
  },
  {
    title: 'the same without a budget',
    snapshot: [noWhere, removeObjects('PodDisruptionBudget', ({ metadata }) => metadata.name === 'web')],
    verdict: 'pass',
  },
  noGroupRow,
])

checkTable(noRoom, [
  {
    title: 'pods that ask for a node that is nowhere',
    snapshot: [changePods('worker', spec({ nodeSelector: { pool: 'nowhere' } }))],
    verdict: 'warn',
    subject: 'Deployment/jobs/worker',
    words: ['4 pods', 'no place for two minutes or more'],
  },
  {
    title: 'pods that ask for more than any node has',
    snapshot: [changePods('worker', spec({ containers: [{ name: 'w', resources: { requests: { cpu: '3' } } }] }))],
    verdict: 'warn',
    subject: 'Deployment/jobs/worker',
    words: ['Insufficient cpu'],
  },
  {
    title: 'a hard spread over more zones than there are',
    snapshot: [
      changePods(
        'worker',
        spec({
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              minDomains: 4,
              topologyKey: ZONE_LABEL,
              whenUnsatisfiable: 'DoNotSchedule',
              labelSelector: { matchLabels: { app: 'worker' } },
            },
          ],
        }),
      ),
    ],
    verdict: 'warn',
    subject: 'Deployment/jobs/worker',
    words: ['topology spread constraints'],
  },
  noGroupRow,
])

checkTable(replicasTogether, [
  {
    title: 'all pods on one node, no budget',
    snapshot: [changePods('worker', onNode(firstOfBatch))],
    verdict: 'warn',
    subject: 'Deployment/jobs/worker',
    words: ['All 4 pods', firstOfBatch, 'no PodDisruptionBudget'],
  },
  {
    title: 'all pods on one node, with a budget',
    snapshot: [changePods('worker', onNode(firstOfBatch)), aBudget('jobs', 'worker', ofApp('worker'))],
    verdict: 'pass',
  },
  {
    title: 'on two nodes that go one after the other',
    snapshot: [changePods('worker', (pod) => onNode(pod.metadata.name.endsWith('-0') ? firstOfBatch : secondOfBatch)(pod))],
    verdict: 'pass',
  },
  {
    title: 'on two nodes that may go together',
    snapshot: [changePods('worker', (pod) => onNode(pod.metadata.name.endsWith('-0') ? firstOfBatch : secondOfBatch)(pod))],
    intent: twoOfBatch,
    verdict: 'warn',
    subject: 'Deployment/jobs/worker',
    words: ['up to 2 may go at a time'],
  },
  {
    title: 'on two nodes of two groups',
    snapshot: [changePods('worker', (pod) => onNode(pod.metadata.name.endsWith('-0') ? firstOfBatch : firstOfData)(pod))],
    intent: twoOfBatch,
    verdict: 'pass',
  },
  noGroupRow,
])

const inOneZone = changePods('worker', onNode(firstOfBatch))
const worker = { subject: 'Deployment/jobs/worker' } as const

checkTable(zoneSpread, [
  {
    title: 'all pods in one zone, and other zones would take them',
    snapshot: [inOneZone],
    verdict: 'warn',
    ...worker,
    words: ['All 4 pods', 'are in eu-central-1a', 'eu-central-1b, eu-central-1c too'],
  },
  {
    title: 'one pod is in another zone',
    snapshot: [inOneZone, changeObject<Pod>('Pod', 'worker-6d4cf56db6-0', onNode(secondOfBatch))],
    verdict: 'pass',
  },
  {
    title: 'they ask for that zone',
    snapshot: [inOneZone, changePods('worker', spec({ nodeSelector: { 'topology.kubernetes.io/zone': 'eu-central-1a' } }))],
    verdict: 'pass',
  },
  { title: 'the other zones are cordoned', snapshot: [inOneZone, cordonedBut('eu-central-1a')], verdict: 'pass' },
  {
    title: 'one pod stays where it is',
    snapshot: [inOneZone, changeObject<Pod>('Pod', 'worker-6d4cf56db6-0', onNode(firstOfData))],
    intent: { groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: group.name !== 'data' })) },
    verdict: 'pass',
  },
  noGroupRow,
])

it.each([
  {
    title: 'tells a workload to spread, without losing its other rules',
    rules: [{ topologyKey: 'kubernetes.io/hostname' }],
    says: 'kubectl patch',
  },
  {
    title: 'has a workload that has the rule already start anew',
    rules: [{ topologyKey: 'topology.kubernetes.io/zone' }],
    says: 'rollout restart',
  },
])('ZONE_SPREAD $title', ({ rules, says }) => {
  const input = inputOf({ snapshot: [inOneZone, changePods('worker', spec({ topologySpreadConstraints: rules }))] })
  const remedy = zoneSpread.evaluate(input)[0]?.remedy
  expect(remedy).toContain(says)
  if (says === 'kubectl patch') expect(remedy).toContain('kubernetes.io/hostname')
})

checkTable(singleReplica, [
  {
    title: 'a Deployment of one',
    snapshot: [replicas('Deployment', 'worker', 1)],
    verdict: 'warn',
    subject: 'Deployment/jobs/worker',
    words: ['has one replica', firstOfBatch],
  },
  {
    title: 'a StatefulSet of one',
    snapshot: [replicas('StatefulSet', 'db', 1)],
    verdict: 'warn',
    subject: 'StatefulSet/shop/db',
    words: ['has one replica', firstOfData],
  },
  { title: 'one that stays where it is', snapshot: [replicas('Deployment', 'worker', 1)], intent: withoutBatch, verdict: 'pass' },
  noGroupRow,
])

checkTable(nakedPods, [
  {
    title: 'a pod that somebody started by hand',
    snapshot: [addObjects(appPod('shop', 'debug', { app: 'debug' }, firstOfData))],
    verdict: 'warn',
    subject: 'Namespace/shop',
    words: ['1 pod of shop without a controller (debug)', 'gone for good'],
  },
  {
    title: 'one that has finished',
    snapshot: [addObjects({ ...appPod('shop', 'debug', { app: 'debug' }, firstOfData), status: { phase: 'Succeeded' } } as Pod)],
    verdict: 'pass',
  },
  {
    title: 'one on a node that stays',
    snapshot: [addObjects(appPod('shop', 'debug', { app: 'debug' }, firstOfBatch))],
    intent: withoutBatch,
    verdict: 'pass',
  },
  noGroupRow,
])

checkTable(terminationGrace, [
  {
    title: 'a pod that may take an hour',
    snapshot: [changePods('worker', spec({ terminationGracePeriodSeconds: 3_600 }))],
    verdict: 'warn',
    subject: 'Deployment/jobs/worker',
    words: ['may take 1h', 'PodEvictionFailure'],
  },
  {
    title: 'a pod that takes all of the 15 minutes',
    snapshot: [changePods('worker', spec({ terminationGracePeriodSeconds: 900 }))],
    verdict: 'pass',
  },
  {
    title: 'a StatefulSet that is killed at once',
    snapshot: [changePods('db', spec({ terminationGracePeriodSeconds: 0 }))],
    verdict: 'warn',
    subject: 'StatefulSet/shop/db',
    words: ['a grace of 0 s'],
  },
  {
    title: 'a Deployment with branch interfaces that is killed at once',
    snapshot: [
      changePods('worker', (pod) => ({
        ...pod,
        spec: {
          ...pod.spec,
          terminationGracePeriodSeconds: 0,
          containers: [{ name: 'w', resources: { limits: { 'vpc.amazonaws.com/pod-eni': '1' } } }],
        },
      })),
    ],
    verdict: 'warn',
    subject: 'Deployment/jobs/worker',
    words: ['branch interface', 'leave it behind'],
  },
  {
    title: 'a Deployment that is killed at once',
    snapshot: [changePods('worker', spec({ terminationGracePeriodSeconds: 0 }))],
    verdict: 'pass',
  },
  noGroupRow,
])

checkTable(doNotDisrupt, [
  {
    title: 'the mark of Karpenter',
    snapshot: [changeObject<Pod>('Pod', 'db-0', annotated({ 'karpenter.sh/do-not-disrupt': 'true' }))],
    verdict: 'warn',
    subject: 'Namespace/shop',
    words: ['karpenter.sh/do-not-disrupt=true', 'honours budgets only'],
  },
  {
    title: 'the mark of the autoscaler',
    snapshot: [changeObject<Pod>('Pod', 'db-0', annotated({ 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' }))],
    verdict: 'warn',
    subject: 'Namespace/shop',
    words: ['safe-to-evict=false'],
  },
  {
    title: 'a mark that says the contrary',
    snapshot: [changeObject<Pod>('Pod', 'db-0', annotated({ 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true' }))],
    verdict: 'pass',
  },
  noGroupRow,
])
