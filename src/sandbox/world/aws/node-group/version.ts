import { compareMinors, parseMinor } from '../../../../model/kubernetes-minor.ts'
import { type Input, recordOf, textOf } from '../answers.ts'
import { invalidParameter } from '../eks-errors.ts'
import { beginGroupUpdate } from '../group-update.ts'
import type { TemplateReference } from '../instances.ts'
import type { GroupTarget, NodeGroup } from '../node-groups.ts'
import { describeUpdate } from '../updates.ts'
import { aboutGroup, groupOf, type NodeGroupApiDeps, refuseWhileBusy, refuseWhileClusterUpdates } from './context.ts'

/** UpdateNodegroupVersion: to a minor, a release or a version of the group's template. It cannot be cancelled. */
export function updateNodegroupVersion(deps: NodeGroupApiDeps, input: Input): Record<string, unknown> {
  const group = groupOf(deps, input)
  const subject = `nodegroup/${group.spec.name}`
  const begun = deps.updates.begunBy(subject, input)
  if (begun !== undefined) return { update: describeUpdate(begun) }
  refuseWhileClusterUpdates(deps)
  refuseWhileBusy(deps, group)
  const target = targetOf(deps, group, input)
  const update = deps.updates.open({ type: 'VersionUpdate', subject, input, params: versionParams(target, deps) })
  beginGroupUpdate(deps.updating, { group, update, target, force: input.force === true })
  deps.accepted('eks:UpdateNodegroupVersion', group.spec.name)
  return { update: describeUpdate(update) }
}

function versionParams(target: GroupTarget, { templates }: NodeGroupApiDeps): Record<string, string | undefined> {
  return {
    Version: target.image.release === undefined ? undefined : target.version,
    ReleaseVersion: target.image.release,
    LaunchTemplateName: target.launchTemplate && templates.get(target.launchTemplate.id)?.name,
    LaunchTemplateVersion: target.launchTemplate && String(target.launchTemplate.version),
  }
}

/** What the call asks for, or the refusal that the group's form, the control plane or the world's options demand. */
function targetOf(deps: NodeGroupApiDeps, group: NodeGroup, input: Input): GroupTarget {
  const launchTemplate = requestedTemplate(deps, group, input) ?? group.current.launchTemplate
  if (group.spec.form === 'custom-ami') return customTarget(deps, group, input, launchTemplate)
  const version = requestedMinor(deps, group, input)
  const { amiType } = group.spec
  const release = textOf(input, 'releaseVersion') ?? deps.images.releases(amiType, version)[0]?.release
  const image = release === undefined ? undefined : deps.images.ofRelease(amiType, version, release)
  if (image === undefined) {
    throw invalidParameter(
      `Requested release version ${release ?? 'latest'} is not valid for kubernetes version ${version}.`,
      aboutGroup(deps, group),
    )
  }
  return { version, image, ...(launchTemplate ? { launchTemplate } : {}) }
}

function customTarget(deps: NodeGroupApiDeps, group: NodeGroup, input: Input, template: TemplateReference | undefined): GroupTarget {
  const about = aboutGroup(deps, group)
  for (const member of ['version', 'releaseVersion']) {
    if (textOf(input, member) !== undefined) throw invalidParameter(`You cannot specify the field ${member} when using custom AMIs.`, about)
  }
  if (recordOf(input, 'launchTemplate') === undefined || template === undefined) {
    throw invalidParameter("Launch template details can't be null for Custom ami type node group", about)
  }
  const image = deps.images.get(templateImage(deps, template) ?? '')
  if (image === undefined)
    throw invalidParameter('The launch template must name an image id, since your node group uses a custom AMI.', about)
  return { version: deps.controlPlane.version, image, launchTemplate: template }
}

/** The AMI that a version of a template brings, if it brings one. */
export function templateImage({ templates }: Pick<NodeGroupApiDeps, 'templates'>, { id, version }: TemplateReference): string | undefined {
  return templates.get(id)?.versions.find(({ number }) => number === version)?.imageId
}

/** A template without a version means its default version (EKS API reference, LaunchTemplateSpecification). */
function requestedTemplate(deps: NodeGroupApiDeps, group: NodeGroup, input: Input): TemplateReference | undefined {
  const wanted = recordOf(input, 'launchTemplate')
  if (wanted === undefined) return undefined
  const about = aboutGroup(deps, group)
  if (group.current.launchTemplate === undefined) throw invalidParameter('Node group was not created with a launch template.', about)
  const own = deps.templates.find({ id: group.current.launchTemplate.id })
  if (textOf(wanted, 'id') !== own.id && textOf(wanted, 'name') !== own.name) {
    throw invalidParameter('You must use the launch template that the node group was created with.', about)
  }
  const text = textOf(wanted, 'version') ?? '$Default'
  const version = deps.templates.version(own, text)
  if (version === undefined) throw invalidParameter(`Launch template ${own.id} has no version ${text}.`, about)
  if (group.spec.form === 'template' && version.imageId !== undefined) {
    throw invalidParameter(
      'You cannot specify an image id within the launch template, since your nodegroup is configured to use an EKS optimized AMI.',
      about,
    )
  }
  return { id: own.id, version: version.number }
}

function requestedMinor(deps: NodeGroupApiDeps, group: NodeGroup, input: Input): string {
  const text = textOf(input, 'version') ?? group.current.version
  const [wanted, current, cluster] = [parseMinor(text), parseMinor(group.current.version), parseMinor(deps.controlPlane.version)]
  const about = aboutGroup(deps, group)
  if (wanted === undefined || current === undefined || cluster === undefined)
    throw invalidParameter(`Invalid kubernetes version ${text}.`, about)
  if (compareMinors(wanted, cluster) > 0) {
    throw invalidParameter(`Nodegroup Kubernetes version ${text} cannot be newer than the cluster's, ${deps.controlPlane.version}.`, about)
  }
  if (deps.options.minorDowngrade === 'strict' && compareMinors(wanted, current) < 0) {
    throw invalidParameter(
      `Requested kubernetes version ${text} is lower than the node group's version ${group.current.version}. Downgrades are not supported.`,
      about,
    )
  }
  return text
}
