import { MINUTE } from '../../model/instant.ts'
import { about, aboutPod, automatic, matched, type Signature, says } from './definition.ts'
import type { NodeFact } from './facts.ts'
import { pendingForBranch } from './pending.ts'
import { enabled, notSignedUp } from './reading.ts'

/** New nodes get no trunk interface, of a type of which others have one. */
export const noTrunk: Signature = {
  code: 'P21',
  title: 'New nodes get no trunk interface, though others of their type have one',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/2970',
  explains: ['P04'],
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  match(facts) {
    if (!enabled(facts, 'ENABLE_POD_ENI')) return undefined
    const withTrunk = facts.serving.filter(({ branches }) => branches !== undefined)
    const types = new Set(withTrunk.map(({ instanceType }) => instanceType))
    const lacking = facts.serving.filter(
      (node) => node.branches === undefined && facts.now - node.createdAt > 4 * MINUTE && types.has(node.instanceType),
    )
    const pending = pendingForBranch(facts)
    if (lacking.length === 0 || pending.length === 0) return undefined
    return matched({
      nodes: lacking,
      pods: pending,
      evidence: [
        ...lacking.map((node) => says(2, about(node), `advertises no branch interfaces, other nodes of type ${node.instanceType} do`)),
        ...notSignedUp(lacking),
        ...(spoken(lacking) ? [] : [says(1, 'Cluster', 'and the controller says nothing about it')]),
        ...pending.slice(0, 5).map((pod) => says(1, aboutPod(pod), pod.says)),
      ],
    })
  },
  remedy: () =>
    automatic(
      'Stop the roll; take back the group if the canary shows it. `kubectl get cninodes` tells whether aws-node asked for the trunk.',
      undefined,
      'kubectl get cninodes',
      'serin rollback',
    ),
}

function spoken(nodes: readonly NodeFact[]): boolean {
  return nodes.some(({ events }) => events.some(({ reason }) => /^(TrunkENI|NodeTrunk|Unsupported)/.test(reason)))
}
