import type { AutoScalingGroup, EksNodegroup } from '../model/aws.ts'
import { HOUR, MINUTE } from '../model/instant.ts'
import type { GroupIntent, GroupSpec, IntentProblem, WayBack } from '../model/intent.ts'
import { keyedId } from '../model/keyed.ts'
import type { GroupSettings, UpgradePlan } from '../model/plan.ts'
import { MADE_BY_TAG, type NewGroup, REPLACES_TAG, type Replacement } from '../model/replacement.ts'
import { autoScalingNameOf, type LaunchFrom, selfManagedGroup, withVersion } from '../model/self-managed.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { clusterMinorOf } from './addon-listing.ts'
import { type ResolvedSpec, resolveSpec, type SpecQuestion } from './group-spec.ts'

export const REPLACEMENT = 'replacement-group'

/** Whether a plan makes groups, and deletes others. */
export function replacesGroups({ nodeGroups }: UpgradePlan): boolean {
  return nodeGroups.some(({ strategy }) => strategy === REPLACEMENT)
}

/** A share of a group moves first unless the plan says how many. */
const SHARE = '10%'
const SOAK = 15 * MINUTE
const KEEP = HOUR
/** Names of node groups have at most 63 characters (API reference, CreateNodegroup). */
const LONGEST_NAME = 63

interface Question {
  readonly name: string
  readonly nodes: number
  readonly settings: GroupSettings | undefined
  readonly target: GroupSpec
  readonly made: NewGroup
  readonly snapshot: ClusterSnapshot
}

/** The group that takes over, with a name that is the same for the same target, and what stands against it. */
export function replacementOf(question: Question): { readonly replacement: Replacement; readonly problems: readonly IntentProblem[] } {
  const { name, nodes, settings, made } = question
  const { share = SHARE, soak = SOAK, keep = KEEP, consent = {} } = settings?.replacement ?? {}
  const counted = typeof share === 'number' ? share : Math.ceil((nodes * Number.parseInt(share, 10)) / 100)
  const group = nameFor(question)
  const replacement: Replacement = { group, made, share: Math.min(Math.max(1, counted), Math.max(1, nodes)), soak, keep, consent }
  return { replacement, problems: [...taken(name, group, question.snapshot), ...answers(name, settings)] }
}

/** Another target is another name, so what an earlier run left behind is never taken for this one. */
function nameFor({ name, settings, target, made }: Question): string {
  const own = autoScalingNameOf(name)
  const wanted = settings?.replacement?.name
  if (wanted !== undefined) return own === undefined ? wanted : selfManagedGroup(wanted)
  const id = keyedId(6, name, JSON.stringify([target, made]))
  const base = (own ?? name).replace(/-[0-9a-f]{6}$/, '').slice(0, LONGEST_NAME - 7)
  return own === undefined ? `${base}-${id}` : selfManagedGroup(`${base}-${id}`)
}

function taken(name: string, group: string, { aws }: ClusterSnapshot): readonly IntentProblem[] {
  const own = autoScalingNameOf(group)
  const managed = own === undefined ? aws.nodegroups?.find(({ nodegroupName }) => nodegroupName === group) : undefined
  const scaling = own === undefined ? undefined : aws.autoScalingGroups?.find(({ AutoScalingGroupName }) => AutoScalingGroupName === own)
  if (managed === undefined && scaling === undefined) return []
  const run = managed?.tags?.[MADE_BY_TAG] ?? scaling?.Tags?.find(({ Key }) => Key === MADE_BY_TAG)?.Value
  const whose = run === undefined ? 'and was not made by Serin' : `left by run ${run}`
  const deletes =
    own === undefined
      ? `aws eks delete-nodegroup --cluster-name ${aws.cluster?.name ?? 'CLUSTER'} --nodegroup-name ${group}`
      : `aws autoscaling delete-auto-scaling-group --auto-scaling-group-name ${own}`
  const remedy = `Look at it; once it is empty delete it (\`${deletes}\`), or give the new one another \`replacement: { name: … }\`.`
  return [block(name, `The group that is to take over, ${group}, is there already, ${whose}`, remedy)]
}

