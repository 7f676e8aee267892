import { resultsOf } from '../catalog/gates/probing/script.ts'
import { formatDuration, type Instant, MINUTE, SECOND } from '../model/instant.ts'
import type { ProbeReport, ProbeResult, ProbeSpec, ProbeState } from '../model/probe.ts'
import type { Seen, WaitingPod } from '../model/seen.ts'

/** How long the cluster may take to make a pod, to find it a place, to pull its image; beyond that it can tell nothing. */
const PATIENCE = 2 * MINUTE
/** A pod that the CNI gives no address for so long gets none: the measure of the gate for stuck pods. */
const STUCK_AFTER = 120 * SECOND
/** Why it waits is not always said. */
const UNCLEAR_AFTER = 5 * MINUTE

type SeenPods = Pick<Seen, 'groups' | 'otherNodes'>

/** What a probe has told for good, or undefined while it may still tell something. `removed`: Serin has taken it away. */
export function reportOf(probe: ProbeState, seen: SeenPods, removed: boolean, now: Instant): ProbeReport | undefined {
  const { spec, refused, live, intendedAt } = probe
  const unusable = (says: string): ProbeReport => ({ kind: 'unusable', says, at: now })
  if (refused !== undefined) return unusable(`the API server refused it: ${refused}`)
  if (live?.ended !== undefined) return toldBy(probe, now)
  if (removed) return removedReport(probe, now)
  if (live === undefined || live.deleting) return goneReport(probe, now)
  if (now - intendedAt > spec.deadline + PATIENCE) return unusable(`it did not end within ${formatDuration(spec.deadline)}`)
  if (live.unscheduled !== undefined)
    return now - live.unscheduled.since < PATIENCE ? undefined : unusable(`it found no place on its node: ${live.unscheduled.message}`)
  return live.address === undefined ? waitingReport(probe, seen, now) : undefined
}

/** Not there: not yet made, or taken away by somebody before it could tell. */
function goneReport({ intendedAt, live }: ProbeState, now: Instant): ProbeReport | undefined {
  if (live === undefined && now - intendedAt < PATIENCE) return undefined
  const says =
    live === undefined ? 'its pod was not made, or was removed, before it could tell' : 'its pod was removed before it could tell'
  return { kind: 'lost', says, at: now }
}

function removedReport({ spec }: ProbeState, at: Instant): ProbeReport {
  return spec.role === 'responder' ? { kind: 'told', results: [], at } : { kind: 'lost', says: 'it was removed before it could tell', at }
}

/** A pod without an address: only where the CNI is why it speaks about the network. */
function waitingReport({ spec, live }: ProbeState, seen: SeenPods, now: Instant): ProbeReport | undefined {
  const waited = now - (live?.boundAt ?? now)
  if (waited < STUCK_AFTER) return undefined
  const pod = waitingPod(seen, spec.namespace, live?.pod)
  const says = `it got no address for ${formatDuration(waited)}${pod?.message === undefined ? '' : `: ${shortened(pod.message)}`}`
  if (pod?.cause === 'cni') return { kind: 'no-address', says, at: now }
  if (pod?.cause === 'image' || pod?.cause === 'volume' || pod?.cause === 'other')
    return { kind: 'unusable', says: `it waits for its ${pod.cause}: ${pod.message ?? ''}`, at: now }
  return waited < UNCLEAR_AFTER ? undefined : { kind: 'unusable', says, at: now }
}

const LONGEST = 160

function shortened(message: string): string {
  return message.length > LONGEST ? `…${message.slice(-LONGEST)}` : message
}

function waitingPod(seen: SeenPods, namespace: string, name: string | undefined): WaitingPod | undefined {
  const nodes = [...Object.values(seen.groups).flatMap((group) => group.nodes), ...seen.otherNodes]
  for (const node of nodes) for (const pod of node.waitingPods) if (pod.namespace === namespace && pod.name === name) return pod
  return undefined
}

/** A responder that ends has failed to listen, or reached its deadline; a tester tells by what it wrote. */
function toldBy({ spec, live }: ProbeState, at: Instant): ProbeReport {
  const { code = 0, message = '', reason } = live?.ended ?? {}
  if (spec.role === 'log-reader')
    return code === 0 ? { kind: 'told', results: [], at } : { kind: 'unusable', says: message.trim() || `it ended with code ${code}`, at }
  if (spec.role === 'responder') {
    const late = reason === 'DeadlineExceeded'
    return late
      ? { kind: 'told', results: [], at }
      : { kind: 'unusable', says: `it ended with code ${code} instead of listening ${message}`.trim(), at }
  }
  const results = resultsOf(spec.checks, message)
  if (results.every(({ outcome }) => outcome === 'unknown'))
    return { kind: 'unusable', says: `it ended before it told anything (${reason ?? 'Ended'}, code ${code}) ${message}`.trim(), at }
  return { kind: 'told', results: [...ownResults(spec, live), ...results], at }
}

/** An address is what it needed to run at all; with a SecurityGroupPolicy, an interface of its own. */
function ownResults(spec: ProbeSpec, live: ProbeState['live']): readonly ProbeResult[] {
  const branch: ProbeResult = { id: 'branch', outcome: live?.hasBranch ? 'works' : 'fails', says: 'getting an interface of its own' }
  return [{ id: 'address', outcome: 'works', says: 'getting an address' }, ...(spec.branch === undefined ? [] : [branch])]
}
