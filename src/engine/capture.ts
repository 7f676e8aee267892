import { iso } from '../model/instant.ts'
import { API_VERSION, type ClusterSnapshot } from '../model/snapshot.ts'
import type { ClusterPorts } from '../ports/ports.ts'
import { type AddonTargets, readAws } from './capture/aws.ts'
import { readLogs, readObjects, readServer } from './capture/kubernetes.ts'
import { createPass } from './capture/pass.ts'
import { redactTexts } from './redact.ts'

export interface CaptureOptions {
  /** Questions at a time; 8 when absent. */
  readonly concurrency?: number
  /** Add-on versions that the plan names, by add-on; their schemas are read beside those of the usual hops. */
  readonly addonTargets?: AddonTargets
  /** The pod Serin itself runs in, where it runs in one. */
  readonly takenFrom?: ClusterSnapshot['takenFrom']
}

/** Left as they are: they are sent back to the API word for word, or are public. */
const VERBATIM = ['configurationValues', 'configurationSchema', 'certificateAuthority', 'arn', 'endpoint']

/**
 * One pass over a cluster. What may not or cannot be read stands in `unavailable`, and the pass goes on.
 * @throws SerinError REMOTE_* when the cluster itself cannot be read.
 */
export async function captureSnapshot(ports: ClusterPorts, cluster: string, options: CaptureOptions = {}): Promise<ClusterSnapshot> {
  const capturedAt = iso(ports.clock.now())
  const described = await ports.eks.describeCluster(cluster)
  const pass = createPass(options.concurrency ?? 8, ports.clock)
  const [aws, server, items] = await Promise.all([
    readAws(ports, pass, described, options.addonTargets ?? {}),
    readServer(ports, pass),
    readObjects(ports, pass),
  ])
  const logs = await readLogs(ports, pass, items)
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterSnapshot',
    capturedAt,
    ...sandboxOf(ports),
    aws: redactTexts(aws, VERBATIM),
    kubernetes: { items, ...(server === undefined ? {} : { server }) },
    logs,
    unavailable: pass.unavailable(),
    ...(options.takenFrom === undefined ? {} : { takenFrom: options.takenFrom }),
  }
}

function sandboxOf({ sandbox }: ClusterPorts): Pick<ClusterSnapshot, 'sandbox'> {
  if (sandbox?.world === undefined) return {}
  return { sandbox: { world: sandbox.world, seed: sandbox.seed ?? 0, scenarios: sandbox.scenarios ?? [] } }
}