/** An old group of which a node may stay as it is could never go. */
function answers(name: string, settings: GroupSettings | undefined): readonly IntentProblem[] {
  const answer = settings?.evictionBlocked
  if (answer === undefined || answer === 'hold' || (typeof answer === 'object' && 'forceAfter' in answer)) return []
  const remedy = 'Write `hold`, or `forceAfter: 30m`: pods are then deleted past their budgets after that time.'
  return [block(name, 'Every node of a group that is replaced has to be emptied, so none can be skipped, and EKS forces nothing', remedy)]
}

function block(name: string, message: string, remedy: string): IntentProblem {
  return { subject: `NodeGroup/${name}`, verdict: 'block', message, remedy }
}

function backToOld(name: string, group: string): WayBack {
  return {
    exists: 'yes',
    how: `the nodes of ${name} are still there and take their workloads back, then ${group} is deleted; until the deletion of ${name} is approved`,
  }
}

/** Of a managed group: the spec that the new one is made with. Only this way can the AMI type change. */
export function newManagedSpec(question: SpecQuestion): ResolvedSpec {
  const { group, settings, plan, snapshot, name } = question
  const amiType = settings?.replacement?.amiType ?? group.amiType
  const changes = amiType !== group.amiType
  const custom = group.amiType === 'CUSTOM'
  const spec = resolveSpec({ ...question, ...(changes && !custom && ofType(question, amiType)) })
  const baseline = custom ? spec.baseline : { ...spec.baseline, releaseVersion: group.releaseVersion }
  return { ...spec, baseline, problems: [...spec.problems, ...refusals({ name, custom, changes, target: spec.target, plan, snapshot })] }
}

/** The releases of another AMI type have nothing to do with the present one, so it cannot be kept. */
function ofType({ group, plan }: SpecQuestion, amiType: string | undefined): Pick<SpecQuestion, 'group' | 'plan'> {
  const images = plan.target.images === 'keep' ? 'latest' : plan.target.images
  return { group: { ...group, amiType, releaseVersion: undefined }, plan: { ...plan, target: { ...plan.target, images } } }
}

interface Refusable {
  readonly name: string
  readonly custom: boolean
  readonly changes: boolean
  readonly target: GroupSpec
  readonly plan: UpgradePlan
  readonly snapshot: ClusterSnapshot
}

/** https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateNodegroup.html: only the control plane's minor; no AMI type beside an AMI. */
function refusals({ name, custom, changes, target, snapshot }: Refusable): readonly IntentProblem[] {
  if (custom && changes)
    return [
      block(
        name,
        'Its launch template brings the AMI, so no AMI type can be named for the new group',
        'Name `launchTemplateVersion` instead of `amiType`.',
      ),
    ]
  const minor = clusterMinorOf(snapshot)
  if (custom || minor === undefined || target.version === undefined || target.version === minor) return []
  const remedy = `Set \`target.kubernetesVersion\` to "${minor}", or use a launch template with an AMI of its own.`
  return [block(name, `EKS makes node groups of the control plane's minor only: ${minor}, not ${target.version}`, remedy)]
}

/** Members of a described node group that CreateNodegroup takes as they are (API reference of both). */
const COPIED_OF_NODEGROUP = ['capacityType', 'labels', 'nodeRepairConfig', 'taints', 'updateConfig']
/** With a launch template these stand in it, and are refused beside it. */
const WITHOUT_TEMPLATE = ['diskSize', 'remoteAccess']

