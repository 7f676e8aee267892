import { canonicalJson } from '../model/canonical-json.ts'
import {
  type AddonStep,
  type ControlPlaneStep,
  type Itinerary,
  movesVersions,
  type NodesStep,
  type OwningTool,
  type Step,
} from '../model/itinerary.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'

/**
 * What is to be written back to the tool that owns the cluster, so that its next apply does not undo the run: the values
 * once, and where each tool keeps them. Where tags say which tool owns an object only that one is named, otherwise all three are.
 */
export interface WriteBack {
  /** What there is to know first: that nothing is to be written, or not yet. */
  readonly note?: string
  readonly values: readonly WriteBackValue[]
  readonly places: readonly { readonly tool: string; readonly says: string }[]
}

export interface WriteBackValue {
  /** `add-on vpc-cni`, `node group app-a`. */
  readonly subject: string
  readonly version?: string
  readonly release?: string
  /** Name and number of the launch template. */
  readonly template?: string
  /** The tool that owns it, where its tags tell. */
  readonly owner?: string
}

const TOOLS: readonly OwningTool[] = ['terraform', 'cloudformation', 'eksctl']

/**
 * The tool that made an object, by its tags. eksctl sets `alpha.eksctl.io/cluster-name` and works through CloudFormation,
 * whose own tag is `aws:cloudformation:stack-name`; Terraform sets none by itself, so the usual conventions are looked for.
 */
export function owningTool(tags: Readonly<Record<string, string>> | undefined): OwningTool | undefined {
  const keys = Object.keys(tags ?? {})
  if (keys.some((key) => key.includes('eksctl'))) return 'eksctl'
  if (keys.some((key) => key.startsWith('aws:cloudformation:'))) return 'cloudformation'
  const terraform = Object.entries(tags ?? {}).some((pair) => pair.some((part) => /^(terraform|opentofu)/i.test(part)))
  return terraform ? 'terraform' : undefined
}

/** Owners of the objects of a snapshot: `NodeGroup/app-a` and `Addon/vpc-cni` to the tool that made them, where tags tell. */
export function ownersOf(snapshot: ClusterSnapshot): Readonly<Record<string, OwningTool>> {
  const owners: Record<string, OwningTool> = {}
  const note = (subject: string, tags: Readonly<Record<string, string>> | undefined) => {
    const tool = owningTool(tags)
    if (tool) owners[subject] = tool
  }
  for (const group of snapshot.aws.nodegroups ?? []) note(`NodeGroup/${group.nodegroupName}`, group.tags)
  for (const addon of snapshot.aws.addons ?? []) note(`Addon/${addon.addonName}`, addon.tags)
  return owners
}

/**
 * What the steps that were done in order, those of the way back included, leave to be written back.
 * @param open the run goes on: what stands now is not what will stand.
 */
export function writeBack(itinerary: Itinerary, done: readonly Step[], open: boolean): WriteBack {
  const stay = stayingChanges(itinerary, done)
  if (open) return { ...NOTHING, note: 'Nothing yet: write back when the run has ended.' }
  if (stay.length === 0) return { ...NOTHING, note: `Nothing: ${done.length > 0 ? 'everything is as it was' : 'nothing was changed'}.` }
  const owners = stay.map((step) => itinerary.owners?.[subjectOf(step)])
  const tools = TOOLS.filter((tool) => owners.some((owner) => owner === undefined || owner === tool))
  return { values: stay.map((step, index) => stayingValue(step, owners[index])), places: tools.map((tool) => placesOf(tool, stay)) }
}

const NOTHING = { values: [], places: [] } as const

type Change = AddonStep | ControlPlaneStep | NodesStep

/** The last change of each object, left out where it leads back to the baseline. */
function stayingChanges(itinerary: Itinerary, done: readonly Step[]): readonly Change[] {
  const last = new Map<string, Change>()
  for (const step of done) if (movesVersions(step)) last.set(subjectOf(step), step)
  return [...last.values()].filter((step) => !leadsToBaseline(itinerary, step))
}

function leadsToBaseline(itinerary: Itinerary, step: Change): boolean {
  const { addons, groups } = itinerary.baseline
  if (step.kind === 'addon-update') return addons[step.addon]?.version === step.after.version
  if (step.kind === 'control-plane-update') return step.goesBack === true
  return canonicalJson(groups[step.group]?.spec) === canonicalJson(step.after)
}

function subjectOf(step: Change): string {
  if (step.kind === 'control-plane-update') return 'Cluster'
  return step.kind === 'addon-update' ? `Addon/${step.addon}` : `NodeGroup/${step.group}`
}

function stayingValue(step: Change, owner: OwningTool | undefined): WriteBackValue {
  const owned = owner === undefined ? {} : { owner: TITLES[owner] }
  if (step.kind === 'addon-update') return { subject: `add-on ${step.addon}`, version: step.after.version, ...owned }
  if (step.kind === 'control-plane-update') return { subject: 'control plane', version: step.after, ...owned }
  const { version, releaseVersion: release, launchTemplate: template } = step.after
  return {
    subject: `node group ${step.group}`,
    version,
    release,
    template: template && `${template.name ?? template.id} ${template.version}`,
    ...owned,
  }
}

const TITLES: Record<OwningTool, string> = { terraform: 'Terraform', cloudformation: 'CloudFormation', eksctl: 'eksctl' }

/** Where a tool keeps the values: of add-ons and of node groups, as far as they are among what changed. */
function placesOf(tool: OwningTool, changes: readonly Change[]): WriteBack['places'][number] {
  const kinds = new Set(changes.map((step) => step.kind))
  const { addon, cluster, group, self } = PLACES[tool]
  const says = [
    kinds.has('control-plane-update') && cluster,
    kinds.has('addon-update') && addon,
    kinds.has('nodegroup-update') && group,
    kinds.has('replace-nodes') && self,
  ]
    .filter(Boolean)
    .join('; ')
  return { tool: TITLES[tool], says }
}

/**
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eks_node_group,
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-eks-nodegroup.html,
 * https://schema.eksctl.io/
 */
const PLACES: Record<OwningTool, { readonly cluster: string; readonly addon: string; readonly group: string; readonly self: string }> = {
  terraform: {
    cluster: 'aws_eks_cluster: version',
    addon: 'aws_eks_addon: addon_version',
    group: 'aws_eks_node_group: version, release_version, launch_template.version',
    self: 'aws_autoscaling_group: launch_template.version, launch_configuration',
  },
  cloudformation: {
    cluster: 'AWS::EKS::Cluster: Version',
    addon: 'AWS::EKS::Addon: AddonVersion',
    group: 'AWS::EKS::Nodegroup: Version, ReleaseVersion, LaunchTemplate.Version',
    self: 'AWS::AutoScaling::AutoScalingGroup: LaunchTemplate.Version, LaunchConfigurationName',
  },
  eksctl: {
    cluster: 'metadata.version',
    addon: 'addons[].version',
    group: 'managedNodeGroups[]: version, releaseVersion, launchTemplate.version',
    self: 'nodeGroups[]: ami, of which eksctl makes a new stack',
  },
}
