import { CNI_ACCESS, CNI_DEFINITIONS } from '../../src/catalog/knowledge/cni-access.ts'
import { GATE_ACCESS, RUN_ACCESS } from '../../src/catalog/knowledge/run-permissions.ts'
import type { EksAddon, EksNodegroup } from '../../src/model/aws.ts'
import { instantOf, MINUTE } from '../../src/model/instant.ts'
import type { AddonIntent, GroupIntent, Intent } from '../../src/model/intent.ts'
import type { KubernetesObject, Node, Pod, Workload } from '../../src/model/kubernetes.ts'
import type { GateSpec, PlanWave, UpgradePlan } from '../../src/model/plan.ts'
import { API_VERSION, type ClusterSnapshot } from '../../src/model/snapshot.ts'
import { healthyAws } from './healthy-aws.ts'
import {
  ACCOUNT,
  autoScalingGroupName,
  CAPTURED_AT,
  CERTIFICATE,
  CLUSTER,
  CNI_AFTER,
  CNI_BEFORE,
  CNI_BETWEEN,
  ENDPOINT,
  GROUPS,
  IMAGES,
  nodesOfGroups,
  REGION,
  SUBNETS,
  type TestGroup,
  ZONES,
} from './healthy-cluster.ts'
import { healthyObjects } from './healthy-kubernetes.ts'

/**
 * A snapshot, a plan and an intent that pass every check, and small changes to make one thing wrong:
 *
 *     healthySnapshot(changeGroup('app-a', { status: 'DEGRADED' }), unreadable('ec2:DescribeSubnets', 'subnets'))
 */

/** The time at which the healthy snapshot was taken. */
export const NOW = instantOf(CAPTURED_AT) ?? 0

export type SnapshotChange = (snapshot: ClusterSnapshot) => ClusterSnapshot

/** The cluster `shop` in good health, then each change in turn. */
export function healthySnapshot(...changes: readonly SnapshotChange[]): ClusterSnapshot {
  return snapshotOf(GROUPS, ...changes)
}

/** As `healthySnapshot`, with other node groups. */
function snapshotOf(groups: readonly TestGroup[], ...changes: readonly SnapshotChange[]): ClusterSnapshot {
  const healthy: ClusterSnapshot = {
    apiVersion: API_VERSION,
    kind: 'ClusterSnapshot',
    capturedAt: CAPTURED_AT,
    aws: healthyAws(groups),
    kubernetes: {
      items: healthyObjects(groups),
      accessReviews: [...RUN_ACCESS, ...Object.values(GATE_ACCESS).flat()].map((access) => ({ ...access, allowed: true })),
      awsNodeReviews: CNI_ACCESS.map((access) => ({ ...access, allowed: true })),
      definitions: CNI_DEFINITIONS,
      kubeProxyMode: 'iptables',
      awsNodeRole: `arn:aws:iam::${ACCOUNT}:role/shop-cni`,
      server: { endpoint: ENDPOINT, certificateAuthorityData: CERTIFICATE, version: 'v1.33.5-eks-113cf36' },
    },
    logs: [],
    openRun: null,
    lease: null,
    unavailable: [],
  }
  return changes.reduce((snapshot, change) => change(snapshot), healthy)
}

/** Replaces members of `aws`. */
export function changeAws(parts: Partial<ClusterSnapshot['aws']>): SnapshotChange {
  return (snapshot) => ({ ...snapshot, aws: { ...snapshot.aws, ...parts } })
}

export function changeCluster(parts: Partial<NonNullable<ClusterSnapshot['aws']['cluster']>>): SnapshotChange {
  return (snapshot) => changeAws({ cluster: { ...snapshot.aws.cluster, ...parts } })(snapshot)
}

export function changeGroup(name: string, parts: Partial<EksNodegroup>): SnapshotChange {
  return (snapshot) =>
    changeAws({
      nodegroups: snapshot.aws.nodegroups?.map((group) => (group.nodegroupName === name ? { ...group, ...parts } : group)),
    })(snapshot)
}

