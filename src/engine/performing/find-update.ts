import type { EksUpdate } from '../../model/aws.ts'
import type { Action, Command } from '../../model/command.ts'
import { type Instant, instantOf, MINUTE } from '../../model/instant.ts'
import type { ClusterPorts } from '../../ports/ports.ts'

/** Clocks differ; an update that began this much before the intent can still be ours. */
const CLOCK_DIFFERENCE = 5 * MINUTE
/** How many of the newest updates of a group or add-on are looked at. */
const RECENT = 5

/** The update that an earlier send of this command began, seen by its kind and parameters; undefined when there is none. */
export async function findUpdate(
  { eks }: ClusterPorts,
  cluster: string,
  { action }: Command,
  intendedAt: Instant,
  others: ReadonlySet<string>,
): Promise<string | undefined> {
  const of = subjectOf(action)
  if (of === undefined) return undefined
  const ids = (await eks.listUpdates(cluster, of)).slice(0, RECENT).filter((id) => !others.has(id))
  const updates = await Promise.all(ids.map((id) => eks.describeUpdate(cluster, id, of)))
  const ours = updates.find((update) => beganAfter(update, intendedAt - CLOCK_DIFFERENCE) && isUpdateOf(update, action))
  return ours?.id
}

function subjectOf(action: Action): { nodegroup?: string; addon?: string } | undefined {
  if (action.kind === 'update-addon') return { addon: action.addon }
  if (action.kind === 'update-control-plane') return {}
  return 'group' in action && wantedParameters(action) !== undefined ? { nodegroup: action.group } : undefined
}

function beganAfter(update: EksUpdate, instant: Instant): boolean {
  const created = instantOf(update.createdAt)
  return created !== undefined && created >= instant
}

/** Whether an update is of the kind that the action begins, with its values. Types and parameter names as EKS has them (API model: UpdateType, UpdateParamType). */
function isUpdateOf(update: EksUpdate, action: Action): boolean {
  const value = (type: string) => update.params?.find((parameter) => parameter.type === type)?.value
  const wanted = wantedParameters(action)
  if (wanted === undefined || update.type !== wanted.type) return false
  if (action.kind === 'update-addon') return value('AddonVersion') === action.spec.version
  return Object.entries(wanted.values).every(([name, wish]) => agrees(wish, value(name)))
}

interface WantedParameters {
  readonly type: 'AddonUpdate' | 'VersionUpdate' | 'VersionRollback' | 'ConfigUpdate'
  readonly values: Readonly<Record<string, string | undefined>>
}

function wantedParameters(action: Action): WantedParameters | undefined {
  if (action.kind === 'update-addon') return { type: 'AddonUpdate', values: { AddonVersion: action.spec.version } }
  if (action.kind === 'update-control-plane')
    return { type: action.goesBack ? 'VersionRollback' : 'VersionUpdate', values: { Version: action.version } }
  if (action.kind === 'update-nodegroup-version') {
    const { version: Version, releaseVersion: ReleaseVersion, launchTemplate } = action.spec
    return { type: 'VersionUpdate', values: { Version, ReleaseVersion, LaunchTemplateVersion: launchTemplate?.version } }
  }
  if (action.kind === 'update-nodegroup-config') {
    const { maxUnavailable, maxUnavailablePercentage, updateStrategy: UpdateStrategy } = action.settings
    const [MaxUnavailable, MaxUnavailablePercentage] = [maxUnavailable, maxUnavailablePercentage].map((number) => number?.toString())
    return { type: 'ConfigUpdate', values: { MaxUnavailable, MaxUnavailablePercentage, UpdateStrategy } }
  }
  if (action.kind !== 'scale-nodegroup') return undefined
  const { min, max, desired } = action.sizes
  return { type: 'ConfigUpdate', values: { MinSize: `${min}`, MaxSize: `${max}`, DesiredSize: desired?.toString() } }
}

/** A wanted value must be named alike when the update names it at all; one that was not wanted says nothing. */
function agrees(wanted: string | undefined, named: string | undefined): boolean {
  return wanted === undefined || named === undefined || wanted === named
}
