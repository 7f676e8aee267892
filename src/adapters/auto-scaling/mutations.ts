import {
  type AutoScalingClient,
  CompleteLifecycleActionCommand,
  CreateAutoScalingGroupCommand,
  type CreateAutoScalingGroupCommandInput,
  CreateOrUpdateTagsCommand,
  DeleteAutoScalingGroupCommand,
  DeleteTagsCommand,
  ResumeProcessesCommand,
  SetInstanceProtectionCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
  type UpdateAutoScalingGroupCommandInput,
} from '@aws-sdk/client-auto-scaling'
import type { ScalingGroupChange } from '../../model/command.ts'
import type { LifecycleHook } from '../../model/launch-source.ts'
import type { LaunchFrom } from '../../model/self-managed.ts'
import type { AutoScaling } from '../../ports/auto-scaling.ts'
import { type AwsCaller, chunks } from '../aws-call.ts'
import { refuseEmpty } from '../refuse-empty.ts'

/** SetInstanceProtection takes at most this many (API reference). */
const PROTECTED_PER_CALL = 50

/** What changes an Auto Scaling group. Every name is checked first: to this API an empty list means *all*. */
export function groupMutations(client: AutoScalingClient, caller: AwsCaller) {
  const mutate = (name: string, names: readonly string[], send: () => Promise<unknown>): Promise<void> =>
    caller.mutate(`autoscaling:${name}`, async () => {
      refuseEmpty(`autoscaling:${name}`, names)
      await send()
    })
  const update = (group: string, change: Omit<UpdateAutoScalingGroupCommandInput, 'AutoScalingGroupName'>) =>
    mutate('UpdateAutoScalingGroup', [group], () =>
      client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: group, ...change })),
    )
  return {
    setMaxSize: (group, maxSize) => update(group, { MaxSize: maxSize }),
    updateGroup: (group, change) => update(group, asInput(change)),
    terminateInstance: (InstanceId, decrement) =>
      mutate('TerminateInstanceInAutoScalingGroup', [InstanceId], () =>
        client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity: decrement })),
      ),
    protectInstances: async (group, instanceIds, protect) => {
      refuseEmpty('autoscaling:SetInstanceProtection', instanceIds)
      for (const part of chunks(instanceIds, PROTECTED_PER_CALL)) {
        const input = { AutoScalingGroupName: group, InstanceIds: [...part], ProtectedFromScaleIn: protect }
        await mutate('SetInstanceProtection', [group, ...part], () => client.send(new SetInstanceProtectionCommand(input)))
      }
    },
    suspendProcesses: (group, processes) =>
      mutate('SuspendProcesses', named(group, processes), () =>
        client.send(new SuspendProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: [...processes] })),
      ),
    resumeProcesses: (group, processes) =>
      mutate('ResumeProcesses', named(group, processes), () =>
        client.send(new ResumeProcessesCommand({ AutoScalingGroupName: group, ScalingProcesses: [...processes] })),
      ),
    completeLifecycleAction: (group, hook, InstanceId, result) =>
      mutate('CompleteLifecycleAction', [group, hook, InstanceId], () =>
        client.send(
          new CompleteLifecycleActionCommand({
            AutoScalingGroupName: group,
            LifecycleHookName: hook,
            InstanceId,
            LifecycleActionResult: result,
          }),
        ),
      ),
    createGroup: (group, settings, { min, max, desired }, hooks) =>
      mutate('CreateAutoScalingGroup', [group], () =>
        client.send(
          new CreateAutoScalingGroupCommand({
            ...structuredClone(settings),
            AutoScalingGroupName: group,
            MinSize: min,
            MaxSize: max,
            DesiredCapacity: desired,
            ...(hooks.length > 0 && { LifecycleHookSpecificationList: hooks.map(hookInput) }),
          } as CreateAutoScalingGroupCommandInput),
        ),
      ),
    deleteGroup: (group) =>
      mutate('DeleteAutoScalingGroup', [group], () =>
        client.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: group, ForceDelete: true })),
      ),
    tagGroup: (group, key, tag) => {
      const place = { ResourceId: group, ResourceType: 'auto-scaling-group', Key: key }
      if (tag === undefined) return mutate('DeleteTags', [group, key], () => client.send(new DeleteTagsCommand({ Tags: [place] })))
      const whole = { ...place, Value: tag.value, PropagateAtLaunch: tag.propagate }
      return mutate('CreateOrUpdateTags', [group, key], () => client.send(new CreateOrUpdateTagsCommand({ Tags: [whole] })))
    },
  } satisfies Partial<AutoScaling>
}

/** The group and its processes to be checked; no process at all would mean every one. */
function named(group: string, processes: readonly string[]): readonly string[] {
  return processes.length === 0 ? [] : [group, ...processes]
}

function asInput({ min, max, desired, launch }: ScalingGroupChange): Omit<UpdateAutoScalingGroupCommandInput, 'AutoScalingGroupName'> {
  return {
    ...(min !== undefined && { MinSize: min }),
    ...(max !== undefined && { MaxSize: max }),
    ...(desired !== undefined && { DesiredCapacity: desired }),
    ...(launch !== undefined && launchInput(launch)),
  }
}

/** Of what DescribeLifecycleHooks says, what makes the same hook of another group. */
function hookInput(hook: LifecycleHook): LifecycleHook {
  const { AutoScalingGroupName: _group, GlobalTimeout: _global, ...made } = hook as Readonly<Record<string, unknown>>
  return made
}

function launchInput(launch: LaunchFrom): Partial<UpdateAutoScalingGroupCommandInput> {
  if (launch.kind === 'template') return { LaunchTemplate: { LaunchTemplateId: launch.id, Version: launch.version } }
  if (launch.kind === 'configuration') return { LaunchConfigurationName: launch.name }
  return { MixedInstancesPolicy: structuredClone(launch.policy) as UpdateAutoScalingGroupCommandInput['MixedInstancesPolicy'] }
}
