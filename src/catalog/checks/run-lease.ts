import { instantOf, iso, SECOND } from '../../model/instant.ts'
import type { CheckDefinition } from './definition.ts'
import { foundOr } from './reading/verdicts.ts'

/** Nobody drives a run on this cluster now. */
export const runLease: CheckDefinition = {
  code: 'RUN_LEASE',
  title: 'No other process holds the Lease of this cluster',
  severity: 'block',
  waivable: false,
  needs: ['kubernetes:serin-lease'],
  prevents: 'Two processes that move one cluster: the record says no run is open yet, but somebody has just started one.',
  remedy: 'See it with `serin status` and `kubectl -n kube-system get lease serin -o yaml`; wait for it, or end the process that holds it.',
  source: 'https://kubernetes.io/docs/concepts/architecture/leases/',
  evaluate: ({ snapshot, plan, now }) => {
    const { lease } = snapshot
    if (!lease) return foundOr([], plan, 'Nobody holds the Lease.')
    const renewed = instantOf(lease.renewedAt)
    const until = renewed === undefined || lease.durationSeconds === undefined ? undefined : renewed + lease.durationSeconds * SECOND
    if (until !== undefined && until < now) return foundOr([], plan, `The Lease of ${lease.holder} ran out at ${iso(until)}.`)
    const run = lease.run === undefined ? '' : ` for run ${lease.run}`
    const message = `${lease.holder} holds the Lease${run}${lease.renewedAt === undefined ? '' : `, renewed at ${lease.renewedAt}`}.`
    return [{ verdict: 'block', subject: `Cluster/${plan.cluster.name}`, message }]
  },
}
