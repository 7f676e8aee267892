import type { AutoScalingGroup, EksAddon, EksNodegroup } from '../model/aws.ts'
import { awsNodeTemplateDigest, isAwsNodeDaemonSet } from '../model/aws-node.ts'
import { canonicalJson } from '../model/canonical-json.ts'
import { groupOfNode } from '../model/groups-of-nodes.ts'
import { EXCLUDE_FROM_BALANCERS_LABEL, IMAGE_LABEL, KEEP_FROM_AUTOSCALER, type Node, RETIRED, type Workload } from '../model/kubernetes.ts'
import { sourceOf } from '../model/self-managed.ts'
import { type ClusterSnapshot, objectsOf } from '../model/snapshot.ts'

/**
 * In what a cluster is not as it was before a run, one line each; empty when it came back exactly: versions, images and template
 * numbers, the aws-node template and add-on settings, sizes, group settings, suspended processes, protection, none of Serin's
 * marks, and the cordons and taints that were there before on nodes that still exist.
 */
export function notAsBefore(start: ClusterSnapshot, end: ClusterSnapshot): readonly string[] {
  return [
    ...differs('the minor of the control plane', start.aws.cluster?.version, end.aws.cluster?.version),
    ...differing('add-on', byName(start.aws.addons, addonName), byName(end.aws.addons, addonName), addonFacts),
    ...differing('node group', byName(start.aws.nodegroups, groupName), byName(end.aws.nodegroups, groupName), groupFacts),
    ...differing(
      'Auto Scaling group',
      byName(start.aws.autoScalingGroups, scalingName),
      byName(end.aws.autoScalingGroups, scalingName),
      scalingFacts,
    ),
    ...added('node group', byName(start.aws.nodegroups, groupName), byName(end.aws.nodegroups, groupName)),
    ...added('Auto Scaling group', byName(start.aws.autoScalingGroups, scalingName), byName(end.aws.autoScalingGroups, scalingName)),
    ...differs('the aws-node template', awsNodeOf(start), awsNodeOf(end)),
    ...imagesDiffer(start, end),
    ...nodesDiffer(start, end),
  ]
}

const addonName = ({ addonName: name = '' }: EksAddon) => name
const groupName = ({ nodegroupName: name = '' }: EksNodegroup) => name
const scalingName = ({ AutoScalingGroupName: name = '' }: AutoScalingGroup) => name

function byName<T>(items: readonly T[] = [], nameOf: (item: T) => string): ReadonlyMap<string, T> {
  return new Map(items.map((item) => [nameOf(item), item]))
}

type Facts = Readonly<Record<string, unknown>>

function differing<T>(
  kind: string,
  before: ReadonlyMap<string, T>,
  after: ReadonlyMap<string, T>,
  factsOf: (item: T) => Facts,
): readonly string[] {
  return [...before].flatMap(([name, item]) => {
    const now = after.get(name)
    if (now === undefined) return [`${kind} ${name} is gone`]
    const [was, is] = [factsOf(item), factsOf(now)]
    return Object.keys(was).flatMap((fact) => differs(`${fact} of ${kind} ${name}`, was[fact], is[fact]))
  })
}

/** What was made meanwhile and stays. */
function added<T>(kind: string, before: ReadonlyMap<string, T>, after: ReadonlyMap<string, T>): readonly string[] {
  return [...after.keys()].flatMap((name) => (before.has(name) ? [] : [`${kind} ${name} was not there`]))
}

function differs(what: string, was: unknown, is: unknown): readonly string[] {
  const [before, after] = [was, is].map((value) => (value === undefined ? 'absent' : canonicalJson(value)))
  return before === after ? [] : [`${what} was ${before}, is ${after}`]
}

function addonFacts({ addonVersion, configurationValues, serviceAccountRoleArn, status }: EksAddon): Facts {
  return { version: addonVersion, configuration: configurationValues, role: serviceAccountRoleArn, status }
}

function groupFacts({ version, releaseVersion, launchTemplate, scalingConfig, updateConfig, status }: EksNodegroup): Facts {
  return {
    version,
    release: releaseVersion,
    template: launchTemplate?.version,
    sizes: scalingConfig,
    'update settings': updateConfig,
    status,
  }
}

