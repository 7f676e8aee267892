/** What keeps a pod where it is. */
export type HeldBy = 'budget' | 'overlapping-budgets' | 'webhook'

/** What the API server said to an eviction; what is none of these is an error of the API. */
export type EvictionAnswer =
  /** The pod goes, in its own grace period. */
  | { readonly kind: 'accepted' }
  /** There is no such pod any more, or the name belongs to another pod by now. */
  | { readonly kind: 'gone' }
  | { readonly kind: 'held'; readonly by: HeldBy; readonly message: string }
