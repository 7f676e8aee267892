import type { BatchBaseline } from '../../src/catalog/gates/definition.ts'
import { HOUR, type Instant, instantOf, MINUTE } from '../../src/model/instant.ts'
import type {
  AddonFacts,
  AgentFacts,
  AwsNodeFacts,
  ContainerFacts,
  DaemonSetFacts,
  GroupFacts,
  NodeFacts,
  Seen,
  WaitingPod,
  WorkloadFacts,
} from '../../src/model/seen.ts'

/** Facts about a healthy cluster at NOW; a test names only what is different. */

/** 2026-11-23T10:00:00Z */
export const NOW: Instant = instantOf('2026-11-23T10:00:00Z') ?? 0
const CNI_VERSION = 'v1.19.0-eksbuild.1'

/** A container that runs and has been ready for 58 minutes. */
export function aContainer(over: Partial<ContainerFacts> = {}): ContainerFacts {
  return { name: 'aws-node', ready: true, running: true, startedAt: NOW - 58 * MINUTE, restarts: 0, ...over }
}

/** An aws-node pod with both its containers healthy, bound an hour ago. */
export function anAwsNode(over: Partial<AwsNodeFacts> = {}): AwsNodeFacts {
  const pod = over.pod ?? 'aws-node-abcde'
  return {
    pod,
    uid: `uid-${pod}`,
    revision: 'rev-1',
    boundAt: NOW - HOUR,
    version: CNI_VERSION,
    containers: [aContainer(), aContainer({ name: 'aws-eks-nodeagent' })],
    initDone: true,
    readyChangedAt: NOW - 57 * MINUTE,
    deleting: false,
    ...over,
  }
}

/** A healthy kube-proxy pod, bound an hour ago. */
export function aKubeProxy(over: Partial<AgentFacts> = {}): AgentFacts {
  const { log: _log, version: _version, revision: _revision, ...pod } = anAwsNode({ pod: 'kube-proxy-abcde' })
  return { ...pod, containers: [aContainer({ name: 'kube-proxy' })], ...over }
}

/** A node that joined an hour ago, Ready, with aws-node, kube-proxy and three pods that have addresses. */
export function aNode(over: Partial<NodeFacts> = {}): NodeFacts {
  const name = over.name ?? 'ip-10-0-1-7'
  return {
    name,
    uid: `uid-${name}`,
    instanceId: `i-${name.replace(/[^0-9a-f]/g, '').padStart(17, '0')}`,
    group: 'app-a',
    zone: 'eu-central-1a',
    instanceType: 'm5.large',
    createdAt: NOW - HOUR,
    ready: 'True',
    readySince: NOW - 58 * MINUTE,
    kubeletMinor: '1.33',
    image: 'ami-new',
    os: 'linux',
    cordoned: false,
    excludedFromBalancers: false,
    ourTaints: [],
    deleting: false,
    awsNode: anAwsNode({ pod: `aws-node-${name}` }),
    kubeProxy: aKubeProxy({ pod: `kube-proxy-${name}` }),
    waitingPods: [],
    addressedPods: 3,
    lastAddressAt: NOW - 50 * MINUTE,
    evictablePods: 2,
    ...over,
  }
}

/** A pod without an address, by default for five minutes because of the CNI. */
export function aWaitingPod(over: Partial<WaitingPod> = {}): WaitingPod {
  return { namespace: 'shop', name: 'web-1', boundAt: NOW - 5 * MINUTE, cause: 'cni', ...over }
}

/** A managed group that is ACTIVE and healthy, with one node in each of three zones unless nodes are given. */
export function aGroup(over: Partial<GroupFacts> = {}): GroupFacts {
  const name = over.name ?? 'app-a'
  const nodes = over.nodes ?? threeNodesOf(name)
  return {
    name,
    status: 'ACTIVE',
    spec: { version: '1.33', releaseVersion: '1.33.5-20261101' },
    health: [],
    updateConfig: { maxUnavailable: 1 },
    sizes: { min: 0, max: nodes.length + 2, desired: nodes.length },
    ...over,
    nodes,
  }
}

/** One healthy node per zone, `app-a-1` to `app-a-3`. */
function threeNodesOf(group: string): readonly NodeFacts[] {
  return ['a', 'b', 'c'].map((zone, index) => aNode({ name: `${group}-${index + 1}`, group, zone: `eu-central-1${zone}` }))
}

export function anAddon(over: Partial<AddonFacts> = {}): AddonFacts {
  return { name: 'vpc-cni', status: 'ACTIVE', spec: { version: CNI_VERSION }, health: [], ...over }
}

export function aDaemonSet(over: Partial<DaemonSetFacts> = {}): DaemonSetFacts {
  return {
    generation: 1,
    observedGeneration: 1,
    desired: 3,
    updated: 3,
    available: 3,
    version: CNI_VERSION,
    templateDigest: 'sha256:template-1',
    ...over,
  }
}

export function aWorkload(over: Partial<WorkloadFacts> = {}): WorkloadFacts {
  return { key: 'Deployment/shop/web', namespace: 'shop', generation: 1, desired: 3, available: 3, nodes: [], ...over }
}

/** A healthy picture taken at NOW past all caches. Groups and add-ons are given as lists. */
export function aSeen(
  over: Partial<Omit<Seen, 'groups' | 'addons'>> & { groups?: readonly GroupFacts[]; addons?: readonly AddonFacts[] } = {},
): Seen {
  const { groups = [aGroup()], addons = [anAddon()], ...rest } = over
  const now = over.now ?? NOW
  return {
    now,
    otherNodes: [],
    updates: {},
    workloads: [],
    budgets: [],
    awsNode: aDaemonSet(),
    plainReadAt: now,
    lease: 'held',
    unavailable: [],
    throttled: 0,
    ...rest,
    groups: Object.fromEntries(groups.map((group) => [group.name, group])),
    addons: Object.fromEntries(addons.map((addon) => [addon.name, addon])),
  }
}

/** The baseline a batch would take of these nodes and workloads, half an hour before NOW. */
export function aBaseline(
  nodes: readonly NodeFacts[] = [],
  workloads: readonly WorkloadFacts[] = [],
  takenAt: Instant = NOW - 30 * MINUTE,
): BatchBaseline {
  return {
    takenAt,
    nodes: Object.fromEntries(nodes.map((node) => [node.name, baselineOf(node)])),
    workloads: Object.fromEntries(
      workloads.map(({ key, desired, available, generation, restarts, nodes }) => [
        key,
        { desired, available, generation, restarts, nodes },
      ]),
    ),
  }
}

function baselineOf(node: NodeFacts): BatchBaseline['nodes'][string] {
  return {
    uid: node.uid,
    group: node.group,
    ready: node.ready,
    restarts: restartsOf(node.awsNode),
    awsNodeReady: node.awsNode?.containers.every(({ ready }) => ready) ?? false,
    waiting: node.waitingPods.length,
    zone: node.zone,
    awsNodeUid: node.awsNode?.uid,
    ...(node.kubeProxy && {
      kubeProxy: { ready: node.kubeProxy.containers.every(({ ready }) => ready), restarts: restartsOf(node.kubeProxy) },
    }),
  }
}

function restartsOf(pod: AgentFacts | undefined): number {
  return (pod?.containers ?? []).reduce((sum, container) => sum + container.restarts, 0)
}
