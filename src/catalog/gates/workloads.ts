import { z } from 'zod'
import { formatDuration, type Instant, MINUTE } from '../../model/instant.ts'
import type { NodeFacts, WorkloadFacts } from '../../model/seen.ts'
import type { Evidence, Judgement, Verdict } from '../../model/verdict.ts'
import { GATE_ACCESS } from '../knowledge/run-permissions.ts'
import type { BatchBaseline, GateDefinition, GateInput } from './definition.ts'
import { conclude, gapJudgement } from './judging/differential.ts'
import type { Control, Item } from './judging/item.ts'
import { groupsOf } from './judging/nodes.ts'
import { BACK_WITHIN, judgeServices, withServices } from './judging/services.ts'
import { count, exactTime } from './judging/words.ts'

const OPTIONS = z.strictObject({
  ignoreNamespaces: z.array(z.string()).default([]).describe('Namespaces whose workloads are not judged'),
})

type Options = z.infer<typeof OPTIONS>
type Before = BatchBaseline['workloads'][string]

const NEEDS = ['nodes', 'pods', 'deployments', 'statefulsets', 'replicasets'].map((plural) => `kubernetes:${plural}`)

export const workloads: GateDefinition<Options> = {
  kind: 'workloads',
  summary: 'What ran on the replaced nodes runs again.',
  rule: {
    pass: 'Each Deployment, StatefulSet and bare ReplicaSet that had a pod on a replaced node has its share of available replicas back, none of its pods on new nodes restarts again and again, and each Service that had a ready endpoint on a replaced node has one. Pods that are Ready for 2 min and no endpoint of it are named.',
    fail: 'One is not back 10 min after the nodes were replaced (pods without a node are named with what the scheduler says), or a container still restarts by then on a new node, three times or more, and did not before, or a Service has no ready endpoint left by then; while workloads elsewhere are well.',
    unknown:
      'Everything that ran on the replaced nodes was changed by others meanwhile, workloads or Services elsewhere fell short too, or EndpointSlices cannot be read. What others changed meanwhile is listed, not judged.',
  },
  options: OPTIONS as z.ZodType<Options>,
  appliesTo: ['nodes'],
  cause: 'workloads-fail',
  access: () => GATE_ACCESS.slices,
  source: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#deployment-status',
  judge,
}

function judge(input: GateInput<Options>): Judgement {
  const gap = gapJudgement(input.seen, NEEDS)
  if (gap !== undefined) return gap
  const replaced = replacedNodes(input)
  return withServices(judgeWorkloads(input, replaced), judgeServices(input, replaced))
}

function judgeWorkloads(input: GateInput<Options>, replaced: ReadonlySet<string>): Judgement {
  const now = new Map(input.seen.workloads.map((workload) => [workload.key, workload]))
  const known = Object.entries(input.baseline.workloads)
  const concerned = known.filter(([, before]) => before.nodes.some((node) => replaced.has(node)))
  const judged = concerned.flatMap(([key, before]) => {
    const workload = now.get(key)
    return workload === undefined || whyNot(key, before, workload, input.options) !== undefined ? [] : [{ key, before, workload }]
  })
  const asked = concerned.filter(([key]) => !input.options.ignoreNamespaces.includes(key.split('/')[1] ?? ''))
  const nothing = asked.length === 0 && (replaced.size > 0 || !hadNodes(input))
  if (nothing && input.settledAt !== undefined && input.subjects.length > 0) return nothingRanThere(replaced.size)
  const elsewhere = known.filter(([, before]) => !before.nodes.some((node) => replaced.has(node)))
  return conclude(input, {
    items: judged.map(({ key, before, workload }) => itemOf(key, before, workload, input)),
    controls: elsewhere.flatMap(([key, before]) => controlOf(key, before, now.get(key), input)),
    before: { total: judged.length, failing: judged.filter(({ before }) => before.available < before.desired).length },
    notApplicable: concerned.flatMap(([key, before]) => leftOut(key, whyNot(key, before, now.get(key), input.options))),
    noun: 'workload',
    passed: `${count(judged.length, 'workload')} of the replaced nodes ${judged.length === 1 ? 'is' : 'are'} back`,
    nothing:
      replaced.size === 0
        ? `no node of ${input.batch.title} was replaced, so there is no workload to judge`
        : `no workload that can be judged had a pod on the ${count(replaced.size, 'replaced node')}`,
  })
}

function hadNodes({ baseline, batch }: GateInput<Options>): boolean {
  const groups = groupsOf({ batch })
  return nodesBefore(baseline, groups).length > 0
}

/** Replaced nodes without a workload that the plan asks about, or a group that had no nodes: nothing can be missing. */
function nothingRanThere(nodes: number): Judgement {
  const where =
    nodes === 0 ? 'the group had no nodes before' : `no workload that the plan asks about had a pod on the ${count(nodes, 'replaced node')}`
  return { verdict: 'pass', reason: `${where}, so none is missing`, evidence: [] }
}

/** Nodes that the batch's groups had when it began and have no more, or that are drained and kept. */
function replacedNodes({ baseline, seen, batch }: GateInput<Options>): ReadonlySet<string> {
  const groups = groupsOf({ batch })
  const alive = [...Object.values(seen.groups).map(({ nodes }) => nodes), seen.otherNodes].map(aliveIn)
  const before = nodesBefore(baseline, groups)
  return new Set(before.filter(([, { uid }]) => !alive.some((uids) => uids.has(uid))).map(([name]) => name))
}

const alives = new WeakMap<readonly NodeFacts[], ReadonlySet<string>>()

