import type { BoundPod } from '../../model/bound-pod.ts'
import type { HeldBy } from '../../model/eviction.ts'
import { type Instant, MINUTE, type Millis, SECOND } from '../../model/instant.ts'
import type { BudgetFacts } from '../../model/seen.ts'
import { budgetsByPod } from './guards.ts'

/** A node that is being emptied. */
export interface Drain {
  readonly node: string
  /** Every pod bound to it. */
  readonly pods: readonly BoundPod[]
}

/** What the API server last said to the eviction of a pod that it did not let go. */
export interface Refusal {
  readonly at: Instant
  readonly by: HeldBy
  readonly message: string
}

/** A pod that stays for now, with what keeps it and whose it is. */
export interface HeldPod {
  readonly pod: BoundPod
  readonly node: string
  readonly by: HeldBy | 'finalizer' | 'not-going'
  /** The budgets that guard it, `shop/db`. */
  readonly budgets: readonly string[]
  /** `PodDisruptionBudget shop/db allows no disruption (2 healthy, 2 wanted)` */
  readonly says: string
}

/** How the drain of one node stands. */
export interface DrainStand {
  readonly node: string
  /** To be asked to leave now; what their budgets allow is counted over all drains together. */
  readonly evict: readonly BoundPod[]
  /** Told to go, and still there. */
  readonly going: readonly BoundPod[]
  readonly held: readonly HeldPod[]
  /** Nothing is left but what a drain leaves where it is. */
  readonly ended: boolean
}

/** How long after a refusal a pod is asked again, though the budget seems to allow it: the cache lags, and webhooks take their time. */
const ASK_AGAIN: Readonly<Record<HeldBy, Millis>> = { budget: 10 * SECOND, 'overlapping-budgets': MINUTE, webhook: 30 * SECOND }
/** How long beyond its grace a pod may take before it is called stuck: the kubelet needs a moment for sandbox and volumes. */
const SLACK: Millis = 2 * MINUTE

/**
 * How the drains of some nodes stand, and which pods are to be asked to leave now. Evictions run in parallel up to what each
 * budget allows, over all nodes together, so that next to no request is refused. Pure.
 * @param refusals by the pod's uid
 */
export function drainStands(
  drains: readonly Drain[],
  budgets: readonly BudgetFacts[],
  refusals: ReadonlyMap<string, Refusal>,
  now: Instant,
): readonly DrainStand[] {
  const guardsOf = budgetsByPod(budgets)
  const left = new Map(budgets.map((budget) => [budget, budget.disruptionsAllowed]))
  return drains.map(({ node, pods }) => {
    const leaving = pods.filter(({ stays }) => stays === undefined)
    const going = leaving.filter(({ goingSince }) => goingSince !== undefined)
    const judged = leaving
      .filter(({ goingSince }) => goingSince === undefined)
      .map((pod) => ({ pod, hold: holdOf(pod, guardsOf(pod), left, refusals.get(pod.uid), now) }))
    return {
      node,
      going,
      evict: judged.filter(({ hold }) => hold === undefined).map(({ pod }) => pod),
      held: [
        ...judged.flatMap(({ pod, hold }) => (hold === undefined ? [] : [{ pod, node, ...hold }])),
        ...going.flatMap((pod) => stuck(pod, node, now)),
      ],
      ended: leaving.length === 0,
    }
  })
}

type Hold = Omit<HeldPod, 'pod' | 'node'>

/** Why a pod is not to be asked now; takes what it needs of its budget when it is. Rule: pkg/registry/core/pod/storage/eviction.go. */
function holdOf(
  pod: BoundPod,
  guards: readonly BudgetFacts[],
  left: Map<BudgetFacts, number>,
  refusal: Refusal | undefined,
  now: Instant,
): Hold | undefined {
  const budgets = guards.map(({ key }) => key)
  if (refusal !== undefined && now < refusal.at + ASK_AGAIN[refusal.by]) return { by: refusal.by, budgets, says: refusal.message }
  const [budget, ...others] = guards
  // Pods that do not run are let go without asking any budget.
  if (budget === undefined || !pod.running) return undefined
  if (others.length > 0)
    return { by: 'overlapping-budgets', budgets, says: `${listOf(budgets)} guard it together, and the API then evicts nothing` }
  if (!pod.ready && mayGoUnready(budget)) return undefined
  const headroom = left.get(budget) ?? 0
  if (headroom <= 0) return { by: 'budget', budgets, says: allowsNone(budget) }
  left.set(budget, headroom - 1)
  return undefined
}

function mayGoUnready({ sparesUnready, currentHealthy, desiredHealthy }: BudgetFacts): boolean {
  return sparesUnready === true || (desiredHealthy > 0 && currentHealthy >= desiredHealthy)
}

function allowsNone({ key, currentHealthy, desiredHealthy }: BudgetFacts): string {
  return `PodDisruptionBudget ${key} allows no disruption now (${currentHealthy} healthy, ${desiredHealthy} wanted)`
}

/** A pod that was told to go and is still there long after its grace: a finalizer keeps its object, or the kubelet does not answer. */
function stuck(pod: BoundPod, node: string, now: Instant): readonly HeldPod[] {
  const { goingSince = now, grace, finalizers } = pod
  if (now < goingSince + grace + SLACK) return []
  if (finalizers.length > 0) return [{ pod, node, by: 'finalizer', budgets: [], says: `its finalizers ${listOf(finalizers)} keep it` }]
  return [{ pod, node, by: 'not-going', budgets: [], says: 'it was told to go and its kubelet does not say that it has' }]
}

/** `pod shop/db-0 of StatefulSet/shop/db on ip-10-0-1-2: PodDisruptionBudget shop/db allows no disruption now (2 healthy, 2 wanted)` */
export function heldWords({ pod, node, says }: HeldPod): string {
  return `pod ${pod.key} of ${pod.owner ?? 'no owner'} on ${node}: ${says}`
}

function listOf(names: readonly string[]): string {
  return names.join(' and ')
}
