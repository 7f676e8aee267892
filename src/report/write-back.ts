import { canonicalJson } from '../model/canonical-json.ts'
import type { GroupSpec } from '../model/intent.ts'
import type { AddonStep, GroupStep, Itinerary, OwningTool, Step } from '../model/itinerary.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'

/**
 * What is to be written back to the tool that owns the cluster, so that its next apply does not undo the run.
 * Where tags say which tool owns an object only that one is named, otherwise all three are.
 */

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

/** The lines to write, by tool, for the steps that were done in order, those of the way back included; or that there are none. */
export function writeBack(itinerary: Itinerary, done: readonly Step[]): readonly string[] {
  const stay = stayingChanges(itinerary, done)
  if (stay.length > 0) return TOOLS.flatMap((tool) => linesOf(tool, stay, itinerary))
  return [`Nothing is to be written back: ${done.length > 0 ? 'everything is as it was' : 'nothing was changed'}.`]
}

type Change = AddonStep | GroupStep

/** The last change of each object, left out where it leads back to the baseline. */
function stayingChanges(itinerary: Itinerary, done: readonly Step[]): readonly Change[] {
  const last = new Map<string, Change>()
  for (const step of done) if (step.kind === 'addon-update' || step.kind === 'nodegroup-update') last.set(subjectOf(step), step)
  return [...last.values()].filter((step) => !leadsToBaseline(itinerary, step))
}

function leadsToBaseline(itinerary: Itinerary, step: Change): boolean {
  const { addons, groups } = itinerary.baseline
  if (step.kind === 'addon-update') return addons[step.addon]?.version === step.after.version
  return canonicalJson(groups[step.group]?.spec) === canonicalJson(step.after)
}

function subjectOf(step: Change): string {
  return step.kind === 'addon-update' ? `Addon/${step.addon}` : `NodeGroup/${step.group}`
}

function linesOf(tool: OwningTool, changes: readonly Change[], itinerary: Itinerary): readonly string[] {
  const own = changes.filter((step) => (itinerary.owners?.[subjectOf(step)] ?? tool) === tool)
  return own.map((step) => `${TITLES[tool]}: ${step.kind === 'addon-update' ? addonLine(tool, step) : groupLine(tool, step)}`)
}

const TITLES: Record<OwningTool, string> = { terraform: 'Terraform', cloudformation: 'CloudFormation', eksctl: 'eksctl' }

function addonLine(tool: OwningTool, step: AddonStep): string {
  const { version } = step.after
  if (tool === 'terraform') return `aws_eks_addon "${step.addon}": addon_version = "${version}"`
  if (tool === 'cloudformation') return `AWS::EKS::Addon ${step.addon}: AddonVersion: ${version}`
  return `addons: name ${step.addon}: version: ${version}`
}

function groupLine(tool: OwningTool, step: GroupStep): string {
  const fields = Object.entries(fieldsOf(step.after)).filter((entry) => entry[1] !== undefined)
  const names = FIELDS[tool]
  const said = fields.map(([field, value]) => names[field as keyof Fields].replace('*', value ?? ''))
  return `${RESOURCES[tool]} ${step.group}: ${said.join(', ')}`
}

interface Fields {
  readonly minor?: string
  readonly release?: string
  readonly template?: string
}

function fieldsOf(spec: GroupSpec): Fields {
  return { minor: spec.version, release: spec.releaseVersion, template: spec.launchTemplate?.version }
}

const RESOURCES: Record<OwningTool, string> = {
  terraform: 'aws_eks_node_group',
  cloudformation: 'AWS::EKS::Nodegroup',
  eksctl: 'managedNodeGroups: name',
}

const FIELDS: Record<OwningTool, Record<keyof Fields, string>> = {
  terraform: { minor: 'version = "*"', release: 'release_version = "*"', template: 'launch_template.version = "*"' },
  cloudformation: { minor: 'Version: "*"', release: 'ReleaseVersion: *', template: 'LaunchTemplate.Version: "*"' },
  eksctl: { minor: 'version "*"', release: 'releaseVersion: *', template: 'launchTemplate.version: "*"' },
}
