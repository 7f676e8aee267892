import { isDeepStrictEqual } from 'node:util'
import type { AutoScalingGroup, EksAddon, EksNodegroup } from '../../src/model/aws.ts'
import { awsNodeVersionOf } from '../../src/model/aws-node.ts'
import type { AddonStep, GroupStep, Itinerary, ReplaceStep } from '../../src/model/itinerary.ts'
import {
  conditionOf,
  EXCLUDE_FROM_BALANCERS_LABEL,
  IMAGE_LABEL,
  type KubernetesObject,
  NODEGROUP_LABEL,
  type Node,
  type Taint,
  TEMPLATE_VERSION_LABEL,
  type Workload,
} from '../../src/model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../src/model/snapshot.ts'

/**
 * What "as it was" and "as the plan wants it" mean, read from two snapshots with none of the engine's own judgement:
 * lists of differences in words, empty when there are none.
 */

/** Kubernetes puts this taint on a cordoned node and takes it away again. */
const CORDON_TAINT = 'node.kubernetes.io/unschedulable'

/** What is not as it was before the run. `byHand`: what the outcome says is left to a person; an inflated desired size must stand there. */
export function notAsItWas(start: ClusterSnapshot, end: ClusterSnapshot, byHand: readonly string[]): readonly string[] {
  return [
    ...addonsDiffer(start, end),
    ...workloadTemplatesDiffer(start, end),
    ...groupsDiffer(start, end),
    ...newGroups(start, end),
    ...tagsDiffer(start, end),
    ...nodesOfGroupsDiffer(start, end),
    ...ownGroupsDiffer(start, end),
    ...leftOver(start, end, byHand),
  ]
}

/** What is not as the itinerary wants it, or was left behind on the way there. */
export function notTarget(
  start: ClusterSnapshot,
  end: ClusterSnapshot,
  itinerary: Itinerary,
  byHand: readonly string[],
): readonly string[] {
  const steps = itinerary.batches.flatMap((batch) => batch.steps)
  const addons = new Map(steps.filter((step): step is AddonStep => step.kind === 'addon-update').map((step) => [step.addon, step]))
  const groups = steps.filter((step): step is GroupStep => step.kind === 'nodegroup-update')
  return [
    ...[...addons.values()].flatMap((step) => addonIsThere(step, start, end)),
    ...groups.flatMap((step) => groupIsThere(step, end)),
    ...steps.filter((step): step is ReplaceStep => step.kind === 'replace-nodes').flatMap((step) => ownGroupIsThere(step, end)),
    ...leftOver(start, end, byHand),
  ]
}

/** What nothing may leave behind, however it ended: marks, cordons, taints, labels, sizes, settings, suspended processes. */
export function leftOver(start: ClusterSnapshot, end: ClusterSnapshot, byHand: readonly string[]): readonly string[] {
  return [
    ...marks(end),
    ...nodesDiffer(start, end),
    ...settingsDiffer(start, end),
    ...sizesDiffer(start, end, byHand),
    ...ownSettingsDiffer(start, end, byHand),
  ]
}

/** Groups that EKS does not manage, before and after. */
function ownGroups(
  start: ClusterSnapshot,
  end: ClusterSnapshot,
): readonly { readonly name: string; readonly before: AutoScalingGroup; readonly after: AutoScalingGroup | undefined }[] {
  const managed = new Set((start.aws.nodegroups ?? []).flatMap(({ resources }) => resources?.autoScalingGroups?.map(({ name }) => name)))
  const after = new Map((end.aws.autoScalingGroups ?? []).map((group) => [group.AutoScalingGroupName, group]))
  return (start.aws.autoScalingGroups ?? []).flatMap((before) => {
    const name = before.AutoScalingGroupName ?? ''
    return managed.has(name) ? [] : [{ name, before, after: after.get(name) }]
  })
}

