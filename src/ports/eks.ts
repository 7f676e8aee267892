import type {
  AddonConfiguration,
  AddonListing,
  EksAddon,
  EksCluster,
  EksNodegroup,
  EksUpdate,
  Insight,
  PodIdentityAssociation,
} from '../model/aws.ts'
import type { NodegroupSettings } from '../model/replacement.ts'

/**
 * Amazon EKS. Every method throws SerinError with a REMOTE_* code; a mutation whose outcome is not known
 * (5xx, cut connection) throws with `details.ambiguous`.
 */
export interface Eks {
  describeCluster(cluster: string): Promise<EksCluster>
  listNodegroups(cluster: string): Promise<readonly string[]>
  describeNodegroup(cluster: string, nodegroup: string): Promise<EksNodegroup>
  listAddons(cluster: string): Promise<readonly string[]>
  /** Undefined when the add-on is not managed by EKS (ResourceNotFound). */
  describeAddon(cluster: string, addon: string): Promise<EksAddon | undefined>
  /** All versions of an add-on with all their compatibilities, over all pages, unfiltered by minor. */
  describeAddonVersions(addon: string): Promise<AddonListing>
  describeAddonConfiguration(addon: string, version: string): Promise<AddonConfiguration>
  /** Newest first. With neither name: updates of the cluster itself. */
  listUpdates(cluster: string, of: { nodegroup?: string; addon?: string }): Promise<readonly string[]>
  describeUpdate(cluster: string, id: string, of: { nodegroup?: string; addon?: string }): Promise<EksUpdate>
  listInsights(cluster: string): Promise<readonly Insight[]>
  /** With what only this call tells: recommendation and the clients of removed APIs. */
  describeInsight(cluster: string, id: string): Promise<Insight>
  /** Has the insights computed anew; changes nothing else. One that runs already is no error. */
  startInsightsRefresh(cluster: string): Promise<void>
  insightsRefreshStatus(cluster: string): Promise<'IN_PROGRESS' | 'COMPLETED' | 'FAILED' | string>
  describePodIdentityAssociation(cluster: string, id: string): Promise<PodIdentityAssociation>
  updateNodegroupVersion(request: UpdateNodegroupVersion): Promise<EksUpdate>
  updateNodegroupConfig(request: UpdateNodegroupConfig): Promise<EksUpdate>
  updateAddon(request: UpdateAddon): Promise<EksUpdate>
  updateClusterVersion(request: UpdateClusterVersion): Promise<EksUpdate>
  /** Of a rollback under Auto Mode, while its nodes are on their way; any other is refused. */
  cancelUpdate(cluster: string, id: string, clientRequestToken: string): Promise<EksUpdate>
  createNodegroup(request: CreateNodegroup): Promise<EksNodegroup>
  /** Its nodes are drained and ended with it. It knows no token: sent twice, the second is refused (409) or finds nothing (404). */
  deleteNodegroup(cluster: string, nodegroup: string): Promise<void>
}

export interface CreateNodegroup {
  readonly cluster: string
  readonly nodegroup: string
  readonly settings: NodegroupSettings
  readonly scalingConfig: { readonly minSize: number; readonly maxSize: number; readonly desiredSize: number }
  readonly clientRequestToken: string
}

export interface UpdateNodegroupVersion {
  readonly cluster: string
  readonly nodegroup: string
  /** Absent for a launch template with its own AMI. */
  readonly version?: string
  readonly releaseVersion?: string
  readonly launchTemplate?: { readonly id: string; readonly version: string }
  /** Pods that cannot be evicted are deleted past their budgets; not when absent. */
  readonly force?: true
  readonly clientRequestToken: string
}

export interface UpdateNodegroupConfig {
  readonly cluster: string
  readonly nodegroup: string
  readonly updateConfig?: { readonly maxUnavailable?: number; readonly maxUnavailablePercentage?: number; readonly updateStrategy?: string }
  readonly scalingConfig?: { readonly minSize?: number; readonly maxSize?: number; readonly desiredSize?: number }
  readonly clientRequestToken: string
}

export interface UpdateClusterVersion {
  readonly cluster: string
  /** One minor above the present one, or the one that it was upgraded from: then EKS rolls back. */
  readonly version: string
  /** Of a rollback under Auto Mode: minutes that its nodes may take, 120 to 10080. */
  readonly rollbackTimeoutMinutes?: number
  readonly clientRequestToken: string
}

export interface UpdateAddon {
  readonly cluster: string
  readonly addon: string
  readonly version: string
  readonly resolveConflicts: 'PRESERVE' | 'OVERWRITE' | 'NONE'
  readonly configurationValues?: string
  readonly serviceAccountRoleArn?: string
  readonly clientRequestToken: string
}
