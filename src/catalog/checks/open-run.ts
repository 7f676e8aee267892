import { iso } from '../../model/instant.ts'
import type { CheckDefinition } from './definition.ts'

/** Nobody else's run is open on this cluster. */
export const openRun: CheckDefinition = {
  code: 'OPEN_RUN',
  title: 'No other run is open on this cluster',
  severity: 'block',
  waivable: false,
  needs: [],
  prevents: 'Two runs on one cluster: each would take the changes of the other for drift, and one could roll back what the other proved.',
  remedy: 'See it with `serin status`, then `serin resume`, `serin rollback` or `serin abandon` it.',
  source: 'https://kubernetes.io/docs/concepts/architecture/leases/',
  evaluate: ({ openRun: open, plan }) => {
    const subject = `Cluster/${plan.cluster.name}`
    if (!open) return [{ verdict: 'pass', subject, message: 'No other run is open.' }]
    const message = `Run ${open.run} was opened by ${open.openedBy} on ${iso(open.openedAt)} and is neither finished nor abandoned.`
    return [{ verdict: 'block', subject, message }]
  },
}
