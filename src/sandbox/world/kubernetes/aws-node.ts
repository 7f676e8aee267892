import type { Millis } from '../../../model/instant.ts'
import { SECOND } from '../../../model/instant.ts'
import type { ContainerStatus } from '../../../model/kubernetes.ts'
import type { ObjectStore, Timeline } from '../../contract.ts'
import { type ContainerTrouble, START_STEPS, type StartStep, type StartTrouble } from '../../levers.ts'
import { nodePlace } from '../node-place.ts'
import { kubeletHappening, missingPermission } from './aws-node-events.ts'
import { apiServerWords, ipamdBegins, ipamdLine, ipamdServes, logUpTo, type Run, servingLog } from './aws-node-log.ts'
import { AWS_NODE_CONTAINER, cniVersionOf, probeFailure, restartsOf, variableOf } from './aws-node-pod.ts'
import { createAwsNodeRuns } from './aws-node-runs.ts'
import { innateTrouble, needsApiServer, patienceForApiServer, type StartContext } from './aws-node-start.ts'
import { awsNodeOn } from './cni-plugin.ts'
import type { ContainerRuns } from './container-runs.ts'
import type { CrashLoop, Ended } from './crash-loop.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import { environmentOfPod, ipamdNode } from './ipamd-node.ts'
import type { IpamdObserver } from './ipamd-observer.ts'
import { handsOutCredentials, reachesAws, reachesServices } from './node-services.ts'
import type { NodeRun, Nodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { isTerminating, stillThere } from './objects.ts'
import { runningContainer, withContainer } from './pod-status.ts'
import { atLeast } from './version-floor.ts'

/**
 * The aws-node container: entrypoint, ipamd, probes and restarts. Order and log lines: cmd/aws-vpc-cni/main.go of
 * github.com/aws/amazon-vpc-cni-k8s; probes: config/master/aws-k8s-cni.yaml there. A hanging ipamd leaves the
 * entrypoint polling for ever; only the liveness probe ends it, with exit code 2
 * (github.com/aws/amazon-vpc-cni-k8s/issues/3704), or 137 with the shell entrypoint of v1.12.0 and before.
 */
export interface AwsNode {
  start(pod: PodObject): void
  /** At the beginning of the world: it has been serving for days. */
  startAtOnce(pod: PodObject): void
  /** The container that runs is to end; it starts again with the kubelet's back-off. */
  endLater(pod: PodObject, how: Exit): void
  stop(pod: PodObject): void
  /** The container's log, or that of its previous run; undefined when there was no such run. */
  log(pod: PodObject, previous: boolean): string | undefined
}

/** An end that comes from outside its own start. */
type Exit = Extract<ContainerTrouble['fault'], { kind: 'exits' }>

/** The first liveness probe comes 60 to 70 s after the start; the third failure in a row, 10 s apart and with 5 s to connect, kills. */
const KILLED_AFTER: readonly [Millis, Millis] = [85 * SECOND, 95 * SECOND]
/** How often ipamd asks again for what is not there yet: the API server, credentials. */
const ASK_AGAIN: Millis = 5 * SECOND
/** The SDK's attempts at credentials, together. */
const PATIENCE_FOR_CREDENTIALS: Millis = 20 * SECOND
/** What fails while ipamd does not serve, and what it may still do until it is killed. */
const PROBING = ['probe-first', 'probe', 'kill']
const STARTING = ['ipamd', 'serve']
/** What is to come of a container that runs. */
const RUNNING = [...PROBING, ...STARTING, 'ready', 'exit', 'end']
const IPAMD_BEGINS = START_STEPS.indexOf('api-server')

function keyOfAwsNode(what: string, pod: PodObject): string {
  return `k8s/aws-node-${what}/${pod.metadata.name}`
}

export class AwsNodes implements AwsNode {
  readonly #ground: Ground
  readonly #nodes: Nodes
  readonly #events: EventRecorder
  readonly #crashLoop: CrashLoop
  readonly #observers: readonly IpamdObserver[]
  readonly #trouble: ContainerRuns['trouble']
  readonly #store: ObjectStore
  readonly #timeline: Timeline
  readonly #runs: ReturnType<typeof createAwsNodeRuns>

  constructor(
    ground: Ground,
    nodes: Nodes,
    events: EventRecorder,
    containers: { readonly crashLoop: CrashLoop; readonly trouble: ContainerRuns['trouble'] },
    observers: readonly IpamdObserver[],
  ) {
    this.#ground = ground
    this.#nodes = nodes
    this.#events = events
    this.#crashLoop = containers.crashLoop
    this.#trouble = containers.trouble
    this.#observers = observers
    this.#runs = createAwsNodeRuns(ground, nodes, observers)
    this.#store = ground.store
    this.#timeline = ground.timeline
  }

  #later(delay: Millis, what: string, pod: PodObject, action: (current: PodObject, run: NodeRun) => void): void {
    this.#timeline.after(delay, keyOfAwsNode(what, pod), () => {
      const current = stillThere(this.#store, pod)
      const run = this.#nodes.get(pod.spec?.nodeName ?? '')
      if (current && run && !isTerminating(current)) action(current, run)
    })
  }

  #change(pod: PodObject, to: (status: ContainerStatus) => ContainerStatus): void {
    const { namespace, name } = pod.metadata
    this.#store.update('Pod', namespace, name, (current) =>
      withContainer(current as PodObject, AWS_NODE_CONTAINER, to, this.#timeline.now()),
    )
  }

  #say(pod: PodObject, reason: string, message: string, times = 1): void {
    this.#events.record(pod, kubeletHappening(pod, reason, message), times)
  }

  start(pod: PodObject): void {
    const node = this.#nodes.get(pod.spec?.nodeName ?? '')
    if (!node) return
    const run = this.#runs.begin(pod)
    this.#change(pod, (status) => runningContainer(status, run.startedAt, false))
    const end = this.#trouble(pod, AWS_NODE_CONTAINER)
    if (end?.kind === 'exits') this.endLater(pod, end)
    const early = this.#troubles(pod, node, true, (step) => !isOfIpamd(step))
    run.log = logUpTo(early[0]?.step ?? 'api-server', run.startedAt)
    for (const { fate, log = [] } of early) {
      run.log = [...run.log, ...log]
      if (typeof fate !== 'object' || !('exit' in fate)) continue
      this.#later(SECOND, 'exit', pod, (current) => this.#exit(current, { code: fate.exit }))
      return
    }
    this.#install(pod, node)
    this.#failProbes(pod)
    const boot = this.#ground.span(2 * SECOND, 5 * SECOND, 'ipamd', pod.metadata.uid, restartsOf(pod))
    this.#later(boot, 'ipamd', pod, (current) => {
      this.#runs.print(current, run, ipamdBegins(cniVersionOf(current), needsApiServer(variablesOf(current))), 'info')
      this.#awaitApiServer(current, node, run)
    })
  }

  /** The entrypoint copies the plugin to the host before ipamd is up. */
  #install(pod: PodObject, node: NodeRun): void {
    const kept = this.#ground.faults.effects('node/host', placeOf(pod, node)).includes('cni-binary-kept')
    if (!kept || node.cniBinary === undefined) node.cniBinary = cniVersionOf(pod)
  }

  /** Everything in the way of a start, in the order of its steps. */
  #troubles(pod: PodObject, node: NodeRun, withApiServer: boolean, which: (step: StartStep) => boolean): readonly StartTrouble[] {
    const context = this.#context(pod, node, withApiServer)
    const pulled = this.#ground.faults.effects('aws-node/start', placeOf(pod, node))
    return START_STEPS.filter(which).flatMap((step) => {
      const innate = innateTrouble(step, context)
      return [...(innate === undefined ? [] : [innate]), ...pulled.filter((trouble) => trouble.step === step)]
    })
  }

  #context(pod: PodObject, node: NodeRun, withApiServer: boolean): StartContext {
    const { faults } = this.#ground
    const place = placeOf(pod, node)
    const user = 'system:serviceaccount:kube-system:aws-node'
    const asksAgent = variableOf(pod, 'AWS_CONTAINER_CREDENTIALS_FULL_URI') !== undefined
    return {
      version: cniVersionOf(pod),
      instanceType: node.machine.instanceType,
      now: this.#timeline.now(),
      variable: variablesOf(pod),
      host: (trouble) => faults.effects('node/host', place).includes(trouble),
      denied: (action) => faults.effects('iam/denied', { ...place, role: 'aws-node', action }).length > 0,
      forbidden: (verb, resource) => faults.effects('rbac/denied', { ...place, user, verb, resource }).length > 0,
      hasEniConfig: () => ipamdNode(this.#store, node.machine, environmentOfPod(pod)).eniConfig() !== undefined,
      withoutCredentials: () => asksAgent && !handsOutCredentials(this.#ground, node),
      withApiServer,
    }
  }

  #awaitApiServer(pod: PodObject, node: NodeRun, run: Run): void {
    const variable = variablesOf(pod)
    const waited = this.#timeline.now() - run.startedAt
    const answers = Boolean(variable('CLUSTER_ENDPOINT')) || reachesServices(this.#ground, node)
    const { away, reached, without } = apiServerWords(cniVersionOf(pod), needsApiServer(variable), this.#ground.kubernetesVersion())
    if (answers || waited >= patienceForApiServer(cniVersionOf(pod), variable)) {
      this.#runs.print(pod, run, [answers ? reached : without], answers ? 'info' : 'warn')
      this.#awaitCredentials(pod, node, run, answers)
      return
    }
    this.#runs.print(pod, run, [away])
    this.#later(ASK_AGAIN, 'ipamd', pod, (current) => this.#awaitApiServer(current, node, run))
  }

  /** On a new node the agent that hands them out may start later. */
  #awaitCredentials(pod: PodObject, node: NodeRun, run: Run, withApiServer: boolean): void {
    const waited = this.#timeline.now() - run.startedAt
    if (this.#context(pod, node, withApiServer).withoutCredentials() && waited < PATIENCE_FOR_CREDENTIALS)
      this.#later(ASK_AGAIN, 'ipamd', pod, (current) => this.#awaitCredentials(current, node, run, withApiServer))
    else this.#initialise(pod, node, run, withApiServer)
  }

  #initialise(pod: PodObject, node: NodeRun, run: Run, withApiServer: boolean): void {
    let wait = 0
    for (const { fate, log = [], ipamdLog = [], denied = [] } of this.#troubles(pod, node, withApiServer, isOfIpamd)) {
      run.log = [...run.log, ...log]
      this.#runs.print(pod, run, ipamdLog)
      // Without the API server ipamd does not know its pod, so its events reach nobody.
      if (withApiServer) for (const action of denied) this.#events.record(pod, missingPermission(pod, action))
      if (fate === 'hang') return
      if ('exit' in fate) {
        this.#exit(pod, { code: fate.exit })
        return
      }
      wait += fate.wait
    }
    if (wait === 0) this.#serve(pod, node, run)
    else this.#later(wait, 'serve', pod, (current) => this.#serve(current, node, run))
  }

  /** ipamd of a node warns of something while it serves. */
  warn(node: string, message: string): void {
    const pod = awsNodeOn(this.#store, node)
    const run = pod && this.#runs.current(pod)
    if (pod && run) this.#runs.print(pod, run, [message], 'warn')
  }

  #serve(pod: PodObject, node: NodeRun, run: Run): void {
    const { machine } = node
    const reaches = () => reachesAws(this.#ground, node)
    const pool = this.#ground.network.start(machine.instanceId, ipamdNode(this.#store, machine, environmentOfPod(pod), reaches))
    if (!pool.ok) {
      this.#runs.print(pod, run, [`Initialization failure: ${pool.reason}`])
      return
    }
    for (const what of PROBING) this.#timeline.cancel(keyOfAwsNode(what, pod))
    this.#runs.print(pod, run, [ipamdServes(cniVersionOf(pod))], 'info')
    run.log = [...run.log, ...servingLog(this.#timeline.now())]
    node.ipamdServes = true
    node.ipamdVersion = cniVersionOf(pod)
    this.#nodes.networkConfigured(node.machine.nodeName)
    for (const { serves } of this.#observers) serves(node.machine.nodeName)
    this.#later(SECOND, 'ready', pod, (current) => this.#change(current, (status) => ({ ...status, ready: true })))
  }

  #failProbes(pod: PodObject): void {
    const failed = probeFailure(cniVersionOf(pod))
    this.#later(6 * SECOND, 'probe-first', pod, (current) => this.#say(current, 'Unhealthy', `Readiness probe failed: ${failed}`))
    this.#later(66 * SECOND, 'probe', pod, (current) => {
      this.#say(current, 'Unhealthy', `Readiness probe failed: ${failed}`, 6)
      this.#say(current, 'Unhealthy', `Liveness probe failed: ${failed}`)
    })
    const [soonest, latest] = KILLED_AFTER
    this.#later(this.#ground.span(soonest, latest, 'liveness', pod.metadata.uid, restartsOf(pod)), 'kill', pod, (current) => {
      this.#say(current, 'Unhealthy', `Liveness probe failed: ${failed}`, 2)
      this.#say(current, 'Killing', 'Container aws-node failed liveness probe, will be restarted')
      this.#exit(current, { code: atLeast(cniVersionOf(current), 'v1.12.1') ? 2 : 137 })
    })
  }

  endLater(pod: PodObject, how: Exit): void {
    this.#timeline.cancel(keyOfAwsNode('end', pod))
    this.#later(how.after, 'end', pod, (current) => {
      const run = this.#runs.current(current)
      if (run) run.log = [...run.log, ...(how.log ?? [])]
      this.#exit(current, how)
    })
  }

  /** ipamd ends with its container: until the next one serves, the plugin finds nobody. */
  #exit(pod: PodObject, how: Ended): void {
    for (const what of RUNNING) this.#timeline.cancel(keyOfAwsNode(what, pod))
    const node = this.#nodes.get(pod.spec?.nodeName ?? '')
    if (node) node.ipamdServes = false
    this.#crashLoop.ended(pod, AWS_NODE_CONTAINER, how, (restarted) => this.start(restarted))
  }

  startAtOnce(pod: PodObject): void {
    const node = this.#nodes.get(pod.spec?.nodeName ?? '')
    if (!node) return
    node.ipamdServes = true
    node.cniBinary = cniVersionOf(pod)
    node.ipamdVersion = node.cniBinary
    node.ipamdLog = [ipamdLine(this.#timeline.now(), ipamdServes(node.cniBinary), 'info')]
  }

  stop(pod: PodObject): void {
    this.#runs.forget(pod)
    const node = this.#nodes.get(pod.spec?.nodeName ?? '')
    if (node) node.ipamdServes = false
  }

  log(pod: PodObject, previous: boolean): string | undefined {
    return this.#runs.text(pod, previous)
  }
}

function variablesOf(pod: PodObject): StartContext['variable'] {
  return (name) => variableOf(pod, name)
}

function isOfIpamd(step: StartStep): boolean {
  return START_STEPS.indexOf(step) >= IPAMD_BEGINS
}

function placeOf(pod: PodObject, { machine, launchedLater }: NodeRun) {
  return { ...nodePlace(machine, cniVersionOf(pod), launchedLater), occasion: restartsOf(pod) }
}
