import { STRATEGIES } from '../catalog/strategies/registry.ts'
import type { EksNodegroup } from '../model/aws.ts'
import { globMatches } from '../model/glob.ts'
import { groupNames } from '../model/groups-of-nodes.ts'
import type { GroupIntent, Intent, IntentProblem } from '../model/intent.ts'
import type { GroupSettings, UpgradePlan } from '../model/plan.ts'
import { poolNames } from '../model/pools.ts'
import { type ClusterSnapshot, whyUnavailable } from '../model/snapshot.ts'
import { resolveAddon } from './addon-intent.ts'
import { clusterMinorOf } from './addon-listing.ts'
import { resolveControlPlane } from './control-plane.ts'
import { type Census, groupNumbers, takeCensus } from './group-numbers.ts'
import { inOrder, orderOf } from './group-order.ts'
import { type ResolvedSpec, resolveSpec } from './group-spec.ts'
import { isNumber } from './launch-template.ts'
import { assignGroups } from './node-groups.ts'
import { withNodeOrder } from './node-order.ts'
import { resolvePool } from './observed.ts'
import { formatPath } from './problem.ts'
import { newManagedGroup, newManagedSpec, REPLACEMENT, replaced, replacementOf } from './replacement.ts'
import { paceOf, resolveSelfManaged, selfManagedQuestion } from './self-managed.ts'

/**
 * What a plan means on one cluster: every version, release and template number exact. What cannot be resolved stands in `problems`
 * and is never guessed. Pure; never throws.
 */
export function resolveIntent(plan: UpgradePlan, snapshot: ClusterSnapshot): Intent {
  const controlPlane = resolveControlPlane(plan, snapshot)
  const next = controlPlane.intent?.changes ? controlPlane.intent.target : undefined
  const addons = plan.target.addons.map((wanted) => resolveAddon(wanted, snapshot, next))
  const minor = clusterMinorOf(snapshot)
  const groups = resolveGroups(plan, snapshot, plan.target.kubernetesVersion ?? next ?? minor ?? 'unknown')
  return {
    clusterMinor: minor ?? 'unknown',
    addons: addons.flatMap((each) => each.intent ?? []),
    ...(controlPlane.intent && { controlPlane: controlPlane.intent }),
    groups: groups.groups,
    ...(groups.observed && { observed: groups.observed }),
    excluded: groups.excluded,
    problems: [
      ...(minor === undefined ? [clusterUnread(plan)] : []),
      ...controlPlane.problems,
      ...addons.flatMap((each) => each.problems),
      ...groups.problems,
    ],
  }
}

function clusterUnread(plan: UpgradePlan): IntentProblem {
  const subject = `Cluster/${plan.cluster.name}`
  return { subject, verdict: 'unknown', message: "The control plane's version could not be read", remedy: 'Allow eks:DescribeCluster.' }
}

type Groups = Pick<Intent, 'groups' | 'observed' | 'excluded' | 'problems'>

/** @param minor what the nodes of pools are to run */
function resolveGroups(plan: UpgradePlan, snapshot: ClusterSnapshot, minor: string): Groups {
  if (!plan.canary && plan.waves.length === 0) return { groups: [], excluded: [], problems: [] }
  const byName = new Map(
    (snapshot.aws.nodegroups ?? []).flatMap((group) => (group.nodegroupName ? [[group.nodegroupName, group] as const] : [])),
  )
  if (areUnread(snapshot)) return { groups: [], excluded: [], problems: [groupsUnread(plan)] }
  const assignment = assignGroups(plan, [...groupNames(snapshot), ...poolNames(snapshot)])
  const census = takeCensus(snapshot)
  const places = [
    ...assignment.canary.map((name) => ({ name, phase: 'canary' as const, wave: 'canary' })),
    ...assignment.waves.flatMap(({ wave, groups }) => groups.map((name) => ({ name, phase: 'wave' as const, wave: wave.name }))),
  ]
  const resolved = places.flatMap((place) => {
    const group = byName.get(place.name)
    const own = selfManagedQuestion(place, plan, snapshot, census)
    if (own !== undefined) return [resolveSelfManaged(own)]
    return group ? [resolveGroup({ ...place, group }, plan, snapshot, census)] : []
  })
  const observed = places.flatMap((place) => resolvePool(place, plan, snapshot, minor) ?? [])
  const mistakes = assignment.mistakes.map(
    ({ path, message, remedy }): IntentProblem => ({ subject: `Plan/${formatPath(path)}`, verdict: 'block', message, remedy }),
  )
  const named = resolved.map(({ intent }) => ({ ...intent, ...orderOf(intent.name, settingsFor(plan, intent.name), places) }))
  const byNode = withNodeOrder(plan, named, places, census)
  return {
    groups: inOrder(byNode.groups),
    ...(observed.length > 0 && { observed }),
    excluded: assignment.excluded,
    problems: [...mistakes, ...byNode.problems, ...resolved.flatMap((each) => [...each.problems, ...unfitting(each.intent)])],
  }
}

/** The first entry that matches. */
function settingsFor(plan: UpgradePlan, name: string): GroupSettings | undefined {
  return plan.nodeGroups.find((each) => globMatches(each.match, name))
}

/** A list of which no group could be described is as good as none: it must not look like a cluster without groups. */
function areUnread(snapshot: ClusterSnapshot): boolean {
  const { nodegroups } = snapshot.aws
  return nodegroups === undefined || (nodegroups.length === 0 && whyUnavailable(snapshot, 'eks:DescribeNodegroup') !== undefined)
}

