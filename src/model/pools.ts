import type { Node } from './kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from './snapshot.ts'

/** Compute that no group launches and that a run only watches: plans name it `karpenter:POOL`, `auto-mode:POOL`, `fargate:all`, `hybrid:all`. */

export type PoolKind = 'karpenter' | 'auto-mode' | 'fargate' | 'hybrid'

const NAME = /^(karpenter|auto-mode|fargate|hybrid):(.+)$/

/** What a pool's name says; undefined for anything else. */
export function poolNamed(name: string): { readonly kind: PoolKind; readonly pool: string } | undefined {
  const [, kind, pool] = NAME.exec(name) ?? []
  return kind === undefined || pool === undefined ? undefined : { kind: kind as PoolKind, pool }
}

/** The pool that a node belongs to, by the labels that EKS and Karpenter give it: https://karpenter.sh/docs/concepts/nodeclaims/ */
export function poolOf({ metadata: { labels = {} } }: Node): string | undefined {
  const type = labels['eks.amazonaws.com/compute-type']
  const pool = labels['karpenter.sh/nodepool']
  if (type === 'fargate' || type === 'hybrid') return `${type}:all`
  if (pool === undefined) return undefined
  return `${type === 'auto' ? 'auto-mode' : 'karpenter'}:${pool}`
}

/** The pools that have nodes. */
export function poolNames(snapshot: ClusterSnapshot): readonly string[] {
  return [...new Set(objectsOf<Node>(snapshot, 'Node').flatMap((node) => poolOf(node) ?? []))].sort()
}
