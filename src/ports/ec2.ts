import type { InstanceTypeInfo, LaunchTemplateVersion, NetworkInterface, Subnet } from '../model/aws.ts'

/** Amazon EC2, read only. Empty lists are refused. */
export interface Ec2 {
  describeSubnets(ids: readonly string[]): Promise<readonly Subnet[]>
  describeNetworkInterfaces(subnetIds: readonly string[]): Promise<readonly NetworkInterface[]>
  describeInstanceTypes(types: readonly string[]): Promise<readonly InstanceTypeInfo[]>
  /** Versions by number, `$Latest` or `$Default`. */
  describeLaunchTemplateVersions(templateId: string, versions: readonly string[]): Promise<readonly LaunchTemplateVersion[]>
}
