import type { Millis } from '../../../model/instant.ts'
import type { ContainerStatus } from '../../../model/kubernetes.ts'
import type { Timeline } from '../../contract.ts'
import { advance, type Step } from './container-commands.ts'
import type { CrashLoop } from './crash-loop.ts'
import type { PodView } from './host-files.ts'
import type { PodObject } from './objects.ts'
import { runningContainer } from './pod-status.ts'

interface Carrier {
  readonly ground: { readonly timeline: Timeline }
  readonly view: PodView
  readonly crashLoop: CrashLoop
  readonly logs: ReturnType<typeof createContainerLogs>
  change(pod: PodObject, container: string, to: (status: ContainerStatus) => ContainerStatus): void
  later(delay: Millis, pod: PodObject, container: string, action: (current: PodObject) => void): void
}

type Next = (pod: PodObject) => void

/** Carries out the commands of a container, each in the time that it takes and with the network as it is then. `next`: once it has to start again. */
export function createCarrier({ ground, view, crashLoop, logs, change, later }: Carrier) {
  const busy = new Set<string>()

  function follow(steps: readonly Step[], pod: PodObject, container: string, next: Next): void {
    const said: string[] = []
    const go = (current: PodObject, at: number, code: number): void => {
      const move = advance(view, current, steps, at, code)
      // It has come to a command that nobody knows, and stays there.
      if (move === 'unknown') return
      later(move.after, current, container, (then) => {
        logs.append(then, container, move.log)
        said.push(...(move.message ?? []))
        if (move.next !== undefined) {
          go(then, move.next, move.code)
          return
        }
        busy.delete(logKey(then, container))
        crashLoop.ended(then, container, { code: move.code, message: said.map((line) => `${line}\n`).join('') }, next)
      })
    }
    go(pod, 0, 0)
  }

  return (pod: PodObject, container: string, steps: readonly Step[], ready: boolean, next: Next): void => {
    if (busy.has(logKey(pod, container))) return
    busy.add(logKey(pod, container))
    logs.begin(pod, container, [])
    const at = ground.timeline.now()
    change(pod, container, (status) => ({ ...(status.state?.running ? status : runningContainer(status, at, ready)), ready }))
    follow(steps, pod, container, next)
  }
}

/** What containers in trouble printed, in their current and their previous run. */
export function createContainerLogs() {
  const logs = new Map<string, { current: readonly string[]; previous?: readonly string[] }>()
  return {
    begin(pod: PodObject, container: string, lines: readonly string[]): void {
      const before = logs.get(logKey(pod, container))?.current
      logs.set(logKey(pod, container), { current: lines, ...(before === undefined ? {} : { previous: before }) })
    },
    append(pod: PodObject, container: string, lines: readonly string[]): void {
      const known = logs.get(logKey(pod, container))
      if (known && lines.length > 0) logs.set(logKey(pod, container), { ...known, current: [...known.current, ...lines] })
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

export function logKey(pod: PodObject, container: string): string {
  return `${pod.metadata.uid}/${container}`
}
