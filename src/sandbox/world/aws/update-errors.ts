import type { Instant } from '../../../model/instant.ts'
import type { NodeGroup } from './node-groups.ts'
import type { UpdateError } from './updates.ts'

/** What a failed update says when new nodes did not join; a second error when launches found no address since it began. */
export function creationErrors(group: NodeGroup, missing: readonly string[], begunAt: Instant): readonly UpdateError[] {
  const error = {
    errorCode: 'NodeCreationFailure',
    errorMessage: `Couldn't proceed with upgrade process as new nodes are not joining node group ${group.spec.name}`,
    resourceIds: missing.length > 0 ? missing : [group.scaling.name],
  }
  const short = group.scaling.activities.some(
    ({ code, start, message }) => code === 'Failed' && start >= begunAt && message?.includes('InsufficientFreeAddressesInSubnet'),
  )
  return short ? [error, shortOfAddresses(group)] : [error]
}

function shortOfAddresses(group: NodeGroup): UpdateError {
  return {
    errorCode: 'InsufficientFreeAddresses',
    errorMessage:
      'Amazon Autoscaling was unable to launch instances because there are not enough free addresses in the subnet associated with your AutoScaling group(s).',
    resourceIds: [group.scaling.name],
  }
}

/** What a failed update says when nodes did not empty in time. */
export function evictionError(group: NodeGroup, nodes: readonly string[]): UpdateError {
  return {
    errorCode: 'PodEvictionFailure',
    errorMessage: `Reached max retries while trying to evict pods from nodes in node group ${group.spec.name}`,
    resourceIds: nodes,
  }
}
