import { MINUTE, type Millis, SECOND } from '../../model/instant.ts'
import type { Agenda } from './agenda.ts'
import type { Evictor, HeldPod } from './evicting.ts'
import { leave, type RehearsedNode } from './nodes.ts'
import type { OpenedCluster } from './opening.ts'
import type { Pace } from './pace.ts'

/** EKS writes its launch template version and points the Auto Scaling group at it. Estimate. */
const SET_UP: Millis = 60 * SECOND
/** Between the last pod's end and the termination of its node: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html */
const WAIT_AFTER_DRAIN: Millis = 60 * SECOND
/** Until the Auto Scaling group has terminated an instance. Estimate. */
const TERMINATE: Millis = 30 * SECOND

/** How one managed group is rolled. */
export interface GroupMove {
  readonly group: string
  readonly maxUnavailable: number
  readonly surge: number
  readonly updateStrategy: 'DEFAULT' | 'MINIMAL'
  readonly zones: readonly string[]
}

/** A pod that keeps a node from being drained within the time that EKS takes for it. */
export interface DrainBlocker extends HeldPod {
  readonly group: string
  readonly node: string
  /** Minutes after the run's first drain. */
  readonly minute: number
}

export interface GroupForecast {
  readonly group: string
  readonly takes: Millis
  /** Empty for a group without nodes. */
  readonly slowestNode: string
  /** How long its drain took. */
  readonly slowest: Millis
}

export interface Rolling {
  readonly agenda: Agenda
  readonly opened: OpenedCluster
  readonly evictor: Evictor
  readonly pace: Pace
  readonly blocked: (blocker: DrainBlocker) => void
}

interface Roll extends Rolling {
  readonly move: GroupMove
  readonly startedAt: Millis
  /** Nodes that are still to go. */
  readonly queue: RehearsedNode[]
  readonly launched: RehearsedNode[]
  readonly ended: (forecast: GroupForecast) => void
  working: number
  slowest: Pick<GroupForecast, 'slowestNode' | 'slowest'>
}

/** One managed group, phase by phase: set up, scale up, replace, scale down. */
export function roll(rolling: Rolling, move: GroupMove, ended: (forecast: GroupForecast) => void): void {
  const { agenda, opened, pace } = rolling
  const queue = opened.nodes.filter(({ group }) => group === move.group)
  const state: Roll = {
    ...rolling,
    move,
    startedAt: agenda.now(),
    queue,
    launched: [],
    ended,
    working: 0,
    slowest: { slowestNode: '', slowest: 0 },
  }
  const [first] = queue
  if (first === undefined) {
    finish(state)
    return
  }
  agenda.after(SET_UP + (move.surge > 0 ? pace.boot : 0), () => {
    for (let index = 0; index < move.surge; index++) launch(state, first, zoneAt(move, index))
    if (move.updateStrategy === 'DEFAULT') for (const node of queue) node.closed = true
    for (let slot = 0; slot < Math.max(1, move.maxUnavailable); slot++) replaceNext(state)
  })
}

function replaceNext(state: Roll): void {
  const { agenda, evictor, move, queue, pace } = state
  const node = queue.shift()
  if (node === undefined) {
    if (state.working === 0) scaleDown(state, surplusOf(state))
    return
  }
  state.working += 1
  node.closed = true
  const from = agenda.now()
  evictor.drain(node, (held) => {
    for (const pod of held) state.blocked({ ...pod, group: move.group, node: node.name, minute: Math.round(agenda.now() / MINUTE) })
    const took = agenda.now() - from
    if (took > state.slowest.slowest) state.slowest = { slowestNode: node.name, slowest: took }
    agenda.after(WAIT_AFTER_DRAIN + TERMINATE, () => {
      end(state, node)
      // MINIMAL takes a node away first, so every round waits for the replacement.
      const goOn = () => {
        state.working -= 1
        replaceNext(state)
      }
      agenda.after(pace.boot, () => {
        launch(state, node, node.zone)
        if (move.updateStrategy === 'MINIMAL') goOn()
      })
      if (move.updateStrategy === 'DEFAULT') goOn()
    })
  })
}

/** The new nodes that are too many in the end: those with the fewest pods. */
function surplusOf({ launched, move }: Roll): readonly RehearsedNode[] {
  return [...launched].sort((a, b) => a.pods.size - b.pods.size).slice(0, move.surge)
}

/** One at a time; EKS ends them after its limit whoever is still there, so nobody blocks here. */
function scaleDown(state: Roll, surplus: readonly RehearsedNode[]): void {
  const [node, ...others] = surplus
  if (node === undefined) {
    finish(state)
    return
  }
  node.closed = true
  state.evictor.drain(node, () =>
    state.agenda.after(TERMINATE, () => {
      end(state, node)
      scaleDown(state, others)
    }),
  )
}

function finish({ agenda, move, startedAt, slowest, ended }: Roll): void {
  ended({ group: move.group, takes: agenda.now() - startedAt, ...slowest })
}

function end({ opened }: Roll, node: RehearsedNode): void {
  opened.places.remove(node)
  for (const pod of [...node.pods]) leave(node, pod)
}

function launch({ opened, evictor, launched }: Roll, like: RehearsedNode, zone: string): void {
  const node = opened.launch(like, zone)
  opened.places.add(node)
  launched.push(node)
  evictor.roomCame()
}

function zoneAt({ zones }: GroupMove, index: number): string {
  return zones[index % Math.max(1, zones.length)] ?? ''
}