export function changeAddon(name: string, parts: Partial<EksAddon>): SnapshotChange {
  return (snapshot) =>
    changeAws({ addons: snapshot.aws.addons?.map((addon) => (addon.addonName === name ? { ...addon, ...parts } : addon)) })(snapshot)
}

/** Changes one Kubernetes object, found by kind and name. Throws when there is none, so that a test cannot change nothing. */
export function changeObject<T extends KubernetesObject>(kind: T['kind'], name: string, change: (object: T) => T): SnapshotChange {
  return (snapshot) => {
    const items = snapshot.kubernetes.items ?? []
    const matches = (item: KubernetesObject): item is T => item.kind === kind && item.metadata.name === name
    if (!items.some(matches)) throw new Error(`no ${kind} named ${name} in the snapshot`)
    return withItems(
      snapshot,
      items.map((item) => (matches(item) ? change(item) : item)),
    )
  }
}

/** Sets a variable of the container aws-node in its DaemonSet. */
export function awsNodeEnv(name: string, value: string): SnapshotChange {
  return changeObject<Workload>('DaemonSet', 'aws-node', (set) => {
    const spec = set.spec?.template?.spec
    const containers = spec?.containers?.map((each) =>
      each.name === 'aws-node' ? { ...each, env: [...(each.env ?? []).filter((entry) => entry.name !== name), { name, value }] } : each,
    )
    return { ...set, spec: { ...set.spec, template: { ...set.spec?.template, spec: { ...spec, containers } } } }
  })
}

/** Changes every node of the cluster. */
export function changeNodes(change: (node: Node) => Node): SnapshotChange {
  return changeItems((item) => (item.kind === 'Node' ? change(item as Node) : item))
}

/** Changes every pod of an app, by its label. */
export function changePods(app: string, change: (pod: Pod) => Pod): SnapshotChange {
  return changeItems((item) => (item.kind === 'Pod' && item.metadata.labels?.app === app ? change(item as Pod) : item))
}

function changeItems(change: (item: KubernetesObject) => KubernetesObject): SnapshotChange {
  return (snapshot) => withItems(snapshot, (snapshot.kubernetes.items ?? []).map(change))
}

export function addObjects(...objects: readonly KubernetesObject[]): SnapshotChange {
  return (snapshot) => withItems(snapshot, [...(snapshot.kubernetes.items ?? []), ...objects])
}

export function removeObjects(kind: string, matches: (object: KubernetesObject) => boolean = () => true): SnapshotChange {
  return (snapshot) =>
    withItems(
      snapshot,
      (snapshot.kubernetes.items ?? []).filter((item) => item.kind !== kind || !matches(item)),
    )
}

/** What could not be read: the list goes, and `unavailable` says why. */
export function unreadable(source: string, ...parts: readonly (keyof ClusterSnapshot['aws'])[]): SnapshotChange {
  return (snapshot) => ({
    ...snapshot,
    aws: Object.fromEntries(Object.entries(snapshot.aws).filter(([part]) => !parts.some((gone) => gone === part))),
    unavailable: [...(snapshot.unavailable ?? []), { source, reason: 'AccessDenied' }],
  })
}

/** Names of the nodes of a healthy group, in order. */
export function nodeNames(group: string): readonly string[] {
  return nodesOfGroups(GROUPS)
    .filter((node) => node.group === group)
    .map((node) => node.name)
}

function withItems(snapshot: ClusterSnapshot, items: readonly KubernetesObject[]): ClusterSnapshot {
  return { ...snapshot, kubernetes: { ...snapshot.kubernetes, items } }
}

const gates = (...kinds: readonly string[]): readonly GateSpec[] => kinds.map((kind) => ({ kind, options: {} }))
const CNI_GATES = gates('aws-node', 'stuck-pods')
const NODE_GATES = gates('nodes-ready', 'aws-node', 'ipam', 'stuck-pods', 'workloads')

