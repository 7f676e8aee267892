import type { Story } from './lines.ts'

/** Asked once, since a start of the AWS CLI costs most of a second: `$GROUP` is the Auto Scaling group of app-b, `$INSTANCE` one of data. */
export const AWS_NAMES: Readonly<Record<string, string>> = {
  GROUP:
    'aws eks describe-nodegroup --cluster-name shop --nodegroup-name app-b --query nodegroup.resources.autoScalingGroups[0].name --output text',
  SUBNET: "aws ec2 describe-subnets --query 'Subnets[0].SubnetId' --output text",
  INSTANCE:
    "aws ec2 describe-instances --filters Name=tag:eks:nodegroup-name,Values=data --query 'Reservations[0].Instances[0].InstanceId' --output text",
}

/** Instances that no group knows, by the tag that they are given. */
const LAUNCH =
  "aws ec2 run-instances --launch-template LaunchTemplateName=shop-data --instance-type m5.large --subnet-id $SUBNET --tag-specifications 'ResourceType=instance,Tags=[{Key=drill,Value=yes}]'"
const LAUNCHED =
  "i=$(aws ec2 describe-instances --filters Name=tag:drill,Values=yes --query 'Reservations[].Instances[].InstanceId' --output text)"

/** The AWS CLI on the world `quickstart`. */
export const AWS_STORIES: readonly Story[] = [
  {
    title: 'eks, reading',
    lines: [
      { run: 'aws eks list-clusters --query clusters --output text', exactly: 'shop' },
      {
        run: "aws eks describe-cluster --name shop --query 'cluster.[version,status,platformVersion]' --output text",
        exactly: '1.33 ACTIVE eks.10',
      },
      { run: 'aws eks list-nodegroups --cluster-name shop --max-items 2', prints: ['"app-a"', '"app-b"', '"NextToken"'], hides: /canary/ },
      {
        run: "aws eks describe-nodegroup --cluster-name shop --nodegroup-name batch --query 'nodegroup.[status,version,amiType,scalingConfig.desiredSize,health.issues]' --output json",
        exactly: '[\n "ACTIVE",\n "1.32",\n "AL2023_x86_64_STANDARD",\n 3,\n []\n]',
      },
      {
        run: 'aws eks describe-nodegroup --cluster-name shop --nodegroup-name nope',
        code: 'failure',
        prints: [
          'An error occurred (ResourceNotFoundException) when calling the DescribeNodegroup operation: No node group found for name: nope.',
        ],
      },
      {
        run: "aws eks describe-addon --cluster-name shop --addon-name vpc-cni --query 'addon.[addonVersion,status,configurationValues]' --output text",
        prints: [/^v1\.20\.4-eksbuild\.2\tACTIVE\t\{.*WARM_ENI_TARGET/],
      },
      {
        run: "aws eks describe-addon-versions --addon-name kube-proxy --kubernetes-version 1.33 --query 'addons[0].addonVersions[0].addonVersion'",
        prints: [/^"v1\.33\.\d+-eksbuild\.\d+"$/m],
      },
      {
        run: "aws eks describe-cluster-versions --query 'clusterVersions[?defaultVersion].[clusterVersion,versionStatus]' --output text",
        exactly: '1.36 STANDARD_SUPPORT',
      },
      {
        run: 'aws eks update-cluster-version --name shop --kubernetes-version 1.36',
        code: 'failure',
        prints: ['InvalidParameterException', 'Unsupported Kubernetes minor version update from 1.33 to 1.36'],
      },
      { run: "aws eks list-insights --cluster-name shop --query 'length(insights)'", prints: [/^[1-9]\d*$/m] },
    ],
  },
  {
    title: 'cloudwatch',
    lines: [
      {
        run: "aws cloudwatch describe-alarms --alarm-names shop-errors nothing --query 'MetricAlarms[].[AlarmName,StateValue]' --output text",
        exactly: 'shop-errors OK',
      },
      { run: "aws cloudwatch describe-alarms --max-items 1 --page-size 1 --query 'length(MetricAlarms)'", prints: [/^1$/m] },
      {
        run: 'aws cloudwatch describe-alarms --alarm-names shop-errors --alarm-name-prefix shop',
        code: 'failure',
        prints: ['InvalidParameterCombination'],
      },
    ],
  },
  {
    title: 'eks, changing',
    lines: [
      {
        run: "aws eks update-nodegroup-version --cluster-name shop --nodegroup-name canary --query 'update.[status,type]' --output text",
        exactly: 'InProgress VersionUpdate',
      },
      {
        run: 'aws eks update-nodegroup-version --cluster-name shop --nodegroup-name canary',
        code: 'failure',
        prints: ['ResourceInUseException', 'Nodegroup cannot be updated as it is currently not in Active State'],
      },
      {
        run: "id=$(aws eks list-updates --name shop --nodegroup-name canary --query 'updateIds[0]' --output text); aws eks describe-update --name shop --nodegroup-name canary --update-id $id --query 'update.[status,type]' --output text",
        prints: [/^(InProgress|Successful)\tVersionUpdate$/m],
      },
      {
        run: "aws eks update-nodegroup-config --cluster-name shop --nodegroup-name app-a --scaling-config minSize=3,maxSize=9,desiredSize=7 --query 'update.type' --output text",
        exactly: 'ConfigUpdate',
      },
      {
        run: 'aws eks wait nodegroup-active --cluster-name shop --nodegroup-name app-a && aws eks describe-nodegroup --cluster-name shop --nodegroup-name app-a --query nodegroup.scalingConfig.desiredSize',
        exactly: '7',
      },
      {
        run: 'aws eks update-addon --cluster-name shop --addon-name coredns --addon-version v1.12.4-eksbuild.1 --resolve-conflicts PRESERVE --query update.type --output text && aws eks wait addon-active --cluster-name shop --addon-name coredns',
        exactly: 'AddonUpdate',
      },
    ],
  },
  {
    title: 'kubeconfig and token',
    lines: [
      {
        run: 'export KUBECONFIG=$(mktemp); aws eks update-kubeconfig --name shop --alias drill && kubectl config current-context && kubectl get nodes --no-headers | wc -l; rm $KUBECONFIG',
        prints: ['Added new context drill to', /^drill\n\s*2\d$/m],
      },
      { run: 'aws eks get-token --cluster-name shop --query status.token --output text', prints: [/^k8s-aws-v1\.\w+/] },
      { run: 'env -u AWS_ENDPOINT_URL aws sts get-caller-identity --query Account --output text', exactly: '111122223333' },
    ],
  },
  {
    title: 'autoscaling',
    lines: [
      {
        run: `aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names $GROUP --query 'AutoScalingGroups[].Instances[].HealthStatus' --output text`,
        exactly: 'Healthy Healthy Healthy Healthy Healthy Healthy',
      },
      {
        run: `aws autoscaling suspend-processes --auto-scaling-group-name $GROUP --scaling-processes AZRebalance && aws autoscaling resume-processes --auto-scaling-group-name $GROUP`,
        exactly: '',
      },
      {
        run: `aws autoscaling set-desired-capacity --auto-scaling-group-name $GROUP --desired-capacity 7 && sleep 0.5; aws autoscaling describe-scaling-activities --auto-scaling-group-name $GROUP --max-items 1 --query 'Activities[0].Description' --output text`,
        prints: [/^Launching a new EC2 instance: i-\w{17}$/m],
      },
      {
        run: `aws autoscaling set-desired-capacity --auto-scaling-group-name $GROUP --desired-capacity 99`,
        code: 'failure',
        prints: ['ValidationError'],
      },
      {
        run: `i=$(aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names $GROUP --query 'AutoScalingGroups[0].Instances[1].InstanceId' --output text); aws autoscaling set-instance-protection --auto-scaling-group-name $GROUP --instance-ids $i --protected-from-scale-in && aws autoscaling describe-auto-scaling-instances --instance-ids $i --query 'AutoScalingInstances[].ProtectedFromScaleIn' --output text`,
        exactly: 'True',
      },
      {
        run: `i=$(aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names $GROUP --query 'AutoScalingGroups[0].Instances[0].InstanceId' --output text); aws autoscaling terminate-instance-in-auto-scaling-group --instance-id $i --should-decrement-desired-capacity --query Activity.Description --output text`,
        prints: [/Terminating EC2 instance: i-/],
      },
    ],
  },
  {
    title: 'autoscaling, describing and refreshing',
    lines: [
      {
        run: "aws autoscaling describe-auto-scaling-groups --page-size 2 --query 'length(AutoScalingGroups)'",
        exactly: '5',
      },
      {
        run: `aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names $GROUP --query 'AutoScalingGroups[].AutoScalingGroupARN' --output text`,
        prints: [/^arn:aws:autoscaling:eu-central-1:111122223333:autoScalingGroup:[0-9a-f-]{36}:autoScalingGroupName\/eks-app-b-/],
      },
      {
        run: `aws autoscaling update-auto-scaling-group --auto-scaling-group-name $GROUP --default-cooldown 60 && aws autoscaling describe-auto-scaling-groups --auto-scaling-group-names $GROUP --query 'AutoScalingGroups[].DefaultCooldown' --output text`,
        exactly: '60',
      },
      {
        run: `aws autoscaling start-instance-refresh --auto-scaling-group-name $GROUP --preferences SkipMatching=true --query InstanceRefreshId --output text && sleep 1; aws autoscaling describe-instance-refreshes --auto-scaling-group-name $GROUP --query 'InstanceRefreshes[].[Status,PercentageComplete]' --output text`,
        prints: [/^[0-9a-f-]{36}\nSuccessful\t100$/m],
      },
      {
        run: `aws autoscaling cancel-instance-refresh --auto-scaling-group-name $GROUP`,
        code: 'failure',
        prints: ['ActiveInstanceRefreshNotFound'],
      },
    ],
  },
  {
    title: 'ec2',
    lines: [
      {
        run: "aws ec2 describe-subnets --filters Name=availability-zone,Values=eu-central-1a --query 'Subnets[].[CidrBlock,AvailableIpAddressCount]' --output text",
        prints: [/^10\.0\.0\.0\/22\t\d+$/m],
      },
      {
        run: "aws ec2 describe-instances --filters Name=tag:eks:nodegroup-name,Values=data --query 'Reservations[].Instances[].[InstanceType,State.Name]' --output text",
        exactly: 'r5.large running\nr5.large running\nr5.large running',
      },
      { run: "aws ec2 describe-instances --max-items 1 --query 'length(Reservations)'", exactly: '1' },
      {
        run: 'aws ec2 wait instance-running --instance-ids $INSTANCE',
        exactly: '',
      },
      {
        run: "aws ec2 describe-network-interfaces --filters Name=attachment.instance-id,Values=$INSTANCE --query 'NetworkInterfaces[].InterfaceType' --output text",
        prints: [/^interface/],
      },
      {
        run: "aws ec2 describe-instance-types --instance-types m5.large --query 'InstanceTypes[0].NetworkInfo.[MaximumNetworkInterfaces,Ipv4AddressesPerInterface]' --output text",
        exactly: '3 10',
      },
      {
        run: "aws ec2 describe-launch-template-versions --launch-template-name shop-data --query 'LaunchTemplateVersions[].VersionNumber' --output text",
        exactly: '2 1',
      },
      { run: 'aws ec2 describe-instances --instance-ids i-00000000000000000', code: 'failure', prints: ['InvalidInstanceID.NotFound'] },
      {
        run: "aws ec2 describe-instances --page-size 3 --filters Name=tag:eks:nodegroup-name,Values=data,batch --query 'length(Reservations)'",
        exactly: '6',
      },
    ],
  },
  {
    title: 'ec2, launching',
    lines: [
      {
        run: `${LAUNCH} --count 2 --query 'Instances[].[State.Name,InstanceType,AmiLaunchIndex]' --output text`,
        exactly: 'pending m5.large 0\npending m5.large 1',
      },
      {
        run: `${LAUNCHED} && aws ec2 wait instance-running --instance-ids $i && aws ec2 terminate-instances --instance-ids $i --query 'TerminatingInstances[].CurrentState.Name' --output text`,
        exactly: 'shutting-down shutting-down',
      },
      {
        run: `${LAUNCHED} && aws ec2 wait instance-terminated --instance-ids $i && aws ec2 describe-instances --instance-ids $i --query 'Reservations[].Instances[].State.Name' --output text`,
        exactly: 'terminated terminated',
      },
      {
        run: `${LAUNCH} --count 1 --instance-type m5.tiny`,
        code: 'failure',
        prints: ["(InvalidParameterValue) when calling the RunInstances operation: Invalid value 'm5.tiny' for InstanceType."],
      },
      {
        run: `${LAUNCH} --count 1 --dry-run`,
        code: 'failure',
        prints: ['(DryRunOperation) when calling the RunInstances operation: Request would have succeeded, but DryRun flag is set.'],
      },
    ],
  },
]

/** What takes the API server away for a while: told when nobody else is asking it. */
export const CONTROL_PLANE_STORY: Story = {
  title: 'the control plane',
  lines: [
    {
      run: 'aws eks update-cluster-version --name shop --kubernetes-version 1.34 --query update.status --output text',
      exactly: 'InProgress',
    },
    {
      run: 'aws eks update-cluster-version --name shop --kubernetes-version 1.34',
      code: 'failure',
      prints: ['ResourceInUseException', 'Cannot VersionUpdate because cluster shop currently has update'],
    },
    {
      run: "aws eks wait cluster-active --name shop && aws eks describe-cluster --name shop --query 'cluster.[version,status]' --output text",
      exactly: '1.34 ACTIVE',
    },
    { run: 'kubectl version', prints: [/Server Version: v1\.34\.\d+-eks-\w+/] },
    {
      run: `aws eks update-cluster-config --name shop --logging '{"clusterLogging":[{"types":["audit"],"enabled":true}]}' --query update.type --output text`,
      exactly: 'LoggingUpdate',
    },
    { run: "aws eks list-updates --name shop --page-size 1 --query 'length(updateIds)'", exactly: '2' },
  ],
}
