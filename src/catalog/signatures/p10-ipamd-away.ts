import { formatDuration, SECOND } from '../../model/instant.ts'
import { about, aboutPod, automatic, matched, type Signature, says } from './definition.ts'
import { nodesOf } from './reading.ts'

const AWAY =
  /AddNetwork gRPC call: rpc error: code = Unavailable|127\.0\.0\.1:50051: connect: connection refused|ipamd\.sock: connect: no such file/
/** While aws-node is replaced in place, so long is ordinary. */
const ORDINARY = 90 * SECOND

/** The plugin finds nobody at ipamd: what pods see of an aws-node that is down. */
export const ipamdAway: Signature = {
  code: 'P10',
  title: 'New pods find ipamd away on their node',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/cmd/routed-eni-cni-plugin/cni.go',
  explains: ['F01', 'F19'],
  needs: ['kubernetes:pods', 'kubernetes:events'],
  match({ stuck, now }) {
    const refused = stuck.filter(({ says: text, node }) => AWAY.test(text) && node !== undefined)
    const lasting = refused.filter(
      ({ node }) =>
        node?.awsNode !== undefined &&
        now - node.awsNode.createdAt > ORDINARY &&
        node.awsNode.state !== 'serving' &&
        node.awsNode.state !== 'recovered',
    )
    if (refused.length > 0 && lasting.length === 0)
      return { rejected: 'aws-node was replaced in place less than 90 s ago, or serves by now: pods try again' }
    const nodes = nodesOf(lasting)
    return matched({
      nodes,
      pods: lasting,
      evidence: [
        ...lasting.slice(0, 8).map((pod) => says(2, aboutPod(pod), pod.says.replace(/^.*add cmd: /, ''))),
        ...nodes.map((node) =>
          says(2, about(node), `aws-node has not served for ${formatDuration(now - (node.awsNode?.createdAt ?? now))}`),
        ),
      ],
    })
  },
  remedy: () =>
    automatic(
      'See why aws-node does not serve on these nodes; pods go on by themselves when it does. After an update of the add-on, take it back.',
      undefined,
      'kubectl -n kube-system get pods -l k8s-app=aws-node -o wide',
      'serin rollback',
    ),
}
