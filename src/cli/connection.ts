import type { Transport } from '../adapters/transport.ts'
import { namedBy } from '../engine/capture/named-by-plan.ts'
import type { Itinerary } from '../model/itinerary.ts'
import type { UpgradePlan } from '../model/plan.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { Clock } from '../ports/clock.ts'
import type { ClusterPorts, RunPorts } from '../ports/ports.ts'
import { type Io, runFolderOf, type Target, usage } from './io.ts'

/** The adapters, and with them the SDKs, are loaded here and not before: offline commands need neither. */
export async function connect(
  io: Io,
  target: Target,
  inProcess?: { readonly transport: Transport; readonly clock: Clock; readonly runFolder: string },
): Promise<RunPorts> {
  if (io.reach && !inProcess) return await io.reach(target, io.identity)
  const { connectCluster } = await import('../adapters/connect.ts')
  const ports = await connectCluster({ ...named(target), identity: io.identity, runFolder: runFolderOf(io), ...inProcess })
  if (!inProcess) announceSandbox(io, ports)
  return ports
}

export async function connectToRead(io: Io, target: Target): Promise<ClusterPorts> {
  if (io.reach) return await io.reach(target, io.identity)
  const { connectForReading } = await import('../adapters/connect.ts')
  const ports = await connectForReading(named(target))
  announceSandbox(io, ports)
  return ports
}

interface Wanted {
  /** What its own versions need is read beside what every plan needs. */
  readonly plan?: UpgradePlan | undefined
  readonly refreshInsights?: boolean | undefined
}

/** One observation of the cluster. */
export async function capture(
  io: Pick<Io, 'env'>,
  ports: ClusterPorts,
  cluster: string,
  { plan, refreshInsights = false }: Wanted = {},
): Promise<ClusterSnapshot> {
  const { captureSnapshot } = await import('../engine/capture.ts')
  return await captureSnapshot(ports, cluster, {
    ...(plan && namedBy(plan)),
    ...(refreshInsights && { refreshInsights }),
    takenFrom: takenFromOf(io),
  })
}

/** The pod Serin runs in, when it runs in one; the pod's own name is its host name unless the pod says better. */
export function takenFromOf({ env }: Pick<Io, 'env'>): ClusterSnapshot['takenFrom'] {
  if (env.KUBERNETES_SERVICE_HOST === undefined) return undefined
  const { SERIN_POD_NAME, SERIN_POD_NAMESPACE, SERIN_NODE_NAME, HOSTNAME } = env
  return { pod: SERIN_POD_NAME ?? HOSTNAME, namespace: SERIN_POD_NAMESPACE, node: SERIN_NODE_NAME }
}

/** The cluster named by flags; the Region may come from the environment as everywhere with AWS. */
export function targetOf(io: Io, flags: { readonly cluster?: string; readonly region?: string }): Target {
  const region = flags.region ?? io.env.AWS_REGION ?? io.env.AWS_DEFAULT_REGION
  if (!flags.cluster) throw usage('Which cluster? Give a plan or --cluster NAME.')
  if (!region) throw usage('Which Region? Give --region, or set AWS_REGION.')
  return { cluster: flags.cluster, region }
}

export function targetOfItinerary({ cluster }: Itinerary): Target {
  return { cluster: cluster.name, region: cluster.region, kubeconfigContext: cluster.kubeconfigContext }
}

function named({ cluster, region, kubeconfigContext }: Target) {
  return { cluster, region, ...(kubeconfigContext === undefined ? {} : { kubeconfigContext }) }
}

/** A simulated clock is honoured only for the sandbox, and never without saying so. */
function announceSandbox(io: Io, { sandbox }: ClusterPorts): void {
  if (!sandbox) return
  const { world, seed, scenarios, speed } = sandbox
  const said = [
    `world ${world ?? 'unknown'}`,
    `seed ${seed ?? 'unknown'}`,
    `scenarios ${scenarios?.join(', ') || 'none'}`,
    `time ${speed} times as fast`,
  ]
  io.stderr.write(`Simulated: ${said.join(', ')}.\n`)
}
