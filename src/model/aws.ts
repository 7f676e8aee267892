import type { LaunchTemplateSpecification, MixedInstancesPolicy } from './launch-source.ts'

/** AWS objects with the member names of the AWS SDK for JavaScript v3; times as ISO text. Only what Serin reads. */

export interface EksCluster {
  readonly name?: string
  readonly arn?: string
  readonly version?: string
  readonly platformVersion?: string
  readonly roleArn?: string
  readonly status?: string
  readonly endpoint?: string
  readonly certificateAuthority?: { readonly data?: string }
  readonly createdAt?: string
  readonly resourcesVpcConfig?: {
    readonly subnetIds?: readonly string[]
    readonly securityGroupIds?: readonly string[]
    readonly vpcId?: string
    readonly clusterSecurityGroupId?: string
    readonly endpointPublicAccess?: boolean
    readonly endpointPrivateAccess?: boolean
    readonly publicAccessCidrs?: readonly string[]
  }
  readonly kubernetesNetworkConfig?: { readonly ipFamily?: string; readonly serviceIpv4Cidr?: string }
  readonly health?: { readonly issues?: readonly HealthIssue[] }
  /** EKS Auto Mode. */
  readonly computeConfig?: { readonly enabled?: boolean }
  /** `STANDARD`: EKS upgrades the cluster at the end of standard support; `EXTENDED`: at that of extended support. */
  readonly upgradePolicy?: { readonly supportType?: string }
  readonly tags?: Readonly<Record<string, string>>
}

export interface HealthIssue {
  readonly code?: string
  readonly message?: string
  readonly resourceIds?: readonly string[]
}

export interface EksAddon {
  readonly addonName?: string
  readonly clusterName?: string
  readonly status?: string
  readonly addonVersion?: string
  readonly health?: { readonly issues?: readonly HealthIssue[] }
  readonly serviceAccountRoleArn?: string
  readonly configurationValues?: string
  readonly podIdentityAssociations?: readonly string[]
  readonly addonArn?: string
  readonly modifiedAt?: string
  readonly tags?: Readonly<Record<string, string>>
}

/** One `addons[]` entry of DescribeAddonVersions. */
export interface AddonListing {
  readonly addonName?: string
  readonly addonVersions?: readonly AddonVersionInfo[]
}

export interface AddonVersionInfo {
  readonly addonVersion?: string
  readonly architecture?: readonly string[]
  readonly computeTypes?: readonly string[]
  readonly compatibilities?: readonly {
    readonly clusterVersion?: string
    readonly platformVersions?: readonly string[]
    readonly defaultVersion?: boolean
  }[]
  readonly requiresConfiguration?: boolean
  readonly requiresIamPermissions?: boolean
}

/** The answer of DescribeAddonConfiguration; the schema is a JSON Schema as text. */
export interface AddonConfiguration {
  readonly addonName?: string
  readonly addonVersion?: string
  readonly configurationSchema?: string
}

export interface EksNodegroup {
  readonly nodegroupName?: string
  readonly nodegroupArn?: string
  readonly clusterName?: string
  readonly version?: string
  /** The AMI release, or the AMI id when the launch template brings a custom AMI. */
  readonly releaseVersion?: string
  readonly status?: string
  readonly amiType?: string
  readonly capacityType?: string
  readonly instanceTypes?: readonly string[]
  readonly nodeRole?: string
  readonly subnets?: readonly string[]
  readonly labels?: Readonly<Record<string, string>>
  readonly scalingConfig?: { readonly minSize?: number; readonly maxSize?: number; readonly desiredSize?: number }
  readonly updateConfig?: { readonly maxUnavailable?: number; readonly maxUnavailablePercentage?: number; readonly updateStrategy?: string }
  readonly launchTemplate?: { readonly id?: string; readonly name?: string; readonly version?: string }
  readonly resources?: { readonly autoScalingGroups?: readonly { readonly name?: string }[] }
  readonly health?: { readonly issues?: readonly HealthIssue[] }
  readonly nodeRepairConfig?: { readonly enabled?: boolean }
  readonly tags?: Readonly<Record<string, string>>
  readonly modifiedAt?: string
}

export interface AutoScalingGroup {
  readonly AutoScalingGroupName?: string
  readonly AutoScalingGroupARN?: string
  readonly MinSize?: number
  readonly MaxSize?: number
  readonly DesiredCapacity?: number
  /** `units` unless it says otherwise: what the sizes count. */
  readonly DesiredCapacityType?: string
  readonly AvailabilityZones?: readonly string[]
  readonly VPCZoneIdentifier?: string
  readonly LaunchTemplate?: LaunchTemplateSpecification
  readonly LaunchConfigurationName?: string
  readonly MixedInstancesPolicy?: MixedInstancesPolicy
  readonly NewInstancesProtectedFromScaleIn?: boolean
  /** Only while it is being deleted. */
  readonly Status?: string
  readonly Instances?: readonly AutoScalingInstance[]
  readonly WarmPoolConfiguration?: { readonly MinSize?: number; readonly PoolState?: string; readonly Status?: string }
  readonly WarmPoolSize?: number
  readonly SuspendedProcesses?: readonly { readonly ProcessName?: string; readonly SuspensionReason?: string }[]
  readonly Tags?: readonly { readonly Key?: string; readonly Value?: string; readonly PropagateAtLaunch?: boolean }[]
}

export interface AutoScalingInstance {
  readonly InstanceId?: string
  readonly AvailabilityZone?: string
  readonly LifecycleState?: string
  readonly HealthStatus?: string
  readonly InstanceType?: string
  readonly ImageId?: string
  readonly ProtectedFromScaleIn?: boolean
  readonly LaunchTemplate?: LaunchTemplateSpecification
  readonly LaunchConfigurationName?: string
}

