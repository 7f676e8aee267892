import type { NetworkInterface } from '../../model/aws.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'

/** The tag by which ipamd marks whose an interface is. */
const INSTANCE_TAG = 'node.k8s.amazonaws.com/instance_id'

/** Interfaces of nodes that are gone do not hold addresses that the run needs. */
export const leakedInterfaces: CheckDefinition = {
  code: 'LEAKED_INTERFACES',
  title: 'No interface of a node that is gone holds addresses of a subnet',
  severity: 'warn',
  waivable: true,
  needs: ['ec2:DescribeNetworkInterfaces'],
  notApplicable: noGroupChanges,
  prevents: 'A subnet that runs dry in mid-run although its nodes need less: interfaces that their nodes left behind still hold addresses.',
  remedy:
    'Look at each, then `aws ec2 delete-network-interface --network-interface-id ID`; nothing else ever will where the sweep of aws-node is off.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#disable_leaked_eni_cleanup-v1130',
  evaluate: ({ snapshot, plan }) => {
    const interfaces = snapshot.aws.networkInterfaces ?? []
    const leaked = interfaces.filter(({ Status, TagSet }) => Status === 'available' && TagSet?.some(({ Key }) => Key === INSTANCE_TAG))
    const found = [...Map.groupBy(leaked, ({ SubnetId }) => SubnetId ?? '')].map(([subnet, all]) => warned(subnet, all))
    return foundOr(found, plan, `${count(interfaces.length, 'interface')} of the cluster, none left behind.`)
  },
}

function warned(subnet: string, leaked: readonly NetworkInterface[]): CheckFinding {
  const held = leaked.reduce((sum, each) => sum + (each.PrivateIpAddresses?.length ?? 0) + 16 * (each.Ipv4Prefixes?.length ?? 0), 0)
  const ids = leaked.map(({ NetworkInterfaceId = '' }) => NetworkInterfaceId)
  return {
    verdict: 'warn',
    subject: `Subnet/${subnet}`,
    message: `${count(leaked.length, 'interface')} of nodes that are gone hold addresses of ${subnet}, ${held} in all: ${names(ids)}.`,
    remedy: `Look at each, then \`aws ec2 delete-network-interface --network-interface-id ${ids[0]}\`.`,
  }
}
