import type { KubernetesEvent, KubernetesObject, Node, Pod, Workload } from '../../src/model/kubernetes.ts'

/** Kubernetes objects as kubectl prints them, healthy by default; a test names only what is different. */

const T0 = '2026-11-23T09:00:00Z'

export function aNodeObject(name = 'ip-10-0-1-7', over: Partial<Node> = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      uid: `uid-${name}`,
      creationTimestamp: T0,
      labels: {
        'eks.amazonaws.com/nodegroup': 'app-a',
        'eks.amazonaws.com/nodegroup-image': 'ami-1',
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'topology.kubernetes.io/zone': 'eu-central-1a',
        'node.kubernetes.io/instance-type': 'm5.large',
      },
    },
    spec: { providerID: 'aws:///eu-central-1a/i-0123456789abcdef0' },
    status: {
      conditions: [
        { type: 'MemoryPressure', status: 'False', lastTransitionTime: T0 },
        { type: 'Ready', status: 'True', lastTransitionTime: '2026-11-23T09:02:00Z' },
      ],
      nodeInfo: { kubeletVersion: 'v1.33.5-eks-1234567', operatingSystem: 'linux' },
    },
    ...over,
  }
}

/** A pod of Deployment web that runs with an address. */
export function aPodObject(
  name = 'web-1',
  over: { metadata?: Partial<Pod['metadata']>; spec?: Pod['spec']; status?: Pod['status'] } = {},
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'shop',
      uid: `uid-${name}`,
      creationTimestamp: T0,
      labels: { app: 'web' },
      ownerReferences: [{ kind: 'ReplicaSet', name: 'web-abc', controller: true }],
      ...over.metadata,
    },
    spec: { nodeName: 'ip-10-0-1-7', containers: [{ name: 'web' }], ...over.spec },
    status: {
      phase: 'Running',
      podIP: '10.0.1.20',
      conditions: [
        { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-11-23T09:05:00Z' },
        { type: 'PodReadyToStartContainers', status: 'True', lastTransitionTime: '2026-11-23T09:05:02Z' },
        { type: 'Ready', status: 'True', lastTransitionTime: '2026-11-23T09:05:09Z' },
      ],
      containerStatuses: [{ name: 'web', ready: true, restartCount: 0, state: { running: { startedAt: '2026-11-23T09:05:05Z' } } }],
      ...over.status,
    },
  }
}

/** A pod that is bound and waits: containers being created, no address. */
export function aWaitingPodObject(name = 'web-9', over: Parameters<typeof aPodObject>[1] = {}): Pod {
  return aPodObject(name, {
    ...over,
    status: {
      phase: 'Pending',
      podIP: undefined,
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-11-23T09:50:00Z' }],
      containerStatuses: [{ name: 'web', ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } }],
      ...over.status,
    },
  })
}

const running = (name: string) => ({ name, ready: true, restartCount: 0, state: { running: { startedAt: '2026-11-23T09:01:10Z' } } })

export function anAwsNodePod(node = 'ip-10-0-1-7', over: Parameters<typeof aPodObject>[1] = {}): Pod {
  return aPodObject(`aws-node-${node}`, {
    metadata: {
      namespace: 'kube-system',
      labels: { 'k8s-app': 'aws-node', 'controller-revision-hash': 'rev-1' },
      ownerReferences: [{ kind: 'DaemonSet', name: 'aws-node', controller: true }],
      ...over.metadata,
    },
    spec: {
      nodeName: node,
      hostNetwork: true,
      initContainers: [{ name: 'aws-vpc-cni-init' }],
      containers: [
        { name: 'aws-node', image: '602401143452.dkr.ecr.eu-central-1.amazonaws.com/amazon-k8s-cni:v1.19.0-eksbuild.1' },
        { name: 'aws-eks-nodeagent', image: 'agent:v1' },
      ],
      ...over.spec,
    },
    status: {
      phase: 'Running',
      podIP: '10.0.1.7',
      conditions: [
        { type: 'PodScheduled', status: 'True', lastTransitionTime: '2026-11-23T09:01:00Z' },
        { type: 'Ready', status: 'True', lastTransitionTime: '2026-11-23T09:01:30Z' },
      ],
      initContainerStatuses: [{ name: 'aws-vpc-cni-init', ready: true, state: { terminated: { exitCode: 0, reason: 'Completed' } } }],
      containerStatuses: [running('aws-node'), running('aws-eks-nodeagent')],
      ...over.status,
    },
  })
}

/** An event about a pod in the old style (`v1`). */
export function aPodEvent(pod: string, reason: string, message: string, lastTimestamp = '2026-11-23T09:55:00Z'): KubernetesEvent {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${pod}.${reason}.${lastTimestamp}`, namespace: 'shop' },
    involvedObject: { kind: 'Pod', namespace: 'shop', name: pod, uid: `uid-${pod}` },
    reason,
    message,
    lastTimestamp,
  }
}

export function aWorkloadObject(kind: string, name: string, over: Partial<Workload> = {}): Workload {
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'shop', uid: `uid-${kind}-${name}`, generation: 1, ...over.metadata },
    spec: { replicas: 2, ...over.spec },
    status: { availableReplicas: 2, ...over.status },
  }
}

/** ReplicaSet `web-abc` of Deployment `web`. */
export function replicaSetOfWeb(): Workload {
  return aWorkloadObject('ReplicaSet', 'web-abc', {
    metadata: { name: 'web-abc', namespace: 'shop', ownerReferences: [{ kind: 'Deployment', name: 'web', controller: true }] },
  })
}

/** A claim and the volume that it is bound to: in a zone, or a part of a node. */
export function boundVolume(
  namespace: string,
  claim: string,
  { zone, local }: { readonly zone?: string; readonly local?: object },
): readonly KubernetesObject[] {
  const required = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] }] }] }
  const spec = { ...(local && { local }), ...(zone && { nodeAffinity: { required } }) }
  return [
    { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: `pv-${claim}` }, spec } as KubernetesObject,
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claim, namespace },
      spec: { volumeName: `pv-${claim}` },
    } as KubernetesObject,
  ]
}
