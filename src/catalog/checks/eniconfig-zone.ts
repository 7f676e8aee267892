import type { CheckDefinition, CheckFinding } from './definition.ts'
import { type PodSubnet, podSubnets } from './reading/eni-configs.ts'
import { changingGroups } from './reading/nodes.ts'
import { unlessUsed, withAwsNode } from './reading/pool-settings.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** Under custom networking a node in any zone finds its ENIConfig. */
export const eniconfigZone: CheckDefinition = {
  code: 'ENICONFIG_ZONE',
  title: 'Under custom networking every zone of every node group has an ENIConfig with a subnet of that zone',
  severity: 'block',
  waivable: true,
  needs: ['ec2:DescribeSubnets', 'kubernetes:daemonsets', 'kubernetes:nodes', 'kubernetes:eniconfigs'],
  notApplicable: unlessUsed(({ customNetworking }) =>
    customNetworking ? undefined : 'Custom networking is off: AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG is not "true".',
  ),
  prevents:
    'aws-node that ends with "Failed to attach any ENIs for custom networking" on every new node of a zone: nobody made an ENIConfig for it, a label that named one was put on old nodes by hand, or its subnet is in another zone.',
  remedy:
    'Make an ENIConfig named like the zone, and `kubectl -n kube-system set env daemonset aws-node ENI_CONFIG_LABEL_DEF=topology.kubernetes.io/zone`.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/cni-custom-network-tutorial.html',
  evaluate: (input) =>
    withAwsNode(input, (daemonSet) => {
      const { snapshot, plan, intent } = input
      const groups = changingGroups(intent)
      const found = groups.flatMap((group) => podSubnets(snapshot, daemonSet, group).flatMap((each) => judge(group.name, each)))
      return foundOr(found, plan, `${count(groups.length, 'node group')}, each with an ENIConfig in every zone.`)
    }),
}

function judge(group: string, { zone, name, config, subnet }: PodSubnet): readonly CheckFinding[] {
  const subject = `NodeGroup/${group}`
  if (config === undefined)
    return [
      {
        verdict: 'block',
        subject,
        message: `A new node of ${group} in ${zone} would look for the ENIConfig ${name}, and there is none: aws-node would not start there.`,
        remedy: `See which there are: \`kubectl get eniconfigs\`; make ${name} with a subnet of ${zone} and \`kubectl apply -f\` it.`,
      },
    ]
  if (subnet === undefined)
    return [
      {
        verdict: 'unknown',
        subject,
        message: `The subnet ${config.spec?.subnet ?? '(none)'} of ENIConfig ${name}, for nodes of ${group} in ${zone}, was not found.`,
        remedy: `Look: \`aws ec2 describe-subnets --subnet-ids ${config.spec?.subnet ?? 'ID'}\`.`,
      },
    ]
  if (subnet.AvailabilityZone === zone) return []
  return [
    {
      verdict: 'block',
      subject,
      message: `ENIConfig ${name}, which nodes of ${group} in ${zone} use, names ${subnet.SubnetId} in ${subnet.AvailabilityZone}: an interface cannot be attached from another zone.`,
      remedy: `\`kubectl patch eniconfig ${name} --type=merge -p '{"spec":{"subnet":"…"}}'\` with a subnet of ${zone}.`,
    },
  ]
}
