import type { PodDetail } from './pod-spec.ts'

/**
 * Pods that are meant for one node and have the scheduler bind them, as those of DaemonSets. Rules:
 * ReplaceDaemonSetPodNodeNameNodeAffinity in k8s.io/kubernetes/pkg/controller/daemon/util; PreFilter of plugins/nodeaffinity.
 */

const FIELD = 'metadata.name'

/** A pod spec that asks for one node by its name, in place of whatever nodes it required before. */
export function pinnedTo<S extends PodDetail>(spec: S, node: string): S {
  const nodeSelectorTerms = [{ matchFields: [{ key: FIELD, operator: 'In', values: [node] }] }]
  const nodeAffinity = { ...spec.affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } }
  return { ...spec, affinity: { ...spec.affinity, nodeAffinity } }
}

/** The one node that a pod spec asks for by name; undefined when it does not. */
export function pinnedNode(spec: PodDetail | undefined): string | undefined {
  const terms = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  const [field, ...others] = terms?.length === 1 ? (terms[0]?.matchFields ?? []) : []
  const named = field?.key === FIELD && field.operator === 'In' && others.length === 0 && field.values?.length === 1
  return named ? field.values?.[0] : undefined
}
