import { about, aboutPod, automatic, byPerson, matched, type Signature, says } from './definition.ts'
import { pendingForBranch } from './pending.ts'

/** No node has room for one more branch interface. */
export const noBranchLeft: Signature = {
  code: 'P04',
  title: 'No node has room for one more branch interface',
  source: 'https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/pkg/aws/vpc/limits.go',
  needs: ['kubernetes:pods', 'kubernetes:nodes'],
  match(facts) {
    const pending = pendingForBranch(facts)
    if (pending.length === 0) return undefined
    const used = Map.groupBy(
      facts.guarded.filter(({ node, pod }) => node !== undefined && pod.status?.phase !== 'Succeeded' && pod.status?.phase !== 'Failed'),
      ({ node }) => node?.name,
    )
    const withTrunk = facts.nodes.filter(({ branches }) => branches !== undefined)
    const full = withTrunk.filter(({ name, branches = 0 }) => (used.get(name)?.length ?? 0) >= branches)
    const unsupported = facts.nodes.filter(
      (node) =>
        node.branches === undefined && (/^t\d/.test(node.instanceType ?? '') || node.events.some(({ reason }) => reason === 'Unsupported')),
    )
    if (full.length < withTrunk.length) return { rejected: 'nodes have branch interfaces left' }
    if (withTrunk.length === 0 && unsupported.length === 0) return { rejected: 'nodes lack a trunk interface that their type could have' }
    return matched({
      nodes: [...full, ...unsupported],
      pods: pending,
      evidence: [
        ...pending.slice(0, 5).map((pod) => says(2, aboutPod(pod), pod.says)),
        ...full.map((node) => says(2, about(node), `all ${node.branches} branch interfaces of ${node.instanceType} are in use`)),
        ...unsupported.map((node) => says(withTrunk.length === 0 ? 3 : 1, about(node), `${node.instanceType} has no trunk interface`)),
      ],
    })
  },
  remedy: ({ nodes }) =>
    nodes.some(({ branches }) => branches !== undefined)
      ? automatic('Wait for the cool-down of a minute if pods went just now; else more nodes, or a larger type.', undefined)
      : byPerson('Use an instance type with trunk interfaces for pods with security groups: no t type has one.'),
}
