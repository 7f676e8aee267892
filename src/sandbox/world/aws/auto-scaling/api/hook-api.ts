import type { AwsHandlers } from '../../../../contract.ts'
import { type Input, numberOf, required, textOf, textsOf } from '../../answers.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'
import type { LifecycleAction, LifecycleHook, Member, ScalingGroup } from '../group.ts'
import { globalTimeoutOf } from '../lifecycle-actions.ts'
import { groupOf, memberOf, oneOf, refusal } from './refusals.ts'

const TRANSITIONS = { launching: 'autoscaling:EC2_INSTANCE_LAUNCHING', terminating: 'autoscaling:EC2_INSTANCE_TERMINATING' } as const
const HOOKS_PER_GROUP = 50

/** Operations on lifecycle hooks and the actions they begin. */
export function hookHandlers(api: AutoScalingApi): AwsHandlers {
  return {
    PutLifecycleHook: (input) => putHook(api, input),
    DeleteLifecycleHook: (input) => deleteHook(api, input),
    DescribeLifecycleHooks: (input) => describeHooks(api, input),
    DescribeLifecycleHookTypes: () => ({ LifecycleHookTypes: Object.values(TRANSITIONS) }),
    CompleteLifecycleAction(input) {
      const result = oneOf(input, 'LifecycleActionResult', ['CONTINUE', 'ABANDON'])
      if (result === undefined) throw refusal('LifecycleActionResult is required.')
      const { group, member, action } = actionOf(api, input)
      api.autoScaling.members.completeAction(group, member, action, result)
      return {}
    },
    RecordLifecycleActionHeartbeat(input) {
      const { group, member, action } = actionOf(api, input)
      api.autoScaling.members.extendAction(group, member, action)
      return {}
    },
  }
}

function putHook({ autoScaling }: AutoScalingApi, input: Input): Record<string, unknown> {
  const group = groupOf(autoScaling, input)
  const name = required(input, 'LifecycleHookName', refusal)
  const former = group.hooks.get(name)
  if (former === undefined && group.hooks.size >= HOOKS_PER_GROUP) throw refusal('Only 50 lifecycle hooks are allowed per group.')
  group.hooks.set(name, newHook(name, former, input))
  return {}
}

/** What is not given stays as it was, or is the default of a new hook (API reference, PutLifecycleHook). */
export function newHook(name: string, former: LifecycleHook | undefined, input: Input): LifecycleHook {
  const wire = oneOf(input, 'LifecycleTransition', Object.values(TRANSITIONS))
  const transition = wire === undefined ? former?.transition : wire === TRANSITIONS.launching ? 'launching' : 'terminating'
  if (transition === undefined) throw refusal('LifecycleTransition is required when a new lifecycle hook is created.')
  const heartbeat = numberOf(input, 'HeartbeatTimeout') ?? former?.heartbeat ?? 3600
  if (heartbeat < 30 || heartbeat > 7200) throw refusal('HeartbeatTimeout must be between 30 and 7200 seconds.')
  const defaultResult = oneOf(input, 'DefaultResult', ['CONTINUE', 'ABANDON']) ?? former?.defaultResult ?? 'ABANDON'
  const notificationTarget = textOf(input, 'NotificationTargetARN') ?? former?.notificationTarget
  const roleArn = textOf(input, 'RoleARN') ?? former?.roleArn
  const metadata = textOf(input, 'NotificationMetadata') ?? former?.metadata
  return {
    name,
    transition,
    heartbeat,
    defaultResult,
    ...(notificationTarget === undefined ? {} : { notificationTarget }),
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(metadata === undefined ? {} : { metadata }),
  }
}

/** Actions that the hook has begun are completed with ABANDON for launches and CONTINUE for terminations (API reference). */
function deleteHook({ autoScaling }: AutoScalingApi, input: Input): Record<string, unknown> {
  const group = groupOf(autoScaling, input)
  const name = required(input, 'LifecycleHookName', refusal)
  const hook = group.hooks.get(name)
  if (hook === undefined) throw refusal(`No Lifecycle Hook found with name ${name} in AutoScalingGroup ${group.name}`)
  group.hooks.delete(name)
  for (const member of [...group.members.values()]) {
    const action = member.actions.get(name)
    if (action === undefined) continue
    autoScaling.members.completeAction(group, member, action, hook.transition === 'launching' ? 'ABANDON' : 'CONTINUE')
  }
  return {}
}

function describeHooks({ autoScaling }: AutoScalingApi, input: Input): Record<string, unknown> {
  const group = groupOf(autoScaling, input)
  const names = textsOf(input, 'LifecycleHookNames')
  const hooks = [...group.hooks.values()].filter(({ name }) => names.length === 0 || names.includes(name))
  return {
    LifecycleHooks: hooks.map((hook) => ({
      LifecycleHookName: hook.name,
      AutoScalingGroupName: group.name,
      LifecycleTransition: TRANSITIONS[hook.transition],
      NotificationTargetARN: hook.notificationTarget,
      RoleARN: hook.roleArn,
      NotificationMetadata: hook.metadata,
      HeartbeatTimeout: hook.heartbeat,
      GlobalTimeout: globalTimeoutOf(hook),
      DefaultResult: hook.defaultResult,
    })),
  }
}

interface FoundAction {
  readonly group: ScalingGroup
  readonly member: Member
  readonly action: LifecycleAction
}

/** By token or by instance. */
function actionOf({ autoScaling }: AutoScalingApi, input: Input): FoundAction {
  const group = groupOf(autoScaling, input)
  const hook = required(input, 'LifecycleHookName', refusal)
  if (!group.hooks.has(hook)) throw refusal(`No Lifecycle Hook found with name ${hook} in AutoScalingGroup ${group.name}`)
  const token = textOf(input, 'LifecycleActionToken')
  const id = textOf(input, 'InstanceId')
  if (token === undefined && id === undefined) throw refusal('Either LifecycleActionToken or InstanceId is required.')
  const members = token === undefined ? [memberOf(group, id ?? '')] : [...group.members.values()]
  for (const member of members) {
    const action = member.actions.get(hook)
    if (action !== undefined && (token === undefined || action.token === token)) return { group, member, action }
  }
  throw refusal(`No active Lifecycle Action found with ${token === undefined ? `instance ID ${id}` : `token ${token}`}`)
}
