import type { ObjectStore } from '../../contract.ts'
import type { PodDetail } from './pod-spec.ts'

/** Priority classes that every cluster has. Source: k8s.io/kubernetes/pkg/apis/scheduling/v1/helpers.go. */
export const SYSTEM_CLASSES = [
  {
    name: 'system-cluster-critical',
    value: 2_000_000_000,
    description: 'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  },
  {
    name: 'system-node-critical',
    value: 2_000_001_000,
    description: 'Used for system critical pods that must not be moved from their current node.',
  },
] as const

/** The priority of a pod: its own, or that of its class, or 0. */
export function priorityOf(store: ObjectStore, { priority, priorityClassName }: PodDetail): number {
  if (priority !== undefined) return priority
  if (priorityClassName === undefined) return 0
  return (store.get('PriorityClass', undefined, priorityClassName) as { readonly value?: number } | undefined)?.value ?? 0
}
