import type { ProbingNow } from '../catalog/gates/definition.ts'
import type { ProbeState } from '../model/probe.ts'
import type { Seen } from '../model/seen.ts'
import { batchActed } from './context.ts'
import type { BatchState, CommandState, RunState } from './state.ts'

/** The step under which a batch's probe pods are made and removed; it stands in no itinerary, as it changes nothing. */
export function probingStep(batch: string): string {
  return `${batch}/probes`
}

/** Commands about probe pods of a batch. */
export function probeCommands(batch: string, state: BatchState | undefined): readonly CommandState[] {
  return state?.steps[probingStep(batch)]?.commands ?? []
}

/** What was asked of the network from inside since the batch was last begun. */
export function probingNow(run: RunState, batch: string, state: BatchState, seen: Seen): ProbingNow {
  const epoch = state.epoch ?? 0
  const live = new Map((seen.probes ?? []).filter((probe) => probe.run === run.run).map((probe) => [probe.name, probe]))
  const probes = probeCommands(batch, state).flatMap(({ command: { action }, intendedAt, result }): ProbeState[] => {
    if (action.kind !== 'create-probe' || action.probe.epoch !== epoch) return []
    const { name } = action.probe
    const [report, found] = [state.probes?.[name], live.get(name)]
    const refused = result?.kind === 'refused' ? result.message : undefined
    return [
      {
        spec: action.probe,
        intendedAt,
        ...(refused !== undefined && { refused }),
        ...(report && { report }),
        ...(found && { live: found }),
      },
    ]
  })
  return { run: run.run, epoch, over: state.status === 'passed', acted: batchActed(state), probes }
}
