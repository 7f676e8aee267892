import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { performance } from 'node:perf_hooks'
import type { STSClient } from '@aws-sdk/client-sts'
import { Agent } from 'undici'
import { SerinError } from '../errors/serin-error.ts'
import type { EksCluster } from '../model/aws.ts'
import { SECOND } from '../model/instant.ts'
import type { Clock } from '../ports/clock.ts'
import type { ClusterPorts, RunPorts, SandboxIdentity } from '../ports/ports.ts'
import { createAwsCaller } from './aws-call.ts'
import { refuseUnlessLoopback, SANDBOX_CLOCK_VARIABLE, sandboxClock } from './clock/sandbox-clock.ts'
import { wallClock } from './clock/wall-clock.ts'
import { createRunFolder } from './journal-file/run-folder.ts'
import { createCaches } from './kubernetes/caches.ts'
import { type Connection, type ConnectionSettings, createConnection } from './kubernetes/connection.ts'
import { fromKubeconfig } from './kubernetes/kubeconfig.ts'
import { createKubernetes } from './kubernetes/kubernetes.ts'
import { LIVENESS_TIMES, type Liveness } from './kubernetes/reflector.ts'
import { createTokenSource } from './kubernetes/token.ts'
import { createLease, LEASE_DURATION } from './lease/lease.ts'
import { createWebhooks } from './messages/webhook.ts'
import { createOutside } from './outside/outside.ts'
import { createRetrier, createThrottleCount, type Retrier } from './retry.ts'
import { createRunRecords } from './run-record/run-records.ts'
import { clientSettings, type Transport } from './transport.ts'

export interface ReadingOptions {
  readonly cluster: string
  readonly region: string
  /** Reach Kubernetes by a kubeconfig context instead of the endpoint, CA and token of EKS. */
  readonly kubeconfigContext?: string
  readonly transport?: Transport
  /** Without one: the wall clock, or the sandbox's where the environment offers it and it may be honoured. */
  readonly clock?: Clock
}

export interface ConnectOptions extends ReadingOptions {
  /** Who drives, for the Lease and the journal. In production a part that is unique to this process is added. */
  readonly identity: string
  /** Root of the folders of runs. */
  readonly runFolder: string
}

/** Seconds of real time that a Lease lasts at least, however fast a sandbox's clock runs. */
const LEASE_REAL_SECONDS = 2
/** Milliseconds for TCP and TLS. */
const CONNECT_TIMEOUT = 10_000

interface Connected {
  readonly ports: ClusterPorts
  readonly connection: Connection
  readonly retrier: Retrier
}

/**
 * Everything a run needs. Caches are not started and no Lease is taken; the caller does both.
 * @throws SerinError REMOTE_*, USAGE (no such kubeconfig context) or SANDBOX_CLOCK.
 */
export async function connectCluster(options: ConnectOptions): Promise<RunPorts> {
  const { ports, connection, retrier } = await connect(options)
  const { clock, kubernetes, sandbox } = ports
  const inProcess = options.transport?.dispatcher !== undefined
  const liveness: Liveness | undefined = inProcess ? undefined : { clock: wallClock(), ...LIVENESS_TIMES }
  return {
    ...ports,
    caches: createCaches(connection, retrier, clock, liveness),
    lease: createLease({
      kubernetes,
      clock,
      identity: inProcess ? options.identity : uniqueIdentity(options.identity),
      duration: Math.max(LEASE_DURATION, (sandbox?.speed ?? 0) * LEASE_REAL_SECONDS * SECOND),
      ...(options.clock === undefined && sandbox === undefined ? { monotonic: () => performance.now() } : {}),
    }),
    records: createRunRecords(kubernetes, clock),
    folder: createRunFolder(options.runFolder, !inProcess),
    messages: createWebhooks(),
  }
}

/** What reads and changes a cluster, without Lease, caches and run folder: for snapshots and offline commands' online halves. */
export async function connectForReading(options: ReadingOptions): Promise<ClusterPorts> {
  return (await connect(options)).ports
}

async function connect(options: ReadingOptions): Promise<Connected> {
  const offered = options.clock === undefined ? await offeredClock(options.transport) : undefined
  const clock = options.clock ?? offered?.clock ?? wallClock()
  const throttles = createThrottleCount()
  const retrier = createRetrier(clock, throttles)
  const { sts, ...aws } = await connectAws(options, retrier)
  const settings = await kubernetesSettings(options, await aws.eks.describeCluster(options.cluster), sts)
  if (offered !== undefined) refuseUnlessLoopback(settings.endpoint)
  const connection = createConnection(settings)
  const kubernetes = createKubernetes(connection, retrier)
  const sandbox = offered === undefined ? {} : { sandbox: offered.identity }
  const outside = options.transport?.dispatcher === undefined && { outside: createOutside(process.env) }
  return { ports: { ...aws, kubernetes, clock, throttled: throttles.total, ...outside, ...sandbox }, connection, retrier }
}

