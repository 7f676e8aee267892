import type { StoredObject, StoreEvent } from '../../contract.ts'
import type { Ground } from './ground.ts'
import { kubeTime } from './kube-time.ts'
import { keyOf, splitKey } from './objects.ts'

const SYNC_DELAY = 100

type Autoscaler = StoredObject & {
  readonly spec?: {
    readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string }
    readonly metrics?: readonly { readonly type?: string; readonly resource?: { readonly name?: string } }[]
  }
}

/**
 * HorizontalPodAutoscalers as they are where no metrics server answers, which is so in every world: they say how many replicas their
 * target has and that they cannot compute any other number, and scale nothing. Words: k8s.io/kubernetes, pkg/controller/podautoscaler.
 */
export function createPodAutoscalers(ground: Ground): { handle(event: StoreEvent): void } {
  const { store } = ground
  const queue = ground.queue('pod-autoscaler', SYNC_DELAY, (key) => {
    const [namespace, name] = splitKey(key)
    if (store.get('HorizontalPodAutoscaler', namespace, name) === undefined) return
    store.update('HorizontalPodAutoscaler', namespace, name, (current) => ({ ...current, status: statusOf(ground, current) }))
  })
  return {
    handle({ type, object }) {
      if (type === 'DELETED') return
      if (object.kind === 'HorizontalPodAutoscaler') queue.add(keyOf(object))
      if (object.kind !== 'Deployment' && object.kind !== 'StatefulSet') return
      for (const each of store.list('HorizontalPodAutoscaler') as readonly Autoscaler[]) if (isTarget(each, object)) queue.add(keyOf(each))
    },
  }
}

function isTarget({ metadata, spec }: Autoscaler, { kind, metadata: { namespace, name } }: StoredObject): boolean {
  return metadata.namespace === namespace && spec?.scaleTargetRef?.kind === kind && spec.scaleTargetRef.name === name
}

function statusOf({ store, timeline }: Ground, autoscaler: Autoscaler): Record<string, unknown> {
  const { metadata, spec } = autoscaler
  const { kind = '', name = '' } = spec?.scaleTargetRef ?? {}
  const target = store.get(kind, metadata.namespace, name) as { spec?: { replicas?: number }; status?: { replicas?: number } } | undefined
  const former = (autoscaler.status as { conditions?: readonly { type: string; status: string; lastTransitionTime: string }[] } | undefined)
    ?.conditions
  const condition = (type: string, status: string, reason: string, message: string) => {
    const known = former?.find((each) => each.type === type && each.status === status)
    return { type, status, reason, message, lastTransitionTime: known?.lastTransitionTime ?? kubeTime(timeline.now()) }
  }
  const resource = spec?.metrics?.find(({ type }) => type === 'Resource')?.resource?.name ?? 'cpu'
  if (target === undefined) {
    const missing = `the HPA controller was unable to get the target's current scale: ${kind.toLowerCase()}s.apps "${name}" not found`
    return { currentReplicas: 0, desiredReplicas: 0, conditions: [condition('AbleToScale', 'False', 'FailedGetScale', missing)] }
  }
  const why = `the HPA was unable to compute the replica count: failed to get ${resource} utilization: unable to get metrics for resource ${resource}: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)`
  return {
    currentReplicas: target.status?.replicas ?? 0,
    desiredReplicas: 0,
    conditions: [
      condition('AbleToScale', 'True', 'SucceededGetScale', "the HPA controller was able to get the target's current scale"),
      condition('ScalingActive', 'False', 'FailedGetResourceMetric', why),
    ],
  }
}