/** What a self-managed group launches from, and what its instances were launched from. */
function ownGroupsDiffer(start: ClusterSnapshot, end: ClusterSnapshot): readonly string[] {
  const launch = ({ LaunchTemplate, LaunchConfigurationName, MixedInstancesPolicy }: AutoScalingGroup) => ({
    version: LaunchTemplate?.Version,
    LaunchConfigurationName,
    MixedInstancesPolicy,
  })
  return ownGroups(start, end).flatMap(({ name, before, after }) => [
    ...differs(`what ${name} launches from`, launch(before), after && launch(after)),
    ...differs(`what the instances of ${name} come from`, sourcesOf(before), after && sourcesOf(after)),
  ])
}

function sourcesOf({ Instances = [] }: AutoScalingGroup): readonly string[] {
  const staying = Instances.filter(({ LifecycleState }) => LifecycleState?.startsWith('Terminating') !== true)
  return [
    ...new Set(staying.map(({ LaunchTemplate, LaunchConfigurationName }) => `${LaunchTemplate?.Version ?? LaunchConfigurationName}`)),
  ].sort()
}

function ownGroupIsThere({ autoScalingGroup, after }: ReplaceStep, end: ClusterSnapshot): readonly string[] {
  const group = end.aws.autoScalingGroups?.find(({ AutoScalingGroupName }) => AutoScalingGroupName === autoScalingGroup)
  const wanted = after.launch?.kind === 'configuration' ? after.launch.name : after.launchTemplate?.version
  return differs(`what the instances of ${autoScalingGroup} come from`, [wanted], group && sourcesOf(group))
}

/** Suspended processes, protection, sizes of self-managed groups; an inflated desired size has to be said. */
function ownSettingsDiffer(start: ClusterSnapshot, end: ClusterSnapshot, byHand: readonly string[]): readonly string[] {
  const suspended = ({ SuspendedProcesses }: AutoScalingGroup) => (SuspendedProcesses ?? []).map(({ ProcessName }) => ProcessName).sort()
  const settings = ({ MinSize, MaxSize, DesiredCapacity, Instances = [], ...group }: AutoScalingGroup, known: boolean) => ({
    suspended: suspended(group),
    MinSize,
    MaxSize: known ? undefined : MaxSize,
    DesiredCapacity: known ? undefined : DesiredCapacity,
    protected: Instances.some(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn === true),
  })
  return ownGroups(start, end).flatMap(({ name, before, after }) => {
    const said = byHand.some((line) => line.startsWith(`asg:${name}: desired size is ${after?.DesiredCapacity}`))
    return differs(`settings of ${name}`, settings(before, said), after && settings(after, said))
  })
}

function differs(what: string, before: unknown, after: unknown): readonly string[] {
  return isDeepStrictEqual(before, after) ? [] : [`${what} was ${JSON.stringify(before)}, is ${JSON.stringify(after)}`]
}

function addonsDiffer(start: ClusterSnapshot, end: ClusterSnapshot): readonly string[] {
  const shape = ({ addonName, addonVersion, configurationValues, serviceAccountRoleArn, podIdentityAssociations, status }: EksAddon) => ({
    addonName,
    addonVersion,
    configurationValues,
    serviceAccountRoleArn,
    podIdentityAssociations,
    status,
  })
  return differs('add-ons', start.aws.addons?.map(shape), end.aws.addons?.map(shape))
}

/** Images, environment, resources, tolerations and update strategy; the digest of Serin itself is not asked. */
function workloadTemplatesDiffer(start: ClusterSnapshot, end: ClusterSnapshot): readonly string[] {
  const templates = (snapshot: ClusterSnapshot) =>
    [
      ...objectsOf<Workload & { kind: 'DaemonSet' }>(snapshot, 'DaemonSet'),
      ...objectsOf<Workload & { kind: 'Deployment' }>(snapshot, 'Deployment'),
    ]
      .filter(({ metadata }) => metadata.namespace === 'kube-system')
      .map(({ kind, metadata, spec }) => ({
        name: `${kind}/${metadata.name}`,
        labels: metadata.labels,
        managers: metadata.managedFields?.map(({ manager, operation }) => ({ manager, operation })),
        template: spec?.template?.spec,
        updateStrategy: spec?.updateStrategy,
      }))
  const after = new Map(templates(end).map((template) => [template.name, template]))
  return templates(start).flatMap((before) => differs(`template of ${before.name}`, before, after.get(before.name)))
}