/** vpc-cni to the recommended version, then canary, the app groups, the rest to 1.33. */
export function healthyPlan(overrides: Partial<UpgradePlan> = {}): UpgradePlan {
  return {
    metadata: { name: 'shop-1-33', annotations: {} },
    cluster: { name: CLUSTER, region: REGION, accountId: ACCOUNT },
    target: {
      kubernetesVersion: '1.33',
      images: 'latest',
      addons: [{ name: 'vpc-cni', version: 'recommended', resolveConflicts: 'PRESERVE', gates: CNI_GATES, soak: 15 * MINUTE }],
    },
    canary: planWave('canary', ['canary'], 30 * MINUTE),
    waves: [planWave('app', ['app-*'], 15 * MINUTE), planWave('rest', ['*'], 0)],
    nodeGroups: [],
    exclude: [],
    rollback: { addon: 'last-proven-hop', canary: 'automatic', waves: 'hold', grace: 10 * MINUTE },
    accept: [],
    waivers: [],
    notify: [],
    ...overrides,
  }
}

function planWave(name: string, nodeGroups: readonly string[], soak: number): PlanWave {
  return { name, nodeGroups, optional: false, batch: 1, gates: NODE_GATES, soak, approval: false }
}

/** What the healthy plan means on the healthy snapshot. */
export function healthyIntent(overrides: Partial<Intent> = {}): Intent {
  return {
    clusterMinor: '1.33',
    addons: [healthyAddonIntent()],
    groups: GROUPS.map((group) => healthyGroupIntent(group)),
    excluded: [],
    problems: [],
    ...overrides,
  }
}

/** The intent with every group changed alike. */
export function everyGroup(parts: Partial<GroupIntent>): Pick<Intent, 'groups'> {
  return { groups: GROUPS.map((group) => healthyGroupIntent(group, parts)) }
}

export function healthyAddonIntent(overrides: Partial<AddonIntent> = {}): AddonIntent {
  return {
    name: 'vpc-cni',
    baseline: {
      version: CNI_BEFORE,
      configurationValues: '{"env":{"WARM_ENI_TARGET":"1"}}',
      serviceAccountRoleArn: `arn:aws:iam::${ACCOUNT}:role/shop-cni`,
    },
    target: CNI_AFTER,
    hops: [CNI_BETWEEN, CNI_AFTER],
    resolveConflicts: 'PRESERVE',
    gates: CNI_GATES,
    soak: 15 * MINUTE,
    wayBack: { exists: 'yes', how: 'UpdateAddon, one minor at a time' },
    ...overrides,
  }
}

export function healthyGroupIntent(group: TestGroup, overrides: Partial<GroupIntent> = {}): GroupIntent {
  return {
    name: group.name,
    phase: group.name === 'canary' ? 'canary' : 'wave',
    wave: waveOf(group.name),
    strategy: 'managed-in-place',
    form: 'optimised',
    amiType: group.amiType ?? 'AL2023_x86_64_STANDARD',
    baseline: { version: '1.32', releaseVersion: IMAGES['1.32']?.release },
    target: { version: '1.33', releaseVersion: IMAGES['1.33']?.release },
    changes: true,
    nodes: group.nodes,
    pods: group.nodes * 2,
    zones: ZONES,
    subnets: SUBNETS.map((subnet) => subnet.id),
    instanceTypes: [group.instanceType ?? 'm5.large'],
    autoScalingGroup: autoScalingGroupName(group.name),
    maxUnavailable: 1,
    surge: 6,
    updateStrategy: 'DEFAULT',
    timeout: 90 * MINUTE,
    sizes: { min: 1, max: group.nodes + 3, desired: group.nodes },
    wayBack: { exists: 'yes', how: 'UpdateNodegroupVersion with the former release' },
    nodeClass: `${group.amiType ?? 'AL2023_x86_64_STANDARD'} amd64 ${(group.instanceType ?? 'm5.large').split('.')[0]}`,
    ...overrides,
  }
}

function waveOf(group: string): string {
  if (group === 'canary') return 'canary'
  return group.startsWith('app-') ? 'app' : 'rest'
}
