import type { LabelSelector, Taint } from '../../../model/kubernetes.ts'
import { selectorMatches } from '../../../model/kubernetes.ts'
import type { NodeObject } from './objects.ts'
import type { NodeSelectorTerm, PodDetail, Toleration } from './pod-spec.ts'

/** Which nodes a pod may stand on by name, labels and taints: the part of scheduling that does not change with load. */

/** Why a pod may not stand on a node, in the scheduler's words; undefined when it may. */
export type Obstacle = string | undefined

const CORDON = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const

/** In the order of the scheduler's filters: NodeUnschedulable, NodeName, TaintToleration, NodeAffinity. */
export function obstacle(spec: PodDetail, node: NodeObject): Obstacle {
  if (node.spec?.unschedulable && !tolerates(spec, CORDON)) return 'node(s) were unschedulable'
  if (spec.nodeName !== undefined && spec.nodeName !== node.metadata.name) return "node(s) didn't match the requested node name"
  const taint = (node.spec?.taints ?? []).find((each) => each.effect !== 'PreferNoSchedule' && !tolerates(spec, each))
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`
  return selects(spec, node) ? undefined : "node(s) didn't match Pod's node affinity/selector"
}

/** `nodeSelector` and required node affinity. */
export function selects(spec: PodDetail, node: NodeObject): boolean {
  const labels = node.metadata.labels ?? {}
  if (!Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return terms === undefined || terms.some((term) => nodeTermMatches(term, node))
}

/** A term without anything in it matches no node. */
export function nodeTermMatches({ matchExpressions = [], matchFields = [] }: NodeSelectorTerm, node: NodeObject): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  const fields = { 'metadata.name': node.metadata.name }
  return matchExpressions.every((e) => requires(e, node.metadata.labels ?? {})) && matchFields.every((e) => requires(e, fields))
}

type Requirement = NonNullable<LabelSelector['matchExpressions']>[number]

function requires(requirement: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const { key, operator, values = [] } = requirement
  if (operator !== 'Gt' && operator !== 'Lt') return selectorMatches({ matchExpressions: [requirement] }, labels)
  const [value, bound] = [Number.parseInt(labels[key] ?? '', 10), Number.parseInt(values[0] ?? '', 10)]
  return operator === 'Gt' ? value > bound : value < bound
}

export function tolerates(spec: PodDetail, taint: Taint): boolean {
  return (spec.tolerations ?? []).some((toleration) => matches(toleration, taint))
}

/** Rule: ToleratesTaint in k8s.io/api/core/v1/toleration.go. */
export function matches({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false
  if (key === undefined || key === '') return operator === 'Exists'
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''))
}
