/** What Auto Scaling groups launch from, and hooks on the way, with the member names of the AWS SDK; only what Serin reads. */

export interface LaunchTemplateSpecification {
  readonly LaunchTemplateId?: string
  readonly LaunchTemplateName?: string
  readonly Version?: string
}

export interface MixedInstancesPolicy {
  readonly LaunchTemplate?: {
    readonly LaunchTemplateSpecification?: LaunchTemplateSpecification
    readonly Overrides?: readonly {
      readonly InstanceType?: string
      readonly WeightedCapacity?: string
      readonly LaunchTemplateSpecification?: LaunchTemplateSpecification
      readonly ImageId?: string
    }[]
  }
  readonly InstancesDistribution?: Readonly<Record<string, unknown>>
}

export interface LaunchConfiguration {
  readonly LaunchConfigurationName?: string
  readonly ImageId?: string
  readonly InstanceType?: string
}

export interface LifecycleHook {
  readonly LifecycleHookName?: string
  /** `autoscaling:EC2_INSTANCE_LAUNCHING` or `autoscaling:EC2_INSTANCE_TERMINATING` */
  readonly LifecycleTransition?: string
  readonly HeartbeatTimeout?: number
  readonly DefaultResult?: string
}
