import { type AwsHandlers, WireError } from '../../../../contract.ts'
import { type Input, numberOf, recordsOf, refuseOthers, required, textOf } from '../../answers.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'
import type { LifecycleHook, ScalingGroup } from '../group.ts'
import { choicesOf, type LaunchSource } from '../launch-source.ts'
import { DEFAULT_SETTINGS } from '../settings.ts'
import { attachmentsOf } from './attachment-api.ts'
import { newSettings, SETTING_MEMBERS, wantedSubnets } from './group-settings.ts'
import { newHook } from './hook-api.ts'
import { groupOf, refusal } from './refusals.ts'
import { checkedSizes } from './sizes.ts'
import { wantedSource } from './source.ts'

/** Operations that make groups and take them away. */
export function wholeGroupHandlers(api: AutoScalingApi): AwsHandlers {
  return {
    CreateAutoScalingGroup: (input) => createGroup(api, input),
    DeleteAutoScalingGroup: (input) => deleteGroup(api, input),
  }
}

const CREATED = new Set([
  ...SETTING_MEMBERS,
  'Tags',
  'LifecycleHookSpecificationList',
  'TargetGroupARNs',
  'LoadBalancerNames',
  'TrafficSources',
])

/** The grace period of a group that users make is 0 (API reference, HealthCheckGracePeriod). */
const NEW_SETTINGS = { ...DEFAULT_SETTINGS, healthCheckGracePeriod: 0 }

function createGroup(api: AutoScalingApi, input: Input): Record<string, unknown> {
  const name = required(input, 'AutoScalingGroupName', refusal)
  refuseOthers(input, CREATED)
  if (api.autoScaling.get(name) !== undefined) {
    const message = `AutoScalingGroup by this name already exists - A group with the name ${name} already exists`
    throw new WireError(400, 'AlreadyExistsFault', message)
  }
  const [min, max] = [numberOf(input, 'MinSize'), numberOf(input, 'MaxSize')]
  if (min === undefined || max === undefined) throw refusal('MinSize and MaxSize are required.')
  const sizes = checkedSizes({ min, max, desired: numberOf(input, 'DesiredCapacity') ?? min })
  const launch = wantedSource(api, input)
  if (launch === undefined) {
    const one = 'Valid requests must contain either launchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.'
    throw refusal(one)
  }
  const subnetIds = wantedSubnets(api, input)
  if (subnetIds === undefined) throw refusal('At least one Availability Zone or VPC Subnet is required.')
  const group = { name, subnetIds, sizes, launch, instanceTypes: typesFor(api, launch), capacityType: 'ON_DEMAND' as const }
  const settings = newSettings(NEW_SETTINGS, input)
  const attachments = attachmentsOf(api, input)
  api.autoScaling.open({ ...group, settings, attachments, hooks: hooksOf(input), ...tagsOf(input) })
  return {}
}

/** Types of a template that names none are those of the group it was made for. Throws ValidationError where nothing says a type. */
function typesFor({ autoScaling, templates }: AutoScalingApi, launch: LaunchSource): readonly string[] {
  const [choice] = choicesOf(launch)
  const template = choice && templates.get(choice.id)
  if (launch.kind !== 'template' || choice === undefined || template === undefined) return []
  if (templates.version(template, choice.version)?.instanceType !== undefined) return []
  const sibling = autoScaling.all().find((group) => choicesOf(group.launch).some(({ id }) => id === choice.id))
  if (sibling !== undefined && sibling.instanceTypes.length > 0) return sibling.instanceTypes
  throw refusal('You must use a valid fully-formed launch template. The request must contain the parameter InstanceType')
}

function hooksOf(input: Input): readonly LifecycleHook[] {
  return recordsOf(input, 'LifecycleHookSpecificationList').map((hook) =>
    newHook(required(hook, 'LifecycleHookName', refusal), undefined, hook),
  )
}

function tagsOf(input: Input): { tags: Readonly<Record<string, string>>; keptTags: ReadonlySet<string> } {
  const tags = recordsOf(input, 'Tags').map((tag) => ({
    key: required(tag, 'Key', refusal),
    value: textOf(tag, 'Value') ?? '',
    kept: tag.PropagateAtLaunch === false,
  }))
  return {
    tags: Object.fromEntries(tags.map(({ key, value }) => [key, value])),
    keptTags: new Set(tags.filter(({ kept }) => kept).map(({ key }) => key)),
  }
}

/** Texts as users report them (cloud-custodian#1686 and #1689, ansible/ansible#8503). */
function deleteGroup(api: AutoScalingApi, input: Input): Record<string, unknown> {
  const group = groupOf(api.autoScaling, input)
  const force = input.ForceDelete === true
  const { deletionProtection } = group.settings
  if (deletionProtection === 'prevent-all-deletion' || (force && deletionProtection === 'prevent-force-deletion'))
    throw refusal(`AutoScalingGroup ${group.name} cannot be deleted, its deletion protection is ${deletionProtection}.`)
  if (!force) refuseWhileUsed(group)
  api.autoScaling.delete(group)
  return {}
}

function refuseWhileUsed(group: ScalingGroup): void {
  if (group.members.size > 0 || group.warm.size > 0 || group.sizes.desired > 0) {
    const message =
      'You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.'
    throw new WireError(400, 'ResourceInUseFault', message)
  }
  if (group.activities.some(({ end }) => end === undefined)) {
    const message = 'You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.'
    throw new WireError(400, 'ScalingActivityInProgressFault', message)
  }
}
