import { MINUTE, type Millis } from '../../../../model/instant.ts'
import { activeMembers } from '../auto-scaling/group.ts'
import type { GroupIssue, NodeGroup } from '../node-groups.ts'
import type { NodeGroupApiDeps } from './context.ts'

/** Messages of the API reference, Issue. */
const MESSAGES = {
  AutoScalingGroupNotFound:
    "We couldn't find the Auto Scaling group associated with the managed node group. You may be able to recreate an Auto Scaling group with the same settings to recover.",
  Ec2LaunchTemplateNotFound:
    "We couldn't find the Amazon EC2 launch template for your managed node group. You may be able to recreate a launch template with the same settings to recover.",
  AmiIdNotFound:
    "We couldn't find the AMI ID associated with your launch template. Make sure that the AMI exists and is shared with your account.",
  AsgInstanceLaunchFailures: 'Your Auto Scaling group is experiencing failures while attempting to launch instances.',
  InstanceLimitExceeded:
    'Your AWS account is unable to launch any more instances of the specified instance type. You may be able to request an Amazon EC2 instance limit increase to recover.',
  InsufficientFreeAddresses:
    'One or more of the subnets associated with your managed node group does not have enough available IP addresses for new nodes.',
  NodeCreationFailure:
    'Your launched instances are unable to register with your Amazon EKS cluster. Common causes of this failure are insufficient node IAM role permissions or lack of outbound internet access for the nodes.',
} as const

/** Our assumption: so long an instance may take to register before its group is ailing. */
const REGISTRATION: Millis = 15 * MINUTE

/** What ails a group, read from the world. An update that runs hides it (our assumption); faults of a scenario show always. */
export function issuesOf(deps: NodeGroupApiDeps, group: NodeGroup): readonly GroupIssue[] {
  const given = deps.faults.effects('node-group/health', { group: group.spec.name })
  return [...group.issues, ...given, ...(group.status === 'ACTIVE' ? found(deps, group) : [])]
}

function found(deps: NodeGroupApiDeps, group: NodeGroup): readonly GroupIssue[] {
  const { scaling, template } = group
  if (deps.autoScaling.get(scaling.name) === undefined) return [issue('AutoScalingGroupNotFound', [scaling.name])]
  if (deps.templates.get(template.id) === undefined) return [issue('Ec2LaunchTemplateNotFound', [template.id])]
  return [...launchIssues(group), ...unregistered(deps, group)]
}

function issue(code: keyof typeof MESSAGES, resourceIds: readonly string[]): GroupIssue {
  return { code, message: MESSAGES[code], resourceIds }
}

/** The group is short of members, and its last launch was refused. */
export function launchIssues({ scaling }: NodeGroup): readonly GroupIssue[] {
  if (activeMembers(scaling).length >= scaling.sizes.desired) return []
  const last = scaling.activities.findLast(({ description }) => description.startsWith('Launching'))
  if (last?.code !== 'Failed') return []
  const refusal = last.message ?? ''
  if (refusal.includes('InsufficientFreeAddresses')) return [issue('InsufficientFreeAddresses', scaling.subnetIds)]
  if (/InstanceLimitExceeded|VcpuLimitExceeded/.test(refusal)) return [issue('InstanceLimitExceeded', [scaling.name])]
  if (refusal.includes('InvalidAMIID')) return [issue('AmiIdNotFound', [scaling.name])]
  return [issue('AsgInstanceLaunchFailures', [scaling.name])]
}

/** Instances that have been running for long without a node. */
function unregistered(deps: NodeGroupApiDeps, { scaling }: NodeGroup): readonly GroupIssue[] {
  const now = deps.timeline.now()
  const strays = activeMembers(scaling).filter(
    ({ instance }) => now - instance.launchedAt >= REGISTRATION && !deps.nodes.exists(instance.nodeName),
  )
  return strays.length === 0
    ? []
    : [
        issue(
          'NodeCreationFailure',
          strays.map(({ instance }) => instance.id),
        ),
      ]
}
