import { isTimeZone, parseFreezeBound } from '../forecast/window.ts'
import { globMatches } from '../model/glob.ts'
import type { Located, Path } from './located.ts'
import { nodeAt } from './located.ts'
import { nodeOrderMistakes } from './node-order.ts'
import type { Mistake } from './problem.ts'
import { itemsAt, textAt, textsAt } from './read-tree.ts'
import { shown } from './schema-parts.ts'

/**
 * Rules that no schema can say, judged on the tree as written: they hold even where other parts of the plan are broken,
 * so that all mistakes are reported at once. Values of a wrong type are passed over; the schema reports them.
 */
export function planMistakes(root: Located): Mistake[] {
  return RULES.flatMap((rule) => rule(root))
}

const RULES: readonly ((root: Located) => Mistake[])[] = [
  targetHasAPart,
  nodesHaveAWave,
  waveNamesDiffer,
  patternsStandOnce,
  starIsForWaves,
  settingsFitTheirGroups,
  settingsDiffer,
  afterMakesNoCircle,
  nodeOrderMistakes,
  addonsDiffer,
  kubeProxyComesFirst,
  freezesEndLater,
]

function targetHasAPart(root: Located): Mistake[] {
  const target = nodeAt(root, ['target'])
  if (target?.kind !== 'map' || movesNodes(root) || itemsAt(root, ['target', 'addons']).length > 0) return []
  if (target.entries.has('controlPlane') || target.entries.has('images') || target.entries.has('kubernetesVersion')) return []
  return [
    {
      path: ['target'],
      message: 'The target is empty',
      remedy: 'Name at least one of `kubernetesVersion`, `images`, `addons` and `controlPlane`.',
    },
  ]
}

/** Whether the target asks for other node images or another minor. */
function movesNodes(root: Located): boolean {
  const images = textAt(root, ['target', 'images'])
  return textAt(root, ['target', 'kubernetesVersion']) !== undefined || (images !== undefined && images !== 'keep')
}

function nodesHaveAWave(root: Located): Mistake[] {
  if (!movesNodes(root) || nodeAt(root, ['canary']) || nodeAt(root, ['waves'])) return []
  const message = 'The target moves node groups, but no canary and no wave names any'
  return [{ path: ['target'], message, remedy: 'Add `canary` and `waves`; `nodeGroups: ["*"]` takes every group not named elsewhere.' }]
}

function waveNamesDiffer(root: Located): Mistake[] {
  const names = itemsAt(root, ['waves']).map(
    (_, index): Named => ({ path: ['waves', index, 'name'], name: textAt(root, ['waves', index, 'name']) }),
  )
  return repeated(names).map(({ path, name }) => ({
    path,
    message: `Two waves are named ${shown(name)}`,
    remedy: 'Give each wave a name of its own.',
  }))
}

interface Named {
  readonly path: Path
  readonly name?: string
}

/** Those whose name stood before. */
function repeated(entries: readonly Named[]): readonly (Named & { readonly first: Path })[] {
  const first = new Map<string, Path>()
  return entries.flatMap((entry) => {
    if (entry.name === undefined) return []
    const before = first.get(entry.name)
    if (!before) first.set(entry.name, entry.path)
    return before ? [{ ...entry, first: before }] : []
  })
}

/** Every node group pattern of canary, waves and exclude, with where it stands. */
function patterns(root: Located): readonly Named[] {
  const entries: Path[] = [['canary'], ...indexed(root, 'waves'), ...indexed(root, 'exclude')]
  return entries.flatMap((entry) => textsAt(root, [...entry, 'nodeGroups']).map(({ path, text }) => ({ path, name: text })))
}

function indexed(root: Located, key: string): readonly Path[] {
  return itemsAt(root, [key]).map((_, index) => [key, index])
}

function patternsStandOnce(root: Located): Mistake[] {
  const inPlace = patterns(root).filter(({ path, name }) => name !== '*' || path[0] === 'waves')
  return repeated(inPlace).map(({ path, name, first }) => {
    const where = entryName(root, first)
    return {
      path,
      message: `${shown(name)} is already named by ${where}`,
      remedy: 'A node group belongs to one entry: keep it in one of them.',
    }
  })
}

function entryName(root: Located, path: Path): string {
  if (path[0] === 'canary') return 'the canary'
  if (path[0] === 'exclude') return '`exclude`'
  return `wave ${shown(textAt(root, [...path.slice(0, 2), 'name']) ?? path[1])}`
}

function starIsForWaves(root: Located): Mistake[] {
  return patterns(root)
    .filter(({ path, name }) => name === '*' && path[0] !== 'waves')
    .map(({ path }) => ({
      path,
      message: path[0] === 'canary' ? 'The canary cannot be every group' : '`*` would leave no group to upgrade',
      remedy: path[0] === 'canary' ? 'Name a small group, one per class of nodes.' : 'Name the groups to leave alone.',
    }))
}

/** Some settings mean something only for one of the two kinds of group; EKS would never hear of the others. */
function settingsFitTheirGroups(root: Located): Mistake[] {
  return itemsAt(root, ['nodeGroups']).flatMap((_, index) => {
    const path = ['nodeGroups', index]
    const match = textAt(root, [...path, 'match'])
    if (match === undefined) return []
    const { kind, wrong } = whoReads(match, textAt(root, [...path, 'strategy']) === 'replacement-group')
    return [...wrong, ...wrongAnswer(root, path, kind)]
      .filter((key) => nodeAt(root, [...path, key]) !== undefined)
      .map((key) => ({
        path: [...path, key],
        message: `\`${key}\` says nothing about ${kind} groups, and ${shown(match)} names such`,
        remedy:
          key === 'zoneByZone'
            ? 'Remove it: EKS takes old nodes in an order of its own, and no call changes that.'
            : 'Remove it, or give the other groups an entry of their own.',
      }))
  })
}

