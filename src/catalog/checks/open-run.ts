import type { CheckDefinition } from './definition.ts'

/** What the record of an open run is called among the parts that could not be read. */
const RECORD = 'kubernetes:serin-run'

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
  evaluate: ({ snapshot: { openRun: open, unavailable = [] }, plan }) => {
    const subject = `Cluster/${plan.cluster.name}`
    if (open === null) return [{ verdict: 'pass', subject, message: 'No other run is open.' }]
    if (open !== undefined) {
      const message = `Run ${open.run} was opened by ${open.openedBy} on ${open.openedAt} and is neither finished nor abandoned.`
      return [{ verdict: 'block', subject, message }]
    }
    const gap = unavailable.find(({ source }) => source === RECORD)
    if (gap !== undefined) return [{ verdict: 'unknown', subject, message: `Whether a run is open could not be read: ${gap.reason}.` }]
    return [
      { verdict: 'warn', subject, message: 'Whether a run is open does not stand in this snapshot; `serin apply` refuses while one is.' },
    ]
  },
}
