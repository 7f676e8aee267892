import type { NodeFacts } from '../../../model/seen.ts'

/** So many of the nodes, places (zone and type) that none stands for yet before others; beyond `most` only new places. In the order given. */
export function spread(nodes: readonly NodeFacts[], most: number, already: readonly NodeFacts[] = []): readonly NodeFacts[] {
  const placeOf = ({ zone, instanceType }: NodeFacts) => `${zone} ${instanceType}`
  const covered = new Set(already.map(placeOf))
  const chosen: NodeFacts[] = []
  for (const node of nodes) {
    if (covered.has(placeOf(node)) && already.length + chosen.length >= most) continue
    covered.add(placeOf(node))
    chosen.push(node)
  }
  return chosen
}
