import type { Pod, Workload } from '../../model/kubernetes.ts'
import type { WorkloadFacts } from '../../model/seen.ts'
import type { Changes } from './changes.ts'
import { OwnedPods } from './owned-pods.ts'
import { sameOr } from './same-list.ts'
import { isJudgedWorkload, ownerKey, workloadFacts, workloadKey } from './workloads.ts'

interface Known {
  readonly workload: Workload
  readonly owners: readonly string[]
  readonly facts: WorkloadFacts
}

/** Workloads and the pods they own, directly or through ReplicaSets; looks only at what changed. */
export class WorkloadIndex {
  readonly #pods = new Map<string, OwnedPods>()
  readonly #touched = new Set<string>()
  readonly #known = new Map<string, Known>()
  #list: readonly WorkloadFacts[] = []
  /** The workload behind an owner: `ReplicaSet/shop/web-abc` to `Deployment/shop/web`. */
  #workloadOf: ReadonlyMap<string, string> = new Map()
  /** The other way round: the ReplicaSets of a Deployment, and every workload itself. */
  #ownersOf: ReadonlyMap<string, readonly string[]> = new Map()

  takePods({ removed, added }: Changes<Pod>): void {
    for (const pod of removed) this.#visit(pod, (owned) => owned.remove(pod))
    for (const pod of added) this.#visit(pod, (owned) => owned.add(pod))
  }

  #visit(pod: Pod, change: (owned: OwnedPods) => void): void {
    const owner = ownerKey(pod)
    if (owner === undefined) return
    const owned = this.#pods.get(owner) ?? new OwnedPods()
    this.#pods.set(owner, owned)
    change(owned)
    if (owned.isEmpty()) this.#pods.delete(owner)
    this.#touched.add(owner)
  }

  /** Takes over who owns whom. @returns whether any of it changed. */
  takeOwners(workloads: readonly Workload[]): boolean {
    const owned = workloads.map((workload): [string, string] => {
      const key = workloadKey(workload)
      return [key, (workload.kind === 'ReplicaSet' ? ownerKey(workload) : undefined) ?? key]
    })
    if (owned.length === this.#workloadOf.size && owned.every(([owner, workload]) => this.#workloadOf.get(owner) === workload)) return false
    this.#workloadOf = new Map(owned)
    const sets = Map.groupBy(owned, ([, workload]) => workload)
    this.#ownersOf = new Map([...sets].map(([workload, pairs]) => [workload, pairs.map(([owner]) => owner)]))
    return true
  }

  /** `Deployment/shop/web` for a pod of one of its ReplicaSets. */
  workloadOf(pod: Pod): string | undefined {
    const owner = ownerKey(pod)
    return owner === undefined ? undefined : (this.#workloadOf.get(owner) ?? owner)
  }

  renew(workloads: readonly Workload[]): readonly WorkloadFacts[] {
    const list = workloads.filter(isJudgedWorkload).map((workload) => this.#renewed(workload))
    this.#touched.clear()
    this.#forgetAllBut(list)
    this.#list = sameOr(this.#list, list)
    return this.#list
  }

  #renewed(workload: Workload): WorkloadFacts {
    const key = workloadKey(workload)
    const owners = this.#ownersOf.get(key) ?? NOBODY
    const known = this.#known.get(key)
    const same = known?.workload === workload && sameOr(known.owners, owners) === known.owners
    if (same && !owners.some((owner) => this.#touched.has(owner))) return known.facts
    const facts = workloadFacts(
      workload,
      owners.flatMap((owner) => this.#pods.get(owner) ?? []),
    )
    this.#known.set(key, { workload, owners, facts })
    return facts
  }

  /** A run lasts for days, and Deployments come and go. */
  #forgetAllBut(list: readonly WorkloadFacts[]): void {
    if (this.#known.size === list.length) return
    const there = new Set(list.map(({ key }) => key))
    for (const key of this.#known.keys()) if (!there.has(key)) this.#known.delete(key)
  }
}

const NOBODY: readonly string[] = []
