import type { EksUpdate } from '../../model/aws.ts'
import type { FailureCause } from '../../model/failure.ts'
import { formatDuration, type Instant, type Millis } from '../../model/instant.ts'
import type { Baseline, GroupStep } from '../../model/itinerary.ts'
import type { BudgetFacts, GroupFacts, NodeFacts, Seen } from '../../model/seen.ts'
import type { Evidence } from '../../model/verdict.ts'
import type { Progress, StepDefinition } from './definition.ts'
import { describeSpec, specMatches } from './group-spec.ts'
import { errorCodes, errorEvidence, updateEnd } from './update-id.ts'

const CAPACITY_CODES = new Set([
  'InsufficientFreeAddresses',
  'IpNotAvailable',
  'EniLimitReached',
  'InstanceLimitExceeded',
  'AsgInstanceLaunchFailures',
])

/** One managed node group in place; template and version go in one update, splitting would drain every node twice. */
export const nodegroupUpdate: StepDefinition<'nodegroup-update'> = {
  kind: 'nodegroup-update',
  title: 'Update a managed node group in place',
  reversibility: 'compensable',
  call: (step) => `eks:UpdateNodegroupVersion ${step.group} ${parameters(step)}`,
  actions: ({ step, seen, baseline }) =>
    isThere(step, seen.groups[step.group], baseline)
      ? []
      : [{ kind: 'update-nodegroup-version', group: step.group, spec: step.after, ...(step.force && { force: step.force }) }],
  progress: ({ step, seen, updateId, acceptedAt, baseline }) => {
    const update = updateId === undefined ? undefined : seen.updates[updateId]
    if (update !== undefined && updateEnd(update) === 'failed') return failed(step, seen, update, acceptedAt)
    const group = seen.groups[step.group]
    const ended = updateId === undefined || (update !== undefined && updateEnd(update) === 'successful')
    return ended && isThere(step, group, baseline) ? { kind: 'done' } : { kind: 'in-progress', because: standing(step, group, baseline) }
  },
  tells: ({ step, seen, baseline, now, acceptedAt }) => whatHappens(step, seen, baseline, now - acceptedAt),
  compensate: (step, id) => ({
    ...step,
    id,
    title: `${step.group} back to ${describeSpec(step.before)}`,
    before: step.after,
    after: step.before,
  }),
}

function parameters(step: GroupStep): string {
  const { version, releaseVersion, launchTemplate } = step.after
  return [
    version === undefined ? undefined : `version=${version}`,
    releaseVersion === undefined ? undefined : `releaseVersion=${releaseVersion}`,
    launchTemplate === undefined ? undefined : `launchTemplate=${launchTemplate.id}:${launchTemplate.version}`,
    step.force === true ? 'force=true' : undefined,
  ]
    .filter((part) => part !== undefined)
    .join(' ')
}

/** The group's own words are not enough: its nodes must be of one image and of the wanted minor, template and release. */
function isThere(step: GroupStep, group: GroupFacts | undefined, baseline: Baseline): boolean {
  if (group === undefined || group.status === 'UPDATING' || !specMatches(step.after, group.spec)) return false
  const nodes = livingNodes(group)
  return nodes.every((node) => nodeMatches(step, node, baseline)) && new Set(nodes.map((node) => node.image)).size <= 1
}

/** What a node does not show is not taken for done: it stays in progress until the time-out, and then a person looks. */
function nodeMatches(step: GroupStep, node: NodeFacts, baseline: Baseline): boolean {
  const { launchTemplate, version } = step.after
  const templateFits = launchTemplate === undefined || node.templateVersion === launchTemplate.version
  const minorFits = version === undefined || node.kubeletMinor === version
  return templateFits && minorFits && imageFits(step, node, baseline)
}

/** A release does not say its AMI, but the AMIs that the group had before are known: the way there must leave them, the way back return to them. */
function imageFits({ group, before, after }: GroupStep, { image }: NodeFacts, baseline: Baseline): boolean {
  const known = baseline.groups[group]
  const former = known?.images ?? []
  if (before.releaseVersion === after.releaseVersion || former.length === 0) return true
  const isBack = known !== undefined && after.releaseVersion === known.spec.releaseVersion
  return image !== undefined && former.includes(image) === isBack
}

function livingNodes(group: GroupFacts): readonly NodeFacts[] {
  return group.nodes.filter((node) => !node.deleting)
}

function standing(step: GroupStep, group: GroupFacts | undefined, baseline: Baseline): string {
  const nodes = group === undefined ? [] : livingNodes(group)
  const fresh = nodes.filter((node) => nodeMatches(step, node, baseline))
  return `EKS updates ${step.group} to ${describeSpec(step.after)}: ${fresh.length} of ${nodes.length} nodes have it`
}

/**
 * What EKS does not say while it works: the phase it is in, at which pace, and which pods hold a node that is being drained.
 * The phases show in the nodes (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html).
 */
