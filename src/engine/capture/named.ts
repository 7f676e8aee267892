import type { KubernetesAccess } from '../../catalog/knowledge/run-permissions.ts'
import type { ReachableQuestion } from '../../model/outside.ts'
import type { ProbePlace } from '../../model/probe.ts'
/** Add-on versions that a plan names, whose schemas are read too. */
export interface AddonTargets {
  readonly [addon: string]: readonly string[]
}

/** Launch template versions that a plan names for groups by glob, first match wins. */
export type TemplateVersions = readonly { readonly match: string; readonly version: string | undefined }[]

/** What a plan names beyond what every plan needs. */
export interface NamedByPlan {
  readonly addonTargets?: AddonTargets
  readonly templateVersions?: TemplateVersions
  /** Minors that it moves the control plane to. */
  readonly minors?: readonly string[]
  /** EKS computes its insights anew first. */
  readonly refreshInsights?: boolean
  /** Launch template versions that ways back of an open run need. */
  readonly formerTemplates?: readonly (readonly [id: string, versions: readonly string[]])[]
  /** Auto Scaling groups that EKS does not manage, by name or glob. */
  readonly selfManaged?: readonly string[]
  readonly launchConfigurations?: readonly string[]
  /** What its gates ask of the cluster. */
  readonly access?: readonly KubernetesAccess[]
  /** Whom its gates ask outside. */
  readonly questions?: readonly ReachableQuestion[]
  /** CloudWatch alarms that its gates ask about. */
  readonly alarms?: readonly string[]
  /** It makes groups, and deletes others. */
  readonly replaces?: boolean
  /** AMI types of groups that it makes. */
  readonly amiTypes?: readonly string[]
  /** Probe pods that its gates will make. */
  readonly probes?: readonly ProbePlace[]
}
