import type { ObjectStore } from '../../contract.ts'
import type { PodDetail } from './pod-spec.ts'

/** Priority classes that every cluster has. Source: k8s.io/kubernetes/pkg/apis/scheduling/v1/helpers.go. */
const SYSTEM_CLASSES: Readonly<Record<string, number>> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
}

/** From here on a pod is critical to the system. */
export const LOWEST_CRITICAL = 2_000_000_000

/** The priority of a pod: its own, or that of its class, or 0. */
export function priorityOf(store: ObjectStore, { priority, priorityClassName }: PodDetail): number {
  if (priority !== undefined) return priority
  if (priorityClassName === undefined) return 0
  const known = SYSTEM_CLASSES[priorityClassName]
  return known ?? (store.get('PriorityClass', undefined, priorityClassName) as { readonly value?: number } | undefined)?.value ?? 0
}