/** Uids of the nodes that are there to stay; a list of which nothing changed is the same list. */
function aliveIn(nodes: readonly NodeFacts[]): ReadonlySet<string> {
  const known = alives.get(nodes)
  if (known !== undefined) return known
  const made = new Set(nodes.filter((node) => !node.deleting && node.kept !== true).map(({ uid }) => uid))
  alives.set(nodes, made)
  return made
}

type NamedBefore = readonly (readonly [name: string, node: BatchBaseline['nodes'][string]])[]

const grouped = new WeakMap<BatchBaseline['nodes'], ReadonlyMap<string | undefined, NamedBefore>>()

function nodesBefore({ nodes }: BatchBaseline, groups: ReadonlySet<string>): NamedBefore {
  const byGroup = grouped.get(nodes) ?? Map.groupBy(Object.entries(nodes), ([, { group }]) => group)
  grouped.set(nodes, byGroup)
  return [...groups].flatMap((group) => byGroup.get(group) ?? [])
}

/** Why a workload is not judged; undefined when it is. A changed generation is somebody's change: a deployment, a scaling. */
function whyNot(key: string, before: Before, workload: WorkloadFacts | undefined, options: Options): string | undefined {
  const namespace = key.split('/')[1] ?? ''
  if (options.ignoreNamespaces.includes(namespace)) return `the plan leaves out namespace ${namespace}`
  if (workload === undefined) return 'was deleted meanwhile'
  if (workload.generation !== before.generation) return 'was changed by others meanwhile'
  return undefined
}

function leftOut(key: string, why: string | undefined): readonly Evidence[] {
  return why === undefined ? [] : [{ subject: key, says: why }]
}

function itemOf(key: string, before: Before, workload: WorkloadFacts, input: GateInput<Options>): Item {
  const counts = `has ${workload.available} of ${workload.desired} replicas available, before it had ${before.available} of ${before.desired}`
  const { verdict, says } = standing(`${counts}${troubleWords(workload)}`, before, workload, input)
  return { subject: key, name: key, verdict, says, sentence: `${key} ${says}` }
}

function standing(counts: string, before: Before, workload: WorkloadFacts, input: GateInput<Options>): { verdict: Verdict; says: string } {
  if (share(workload) >= share(before)) return restartsOn(counts, before, workload, input)
  if (input.settledAt === undefined) return { verdict: 'pending', says: `${counts}; EKS still replaces nodes` }
  const limit = shortFrom(workload, input.settledAt) + BACK_WITHIN
  if (input.now < limit) return { verdict: 'pending', says: `${counts}; it has until ${exactTime(limit)}` }
  return { verdict: 'fail', says: `${counts}, and is not back after ${formatDuration(BACK_WITHIN)}` }
}

/** Replicas can count as available between two ends of a container. What restarted often before the batch is not its doing. */
function restartsOn(counts: string, before: Before, { restarting = [] }: WorkloadFacts, input: GateInput<Options>) {
  const { subjects, settledAt, now } = input
  const changed = new Set(subjects.map(({ name }) => name))
  const lately = restarting.filter(({ node, startedAt = now }) => changed.has(node) && now - startedAt < STEADY)
  const [first] = lately.toSorted((a, b) => b.restarts - a.restarts)
  if (first === undefined) return { verdict: 'pass' as const, says: counts }
  const { pod, node, restarts, lastExit } = first
  const says = `restarts again and again on ${node}: ${pod} ${restarts} times${lastExit === undefined ? '' : `, last ${lastExit}`}`
  if ((before.restarts ?? 0) >= OFTEN) return { verdict: 'pass' as const, says: `${counts}; it ${says}, as it did before` }
  const limit = (settledAt ?? now) + BACK_WITHIN
  if (now < limit) return { verdict: 'pending' as const, says: `${says}; it has until ${exactTime(limit)}` }
  return { verdict: 'fail' as const, says: `${says}; before the batch its pods had ${count(before.restarts ?? 0, 'restart')}` }
}

/** A container that has run for so long is steady again. */
const STEADY = 5 * MINUTE
/** So many restarts do not heal by themselves. */
const OFTEN = 3

/** What may keep it from being back: pods that find no node, pods that crash. */
function troubleWords({ pending, restarting = [] }: WorkloadFacts): string {
  const because = pending?.because === undefined ? '' : ` (${pending.because.slice(0, 160)})`
  const waiting = pending === undefined ? [] : [`${count(pending.pods, 'pod')} without a node${because}`]
  const crashing = restarting
    .slice(0, 1)
    .map(({ pod, restarts, lastExit = 'no exit code' }) => `${pod} restarted ${restarts} times (${lastExit})`)
  return [...waiting, ...crashing].map((words) => `; ${words}`).join('')
}

/** From when it counts as short: the replacement, or a pod that stopped being ready later on. */
function shortFrom(workload: WorkloadFacts, settledAt: Instant): Instant {
  return Math.max(settledAt, workload.shortSince ?? 0)
}

function share({ available, desired }: { readonly available: number; readonly desired: number }): number {
  return desired === 0 ? 1 : available / desired
}

/** A workload elsewhere that is short as well, for as long, speaks for trouble that all have. */
function controlOf(key: string, before: Before, workload: WorkloadFacts | undefined, input: GateInput<Options>): readonly Control[] {
  if (workload === undefined || whyNot(key, before, workload, input.options) !== undefined) return []
  if (before.available < before.desired) return []
  if ((workload.restarts ?? 0) - (before.restarts ?? 0) >= OFTEN) return [{ name: key, state: 'fails' }]
  if (share(workload) >= share(before)) return [{ name: key, state: 'fine' }]
  const long = input.now - shortFrom(workload, input.settledAt ?? input.now) >= BACK_WITHIN
  return [{ name: key, state: long ? 'fails' : 'unreadable' }]
}
