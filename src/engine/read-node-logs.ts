import { type Instant, SECOND } from '../model/instant.ts'
import type { Pod } from '../model/kubernetes.ts'
import { PROBE_LABELS, type ProbeReport, type ProbeSpec } from '../model/probe.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { RESOURCES } from '../ports/kubernetes.ts'
import type { ClusterPorts } from '../ports/ports.ts'
import { reportOf } from '../rollout/probe-reports.ts'
import { type LogReader, readNodeLogs } from './capture/node-logs.ts'
import { createPass } from './capture/pass.ts'
import { probeFacts } from './facts/probes.ts'
import { perform } from './perform.ts'

const LOOK_EVERY = 2 * SECOND
/** Why a reader without an address waits is of no interest: it is given up all the same. */
const NOBODY = { groups: {}, otherNodes: [] }

/**
 * Outside of a run: makes log readers, waits for them, reads what they printed, and removes them. The snapshot, with the logs of
 * these nodes; what could not be read stands in `unavailable`. Whoever dies meanwhile leaves Jobs that end at their deadline and
 * remove themselves.
 */
export async function withNodeLogs(
  ports: ClusterPorts,
  snapshot: ClusterSnapshot,
  readers: readonly ProbeSpec[],
): Promise<ClusterSnapshot> {
  const asked = ports.clock.now()
  const send = (spec: ProbeSpec, action: Parameters<typeof perform>[2]['action']) =>
    perform(ports, snapshot.aws.cluster?.name ?? '', { id: `${spec.name}/${action.kind}`, step: spec.batch, action }, asked, false)
  try {
    const answers = await Promise.all(readers.map((probe) => send(probe, { kind: 'create-probe', probe })))
    const refused = answers.map((answer) => ('message' in answer ? answer.message : undefined))
    const told = await Promise.all(readers.map((spec, at) => awaitReport(ports, spec, asked, refused[at])))
    const pass = createPass(readers.length, ports.clock)
    const nodeLogs = await readNodeLogs(ports, pass, told)
    return { ...snapshot, nodeLogs, unavailable: [...(snapshot.unavailable ?? []), ...pass.unavailable()] }
  } finally {
    await Promise.all(readers.map((spec) => send(spec, { kind: 'remove-probe', namespace: spec.namespace, probe: spec.name })))
  }
}

async function awaitReport(ports: ClusterPorts, spec: ProbeSpec, intendedAt: Instant, refused: string | undefined): Promise<LogReader> {
  const { clock } = ports
  for (;;) {
    const live = refused === undefined ? await podOf(ports, spec) : undefined
    const state = { spec, intendedAt, ...(refused !== undefined && { refused }), ...(live && { live: probeFacts(live) }) }
    const report: ProbeReport | undefined = reportOf(state, NOBODY, false, clock.now())
    if (report !== undefined) return { spec, report }
    await clock.sleepUntil(clock.now() + LOOK_EVERY)
  }
}

/** Undefined also while the API server does not answer: the reader is given up in time. */
async function podOf({ kubernetes, clock }: ClusterPorts, { namespace, name, run }: ProbeSpec): Promise<Pod | undefined> {
  const labelSelector = `${PROBE_LABELS.run}=${run},job-name=${name}`
  const pods = await createPass(1, clock).read('kubernetes:pods', () => kubernetes.list<Pod>(RESOURCES.pods, { namespace, labelSelector }))
  return pods?.[0]
}
