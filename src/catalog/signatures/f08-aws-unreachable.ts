import { byPerson, matched, type Signature, says } from './definition.ts'
import { commonScope, enabled, isBetween, isFresh, isHanging, logEvidence, missingActions } from './reading.ts'

/** The way from a subnet to EC2 or STS is a black hole. */
export const awsUnreachable: Signature = {
  code: 'F08',
  title: 'Nodes of one subnet do not reach the EC2 or STS API',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/1847',
  explains: ['F01', 'F19', 'P10', 'P20'],
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  match(facts) {
    const hanging = facts.hung.filter((node) => isHanging(node) && missingActions(node).length === 0)
    if (hanging.length === 0) return undefined
    const logged = logEvidence(hanging, /(EC2|STS|ec2|sts)[:. ].*(i\/o timeout|Client\.Timeout|deadline exceeded)/)
    const zone =
      hanging.length < 2 || !hanging.every(isFresh) ? undefined : (commonScope(hanging, facts.serving, 'zone') ?? zoneOfNew(hanging, facts))
    const silent = isBetween(facts.cni.version, '1.19.4', '1.21.1') || isBetween(facts.cni.version, '1.22.0', '1.22.0')
    const explained = hanging.some(
      ({ kubeProxy, eniConfig, identityAgent }) =>
        [kubeProxy, facts.cni.podIdentity ? identityAgent : undefined].some((agent) => agent?.containers.some(({ ready }) => !ready)) ||
        (eniConfig !== undefined && facts.eniConfigs?.includes(eniConfig) === false),
    )
    if (logged.length === 0 && (zone === undefined || explained)) return { rejected: 'the nodes that fail are not those of one zone' }
    return matched({
      nodes: hanging,
      evidence: [
        ...logged,
        ...(zone === undefined
          ? []
          : [says(2, `Zone/${zone}`, `new nodes of this zone hang, those of other zones are well: ${facts.serving.length} serve`)]),
        ...(zone !== undefined && silent
          ? [says(1, 'DaemonSet/kube-system/aws-node', `${facts.cni.version} waits for EC2 without end and says nothing`)]
          : []),
      ],
      against:
        logged.length === 0 && enabled(facts, 'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG')
          ? [says(1, 'Cluster', 'custom networking also goes by zones')]
          : [],
    })
  },
  remedy: ({ nodes }) =>
    byPerson(
      `Look at what the subnet of ${nodes[0]?.zone ?? 'these nodes'} has on its way to EC2 and STS: VPC endpoints and their security groups and policies, NAT, route tables, a proxy.`,
      'aws ec2 describe-vpc-endpoints --query "VpcEndpoints[].{service:ServiceName,state:State,subnets:SubnetIds}"',
      'aws ec2 describe-route-tables --filters Name=association.subnet-id,Values=SUBNET',
    ),
}

/** Old nodes of the zone may well serve: they spoke to EC2 before. New ones tell, if other zones have new ones that are well. */
function zoneOfNew(
  hanging: Parameters<typeof commonScope>[0],
  { serving, now }: { serving: Parameters<typeof commonScope>[0]; now: number },
): string | undefined {
  const isNew = ({ createdAt }: { readonly createdAt: number }) => now - createdAt < 3_600_000
  const fresh = serving.filter(isNew)
  return hanging.every(isNew) && fresh.length >= 2 && hanging.length >= 2 ? commonScope(hanging, fresh, 'zone') : undefined
}
