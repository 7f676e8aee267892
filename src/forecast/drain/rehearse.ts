import type { Millis } from '../../model/instant.ts'
import { createAgenda } from './agenda.ts'
import { openEvictor } from './evicting.ts'
import { type DrainCluster, openCluster } from './opening.ts'
import { type Pace, USUAL } from './pace.ts'
import { type DrainBlocker, type GroupForecast, type GroupMove, type Rolling, roll } from './rolling.ts'

export interface DrainForecast {
  readonly blockers: readonly DrainBlocker[]
  /** Pods that found no place for more than a moment, by owner, with what was against it. */
  readonly unplaced: readonly { readonly owner: string; readonly pods: number; readonly because: string }[]
  readonly groups: readonly GroupForecast[]
  /** Evictions by owner, most first: a pod that is moved twice counts twice. */
  readonly disruptions: readonly { readonly owner: string; readonly evictions: number }[]
  readonly takes: Millis
}

/**
 * The planned order played through: every node drained as EKS drains it, against the budgets, requests and rules that a snapshot
 * shows, nothing else moving. Batches follow one another; the groups of one go side by side. Where a pod cannot go in 15 minutes
 * EKS would give up; the rehearsal notes it, takes the pod away and goes on, so that later blockers are found too.
 */
export function rehearseDrain(cluster: DrainCluster, batches: readonly (readonly GroupMove[])[], pace: Pace = USUAL): DrainForecast {
  const agenda = createAgenda()
  const opened = openCluster(cluster)
  const evictor = openEvictor(agenda, opened.places, pace)
  const blockers: DrainBlocker[] = []
  const groups: GroupForecast[] = []
  const rolling: Rolling = { agenda, opened, evictor, pace, blocked: (blocker) => blockers.push(blocker) }

  const begin = (index: number) => {
    const batch = batches[index] ?? []
    let open = batch.length
    if (open === 0 && index < batches.length) begin(index + 1)
    for (const move of batch)
      roll(rolling, move, (group) => {
        groups.push(group)
        open -= 1
        if (open === 0) begin(index + 1)
      })
  }
  begin(0)
  agenda.run()
  const disruptions = [...evictor.evictions()]
    .map(([owner, evictions]) => ({ owner, evictions }))
    .sort((a, b) => b.evictions - a.evictions || (a.owner < b.owner ? -1 : 1))
  return { blockers, unplaced: evictor.unplaced(), groups, disruptions, takes: agenda.now() }
}
