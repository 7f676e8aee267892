import { isSerinError, SerinError } from '../../errors/serin-error.ts'
import type { AutoScalingGroup } from '../../model/aws.ts'
import { boundPod } from '../../model/bound-pod.ts'
import { canonicalJson } from '../../model/canonical-json.ts'
import type { CommandResult, ScalingGroupChange } from '../../model/command.ts'
import type { Node, Pod } from '../../model/kubernetes.ts'
import { launchOf } from '../../model/self-managed.ts'
import type { AutoScaling } from '../../ports/auto-scaling.ts'
import { type Kubernetes, RESOURCES } from '../../ports/kubernetes.ts'
import { ACCEPTED, type Senders } from './sender.ts'

type Kind =
  | 'restore-max-size'
  | 'update-scaling-group'
  | 'terminate-instance'
  | 'protect-instances'
  | 'suspend-processes'
  | 'resume-processes'
  | 'complete-lifecycle-action'
  | 'tag-scaling-group'

/**
 * Auto Scaling knows no idempotency token, and no condition on what a call finds. So what counts down is looked for before it is
 * sent again, and a size is read right before it is set: one that others have changed meanwhile would end nodes.
 */
export const SCALING_SENDERS: Senders<Kind> = {
  'restore-max-size': async ({ ports: { autoScaling } }, { autoScalingGroup, max }) => {
    const desired = (await groupNow(autoScaling, autoScalingGroup)).DesiredCapacity ?? 0
    await autoScaling.setMaxSize(autoScalingGroup, Math.max(max, desired))
    return ACCEPTED
  },
  'update-scaling-group': async ({ ports: { autoScaling }, again }, { autoScalingGroup, change }) => {
    const { launch, desired } = change
    if (desired === undefined) {
      await autoScaling.updateGroup(autoScalingGroup, change)
      return ACCEPTED
    }
    const now = await groupNow(autoScaling, autoScalingGroup)
    const { DesiredCapacity, MaxSize = 0 } = now
    // Another one may have grown it to the very same size; what it launches from is nobody else's to set.
    const isThere = again && DesiredCapacity === desired && (launch === undefined || canonicalJson(launch) === canonicalJson(launchOf(now)))
    const isStale = !isThere && DesiredCapacity !== desired - (change.raisedBy ?? 0)
    const { max, ...rest } = change
    const raise: ScalingGroupChange = { ...rest, ...(max !== undefined && max > MaxSize && { max }) }
    if (!isThere && !isStale) await autoScaling.updateGroup(autoScalingGroup, raise)
    else if (launch !== undefined) await autoScaling.updateGroup(autoScalingGroup, { launch })
    if (isStale) return { kind: 'moot', unwanted: true }
    return isThere && launch === undefined ? { kind: 'accepted', found: true } : ACCEPTED
  },
  'terminate-instance': async ({ ports, again }, { autoScalingGroup, instanceId, decrement, node }) => {
    if (again && (await isLeaving(ports.autoScaling, autoScalingGroup, instanceId))) return { kind: 'accepted', found: true }
    if (again && node !== undefined && (await isInUse(ports.kubernetes, node))) return { kind: 'moot', unwanted: true }
    return orOver(NO_INSTANCE, () => ports.autoScaling.terminateInstance(instanceId, decrement))
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
  'tag-scaling-group': async ({ ports }, { autoScalingGroup, key, tag }) => {
    await ports.autoScaling.tagGroup(autoScalingGroup, key, tag)
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

/** @throws SerinError REMOTE_NOT_FOUND */
async function groupNow(autoScaling: AutoScaling, name: string): Promise<AutoScalingGroup> {
  const [found] = await autoScaling.describeGroups([name])
  if (found === undefined) throw new SerinError('REMOTE_NOT_FOUND', `there is no Auto Scaling group ${name}`)
  return found
}

/** Whether pods may have come to a node since it was found empty: it takes some again, or has some. */
async function isInUse(kubernetes: Kubernetes, name: string): Promise<boolean> {
  const node = await kubernetes.get<Node>(RESOURCES.nodes, undefined, name)
  if (node === undefined) return false
  if (node.spec?.unschedulable !== true) return true
  const pods = await kubernetes.list<Pod>(RESOURCES.pods, { fieldSelector: `spec.nodeName=${name}` })
  return pods.some((pod) => boundPod(pod).stays === undefined)
}

/** Whether an instance has left its group or is on its way out, so that an earlier request must have got through. */
async function isLeaving(autoScaling: AutoScaling, group: string, instanceId: string): Promise<boolean> {
  const [found] = await autoScaling.describeGroups([group])
  const instance = found?.Instances?.find(({ InstanceId }) => InstanceId === instanceId)
  return instance === undefined || instance.LifecycleState?.startsWith('Terminating') === true
}
