import { keyedRandom } from '../../src/model/keyed.ts'
import type { Container, ContainerStatus, KubernetesObject, Node, Pod, PodDisruptionBudget, Workload } from '../../src/model/kubernetes.ts'
import { CNI_BEFORE, nodesOfGroups, STARTED_AT, type TestGroup, type TestNode } from './healthy-cluster.ts'

const REGISTRY = '602401143452.dkr.ecr.eu-central-1.amazonaws.com'

/** Everything the API server lists about the healthy cluster. */
export function healthyObjects(groups: readonly TestGroup[]): readonly KubernetesObject[] {
  const nodes = nodesOfGroups(groups)
  const on = (...names: readonly string[]) => nodes.filter((node) => names.includes(node.group))
  return [
    ...nodes.map(kubernetesNode),
    awsNodeDaemonSet(nodes.length),
    ...nodes.map((node) => awsNodePod(node)),
    ...deployment('kube-system', 'coredns', 2, on('app-a', 'app-b')),
    ...deployment('shop', 'web', 8, on('canary', 'app-a', 'app-b')),
    ...deployment('shop', 'api', 6, on('app-a', 'app-b')),
    ...deployment('jobs', 'worker', 4, on('batch')),
    ...statefulSet('shop', 'db', 3, on('data')),
    budget('shop', 'web', { minAvailable: 6 }, 8, 6),
    budget('shop', 'db', { maxUnavailable: 1 }, 3, 2),
  ]
}

function kubernetesNode(node: TestNode): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      uid: `node-${node.index}`,
      creationTimestamp: STARTED_AT,
      labels: {
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/zone': node.zone,
        'node.kubernetes.io/instance-type': node.instanceType,
        'eks.amazonaws.com/nodegroup': node.group,
        'eks.amazonaws.com/nodegroup-image': node.ami,
      },
    },
    spec: { providerID: `aws:///${node.zone}/${node.instanceId}` },
    status: {
      conditions: [{ type: 'Ready', status: 'True', reason: 'KubeletReady', lastTransitionTime: STARTED_AT }],
      addresses: [
        { type: 'InternalIP', address: node.ip },
        { type: 'Hostname', address: node.name },
      ],
      nodeInfo: {
        kubeletVersion: node.kubelet,
        osImage: 'Amazon Linux 2023.9.20251001',
        architecture: 'amd64',
        operatingSystem: 'linux',
        kernelVersion: '6.1.153-175.280.amzn2023.x86_64',
        containerRuntimeVersion: 'containerd://1.7.27',
      },
      allocatable: { cpu: '1930m', memory: '7291268Ki', pods: '29' },
      capacity: { cpu: '2', memory: '7908264Ki', pods: '29' },
    },
  }
}

const AWS_NODE_CONTAINERS: readonly Container[] = [
  {
    name: 'aws-node',
    image: `${REGISTRY}/amazon-k8s-cni:${CNI_BEFORE}`,
    env: [
      { name: 'ENABLE_PREFIX_DELEGATION', value: 'false' },
      { name: 'ENABLE_POD_ENI', value: 'false' },
      { name: 'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG', value: 'false' },
      { name: 'WARM_ENI_TARGET', value: '1' },
      { name: 'WARM_PREFIX_TARGET', value: '1' },
    ],
    resources: { requests: { cpu: '25m' } },
  },
  {
    name: 'aws-eks-nodeagent',
    image: `${REGISTRY}/amazon/aws-network-policy-agent:v1.2.7-eksbuild.1`,
    resources: { requests: { cpu: '25m' } },
  },
]

const AWS_NODE_INIT: Container = { name: 'aws-vpc-cni-init', image: `${REGISTRY}/amazon-k8s-cni-init:${CNI_BEFORE}` }

const AWS_NODE_SPEC = {
  hostNetwork: true,
  serviceAccountName: 'aws-node',
  containers: AWS_NODE_CONTAINERS,
  initContainers: [AWS_NODE_INIT],
  tolerations: [{ operator: 'Exists' }],
  terminationGracePeriodSeconds: 10,
}

function awsNodeDaemonSet(nodes: number): Workload {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'aws-node', namespace: 'kube-system', uid: 'ds-aws-node', generation: 7, labels: { 'k8s-app': 'aws-node' } },
    spec: {
      selector: { matchLabels: { 'k8s-app': 'aws-node' } },
      template: { metadata: { labels: { 'k8s-app': 'aws-node' } }, spec: AWS_NODE_SPEC },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } },
    },
    status: {
      observedGeneration: 7,
      desiredNumberScheduled: nodes,
      currentNumberScheduled: nodes,
      updatedNumberScheduled: nodes,
      numberReady: nodes,
      numberAvailable: nodes,
    },
  }
}