type Kind = 'self-managed' | 'EKS managed' | 'replaced'

/** Groups that give way to another are drained by Serin, whoever manages them. */
function whoReads(match: string, isReplaced: boolean): { readonly kind: Kind; readonly wrong: readonly string[] } {
  const own = match.startsWith('asg:')
  if (isReplaced) return { kind: 'replaced', wrong: ['updateStrategy', own ? 'releaseVersion' : 'launchConfiguration'] }
  return { kind: own ? 'self-managed' : 'EKS managed', wrong: [...(own ? OF_MANAGED : OF_SELF_MANAGED), 'replacement'] }
}

/** EKS knows no node to skip and no time but its own; Serin has no answer without a time. */
function wrongAnswer(root: Located, path: Path, kind: Kind): readonly string[] {
  const answer = nodeAt(root, [...path, 'evictionBlocked'])
  const wrong = kind === 'EKS managed' ? answer?.kind === 'map' : textAt(root, [...path, 'evictionBlocked']) === 'force'
  return wrong ? ['evictionBlocked'] : []
}

const OF_SELF_MANAGED = ['surge', 'drainTimeout', 'launchConfiguration', 'zoneByZone']
const OF_MANAGED = ['updateStrategy', 'releaseVersion']

function settingsDiffer(root: Located): Mistake[] {
  const matches = itemsAt(root, ['nodeGroups']).map(
    (_, index): Named => ({ path: ['nodeGroups', index, 'match'], name: textAt(root, ['nodeGroups', index, 'match']) }),
  )
  return repeated(matches).map(({ path, name }) => ({
    path,
    message: `Settings for ${shown(name)} stand twice; the first match wins, so these never count`,
    remedy: 'Join the two entries.',
  }))
}

/** `after` between entries, followed from each: a way that leads back to where it began names the line to mend. */
function afterMakesNoCircle(root: Located): Mistake[] {
  const entries = itemsAt(root, ['nodeGroups']).map((_, index) => ({
    match: textAt(root, ['nodeGroups', index, 'match']) ?? '',
    after: textsAt(root, ['nodeGroups', index, 'after']),
  }))
  const next = (from: number) =>
    (entries[from]?.after ?? []).flatMap(({ path, text }) =>
      entries.flatMap(({ match }, to) => (match === text || globMatches(text, match) ? [{ path, to }] : [])),
    )
  const leadsTo = (from: number, goal: number, seen: ReadonlySet<number>): boolean =>
    from === goal || (!seen.has(from) && next(from).some(({ to }) => leadsTo(to, goal, new Set([...seen, from]))))
  return entries.flatMap(({ match }, index) => {
    const closing = next(index).find(({ to }) => leadsTo(to, index, new Set()))
    if (closing === undefined) return []
    const other = entries[closing.to]?.match
    const message =
      other === match ? `${shown(match)} is to come after itself` : `${shown(match)} is to come after ${shown(other)}, which comes after it`
    return [
      {
        path: closing.path,
        message,
        remedy: 'Break the circle: one of them has to begin. `neverWith` keeps groups apart without an order.',
      },
    ]
  })
}

function addonNames(root: Located): readonly Named[] {
  return itemsAt(root, ['target', 'addons']).map((_, index) => {
    const path = ['target', 'addons', index, 'name']
    return { path, name: textAt(root, path) }
  })
}

function addonsDiffer(root: Located): Mistake[] {
  return repeated(addonNames(root)).map(({ path, name }) => ({
    path,
    message: `Add-on ${shown(name)} stands twice`,
    remedy: 'Keep one entry: hops in between are found by Serin.',
  }))
}

/** ipamd starts through kube-proxy's rules, so kube-proxy moves first. */
function kubeProxyComesFirst(root: Located): Mistake[] {
  const names = addonNames(root)
  const cni = names.findIndex(({ name }) => name === 'vpc-cni')
  const proxy = names.findIndex(({ name }) => name === 'kube-proxy')
  const late = names[proxy]
  if (cni < 0 || proxy < cni || !late) return []
  return [
    {
      path: late.path,
      message: '`kube-proxy` stands after `vpc-cni`',
      remedy: 'Move it before `vpc-cni`: aws-node reaches the API server through it.',
    },
  ]
}

function freezesEndLater(root: Located): Mistake[] {
  const timeZone = textAt(root, ['window', 'timeZone']) ?? 'UTC'
  const freezes = itemsAt(root, ['window', 'freezes'])
  // To ask about time zones loads all of them.
  if (freezes.length === 0 || !isTimeZone(timeZone)) return []
  return freezes.flatMap((_, index) => freezeMistakes(root, ['window', 'freezes', index], timeZone))
}

function freezeMistakes(root: Located, path: Path, timeZone: string): Mistake[] {
  const [from, to] = (['from', 'to'] as const).map((which) => {
    const text = textAt(root, [...path, which])
    return { which, text, at: text === undefined ? undefined : parseFreezeBound(text, timeZone, which) }
  })
  const unreadable = [from, to].filter((each) => each?.text !== undefined && /^\d{4}-/.test(each.text) && each.at === undefined)
  if (unreadable.length > 0) {
    return unreadable.map((each) => ({
      path: [...path, each?.which ?? 'from'],
      message: `${shown(each?.text)} is not a day of the calendar or a time`,
      remedy: 'Write a day (`2026-12-18`) or a time (`2026-12-18T18:00`).',
    }))
  }
  if (from?.at === undefined || to?.at === undefined || from.at < to.at) return []
  return [{ path: [...path, 'to'], message: 'The freeze ends before it begins', remedy: '`to` must be later than `from`.' }]
}
