import { about, automatic, matched, type Signature, says } from './definition.ts'

/** EKS gave up on the add-on for want of replicas: a symptom of whatever keeps aws-node from serving. */
export const insufficientReplicas: Signature = {
  code: 'F19',
  title: 'EKS counts too few pods of the add-on vpc-cni as available',
  source: 'https://docs.aws.amazon.com/eks/latest/APIReference/API_AddonIssue.html',
  explains: ['P10', 'P20'],
  needs: ['eks:ListAddons'],
  match({ addonIssues, cni, hung, nodes }) {
    const issues = addonIssues.filter(({ code }) => code === 'InsufficientNumberOfReplicas')
    const silent = nodes.some(({ ready }) => ready === 'Unknown')
    const failed = issues.some(({ from }) => from === 'update')
    if (issues.length > 0 && hung.length === 0 && silent && !failed)
      return { rejected: 'nodes that are not heard of explain why pods count as missing' }
    const crashing = hung.filter(({ awsNode }) => awsNode?.state === 'crashing')
    const exits = (node: (typeof hung)[number]) => node.awsNode?.containers.find(({ name }) => name === 'aws-node')?.lastExit?.code
    return matched({
      nodes: hung,
      evidence: [
        ...issues.map(({ message, from }) =>
          says(
            from === 'update' ? 3 : 2,
            'Addon/vpc-cni',
            `${from === 'update' ? 'the update failed' : (cni.addonStatus ?? 'health')}: ${message}`,
          ),
        ),
        ...(issues.length === 0 ? [] : crashing.map((node) => says(1, about(node), `aws-node ends by itself, exit ${exits(node)}`))),
      ],
    })
  },
  remedy: () =>
    automatic(
      'Read aws-node node by node, then take the add-on back to the version before.',
      undefined,
      'kubectl -n kube-system get pods -l k8s-app=aws-node -o wide',
      'serin rollback',
    ),
}
