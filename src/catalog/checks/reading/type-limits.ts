import type { EniLimits } from '../../../forecast/addresses.ts'
import type { ClusterSnapshot } from '../../../model/snapshot.ts'
import { knownInterfaceLimits } from '../../knowledge/instance-types.ts'
import type { CheckFinding } from '../definition.ts'

/** What an instance type allows: as EC2 said, else by the table here; undefined where neither knows it. */
export function limitsOf(snapshot: ClusterSnapshot, type: string): EniLimits | undefined {
  const info = snapshot.aws.instanceTypes?.find((each) => each.InstanceType === type)
  const { MaximumNetworkInterfaces: interfaces, Ipv4AddressesPerInterface: addressesPerInterface } = info?.NetworkInfo ?? {}
  if (interfaces === undefined || addressesPerInterface === undefined) return knownInterfaceLimits(type)
  return { interfaces, addressesPerInterface, vcpus: info?.VCpuInfo?.DefaultVCpus }
}

/** What is said of a group whose instance types neither EC2 nor the table told. */
export function typesUnknown(subject: string, types: readonly string[]): CheckFinding {
  const message = `How many addresses ${types.join(', ') || 'its instance type'} takes is not known: DescribeInstanceTypes was not read and the table here lacks it.`
  return {
    verdict: 'unknown',
    subject,
    message,
    remedy: 'Allow ec2:DescribeInstanceTypes (`serin permissions --read`) and take the snapshot again.',
  }
}
