import { REMOVED_APIS } from '../catalog/knowledge/removed-apis.ts'
import { RUN_ACTIONS } from '../catalog/knowledge/run-permissions.ts'

/** What Serin may ask for: the IAM policy and the Kubernetes roles, kept beside the list of what the ports really call. */

export interface Scope {
  readonly partition: string
  readonly region: string
  readonly account: string
  readonly cluster: string
  readonly groups: readonly string[]
  readonly addons: readonly string[]
  /** Whether gates ask about CloudWatch alarms. */
  readonly alarms: boolean
  /** Whether the control plane moves too. */
  readonly controlPlane: boolean
}

export const ANY: Scope = {
  partition: 'aws',
  region: '*',
  account: '*',
  cluster: '*',
  groups: ['*'],
  addons: ['*'],
  alarms: true,
  controlPlane: true,
}

const READ_CLUSTER = [
  'DescribeCluster',
  'ListNodegroups',
  'ListAddons',
  'ListUpdates',
  'DescribeUpdate',
  'ListInsights',
  'DescribeInsight',
  // Only with --refresh-insights: EKS looks anew, and nothing else happens.
  'StartInsightsRefresh',
  'DescribeInsightsRefresh',
]
/** What IAM would say to the caller and to the roles of cluster and vpc-cni; their policies where it says no. */
const READ_IAM = [
  'GetRole',
  'SimulatePrincipalPolicy',
  'ListAttachedRolePolicies',
  'ListRolePolicies',
  'GetPolicy',
  'GetPolicyVersion',
  'GetRolePolicy',
].map((name) => `iam:${name}`)
const READ_EVERYWHERE = ['eks:DescribeAddonVersions', 'eks:DescribeAddonConfiguration']
/** These read actions know no resource: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
const READ_STAR = [
  'autoscaling:DescribeAutoScalingGroups',
  'autoscaling:DescribeInstanceRefreshes',
  'autoscaling:DescribeLaunchConfigurations',
  'autoscaling:DescribeLifecycleHooks',
  'autoscaling:DescribeScalingActivities',
  'ec2:DescribeImages',
  'ec2:DescribeInstanceTypes',
  'ec2:DescribeInstances',
  'ec2:DescribeLaunchTemplateVersions',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:GetSubnetCidrReservations',
]

interface Statement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: string | readonly string[]
  readonly Condition?: unknown
}

/** The IAM policy: what pre-flight reads, and for `apply` what changes node groups and add-ons. */
export function iamPolicy(kind: 'read' | 'apply', scope: Scope): { readonly Version: string; readonly Statement: readonly Statement[] } {
  return {
    Version: '2012-10-17',
    Statement: kind === 'read' ? readStatements(scope) : [...readStatements(scope), ...applyStatements(scope)],
  }
}

function readStatements(scope: Scope): readonly Statement[] {
  const { groups, addons, cluster, associations } = arns(scope)
  // ListUpdates and DescribeUpdate are authorised against the cluster, the group or the add-on, depending on what is asked.
  const own = ['eks:DescribeNodegroup', 'eks:DescribeAddon', 'eks:ListUpdates', 'eks:DescribeUpdate']
  return [
    { Sid: 'SerinReadCluster', Effect: 'Allow', Action: READ_CLUSTER.map((name) => `eks:${name}`), Resource: cluster },
    { Sid: 'SerinReadGroupsAndAddons', Effect: 'Allow', Action: own, Resource: [...groups, ...addons] },
    { Sid: 'SerinReadQuotas', Effect: 'Allow', Action: ['servicequotas:GetServiceQuota'], Resource: '*' },
    { Sid: 'SerinReadAssociations', Effect: 'Allow', Action: ['eks:DescribePodIdentityAssociation'], Resource: associations },
    { Sid: 'SerinReadEverywhere', Effect: 'Allow', Action: [...READ_EVERYWHERE, ...READ_STAR, ...READ_IAM], Resource: '*' },
    ...alarmStatements(scope),
    {
      Sid: 'SerinReadImageReleases',
      Effect: 'Allow',
      Action: ['ssm:GetParameter'],
      Resource: ['eks', 'bottlerocket'].map((name) => `arn:${scope.partition}:ssm:${scope.region}::parameter/aws/service/${name}/*`),
    },
  ]
}

