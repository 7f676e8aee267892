import { about, automatic, matched, type Signature, says } from './definition.ts'
import { isHanging, lastOfIpamd, standing } from './reading.ts'

/** The umbrella: aws-node hangs at its IPAM check. A symptom; every cause that is found on the same nodes explains it. */
export const ipamdNotServing: Signature = {
  code: 'F01',
  title: 'aws-node hangs at its IPAM check, and nothing that the API shows says why',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/3224',
  explains: ['F19', 'P20'],
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  collect: ({ nodes }) => [
    ...(nodes.some((node) => lastOfIpamd(node) !== undefined)
      ? []
      : [
          `The reason stands in a file on the node: \`serin diagnose PLAN --node-logs\` where the plan has \`diagnosis.nodeLogs\`, or \`kubectl debug node/${nodes[0]?.name} -it --image=busybox -- tail -n 200 /host/var/log/aws-routed-eni/ipamd.log\`.`,
        ]),
    `Whether kube-proxy has programmed the address of the API server: \`iptables-save | grep default/kubernetes\` on ${nodes[0]?.name}.`,
  ],
  match({ hung, serving, now }) {
    const nodes = hung.filter(isHanging)
    return matched({
      nodes,
      evidence: nodes.flatMap((node) => {
        const last = lastOfIpamd(node)
        return [says(2, about(node), standing(node, now)), ...(last === undefined ? [] : [says(1, about(node), `the last of ${last}`)])]
      }),
      against: serving.length === 0 ? [says(1, 'Cluster', 'no node is left on which aws-node serves, to compare with')] : [],
    })
  },
  remedy: ({ nodes }) =>
    automatic(
      'Stop what is being rolled out and read ipamd.log of one node. If nodes that were there before are well, put new ones in the place of these, once; if those hang too, go back.',
      'rotate-nodes',
      `kubectl -n kube-system logs ${nodes[0]?.awsNode?.name ?? 'POD'} -c aws-node --previous`,
      'serin remediate PLAN',
    ),
}
