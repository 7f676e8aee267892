import type { Instant, Millis } from '../../../model/instant.ts'
import { instantOf, SECOND } from '../../../model/instant.ts'
import type { ContainerStatus } from '../../../model/kubernetes.ts'
import { parseMinor } from '../../../model/kubernetes-minor.ts'
import type { ObjectStore, Timeline } from '../../contract.ts'
import { START_STEPS, type StartTrouble } from '../../levers.ts'
import { nodePlace } from '../node-place.ts'
import { ipamdLine, logUpTo, servingLog } from './aws-node-log.ts'
import type { CrashLoop } from './crash-loop.ts'
import type { EventRecorder, Happening } from './events.ts'
import type { Ground } from './ground.ts'
import { environmentOfPod, ipamdNode } from './ipamd-node.ts'
import type { NodeRun, Nodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { controllerOf, isTerminating, stillThere } from './objects.ts'
import { runningContainer, withContainer } from './pod-status.ts'

/**
 * The aws-node container: entrypoint, ipamd, probes and restarts. Order and log lines: cmd/aws-vpc-cni/main.go of
 * github.com/aws/amazon-vpc-cni-k8s; probes: config/master/aws-k8s-cni.yaml there. A hanging ipamd leaves the
 * entrypoint polling for ever; only the liveness probe ends it, with exit code 2
 * (github.com/aws/amazon-vpc-cni-k8s/issues/3704).
 */
export interface AwsNode {
  start(pod: PodObject): void
  /** At the beginning of the world: it has been serving for days. */
  startAtOnce(pod: PodObject): void
  stop(pod: PodObject): void
  /** The container's log, or that of its previous run; undefined when there was no such run. */
  log(pod: PodObject, previous: boolean): string | undefined
}

export const AWS_NODE_CONTAINER = 'aws-node'

/** The first liveness probe comes after 60 s; the third failure in a row, with 5 s to connect, kills. */
const HANG_UNTIL_KILLED: Millis = 90 * SECOND
/** What fails while ipamd does not serve. */
const PROBING = ['probe-first', 'probe', 'kill']

interface Run {
  readonly startedAt: Instant
  log: readonly string[]
}

function keyOfAwsNode(what: string, pod: PodObject): string {
  return `k8s/aws-node-${what}/${pod.metadata.name}`
}

export function isAwsNode(pod: PodObject): boolean {
  return (
    pod.metadata.namespace === 'kube-system' && pod.metadata.labels?.['k8s-app'] === 'aws-node' && controllerOf(pod)?.kind === 'DaemonSet'
  )
}

/** `v1.18.3-eksbuild.3`: the tag of the pod's aws-node image. */
export function cniVersionOf(pod: PodObject): string {
  const image = pod.spec?.containers?.find(({ name }) => name === AWS_NODE_CONTAINER)?.image ?? ''
  return image.slice(image.lastIndexOf(':') + 1)
}

export class AwsNodes implements AwsNode {
  readonly #ground: Ground
  readonly #nodes: Nodes
  readonly #events: EventRecorder
  readonly #crashLoop: CrashLoop
  readonly #onServing: (node: string) => void
  readonly #store: ObjectStore
  readonly #timeline: Timeline
  readonly #runs = new Map<string, { current: Run; previous?: Run }>()

  constructor(ground: Ground, nodes: Nodes, events: EventRecorder, crashLoop: CrashLoop, onServing: (node: string) => void) {
    this.#ground = ground
    this.#nodes = nodes
    this.#events = events
    this.#crashLoop = crashLoop
    this.#onServing = onServing
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
    this.#events.record(pod, happening(pod, reason, message), times)
  }

  start(pod: PodObject): void {
    const node = this.#nodes.get(pod.spec?.nodeName ?? '')
    if (!node) return
    const before = this.#runs.get(pod.metadata.uid)
    const run: Run = { startedAt: this.#timeline.now(), log: [] }
    this.#runs.set(pod.metadata.uid, before ? { current: run, previous: before.current } : { current: run })
    this.#change(pod, (status) => runningContainer(status, run.startedAt, false))
    const trouble = this.#troubleOf(pod, node)
    if (trouble === undefined) this.#boot(pod, run, node, 0)
    else this.#meet(pod, run, node, trouble)
  }

  /** The first step of the start, in their order, at which something is wrong. */
  #troubleOf(pod: PodObject, { machine, launchedLater }: NodeRun): StartTrouble | undefined {
    const place = nodePlace(machine, cniVersionOf(pod), launchedLater)
    const troubles = this.#ground.faults.effects('aws-node/start', { ...place, occasion: restartsOf(pod) })
    return [...troubles].sort((one, other) => START_STEPS.indexOf(one.step) - START_STEPS.indexOf(other.step))[0]
  }

  #meet(pod: PodObject, run: Run, node: NodeRun, { step, fate, log = [], ipamdLog = [] }: StartTrouble): void {
    const seen = [...log, ...(logsToStdout(pod) ? ipamdLog.map((message) => ipamdLine(run.startedAt, message)) : [])]
    run.log = [...logUpTo(step, run.startedAt), ...seen]
    if (fate === 'hang') this.#failProbes(pod)
    else if ('exit' in fate) this.#later(SECOND, 'exit', pod, (current) => this.#exit(current, fate.exit))
    else {
      this.#failProbes(pod)
      this.#boot(pod, run, node, fate.wait)
    }
  }

  #boot(pod: PodObject, run: Run, node: NodeRun, wait: Millis): void {
    if (wait === 0) run.log = logUpTo('serving', run.startedAt)
    const attempt = restartsOf(pod)
    const delay = wait + this.#ground.span(2 * SECOND, 5 * SECOND, 'ipamd', pod.metadata.uid, attempt)
    this.#later(delay, 'serve', pod, (current) => this.#serve(current, node, run))
  }

  #serve(pod: PodObject, node: NodeRun, run: Run): void {
    for (const what of PROBING) this.#timeline.cancel(keyOfAwsNode(what, pod))
    const pool = this.#ground.network.start(node.machine.instanceId, ipamdNode(this.#store, node.machine, environmentOfPod(pod)))
    if (!pool.ok) {
      if (logsToStdout(pod)) run.log = [...run.log, ipamdLine(this.#timeline.now(), pool.reason)]
      this.#failProbes(pod)
      return
    }
    run.log = [...run.log, ...servingLog(this.#timeline.now())]
    node.ipamdServes = true
    this.#nodes.networkConfigured(node.machine.nodeName)
    this.#onServing(node.machine.nodeName)
    this.#later(SECOND, 'ready', pod, (current) => this.#change(current, (status) => ({ ...status, ready: true })))
  }

  #failProbes(pod: PodObject): void {
    const failed = probeFailure(cniVersionOf(pod))
    this.#later(6 * SECOND, 'probe-first', pod, (current) => this.#say(current, 'Unhealthy', `Readiness probe failed: ${failed}`))
    this.#later(66 * SECOND, 'probe', pod, (current) => {
      this.#say(current, 'Unhealthy', `Readiness probe failed: ${failed}`, 6)
      this.#say(current, 'Unhealthy', `Liveness probe failed: ${failed}`)
    })
    this.#later(HANG_UNTIL_KILLED, 'kill', pod, (current) => {
      this.#say(current, 'Unhealthy', `Liveness probe failed: ${failed}`, 2)
      this.#say(current, 'Killing', 'Container aws-node failed liveness probe, will be restarted')
      this.#timeline.cancel(keyOfAwsNode('serve', current))
      this.#exit(current, 2)
    })
  }

  #exit(pod: PodObject, code: number): void {
    this.#crashLoop.ended(pod, AWS_NODE_CONTAINER, { code }, (restarted) => this.start(restarted))
  }

  startAtOnce(pod: PodObject): void {
    const node = this.#nodes.get(pod.spec?.nodeName ?? '')
    if (node) node.ipamdServes = true
  }

  stop(pod: PodObject): void {
    this.#runs.delete(pod.metadata.uid)
    const node = this.#nodes.get(pod.spec?.nodeName ?? '')
    if (node) node.ipamdServes = false
  }

  log(pod: PodObject, previous: boolean): string | undefined {
    const known = this.#runs.get(pod.metadata.uid)
    const run = previous ? known?.previous : (known?.current ?? runOfBeginning(pod))
    return run && `${run.log.join('\n')}\n`
  }
}