/** What a run may not leave changed; sizes and the update's own settings are looked at apart. */
const GROUP_MEMBERS = [
  ...(['version', 'releaseVersion', 'launchTemplate', 'status', 'amiType'] as const),
  ...(['capacityType', 'instanceTypes', 'subnets', 'labels', 'tags'] as const),
]

function groupsDiffer(start: ClusterSnapshot, end: ClusterSnapshot): readonly string[] {
  const shape = (group: EksNodegroup) => Object.fromEntries(GROUP_MEMBERS.map((member) => [member, group[member]]))
  return eachGroup(start, end, (before, after) => differs(`group ${before.nodegroupName}`, shape(before), after && shape(after)))
}

/** Groups that were not there before. */
function newGroups(start: ClusterSnapshot, end: ClusterSnapshot): readonly string[] {
  const names = ({ aws }: ClusterSnapshot) => [
    ...(aws.nodegroups ?? []).map(({ nodegroupName }) => `node group ${nodegroupName}`),
    ...(aws.autoScalingGroups ?? []).map(({ AutoScalingGroupName }) => `Auto Scaling group ${AutoScalingGroupName}`),
  ]
  const before = new Set(names(start))
  return names(end).flatMap((name) => (before.has(name) ? [] : [`${name} was not there`]))
}

function tagsDiffer(start: ClusterSnapshot, end: ClusterSnapshot): readonly string[] {
  const tags = ({ Tags = [] }: AutoScalingGroup) =>
    Tags.map(({ Key, Value, PropagateAtLaunch }) => `${Key}=${Value} ${PropagateAtLaunch}`).sort()
  const after = new Map((end.aws.autoScalingGroups ?? []).map((group) => [group.AutoScalingGroupName, group]))
  return (start.aws.autoScalingGroups ?? []).flatMap((before) => {
    const now = after.get(before.AutoScalingGroupName)
    return now === undefined ? [] : differs(`tags of ${before.AutoScalingGroupName}`, tags(before), tags(now))
  })
}

function eachGroup(
  start: ClusterSnapshot,
  end: ClusterSnapshot,
  compare: (before: EksNodegroup, after: EksNodegroup | undefined) => readonly string[],
): readonly string[] {
  const after = new Map((end.aws.nodegroups ?? []).map((group) => [group.nodegroupName, group]))
  return (start.aws.nodegroups ?? []).flatMap((group) => compare(group, after.get(group.nodegroupName)))
}

/** Kubelets, images and template numbers of each group's nodes: the same set, and as many ready nodes as wanted. */
function nodesOfGroupsDiffer(start: ClusterSnapshot, end: ClusterSnapshot): readonly string[] {
  return eachGroup(start, end, ({ nodegroupName: name = '' }) =>
    differs(`kubelets and images of ${name}`, makesOf(nodesOf(start, name)), makesOf(nodesOf(end, name))),
  )
}

function nodesOf(snapshot: ClusterSnapshot, group: string): readonly Node[] {
  return objectsOf<Node & { kind: 'Node' }>(snapshot, 'Node').filter(({ metadata }) => metadata.labels?.[NODEGROUP_LABEL] === group)
}

function makesOf(nodes: readonly Node[]): readonly string[] {
  const makes = nodes.map(({ metadata, status }) =>
    [status?.nodeInfo?.kubeletVersion, metadata.labels?.[IMAGE_LABEL], `template ${metadata.labels?.[TEMPLATE_VERSION_LABEL]}`].join(' '),
  )
  return [...new Set(makes)].sort()
}

