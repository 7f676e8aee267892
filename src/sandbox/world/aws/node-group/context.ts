import type { Faults, Timeline } from '../../../contract.ts'
import type { ClusterSpec, WorldOptions } from '../../world-spec.ts'
import type { Subnets } from '../addresses.ts'
import { type Input, required } from '../answers.ts'
import type { AutoScaling } from '../auto-scaling.ts'
import type { ControlPlane } from '../control-plane.ts'
import { inUse, invalidParameter, invalidRequest, notFound } from '../eks-errors.ts'
import type { GroupUpdateDeps } from '../group-update.ts'
import type { Images } from '../images.ts'
import type { InstanceTypes } from '../instance-types.ts'
import type { LaunchConfiguration } from '../launch-configurations.ts'
import type { LaunchTemplates } from '../launch-templates.ts'
import type { NodeActions } from '../node-actions.ts'
import type { NodeGroup } from '../node-groups.ts'
import type { ShownEks } from '../shown-eks.ts'
import type { Updates } from '../updates.ts'

/** What the operations on managed node groups work with. */
export interface NodeGroupApiDeps {
  readonly cluster: ClusterSpec
  readonly controlPlane: ControlPlane
  readonly options: WorldOptions
  readonly timeline: Timeline
  readonly seed: number
  readonly faults: Faults
  readonly images: Images
  readonly types: InstanceTypes
  readonly subnets: Subnets
  readonly templates: LaunchTemplates
  readonly configurations: Map<string, LaunchConfiguration>
  readonly autoScaling: AutoScaling
  readonly nodes: NodeActions
  readonly updates: Updates
  readonly updating: GroupUpdateDeps
  /** All groups by name, the self-managed ones too: EKS does not know those. */
  readonly groups: Map<string, NodeGroup>
  readonly shown: Pick<ShownEks, 'groups'>
  /** Tells the scenarios that an operation was accepted. */
  readonly accepted: (operation: string, subject: string) => void
}

/** The groups that EKS manages. */
export function managedGroups(groups: ReadonlyMap<string, NodeGroup>): readonly NodeGroup[] {
  return [...groups.values()].filter(({ spec }) => spec.form !== 'self-managed')
}

/** The managed group that an input names. Throws 404. */
export function groupOf(deps: NodeGroupApiDeps, input: Input): NodeGroup {
  const name = required(input, 'nodegroupName', invalidParameter)
  return found(name, deps.groups.get(name))
}

/** The managed group that an input names, as readers are shown it. Throws 404. */
export function shownGroup(deps: NodeGroupApiDeps, input: Input): NodeGroup {
  const name = required(input, 'nodegroupName', invalidParameter)
  return found(name, deps.shown.groups.get(name))
}

function found(name: string, group: NodeGroup | undefined): NodeGroup {
  if (group !== undefined && group.spec.form !== 'self-managed') return group
  throw notFound(`No node group found for name: ${name}.`, { nodegroupName: name })
}

export function aboutGroup(deps: NodeGroupApiDeps, { spec }: Pick<NodeGroup, 'spec'>): { clusterName: string; nodegroupName: string } {
  return { clusterName: deps.cluster.name, nodegroupName: spec.name }
}

/** Throws 409 unless the group is ACTIVE; one that reads DEGRADED may be updated, as that may be what heals it. */
export function refuseWhileBusy(deps: NodeGroupApiDeps, group: NodeGroup): void {
  if (group.status === 'ACTIVE') return
  throw inUse('Nodegroup cannot be updated as it is currently not in Active State', aboutGroup(deps, group))
}

/** Throws 400 while the control plane itself is being updated. */
export function refuseWhileClusterUpdates(deps: NodeGroupApiDeps): void {
  if (deps.controlPlane.status === 'ACTIVE') return
  throw invalidRequest(`Cluster '${deps.cluster.name}' is not in ACTIVE status`, { clusterName: deps.cluster.name })
}
