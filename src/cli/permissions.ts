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
  /** Groups are made beside others and take over from them, which are deleted. */
  readonly replaces: boolean
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
  replaces: true,
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
    ...(scope.replaces ? replacementStatements(scope) : []),
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

/** What replacement-group does: only where a plan asks for it, since it deletes groups. */
function replacementStatements(scope: Scope): readonly Statement[] {
  const { cluster } = arns(scope)
  const groups = arns({ ...scope, groups: ['*'] }).groups
  const scaling = `arn:${scope.partition}:autoscaling:${scope.region}:${scope.account}:autoScalingGroup:*:autoScalingGroupName/*`
  const [pass, role] = ['iam:PassRole', `arn:${scope.partition}:iam::${scope.account}:role/*`]
  const without = (actions: readonly string[]) => actions.filter((action) => action !== pass)
  return [
    { Sid: 'SerinReplaceGroups', Effect: 'Allow', Action: without(RUN_ACTIONS.replacements), Resource: [cluster, ...groups] },
    {
      Sid: 'SerinReplaceSelfManagedGroups',
      Effect: 'Allow',
      Action: [...without(RUN_ACTIONS.selfManagedReplacements), ...RUN_ACTIONS.autoscalerTags],
      Resource: scaling,
    },
    {
      Sid: 'SerinPassNodeRoleToEks',
      Effect: 'Allow',
      Action: [pass],
      Resource: role,
      Condition: { StringEquals: { 'iam:PassedToService': ['eks.amazonaws.com'] } },
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