/** Taints, labels, annotations and tags of ours. */
function marks(end: ClusterSnapshot): readonly string[] {
  const objects = (end.kubernetes.items ?? []).filter(({ kind }) => kind !== 'Event').flatMap(marksOfObject)
  const tags = (end.aws.nodegroups ?? []).flatMap(({ nodegroupName, labels, tags: own }) =>
    [...Object.keys(labels ?? {}), ...Object.keys(own ?? {})].filter(isOurs).map((key) => `group ${nodegroupName} carries ${key}`),
  )
  const scaling = (end.aws.autoScalingGroups ?? []).flatMap(({ AutoScalingGroupName, Tags }) =>
    (Tags ?? []).filter(({ Key = '' }) => isOurs(Key)).map(({ Key }) => `${AutoScalingGroupName} carries ${Key}`),
  )
  return [...objects, ...tags, ...scaling]
}

function isOurs(key: string): boolean {
  return key.includes('serin') || key === 'cluster-autoscaler.kubernetes.io/scale-down-disabled'
}

function marksOfObject({ kind, metadata, ...rest }: KubernetesObject): readonly string[] {
  const taints = kind === 'Node' ? ((rest as Pick<Node, 'spec'>).spec?.taints ?? []) : []
  const keys = [...Object.keys(metadata.labels ?? {}), ...Object.keys(metadata.annotations ?? {}), ...taints.map(({ key }) => key)]
  return keys.filter(isOurs).map((key) => `${kind}/${metadata.name} carries ${key}`)
}

/** On a node that was there before: its cordon, taints and balancer label as before. On a new one: none that its group does not give. */
function nodesDiffer(start: ClusterSnapshot, end: ClusterSnapshot): readonly string[] {
  const before = new Map(nodes(start).map((node) => [node.metadata.uid ?? node.metadata.name, node]))
  const taintsOfGroups = new Map<string, readonly string[]>()
  for (const node of before.values()) taintsOfGroups.set(groupOf(node), taintsOf(node))
  return nodes(end).flatMap((node) => {
    const known = before.get(node.metadata.uid ?? node.metadata.name)
    const { name } = node.metadata
    return [
      ...differs(`cordon of ${name}`, known !== undefined && isCordoned(known), isCordoned(node)),
      ...differs(`balancer label of ${name}`, known !== undefined && isExcluded(known), isExcluded(node)),
      ...differs(`taints of ${name}`, known ? taintsOf(known) : (taintsOfGroups.get(groupOf(node)) ?? []), taintsOf(node)),
    ]
  })
}

function nodes(snapshot: ClusterSnapshot): readonly Node[] {
  return objectsOf<Node & { kind: 'Node' }>(snapshot, 'Node').filter(({ metadata }) => metadata.deletionTimestamp === undefined)
}

function groupOf({ metadata }: Node): string {
  return metadata.labels?.[NODEGROUP_LABEL] ?? metadata.name
}

function isCordoned({ spec }: Node): boolean {
  return spec?.unschedulable === true
}

function isExcluded({ metadata }: Node): boolean {
  return metadata.labels?.[EXCLUDE_FROM_BALANCERS_LABEL] !== undefined
}

function taintsOf({ spec }: Node): readonly string[] {
  const text = ({ key, value, effect }: Taint) => `${key}=${value ?? ''}:${effect}`
  return (spec?.taints ?? [])
    .filter(({ key }) => key !== CORDON_TAINT)
    .map(text)
    .sort()
}

function settingsDiffer(start: ClusterSnapshot, end: ClusterSnapshot): readonly string[] {
  const settings = eachGroup(start, end, (before, after) =>
    differs(`update settings of ${before.nodegroupName}`, before.updateConfig, after?.updateConfig),
  )
  const suspended = ({ SuspendedProcesses }: AutoScalingGroup) => (SuspendedProcesses ?? []).map(({ ProcessName }) => ProcessName).sort()
  const processes = eachScaling(start, end, (group, before, after) =>
    differs(`suspended processes of ${group}`, suspended(before), suspended(after)),
  )
  return [...settings, ...processes]
}

