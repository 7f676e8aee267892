import { z } from 'zod'
import type { Instant } from '../../../model/instant.ts'
import { HOUR, iso, MINUTE } from '../../../model/instant.ts'
import { keyedRandom } from '../../../model/keyed.ts'
import type { ContainerStatus, Pod } from '../../../model/kubernetes.ts'
import type { StoredObject } from '../../contract.ts'
import { defineFault, type Stage } from './fault.ts'
import { share } from './when.ts'

type PodObject = StoredObject & Pod

export const restartedBefore = defineFault({
  name: 'restarted-before',
  title: 'pods that are well were restarted some time ago, and their status still says so',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts',
  where: ['namespace', 'workload', 'pod'],
  parameters: {
    /** Share of the pods that it meets. */
    portion: share.default(0.2),
    /** The pod's first container unless said. */
    container: z.string().optional(),
    times: z.number().int().positive().default(2),
    code: z.number().int().min(0).max(255).default(137),
    reason: z.string().default('Error'),
  },
  begin(stage, spec) {
    for (const pod of stage.store.list('Pod') as readonly PodObject[]) {
      if (!isMeant(stage, pod) || keyedRandom(stage.seed, 'restarted-before', pod.metadata.uid) >= spec.portion) continue
      const name = spec.container ?? pod.spec?.containers?.[0]?.name
      const change = (status: ContainerStatus) => (status.name === name ? restarted(stage, pod, status, spec) : status)
      stage.store.update('Pod', pod.metadata.namespace, pod.metadata.name, (current) => {
        const { status } = current as PodObject
        return { ...current, status: { ...status, containerStatuses: (status?.containerStatuses ?? []).map(change) } }
      })
    }
    return () => {}
  },
})

function isMeant({ matches }: Stage, { metadata, status }: PodObject): boolean {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller)
  const workload = owner?.kind === 'ReplicaSet' ? owner.name.replace(/-[^-]+$/, '') : owner?.name
  const subject = { namespace: metadata.namespace ?? '', pod: metadata.name, ...(workload === undefined ? {} : { workload }) }
  return matches(subject) && (status?.containerStatuses?.every(({ state }) => state?.running !== undefined) ?? false)
}

/** It ended between two and forty hours ago, within a minute it ran again. */
function restarted(
  { seed, timeline }: Stage,
  { metadata }: PodObject,
  status: ContainerStatus,
  { times, code, reason }: { readonly times: number; readonly code: number; readonly reason: string },
): ContainerStatus {
  const draw = keyedRandom(seed, 'restarted-at', metadata.uid)
  const finished: Instant = timeline.now() - 2 * HOUR - Math.floor(draw * 38) * HOUR
  const terminated = { exitCode: code, reason, startedAt: second(finished - 3 * HOUR), finishedAt: second(finished) }
  const running = { startedAt: second(finished + MINUTE / 2) }
  return { ...status, restartCount: 1 + Math.floor(draw * times), lastState: { terminated }, state: { running } }
}

function second(instant: Instant): string {
  return `${iso(instant).slice(0, 19)}Z`
}