/** One row of DescribeInstanceRefreshes. */
export interface InstanceRefresh {
  readonly InstanceRefreshId?: string
  readonly AutoScalingGroupName?: string
  readonly Status?: string
  readonly PercentageComplete?: number
  readonly StartTime?: string
}

export interface ScalingActivity {
  readonly ActivityId?: string
  readonly StatusCode?: string
  readonly StatusMessage?: string
  readonly Description?: string
  readonly Cause?: string
  readonly StartTime?: string
}

export interface LaunchTemplateVersion {
  readonly LaunchTemplateId?: string
  readonly LaunchTemplateName?: string
  readonly VersionNumber?: number
  readonly DefaultVersion?: boolean
  readonly LaunchTemplateData?: { readonly ImageId?: string; readonly InstanceType?: string }
}

export interface Subnet {
  readonly SubnetId?: string
  readonly VpcId?: string
  readonly AvailabilityZone?: string
  readonly CidrBlock?: string
  readonly AvailableIpAddressCount?: number
  readonly Tags?: readonly { readonly Key?: string; readonly Value?: string }[]
}

/** A range of a subnet that is kept back: for prefixes, or from being assigned automatically. */
export interface SubnetCidrReservation {
  readonly SubnetId?: string
  readonly Cidr?: string
  readonly ReservationType?: string
}

export interface NetworkInterface {
  readonly NetworkInterfaceId?: string
  readonly SubnetId?: string
  readonly Status?: string
  readonly Description?: string
  readonly InterfaceType?: string
  readonly PrivateIpAddresses?: readonly { readonly PrivateIpAddress?: string; readonly Primary?: boolean }[]
  readonly Ipv4Prefixes?: readonly { readonly Ipv4Prefix?: string }[]
  readonly Attachment?: { readonly InstanceId?: string; readonly DeviceIndex?: number; readonly Status?: string }
  readonly TagSet?: readonly { readonly Key?: string; readonly Value?: string }[]
}

export interface InstanceTypeInfo {
  readonly InstanceType?: string
  readonly VCpuInfo?: { readonly DefaultVCpus?: number }
  readonly MemoryInfo?: { readonly SizeInMiB?: number }
  readonly ProcessorInfo?: { readonly SupportedArchitectures?: readonly string[] }
  readonly NetworkInfo?: { readonly MaximumNetworkInterfaces?: number; readonly Ipv4AddressesPerInterface?: number }
}

/** An AMI that this account may use; one that it may not use is not described. */
export interface Image {
  readonly ImageId?: string
  readonly Name?: string
  readonly OwnerId?: string
  readonly State?: string
  readonly Public?: boolean
  readonly DeprecationTime?: string
}

/** Not of the SDK: instances of one type and market that run in the account and Region, counted while they were listed. */
export interface InstanceCount {
  readonly InstanceType?: string
  readonly InstanceLifecycle?: string
  readonly Count?: number
  readonly VCpus?: number
}

export interface Insight {
  readonly id?: string
  readonly name?: string
  readonly category?: string
  readonly kubernetesVersion?: string
  readonly lastRefreshTime?: string
  readonly insightStatus?: { readonly status?: string; readonly reason?: string }
  readonly recommendation?: string
  /** Only of insights that do not pass; DescribeInsight tells it. */
  readonly categorySpecificSummary?: {
    readonly deprecationDetails?: readonly DeprecationDetail[]
    /** EKS add-ons that do not fit the minor, with versions that do. */
    readonly addonCompatibilityDetails?: readonly { readonly name?: string; readonly compatibleVersions?: readonly string[] }[]
  }
}

export interface SecurityGroup {
  readonly GroupId?: string
  readonly GroupName?: string
  readonly VpcId?: string
}

/** A client that still asks for an API that a version no longer serves. */
export interface DeprecatedClient {
  readonly userAgent?: string
  readonly numberOfRequestsLast30Days?: number
  readonly lastRequestTime?: string
}

export interface DeprecationDetail {
  /** `/apis/flowcontrol.apiserver.k8s.io/v1beta3/flowschemas` */
  readonly usage?: string
  readonly replacedWith?: string
  readonly stopServingVersion?: string
  readonly clientStats?: readonly DeprecatedClient[]
}

export interface PodIdentityAssociation {
  readonly associationId?: string
  readonly namespace?: string
  readonly serviceAccount?: string
  readonly roleArn?: string
}

export interface EksUpdate {
  readonly id?: string
  readonly status?: string
  readonly type?: string
  readonly params?: readonly { readonly type?: string; readonly value?: string }[]
  readonly createdAt?: string
  readonly errors?: readonly { readonly errorCode?: string; readonly errorMessage?: string; readonly resourceIds?: readonly string[] }[]
  /** Not of the SDK: the group or add-on whose update this is, known from the question that was asked. */
  readonly nodegroupName?: string
  readonly addonName?: string
}

export interface Quota {
  readonly ServiceCode?: string
  readonly QuotaCode?: string
  readonly QuotaName?: string
  readonly Value?: number
}

/** The recommended AMI release of one image type and minor, as an SSM parameter. */
export interface SsmParameter {
  readonly Name?: string
  readonly Value?: string
}

/** What matters of the caller's credentials for a run that lasts hours. */
export interface Credentials {
  /** When they end; absent where they do not, or where that is not told. */
  readonly Expiration?: string
  /** They belong to a session, which ends. */
  readonly session: boolean
  /** Whoever gave them gives others before they end. */
  readonly renewable: boolean
}

export interface CallerIdentity {
  readonly Account?: string
  readonly Arn?: string
}