/** A permission for single alarms answers nothing about composite ones: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
function alarmStatements({ alarms }: Scope): readonly Statement[] {
  return alarms ? [{ Sid: 'SerinReadAlarms', Effect: 'Allow', Action: ['cloudwatch:DescribeAlarms'], Resource: '*' }] : []
}

function applyStatements(scope: Scope): readonly Statement[] {
  const { groups, addons, cluster } = arns(scope)
  return [
    // The same action takes a control plane back.
    ...(scope.controlPlane
      ? [{ Sid: 'SerinUpdateControlPlane', Effect: 'Allow' as const, Action: RUN_ACTIONS.controlPlane, Resource: cluster }]
      : []),
    { Sid: 'SerinUpdateGroups', Effect: 'Allow', Action: RUN_ACTIONS.nodeGroups, Resource: groups },
    { Sid: 'SerinUpdateAddons', Effect: 'Allow', Action: RUN_ACTIONS.addons, Resource: addons },
    {
      Sid: 'SerinPassAddonRole',
      Effect: 'Allow',
      Action: RUN_ACTIONS.addonRoles,
      Resource: `arn:${scope.partition}:iam::${scope.account}:role/*`,
      Condition: { StringEquals: { 'iam:PassedToService': ['eks.amazonaws.com', 'pods.eks.amazonaws.com'] } },
    },
    { Sid: 'SerinLaunchTemplates', Effect: 'Allow', Action: RUN_ACTIONS.launchTemplates, Resource: '*' },
    {
      Sid: 'SerinRestoreMaximum',
      Effect: 'Allow',
      Action: RUN_ACTIONS.autoScalingGroups,
      Resource: `arn:${scope.partition}:autoscaling:${scope.region}:${scope.account}:autoScalingGroup:*:autoScalingGroupName/eks-*`,
      Condition: { StringLike: { 'autoscaling:ResourceTag/eks:cluster-name': scope.cluster } },
    },
    ...selfManagedStatements(scope),
  ]
}

/** What drain-and-replace does to self-managed groups: those that carry the cluster's own tag. A new launch template needs both others. */
function selfManagedStatements(scope: Scope): readonly Statement[] {
  const tag = `autoscaling:ResourceTag/kubernetes.io/cluster/${scope.cluster}`
  return [
    {
      Sid: 'SerinReplaceSelfManagedNodes',
      Effect: 'Allow',
      Action: RUN_ACTIONS.selfManaged,
      Resource: `arn:${scope.partition}:autoscaling:${scope.region}:${scope.account}:autoScalingGroup:*:autoScalingGroupName/*`,
      ...(scope.cluster !== '*' && { Condition: { StringEquals: { [tag]: ['owned', 'shared'] } } }),
    },
    {
      Sid: 'SerinPassNodeRole',
      Effect: 'Allow',
      Action: ['iam:PassRole'],
      Resource: `arn:${scope.partition}:iam::${scope.account}:role/*`,
      Condition: { StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com'] } },
    },
  ]
}

function arns(scope: Scope) {
  const base = `arn:${scope.partition}:eks:${scope.region}:${scope.account}`
  return {
    associations: `${base}:podidentityassociation/${scope.cluster}/*`,
    cluster: `${base}:cluster/${scope.cluster}`,
    groups: scope.groups.map((group) => `${base}:nodegroup/${scope.cluster}/${group}/*`),
    addons: scope.addons.map((addon) => `${base}:addon/${scope.cluster}/${addon}/*`),
  }
}

/** The ClusterRole and, in kube-system, the Role, as YAML for `kubectl apply -f -`; bind both to the group of the access entry. */
export function clusterRole(kind: 'read' | 'apply'): string {
  return kind === 'read' ? READ_ROLE : `${READ_ROLE}${APPLY_RULES}${APPLY_ROLE}`
}

/** A namespace in which Serin makes and removes probe pods: as Jobs, whose pods it asks for in a dry run first. */
export function probeRole(namespace: string): string {
  return `---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: serin-probes
  namespace: ${namespace}
rules:
  - apiGroups: [batch]
    resources: [jobs]
    verbs: [create, delete]
  - apiGroups: [""]
    resources: [pods]
    verbs: [create]
`
}

const unique = (names: readonly unknown[]) => [...new Set(names)].join(', ')

/** What `ipamd-metrics` asks goes through the API server: no narrower right than to GET from any pod of kube-system can be given. */
export const METRICS_ROLE = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: serin-metrics
  namespace: kube-system
rules:
  - apiGroups: [""]
    resources: [pods/proxy]
    verbs: [get]
`

const READ_ROLE = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: serin
rules:
  - apiGroups: [""]
    resources: [nodes, namespaces, pods, services, events]
    verbs: [get, list, watch]
  - apiGroups: [""]
    resources: [pods/log]
    verbs: [get]
  - apiGroups: [""]
    resources: [configmaps]
    resourceNames: [serin-run, amazon-vpc-cni, kube-proxy-config]
    verbs: [get]
  - apiGroups: [""]
    resources: [serviceaccounts]
    resourceNames: [aws-node]
    verbs: [get]
  - apiGroups: [apiextensions.k8s.io]
    resources: [customresourcedefinitions]
    resourceNames:
      - eniconfigs.crd.k8s.amazonaws.com
      - policyendpoints.networking.k8s.aws
      - cninodes.vpcresources.k8s.aws
      - clusterpolicyendpoints.networking.k8s.aws
    verbs: [get]
  - apiGroups: [authorization.k8s.io]
    resources: [selfsubjectaccessreviews, subjectaccessreviews]
    verbs: [create]
  - apiGroups: [apps]
    resources: [daemonsets, deployments, statefulsets, replicasets]
    verbs: [get, list, watch]
  - apiGroups: [policy]
    resources: [poddisruptionbudgets]
    verbs: [get, list, watch]
  - apiGroups: [batch]
    resources: [jobs, cronjobs]
    verbs: [list]
  - apiGroups: [""]
    resources: [persistentvolumes, persistentvolumeclaims]
    verbs: [list]
  - apiGroups: [storage.k8s.io]
    resources: [storageclasses]
    verbs: [list]
  - apiGroups: [scheduling.k8s.io]
    resources: [priorityclasses]
    verbs: [list]
  - apiGroups: [admissionregistration.k8s.io]
    resources: [mutatingwebhookconfigurations, validatingwebhookconfigurations]
    verbs: [list]
  # Their metadata only: who still writes them in an API version that a coming minor removes.
  - apiGroups: [${unique(REMOVED_APIS.map(({ apiVersion }) => apiVersion.split('/')[0]))}]
    resources: [${unique(REMOVED_APIS.map(({ plural }) => plural))}]
    verbs: [list]
  - apiGroups: [crd.k8s.amazonaws.com, vpcresources.k8s.aws, kyverno.io, karpenter.sh, karpenter.k8s.aws]
    resources: [eniconfigs, securitygrouppolicies, cninodes, clusterpolicies, nodepools, ec2nodeclasses]
    verbs: [list]
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    resourceNames: [serin]
    verbs: [get]
  # Where security groups for pods are in use, these two let a dry run on the server prove that no webhook rewrites pods;
  # nothing is stored, but the right itself is one to change pods. Without them what webhooks do is unknown.
  # - { apiGroups: [""], resources: [pods], verbs: [patch] }
  # - { apiGroups: [""], resources: [users], resourceNames: ["eks:vpc-resource-controller"], verbs: [impersonate] }
`

/** Cordons, balancer labels, annotations and taints of nodes; EKS drains managed groups by itself, pods of others are evicted. */
const APPLY_RULES = `  - apiGroups: [""]
    resources: [nodes]
    verbs: [patch]
  - apiGroups: [""]
    resources: [pods/eviction]
    verbs: [create]
  - apiGroups: [""]
    resources: [pods]
    verbs: [delete]
`

/** The Lease and the record of the run; the DaemonSet only to give aws-node back the settings that an add-on update wiped. */
const APPLY_ROLE = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: serin
  namespace: kube-system
rules:
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    verbs: [get, create, update]
  - apiGroups: [""]
    resources: [configmaps]
    verbs: [get, create, update]
  - apiGroups: [apps]
    resources: [daemonsets]
    resourceNames: [aws-node]
    verbs: [patch]
`