function whatHappens(step: GroupStep, seen: Seen, baseline: Baseline, elapsed: Millis): string | undefined {
  const group = seen.groups[step.group]
  if (group === undefined) return undefined
  const nodes = livingNodes(group)
  const fresh = nodes.filter((node) => nodeMatches(step, node, baseline)).length
  const old = nodes.length - fresh
  const [held, ...others] = blockingBudgets(seen, group, []).filter(({ says }) =>
    draining(nodes).some((name) => says.endsWith(` on ${name}`)),
  )
  const holds = held === undefined ? [] : [`${held.subject} ${held.says}${others.length === 0 ? '' : ` (and ${others.length} more)`}`]
  return [phaseOf(step, fresh, old, elapsed), ...holds].join('; ')
}

function draining(nodes: readonly NodeFacts[]): readonly string[] {
  return nodes.filter(({ cordoned }) => cordoned).map(({ name }) => name)
}

function phaseOf({ nodes }: GroupStep, fresh: number, old: number, elapsed: Millis): string {
  if (fresh === 0) return 'new nodes are launched'
  if (old === 0) return 'nodes launched ahead go again'
  const gone = nodes - old
  if (gone <= 0) return `${fresh} new nodes have joined, old ones are drained`
  return `${old} old nodes are still to go, about ${formatDuration((elapsed * old) / gone)} at this pace`
}

function failed(step: GroupStep, seen: Seen, update: EksUpdate, acceptedAt: Instant): Progress {
  const group = seen.groups[step.group]
  const launchFailures = (group?.autoScaling?.launchFailures ?? []).filter((failure) => failure.at >= acceptedAt)
  const cause = causeOf(errorCodes(update), launchFailures.length > 0)
  const named = (update.errors ?? [])
    .flatMap((error) => error.resourceIds ?? [])
    .filter((id) => group?.nodes.some((node) => node.name === id))
  const evidence: Evidence[] = [
    ...errorEvidence(update),
    ...launchFailures.slice(0, 3).map((failure) => ({ subject: `AutoScalingGroup/${group?.autoScaling?.name}`, says: failure.message })),
    ...(cause === 'eviction-blocked' ? blockingBudgets(seen, group, named) : []),
  ]
  return { kind: 'failed', failure: { cause, message: sentence(step, cause, update, evidence), evidence, nodes: named } }
}

function causeOf(codes: readonly string[], launchesFailed: boolean): FailureCause {
  if (codes.includes('PodEvictionFailure')) return 'eviction-blocked'
  if (codes.some((code) => CAPACITY_CODES.has(code))) return 'no-capacity'
  if (codes.includes('NodeCreationFailure')) return launchesFailed ? 'no-capacity' : 'nodes-never-join'
  return 'update-failed'
}

function sentence(step: GroupStep, cause: FailureCause, update: EksUpdate, evidence: readonly Evidence[]): string {
  const codes = errorCodes(update).join(', ') || 'no reason given'
  const [budget, ...others] = evidence.filter(({ subject }) => subject.startsWith('PodDisruptionBudget/'))
  const beside = [...new Set(others.map(({ subject }) => subject).filter((subject) => subject !== budget?.subject))]
  const likewise = beside.length === 0 ? '' : `; ${beside.join(', ')} ${beside.length === 1 ? 'allows' : 'allow'} none either`
  const holder = budget === undefined ? 'no budget that would hold it is to be seen now' : `${budget.subject} ${budget.says}${likewise}`
  if (cause === 'eviction-blocked') return `EKS could not drain ${step.group} (${codes}): ${holder}`
  if (cause === 'no-capacity') return `EKS could not launch new nodes for ${step.group} (${codes}): no capacity, quota or addresses`
  if (cause === 'nodes-never-join') return `New nodes of ${step.group} never joined the cluster (${codes})`
  return `EKS ended the update of ${step.group} as failed (${codes})`
}

/**
 * The budgets that allow nothing now, with the pods they guard on this group's nodes and who owns them: EKS does not say.
 * Those on the nodes that EKS names come first.
 */
function blockingBudgets(seen: Seen, group: GroupFacts | undefined, named: readonly string[]): readonly Evidence[] {
  const names = new Set(group?.nodes.map((node) => node.name))
  const held = seen.budgets
    .filter((budget) => budget.disruptionsAllowed === 0)
    .flatMap((budget) => budget.pods.filter((pod) => pod.node !== undefined && names.has(pod.node)).map((pod) => ({ budget, pod })))
  const first = held.filter(({ pod }) => named.includes(pod.node ?? ''))
  return [...first, ...held.filter((one) => !first.includes(one))].map(({ budget, pod }) => guarded(budget, pod))
}

function guarded(budget: BudgetFacts, pod: BudgetFacts['pods'][number]): Evidence {
  return {
    subject: `PodDisruptionBudget/${budget.key}`,
    says: `allows no disruption (${budget.currentHealthy} healthy, ${budget.desiredHealthy} wanted); it holds pod ${pod.pod} of ${pod.owner ?? 'no owner'} on ${pod.node}`,
  }
}
