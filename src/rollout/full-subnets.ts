import { ipamdState } from '../catalog/gates/judging/ipamd-state.ts'
import type { NodeFacts, Seen } from '../model/seen.ts'
import type { Evidence } from '../model/verdict.ts'

/**
 * The subnets that have no address for the pods waiting on these nodes, when that holds for every one of the nodes; else none.
 * A node's subnets are those of its group in its zone: the CNI takes addresses of the node's own subnet only
 * (https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html). What is not known is not called full. Where ipamd was told so by
 * EC2 the count of addresses does not matter: in a fragmented subnet there are many, and no block for a prefix.
 * @param least pods that ask there at least, where those that wait are gone by now
 */
export function fullSubnetsOf(names: readonly string[], seen: Seen, least = 0): readonly Evidence[] {
  const nodes = Object.values(seen.groups).flatMap((group) => group.nodes.map((node) => ({ node, subnets: group.subnets ?? [] })))
  const failing = nodes.filter(({ node }) => names.includes(node.name))
  const full = failing.map(({ node, subnets }) => fullSubnets(node, subnets, seen, least))
  if (failing.length < names.length || full.some((evidence) => evidence.length === 0)) return []
  return [...new Map(full.flat().map((evidence) => [evidence.subject, evidence])).values()]
}

function fullSubnets(node: NodeFacts, ids: readonly string[], { subnets = {} }: Seen, least: number): readonly Evidence[] {
  const { kind, says } = ipamdState(node.awsNode?.metrics)
  if (kind === 'shortage') return [{ subject: `ipamd on ${node.name}`, says }]
  const waiting = Math.max(least, node.waitingPods.filter(({ cause }) => cause === 'cni').length)
  const inZone = ids.flatMap((id) => (subnets[id]?.zone === node.zone ? [{ id, free: subnets[id]?.free ?? 0 }] : []))
  const isFull = node.zone !== undefined && inZone.length > 0 && inZone.every(({ free }) => free < waiting)
  return isFull ? inZone.map(({ id, free }) => ({ subject: `Subnet/${id}`, says: `has ${free} free addresses in ${node.zone}` })) : []
}
