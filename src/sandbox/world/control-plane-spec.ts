import { z } from 'zod'
import { duration } from './faults/when.ts'

const minorText = z.string().regex(/^\d+\.\d+$/, 'expected a minor such as "1.33"')

const status = z.enum(['PASSING', 'WARNING', 'ERROR', 'UNKNOWN'])

/** A removed API that clients still ask for, as upgrade insights tell it. */
const deprecatedApi = z.strictObject({
  /** `/apis/flowcontrol.apiserver.k8s.io/v1beta3/flowschemas` */
  usage: z.string(),
  replacedWith: z.string(),
  stopServingVersion: minorText,
  startServingReplacementVersion: minorText.optional(),
  clients: z
    .array(z.strictObject({ userAgent: z.string(), requests: z.number().int().positive(), lastBefore: duration.default(3_600_000) }))
    .default([]),
})

const forcedInsight = z.strictObject({
  name: z.string(),
  category: z.enum(['UPGRADE_READINESS', 'ROLLBACK_READINESS', 'MISCONFIGURATION']).default('UPGRADE_READINESS'),
  status,
  reason: z.string().default(''),
})

/**
 * The key `controlPlane` of a world file: what else is true of the cluster. Everything has a healthy default: a cluster of its version
 * for more than a year, reachable from everywhere, without Fargate, Auto Mode or anything that an insight would name.
 */
export const controlPlaneSchema = z.strictObject({
  /** How long before the world's start the cluster was upgraded in place from the minor below. */
  upgradedBefore: duration.optional(),
  /** EKS itself did that upgrade, because support of the version below had ended. */
  upgradedByEks: z.enum(['end-of-standard-support', 'end-of-extended-support']).optional(),
  supportType: z.enum(['STANDARD', 'EXTENDED']).default('EXTENDED'),
  endpoint: z.enum(['public', 'private', 'both']).default('both'),
  publicAccessCidrs: z.array(z.string()).default(['0.0.0.0/0']),
  authenticationMode: z.enum(['API', 'API_AND_CONFIG_MAP', 'CONFIG_MAP']).default('API_AND_CONFIG_MAP'),
  logging: z.array(z.enum(['api', 'audit', 'authenticator', 'controllerManager', 'scheduler'])).default([]),
  deletionProtection: z.boolean().default(false),
  zonalShift: z.boolean().default(false),
  tags: z.record(z.string(), z.string()).default({}),
  /** Auto Mode: how long its nodes take to go back in a rollback. */
  autoMode: z.strictObject({ nodeRollback: duration.default(2_400_000) }).optional(),
  /** The oldest minor that has everything this cluster has switched on: a rollback below is refused. */
  featuresSince: minorText.optional(),
  /** Issues of DescribeCluster's health. */
  issues: z.array(z.strictObject({ code: z.string(), message: z.string(), resourceIds: z.array(z.string()).default([]) })).default([]),
  /** Whether an ERROR among the upgrade insights keeps UpdateClusterVersion from beginning, as the API reference has it, or is advice only. */
  upgradeInsights: z.enum(['enforced', 'advice']).default('enforced'),
  deprecatedApis: z.array(deprecatedApi).default([]),
  /** How a refresh of the insights that somebody asks for ends; one that stalls goes on for good. */
  insightsRefresh: z.enum(['completes', 'fails', 'stalls']).default('completes'),
  /** Insights with a status that the world does not bring about by itself. */
  insights: z.array(forcedInsight).default([]),
  /** Builds that DescribeAddonVersions no longer lists; what is installed goes on running. */
  withdrawnAddonVersions: z.array(z.strictObject({ addon: z.string(), version: z.string() })).default([]),
  /** Platform versions of a minor that a build needs, where it does not fit all. */
  addonPlatforms: z
    .array(z.strictObject({ addon: z.string(), version: z.string(), minor: minorText, platformVersions: z.array(z.string()) }))
    .default([]),
  fargateProfiles: z
    .array(z.strictObject({ name: z.string(), namespace: z.string(), labels: z.record(z.string(), z.string()).default({}) }))
    .default([]),
  podIdentityAssociations: z.array(z.strictObject({ namespace: z.string(), serviceAccount: z.string(), roleArn: z.string() })).default([]),
  accessEntries: z
    .array(z.strictObject({ principalArn: z.string(), groups: z.array(z.string()).default([]), policies: z.array(z.string()).default([]) }))
    .default([]),
  identityProviders: z.array(z.strictObject({ name: z.string(), issuerUrl: z.string(), clientId: z.string() })).default([]),
})

export type ControlPlaneSpec = z.output<typeof controlPlaneSchema>
export type ForcedInsight = z.output<typeof forcedInsight>

/** A control plane with nothing special about it. */
export const PLAIN_CONTROL_PLANE: ControlPlaneSpec = controlPlaneSchema.parse({})
