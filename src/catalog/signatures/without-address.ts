import type { ClusterFacts, NodeFact, PodFact, SubnetFact } from './facts.ts'

/** A subnet with so few addresses left cannot give a node another interface. */
const NEARLY_EMPTY = 4

/** Pods without a branch interface of their own that ipamd has no address for, by why their node has none. */
export function withoutAddress({ stuck }: ClusterFacts): readonly (PodFact & { readonly node: NodeFact })[] {
  return stuck.filter(
    (pod): pod is PodFact & { readonly node: NodeFact } =>
      pod.node !== undefined && !pod.asksForBranch && /failed to assign an IP address to container/.test(pod.says),
  )
}

export function isEmpty(subnet: SubnetFact | undefined): boolean {
  return subnet?.free !== undefined && subnet.free <= NEARLY_EMPTY
}

export function isSubnetEmpty({ subnet }: NodeFact): boolean {
  return isEmpty(subnet)
}

/** Prefixes are wanted, and no aligned block of sixteen is whole. */
export function isFragmented({ subnet }: NodeFact, { cni }: ClusterFacts): boolean {
  return cni.env.ENABLE_PREFIX_DELEGATION === 'true' && subnet?.wholeBlocks === 0 && (subnet.free ?? 0) > NEARLY_EMPTY
}
