import { aboutPod, automatic, matched, type Signature, says } from './definition.ts'
import { isBefore, nodesOf } from './reading.ts'

/** The CNI was set back across v1.12.1, and cannot take down what was set up before. */
export const downgradedPlugin: Signature = {
  code: 'P18',
  title: 'Pods stay Terminating: the CNI was set back, and cannot take down pods from before',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/2321',
  needs: ['kubernetes:pods', 'kubernetes:events'],
  match({ undying, cni }) {
    const pods = undying.filter(({ says: text }) => /plugin type=\\*"aws-cni\\*".*malformed vlanID in prevResult/.test(text))
    return matched({
      nodes: nodesOf(pods),
      pods,
      evidence: [
        ...pods.map((pod) => says(4, aboutPod(pod), 'FailedKillPod: failed to delete with prevResult: malformed vlanID')),
        ...(pods.length > 0 && isBefore(cni.version, '1.12.1')
          ? [says(1, 'DaemonSet/kube-system/aws-node', `vpc-cni is at ${cni.version} now`)]
          : []),
      ],
    })
  },
  remedy: () =>
    automatic(
      'Put new nodes in the place of these, or set the CNI forward again until these pods are gone.',
      'rotate-nodes',
      'serin remediate PLAN',
    ),
}