/** The SDK clients are loaded here and not before: commands that work from files never pay for them. */
async function connectAws({ region, transport }: ReadingOptions, retrier: Retrier) {
  const [eks, autoScaling, sts, ssm, quotas] = await Promise.all([
    import('@aws-sdk/client-eks'),
    import('@aws-sdk/client-auto-scaling'),
    import('@aws-sdk/client-sts'),
    import('@aws-sdk/client-ssm'),
    import('@aws-sdk/client-service-quotas'),
  ])
  const settings = clientSettings(region, transport)
  const caller = createAwsCaller(retrier)
  const { prepared } = settings
  const stsClient = prepared(new sts.STSClient(settings))
  const [{ createEks }, { createAutoScaling }, { createEc2 }, { createAccount }, { createIam }, { createCloudWatch }] = await Promise.all([
    import('./eks/eks.ts'),
    import('./auto-scaling/auto-scaling.ts'),
    import('./ec2/ec2.ts'),
    import('./account/account.ts'),
    import('./iam/iam.ts'),
    import('./cloud-watch/cloud-watch.ts'),
  ])
  return {
    sts: stsClient,
    eks: createEks(prepared(new eks.EKSClient(settings)), caller),
    autoScaling: createAutoScaling(prepared(new autoScaling.AutoScalingClient(settings)), caller),
    ec2: createEc2(settings, caller),
    account: createAccount(
      { sts: stsClient, ssm: prepared(new ssm.SSMClient(settings)), quotas: prepared(new quotas.ServiceQuotasClient(settings)) },
      caller,
    ),
    iam: createIam(settings, caller),
    cloudWatch: createCloudWatch(settings, caller),
  }
}

/** Where the API server is and who we are to it: by DescribeCluster and a token of ours, or by a kubeconfig context. */
async function kubernetesSettings(options: ReadingOptions, cluster: EksCluster, sts: STSClient): Promise<ConnectionSettings> {
  const { region, kubeconfigContext, transport } = options
  if (kubeconfigContext !== undefined) return fromKubeconfig(kubeconfigContext, transport?.dispatcher)
  const { endpoint, certificateAuthority } = cluster
  if (endpoint === undefined) {
    throw new SerinError('REMOTE_UNAVAILABLE', `Cluster ${options.cluster} has no API server endpoint yet (status ${cluster.status})`)
  }
  const ca = certificateAuthority?.data
  const token = createTokenSource(sts, region, options.cluster)
  return {
    endpoint,
    certificateAuthorityData: ca,
    dispatcher: transport?.dispatcher ?? agentFor(ca),
    form: transport?.kubernetesForm,
    headers: async () => ({ authorization: `Bearer ${await token()}` }),
  }
}

/** One agent for everything, so that connections are kept and used again. */
function agentFor(certificateAuthorityData: string | undefined): Agent {
  const ca = certificateAuthorityData === undefined ? undefined : Buffer.from(certificateAuthorityData, 'base64').toString('utf8')
  return new Agent({ connect: { ca, timeout: CONNECT_TIMEOUT } })
}

async function offeredClock(transport: Transport | undefined): Promise<{ clock: Clock; identity: SandboxIdentity } | undefined> {
  const rule = process.env[SANDBOX_CLOCK_VARIABLE]
  if (rule === undefined || rule === '') return undefined
  return sandboxClock({ rule, awsEndpoints: transport?.awsEndpoint === undefined ? endpointsSet(process.env) : [transport.awsEndpoint] })
}

/** The general AWS endpoint first, then those of single services; none when the general one is missing or ignored. */
function endpointsSet(environment: NodeJS.ProcessEnv): readonly string[] {
  const general = environment.AWS_ENDPOINT_URL
  if (general === undefined || environment.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS === 'true') return []
  const single = Object.entries(environment).filter(([name]) => name.startsWith('AWS_ENDPOINT_URL_'))
  return [general, ...single.map(([, value]) => value ?? '')]
}

/** Host, process and a nonce: after a crash, the same person on the same machine is still another holder. */
function uniqueIdentity(identity: string): string {
  return `${identity} (${hostname()}, process ${process.pid}, ${randomUUID().slice(0, 8)})`
}
