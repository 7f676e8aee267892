import type { Instant } from '../../model/instant.ts'
import type { Pod } from '../../model/kubernetes.ts'
import { podFacts } from './pod-facts.ts'
import { SortedList } from './sorted-list.ts'

/** One or two restarts heal by themselves: images, leader elections, dependencies that come up later. */
const OFTEN = 3

/** The pods of one owner, counted as they come and go. */
export class OwnedPods {
  readonly #perNode = new Map<string, number>()
  readonly #nodes = new SortedList<string>()
  readonly #notReady = new Map<Pod, Instant>()
  readonly #restarting = new Set<Pod>()
  readonly #pending = new Set<Pod>()
  #restarts = 0
  #size = 0

  add(pod: Pod): void {
    this.#size++
    const { ended, notReadySince, restarts, pending } = podFacts(pod)
    this.#restarts += restarts.sum
    if (restarts.most >= OFTEN && !ended) this.#restarting.add(pod)
    if (pending) this.#pending.add(pod)
    if (notReadySince !== undefined) this.#notReady.set(pod, notReadySince)
    if (!ended) this.#count(pod.spec?.nodeName, 1)
  }

  remove(pod: Pod): void {
    this.#size--
    this.#notReady.delete(pod)
    this.#restarts -= podFacts(pod).restarts.sum
    this.#restarting.delete(pod)
    this.#pending.delete(pod)
    if (!podFacts(pod).ended) this.#count(pod.spec?.nodeName, -1)
  }

  #count(node: string | undefined, by: 1 | -1): void {
    if (node === undefined) return
    const count = (this.#perNode.get(node) ?? 0) + by
    if (count > 0) {
      this.#perNode.set(node, count)
      this.#nodes.put(node, node)
    } else {
      this.#perNode.delete(node)
      this.#nodes.remove(node)
    }
  }

  /** Restarts of all their containers. */
  restarts(): number {
    return this.#restarts
  }

  /** Those of which a container restarts again and again. */
  restarting(): readonly Pod[] {
    return [...this.#restarting]
  }

  /** Those that are bound to no node. */
  pending(): readonly Pod[] {
    return [...this.#pending]
  }

  isEmpty(): boolean {
    return this.#size === 0
  }

  /** Names of the nodes where they stand, in order; those that have ended stand nowhere. */
  nodes(): readonly string[] {
    return this.#nodes.values()
  }

  /** Since when one of them is not Ready: the earliest; undefined when all are. */
  shortSince(): Instant | undefined {
    let earliest: Instant | undefined
    for (const since of this.#notReady.values()) if (earliest === undefined || since < earliest) earliest = since
    return earliest
  }
}
