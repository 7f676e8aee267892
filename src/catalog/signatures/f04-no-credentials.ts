import { about, byPerson, matched, type Signature, says } from './definition.ts'
import type { NodeFact } from './facts.ts'
import { isHanging, logEvidence, missingActions } from './reading.ts'

/** aws-node has a pod identity, and nobody on the node hands out its credentials. */
export const noCredentials: Signature = {
  code: 'F04',
  title: 'Nobody hands out credentials to aws-node: the pod identity agent is not there',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3840',
  explains: ['F01', 'F19', 'P10', 'P20'],
  needs: ['kubernetes:pods'],
  match({ hung, cni }) {
    const hanging = hung.filter(isHanging)
    if (hanging.length === 0) return undefined
    const logged = logEvidence(hanging, /failed to load credentials|get credentials|169\.254\.170\.23/)
    if (!cni.podIdentity && logged.length === 0) return { rejected: 'aws-node has no pod identity' }
    const lacking = hanging.filter((node) => !isServing(node.identityAgent))
    if (lacking.length === 0 && logged.length === 0) return { rejected: 'the pod identity agent runs on the nodes that fail' }
    const evidence = cni.podIdentity
      ? lacking.map((node) =>
          says(
            4,
            about(node),
            `aws-node has a pod identity, and eks-pod-identity-agent ${node.identityAgent === undefined ? 'has no pod here' : 'is not ready here'}`,
          ),
        )
      : []
    const nodes = new Set([
      ...(cni.podIdentity ? lacking : []),
      ...hanging.filter((node) => logged.some(({ subject }) => subject === about(node))),
    ])
    return matched({
      nodes: [...nodes],
      evidence: [...evidence, ...logged],
      against: [...nodes]
        .filter((node) => missingActions(node).length > 0)
        .map((node) => says(3, about(node), 'EC2 answered aws-node, so it has credentials')),
    })
  },
  remedy: () =>
    byPerson(
      'Have eks-pod-identity-agent run on these nodes; aws-node then starts by itself.',
      'kubectl -n kube-system get pods -l app.kubernetes.io/name=eks-pod-identity-agent -o wide',
      'aws eks create-addon --cluster-name CLUSTER --addon-name eks-pod-identity-agent',
    ),
}

function isServing(agent: NodeFact['identityAgent']): boolean {
  return agent?.containers.every(({ ready }) => ready) === true
}
