import type { RunForecast } from '../../model/forecast.ts'
import type { Millis } from '../../model/instant.ts'
import { openAddressBook } from './address-book.ts'
import { createAgenda } from './agenda.ts'
import { openEvictor } from './evicting.ts'
import { openCluster, type ReadCluster } from './opening.ts'
import { type Course, USUAL } from './pace.ts'
import { type Blocked, type GroupMove, type RolledGroup, roll } from './rolling.ts'
import type { AddressPeak } from './subnet-accounts.ts'

/** What a run does at a time: groups that move side by side, other steps that go on beside them, then gates and a soak. */
export interface Stage {
  readonly id: string
  readonly moves: readonly GroupMove[]
  /** What its other steps take, as it usually goes. */
  readonly other: Millis
  /** How long its gates want to see everything well. */
  readonly gates: Millis
  readonly soak: Millis
}

export interface RehearsedStage {
  readonly id: string
  readonly from: Millis
  readonly steps: Millis
  /** What its gates wait for after the last step: new nodes may have been well for a while then. */
  readonly gates: Millis
  readonly groups: readonly RolledGroup[]
}

/** One rehearsal of a run. */
export interface Rehearsed extends Pick<RunForecast, 'unplaced' | 'disruptions'> {
  readonly takes: Millis
  readonly stages: readonly RehearsedStage[]
  readonly blockers: readonly (Blocked & { readonly stage: string })[]
  readonly peaks: ReadonlyMap<string, AddressPeak>
}

/**
 * The planned order played through: every node drained as EKS drains it, against the budgets, requests and rules that a snapshot
 * shows, nothing else moving. Where a pod cannot go in 15 minutes EKS would give up; the rehearsal notes it, takes the pod away and
 * goes on, so that later blockers are found too.
 */
export function rehearseDrain(cluster: ReadCluster, stages: readonly Stage[], course: Course = { pace: USUAL }): Rehearsed {
  const agenda = createAgenda()
  const opened = openCluster(cluster)
  let current = ''
  const book = openAddressBook(
    cluster.addresses,
    agenda,
    opened.nodes,
    ({ name }) => cluster.subnetOf?.(name),
    () => current,
  )
  const evictor = openEvictor(agenda, opened, course, book)
  const blockers: (Blocked & { readonly stage: string })[] = []
  const done: RehearsedStage[] = []

  const begin = (index: number): void => {
    const stage = stages[index]
    if (stage === undefined) return
    current = stage.id
    const from = agenda.now()
    const groups: RolledGroup[] = []
    let open = stage.moves.length + 1
    const ended = () => {
      open -= 1
      if (open > 0) return
      const since = groups.length === 0 ? agenda.now() : Math.max(...groups.map(({ lastReady }) => lastReady))
      const gates = Math.max(0, since + stage.gates - agenda.now())
      done.push({ id: stage.id, from, steps: agenda.now() - from, gates, groups })
      agenda.after(gates + stage.soak, () => begin(index + 1))
    }
    const blocked = (blocker: Blocked) => blockers.push({ ...blocker, stage: stage.id })
    agenda.after(stage.other * course.pace.other, ended)
    for (const move of stage.moves)
      roll({ agenda, opened, evictor, course, book, blocked }, move, (group) => {
        groups.push(group)
        ended()
      })
  }
  begin(0)
  agenda.run()
  const disruptions = [...evictor.evictions()]
    .map(([owner, evictions]) => ({ owner, evictions }))
    .sort((a, b) => b.evictions - a.evictions || (a.owner < b.owner ? -1 : 1))
  return { blockers, unplaced: evictor.unplaced(), stages: done, disruptions, peaks: book.peaks(), takes: agenda.now() }
}