/** Pods of the beginning have no run on record: their log follows from when they started. */
function runOfBeginning(pod: PodObject): Run | undefined {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === AWS_NODE_CONTAINER)
  const startedAt = instantOf(status?.state?.running?.startedAt)
  return startedAt === undefined ? undefined : { startedAt, log: [...logUpTo('serving', startedAt), ...servingLog(startedAt + 3 * SECOND)] }
}

function restartsOf(pod: PodObject): number {
  return pod.status?.containerStatuses?.find(({ name }) => name === AWS_NODE_CONTAINER)?.restartCount ?? 0
}

function happening(pod: PodObject, reason: string, message: string): Happening {
  const type = reason === 'Killing' ? 'Normal' : 'Warning'
  return { type, reason, message, component: 'kubelet', host: pod.spec?.nodeName ?? '', fieldPath: 'spec.containers{aws-node}' }
}

/** Probes speak TCP up to v1.22 and the unix socket from v1.23.0. */
export function probeAddress(cniVersion: string): string {
  const minor = parseMinor(/^v\d+\.\d+/.exec(cniVersion)?.[0])
  return minor !== undefined && (minor.major > 1 || minor.minor >= 23) ? 'unix:///var/run/aws-node/ipamd.sock' : ':50051'
}

function probeFailure(cniVersion: string): string {
  return `timeout: failed to connect service "${probeAddress(cniVersion)}" within 5s`
}

function logsToStdout(pod: PodObject): boolean {
  const env = pod.spec?.containers?.find(({ name }) => name === AWS_NODE_CONTAINER)?.env ?? []
  return env.some(({ name, value }) => name === 'AWS_VPC_K8S_CNI_LOG_FILE' && value === 'stdout')
}
