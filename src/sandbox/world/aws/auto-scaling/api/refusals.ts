import { WireError } from '../../../../contract.ts'
import { type Input, required, textOf, textsOf } from '../../answers.ts'
import type { AutoScaling } from '../../auto-scaling.ts'
import type { Member, ScalingGroup } from '../group.ts'

/** Auto Scaling's general refusal. */
export function refusal(message: string): WireError {
  return new WireError(400, 'ValidationError', message)
}

export function invalidToken(): WireError {
  return new WireError(400, 'InvalidNextToken', 'The NextToken value is not valid.')
}

/** The group that an operation names. Throws ValidationError when there is none. */
export function groupOf(autoScaling: AutoScaling, input: Input): ScalingGroup {
  const name = required(input, 'AutoScalingGroupName', refusal)
  const group = autoScaling.get(name)
  if (group === undefined) throw refusal(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`)
  return group
}

/** Members that `InstanceIds` names; every one must be of the group. */
export function membersOf(group: ScalingGroup, input: Input): readonly Member[] {
  const ids = textsOf(input, 'InstanceIds')
  if (ids.length === 0) throw refusal('InstanceIds is required.')
  return ids.map((id) => memberOf(group, id))
}

export function memberOf(group: ScalingGroup, id: string): Member {
  const member = group.members.get(id)
  if (member === undefined) throw refusal(`The instance ${id} is not part of Auto Scaling group ${group.name}.`)
  return member
}

/** The group and member behind an instance id, whichever group it is of. */
export function findMember(
  autoScaling: AutoScaling,
  id: string | undefined,
): { readonly group: ScalingGroup; readonly member: Member } | undefined {
  for (const group of autoScaling.all()) {
    const member = group.members.get(id ?? '')
    if (member !== undefined) return { group, member }
  }
  return undefined
}

/** A boolean that an operation cannot do without. */
export function requiredFlag(input: Input, member: string): boolean {
  const value = input[member]
  if (typeof value !== 'boolean') throw refusal(`${member} is required.`)
  return value
}

/** One of the values of an enum. */
export function oneOf<T extends string>(input: Input, member: string, values: readonly T[]): T | undefined {
  const text = textOf(input, member)
  if (text === undefined) return undefined
  const found = values.find((value) => value === text)
  if (found === undefined) throw refusal(`Invalid ${member}: ${text}. Valid values are ${values.join(', ')}.`)
  return found
}
