import { WireError } from '../../../../contract.ts'
import { type Input, numberOf, recordOf, textOf, textsOf } from '../../answers.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'
import type { GroupSettings } from '../settings.ts'
import { knownPolicies } from '../termination.ts'
import { oneOf, refusal } from './refusals.ts'

/** Members that a group shows as they were given; the sandbox has nothing that they act on. */
const KEPT = [
  'PlacementGroup',
  'ServiceLinkedRoleARN',
  'Context',
  'AvailabilityZoneDistribution',
  'AvailabilityZoneImpairmentPolicy',
] as const

/** Members of a request that say what a group is like, whether it is made or changed. */
export const SETTING_MEMBERS: readonly string[] = [
  'AutoScalingGroupName',
  'MinSize',
  'MaxSize',
  'DesiredCapacity',
  'VPCZoneIdentifier',
  'AvailabilityZones',
  'LaunchTemplate',
  'MixedInstancesPolicy',
  'LaunchConfigurationName',
  'DefaultCooldown',
  'HealthCheckType',
  'HealthCheckGracePeriod',
  'TerminationPolicies',
  'NewInstancesProtectedFromScaleIn',
  'CapacityRebalance',
  'DefaultInstanceWarmup',
  'InstanceMaintenancePolicy',
  'DeletionProtection',
  'SkipZonalShiftValidation',
  'MaxInstanceLifetime',
  'DesiredCapacityType',
  ...KEPT,
]

const PROTECTIONS = ['none', 'prevent-force-deletion', 'prevent-all-deletion'] as const

/** The settings that a request asks for, on top of those there are. Throws ValidationError, and 501 for what is not simulated. */
export function newSettings(former: GroupSettings, input: Input): GroupSettings {
  refuseUnsimulated(input)
  const warmup = numberOf(input, 'DefaultInstanceWarmup')
  const { defaultInstanceWarmup, ...rest } = former
  const kept = warmup ?? defaultInstanceWarmup
  const policies = textsOf(input, 'TerminationPolicies')
  const other = policies.find((name) => !knownPolicies().includes(name))
  if (other !== undefined) throw refusal(`Invalid termination policy: ${other}`)
  return {
    ...rest,
    // -1 takes it away (API reference, UpdateAutoScalingGroup).
    ...(kept === undefined || kept < 0 ? {} : { defaultInstanceWarmup: kept }),
    defaultCooldown: numberOf(input, 'DefaultCooldown') ?? former.defaultCooldown,
    healthCheckType: textOf(input, 'HealthCheckType') ?? former.healthCheckType,
    healthCheckGracePeriod: numberOf(input, 'HealthCheckGracePeriod') ?? former.healthCheckGracePeriod,
    terminationPolicies: policies.length > 0 ? policies : former.terminationPolicies,
    newInstancesProtected: flagOf(input, 'NewInstancesProtectedFromScaleIn') ?? former.newInstancesProtected,
    capacityRebalance: flagOf(input, 'CapacityRebalance') ?? former.capacityRebalance,
    deletionProtection: oneOf(input, 'DeletionProtection', PROTECTIONS) ?? former.deletionProtection,
    kept: { ...former.kept, ...Object.fromEntries(KEPT.filter((name) => input[name] !== undefined).map((name) => [name, input[name]])) },
    ...maintenanceOf(recordOf(input, 'InstanceMaintenancePolicy')),
  }
}

function refuseUnsimulated(input: Input): void {
  const other =
    (textsOf(input, 'TerminationPolicies').some((name) => name.startsWith('arn:')) && 'termination policies of Lambda functions') ||
    ((numberOf(input, 'MaxInstanceLifetime') ?? 0) > 0 && 'MaxInstanceLifetime') ||
    ((textOf(input, 'DesiredCapacityType') ?? 'units') !== 'units' && 'a DesiredCapacityType other than units')
  if (other) throw new WireError(501, 'NotImplemented', `the sandbox does not simulate ${other}`)
}

function flagOf(input: Input, member: string): boolean | undefined {
  const value = input[member]
  return typeof value === 'boolean' ? value : undefined
}

/** Both percentages together, at most 100 apart; -1 for both takes the policy away (API reference, InstanceMaintenancePolicy). */
function maintenanceOf(policy: Input | undefined): Pick<GroupSettings, 'maintenance'> {
  if (policy === undefined) return {}
  const min = numberOf(policy, 'MinHealthyPercentage')
  const max = numberOf(policy, 'MaxHealthyPercentage')
  if (min === -1 && max === -1) return { maintenance: undefined }
  if (min === undefined || max === undefined) throw refusal('MinHealthyPercentage and MaxHealthyPercentage must both be specified.')
  if (min < 0 || min > 100 || max < 100 || max > 200 || max - min > 100) {
    throw refusal('The difference between MinHealthyPercentage and MaxHealthyPercentage cannot be greater than 100.')
  }
  return { maintenance: { min, max } }
}

/** The subnets that a request names, or undefined; zones that are named as well have to be theirs (API reference, VPCZoneIdentifier). */
export function wantedSubnets({ subnets }: AutoScalingApi, input: Input): readonly string[] | undefined {
  const text = textOf(input, 'VPCZoneIdentifier')
  const zones = textsOf(input, 'AvailabilityZones')
  if (text === undefined || text === '') {
    if (zones.length === 0) return undefined
    throw refusal('AvailabilityZones without VPCZoneIdentifier means default subnets, and this account has none.')
  }
  const ids = text.split(',').map((id) => id.trim())
  const stray = ids.find((id) => subnets.get(id) === undefined)
  if (stray !== undefined) throw refusal(`The subnet ID '${stray}' does not exist`)
  const theirs = new Set(ids.map((id) => subnets.get(id)?.zone ?? ''))
  if (zones.length > 0 && (zones.length !== theirs.size || zones.some((zone) => !theirs.has(zone))))
    throw refusal('The availability zones of the specified subnets and the Auto Scaling group do not match')
  return ids
}
