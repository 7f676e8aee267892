import type { GroupIntent, IntentProblem } from '../model/intent.ts'
import type { Node } from '../model/kubernetes.ts'
import { labelsMatch } from '../model/label-selector.ts'
import { areApart, type Labels, type NodeOrder, waitsFor } from '../model/node-order.ts'
import type { UpgradePlan } from '../model/plan.ts'
import type { Census } from './group-numbers.ts'
import type { Place } from './group-order.ts'
import type { LoadedPlan } from './load.ts'
import type { Located } from './located.ts'
import { formatPath, type Mistake, problemAt } from './problem.ts'
import { itemsAt, textAt, textsAt } from './read-tree.ts'
import { shown } from './schema-parts.ts'

/** Entries of `nodes` that say nothing, or of which each waits for the other. Judged on the tree as written. */
export function nodeOrderMistakes(root: Located): Mistake[] {
  const entries = itemsAt(root, ['nodes']).map((_, index) => ({
    path: ['nodes', index],
    match: textAt(root, ['nodes', index, 'match']),
    after: textsAt(root, ['nodes', index, 'after']),
    says: textsAt(root, ['nodes', index, 'after']).length + textsAt(root, ['nodes', index, 'neverWith']).length > 0,
  }))
  const silent = entries.flatMap(({ path, match, says }) => {
    const remedy = 'Write `after: [SELECTOR]`, `neverWith: [SELECTOR]` or both, or remove it.'
    return match === undefined || says ? [] : [{ path, message: `The entry for ${shown(match)} says nothing`, remedy }]
  })
  const circles = entries.flatMap((entry, index) =>
    entry.after.flatMap(({ path, text }) => {
      const back = entries
        .slice(0, index + 1)
        .find((other) => other.match === text && other.after.some((each) => each.text === entry.match))
      if (back === undefined) return []
      const message = `${shown(entry.match)} is to come after ${shown(text)}, which comes after it`
      return [{ path, message, remedy: 'Break the circle: one of them has to begin. `neverWith` keeps nodes apart without an order.' }]
    }),
  )
  return [...silent, ...circles]
}

/** Selectors that no node of the cluster matches, in the files of the plan. */
export function matchNodes(loaded: LoadedPlan, nodes: readonly Node[]) {
  return idleSelectors(loaded.plan, nodes).map(({ path, message, remedy }) => problemAt(loaded.locate(path), path, message, remedy))
}

function idleSelectors({ nodes: rules = [] }: UpgradePlan, nodes: readonly Node[]): readonly Mistake[] {
  const selectors = rules.flatMap(({ match, after = [], neverWith = [], optional }, index) => {
    const lists = [
      ...after.map((text, nth) => ({ path: ['after', nth], text })),
      ...neverWith.map((text, nth) => ({ path: ['neverWith', nth], text })),
    ]
    const all = [{ path: ['match'], text: match }, ...lists]
    return optional === true ? [] : all.map(({ path, text }) => ({ path: ['nodes', index, ...path], text }))
  })
  return selectors
    .filter(({ text }) => !nodes.some(({ metadata }) => labelsMatch(text, metadata.labels)))
    .map(({ path, text }) => ({
      path,
      message: `No node has the labels ${shown(text)}`,
      remedy: `See which there are (\`kubectl get nodes --show-labels\`). Say \`optional: true\` if it may match none.`,
    }))
}

/** Nodes of one group that every selector takes for the same. */
interface Kind {
  readonly labels: Labels
  readonly count: number
}

interface Member {
  readonly group: GroupIntent
  readonly kinds: readonly Kind[]
}

/**
 * What the order of nodes means for the groups that a run changes. Between groups it becomes an order of groups; inside a group
 * that Serin drains node by node it goes with its pace; what neither can keep is a problem, since EKS takes the nodes of its own
 * groups in an order of its own (https://github.com/aws/containers-roadmap/issues/2445).
 */
export function withNodeOrder(
  { nodes: rules = [] }: UpgradePlan,
  groups: readonly GroupIntent[],
  places: readonly Place[],
  census: Census,
): { readonly groups: readonly GroupIntent[]; readonly problems: readonly IntentProblem[] } {
  if (rules.length === 0) return { groups, problems: [] }
  const members = groups.filter(({ changes }) => changes).map((group): Member => ({ group, kinds: kindsOf(group.name, rules, census) }))
  const ordered = groups.map((group) => {
    const own = members.find((member) => member.group === group)
    return own === undefined ? group : orderedGroup(own, members, rules)
  })
  const circle = stuck(members, (one, other) => waits(rules, one, other)).map((member) => `\`${member.group.name}\``)
  const problems = [
    ...(circle.length > 0 ? [circular(circle)] : []),
    ...members.flatMap((member) => [...insideProblems(member, rules), ...betweenProblems(member, members, rules, places)]),
  ]
  return { groups: ordered, problems }
}

