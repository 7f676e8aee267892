import type { Instant } from '../../model/instant.ts'
import type { Pod } from '../../model/kubernetes.ts'
import { podFacts } from './pod-facts.ts'
import { SortedList } from './sorted-list.ts'

/** The pods of one owner, counted as they come and go. */
export class OwnedPods {
  readonly #perNode = new Map<string, number>()
  readonly #nodes = new SortedList<string>()
  readonly #notReady = new Map<Pod, Instant>()
  #size = 0

  add(pod: Pod): void {
    this.#size++
    const { ended, notReadySince } = podFacts(pod)
    if (notReadySince !== undefined) this.#notReady.set(pod, notReadySince)
    if (!ended) this.#count(pod.spec?.nodeName, 1)
  }

  remove(pod: Pod): void {
    this.#size--
    this.#notReady.delete(pod)
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
