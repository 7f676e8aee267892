import type { AutoScalingGroup } from '../model/aws.ts'
import { globMatches } from '../model/glob.ts'
import { HOUR, MINUTE, type Millis } from '../model/instant.ts'
import type { BlockedAnswer, GroupIntent, GroupSpec, IntentProblem, ReplacePace } from '../model/intent.ts'
import { INSTANCE_TYPE_LABEL, type Node, ZONE_LABEL } from '../model/kubernetes.ts'
import type { GroupSettings, UpgradePlan } from '../model/plan.ts'
import { autoScalingNameOf, isLaunchedFrom, launchOf, sourceOf, subnetsOf, templateOf } from '../model/self-managed.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { Census } from './group-numbers.ts'
import { newScalingGroup, REPLACEMENT, replaced, replacementOf } from './replacement.ts'
import { type Launches, resolveLaunch } from './self-managed-launch.ts'

/** A self-managed group of the plan on a snapshot. */
export interface SelfManagedQuestion {
  readonly name: string
  readonly phase: 'canary' | 'wave'
  readonly wave: string
  readonly group: AutoScalingGroup
  readonly settings: GroupSettings | undefined
  readonly nodes: readonly Node[]
  readonly pods: number
  readonly snapshot: ClusterSnapshot
  /** The minor that the plan asks for, if it does. */
  readonly minor?: string
}

export function selfManagedQuestion(
  place: Pick<SelfManagedQuestion, 'name' | 'phase' | 'wave'>,
  plan: UpgradePlan,
  snapshot: ClusterSnapshot,
  census: Census,
): SelfManagedQuestion | undefined {
  const own = autoScalingNameOf(place.name)
  const group = snapshot.aws.autoScalingGroups?.find(({ AutoScalingGroupName }) => AutoScalingGroupName === own)
  if (own === undefined || group === undefined) return undefined
  const nodes = census.nodes.get(place.name) ?? []
  const pods = nodes.reduce((sum, node) => sum + (census.pods.get(node.metadata.name) ?? 0), 0)
  const settings = plan.nodeGroups.find(({ match }) => globMatches(match, place.name))
  return { ...place, group, settings, nodes, pods, snapshot, minor: plan.target.kubernetesVersion }
}

/** What a self-managed group is and is to become: the image comes from its template or launch configuration, and so does the minor. */
export function resolveSelfManaged(question: SelfManagedQuestion): {
  readonly intent: GroupIntent
  readonly problems: readonly IntentProblem[]
} {
  const { name, phase, wave, group, settings, nodes, pods } = question
  const launches = resolveLaunch(question)
  const { MinSize: min = 0, MaxSize: max = 0, DesiredCapacity: desired = nodes.length } = group
  const instanceTypes = labels(nodes, INSTANCE_TYPE_LABEL)
  const pace = paceOf(settings, Math.max(nodes.length, desired))
  const because = unchangedBecause(question, launches)
  const intent: GroupIntent = {
    name,
    phase,
    wave,
    strategy: settings?.strategy ?? 'drain-and-replace',
    form: 'self-managed',
    amiType: 'CUSTOM',
    baseline: launches.baseline,
    target: launches.target,
    changes: because === undefined,
    unchangedBecause: because,
    ...(settings?.alone === true && { alone: true as const }),
    nodes: nodes.length,
    pods,
    zones: group.AvailabilityZones === undefined ? labels(nodes, ZONE_LABEL) : [...group.AvailabilityZones].sort(),
    subnets: subnetsOf(group),
    instanceTypes,
    autoScalingGroup: group.AutoScalingGroupName,
    maxUnavailable: Math.max(1, pace.maxUnavailable),
    surge: pace.surge,
    updateStrategy: pace.surge > 0 ? 'DEFAULT' : 'MINIMAL',
    timeout: settings?.timeout ?? timeoutOf(nodes.length, pace),
    pace,
    sizes: { min, max, desired },
    wayBack: launches.wayBack,
    nodeClass: nodeClassOf(launches.baseline, instanceTypes),
  }
  const problems = launches.problems.map((problem) => ({ ...problem, subject: `NodeGroup/${name}` }))
  if (intent.strategy !== REPLACEMENT) return { intent, problems }
  const { target } = launches
  const made = newScalingGroup(group, target)
  const answer = replacementOf({ name, nodes: nodes.length, settings, target, made, snapshot: question.snapshot })
  const whole = replaced(intent, answer, { pace: paceOf({ surge: '10%', ...settings }, nodes.length), arn: group.AutoScalingGroupARN })
  return { intent: whole.intent, problems: [...problems, ...whole.problems] }
}