/** A strategy moves either groups that EKS manages or those that it does not. */
function unfitting({ name, strategy, form }: GroupIntent): readonly IntentProblem[] {
  const kind = form === 'self-managed' ? 'self-managed' : 'managed'
  const fit = STRATEGIES.filter(({ fits }) => fits === kind || fits === 'both')
  if (fit.some((each) => each.kind === strategy)) return []
  const fitting = fit.map(({ kind: each }) => `\`${each}\``)
  const message = `\`${strategy}\` cannot move it: it is ${kind === 'managed' ? 'an EKS managed node group' : 'self-managed'}`
  return [{ subject: `NodeGroup/${name}`, verdict: 'block', message, remedy: `Strategies that can: ${fitting.join(', ')}.` }]
}

function groupsUnread(plan: UpgradePlan): IntentProblem {
  const subject = `Cluster/${plan.cluster.name}`
  return {
    subject,
    verdict: 'unknown',
    message: 'The node groups could not be read',
    remedy: 'Allow eks:ListNodegroups and eks:DescribeNodegroup.',
  }
}

interface PlacedGroup {
  readonly name: string
  readonly phase: 'canary' | 'wave'
  readonly wave: string
  readonly group: EksNodegroup
}

function resolveGroup(
  placed: PlacedGroup,
  plan: UpgradePlan,
  snapshot: ClusterSnapshot,
  census: Census,
): { intent: GroupIntent; problems: readonly IntentProblem[] } {
  const { name, phase, wave, group } = placed
  const settings = settingsFor(plan, name)
  const nodes = census.nodes.get(name) ?? []
  const isReplaced = settings?.strategy === REPLACEMENT
  const spec = (isReplaced ? newManagedSpec : resolveSpec)({ group, name, settings, nodes, plan, snapshot })
  const numbers = groupNumbers(isReplaced ? asMade(group, settings) : group, settings, snapshot, census)
  const empty = numbers.nodes === 0 && numbers.sizes.desired === 0
  const whenEmpty = empty ? (settings?.whenEmpty ?? 'skip') : undefined
  const because = unchangedBecause(spec, whenEmpty, settings, group)
  const own = {
    intent: {
      name,
      phase,
      wave,
      strategy: settings?.strategy ?? 'managed-in-place',
      form: spec.form,
      baseline: spec.baseline,
      target: spec.target,
      changes: because === undefined,
      unchangedBecause: because,
      whenEmpty,
      ...(settings?.alone === true && { alone: true as const }),
      ...(settings?.evictionBlocked === 'force' && { force: true as const }),
      ...numbers,
      wayBack: spec.wayBack,
    },
    problems: spec.problems,
  }
  if (!isReplaced) return own
  const made = newManagedGroup(group, spec.target, settings)
  const answer = replacementOf({ name, nodes: numbers.nodes, settings, target: spec.target, made, snapshot })
  const whole = replaced(own.intent, answer, { pace: paceOf({ surge: '10%', ...settings }, numbers.nodes), arn: group.nodegroupArn })
  return { intent: whole.intent, problems: [...own.problems, ...whole.problems] }
}

/** The new group is of other types where the plan says so: that is what addresses, quotas and classes of nodes go by. */
function asMade(group: EksNodegroup, settings: GroupSettings | undefined): EksNodegroup {
  const { amiType = group.amiType, instanceTypes = group.instanceTypes } = settings?.replacement ?? {}
  return { ...group, amiType, instanceTypes }
}

function unchangedBecause(
  spec: ResolvedSpec,
  whenEmpty: GroupIntent['whenEmpty'],
  settings: GroupSettings | undefined,
  group: EksNodegroup,
): string | undefined {
  if (spec.problems.length > 0) return undefined
  const { baseline, target } = spec
  if (settings?.strategy === REPLACEMENT && isOtherMake(settings, group)) return undefined
  const same = baseline.version === target.version && baseline.releaseVersion === target.releaseVersion && sameTemplate(spec, settings)
  if (same && spec.form === 'custom-ami' && settings?.launchTemplateVersion === undefined) {
    return 'its launch template brings the AMI, and the plan names no other template version for it'
  }
  if (same) return `it already is at ${targetText(spec)}`
  return whenEmpty === 'skip' ? 'it has no nodes to prove the new version on; `whenEmpty: update` or `scale-one` includes it' : undefined
}

/** Another AMI type or other instance types are reason enough to replace a group of the same version. */
function isOtherMake({ replacement }: GroupSettings, { amiType, instanceTypes = [] }: EksNodegroup): boolean {
  const types = replacement?.instanceTypes ?? instanceTypes
  return (replacement?.amiType ?? amiType) !== amiType || types.join() !== instanceTypes.join()
}

/** A group that follows `$Latest` is not moved for the sake of the number alone, unless the plan asks for it. */
function sameTemplate({ baseline, target }: ResolvedSpec, settings: GroupSettings | undefined): boolean {
  const before = baseline.launchTemplate?.version
  const asked = settings?.launchTemplateVersion !== undefined || settings?.pinLaunchTemplate === true
  return before === target.launchTemplate?.version || (!asked && before !== undefined && !isNumber(before))
}

function targetText({ target }: ResolvedSpec): string {
  if (target.version === undefined) return `launch template version ${target.launchTemplate?.version}`
  return target.releaseVersion === undefined ? target.version : `${target.version}, release ${target.releaseVersion}`
}