function eachScaling(
  start: ClusterSnapshot,
  end: ClusterSnapshot,
  compare: (group: string, before: AutoScalingGroup, after: AutoScalingGroup) => readonly string[],
): readonly string[] {
  const scalingOf = (snapshot: ClusterSnapshot, group: EksNodegroup | undefined) =>
    snapshot.aws.autoScalingGroups?.find(({ AutoScalingGroupName: name }) => name === group?.resources?.autoScalingGroups?.[0]?.name)
  return eachGroup(start, end, (group, later) => {
    const before = scalingOf(start, group)
    const after = scalingOf(end, later)
    if (before === undefined || after === undefined) return [`no Auto Scaling group behind ${group.nodegroupName}`]
    return compare(group.nodegroupName ?? '', before, after)
  })
}

/** `min` and `max` restored; `desired` never lowered, and an inflated one said in the outcome. Every wanted node is there and ready. */
function sizesDiffer(start: ClusterSnapshot, end: ClusterSnapshot, byHand: readonly string[]): readonly string[] {
  return eachScaling(start, end, (group, before, after) => {
    const desired = after.DesiredCapacity ?? 0
    const wanted = before.DesiredCapacity ?? 0
    const isSaid = byHand.some((line) => line.startsWith(`${group}: desired size is ${desired}, it was ${wanted};`))
    const ready = nodesOf(end, group).filter(({ status }) => conditionOf(status?.conditions, 'Ready')?.status === 'True')
    return [
      ...differs(`minimum of ${group}`, before.MinSize, after.MinSize),
      ...differs(`maximum of ${group}`, Math.max(before.MaxSize ?? 0, desired), after.MaxSize),
      ...(desired < wanted ? [`desired size of ${group} was lowered from ${wanted} to ${desired}`] : []),
      ...(desired > wanted && !isSaid ? [`desired size of ${group} is ${desired}, was ${wanted}, and the outcome does not say so`] : []),
      ...differs(`ready nodes of ${group}`, desired, ready.length),
      ...differs(`nodes of ${group}`, desired, nodesOf(end, group).length),
    ]
  })
}

function addonIsThere({ addon, after }: AddonStep, start: ClusterSnapshot, end: ClusterSnapshot): readonly string[] {
  const last = (snapshot: ClusterSnapshot) => snapshot.aws.addons?.find(({ addonName }) => addonName === addon)
  const found = last(end)
  const daemonSet = objectsOf<Workload & { kind: 'DaemonSet' }>(end, 'DaemonSet').find(({ metadata }) => metadata.name === 'aws-node')
  return [
    ...differs(`version of ${addon}`, after.version, found?.addonVersion),
    ...differs(`status of ${addon}`, 'ACTIVE', found?.status),
    ...differs(`configuration of ${addon}`, last(start)?.configurationValues, found?.configurationValues),
    ...differs(`role of ${addon}`, last(start)?.serviceAccountRoleArn, found?.serviceAccountRoleArn),
    ...(addon === 'vpc-cni'
      ? differs('image of aws-node', after.version, awsNodeVersionOf(daemonSet?.spec?.template?.spec?.containers))
      : []),
  ]
}

function groupIsThere({ group, after }: GroupStep, end: ClusterSnapshot): readonly string[] {
  const found = end.aws.nodegroups?.find(({ nodegroupName }) => nodegroupName === group)
  const makes = makesOf(nodesOf(end, group))
  return [
    ...differs(`status of ${group}`, 'ACTIVE', found?.status),
    ...(after.version === undefined ? [] : differs(`version of ${group}`, after.version, found?.version)),
    ...(after.releaseVersion === undefined ? [] : differs(`release of ${group}`, after.releaseVersion, found?.releaseVersion)),
    ...(after.launchTemplate === undefined
      ? []
      : differs(`template of ${group}`, after.launchTemplate.version, found?.launchTemplate?.version)),
    ...(after.imageId === undefined ? [] : differs(`image of ${group}`, after.imageId, found?.releaseVersion)),
    ...(makes.length > 1 ? [`${group} has nodes of several makes: ${makes.join(', ')}`] : []),
    ...makes.flatMap((make) =>
      after.version === undefined || make.startsWith(`v${after.version}.`) ? [] : [`${group} has a node of ${make}`],
    ),
  ]
}
