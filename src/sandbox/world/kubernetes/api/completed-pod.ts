import type { Taint } from '../../../../model/kubernetes.ts'
import type { ObjectStore } from '../../../contract.ts'
import { matches } from '../placement.ts'
import type { PodDetail, Toleration } from '../pod-spec.ts'
import { priorityOf } from '../priority.ts'
import type { NewObject } from './requests.ts'

/** What the API server fills into a pod's spec (k8s.io/kubernetes, pkg/apis/core/v1/defaults.go), of what clients print. */
const DEFAULTS = {
  restartPolicy: 'Always',
  dnsPolicy: 'ClusterFirst',
  schedulerName: 'default-scheduler',
  securityContext: {},
  terminationGracePeriodSeconds: 30,
  enableServiceLinks: true,
}

/** Of the plugins ServiceAccount and Priority (plugin/pkg/admission of the same). */
const OF_PLUGINS = { serviceAccountName: 'default', preemptionPolicy: 'PreemptLowerPriority' }

/** Of the plugin DefaultTolerationSeconds. */
const FOR_A_WHILE: readonly Toleration[] = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'].map((key) => ({
  ...{ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
}))

const specs = new WeakMap<PodDetail, PodDetail>()
const tolerations = new WeakMap<readonly Toleration[], readonly Toleration[]>()

/** A new pod as the API server keeps it: with defaults, service account, priority and tolerations. Pods of one template share them. */
export function completedPod<P extends NewObject>(store: ObjectStore, pod: P): P {
  const given = (pod.spec ?? {}) as PodDetail
  const known = specs.get(given)
  if (known !== undefined) return { ...pod, spec: known }
  const own = { priority: priorityOf(store, given), tolerations: tolerating(given.tolerations) }
  const spec = { ...DEFAULTS, ...OF_PLUGINS, ...given, ...own } as PodDetail
  specs.set(given, spec)
  return { ...pod, spec }
}

function tolerating(given: readonly Toleration[] = []): readonly Toleration[] {
  if (given.length === 0) return FOR_A_WHILE
  const known = tolerations.get(given)
  if (known !== undefined) return known
  const lacking = FOR_A_WHILE.filter(({ key = '', effect = '' }) => !given.some((each) => matches(each, { key, effect } as Taint)))
  const all = lacking.length === 0 ? given : [...given, ...lacking]
  tolerations.set(given, all)
  return all
}
