import { diagnose } from '../diagnosis/diagnose.ts'
import { isSerinError } from '../errors/serin-error.ts'
import type { RunEvent } from '../journal/event.ts'
import { notedCauses } from '../model/diagnosis.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { ClusterPorts } from '../ports/ports.ts'
import { batchNow } from '../rollout/context.ts'
import type { RunState } from '../rollout/state.ts'
import { captureSnapshot } from './capture.ts'

/** Looks at the cluster for known causes of the failure of the current batch. A cluster that cannot be read delays nothing. */
export async function diagnoseNow(ports: ClusterPorts, itinerary: Itinerary, state: RunState): Promise<RunEvent> {
  const batch = batchNow(itinerary, state)?.id ?? ''
  try {
    const report = diagnose(await captureSnapshot(ports, itinerary.cluster.name))
    return { type: 'diagnosed', batch, causes: notedCauses(report) }
  } catch (error) {
    if (!isSerinError(error)) throw error
    return { type: 'diagnosed', batch, causes: [], unread: error.message }
  }
}
