import { isSerinError } from '../../errors/serin-error.ts'
import type { CommandResult } from '../../model/command.ts'
import type { AutoScaling } from '../../ports/auto-scaling.ts'
import { ACCEPTED, type Senders } from './sender.ts'

type Kind =
  | 'restore-max-size'
  | 'update-scaling-group'
  | 'terminate-instance'
  | 'protect-instances'
  | 'suspend-processes'
  | 'resume-processes'
  | 'complete-lifecycle-action'

/** Auto Scaling knows no idempotency token: what sets a value may be sent twice, what counts down is looked for first. */
export const SCALING_SENDERS: Senders<Kind> = {
  'restore-max-size': async ({ ports }, { autoScalingGroup, max }) => {
    await ports.autoScaling.setMaxSize(autoScalingGroup, max)
    return ACCEPTED
  },
  'update-scaling-group': async ({ ports: { autoScaling }, again }, { autoScalingGroup, change }) => {
    const isThere = again && (await isRaised(autoScaling, autoScalingGroup, change.desired))
    if (isThere && change.launch === undefined) return { kind: 'accepted', found: true }
    await autoScaling.updateGroup(autoScalingGroup, isThere && change.launch !== undefined ? { launch: change.launch } : change)
    return ACCEPTED
  },
  'terminate-instance': async ({ ports: { autoScaling }, again }, { autoScalingGroup, instanceId, decrement }) => {
    if (again && (await isLeaving(autoScaling, autoScalingGroup, instanceId))) return { kind: 'accepted', found: true }
    return orOver(NO_INSTANCE, () => autoScaling.terminateInstance(instanceId, decrement))
  },
  'protect-instances': async ({ ports }, { autoScalingGroup, instanceIds, protect }) => {
    await ports.autoScaling.protectInstances(autoScalingGroup, instanceIds, protect)
    return ACCEPTED
  },
  'suspend-processes': async ({ ports }, { autoScalingGroup, processes }) => {
    await ports.autoScaling.suspendProcesses(autoScalingGroup, processes)
    return ACCEPTED
  },
  'resume-processes': async ({ ports }, { autoScalingGroup, processes }) => {
    await ports.autoScaling.resumeProcesses(autoScalingGroup, processes)
    return ACCEPTED
  },
  'complete-lifecycle-action': ({ ports }, { autoScalingGroup, hook, instanceId, result }) =>
    orOver(NO_ACTION, () => ports.autoScaling.completeLifecycleAction(autoScalingGroup, hook, instanceId, result)),
}

/** How Auto Scaling says that the instance has left its group, or that its lifecycle action is over (both as ValidationError, 400). */
const NO_INSTANCE = /instance id not found/i
const NO_ACTION = /no active lifecycle action found/i

async function orOver(over: RegExp, send: () => Promise<void>): Promise<CommandResult> {
  try {
    await send()
    return ACCEPTED
  } catch (error) {
    if (isSerinError(error, 'REMOTE_REFUSED') && over.test(error.message)) return { kind: 'moot' }
    throw error
  }
}

/** Whether a group has the size already, or more by now: sent again, the size would end nodes without asking any budget. */
async function isRaised(autoScaling: AutoScaling, group: string, desired: number | undefined): Promise<boolean> {
  if (desired === undefined) return false
  const [found] = await autoScaling.describeGroups([group])
  return (found?.DesiredCapacity ?? 0) >= desired
}

/** Whether an instance has left its group or is on its way out, so that an earlier request must have got through. */
async function isLeaving(autoScaling: AutoScaling, group: string, instanceId: string): Promise<boolean> {
  const [found] = await autoScaling.describeGroups([group])
  const instance = found?.Instances?.find(({ InstanceId }) => InstanceId === instanceId)
  return instance === undefined || instance.LifecycleState?.startsWith('Terminating') === true
}
