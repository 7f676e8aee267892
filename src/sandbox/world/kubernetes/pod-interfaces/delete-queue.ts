import { type Instant, type Millis, SECOND } from '../../../../model/instant.ts'
import type { ObjectStore } from '../../../contract.ts'
import type { BranchInterface, TrunkCalls } from '../../../network-contract.ts'
import type { Ground } from '../ground.ts'
import type { Trunk } from './trunks.ts'

/** Branches that are to be deleted, each when it has cooled. Until then they take the trunk's room. */
export interface DeleteQueue {
  /** `at once`: nobody ever used it, and the next look deletes it. */
  push(trunk: Trunk, branch: BranchInterface, when: 'cooled' | 'at once'): void
  /** The node of the branch is gone. */
  abandon(branchId: string): void
  /** What waits for a trunk goes with its node. */
  forget(trunk: Trunk): void
}

interface Waiting {
  readonly trunk: Trunk
  readonly branch: BranchInterface
  readonly dueAt: Instant
}

/** pkg/provider/branch/provider.go: the queue is looked at every 30 s; a deletion that fails is tried again. */
const LOOK: Millis = 30 * SECOND
/** After the node went, for events that come late. */
const AFTER_NODE: Millis = 60 * SECOND
const DEFAULT_COOLDOWN = 60
const SHORTEST_COOLDOWN = 30

/** `branch-eni-cooldown` of the ConfigMap kube-system/amazon-vpc-cni in seconds, at least 30 (pkg/provider/branch/cooldown). */
export function cooldownOf(store: Pick<ObjectStore, 'get'>): Millis {
  const data = store.get('ConfigMap', 'kube-system', 'amazon-vpc-cni')?.data as Record<string, string> | undefined
  const seconds = Number(data?.['branch-eni-cooldown'] ?? DEFAULT_COOLDOWN)
  return Math.max(Number.isFinite(seconds) ? seconds : DEFAULT_COOLDOWN, SHORTEST_COOLDOWN) * SECOND
}

export function createDeleteQueue({ store, timeline }: Ground, calls: TrunkCalls): DeleteQueue {
  const waiting = new Map<string, Waiting>()

  function look(): void {
    for (const [id, { trunk, branch, dueAt }] of waiting) {
      if (dueAt > timeline.now() || !calls.removeBranch(id).ok) continue
      waiting.delete(id)
      trunk.vlans.delete(branch.vlanId)
    }
    if (waiting.size > 0) schedule()
  }

  function schedule(): void {
    timeline.cancel('k8s/branch-queue')
    timeline.after(LOOK, 'k8s/branch-queue', look)
  }

  function abandon(id: string): void {
    timeline.after(AFTER_NODE, `k8s/branch-abandoned/${id}`, () => {
      if (!calls.removeBranch(id).ok) abandon(id)
    })
  }

  return {
    push(trunk, branch, when) {
      const dueAt = timeline.now() + (when === 'cooled' ? cooldownOf(store) : 0)
      waiting.set(branch.eniId, { trunk, branch, dueAt })
      if (waiting.size === 1) schedule()
    },
    abandon,
    forget(trunk) {
      for (const [id, each] of waiting) {
        if (each.trunk !== trunk) continue
        waiting.delete(id)
        abandon(id)
      }
    },
  }
}
