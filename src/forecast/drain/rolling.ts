import type { DrainBlocker } from '../../model/forecast.ts'
import { MINUTE, type Millis, SECOND } from '../../model/instant.ts'
import type { AddressBook } from './address-book.ts'
import type { Agenda } from './agenda.ts'
import type { Evictor } from './evicting.ts'
import { leave, type RehearsedNode } from './nodes.ts'
import type { OpenedCluster } from './opening.ts'
import { bootOf, type Course, drawOf } from './pace.ts'

/** EKS writes its launch template version and points the Auto Scaling group at it, which then launches. Estimate. */
const SET_UP: Millis = 30 * SECOND
/** Between the last pod's end and the termination of its node: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html */
export const WAIT_AFTER_DRAIN: Millis = 60 * SECOND
/** Until the Auto Scaling group has terminated an instance. Estimate. */
export const TERMINATE: Millis = 40 * SECOND
/** Until the Auto Scaling group launches another in its place. Estimate. */
const REACTION: Millis = 5 * SECOND
/** After a launch that found no address Auto Scaling tries again. Estimate. */
const LAUNCH_AGAIN: Millis = 60 * SECOND
/** EKS gives up when new nodes have not joined by then: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html */
const MOST_WAIT: Millis = 15 * MINUTE
/** How often EKS looks whether something is so. Estimate. */
const LOOK: Millis = 10 * SECOND

/** How one managed group is rolled. */
export interface GroupMove {
  readonly group: string
  readonly maxUnavailable: number
  readonly surge: number
  readonly updateStrategy: 'DEFAULT' | 'MINIMAL'
  readonly zones: readonly string[]
  /** Its old nodes stay, empty, beside as many new ones. */
  readonly keepsOld?: boolean
}

/** Of one rehearsal. */
export type Blocked = Omit<DrainBlocker, 'seen' | 'stage'>

export interface RolledGroup {
  readonly group: string
  readonly takes: Millis
  /** When its last new node was Ready, or will be; the beginning where there is none. */
  readonly lastReady: Millis
  /** How long each of its old nodes took from its cordon until it was empty. */
  readonly drains: readonly { readonly node: string; readonly takes: Millis }[]
}

export interface Rolling {
  readonly agenda: Agenda
  readonly opened: OpenedCluster
  readonly evictor: Evictor
  readonly course: Course
  readonly book: AddressBook
  readonly blocked: (blocker: Blocked) => void
}

interface Roll extends Rolling {
  readonly move: GroupMove
  readonly startedAt: Millis
  /** Nodes that are still to go. */
  readonly queue: RehearsedNode[]
  readonly old: ReadonlySet<RehearsedNode>
  /** New nodes, those that boot among them, and their zones. */
  readonly members: Set<RehearsedNode>
  readonly drains: { readonly node: string; readonly takes: Millis }[]
  readonly ended: (forecast: RolledGroup) => void
  /** Nodes that are drained or ended right now. */
  working: number
  lastReady: Millis
}

/** One managed group, phase by phase: set up, scale up, replace, scale down. */
export function roll(rolling: Rolling, move: GroupMove, ended: (forecast: RolledGroup) => void): void {
  const { agenda, opened, course } = rolling
  const old = opened.nodes.filter(({ group }) => group === move.group)
  const turn = new Map(old.map((node) => [node, drawOf(course, 'turn', node.name)]))
  const queue = old.sort((a, b) => (turn.get(a) ?? 0) - (turn.get(b) ?? 0))
  const state: Roll = {
    ...rolling,
    move,
    startedAt: agenda.now(),
    queue,
    old: new Set(queue),
    members: new Set(queue),
    drains: [],
    ended,
    working: 0,
    lastReady: 0,
  }
  agenda.after(SET_UP, () => scaleUp(state))
}

function scaleUp(state: Roll): void {
  const { agenda, queue, move } = state
  const [first] = queue
  if (first === undefined) {
    finish(state)
    return
  }
  const replaceAll = () => {
    if (move.updateStrategy === 'DEFAULT') for (const node of queue) node.closed = true
    for (let slot = 0; slot < Math.max(1, move.maxUnavailable); slot++) replaceNext(state)
  }
  let booting = move.surge
  const ready = () => {
    booting -= 1
    if (booting === 0) atNextLook(agenda, () => withEachZone(state, replaceAll))
  }
  if (booting === 0) replaceAll()
  for (let each = 0; each < move.surge; each++) launch(state, first, ready)
}

/** EKS waits for a new node in each zone of the group, also in one whose subnets have no address for any. */
function withEachZone(state: Roll, goOn: () => void): void {
  const { agenda, move, members, old, book } = state
  const zones = new Set([...members].filter((node) => !old.has(node)).map(({ zone }) => zone))
  const without = move.zones.filter((zone) => !zones.has(zone) && !book.hasRoom(move.group, zone))
  const refused = () => {
    book.refused(move.group, without)
    goOn()
  }
  if (without.length === 0) goOn()
  else agenda.after(MOST_WAIT, refused)
}

