import { isSerinError } from '../../errors/serin-error.ts'
import { RESOURCES } from '../../ports/kubernetes.ts'
import { probeJob, probePod } from '../probe-job.ts'
import { ACCEPTED, type Senders, unlessGone } from './sender.ts'

/** Probe pods come and go. Names are derived from run, node and try, so one that is there already is the one that was asked for. */
export const PROBE_SENDERS: Senders<'create-probe' | 'remove-probe'> = {
  'create-probe': async ({ ports: { kubernetes } }, { probe }) => {
    // A Job is taken where its pod is refused, and nobody would say why.
    if (probe.role === 'log-reader') await kubernetes.create(RESOURCES.pods, probePod(probe), { dryRun: true })
    try {
      await kubernetes.create(RESOURCES.jobs, probeJob(probe))
    } catch (error) {
      if (!isSerinError(error, 'REMOTE_CONFLICT')) throw error
    }
    return ACCEPTED
  },
  'remove-probe': ({ ports: { kubernetes } }, { namespace, probe }) =>
    unlessGone(() => kubernetes.remove(RESOURCES.jobs, namespace, probe, { propagation: 'Background' })),
}