/** `aws-node-…` on a node; `aws-node-0` on the first. */
function awsNodePod(node: TestNode): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `aws-node-${node.index}`,
      namespace: 'kube-system',
      uid: `aws-node-${node.index}`,
      creationTimestamp: STARTED_AT,
      labels: { 'k8s-app': 'aws-node', 'controller-revision-hash': '7' },
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'aws-node', uid: 'ds-aws-node', controller: true }],
    },
    spec: { ...AWS_NODE_SPEC, nodeName: node.name },
    status: {
      phase: 'Running',
      podIP: node.ip,
      hostIP: node.ip,
      startTime: STARTED_AT,
      conditions: podConditions(),
      containerStatuses: AWS_NODE_CONTAINERS.map((container) => runningStatus(container)),
      initContainerStatuses: [
        {
          name: AWS_NODE_INIT.name,
          ready: true,
          restartCount: 0,
          image: AWS_NODE_INIT.image,
          state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: STARTED_AT } },
        },
      ],
    },
  }
}

function runningStatus(container: Container): ContainerStatus {
  return {
    name: container.name,
    ready: true,
    started: true,
    restartCount: 0,
    image: container.image,
    state: { running: { startedAt: STARTED_AT } },
  }
}

function podConditions() {
  return ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
    type,
    status: 'True',
    lastTransitionTime: STARTED_AT,
  }))
}

function deployment(namespace: string, name: string, replicas: number, nodes: readonly TestNode[]): readonly KubernetesObject[] {
  const set = `${name}-6d4cf56db6`
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid: `deploy-${name}`, controller: true }
  const replicaSet: Workload = {
    ...workload('ReplicaSet', namespace, set, name, replicas),
    metadata: { name: set, namespace, uid: `rs-${name}`, labels: { app: name }, ownerReferences: [owner] },
  }
  const setOwner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: set, uid: `rs-${name}` }
  return [
    workload('Deployment', namespace, name, name, replicas),
    replicaSet,
    ...pods(namespace, name, replicas, nodes, (place) => `${set}-${place}`, setOwner),
  ]
}

function statefulSet(namespace: string, name: string, replicas: number, nodes: readonly TestNode[]): readonly KubernetesObject[] {
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name, uid: `sts-${name}` }
  return [
    workload('StatefulSet', namespace, name, name, replicas),
    ...pods(namespace, name, replicas, nodes, (place) => `${name}-${place}`, owner),
  ]
}

function workload(kind: string, namespace: string, name: string, app: string, replicas: number): Workload {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace, uid: `${kind}-${name}`, generation: 1, labels: { app } },
    spec: {
      replicas,
      selector: { matchLabels: { app } },
      template: { metadata: { labels: { app } }, spec: { containers: [appContainer(app)] } },
    },
    status: { observedGeneration: 1, replicas, readyReplicas: replicas, availableReplicas: replicas, updatedReplicas: replicas },
  }
}

type Owner = { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string }

function pods(
  namespace: string,
  app: string,
  replicas: number,
  nodes: readonly TestNode[],
  nameOf: (place: number) => string,
  owner: Owner,
): readonly Pod[] {
  if (nodes.length === 0) return []
  return Array.from({ length: replicas }, (_, place) => {
    const node = nodes[place % nodes.length]
    return appPod(namespace, nameOf(place), { app }, node?.name ?? '', owner)
  })
}

/** A running pod on the pod network of a node. */
export function appPod(namespace: string, name: string, labels: Readonly<Record<string, string>>, node: string, owner?: Owner): Pod {
  const container = appContainer(labels.app ?? 'app')
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      uid: `pod-${namespace}-${name}`,
      creationTimestamp: STARTED_AT,
      labels,
      ...(owner && { ownerReferences: [{ ...owner, controller: true }] }),
    },
    spec: { nodeName: node, containers: [container] },
    status: {
      phase: 'Running',
      podIP: `10.0.3.${1 + Math.floor(keyedRandom(namespace, name) * 250)}`,
      startTime: STARTED_AT,
      conditions: podConditions(),
      containerStatuses: [runningStatus(container)],
    },
  }
}

function appContainer(app: string): Container {
  return { name: app, image: `registry.example.com/${app}:1.0`, resources: { requests: { cpu: '100m', memory: '128Mi' } } }
}

function budget(
  namespace: string,
  app: string,
  spec: { minAvailable?: number; maxUnavailable?: number },
  healthy: number,
  desired: number,
): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: app, namespace, uid: `pdb-${app}`, generation: 1 },
    spec: { ...spec, selector: { matchLabels: { app } } },
    status: {
      disruptionsAllowed: healthy - desired,
      currentHealthy: healthy,
      desiredHealthy: desired,
      expectedPods: healthy,
      observedGeneration: 1,
    },
  }
}
