import { MINUTE } from '../../model/instant.ts'
import { about, byPerson, matched, type Signature, says } from './definition.ts'
import { few } from './reading.ts'

const UNINITIALISED = /cni plugin not initialized|cni config uninitialized/
/** A node that joins has no network for so long. */
const JOINING = 3 * MINUTE

/** A node without network, because no aws-node comes to it. */
export const noAwsNode: Signature = {
  code: 'P20',
  title: 'No aws-node comes to these nodes, and their network is never configured',
  source: 'https://github.com/eksctl-io/eksctl/issues/8768',
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:daemonsets'],
  match({ nodes, cni, now }) {
    const bare = nodes.filter(
      ({ ready, notReadyBecause, awsNode, createdAt }) =>
        ready !== 'True' && UNINITIALISED.test(notReadyBecause) && awsNode === undefined && now - createdAt > JOINING,
    )
    return matched({
      nodes: bare,
      evidence: [
        ...bare.map((node) => says(3, about(node), 'is not Ready (cni plugin not initialized) and has no aws-node pod')),
        ...(bare.length > 0 && cni.demands.length > 0
          ? [says(2, 'DaemonSet/kube-system/aws-node', `demands of nodes: ${few(cni.demands)}`)]
          : []),
      ],
    })
  },
  remedy: () =>
    byPerson(
      'Take the affinity out of the configuration of vpc-cni, or give these nodes the label that it demands.',
      'kubectl -n kube-system get daemonset aws-node -o jsonpath={.spec.template.spec.affinity}',
      'kubectl -n kube-system describe daemonset aws-node',
    ),
}
