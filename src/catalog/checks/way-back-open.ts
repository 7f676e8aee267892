import { type Instant, instantOf, iso } from '../../model/instant.ts'
import type { AddonIntent, GroupIntent, Intent } from '../../model/intent.ts'
import type { LaunchConfiguration } from '../../model/launch-source.ts'
import { ROLLBACK_WINDOW } from '../../model/rollback-window.ts'
import { autoScalingNameOf } from '../../model/self-managed.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { foundOr } from './reading/verdicts.ts'

/** What the way back of each change launches or installs is still there: of changes to come, and of those that the run has made. */
export const wayBackOpen: CheckDefinition = {
  code: 'WAY_BACK_OPEN',
  title:
    'What the way back needs is still there: template versions, images, launch configurations, add-on versions, groups that give way, the 7 days of a control plane',
  severity: 'block',
  waivable: true,
  needs: ['ec2:DescribeLaunchTemplateVersions', 'eks:DescribeAddonVersions'],
  notApplicable: ({ intent }) =>
    changes(intent.groups).length + moved(intent.addons).length === 0 && intent.controlPlane?.changedByRun !== true
      ? 'Nothing changes in this run.'
      : undefined,
  prevents:
    'A run that goes on although what it did cannot be taken back any more: somebody deleted the template version or the AMI meanwhile.',
  remedy:
    'Bring back what was deleted (`aws ec2 create-launch-template-version --source-version`), or waive it and accept that there is no way back.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html',
  evaluate: ({ snapshot, plan, intent, now }) => {
    const groups = changes(intent.groups).filter(({ wayBack }) => wayBack.exists !== 'none')
    const addons = moved(intent.addons).filter(({ wayBack }) => wayBack.exists !== 'none')
    const found = [
      ...groups.flatMap((group) => judgeGroup(group, snapshot)),
      ...addons.flatMap((addon) => judgeAddon(addon, snapshot)),
      ...judgeControlPlane(intent, snapshot, now, plan.cluster.name),
    ]
    return foundOr(found, plan, `What ${groups.length + addons.length} ways back need is there.`)
  },
}

/** Groups that the run changes or has changed. */
function changes(groups: readonly GroupIntent[]): readonly GroupIntent[] {
  return groups.filter((group) => group.changes || group.changedByRun === true)
}

function moved(addons: readonly AddonIntent[]): readonly AddonIntent[] {
  return addons.filter(({ hops, target, baseline }) => hops.length > 0 || target !== baseline.version)
}

function judgeGroup({ name, baseline, replacement, arn }: GroupIntent, snapshot: ClusterSnapshot): readonly CheckFinding[] {
  const subject = `NodeGroup/${name}`
  // Nothing is launched where the old nodes are still there.
  if (replacement !== undefined) return oldGroupGone(subject, name, arn, snapshot)
  const { launch, launchTemplate, imageId } = baseline
  if (launch?.kind === 'configuration') return configurationGone(subject, launch.name, snapshot.aws.launchConfigurations)
  return [...templateGone(subject, launchTemplate, snapshot), ...imageGone(subject, imageId, snapshot)]
}

function oldGroupGone(subject: string, name: string, arn: string | undefined, { aws }: ClusterSnapshot): readonly CheckFinding[] {
  const arns =
    autoScalingNameOf(name) === undefined
      ? aws.nodegroups?.map(({ nodegroupArn }) => nodegroupArn)
      : aws.autoScalingGroups?.map(({ AutoScalingGroupARN }) => AutoScalingGroupARN)
  if (arn === undefined || arns === undefined || arns.includes(arn)) return []
  return [gone(subject, `the old group ${name} with its nodes`)]
}

/** Where no version of the template was read, nothing is known of it, and another source says so. */
function templateGone(
  subject: string,
  template: GroupIntent['baseline']['launchTemplate'],
  { aws }: ClusterSnapshot,
): readonly CheckFinding[] {
  if (template === undefined || !/^\d+$/.test(template.version)) return []
  const known = (aws.launchTemplateVersions ?? []).filter(({ LaunchTemplateId }) => LaunchTemplateId === template.id)
  if (known.length === 0 || known.some(({ VersionNumber }) => String(VersionNumber) === template.version)) return []
  return [gone(subject, `version ${template.version} of launch template ${template.name ?? template.id}`)]
}

/** An image that is not among those described, though others are, was deregistered or is no longer shared. */
function imageGone(subject: string, imageId: string | undefined, { aws }: ClusterSnapshot): readonly CheckFinding[] {
  if (imageId === undefined || !imageId.startsWith('ami-') || aws.images === undefined || aws.images.length === 0) return []
  const image = aws.images.find(({ ImageId }) => ImageId === imageId)
  if (image?.State === undefined || image.State === 'available') return image === undefined ? [gone(subject, `AMI ${imageId}`)] : []
  return [gone(subject, `AMI ${imageId}, which is ${image.State},`)]
}

function configurationGone(subject: string, name: string, known: readonly LaunchConfiguration[] | undefined): readonly CheckFinding[] {
  if (known === undefined || known.some(({ LaunchConfigurationName }) => LaunchConfigurationName === name)) return []
  return [gone(subject, `launch configuration ${name}`)]
}

function judgeAddon({ name, baseline }: AddonIntent, { aws }: ClusterSnapshot): readonly CheckFinding[] {
  const listed = aws.addonVersions?.find(({ addonName }) => addonName === name)?.addonVersions ?? []
  const minor = aws.cluster?.version
  const fitting = listed.filter(({ compatibilities = [] }) => compatibilities.some(({ clusterVersion }) => clusterVersion === minor))
  if (fitting.length === 0 || fitting.some(({ addonVersion }) => addonVersion === baseline.version)) return []
  return [gone(`Addon/${name}`, `version ${baseline.version}, which EKS no longer lists for ${minor},`)]
}

/** EKS says when the upgrade began, not when it was complete: the earlier of the two is the safe one. */
function judgeControlPlane({ controlPlane }: Intent, { aws }: ClusterSnapshot, now: Instant, cluster: string): readonly CheckFinding[] {
  if (controlPlane?.changedByRun !== true || controlPlane.wayBack.exists === 'none') return []
  const upgrades = (aws.updates ?? []).filter(({ type, status, params = [] }) => {
    return type === 'VersionUpdate' && status === 'Successful' && params.some(({ value }) => value === controlPlane.target)
  })
  const began = Math.max(
    ...upgrades.flatMap(({ createdAt, nodegroupName }) => (nodegroupName === undefined ? (instantOf(createdAt) ?? []) : [])),
  )
  if (!Number.isFinite(began) || now - began < ROLLBACK_WINDOW) return []
  return [
    gone(
      `Cluster/${cluster}`,
      `a control plane that EKS takes back to ${controlPlane.baseline}, which it did until ${iso(began + ROLLBACK_WINDOW)},`,
    ),
  ]
}

function gone(subject: string, what: string): CheckFinding {
  return {
    verdict: 'block',
    subject,
    message: `Its way back needs ${what} and that is gone: after the next step it could not be taken back.`,
  }
}