function labels(nodes: readonly Node[], key: string): readonly string[] {
  return [...new Set(nodes.flatMap((node) => node.metadata.labels?.[key] ?? []))].sort()
}

/** Groups of one template and instance family fail alike. */
function nodeClassOf({ launch }: GroupSpec, instanceTypes: readonly string[]): string {
  const families = [...new Set(instanceTypes.map((type) => type.split('.')[0]))].join('+') || 'any'
  return ['self-managed', families, templateOf(launch)?.id ?? launch?.kind ?? 'unknown'].join('/')
}

/** As many as the plan says: shares of the group's size, rounded up. Without either, one node is launched ahead and none is missing. */
export function paceOf(settings: Partial<GroupSettings> | undefined, size: number): ReplacePace {
  const counted = (wanted: number | string) =>
    typeof wanted === 'string' ? Math.max(1, Math.ceil((size * Number.parseInt(wanted, 10)) / 100)) : wanted
  const maxUnavailable = settings?.maxUnavailable === undefined ? 0 : counted(settings.maxUnavailable)
  const surge = settings?.surge === undefined ? Math.max(1, maxUnavailable) : counted(settings.surge)
  return {
    // Without either, no node could ever go.
    maxUnavailable: surge === 0 ? Math.max(1, maxUnavailable) : maxUnavailable,
    surge,
    drainTimeout: settings?.drainTimeout ?? 15 * MINUTE,
    blocked: blockedOf(settings?.evictionBlocked),
    ...(settings?.zoneByZone === true && { zoneByZone: true as const }),
  }
}

function blockedOf(wanted: GroupSettings['evictionBlocked']): BlockedAnswer {
  if (wanted === undefined || typeof wanted === 'string') return { kind: 'hold' }
  return 'skip' in wanted ? { kind: 'skip', atMost: wanted.skip } : { kind: 'force', after: wanted.forceAfter }
}

/** Half an hour to launch and to settle, and for every round of nodes the time that a drain may take with a few minutes around it. */
function timeoutOf(nodes: number, { maxUnavailable, surge, drainTimeout, blocked }: ReplacePace): Millis {
  const drain = Math.max(drainTimeout, blocked.kind === 'force' ? blocked.after : 0)
  return Math.max(HOUR, 30 * MINUTE + Math.ceil(nodes / Math.max(1, maxUnavailable + surge)) * (drain + 10 * MINUTE))
}

function unchangedBecause({ group, nodes, settings }: SelfManagedQuestion, launches: Launches): string | undefined {
  if (launches.problems.length > 0) return undefined
  const { target } = launches
  const stale = (group.Instances ?? []).some((instance) => !isLaunchedFrom(sourceOf(instance), target))
  const repinned = settings?.pinLaunchTemplate === true && templateOf(launchOf(group))?.version !== target.launchTemplate?.version
  if (!stale && !repinned && nodes.length > 0) return `it already is at ${describeLaunch(target)}`
  return nodes.length === 0 ? 'it has no nodes to prove the new version on' : undefined
}

function describeLaunch({ launch, launchTemplate }: GroupSpec): string {
  if (launch?.kind === 'configuration') return `launch configuration ${launch.name}`
  return `launch template version ${launchTemplate?.version}`
}
