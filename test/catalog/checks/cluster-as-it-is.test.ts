import { awsNodeHealthy } from '../../../src/catalog/checks/aws-node-healthy.ts'
import { kubeProxyHealthy } from '../../../src/catalog/checks/kube-proxy-healthy.ts'
import { nodesCordoned } from '../../../src/catalog/checks/nodes-cordoned.ts'
import { pdbAllowsNone } from '../../../src/catalog/checks/pdb-allows-none.ts'
import type { ContainerStatus, Node, Pod, PodDisruptionBudget } from '../../../src/model/kubernetes.ts'
import { checkTable } from '../../support/check-table.ts'
import { GROUPS } from '../../support/healthy-cluster.ts'
import {
  addObjects,
  changeObject,
  changePods,
  healthyGroupIntent,
  nodeNames,
  removeObjects,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'

const [canaryNode = ''] = nodeNames('canary')
const [appNode = ''] = nodeNames('app-a')
const noGroups = { groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: false })) }
const withoutData = { groups: GROUPS.map((group) => healthyGroupIntent(group, { changes: group.name !== 'data' })) }

// aws-node-0 and -1 are on the canary, -2 to -6 on app-a, -7 to -11 on app-b
const container = (pod: number, name: string, parts: Partial<ContainerStatus>) =>
  changeObject<Pod>('Pod', `aws-node-${pod}`, (each) => ({
    ...each,
    status: {
      ...each.status,
      containerStatuses: each.status?.containerStatuses?.map((status) => (status.name === name ? { ...status, ...parts } : status)),
    },
  }))

const looping: Partial<ContainerStatus> = { ready: false, restartCount: 12, state: { waiting: { reason: 'CrashLoopBackOff' } } }

const initUnfinished = (pod: number) =>
  changeObject<Pod>('Pod', `aws-node-${pod}`, (each) => ({
    ...each,
    status: {
      ...each.status,
      initContainerStatuses: [
        { name: 'aws-vpc-cni-init', ready: false, restartCount: 3, state: { waiting: { reason: 'CrashLoopBackOff' } } },
      ],
    },
  }))

const deleting = (pod: number) =>
  changeObject<Pod>('Pod', `aws-node-${pod}`, (each) => ({
    ...each,
    metadata: { ...each.metadata, deletionTimestamp: '2026-11-23T09:59:50Z' },
  }))

const label = (node: string, key: string, value: string) =>
  changeObject<Node>('Node', node, (each) => ({
    ...each,
    metadata: { ...each.metadata, labels: { ...each.metadata.labels, [key]: value } },
  }))

const noPod = (pod: number) => removeObjects('Pod', (each) => each.metadata.name === `aws-node-${pod}`)

checkTable(awsNodeHealthy, [
  {
    title: 'one node of a wave, under a tenth of the nodes',
    snapshot: [container(2, 'aws-node', looping)],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['1 node of app-a', appNode, 'container aws-node: CrashLoopBackOff, 12 restarts'],
  },
  {
    title: 'two of twenty nodes, a tenth',
    snapshot: [container(2, 'aws-node', looping), container(7, 'aws-node', looping)],
    verdict: 'block',
    subject: 'NodeGroup/app-b',
    words: ['2 of 20 nodes'],
    findings: 2,
  },
  {
    title: 'one node of the canary',
    snapshot: [container(0, 'aws-node', looping)],
    verdict: 'block',
    subject: 'NodeGroup/canary',
    words: [canaryNode, 'The canary must be'],
  },
  {
    title: 'the second container alone',
    snapshot: [container(2, 'aws-eks-nodeagent', { ready: false })],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['container aws-eks-nodeagent: not ready'],
  },
  {
    title: 'ready, but not running',
    snapshot: [container(2, 'aws-node', { state: {} })],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['not running'],
  },
  { title: 'restarted long ago, running now', snapshot: [container(2, 'aws-node', { restartCount: 2 })], verdict: 'pass' },
  {
    title: 'an init container that has not finished, although all containers say ready',
    snapshot: [initUnfinished(2)],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['init container aws-vpc-cni-init has not finished'],
  },
  { title: 'no pod at all', snapshot: [noPod(2)], verdict: 'warn', subject: 'NodeGroup/app-a', words: ['no aws-node pod'] },
  {
    title: 'its only pod is on its way out',
    snapshot: [deleting(2)],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['being deleted'],
  },
  { title: 'no pod on a Windows node', snapshot: [noPod(2), windows(appNode)], verdict: 'pass', words: ['19 nodes'] },
  {
    title: 'no pod on a Fargate node',
    snapshot: [noPod(2), label(appNode, 'eks.amazonaws.com/compute-type', 'fargate')],
    verdict: 'pass',
  },
  {
    title: 'a node in no managed group',
    snapshot: [noPod(2), label(appNode, 'eks.amazonaws.com/nodegroup', 'legacy')],
    verdict: 'warn',
    subject: 'NodeGroup/legacy',
  },
  { title: 'no nodes', snapshot: [removeObjects('Node')], verdict: 'unknown', words: ['no node'] },
])

/** A kube-proxy pod beside every aws-node pod, but for those of some numbers; one of them may be as given. */
const kubeProxies =
  (without: readonly number[] = [], ill?: number): SnapshotChange =>
  (snapshot) => {
    const pods = (snapshot.kubernetes.items ?? []).filter(({ kind, metadata }) => kind === 'Pod' && metadata.name.startsWith('aws-node-'))
    const beside = pods.flatMap((pod) => {
      const nth = Number(pod.metadata.name.slice('aws-node-'.length))
      return without.includes(nth)
        ? []
        : [kubeProxyBeside(pod as Pod, nth, nth === ill ? looping : { ready: true, state: { running: {} } })]
    })
    return addObjects(...beside)(snapshot)
  }

