import type { Instant, Millis } from '../../../model/instant.ts'
import { instantOf, MINUTE, SECOND } from '../../../model/instant.ts'
import type { ContainerState, ContainerStatus } from '../../../model/kubernetes.ts'
import { formatMinor, parseMinor } from '../../../model/kubernetes-minor.ts'
import type { FaultSubject, ObjectStore, Timeline } from '../../contract.ts'
import { crashedLog, healthyLog, hungLog } from './aws-node-log.ts'
import type { EventRecorder, Happening } from './events.ts'
import type { Ground } from './ground.ts'
import { kubeTime } from './kube-time.ts'
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
const BACK_OFF_FIRST: Millis = 10 * SECOND
const BACK_OFF_MAX: Millis = 5 * MINUTE

interface Run {
  readonly startedAt: Instant
  log: readonly string[]
}

export function isAwsNode(pod: PodObject): boolean {
  return (
    pod.metadata.namespace === 'kube-system' && pod.metadata.labels?.['k8s-app'] === 'aws-node' && controllerOf(pod)?.kind === 'DaemonSet'
  )
}

/** `v1.18.3-eksbuild.3`: the tag of the pod's aws-node image. */
function cniVersionOf(pod: PodObject): string {
  const image = pod.spec?.containers?.find(({ name }) => name === AWS_NODE_CONTAINER)?.image ?? ''
  return image.slice(image.lastIndexOf(':') + 1)
}

export class AwsNodes implements AwsNode {
  readonly #ground: Ground
  readonly #nodes: Nodes
  readonly #events: EventRecorder
  readonly #onServing: (node: string) => void
  readonly #store: ObjectStore
  readonly #timeline: Timeline
  readonly #runs = new Map<string, { current: Run; previous?: Run }>()

  constructor(ground: Ground, nodes: Nodes, events: EventRecorder, onServing: (node: string) => void) {
    this.#ground = ground
    this.#nodes = nodes
    this.#events = events
    this.#onServing = onServing
    this.#store = ground.store
    this.#timeline = ground.timeline
  }

  #later(delay: Millis, what: string, pod: PodObject, action: (current: PodObject, run: NodeRun) => void): void {
    this.#timeline.after(delay, `k8s/aws-node-${what}/${pod.metadata.name}`, () => {
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
    const subject = subjectOf(node, cniVersionOf(pod))
    if (this.#ground.faults.onNode('addon-crashloop', subject)) this.#crash(pod, run)
    else if (this.#ground.faults.onNode('ipam-hang', subject)) this.#hang(pod, run)
    else this.#boot(pod, run, node)
  }

  #boot(pod: PodObject, run: Run, node: NodeRun): void {
    run.log = hungLog(run.startedAt)
    const attempt = restartsOf(pod)
    this.#later(this.#ground.span(2 * SECOND, 5 * SECOND, 'ipamd', pod.metadata.uid, attempt), 'serve', pod, (current) =>
      this.#serve(current, node, run),
    )
  }

  #serve(pod: PodObject, node: NodeRun, run: Run): void {
    const pool = this.#ground.network.start(node.machine.instanceId)
    run.log = healthyLog(run.startedAt, this.#timeline.now(), pool.ok || !logsToStdout(pod) ? undefined : pool.reason)
    node.ipamdServes = true
    this.#nodes.networkConfigured(node.machine.nodeName)
    this.#onServing(node.machine.nodeName)
    this.#later(SECOND, 'ready', pod, (current) => this.#change(current, (status) => ({ ...status, ready: true })))
  }

  #hang(pod: PodObject, run: Run): void {
    run.log = hungLog(run.startedAt)
    const failed = probeFailure(cniVersionOf(pod))
    this.#later(6 * SECOND, 'probe', pod, (current) => this.#say(current, 'Unhealthy', `Readiness probe failed: ${failed}`))
    this.#later(66 * SECOND, 'probe', pod, (current) => {
      this.#say(current, 'Unhealthy', `Readiness probe failed: ${failed}`, 6)
      this.#say(current, 'Unhealthy', `Liveness probe failed: ${failed}`)
    })
    this.#later(HANG_UNTIL_KILLED, 'kill', pod, (current) => {
      this.#say(current, 'Unhealthy', `Liveness probe failed: ${failed}`, 2)
      this.#say(current, 'Killing', 'Container aws-node failed liveness probe, will be restarted')
      this.#exit(current, run, 2)
    })
  }

  #crash(pod: PodObject, run: Run): void {
    run.log = crashedLog(run.startedAt)
    this.#later(SECOND, 'crash', pod, (current) => this.#exit(current, run, 1))
  }

  /** The container ended; it starts again at once the first time, then after a back-off that doubles. */
  #exit(pod: PodObject, run: Run, exitCode: number): void {
    const delay = backOff(restartsOf(pod) + 1)
    const lastState = ended(run.startedAt, this.#timeline.now(), exitCode)
    const waiting = { reason: 'CrashLoopBackOff', message: backOffMessage(pod, delay) }
    const state = delay === 0 ? lastState : { waiting }
    this.#change(pod, (status) => ({
      ...status,
      ready: false,
      started: false,
      state,
      lastState: delay === 0 ? (status.lastState ?? {}) : lastState,
    }))
    if (delay > 0) this.#say(pod, 'BackOff', backOffEvent(pod))
    this.#later(Math.max(delay, SECOND), 'restart', pod, (current) => this.#restart(current, lastState))
  }

  #restart(pod: PodObject, lastState: ContainerState): void {
    this.#change(pod, (status) => ({ ...status, lastState, restartCount: (status.restartCount ?? 0) + 1 }))
    const current = stillThere(this.#store, pod)
    if (current) this.start(current)
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
  return startedAt === undefined ? undefined : { startedAt, log: healthyLog(startedAt, startedAt + 3 * SECOND) }
}

function restartsOf(pod: PodObject): number {
  return pod.status?.containerStatuses?.find(({ name }) => name === AWS_NODE_CONTAINER)?.restartCount ?? 0
}

/** The kubelet restarts the first time at once, then after 10 s, 20 s, … at most 5 min. */
function backOff(restart: number): Millis {
  return restart <= 1 ? 0 : Math.min(BACK_OFF_FIRST * 2 ** (restart - 2), BACK_OFF_MAX)
}

function backOffMessage(pod: PodObject, delay: Millis): string {
  const span = delay >= MINUTE ? `${Math.floor(delay / MINUTE)}m${(delay % MINUTE) / SECOND}s` : `${delay / SECOND}s`
  return `back-off ${span} restarting failed container=aws-node pod=${podId(pod)}`
}

function backOffEvent(pod: PodObject): string {
  return `Back-off restarting failed container aws-node in pod ${podId(pod)}`
}

function podId(pod: PodObject): string {
  return `${pod.metadata.name}_kube-system(${pod.metadata.uid})`
}

function ended(startedAt: Instant, finishedAt: Instant, exitCode: number): ContainerState {
  return { terminated: { exitCode, reason: 'Error', startedAt: kubeTime(startedAt), finishedAt: kubeTime(finishedAt) } }
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

function subjectOf({ machine, launchedLater }: NodeRun, cniVersion: string): FaultSubject {
  const minor = parseMinor(machine.kubeletVersion)
  const { nodeName: node, group, zone, instanceType } = machine
  return { node, group, zone, instanceType, kubeletMinor: minor ? formatMinor(minor) : '', cniVersion, launchedLater }
}
