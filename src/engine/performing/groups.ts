import { isSerinError } from '../../errors/serin-error.ts'
import type { AutoScalingGroup, EksNodegroup } from '../../model/aws.ts'
import type { Action, CommandResult } from '../../model/command.ts'
import { MADE_BY_TAG, REPLACES_TAG } from '../../model/replacement.ts'
import { autoScalingNameOf } from '../../model/self-managed.ts'
import { ACCEPTED, type Place, type Senders, type Target } from './sender.ts'

type Create = Extract<Action, { kind: 'create-group' }>
type Delete = Extract<Action, { kind: 'delete-group' }>

/** A group as it stands, whichever API knows it. */
interface Found {
  readonly arn?: string
  readonly madeBy?: string
  readonly leaving: boolean
}

/**
 * Groups that come and go. What was made by this run is known by its tag, what was there before by its ARN, so that a lost answer
 * makes no second group, and one of the same name that is somebody else's is neither taken for ours nor deleted.
 */
export const GROUP_SENDERS: Senders<'create-group' | 'delete-group'> = {
  'create-group': async (target, action, token) => {
    const before = await find(target, action.group)
    if (before !== undefined) return known(before, action)
    try {
      await create(target, action, token)
      return ACCEPTED
    } catch (error) {
      if (!isConflict(error)) throw error
      const now = await find(target, action.group)
      // Made, but whoever reads has not heard of it: whose it is shows later.
      return now === undefined ? { kind: 'deferred', code: 'AlreadyExists', message: (error as Error).message } : known(now, action)
    }
  },
  'delete-group': async (target, action) => {
    const known = await lookForDeletion(target, action)
    if (known !== undefined) return known
    const name = autoScalingNameOf(action.group)
    if (name === undefined) await target.ports.eks.deleteNodegroup(target.cluster, action.group)
    else await target.ports.autoScaling.deleteGroup(name)
    return ACCEPTED
  },
}

/** What has become of the group by now; undefined while it stands as it was. */
export async function lookForDeletion(target: Place, action: Delete): Promise<CommandResult | undefined> {
  const found = await find(target, action.group)
  if (found === undefined) return { kind: 'moot' }
  if (!isMeant(found, action)) return notMeant(found, action)
  return found.leaving ? { kind: 'accepted', found: true } : undefined
}

function isConflict(error: unknown): boolean {
  return isSerinError(error, 'REMOTE_CONFLICT') || (isSerinError(error) && /^AlreadyExists/.test(String(error.details.remoteCode)))
}

async function create(
  { ports, cluster }: Target,
  { group, replaces, run, made, sizes }: Create,
  clientRequestToken: string,
): Promise<void> {
  if (made.kind === 'managed') {
    const settings = { ...made.settings, tags: { ...made.settings.tags, [MADE_BY_TAG]: run, [REPLACES_TAG]: replaces } }
    const scalingConfig = { minSize: sizes.min, maxSize: sizes.max, desiredSize: sizes.desired }
    await ports.eks.createNodegroup({ cluster, nodegroup: group, settings, scalingConfig, clientRequestToken })
    return
  }
  const own = [
    { Key: MADE_BY_TAG, Value: run, PropagateAtLaunch: false },
    { Key: REPLACES_TAG, Value: replaces, PropagateAtLaunch: false },
  ]
  const settings = { ...made.settings, Tags: [...made.settings.Tags, ...own] }
  const hooks = await ports.autoScaling.describeLifecycleHooks(made.hooksOf)
  await ports.autoScaling.createGroup(autoScalingNameOf(group) ?? group, settings, sizes, hooks)
}

async function find({ ports, cluster }: Place, group: string): Promise<Found | undefined> {
  const name = autoScalingNameOf(group)
  if (name !== undefined) {
    const [found] = await ports.autoScaling.describeGroups([name])
    return found && scalingFound(found)
  }
  try {
    return managedFound(await ports.eks.describeNodegroup(cluster, group))
  } catch (error) {
    if (isSerinError(error, 'REMOTE_NOT_FOUND')) return undefined
    throw error
  }
}

function managedFound({ nodegroupArn: arn, tags, status }: EksNodegroup): Found {
  return { arn, madeBy: tags?.[MADE_BY_TAG], leaving: status === 'DELETING' }
}

function scalingFound({ AutoScalingGroupARN: arn, Tags = [], Status }: AutoScalingGroup): Found {
  return { arn, madeBy: Tags.find(({ Key }) => Key === MADE_BY_TAG)?.Value, leaving: Status !== undefined }
}

function known({ madeBy }: Found, { group, run }: Create): CommandResult {
  if (madeBy === run) return { kind: 'accepted', found: true }
  const whose = madeBy === undefined ? 'was not made by Serin' : `was made by run ${madeBy}`
  return { kind: 'refused', code: 'GroupExists', message: `a group ${group} is there already and ${whose}; it is left alone` }
}

function isMeant({ arn, madeBy }: Found, action: Delete): boolean {
  return arn === action.arn && (action.run === undefined || madeBy === action.run)
}

function notMeant({ arn = 'no ARN' }: Found, { group, arn: wanted }: Delete): CommandResult {
  const message = `the group ${group} that is there now (${arn}) is not the one that is to go (${wanted}); it is left alone`
  return { kind: 'refused', code: 'AnotherGroup', message }
}
