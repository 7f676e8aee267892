import { doNotDisrupt } from '../../../src/catalog/checks/do-not-disrupt.ts'
import { drainBlocked } from '../../../src/catalog/checks/drain-blocked.ts'
import { localStorage } from '../../../src/catalog/checks/local-storage.ts'
import { nakedPods } from '../../../src/catalog/checks/naked-pods.ts'
import { noRoom } from '../../../src/catalog/checks/no-room.ts'
import { pdbAllowsNone } from '../../../src/catalog/checks/pdb-allows-none.ts'
import { pdbOverlap } from '../../../src/catalog/checks/pdb-overlap.ts'
import { pdbSelectsNothing } from '../../../src/catalog/checks/pdb-selects-nothing.ts'
import { podUpdateWebhook } from '../../../src/catalog/checks/pod-update-webhook.ts'
import { readinessProbe } from '../../../src/catalog/checks/readiness-probe.ts'
import { replicasTogether } from '../../../src/catalog/checks/replicas-together.ts'
import { singleReplica } from '../../../src/catalog/checks/single-replica.ts'
import { systemWorkloads } from '../../../src/catalog/checks/system-workloads.ts'
import { terminationGrace } from '../../../src/catalog/checks/termination-grace.ts'
import { volumeZone } from '../../../src/catalog/checks/volume-zone.ts'
import { webhookDrain } from '../../../src/catalog/checks/webhook-drain.ts'
import { webhookReachable } from '../../../src/catalog/checks/webhook-reachable.ts'
import { zoneSpread } from '../../../src/catalog/checks/zone-spread.ts'
import type { KubernetesObject, Pod, PodDisruptionBudget, PodSpec, Workload } from '../../../src/model/kubernetes.ts'
import { appPod } from '../../support/healthy-kubernetes.ts'
import type { NearMiss } from '../../support/near-miss.ts'
import { boundVolume } from '../../support/objects.ts'
import { addObjects, awsNodeEnv, changeObject, changePods, nodeNames } from '../../support/snapshot-builder.ts'

const [batchNode = '', otherBatchNode = ''] = nodeNames('batch')
const [dataNode = ''] = nodeNames('data')

const pod = (name: string, spec: Partial<PodSpec>) =>
  changeObject<Pod>('Pod', name, (each) => ({ ...each, spec: { ...each.spec, ...spec } }))
const budget = (status: PodDisruptionBudget['status']) =>
  changeObject<PodDisruptionBudget>('PodDisruptionBudget', 'web', (each) => ({ ...each, status: { ...each.status, ...status } }))
const another = (app: string) =>
  addObjects({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'another', namespace: 'shop' },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app } } },
    status: { disruptionsAllowed: 1, currentHealthy: 4, desiredHealthy: 3 },
  } as KubernetesObject)
const annotated = (value: string) =>
  changeObject<Pod>('Pod', 'db-0', (each) => ({
    ...each,
    metadata: { ...each.metadata, annotations: { 'karpenter.sh/do-not-disrupt': value } },
  }))

/** All workers on one node, but for one of them. */
const workers = (lastOn: string) => [
  changePods('worker', (each) => ({ ...each, spec: { ...each.spec, nodeName: batchNode } })),
  pod('worker-6d4cf56db6-3', { nodeName: lastOn }),
]

const debug = (controller: boolean) => {
  const made = appPod('shop', 'debug', { app: 'debug' }, dataNode)
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Robot', name: 'r', controller }]
  return addObjects({ ...made, metadata: { ...made.metadata, ownerReferences } })
}

const volume = (over: Parameters<typeof boundVolume>[2]) => [
  addObjects(...boundVolume('shop', 'data-db', over)),
  pod('db-0', { volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db' } }] }),
]

const service = (app: string) =>
  addObjects({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { selector: { app } },
  } as KubernetesObject)

const webhook = (resources: readonly string[], failurePolicy: string) =>
  addObjects({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'policy' },
    webhooks: [
      {
        name: 'p.example.com',
        failurePolicy,
        clientConfig: { service: { namespace: 'policy', name: 'hook' } },
        rules: [{ apiGroups: [''], operations: ['CREATE'], resources }],
      },
    ],
  } as KubernetesObject)

const policy = (kind: string) => [
  awsNodeEnv('ENABLE_POD_ENI', 'true'),
  addObjects({
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name: 'restrict' },
    spec: {
      rules: [{ name: 'r', match: { any: [{ resources: { kinds: [kind] } }] }, mutate: { patchesJson6902: '- path: /spec/priority' } }],
    },
  } as KubernetesObject),
]