/** What makes the new managed group like the old one but for its image. */
export function newManagedGroup(group: EksNodegroup, target: GroupSpec, settings: GroupSettings | undefined): NewGroup {
  const { launchTemplate: template, version, releaseVersion } = target
  const amiType = settings?.replacement?.amiType ?? group.amiType
  const instanceTypes = settings?.replacement?.instanceTypes ?? group.instanceTypes ?? []
  const made = {
    ...copied(group, template === undefined ? [...COPIED_OF_NODEGROUP, ...WITHOUT_TEMPLATE] : COPIED_OF_NODEGROUP),
    ...(group.amiType !== 'CUSTOM' && { amiType, version, ...(releaseVersion !== undefined && { releaseVersion }) }),
    ...(template !== undefined && { launchTemplate: { id: template.id, version: template.version } }),
    ...(instanceTypes.length > 0 && { instanceTypes }),
    nodeRole: group.nodeRole ?? '',
    subnets: group.subnets ?? [],
    tags: Object.fromEntries(Object.entries(group.tags ?? {}).filter(([key]) => isCopied(key))),
  }
  return { kind: 'managed', settings: made }
}

function copied(described: object, members: readonly string[]): Readonly<Record<string, unknown>> {
  const all = described as Readonly<Record<string, unknown>>
  return Object.fromEntries(members.flatMap((member) => (isEmpty(all[member]) ? [] : [[member, all[member]]])))
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
}

/** Tags of AWS's own are refused, and those of an earlier replacement say nothing about this one. */
function isCopied(key: string): boolean {
  return !key.startsWith('aws:') && key !== MADE_BY_TAG && key !== REPLACES_TAG
}

/** Members of a described Auto Scaling group that CreateAutoScalingGroup takes as they are (API reference of both). */
const COPIED_OF_SCALING_GROUP = [
  'AvailabilityZoneDistribution',
  'CapacityRebalance',
  'Context',
  'DefaultCooldown',
  'DefaultInstanceWarmup',
  'DesiredCapacityType',
  'HealthCheckGracePeriod',
  'HealthCheckType',
  'InstanceMaintenancePolicy',
  'LoadBalancerNames',
  'MaxInstanceLifetime',
  'NewInstancesProtectedFromScaleIn',
  'PlacementGroup',
  'ServiceLinkedRoleARN',
  'TargetGroupARNs',
  'TerminationPolicies',
  'VPCZoneIdentifier',
]

/** What makes the new Auto Scaling group like the old one but for what it launches; its hooks are read when it is made. */
export function newScalingGroup(group: AutoScalingGroup, { launch, launchTemplate }: GroupSpec): NewGroup {
  const tags = (group.Tags ?? []).filter(({ Key = '' }) => isCopied(Key))
  const settings = {
    ...copied(group, COPIED_OF_SCALING_GROUP),
    ...(launch && launchMembers(launchTemplate === undefined ? launch : withVersion(launch, launchTemplate.version))),
    Tags: tags.map(({ Key, Value, PropagateAtLaunch }) => ({ Key, Value, PropagateAtLaunch })),
  }
  return { kind: 'self-managed', settings, hooksOf: group.AutoScalingGroupName ?? '' }
}

function launchMembers(launch: LaunchFrom): Readonly<Record<string, unknown>> {
  if (launch.kind === 'configuration') return { LaunchConfigurationName: launch.name }
  if (launch.kind === 'mixed') return { MixedInstancesPolicy: launch.policy }
  return { LaunchTemplate: { LaunchTemplateId: launch.id, Version: launch.version } }
}

/** What a replacement changes of a group's intent: twice the nodes, at a pace of Serin's own, never beside another group. */
export function replaced(
  intent: GroupIntent,
  { replacement, problems }: ReturnType<typeof replacementOf>,
  own: { readonly pace: NonNullable<GroupIntent['pace']>; readonly arn: string | undefined },
): { readonly intent: GroupIntent; readonly problems: readonly IntentProblem[] } {
  const { pace, arn } = own
  return {
    intent: {
      ...intent,
      ...(arn !== undefined && { arn }),
      alone: true,
      pace,
      surge: intent.nodes,
      updateStrategy: 'DEFAULT',
      replacement,
      wayBack: backToOld(intent.name, replacement.group),
    },
    problems,
  }
}