function scalingFacts(group: AutoScalingGroup): Facts {
  const { MinSize, MaxSize, DesiredCapacity, LaunchConfigurationName, SuspendedProcesses = [], Instances = [], Tags = [] } = group
  const staying = Instances.filter(({ LifecycleState = '' }) => !LifecycleState.startsWith('Terminating'))
  return {
    sizes: { min: MinSize, max: MaxSize, desired: DesiredCapacity },
    'suspended processes': SuspendedProcesses.map(({ ProcessName }) => ProcessName).sort(),
    'launch configuration': LaunchConfigurationName,
    'sources of instances': [...new Set(staying.map((instance) => canonicalJson(sourceOf(instance))))].sort(),
    tags: Tags.map(({ Key, Value, PropagateAtLaunch }) => `${Key}=${Value} ${PropagateAtLaunch === true}`).sort(),
    'protection from scale-in': staying.filter(({ ProtectedFromScaleIn }) => ProtectedFromScaleIn === true).length,
  }
}

function awsNodeOf(snapshot: ClusterSnapshot): string | undefined {
  const daemonSet = objectsOf<Workload>(snapshot, 'DaemonSet').find(isAwsNodeDaemonSet)
  return daemonSet && awsNodeTemplateDigest(daemonSet)
}

/** Kubelets and images of each group's nodes: the same set. */
function imagesDiffer(start: ClusterSnapshot, end: ClusterSnapshot): readonly string[] {
  const makes = (snapshot: ClusterSnapshot) => {
    const groups = Map.groupBy(nodesOf(snapshot), (node) => groupOfNode(node, snapshot) ?? 'no group')
    return new Map([...groups].map(([group, nodes]) => [group, [...new Set(nodes.map(makeOf))].sort()]))
  }
  const after = makes(end)
  return [...makes(start)].flatMap(([group, before]) => differs(`what the nodes of ${group} are`, before, after.get(group)))
}

function makeOf({ metadata, status }: Node): string {
  return `kubelet ${status?.nodeInfo?.kubeletVersion}${metadata.labels?.[IMAGE_LABEL] === undefined ? '' : `, image ${metadata.labels[IMAGE_LABEL]}`}`
}

function nodesOf(snapshot: ClusterSnapshot): readonly Node[] {
  return objectsOf<Node>(snapshot, 'Node').filter(({ metadata }) => metadata.deletionTimestamp === undefined)
}

/** Kubernetes puts this taint on a cordoned node by itself, and that of a node that is not ready yet. */
const NOT_OURS = /^node(\.kubernetes\.io|\.cloudprovider)\//

function nodesDiffer(start: ClusterSnapshot, end: ClusterSnapshot): readonly string[] {
  const before = new Map(nodesOf(start).map((node) => [node.metadata.uid, node]))
  return nodesOf(end).flatMap((node) => {
    const was = before.get(node.metadata.uid)
    const { name } = node.metadata
    return [
      ...differs(`the cordon of ${name}`, was?.spec?.unschedulable === true, node.spec?.unschedulable === true),
      ...differs(`balancers of ${name}`, isExcluded(was), isExcluded(node)),
      ...(was === undefined ? [] : differs(`taints of ${name}`, taintsOf(was), taintsOf(node))),
      ...marksOf(node, was).map((mark) => `${name} carries ${mark}`),
    ]
  })
}

function isExcluded(node: Node | undefined): boolean {
  return node?.metadata.labels?.[EXCLUDE_FROM_BALANCERS_LABEL] !== undefined
}

function taintsOf({ spec }: Node): readonly string[] {
  return (spec?.taints ?? []).flatMap(({ key, effect }) => (NOT_OURS.test(key) ? [] : [`${key}:${effect}`])).sort()
}

function marksOf({ metadata, spec }: Node, was: Node | undefined): readonly string[] {
  const kept = was?.metadata.annotations?.[KEEP_FROM_AUTOSCALER] === undefined && metadata.annotations?.[KEEP_FROM_AUTOSCALER] !== undefined
  const taints = (spec?.taints ?? []).flatMap(({ key }) => (key.startsWith('serin.dev/') ? [key] : []))
  return [...taints, ...(kept ? [KEEP_FROM_AUTOSCALER] : []), ...(metadata.annotations?.[RETIRED] === undefined ? [] : [RETIRED])]
}
