import { about, byPerson, matched, type Signature, says } from './definition.ts'
import { atSubjects, enabled, few, isHanging, logEvidence } from './reading.ts'

/** Custom networking, and no ENIConfig for the node. */
export const noEniConfig: Signature = {
  code: 'F14',
  title: 'Custom networking is on, and there is no ENIConfig for these nodes',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/eniconfig/eniconfig.go',
  explains: ['F01', 'F19', 'P10', 'P20', 'F08'],
  needs: ['kubernetes:nodes', 'kubernetes:eniconfigs'],
  match(facts) {
    if (!enabled(facts, 'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG')) return undefined
    const hanging = facts.hung.filter(isHanging)
    const { eniConfigs } = facts
    const lacking = eniConfigs === undefined ? [] : hanging.filter(({ eniConfig = 'default' }) => !eniConfigs.includes(eniConfig))
    const logged = logEvidence(hanging, /Failed to attach any ENIs for custom networking|error while retrieving eniconfig/)
    const told = hanging.flatMap((node) =>
      node.events
        .filter(({ reason }) => reason === 'EniConfigNameNotFound')
        .map((event) => says(2, about(node), `event EniConfigNameNotFound: ${event.text}`)),
    )
    if (hanging.length > 0 && lacking.length === 0 && logged.length === 0)
      return { rejected: `every node has its ENIConfig (${few(eniConfigs ?? [])})` }
    return matched({
      nodes: [...new Set([...lacking, ...atSubjects(hanging, logged)])],
      evidence: [
        ...lacking.map((node) =>
          says(
            4,
            about(node),
            `goes by the ENIConfig "${node.eniConfig}", which is not there; there are: ${few(eniConfigs ?? []) || 'none'}`,
          ),
        ),
        ...logged,
        ...told,
      ],
    })
  },
  remedy: ({ nodes }) =>
    byPerson(
      `Make an ENIConfig for ${[...new Set(nodes.map(({ eniConfig }) => eniConfig ?? 'the node'))].join(', ')}, with a subnet of the node's zone; aws-node then starts by itself.`,
      'kubectl get eniconfigs -o custom-columns=NAME:.metadata.name,SUBNET:.spec.subnet',
    ),
}