const kubeProxyBeside = (pod: Pod, nth: number, status: Partial<ContainerStatus>): Pod => ({
  ...pod,
  metadata: { name: `kube-proxy-${nth}`, namespace: 'kube-system', labels: { 'k8s-app': 'kube-proxy' } },
  spec: { nodeName: pod.spec?.nodeName, hostNetwork: true, containers: [{ name: 'kube-proxy' }] },
  status: { phase: 'Running', containerStatuses: [{ name: 'kube-proxy', ...status }] },
})

checkTable(kubeProxyHealthy, [
  { title: 'one beside every aws-node', snapshot: [kubeProxies()], verdict: 'pass', words: ['kube-proxy is ready on 20 nodes'] },
  {
    title: 'one of them loops',
    snapshot: [kubeProxies([], 2)],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: [appNode, 'container kube-proxy: CrashLoopBackOff, 12 restarts'],
  },
  { title: 'one on the canary loops', snapshot: [kubeProxies([], 0)], verdict: 'block', subject: 'NodeGroup/canary' },
  { title: 'one node has none', snapshot: [kubeProxies([2])], verdict: 'warn', subject: 'NodeGroup/app-a', words: ['no kube-proxy pod'] },
])

function windows(node: string): SnapshotChange {
  return changeObject<Node>('Node', node, (each) => ({
    ...each,
    status: { ...each.status, nodeInfo: { ...each.status?.nodeInfo, operatingSystem: 'windows' } },
  }))
}

const cordon = (node: string, unschedulable = true) =>
  changeObject<Node>('Node', node, (each) => ({ ...each, spec: { ...each.spec, unschedulable } }))

checkTable(nodesCordoned, [
  {
    title: 'one node is cordoned',
    snapshot: [cordon(appNode)],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: [`1 node of app-a (${appNode})`],
  },
  { title: 'one says in words that it is not', snapshot: [cordon(appNode, false)], verdict: 'pass' },
  {
    title: 'two of two groups are',
    snapshot: [cordon(appNode), cordon(canaryNode)],
    verdict: 'warn',
    subject: 'NodeGroup/canary',
    findings: 2,
  },
])

const budget = (name: string, status: NonNullable<PodDisruptionBudget['status']>) =>
  changeObject<PodDisruptionBudget>('PodDisruptionBudget', name, (each) => ({ ...each, status: { ...each.status, ...status } }))

const exhausted = budget('db', { disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2 })

const crashing = (healthy: number) => [
  budget('db', { disruptionsAllowed: 0, currentHealthy: healthy, desiredHealthy: 2 }),
  changePods('db', (pod: Pod) => ({
    ...pod,
    status: { ...pod.status, conditions: pod.status?.conditions?.map((each) => ({ ...each, status: 'False' })) },
  })),
]

checkTable(pdbAllowsNone, [
  {
    title: 'pods that crash are held back like the others',
    snapshot: crashing(0),
    verdict: 'block',
    subject: 'PodDisruptionBudget/shop/db',
    words: ['3 of them not ready, which their unhealthyPodEvictionPolicy holds back too'],
  },
  {
    title: 'pods that crash go under AlwaysAllow',
    snapshot: [
      ...crashing(0),
      changeObject<PodDisruptionBudget>('PodDisruptionBudget', 'db', (each) => ({
        ...each,
        spec: { ...each.spec, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
      })),
    ],
    verdict: 'pass',
  },
  { title: 'pods that crash go while enough others are healthy', snapshot: crashing(2), verdict: 'pass' },
  {
    title: 'a budget allows none',
    snapshot: [exhausted],
    verdict: 'block',
    subject: 'PodDisruptionBudget/shop/db',
    words: ['2 healthy, 2 must stay', '3 pods on 3 nodes of data', 'db-0', 'PodEvictionFailure'],
  },
  { title: 'it allows one', snapshot: [budget('db', { disruptionsAllowed: 1 })], verdict: 'pass' },
  { title: 'its pods are on nodes that stay', snapshot: [exhausted], intent: withoutData, verdict: 'pass' },
  {
    title: 'its pods have gone',
    snapshot: [exhausted, removeObjects('Pod', (pod) => pod.metadata.name.startsWith('db-'))],
    verdict: 'pass',
  },
  {
    title: 'its controller lags behind',
    snapshot: [budget('db', { observedGeneration: 0 })],
    verdict: 'unknown',
    subject: 'PodDisruptionBudget/shop/db',
    words: ['not up to date'],
  },
  {
    title: 'it has no status yet',
    snapshot: [changeObject<PodDisruptionBudget>('PodDisruptionBudget', 'db', (each) => ({ ...each, status: undefined }))],
    verdict: 'unknown',
    subject: 'PodDisruptionBudget/shop/db',
  },
  {
    title: 'a budget over a whole namespace',
    snapshot: [
      addObjects({
        apiVersion: 'policy/v1',
        kind: 'PodDisruptionBudget',
        metadata: { name: 'all', namespace: 'jobs' },
        spec: { selector: {} },
        status: { disruptionsAllowed: 0, currentHealthy: 4, desiredHealthy: 4 },
      } as PodDisruptionBudget),
    ],
    verdict: 'block',
    subject: 'PodDisruptionBudget/jobs/all',
    words: ['4 pods on 4 nodes of batch'],
  },
  { title: 'no group changes', snapshot: [exhausted], intent: noGroups, verdict: 'pass', words: ['No node group changes'] },
])
