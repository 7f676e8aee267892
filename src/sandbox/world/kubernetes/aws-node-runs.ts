import { type IpamdLevel, ipamdLine, type Run, runOfBeginning } from './aws-node-log.ts'
import { logsToStdout } from './aws-node-pod.ts'
import type { Ground } from './ground.ts'
import type { IpamdObserver } from './ipamd-observer.ts'
import type { Nodes } from './nodes.ts'
import type { PodObject } from './objects.ts'

/** How much of ipamd.log is kept of a node. */
const MOST_LINES = 500

/** The runs of aws-node containers, the present and the one before, with what they and ipamd print. */
export function createAwsNodeRuns({ timeline }: Ground, nodes: Nodes, observers: readonly IpamdObserver[]) {
  const runs = new Map<string, { readonly current: Run; readonly previous?: Run }>()

  return {
    begin(pod: PodObject): Run {
      const before = runs.get(pod.metadata.uid)
      const current: Run = { startedAt: timeline.now(), log: [] }
      runs.set(pod.metadata.uid, { current, ...(before && { previous: before.current }) })
      return current
    },
    current(pod: PodObject): Run | undefined {
      const known = runs.get(pod.metadata.uid)
      const run = known?.current ?? runOfBeginning(pod)
      if (run !== undefined) runs.set(pod.metadata.uid, { ...known, current: run })
      return run
    },
    /** What ipamd says goes to its file, which the API does not show, or to the container's log; the node monitoring agent reads the file. */
    print(pod: PodObject, run: Run, messages: readonly string[], level: IpamdLevel = 'error'): void {
      for (const { read } of observers) for (const message of messages) read?.(pod.spec?.nodeName ?? '', message)
      const lines = messages.map((message) => ipamdLine(timeline.now(), message, level))
      const node = nodes.get(pod.spec?.nodeName ?? '')
      if (logsToStdout(pod)) run.log = [...run.log, ...lines]
      else if (node) node.ipamdLog = [...node.ipamdLog, ...lines].slice(-MOST_LINES)
    },
    text(pod: PodObject, previous: boolean): string | undefined {
      const known = runs.get(pod.metadata.uid)
      const run = previous ? known?.previous : (known?.current ?? runOfBeginning(pod))
      return run && `${run.log.join('\n')}\n`
    },
    forget: (pod: PodObject) => void runs.delete(pod.metadata.uid),
  }
}