/** When EKS looks next. */
function atNextLook(agenda: Agenda, action: () => void): void {
  agenda.after(Math.ceil(agenda.now() / LOOK) * LOOK - agenda.now(), action)
}

function replaceNext(state: Roll): void {
  const { agenda, evictor, move, queue } = state
  const node = queue.shift()
  if (node === undefined) {
    if (state.working === 0) move.keepsOld === true ? finish(state) : scaleDown(state)
    return
  }
  state.working += 1
  node.closed = true
  const from = agenda.now()
  evictor.drain(node, (held) => {
    for (const pod of held) state.blocked({ ...pod, group: move.group, node: node.name, minute: Math.round(agenda.now() / MINUTE) })
    state.drains.push({ node: node.name, takes: agenda.now() - from })
    if (move.keepsOld === true) {
      state.working -= 1
      replaceNext(state)
      return
    }
    agenda.after(WAIT_AFTER_DRAIN, () => replace(state, node))
  })
}

/** Auto Scaling launches another node while the old one ends. MINIMAL takes nodes away first, so there every round waits for the new one. */
function replace(state: Roll, node: RehearsedNode): void {
  const { agenda, move, members } = state
  const goOn = () => {
    state.working -= 1
    replaceNext(state)
  }
  members.delete(node)
  agenda.after(REACTION, () => {
    launch(state, node, () => {
      if (move.updateStrategy === 'MINIMAL') atNextLook(agenda, goOn)
    })
  })
  agenda.after(TERMINATE, () => {
    gone(state, node)
    if (move.updateStrategy === 'DEFAULT') goOn()
  })
}

/** New nodes that are too many in the end go as the old ones did, but EKS ends them after its limit whoever is still there. */
function scaleDown(state: Roll): void {
  const { agenda, move, members, evictor } = state
  let left = move.surge
  const next = () => {
    const node = left > 0 ? surplusOf(state) : undefined
    if (node === undefined) return
    left -= 1
    state.working += 1
    members.delete(node)
    node.closed = true
    evictor.drain(node, () =>
      agenda.after(TERMINATE, () => {
        gone(state, node)
        state.working -= 1
        next()
        if (state.working === 0) finish(state)
      }),
    )
  }
  for (let slot = 0; slot < Math.max(1, move.maxUnavailable); slot++) next()
  if (state.working === 0) finish(state)
}

/** Auto Scaling takes nodes from the zone that has most. */
function surplusOf({ members, course }: Roll): RehearsedNode | undefined {
  const crowd = crowdOf(members)
  const most = Math.max(...crowd.values())
  const open = [...members].filter(({ zone }) => crowd.get(zone) === most)
  return open[Math.floor(drawOf(course, 'surplus', open.length, members.size) * open.length)]
}

function crowdOf(members: Iterable<RehearsedNode>): ReadonlyMap<string, number> {
  const crowd = new Map<string, number>()
  for (const { zone } of members) crowd.set(zone, (crowd.get(zone) ?? 0) + 1)
  return crowd
}

function finish({ agenda, move, startedAt, drains, lastReady, ended }: Roll): void {
  ended({ group: move.group, takes: agenda.now() - startedAt, lastReady, drains })
}

function gone({ opened, book }: Roll, node: RehearsedNode): void {
  opened.places.remove(node)
  book.ended(node)
  for (const pod of [...node.pods]) leave(node, pod)
}

/** Auto Scaling launches in the zone that has fewest; where no zone has an address it tries again, until nobody waits any longer. */
function launch(state: Roll, like: RehearsedNode, ready: () => void, waited: Millis = 0): void {
  const { agenda, opened, members, course, move, book } = state
  const zones = move.zones.length > 0 ? move.zones : [like.zone]
  const open = zones.filter((zone) => book.hasRoom(move.group, zone))
  if (open.length === 0 && waited < MOST_WAIT) {
    agenda.after(LAUNCH_AGAIN, () => launch(state, like, ready, waited + LAUNCH_AGAIN))
    return
  }
  if (open.length === 0) book.refused(move.group, zones)
  const crowd = crowdOf(members)
  const zone = (open.length > 0 ? open : zones).reduce((best, each) => ((crowd.get(each) ?? 0) < (crowd.get(best) ?? 0) ? each : best))
  const node = opened.launch(like, zone)
  const boot = bootOf(course, node.name)
  state.lastReady = Math.max(state.lastReady, agenda.now() + boot)
  members.add(node)
  book.launched(node)
  agenda.after(boot, () => {
    if (members.has(node)) join(state, node)
    ready()
  })
}

function join({ opened, book, evictor }: Roll, node: RehearsedNode): void {
  opened.places.add(node)
  book.grown(node)
  evictor.roomCame()
}
