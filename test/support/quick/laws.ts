import { canonicalJson } from '../../../src/model/canonical-json.ts'
import type { Batch } from '../../../src/model/itinerary.ts'
import { EXCLUDE_FROM_BALANCERS_LABEL, KEEP_FROM_AUTOSCALER, RETIRED } from '../../../src/model/kubernetes.ts'
import { AUTOSCALER_TAG } from '../../../src/model/replacement.ts'
import { evolve } from '../../../src/rollout/evolve.ts'
import type { RunState } from '../../../src/rollout/state.ts'
import { type GroupChoice, groupName } from './choice.ts'
import type { QuickGroup } from './groups.ts'
import { type Machine, marksOf } from './machines.ts'
import type { QuickTrace } from './run.ts'
import { DEEDS, type Deed } from './watch.ts'

/** What holds for every run in a quick cluster. Each law names what breaks it. */
export interface QuickLaw {
  readonly title: string
  readonly broken: (trace: QuickTrace) => readonly string[]
}

/** A law about deeds: what was seen to break it. */
function seen(law: Deed): QuickLaw {
  return { title: DEEDS[law], broken: ({ watch }) => watch.wrongs.filter((wrong) => wrong.law === law).map(({ what }) => what) }
}

export const QUICK_LAWS = {
  ...(Object.fromEntries(Object.keys(DEEDS).map((law) => [law, seen(law as Deed)])) as Readonly<Record<Deed, QuickLaw>>),
  ends: { title: 'every run ends or holds', broken: ({ exit }) => (exit === 'endless' ? ['it has no end'] : []) },
  calm: { title: 'a run that nothing disturbs ends well', broken: disturbed },
  turn: { title: 'no batch begins before every batch before it has passed and it is approved', broken: outOfTurn },
  cause: { title: 'a way back begins by itself only where new nodes fail', broken: backWithoutCause },
  versions: { title: 'at the end every node is of the version that the end says', broken: wrongVersions },
  settings: { title: 'at the end processes, protection, tags and limits are what they were', broken: wrongSettings },
  growth: { title: 'at the end a group is as wide as it was, and as much wider as an autoscaler has made it', broken: wrongWidths },
  marks: { title: 'at the end cordons, labels, annotations and taints are what they were', broken: wrongMarks },
} as const satisfies Readonly<Record<string, QuickLaw>>

export type QuickLawName = keyof typeof QUICK_LAWS

export function brokenLaws(trace: QuickTrace): readonly string[] {
  return Object.values<QuickLaw>(QUICK_LAWS).flatMap(({ title, broken }) => broken(trace).map((what) => `${title}: ${what}`))
}

/** Exits after which everything is to be in order. */
const IN_ORDER = ['ok', 'rolledBack', 'partlyDone']

function disturbed({ choice, exit, why, entries }: QuickTrace): readonly string[] {
  const { fate, lost, others, deaths, groups, plan, workloads } = choice
  const calm = (fate.share === 0 || fate.kind === 'well') && lost === 0 && others.length === 0 && deaths.length === 0
  const unfit = groups.some(({ first }) => first === 'cordoned' || first === 'tainted') || workloads.some(({ budget }) => budget === 0)
  // One node may carry more of a budget's pods than may be missing, with no other node to go to.
  const blocked = entries.some(({ event }) => event.type === 'step-failed' && event.failure.cause === 'eviction-blocked')
  if (!calm || unfit || blocked || exit === 'ok') return []
  const replaces = groups.some(({ kind }) => kind.endsWith('replaced'))
  return replaces && !plan.consents && why.includes('approves it') ? [] : [`it ended as ${exit}: ${why}`]
}

function outOfTurn({ entries, itinerary }: QuickTrace): readonly string[] {
  let state: RunState | undefined
  const wrongs = new Set<string>()
  for (const { event, at } of entries) {
    if (event.type === 'command-intended' && state !== undefined)
      for (const wrong of earlyCommand(event.command.step, itinerary.batches, state)) wrongs.add(wrong)
    state = evolve(state, event, at)
  }
  return [...wrongs]
}

