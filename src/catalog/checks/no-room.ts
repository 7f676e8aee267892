import type { CheckDefinition } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { runForecast } from './reading/run-forecast.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** Every pod that is evicted finds another place. */
export const noRoom: CheckDefinition = {
  code: 'NO_ROOM',
  title: 'Every evicted pod finds a node that takes it',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:replicasets', 'kubernetes:poddisruptionbudgets'],
  notApplicable: noGroupChanges,
  prevents: 'Pods that stay Pending after their node went: no node has the room, the labels, or the zone that their volumes are in.',
  remedy: 'Add a node of the kind that the pod asks for, lower what it requests, or see that an autoscaler will.',
  source: 'https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/',
  evaluate: ({ snapshot, plan, intent }) => {
    const { unplaced, disruptions } = runForecast(snapshot, plan, intent)
    const moved = disruptions.reduce((sum, { evictions }) => sum + evictions, 0)
    const found = unplaced.map(({ owner, pods, because }) => ({
      verdict: 'warn' as const,
      subject: owner,
      message: `${count(pods, 'pod')} of ${owner} would find no place for two minutes or more once evicted: ${because}.`,
    }))
    return foundOr(found, plan, `${count(moved, 'eviction')} rehearsed; every pod found a place.`)
  },
}
