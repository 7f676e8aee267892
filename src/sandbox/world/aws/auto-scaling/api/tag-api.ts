import { type AwsHandlers, WireError } from '../../../../contract.ts'
import { filtered, type Input, numberOf, pageOf, recordsOf, required, textOf } from '../../answers.ts'
import type { AutoScalingApi } from '../../auto-scaling-api.ts'
import type { ScalingGroup } from '../group.ts'
import { describeTags } from './describe.ts'
import { invalidToken, refusal } from './refusals.ts'

/** Operations on tags of groups, and on what load balancers a group stands behind. */
export function tagHandlers(api: AutoScalingApi): AwsHandlers {
  return {
    CreateOrUpdateTags(input) {
      for (const { group, tag, key } of tagsOf(api, input)) {
        group.tags[key] = textOf(tag, 'Value') ?? ''
        if (tag.PropagateAtLaunch === false) group.keptTags.add(key)
        else group.keptTags.delete(key)
      }
      return {}
    },
    DeleteTags(input) {
      for (const { group, key } of tagsOf(api, input)) {
        delete group.tags[key]
        group.keptTags.delete(key)
      }
      return {}
    },
    DescribeTags: (input) => describeAll(api, input),
  }
}

function tagsOf(
  { autoScaling }: AutoScalingApi,
  input: Input,
): readonly { readonly group: ScalingGroup; readonly tag: Input; readonly key: string }[] {
  const tags = recordsOf(input, 'Tags')
  if (tags.length === 0) throw refusal('Tags is required.')
  return tags.map((tag) => {
    const name = required(tag, 'ResourceId', refusal)
    const group = autoScaling.get(name)
    if (group === undefined) throw refusal(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`)
    return { group, tag, key: required(tag, 'Key', refusal) }
  })
}

const FIELDS = {
  'auto-scaling-group': (tag: Input) => [String(tag.ResourceId)],
  key: (tag: Input) => [String(tag.Key)],
  value: (tag: Input) => [String(tag.Value)],
  'propagate-at-launch': (tag: Input) => [String(tag.PropagateAtLaunch)],
}

function describeAll({ autoScaling }: AutoScalingApi, input: Input): Record<string, unknown> {
  const all = autoScaling.all().flatMap((group) => [...describeTags(group)])
  const found = refusing(() => filtered<Input>(all, input, FIELDS))
  const page = pageOf(found, textOf(input, 'NextToken'), numberOf(input, 'MaxRecords') ?? 50, invalidToken)
  return { Tags: page.items, NextToken: page.next }
}

/** EC2's words for a filter that does not exist, as Auto Scaling's refusal. */
function refusing<T>(act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw error instanceof WireError ? refusal(error.message) : error
  }
}