function kindsOf(group: string, rules: readonly NodeOrder[], census: Census): readonly Kind[] {
  const selectors = rules.flatMap(({ match, after = [], neverWith = [] }) => [match, ...after, ...neverWith])
  const nodes = (census.nodes.get(group) ?? []).map(({ metadata: { labels } }) => labels)
  const alike = Map.groupBy(nodes, (labels) => selectors.map((each) => labelsMatch(each, labels)).join())
  return [...alike.values()].map((same) => ({ labels: same[0], count: same.length }))
}

const waits = (rules: readonly NodeOrder[], one: Member, other: Member) =>
  one.kinds.some((a) => other.kinds.some((b) => rules.some((rule) => waitsFor(rule, a.labels, b.labels))))

/** Whether there are two nodes, one of each, that are to be kept apart. */
const apart = (rules: readonly NodeOrder[], one: Member, other: Member) =>
  one.kinds.some((a) => other.kinds.some((b) => (a !== b || a.count > 1) && rules.some((rule) => areApart(rule, a.labels, b.labels))))

function orderedGroup(own: Member, members: readonly Member[], rules: readonly NodeOrder[]): GroupIntent {
  const { group } = own
  const others = members.filter((other) => other !== own)
  const named = (known: readonly string[] = [], found: readonly Member[]) => [
    ...new Set([...known, ...found.map((other) => other.group.name)]),
  ]
  const after = named(
    group.after,
    others.filter((other) => waits(rules, own, other) && !waits(rules, other, own)),
  )
  const neverWith = named(
    group.neverWith,
    others.filter((other) => apart(rules, own, other)),
  )
  const inside = rules.filter((rule) => waits([rule], own, own) || apart([rule], own, own))
  return {
    ...group,
    ...(after.length > 0 && { after }),
    ...(neverWith.length > 0 && { neverWith }),
    ...(group.pace && inside.length > 0 && { pace: { ...group.pace, order: inside.map(plain) } }),
  }
}

function plain({ match, after, neverWith }: NodeOrder): NodeOrder {
  return { match, ...(after && { after }), ...(neverWith && { neverWith }) }
}

/** What is left when all that waits for nothing has gone, again and again: things that wait for each other, and those behind them. */
function stuck<T>(things: readonly T[], waitsOn: (one: T, other: T) => boolean): readonly T[] {
  const left = things.filter((one) => things.some((other) => other !== one && waitsOn(one, other)))
  return left.length === things.length ? left : stuck(left, waitsOn)
}

function insideProblems(own: Member, rules: readonly NodeOrder[]): readonly IntentProblem[] {
  const { name, pace, maxUnavailable } = own.group
  const circle = stuck(own.kinds, (a, b) => rules.some((rule) => waitsFor(rule, a.labels, b.labels)))
  if (circle.length > 0)
    return [problem(['nodes'], `Nodes of \`${name}\` would wait for each other`, 'Break the circle: one kind of node has to begin.')]
  return rules.flatMap((rule, index): IntentProblem[] => {
    if (pace !== undefined) return []
    const elsewhere =
      'Give these nodes a group of their own, or replace the group (`nodeGroups: [{ match: …, strategy: replacement-group }]`), which Serin drains node by node.'
    if (waits([rule], own, own))
      return [
        problem(
          ['nodes', index, 'after'],
          `\`${name}\` has nodes on both sides, and EKS takes its nodes in an order of its own`,
          elsewhere,
        ),
      ]
    if (!apart([rule], own, own) || maxUnavailable === 1) return []
    const message = `\`${name}\` has several of these nodes, and EKS takes ${maxUnavailable} of its nodes at a time`
    return [problem(['nodes', index, 'neverWith'], message, `Set \`maxUnavailable: 1\` for it under \`nodeGroups\`. ${elsewhere}`)]
  })
}

function betweenProblems(
  own: Member,
  members: readonly Member[],
  rules: readonly NodeOrder[],
  places: readonly Place[],
): readonly IntentProblem[] {
  const waves = places.map(({ wave }) => wave)
  const position = ({ group }: Member) => waves.indexOf(places.find(({ name }) => name === group.name)?.wave ?? '')
  return members.flatMap((other) => {
    const index = rules.findIndex((rule) => other !== own && waits([rule], own, other))
    if (index < 0) return []
    const [mine, theirs] = [own.group.name, other.group.name]
    if (position(other) <= position(own)) return []
    const message = `Nodes of \`${mine}\` are to come after nodes of \`${theirs}\`, which the plan takes in a later wave`
    return [problem(['nodes', index, 'after'], message, `Move \`${theirs}\` to an earlier wave, or \`${mine}\` to a later one.`)]
  })
}

function circular(groups: readonly string[]): IntentProblem {
  const message = `${groups.join(', ')} have nodes that wait for nodes of each other, and groups are moved one after the other`
  return problem(['nodes'], message, 'Give the nodes of each role a group of their own, or leave the order to the groups.')
}

function problem(path: Mistake['path'], message: string, remedy: string): IntentProblem {
  return { subject: `Plan/${formatPath(path)}`, verdict: 'block', message, remedy }
}
