import type { ProbePlace } from '../../model/probe.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { RESOURCES } from '../../ports/kubernetes.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import { probePod } from '../probe-job.ts'
import type { Pass } from './pass.ts'

/** Asks the API server, by a dry run, whether it would take the probe pods of the plan's gates; what it refuses stands in `unavailable`. */
export async function tryProbes(
  { kubernetes }: ClusterPorts,
  pass: Pass,
  places: readonly ProbePlace[],
): Promise<ClusterSnapshot['kubernetes']['dryRuns']> {
  if (places.length === 0) return undefined
  const tried = await Promise.all(
    places.map(async (place) => {
      const subject = `kubernetes:probe/${place.namespace}`
      const taken = await pass.read(subject, () => kubernetes.create(RESOURCES.pods, probePod(specOf(place)), { dryRun: true }))
      return taken === undefined ? [] : [{ subject }]
    }),
  )
  return tried.flat()
}

function specOf({ namespace, image, branch }: ProbePlace) {
  const none = { run: 'dry-run', batch: '', gate: 'network-proof', node: 'serin-dry-run', role: 'subject', epoch: 0, attempt: 1 } as const
  return {
    ...none,
    name: 'serin-probe-dry-run',
    namespace,
    image,
    ...(branch && { branch }),
    taints: [],
    checks: [],
    lasting: 0,
    deadline: 60_000,
  }
}
