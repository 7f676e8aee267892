import type { Instant, Millis } from '../../../model/instant.ts'
import { MINUTE, SECOND } from '../../../model/instant.ts'
import type { ContainerStatus } from '../../../model/kubernetes.ts'
import type { ContainerTrouble } from '../../levers.ts'
import { companionTrouble } from './aws-node-companions.ts'
import { AWS_NODE_CONTAINER, cniVersionOf, isAwsNode } from './aws-node-pod.ts'
import { commandOutcome, programOf, type Step, servesForEver } from './container-commands.ts'
import { createCarrier, createContainerLogs, logKey } from './container-programs.ts'
import { type CrashLoop, fieldPath } from './crash-loop.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import type { PodView } from './host-files.ts'
import type { Nodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { controllerOf, isTerminating, keyOf, stillThere } from './objects.ts'
import { runningContainer, statusOf, withContainer } from './pod-status.ts'
import { podSubject, workloadOf } from './pod-subject.ts'
import type { Traffic } from './pod-traffic.ts'
import { probeTrouble } from './probes.ts'

type Trouble = ContainerTrouble['fault'] | Program
type Exits = Extract<ContainerTrouble['fault'], { kind: 'exits' }>

/** A container that carries out commands, one after the other, each as it finds the network then. `foreseen`: what they would come to now. */
interface Program {
  readonly kind: 'program'
  readonly steps: readonly Step[]
  readonly foreseen: Exits
}

/** Containers that do not run as they should, or not for ever. */
export interface ContainerRuns {
  /** The trouble that a container of a pod would meet now; to end is one, also when all went well. */
  trouble(pod: PodObject, container: string): Trouble | undefined
  /** Starts a container into its trouble; `well` runs once it starts without. */
  start(pod: PodObject, container: string, trouble: Trouble, well: (pod: PodObject) => void): void
  /** The same for a pod of the beginning: it has been so for days. */
  begin(pod: PodObject, container: string, trouble: Trouble, well: (pod: PodObject) => void): void
  /** When a pod may get into trouble, or out of it, by time alone. */
  nextChange(pod: PodObject): Instant | undefined
  log(pod: PodObject, container: string, previous: boolean): string | undefined
  forget(pod: PodObject): void
}

interface Kubelet {
  readonly ground: Ground
  readonly nodes: Nodes
  readonly events: EventRecorder
  readonly crashLoop: CrashLoop
  readonly traffic: Traffic
  readonly view: PodView
}

/** The hands with which a kubelet treats one container. */
interface Hands {
  trouble(pod: PodObject, container: string): Trouble | undefined
  change(pod: PodObject, container: string, to: (status: ContainerStatus) => ContainerStatus): void
  say(pod: PodObject, container: string, reason: string, message: string, times?: number): void
  later(delay: Millis, pod: PodObject, container: string, action: (current: PodObject) => void): void
}

type Well = (pod: PodObject) => void

/** Probes of a container fail every 10 s; an event is written for the first and then once a minute for the rest. */
const FIRST_PROBE: Millis = 10 * SECOND
const PROBE_REPORT: Millis = MINUTE
/** What runs at least so long is Ready meanwhile, without a probe that says otherwise. */
const LONG_ENOUGH: Millis = 5 * SECOND
const PULL_RETRY: readonly Millis[] = [10 * SECOND, 20 * SECOND, 40 * SECOND, 80 * SECOND, 160 * SECOND, 5 * MINUTE]

export function createContainerRuns(kubelet: Kubelet): ContainerRuns {
  const { timeline } = kubelet.ground
  const hands = createHands(kubelet)
  const logs = createContainerLogs()
  const carryOut = createCarrier({ ...kubelet, logs, change: hands.change, later: hands.later })
  const turns = createTurns()
  /** Containers that run towards an end. */
  const busy = new Set<string>()

  function start(pod: PodObject, container: string, met: Trouble, well: Well): void {
    if (met.kind === 'no-image') pull(hands, pod, container, met.message, 0, (current) => again(current, container, well))
    // aws-node does its work until it ends.
    else if (met.kind === 'exits' && container === AWS_NODE_CONTAINER && isAwsNode(pod)) well(pod)
    else if (met.kind === 'exits') run(pod, container, met, well)
    else if (met.kind === 'program')
      carryOut(pod, container, met.steps, met.foreseen.after >= LONG_ENOUGH, (current) => again(current, container, well))
    else unready(pod, container, met, well)
  }

  function begin(pod: PodObject, container: string, met: Trouble, well: Well): void {
    if (met.kind === 'no-image') pullBefore(hands, pod, container, (current) => again(current, container, well))
    else if (met.kind === 'unready') unready(pod, container, met, well)
    else {
      const end = met.kind === 'program' ? met.foreseen : met
      logs.begin(pod, container, end.log ?? [])
      logs.begin(pod, container, end.log ?? [])
      kubelet.crashLoop.endedBefore(pod, container, end, (restarted) => again(restarted, container, well))
    }
  }

  function again(pod: PodObject, container: string, well: Well): void {
    const met = hands.trouble(pod, container)
    if (met === undefined) well(pod)
    else start(pod, container, met, well)
  }

  function setRunning(pod: PodObject, container: string, ready = false): void {
    const at = timeline.now()
    hands.change(pod, container, (status) => ({ ...(status.state?.running ? status : runningContainer(status, at, ready)), ready }))
  }

  function run(pod: PodObject, container: string, met: Exits, well: Well): void {
    if (busy.has(logKey(pod, container))) return
    busy.add(logKey(pod, container))
    logs.begin(pod, container, met.log ?? [])
    setRunning(pod, container, met.after >= LONG_ENOUGH)
    hands.later(met.after, pod, container, (current) => {
      busy.delete(logKey(pod, container))
      kubelet.crashLoop.ended(current, container, met, (restarted) => again(restarted, container, well))
    })
  }

  function unready(pod: PodObject, container: string, met: Extract<Trouble, { kind: 'unready' }>, well: Well): void {
    setRunning(pod, container, met.message === undefined)
    const turn = turns.next(pod, container)
    const isOver = (current: PodObject) => {
      if (!turns.is(pod, container, turn)) return true
      if (hands.trouble(current, container)?.kind === 'unready') return false
      turns.next(pod, container)
      again(current, container, well)
      return true
    }
    const report = (times: number) => (current: PodObject) => {
      if (isOver(current)) return
      if (met.message !== undefined) hands.say(current, container, 'Unhealthy', `Readiness probe failed: ${met.message}`, times)
      hands.later(PROBE_REPORT, current, container, report(PROBE_REPORT / FIRST_PROBE))
    }
    hands.later(FIRST_PROBE, pod, container, report(1))
    const { liveness } = met
    if (liveness === undefined) return
    hands.later(liveness.after, pod, container, (current) => {
      if (isOver(current)) return
      turns.next(pod, container)
      hands.say(current, container, 'Unhealthy', `Liveness probe failed: ${liveness.message}`, 3)
      hands.say(current, container, 'Killing', `Container ${container} failed liveness probe, will be restarted`)
      kubelet.crashLoop.ended(current, container, { code: 143 }, (restarted) => again(restarted, container, well))
    })
  }

  return { trouble: hands.trouble, start, begin, nextChange: kubelet.traffic.nextChange, log: logs.text, forget: logs.forget }
}

function createHands(kubelet: Kubelet): Hands {
  const { ground, nodes, events } = kubelet
  const { store, timeline } = ground
  return {
    trouble(pod, container) {
      const run = nodes.get(pod.spec?.nodeName ?? '')
      if (!run) return undefined
      const first = pod.spec?.containers?.[0]?.name
      const subject = podSubject(pod, run, isAwsNode(pod) ? cniVersionOf(pod) : ground.cniVersion())
      const pulled = ground.faults.effects('pod/run', subject).find((effect) => (effect.container ?? first) === container)?.fault
      if (pulled !== undefined) return pulled
      if (!isAwsNode(pod)) return natureOf(kubelet, pod, container)
      return companionTrouble(container, (trouble) => ground.faults.effects('node/host', subject).includes(trouble), timeline.now())
    },
    change(pod, container, to) {
      const { namespace, name } = pod.metadata
      store.update('Pod', namespace, name, (current) => withContainer(current as PodObject, container, to, timeline.now()))
    },
    say(pod, container, reason, message, times) {
      const about = { component: 'kubelet', host: pod.spec?.nodeName ?? '', fieldPath: fieldPath(pod, container) }
      events.record(pod, { type: reason === 'Killing' ? 'Normal' : 'Warning', reason, message, ...about }, times)
    },
    later(delay, pod, container, action) {
      timeline.after(delay, `k8s/container/${keyOf(pod)}/${container}`, () => {
        const current = stillThere(store, pod)
        if (current && !isTerminating(current) && !isOver(current)) action(current)
      })
    },
  }
}

/** The kubelet may have ended the whole pod: its deadline. */
function isOver({ status }: PodObject): boolean {
  return status?.phase === 'Failed' || status?.phase === 'Succeeded'
}

/** What a container does by itself: as its workload is, as its command ends, as its probes find it. */
function natureOf({ ground, traffic, view }: Kubelet, pod: PodObject, name: string): Trouble | undefined {
  const { containers = [], initContainers = [] } = pod.spec ?? {}
  const container = containers.find((each) => each.name === name)
  const known = containers[0] === container && ground.behaviours.get(`${pod.metadata.namespace}/${workloadOf(pod) ?? pod.metadata.name}`)
  if (known) return known
  const detail = container ?? initContainers.find((each) => each.name === name) ?? { name }
  const outcome = commandOutcome(view, pod, detail)
  if (outcome) return { kind: 'program', steps: programOf(detail), foreseen: { kind: 'exits', ...outcome } }
  if (container && endsByItself(pod) && !servesForEver(container))
    return { kind: 'exits', code: 0, after: ground.span(20 * SECOND, MINUTE, 'work', pod.metadata.uid) }
  return container && probeTrouble(traffic, pod, container)
}

/** What a Job is to do ends. */
function endsByItself(pod: PodObject): boolean {
  return controllerOf(pod)?.kind === 'Job'
}

/** Which run of a container an action belongs to: what was meant for a former run does nothing. */
function createTurns() {
  const turns = new Map<string, number>()
  return {
    next(pod: PodObject, container: string): number {
      const turn = (turns.get(logKey(pod, container)) ?? 0) + 1
      turns.set(logKey(pod, container), turn)
      return turn
    },
    is: (pod: PodObject, container: string, turn: number) => turns.get(logKey(pod, container)) === turn,
  }
}

/** An image that cannot be pulled, tried again with back-off until `again` finds that it can. */
function pull(hands: Hands, pod: PodObject, container: string, message: string, nth: number, again: Well): void {
  const image = statusOf(pod, container)?.image ?? ''
  const wait = (about: PodObject, reason: string, text: string) =>
    hands.change(about, container, (status) => ({ ...status, state: { waiting: { reason, message: text } } }))
  wait(pod, 'ErrImagePull', message)
  hands.say(pod, container, 'Failed', `Failed to pull image "${image}": ${message}`)
  hands.say(pod, container, 'Failed', 'Error: ErrImagePull')
  hands.later(SECOND, pod, container, (current) => {
    wait(current, 'ImagePullBackOff', `Back-off pulling image "${image}"`)
    hands.say(current, container, 'BackOff', `Back-off pulling image "${image}"`)
    hands.say(current, container, 'Failed', 'Error: ImagePullBackOff')
    hands.later(PULL_RETRY[nth] ?? 5 * MINUTE, current, container, (then) => {
      const met = hands.trouble(then, container)
      if (met?.kind === 'no-image') pull(hands, then, container, met.message, nth + 1, again)
      else again(then)
    })
  })
}

/** An image that could not be pulled for days. */
function pullBefore(hands: Hands, pod: PodObject, container: string, again: Well): void {
  const message = `Back-off pulling image "${statusOf(pod, container)?.image ?? ''}"`
  const waiting = { reason: 'ImagePullBackOff', message }
  hands.change(pod, container, (status) => ({ ...status, ready: false, started: false, state: { waiting }, lastState: {} }))
  hands.say(pod, container, 'BackOff', message, 2_000)
  hands.later(5 * MINUTE, pod, container, again)
}
