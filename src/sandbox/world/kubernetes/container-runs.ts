import type { Millis } from '../../../model/instant.ts'
import { MINUTE, SECOND } from '../../../model/instant.ts'
import type { ContainerStatus } from '../../../model/kubernetes.ts'
import type { ContainerTrouble, Subject } from '../../levers.ts'
import { nodePlace } from '../node-place.ts'
import { cniVersionOf, isAwsNode } from './aws-node.ts'
import { type CrashLoop, fieldPath } from './crash-loop.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import type { NodeRun, Nodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { controllerOf, isTerminating, keyOf, stillThere } from './objects.ts'
import { runningContainer, statusOf, withContainer } from './pod-status.ts'

type Trouble = ContainerTrouble['fault']

/** Containers that do not run as they should. */
export interface ContainerRuns {
  /** The trouble that a container of a pod would meet now. */
  trouble(pod: PodObject, container: string): Trouble | undefined
  /** Starts a container into its trouble; `well` runs once it starts without. */
  start(pod: PodObject, container: string, trouble: Trouble, well: (pod: PodObject) => void): void
  log(pod: PodObject, container: string, previous: boolean): string | undefined
  forget(pod: PodObject): void
}

interface Kubelet {
  readonly ground: Ground
  readonly nodes: Nodes
  readonly events: EventRecorder
  readonly crashLoop: CrashLoop
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
const PULL_RETRY: readonly Millis[] = [10 * SECOND, 20 * SECOND, 40 * SECOND, 80 * SECOND, 160 * SECOND, 5 * MINUTE]

export function createContainerRuns(kubelet: Kubelet): ContainerRuns {
  const { timeline } = kubelet.ground
  const hands = createHands(kubelet)
  const logs = createContainerLogs()

  function start(pod: PodObject, container: string, met: Trouble, well: Well): void {
    if (met.kind === 'no-image') pull(hands, pod, container, met.message, 0, (current) => again(current, container, well))
    else if (met.kind === 'exits') run(pod, container, met, well)
    else unready(pod, container, met.message, well)
  }

  function again(pod: PodObject, container: string, well: Well): void {
    const met = hands.trouble(pod, container)
    if (met === undefined) well(pod)
    else start(pod, container, met, well)
  }

  function setRunning(pod: PodObject, container: string): void {
    const at = timeline.now()
    hands.change(pod, container, (status) => ({ ...(status.state?.running ? status : runningContainer(status, at, false)), ready: false }))
  }

  function run(pod: PodObject, container: string, met: Trouble & { kind: 'exits' }, well: Well): void {
    logs.begin(pod, container, met.log ?? [])
    setRunning(pod, container)
    hands.later(met.after, pod, container, (current) =>
      kubelet.crashLoop.ended(current, container, met, (restarted) => again(restarted, container, well)),
    )
  }

  function unready(pod: PodObject, container: string, message: string, well: Well): void {
    setRunning(pod, container)
    const report = (times: number) => (current: PodObject) => {
      if (hands.trouble(current, container)?.kind !== 'unready') {
        again(current, container, well)
        return
      }
      hands.say(current, container, 'Unhealthy', `Readiness probe failed: ${message}`, times)
      hands.later(PROBE_REPORT, current, container, report(PROBE_REPORT / FIRST_PROBE))
    }
    hands.later(FIRST_PROBE, pod, container, report(1))
  }

  return { trouble: hands.trouble, start, log: logs.text, forget: logs.forget }
}

function createHands({ ground, nodes, events }: Kubelet): Hands {
  const { store, timeline } = ground
  return {
    trouble(pod, container) {
      const run = nodes.get(pod.spec?.nodeName ?? '')
      if (!run) return undefined
      const first = pod.spec?.containers?.[0]?.name
      const subject = podSubject(pod, run, isAwsNode(pod) ? cniVersionOf(pod) : ground.cniVersion())
      return ground.faults.effects('pod/run', subject).find((effect) => (effect.container ?? first) === container)?.fault
    },
    change(pod, container, to) {
      const { namespace, name } = pod.metadata
      store.update('Pod', namespace, name, (current) => withContainer(current as PodObject, container, to, timeline.now()))
    },
    say(pod, container, reason, message, times) {
      const about = { component: 'kubelet', host: pod.spec?.nodeName ?? '', fieldPath: fieldPath(pod, container) }
      events.record(pod, { type: 'Warning', reason, message, ...about }, times)
    },
    later(delay, pod, container, action) {
      timeline.after(delay, `k8s/container/${keyOf(pod)}/${container}`, () => {
        const current = stillThere(store, pod)
        if (current && !isTerminating(current)) action(current)
      })
    },
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

/** What containers in trouble printed, in their current and their previous run. */
function createContainerLogs() {
  const logs = new Map<string, { current: readonly string[]; previous?: readonly string[] }>()
  return {
    begin(pod: PodObject, container: string, lines: readonly string[]): void {
      const before = logs.get(logKey(pod, container))?.current
      logs.set(logKey(pod, container), { current: lines, ...(before === undefined ? {} : { previous: before }) })
    },
    text(pod: PodObject, container: string, previous: boolean): string | undefined {
      const lines = logs.get(logKey(pod, container))
      const wanted = previous ? lines?.previous : lines?.current
      return wanted?.map((line) => `${line}\n`).join('')
    },
    forget(pod: PodObject): void {
      for (const { name } of [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])]) logs.delete(logKey(pod, name))
    },
  }
}

function logKey(pod: PodObject, container: string): string {
  return `${pod.metadata.uid}/${container}`
}

/** A pod as the selectors of faults see it. */
export function podSubject(pod: PodObject, { machine, launchedLater }: NodeRun, cniVersion: string): Subject {
  const owner = controllerOf(pod)
  const workload = owner?.kind === 'ReplicaSet' ? owner.name.replace(/-[^-]+$/, '') : owner?.name
  return {
    ...nodePlace(machine, cniVersion, launchedLater),
    namespace: pod.metadata.namespace ?? '',
    pod: pod.metadata.name,
    ...(workload === undefined ? {} : { workload }),
  }
}