function earlyCommand(step: string, batches: readonly Batch[], state: RunState): readonly string[] {
  const index = batches.findIndex(({ steps }) => steps.some(({ id }) => id === step))
  const batch = batches[index]
  if (batch === undefined) return []
  const early = batches.slice(0, index).filter(({ id }) => !['passed', 'accepted'].includes(state.batches[id]?.status ?? ''))
  const unapproved = batch.approval !== false && state.batches[batch.id]?.approval === undefined
  return [
    ...early.map(({ id }) => `${step} was intended before ${id} had passed`),
    ...(unapproved ? [`${step} was intended before anybody had approved ${batch.id}`] : []),
    ...(state.back === undefined ? [] : [`${step} was intended on the way back`]),
  ]
}

function backWithoutCause({ entries, choice }: QuickTrace): readonly string[] {
  const mayFail = choice.fate.share > 0 && choice.fate.kind !== 'well'
  const shaken = choice.others.some(({ does }) => does === 'not-ready' || does === 'all-fail')
  return entries.flatMap(({ event }) =>
    event.type === 'rollback-started' && event.failure.cause !== 'asked' && !mayFail && !shaken
      ? [`${event.failure.cause}: ${event.failure.message}`]
      : [],
  )
}

/** Old groups that a run which is partly done leaves beside the new ones, as it says: a person chooses which of them goes. */
function isLeft({ exit, state, cluster }: QuickTrace, name: string): boolean {
  const said = state.outcome?.byHand.some((what) => what.startsWith(`${name} stands beside ${name}-new`)) === true
  return exit === 'partlyDone' && said && cluster.groups.all.has(`${name}-new`)
}

/** Groups of the plan that are there at the end, each with what was chosen for it; those that took over come with the old ones' choice. */
function groupsNow(trace: QuickTrace): readonly { readonly chosen: GroupChoice; readonly group: QuickGroup; readonly isNew: boolean }[] {
  const { choice, cluster } = trace
  return choice.groups.flatMap((chosen, index) => {
    const name = groupName(chosen, index)
    if (isLeft(trace, name)) return []
    const [old, fresh] = [cluster.groups.all.get(name), cluster.groups.all.get(`${name}-new`)]
    return [...(old ? [{ chosen, group: old, isNew: false }] : []), ...(fresh ? [{ chosen, group: fresh, isNew: true }] : [])]
  })
}

function stayingOf({ cluster }: QuickTrace, group: QuickGroup): readonly Machine[] {
  return cluster.groups.staying(group)
}

function wrongVersions(trace: QuickTrace): readonly string[] {
  const { exit, state, choice } = trace
  if (!IN_ORDER.includes(exit)) return []
  const skipped = new Set(
    Object.values(state.batches).flatMap(({ steps }) => Object.values(steps).flatMap(({ memory }) => Object.keys(memory?.skipped ?? {}))),
  )
  const here = groupsNow(trace)
  const both = here.filter(({ group, isNew }) => isNew && here.some(({ group: other }) => `${other.name}-new` === group.name))
  const lost = choice.groups.flatMap((chosen, index) =>
    here.some(({ chosen: other }) => other === chosen) || isLeft(trace, groupName(chosen, index))
      ? []
      : [`${groupName(chosen, index)} is gone, and nothing has taken over`],
  )
  return [
    ...lost,
    ...both.map(({ group }) => `${group.name} stands beside the group that it takes over from`),
    ...here.flatMap(({ group }) => {
      const versions = new Set(
        stayingOf(trace, group)
          .filter(({ name, joinedAt }) => joinedAt !== undefined && !skipped.has(name))
          .map(({ version }) => version),
      )
      const wanted = exit === 'ok' ? ['2'] : exit === 'rolledBack' ? ['1'] : ['1', '2']
      const mixed = versions.size > 1 ? [`${group.name} has nodes of versions ${[...versions].join(' and ')}`] : []
      const wrong = [...versions].filter((version) => !wanted.includes(version))
      return [...mixed, ...wrong.map((version) => `${group.name} has nodes of version ${version} after ${exit}`)]
    }),
  ]
}

