import type { AccessReview } from '../../model/snapshot.ts'

/** What a run does with the caller's own permissions, beyond reading. `serin permissions --apply` prints policies of the same lists. */

export const RUN_ACTIONS = {
  nodeGroups: ['eks:UpdateNodegroupVersion', 'eks:UpdateNodegroupConfig'],
  /** A group is made beside another, and one of the two deleted; its node role is passed on. */
  replacements: ['eks:CreateNodegroup', 'eks:DeleteNodegroup', 'eks:TagResource', 'iam:PassRole'],
  /** Cluster Autoscaler finds a group by a tag, which is taken from one that is emptied. */
  autoscalerTags: ['autoscaling:CreateOrUpdateTags', 'autoscaling:DeleteTags'],
  selfManagedReplacements: ['autoscaling:CreateAutoScalingGroup', 'autoscaling:DeleteAutoScalingGroup', 'iam:PassRole'],
  addons: ['eks:UpdateAddon'],
  /** The way back of a control plane is the same action. */
  controlPlane: ['eks:UpdateClusterVersion', 'eks:CancelUpdate'],
  /** The role of an add-on is sent with every update of it. */
  addonRoles: ['iam:PassRole'],
  /** EKS checks these on the caller when a group has a launch template: https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html */
  launchTemplates: ['ec2:RunInstances', 'ec2:CreateTags'],
  autoScalingGroups: ['autoscaling:UpdateAutoScalingGroup'],
  /** Nodes of groups that EKS does not manage, replaced by Serin itself. */
  selfManaged: [
    'autoscaling:UpdateAutoScalingGroup',
    'autoscaling:TerminateInstanceInAutoScalingGroup',
    'autoscaling:SetInstanceProtection',
    'autoscaling:SuspendProcesses',
    'autoscaling:ResumeProcesses',
    'autoscaling:CompleteLifecycleAction',
  ],
} as const

/** One thing that a run does with objects of the cluster. */
export type KubernetesAccess = Omit<AccessReview, 'allowed' | 'reason'>

const inSystem = (group: string, resource: string, verbs: readonly string[]): readonly KubernetesAccess[] =>
  verbs.map((verb) => ({ verb, group, resource, namespace: 'kube-system' }))

/** Pods of self-managed groups are evicted by Serin; EKS does it for the others. */
export const DRAIN_ACCESS: readonly KubernetesAccess[] = [{ verb: 'create', group: '', resource: 'pods', subresource: 'eviction' }]

/** Nodes are uncordoned and tainted, the Lease and the record of the run kept, and aws-node gets back what an update wiped. */
export const RUN_ACCESS: readonly KubernetesAccess[] = [
  { verb: 'patch', group: '', resource: 'nodes' },
  ...inSystem('coordination.k8s.io', 'leases', ['get', 'create', 'update']),
  ...inSystem('', 'configmaps', ['get', 'create', 'update']),
  { verb: 'patch', group: 'apps', resource: 'daemonsets', namespace: 'kube-system', name: 'aws-node' },
]

const LOGS: KubernetesAccess = { verb: 'get', group: '', resource: 'pods', subresource: 'log', namespace: 'kube-system' }
const COUNTERS: KubernetesAccess = { verb: 'get', group: '', resource: 'pods', subresource: 'proxy', namespace: 'kube-system' }
const SLICES = ['list', 'watch'].map((verb): KubernetesAccess => ({ verb, group: 'discovery.k8s.io', resource: 'endpointslices' }))

/** What whole runs are watched by: a snapshot lists these kinds, a run keeps a copy of each by a watch. */
const WATCHED = [
  ...['nodes', 'pods', 'events'].map((resource) => ({ group: '', resource })),
  ...['daemonsets', 'deployments', 'statefulsets', 'replicasets'].map((resource) => ({ group: 'apps', resource })),
  { group: 'policy', resource: 'poddisruptionbudgets' },
].map((kind): KubernetesAccess => ({ verb: 'watch', ...kind }))

/** What gates read beyond what a snapshot shows to be readable. */
export const GATE_ACCESS = { watched: WATCHED, logs: [LOGS], counters: [COUNTERS], slices: SLICES } as const

/** Pods that look at the network from inside, or read a file of their node, come and go as Jobs. */
export function probeAccess(namespace: string): readonly KubernetesAccess[] {
  return ['create', 'delete'].map((verb) => ({ verb, group: 'batch', resource: 'jobs', namespace }))
}
