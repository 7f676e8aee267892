import type {
  Image,
  InstanceCount,
  InstanceTypeInfo,
  LaunchTemplateVersion,
  NetworkInterface,
  SecurityGroup,
  Subnet,
  SubnetCidrReservation,
} from '../model/aws.ts'

/** Amazon EC2, read only. Empty lists are refused. */
export interface Ec2 {
  /** Those that exist. */
  describeSubnets(ids: readonly string[]): Promise<readonly Subnet[]>
  /** Those that exist. */
  describeSecurityGroups(ids: readonly string[]): Promise<readonly SecurityGroup[]>
  describeNetworkInterfaces(subnetIds: readonly string[]): Promise<readonly NetworkInterface[]>
  describeInstanceTypes(types: readonly string[]): Promise<readonly InstanceTypeInfo[]>
  /** The images among these that the account may use, deprecated ones too. */
  describeImages(ids: readonly string[]): Promise<readonly Image[]>
  subnetCidrReservations(subnetId: string): Promise<readonly SubnetCidrReservation[]>
  /** Everything that starts or runs in the account and Region, counted by type and market. */
  countInstances(): Promise<readonly InstanceCount[]>
  /** Versions by number, `$Latest` or `$Default`. */
  describeLaunchTemplateVersions(templateId: string, versions: readonly string[]): Promise<readonly LaunchTemplateVersion[]>
}