function wrongSettings(trace: QuickTrace): readonly string[] {
  if (!IN_ORDER.includes(trace.exit)) return []
  return groupsNow(trace).flatMap(({ chosen, group, isNew }) => {
    const was = {
      suspended: chosen.suspended && !isNew ? ['AZRebalance'] : [],
      settings: {
        maxUnavailable: isNew ? 1 : Math.max(1, chosen.maxUnavailable),
        updateStrategy: isNew ? undefined : chosen.minimal ? 'MINIMAL' : 'DEFAULT',
      },
      min: 0,
      max: Math.max(chosen.nodes + chosen.spare, group.desired),
      autoscaler: !isNew || undefined,
    }
    const is = {
      suspended: [...group.suspended],
      settings: { maxUnavailable: group.updateConfig.maxUnavailable, updateStrategy: group.updateConfig.updateStrategy },
      min: group.min,
      max: group.max,
      autoscaler: group.tags.has(AUTOSCALER_TAG) || undefined,
    }
    const differs = canonicalJson(was) === canonicalJson(is) ? [] : [`${group.name} was ${canonicalJson(was)} and is ${canonicalJson(is)}`]
    return [...differs, ...wrongProtection(trace, chosen, group, isNew)]
  })
}

function wrongProtection(trace: QuickTrace, { protectsNew, first }: GroupChoice, group: QuickGroup, isNew: boolean): readonly string[] {
  if (group.managed) return []
  return stayingOf(trace, group).flatMap(({ name, protected: kept, lifecycle }) => {
    const was = !isNew && (protectsNew || (first === 'protected' && name.endsWith('-old-1')))
    return kept === was || lifecycle !== 'InService' ? [] : [`${name} is ${kept ? '' : 'not '}protected from scale-in`]
  })
}

function wrongWidths(trace: QuickTrace): readonly string[] {
  if (!IN_ORDER.includes(trace.exit)) return []
  return groupsNow(trace).flatMap(({ chosen, group, isNew }) => {
    const old = trace.cluster.groups.all.get(group.name.replace(/-new$/, ''))
    const least = chosen.nodes + (isNew && old === undefined ? 0 : group.grown)
    return group.desired >= least ? [] : [`${group.name} is ${group.desired} wide: it had ${chosen.nodes}, and was grown by ${group.grown}`]
  })
}

/** What a node had before the run, or a person has put on it since. */
function wrongMarks(trace: QuickTrace): readonly string[] {
  if (!IN_ORDER.includes(trace.exit)) return []
  const here = [...trace.cluster.machines.all.values()].filter(
    ({ lifecycle, joinedAt }) => lifecycle !== 'Terminating' && joinedAt !== undefined,
  )
  return here.flatMap((machine) => (isLeft(trace, machine.group.replace(/-new$/, '')) ? [] : marksLeft(machine, trace)))
}

function marksLeft(machine: Machine, trace: QuickTrace): readonly string[] {
  const { name, cordoned, labels, annotations, taints, handled } = machine
  const { choice } = trace
  const chosen = choice.groups.find((each, at) => groupName(each, at) === machine.group)
  const first = name.endsWith('-old-1') ? chosen?.first : undefined
  const asItWas = cordoned === (first === 'cordoned' || handled) || isUnclear(machine, trace)
  return [
    ...(asItWas ? [] : [`the cordon of ${name} is ${cordoned}`]),
    ...(labels.has(EXCLUDE_FROM_BALANCERS_LABEL) === (first === 'excluded') ? [] : [`balancers of ${name}: ${marksOf(machine)}`]),
    ...(annotations.has(KEEP_FROM_AUTOSCALER) === (first === 'kept') ? [] : [`the autoscaler and ${name}: ${marksOf(machine)}`]),
    ...(annotations.has(RETIRED) ? [`${name} is left retired`] : []),
    ...[...taints].filter((key) => key.startsWith('serin.dev/')).map((key) => `${name} has the taint ${key}`),
    ...(first === 'tainted' && !taints.has('team/night') ? [`${name} has lost its taint`] : []),
  ]
}

/** Whose a cordon is cannot be told of nodes that a person and the run, or EKS, have both handled. */
function isUnclear({ handled, wasRetired, group }: Machine, { choice, cluster }: QuickTrace): boolean {
  const inPlan = choice.groups.some((each, at) => groupName(each, at) === group)
  return handled && (wasRetired || !inPlan || cluster.groups.all.get(group)?.managed === true)
}