/** What runs on the nodes that go, and what must allow that it goes. */
export const WORKLOADS: readonly NearMiss[] = [
  { check: pdbAllowsNone, title: 'the budget allows none now', fires: { snapshot: [budget({ disruptionsAllowed: 0 })] } },
  {
    check: pdbOverlap,
    title: 'a second budget guards the same pods',
    fires: { snapshot: [another('web')] },
    silent: { snapshot: [another('api')] },
  },
  {
    check: pdbSelectsNothing,
    title: 'a letter too many in the selector',
    fires: { snapshot: [another('webb')] },
    silent: { snapshot: [another('api')] },
  },
  {
    check: drainBlocked,
    title: 'all eight pods must stay, not seven',
    fires: { snapshot: [budget({ desiredHealthy: 8 })] },
    silent: { snapshot: [budget({ desiredHealthy: 7 })] },
  },
  {
    check: noRoom,
    title: 'one pod asks for a node that is nowhere',
    fires: { snapshot: [pod('worker-6d4cf56db6-0', { nodeSelector: { pool: 'nowhere' } })] },
  },
  {
    check: volumeZone,
    title: 'the volume is in a zone without nodes',
    fires: { snapshot: volume({ zone: 'eu-central-1d' }) },
    silent: { snapshot: volume({ zone: 'eu-central-1a' }) },
  },
  {
    check: localStorage,
    title: 'the volume is a part of its node',
    fires: { snapshot: volume({ local: {} }) },
    silent: { snapshot: volume({}) },
  },
  {
    check: replicasTogether,
    title: 'the last replica is on the same node too',
    fires: { snapshot: workers(batchNode) },
    silent: { snapshot: workers(otherBatchNode) },
  },
  {
    check: zoneSpread,
    title: 'the last replica is in the same zone too',
    fires: { snapshot: workers(batchNode) },
    silent: { snapshot: workers(otherBatchNode) },
  },
  {
    check: singleReplica,
    title: 'one replica instead of four',
    fires: { snapshot: [changeObject<Workload>('Deployment', 'worker', (each) => ({ ...each, spec: { ...each.spec, replicas: 1 } }))] },
  },
  {
    check: readinessProbe,
    title: 'a Service selects pods without a probe',
    fires: { snapshot: [service('web')] },
    silent: { snapshot: [service('webb')] },
  },
  { check: nakedPods, title: 'its owner does not control it', fires: { snapshot: [debug(false)] }, silent: { snapshot: [debug(true)] } },
  {
    check: terminationGrace,
    title: 'a second more than EKS drains',
    fires: { snapshot: [pod('db-0', { terminationGracePeriodSeconds: 901 })] },
    silent: { snapshot: [pod('db-0', { terminationGracePeriodSeconds: 900 })] },
  },
  {
    check: doNotDisrupt,
    title: 'the mark says true',
    fires: { snapshot: [annotated('true')] },
    silent: { snapshot: [annotated('false')] },
  },
  {
    check: systemWorkloads,
    title: 'one of two pods of coredns',
    fires: {
      snapshot: [changeObject<Workload>('Deployment', 'coredns', (each) => ({ ...each, status: { ...each.status, readyReplicas: 1 } }))],
    },
  },
  {
    check: webhookReachable,
    title: 'a webhook that nobody answers fails closed',
    fires: { snapshot: [webhook(['pods'], 'Fail')] },
    silent: { snapshot: [webhook(['pods'], 'Ignore')] },
  },
  {
    check: webhookDrain,
    title: 'one that must allow evictions fails closed',
    fires: { snapshot: [webhook(['pods/eviction'], 'Fail')] },
    silent: { snapshot: [webhook(['pods/eviction'], 'Ignore')] },
  },
  {
    check: podUpdateWebhook,
    title: 'the policy rewrites Pods, not Deployments',
    fires: { snapshot: policy('Pod') },
    silent: { snapshot: policy('Deployment') },
  },
]
