import { aboutPod, automatic, matched, type Signature, says } from './definition.ts'
import { suspectsOf } from './p01-update-webhook.ts'
import { nodesOf, notSignedUp } from './reading.ts'

const OF_CONTROLLER = /^(SecurityGroupRequested|ResourceAllocated|BranchAllocationFailed|BranchENIAnnotationFailed)$/

/** Pods ask for a branch interface, and the controller says nothing at all. */
export const noController: Signature = {
  code: 'P03',
  title: 'Pods wait for a branch interface, and the VPC resource controller says nothing about them',
  source: 'https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/docs/troubleshooting.md',
  needs: ['kubernetes:pods', 'kubernetes:events'],
  match(facts) {
    // Of a pod whose sandbox events are there, the controller's would be there too.
    const silent = facts.stuck.filter(
      ({ asksForBranch, annotated, says: text, events }) =>
        asksForBranch && !annotated && text !== '' && !events.some(({ reason }) => OF_CONTROLLER.test(reason)),
    )
    const spoken = facts.stuck.some(({ events }) => events.some(({ reason }) => OF_CONTROLLER.test(reason)))
    if (spoken && silent.length === 0) return { rejected: 'the controller speaks of the pods that wait' }
    const remembered = facts.oldestEvent
    const forgotten = silent.every(({ createdAt }) => createdAt < remembered)
    const waiting = silent.map((pod) =>
      says(
        3,
        aboutPod(pod),
        `waits for an address${pod.node?.branches === undefined ? ' on a node without a trunk interface' : `, its node has room for ${pod.node.branches} branches`}, and no event of the controller speaks of it`,
      ),
    )
    return matched({
      nodes: nodesOf(silent),
      pods: silent,
      evidence: waiting.length === 0 ? [] : [...waiting, ...notSignedUp(nodesOf(silent))],
      against: [
        ...(forgotten && silent.length > 0
          ? [says(2, 'Cluster', 'these pods are older than any event that is left: the controller may have spoken')]
          : []),
        ...(spoken ? [says(1, 'Cluster', 'the controller does speak of other pods')] : []),
        ...suspectsOf(facts).map((subject) => says(1, subject, 'would explain it too: it may rewrite pods on UPDATE')),
      ],
    })
  },
  remedy: () =>
    automatic(
      'Put new nodes in the place of these, once; if new ones show it too, see that the trunk interface comes: the role of the cluster, the CNINode, vpc-resource-mutating-webhook.',
      'rotate-nodes',
      'kubectl get cninodes',
      'kubectl get mutatingwebhookconfiguration vpc-resource-mutating-webhook',
    ),
}
