import type { ErrorCode } from '../errors/catalogue.ts'
import { isSerinError } from '../errors/serin-error.ts'
import type { EksUpdate } from '../model/aws.ts'
import { AWS_NODE } from '../model/aws-node.ts'
import type { Action, Command, CommandResult } from '../model/command.ts'
import { type Instant, instantOf, MINUTE } from '../model/instant.ts'
import { EXCLUDE_FROM_BALANCERS_LABEL, type Node, type Taint } from '../model/kubernetes.ts'
import { type Kubernetes, RESOURCES } from '../ports/kubernetes.ts'
import type { ClusterPorts } from '../ports/ports.ts'

/** Clocks differ; an update that began this much before the intent can still be ours. */
const CLOCK_DIFFERENCE = 5 * MINUTE
/** How many of the newest updates of a group or add-on are looked at. */
const RECENT = 5

/**
 * Makes one command so. `again`: it was sent before and its outcome is not known, so the world is looked at first and
 * nothing is repeated that was accepted. Never throws for what an API answered.
 * @param others updates that are known to be those of other commands, and so never ours.
 */
export async function perform(
  ports: ClusterPorts,
  cluster: string,
  command: Command,
  intendedAt: Instant,
  again: boolean,
  others: ReadonlySet<string> = new Set(),
): Promise<CommandResult> {
  try {
    const found = again ? await findUpdate(ports, cluster, command, intendedAt, others) : undefined
    if (found !== undefined) return { kind: 'accepted', updateId: found, found: true }
    const update = await send(ports, cluster, command)
    return { kind: 'accepted', ...(update?.id && { updateId: update.id }) }
  } catch (error) {
    return resultOf(error)
  }
}

/** Codes after which the same command may succeed later, once the world has been looked at. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['REMOTE_THROTTLED', 'REMOTE_UNAVAILABLE', 'REMOTE_MALFORMED', 'REMOTE_CREDENTIALS'])

function resultOf(error: unknown): CommandResult {
  if (!isSerinError(error)) throw error
  const { message } = error
  const code = error.details.remoteCode ?? error.code
  if (error.code === 'REMOTE_CONFLICT') return { kind: 'deferred', code, message }
  return PASSING.has(error.code) ? { kind: 'unsettled', code: error.code, message } : { kind: 'refused', code, message }
}

type Sender<K extends Action['kind']> = (
  ports: ClusterPorts,
  cluster: string,
  action: Extract<Action, { kind: K }>,
  token: string,
) => Promise<EksUpdate | undefined>

const SENDERS: { readonly [K in Action['kind']]: Sender<K> } = {
  'update-addon': ({ eks }, cluster, { addon, spec, resolveConflicts }, clientRequestToken) => {
    const { version, configurationValues, serviceAccountRoleArn } = spec
    return eks.updateAddon({ cluster, addon, version, resolveConflicts, configurationValues, serviceAccountRoleArn, clientRequestToken })
  },
  'update-nodegroup-version': ({ eks }, cluster, { group, spec }, clientRequestToken) => {
    const launchTemplate = spec.launchTemplate && { id: spec.launchTemplate.id, version: spec.launchTemplate.version }
    return eks.updateNodegroupVersion({
      cluster,
      nodegroup: group,
      version: spec.version,
      releaseVersion: spec.releaseVersion,
      launchTemplate,
      clientRequestToken,
    })
  },
  'update-nodegroup-config': ({ eks }, cluster, { group, settings }, clientRequestToken) =>
    eks.updateNodegroupConfig({ cluster, nodegroup: group, updateConfig: settings, clientRequestToken }),
  'scale-nodegroup': ({ eks }, cluster, { group, sizes }, clientRequestToken) => {
    const scalingConfig = { minSize: sizes.min, maxSize: sizes.max, desiredSize: sizes.desired }
    return eks.updateNodegroupConfig({ cluster, nodegroup: group, scalingConfig, clientRequestToken })
  },
  uncordon: async ({ kubernetes }, _cluster, { node }) => {
    await kubernetes.patch(RESOURCES.nodes, undefined, node, 'merge', { spec: { unschedulable: null } })
    return undefined
  },
  'include-in-balancers': async ({ kubernetes }, _cluster, { node }) => {
    await kubernetes.patch(RESOURCES.nodes, undefined, node, 'merge', { metadata: { labels: { [EXCLUDE_FROM_BALANCERS_LABEL]: null } } })
    return undefined
  },
  'taint-node': async ({ kubernetes }, _cluster, { node, key }) => {
    const current = await kubernetes.get<Node>(RESOURCES.nodes, undefined, node)
    if (current === undefined || current.spec?.taints?.some((taint) => taint.key === key)) return undefined
    await patchTaints(kubernetes, current, [...(current.spec?.taints ?? []), { key, effect: 'NoSchedule' }])
    return undefined
  },
  'set-aws-node-env': async ({ kubernetes }, _cluster, { env }) => {
    const container = { name: AWS_NODE.container, env: Object.entries(env).map(([name, value]) => ({ name, value })) }
    const body = { spec: { template: { spec: { containers: [container] } } } }
    await kubernetes.patch(RESOURCES.daemonSets, AWS_NODE.namespace, AWS_NODE.daemonSet, 'strategic', body)
    return undefined
  },
  'remove-taint': async ({ kubernetes }, _cluster, { node, key }) => {
    const current = await kubernetes.get<Node>(RESOURCES.nodes, undefined, node)
    if (current === undefined) return undefined
    const taints = (current.spec?.taints ?? []).filter((taint) => taint.key !== key)
    await patchTaints(kubernetes, current, taints)
    return undefined
  },
  'restore-max-size': async ({ autoScaling }, _cluster, { autoScalingGroup, max }) => {
    await autoScaling.setMaxSize(autoScalingGroup, max)
    return undefined
  },
}

/** The list of taints is replaced as a whole, so the patch carries the version it was read at: whoever was faster wins, and we look again. */
async function patchTaints(kubernetes: Kubernetes, { metadata }: Node, taints: readonly Taint[]): Promise<void> {
  const body = { metadata: { resourceVersion: metadata.resourceVersion }, spec: { taints } }
  await kubernetes.patch(RESOURCES.nodes, undefined, metadata.name, 'merge', body)
}

function send(ports: ClusterPorts, cluster: string, { id, action }: Command): Promise<EksUpdate | undefined> {
  return (SENDERS[action.kind] as Sender<typeof action.kind>)(ports, cluster, action as never, id)
}

/** The update that an earlier send of this command began, seen by its kind and parameters; undefined when there is none. */
async function findUpdate(
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
  return 'group' in action && action.kind !== 'restore-max-size' ? { nodegroup: action.group } : undefined
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
  readonly type: 'AddonUpdate' | 'VersionUpdate' | 'ConfigUpdate'
  readonly values: Readonly<Record<string, string | undefined>>
}

function wantedParameters(action: Action): WantedParameters | undefined {
  if (action.kind === 'update-addon') return { type: 'AddonUpdate', values: { AddonVersion: action.spec.version } }
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
  return { type: 'ConfigUpdate', values: { MinSize: `${min}`, MaxSize: `${max}`, DesiredSize: `${desired}` } }
}

/** A wanted value must be named alike when the update names it at all; one that was not wanted says nothing. */
function agrees(wanted: string | undefined, named: string | undefined): boolean {
  return wanted === undefined || named === undefined || wanted === named
}
