import { type NodeRequirement, type PodSpec, selectorMatches } from '../../model/kubernetes.ts'
import type { RehearsedNode } from './nodes.ts'

/** What of a node does not change while it lives. */
type Fixed = Pick<RehearsedNode, 'labels' | 'taints'>

/** What is against a pod on a node for as long as the node lives, as the scheduler says it; undefined where nothing is. */
export function staticMisfit(spec: PodSpec, node: Fixed): string | undefined {
  if (!isAskedFor(spec, node)) return "node(s) didn't match Pod's node affinity/selector"
  const tolerated = node.taints.every((taint) => spec.tolerations?.some((toleration) => tolerates(toleration, taint)))
  return tolerated ? undefined : 'node(s) had untolerated taint(s)'
}

/** Whether node selector and required node affinity name such a node. */
export function isAskedFor(spec: PodSpec, { labels }: Pick<Fixed, 'labels'>): boolean {
  const selected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return (
    selected && (terms === undefined || terms.some(({ matchExpressions = [] }) => matchExpressions.every((one) => satisfies(one, labels))))
  )
}

function satisfies({ key, operator, values = [] }: NodeRequirement, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[key]
  if (operator === 'Gt') return value !== undefined && Number(value) > Number(values[0])
  if (operator === 'Lt') return value !== undefined && Number(value) < Number(values[0])
  return selectorMatches({ matchExpressions: [{ key, operator, values }] }, labels)
}

type Toleration = NonNullable<PodSpec['tolerations']>[number]

function tolerates(toleration: Toleration, taint: RehearsedNode['taints'][number]): boolean {
  if (toleration.effect !== undefined && toleration.effect !== '' && toleration.effect !== taint.effect) return false
  if (toleration.key === undefined || toleration.key === '') return toleration.operator === 'Exists'
  if (toleration.key !== taint.key) return false
  return toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? '')
}
