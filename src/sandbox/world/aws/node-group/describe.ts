import { dateOf } from '../answers.ts'
import type { TemplateReference } from '../instances.ts'
import { type NodeGroup, shownStatus } from '../node-groups.ts'
import type { NodeGroupApiDeps } from './context.ts'
import { issuesOf } from './health.ts'
import { describeTaints } from './settings.ts'

/** A managed group in SDK shape. */
export function describeGroup(deps: NodeGroupApiDeps, group: NodeGroup): Record<string, unknown> {
  const { spec, current, settings } = group
  const { region, accountId, name } = deps.cluster
  const issues = issuesOf(deps, group)
  const status = shownStatus(group, deps.timeline.now())
  return {
    nodegroupName: spec.name,
    nodegroupArn: `arn:aws:eks:${region}:${accountId}:nodegroup/${name}/${spec.name}/${group.template.name.slice(4)}`,
    clusterName: name,
    version: current.version,
    releaseVersion: current.image.release ?? current.image.imageId,
    createdAt: dateOf(group.createdAt),
    modifiedAt: dateOf(group.modifiedAt),
    status: status === 'ACTIVE' && issues.length > 0 ? 'DEGRADED' : status,
    capacityType: spec.capacityType,
    scalingConfig: { minSize: group.sizes.min, maxSize: group.sizes.max, desiredSize: group.sizes.desired },
    instanceTypes: spec.instanceTypes,
    subnets: spec.subnetIds,
    remoteAccess: spec.remoteAccess,
    amiType: spec.amiType,
    nodeRole: `arn:aws:iam::${accountId}:role/${name}-nodes`,
    labels: settings.labels,
    taints: describeTaints(settings.taints),
    resources: { autoScalingGroups: [{ name: group.scaling.name }] },
    diskSize: spec.form === 'optimised' ? (spec.diskSize ?? 20) : undefined,
    health: { issues },
    updateConfig: group.updateConfig,
    nodeRepairConfig: settings.repair,
    warmPoolConfig: settings.warmPool,
    launchTemplate: current.launchTemplate && describeTemplate(deps, current.launchTemplate),
    tags: spec.tags ?? {},
  }
}

function describeTemplate(deps: NodeGroupApiDeps, { id, version }: TemplateReference): Record<string, unknown> {
  return { id, name: deps.templates.get(id)?.name, version: String(version) }
}
