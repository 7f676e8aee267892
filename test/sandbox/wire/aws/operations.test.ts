import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
} from '@aws-sdk/client-auto-scaling'
import { CreateLaunchTemplateVersionCommand, DescribeInstancesCommand, DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  DescribeAddonVersionsCommand,
  DescribeNodegroupCommand,
  DescribeUpdateCommand,
  EKSClient,
  paginateListNodegroups,
  UpdateNodegroupVersionCommand,
} from '@aws-sdk/client-eks'
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WireError } from '../../../../src/sandbox/contract.ts'
import { handlers, START, tinyWorld } from '../tiny-world.ts'
import type { Connection, Transport } from '../transports.ts'
import { TRANSPORTS } from '../transports.ts'

const created = new Date(START)

let connection: Connection
const inputs: Record<string, unknown> = {}

/** A handler that keeps what it was asked and gives the same answer always. */
function remember(name: string, output: Record<string, unknown>) {
  return (input: Record<string, unknown>): Record<string, unknown> => {
    inputs[name] = input
    return output
  }
}

const EKS = handlers({
  DescribeNodegroup: remember('DescribeNodegroup', {
    nodegroup: {
      nodegroupName: 'ng a/b',
      createdAt: created,
      scalingConfig: { minSize: 1, maxSize: 4 },
      labels: { tier: 'web' },
      taints: [],
    },
  }),
  ListNodegroups: ({ nextToken }) => (nextToken === undefined ? { nodegroups: ['a', 'b'], nextToken: 'more' } : { nodegroups: ['c'] }),
  UpdateNodegroupVersion: remember('UpdateNodegroupVersion', {
    update: { id: 'u-1', status: 'InProgress', createdAt: created.toISOString() },
  }),
  DescribeUpdate: remember('DescribeUpdate', {
    update: { id: 'u-1', status: 'Failed', errors: [{ errorCode: 'PodEvictionFailure', resourceIds: ['n1'] }] },
  }),
  DescribeAddonVersions: remember('DescribeAddonVersions', { addons: [{ addonName: 'vpc-cni' }] }),
})

const AUTO_SCALING = handlers({
  DescribeAutoScalingGroups: remember('DescribeAutoScalingGroups', {
    AutoScalingGroups: [
      {
        AutoScalingGroupName: 'asg-a',
        MinSize: 1,
        MaxSize: 3,
        DesiredCapacity: 2,
        DefaultCooldown: 300,
        AvailabilityZones: ['eu-west-1a'],
        HealthCheckType: 'EC2',
        CreatedTime: created,
        NewInstancesProtectedFromScaleIn: false,
        Instances: [],
        Tags: [{ Key: 'k8s<>&"', Value: 'line\nbreak' }],
      },
    ],
  }),
  TerminateInstanceInAutoScalingGroup: remember('TerminateInstanceInAutoScalingGroup', {
    Activity: { ActivityId: 'act-1', AutoScalingGroupName: 'asg-a', Cause: 'asked', StartTime: created, StatusCode: 'InProgress' },
  }),
  SuspendProcesses: remember('SuspendProcesses', {}),
  StartInstanceRefresh() {
    throw new WireError(400, 'InstanceRefreshInProgressFault', 'An Instance Refresh is already in progress')
  },
})

const EC2 = handlers({
  DescribeInstances: remember('DescribeInstances', {
    Reservations: [
      {
        Instances: [
          {
            InstanceId: 'i-1',
            State: { Code: 16, Name: 'running' },
            LaunchTime: created,
            SecurityGroups: [{ GroupId: 'sg-1' }],
            StateTransitionReason: 'none',
            PublicDnsName: 'p',
          },
        ],
      },
    ],
  }),
  DescribeSubnets({ SubnetIds }) {
    if (SubnetIds !== undefined) throw new WireError(400, 'InvalidSubnetID.NotFound', "The subnet ID 'subnet-9' does not exist")
    return { Subnets: [{ SubnetId: 'subnet-1', AvailableIpAddressCount: 0, DefaultForAz: false }] }
  },
  CreateLaunchTemplateVersion: remember('CreateLaunchTemplateVersion', {
    LaunchTemplateVersion: { LaunchTemplateId: 'lt-1', VersionNumber: 4 },
  }),
})

function serveEach({ connect }: Transport): void {
  beforeEach(async () => {
    connection = await connect(
      tinyWorld({
        eks: EKS,
        autoScaling: AUTO_SCALING,
        ec2: EC2,
        sts: { GetCallerIdentity: () => ({ Account: '111122223333', Arn: 'arn:aws:iam::111122223333:user/a', UserId: 'U' }) },
        ssm: {
          GetParameter: remember('GetParameter', { Parameter: { Name: '/x', Value: 'ami-1', Version: 7, LastModifiedDate: created } }),
        },
      }),
    )
  })
  afterEach(() => connection.close())
}

describe.each(TRANSPORTS)('EKS $title', (transport) => {
  serveEach(transport)

  it('DescribeNodegroup: labels of the path, times, maps, empty lists', async () => {
    const answer = await new EKSClient(connection.aws).send(new DescribeNodegroupCommand({ clusterName: 'shop', nodegroupName: 'ng a/b' }))
    expect(inputs.DescribeNodegroup).toEqual({ clusterName: 'shop', nodegroupName: 'ng a/b' })
    expect(answer.nodegroup).toEqual({
      nodegroupName: 'ng a/b',
      createdAt: created,
      scalingConfig: { minSize: 1, maxSize: 4 },
      labels: { tier: 'web' },
      taints: [],
    })
    expect(answer.$metadata.requestId).toMatch(/^[0-9a-f]{8}-/)
  })

  it('ListNodegroups: paginated by the SDK', async () => {
    const names: string[] = []
    for await (const page of paginateListNodegroups({ client: new EKSClient(connection.aws) }, { clusterName: 'shop' }))
      names.push(...(page.nodegroups ?? []))
    expect(names).toEqual(['a', 'b', 'c'])
  })

  it('UpdateNodegroupVersion: a JSON body with structures, a time given as text', async () => {
    const input = {
      clusterName: 'shop',
      nodegroupName: 'a',
      version: '1.33',
      launchTemplate: { id: 'lt-1', version: '3' },
      force: false,
      clientRequestToken: 't',
    }
    const answer = await new EKSClient(connection.aws).send(new UpdateNodegroupVersionCommand(input))
    expect(inputs.UpdateNodegroupVersion).toEqual(input)
    expect(answer.update).toEqual({ id: 'u-1', status: 'InProgress', createdAt: created })
  })

  it('DescribeUpdate: a query parameter, errors of the update', async () => {
    const answer = await new EKSClient(connection.aws).send(
      new DescribeUpdateCommand({ name: 'shop', updateId: 'u-1', nodegroupName: 'a' }),
    )
    expect(inputs.DescribeUpdate).toEqual({ name: 'shop', updateId: 'u-1', nodegroupName: 'a' })
    expect(answer.update?.errors).toEqual([{ errorCode: 'PodEvictionFailure', resourceIds: ['n1'] }])
  })

  it('DescribeAddonVersions: numbers and lists in the query', async () => {
    await new EKSClient(connection.aws).send(
      new DescribeAddonVersionsCommand({ addonName: 'vpc-cni', kubernetesVersion: '1.33', maxResults: 5, types: ['networking', 'x'] }),
    )
    expect(inputs.DescribeAddonVersions).toEqual({
      addonName: 'vpc-cni',
      kubernetesVersion: '1.33',
      maxResults: 5,
      types: ['networking', 'x'],
    })
  })
})

describe.each(TRANSPORTS)('Auto Scaling $title', (transport) => {
  serveEach(transport)

  it('DescribeAutoScalingGroups: nested lists in, escaped text out', async () => {
    const input = { AutoScalingGroupNames: ['a', 'b'], Filters: [{ Name: 'tag:x', Values: ['1', '2'] }], MaxRecords: 10 }
    const answer = await new AutoScalingClient(connection.aws).send(new DescribeAutoScalingGroupsCommand(input))
    expect(inputs.DescribeAutoScalingGroups).toEqual(input)
    expect(answer.AutoScalingGroups?.[0]).toMatchObject({
      CreatedTime: created,
      NewInstancesProtectedFromScaleIn: false,
      Instances: [],
      Tags: [{ Key: 'k8s<>&"', Value: 'line\nbreak' }],
    })
  })

  it('TerminateInstanceInAutoScalingGroup and SuspendProcesses: a boolean in, no result out', async () => {
    const client = new AutoScalingClient(connection.aws)
    const answer = await client.send(
      new TerminateInstanceInAutoScalingGroupCommand({ InstanceId: 'i-1', ShouldDecrementDesiredCapacity: false }),
    )
    expect(inputs.TerminateInstanceInAutoScalingGroup).toEqual({ InstanceId: 'i-1', ShouldDecrementDesiredCapacity: false })
    expect(answer.Activity?.ActivityId).toBe('act-1')
    await client.send(new SuspendProcessesCommand({ AutoScalingGroupName: 'asg-a', ScalingProcesses: ['AZRebalance'] }))
    expect(inputs.SuspendProcesses).toEqual({ AutoScalingGroupName: 'asg-a', ScalingProcesses: ['AZRebalance'] })
  })
})

describe.each(TRANSPORTS)('EC2, STS and SSM $title', (transport) => {
  serveEach(transport)

  it('DescribeInstances: the irregular names of EC2', async () => {
    const input = { InstanceIds: ['i-1', 'i-2'], Filters: [{ Name: 'vpc-id', Values: ['v'] }] }
    const answer = await new EC2Client(connection.aws).send(new DescribeInstancesCommand(input))
    expect(inputs.DescribeInstances).toEqual(input)
    expect(answer.Reservations?.[0]?.Instances?.[0]).toEqual({
      InstanceId: 'i-1',
      State: { Code: 16, Name: 'running' },
      LaunchTime: created,
      SecurityGroups: [{ GroupId: 'sg-1' }],
      StateTransitionReason: 'none',
      PublicDnsName: 'p',
    })
  })

  it('CreateLaunchTemplateVersion: a deep structure', async () => {
    const data = { ImageId: 'ami-1', TagSpecifications: [{ ResourceType: 'instance' as const, Tags: [{ Key: 'k', Value: 'v' }] }] }
    const answer = await new EC2Client(connection.aws).send(
      new CreateLaunchTemplateVersionCommand({ ClientToken: 'c', LaunchTemplateId: 'lt-1', SourceVersion: '3', LaunchTemplateData: data }),
    )
    expect(inputs.CreateLaunchTemplateVersion).toEqual({
      ClientToken: 'c',
      LaunchTemplateId: 'lt-1',
      SourceVersion: '3',
      LaunchTemplateData: data,
    })
    expect(answer.LaunchTemplateVersion?.VersionNumber).toBe(4)
  })

  it('GetCallerIdentity and GetParameter: query XML without input, JSON with a target header', async () => {
    const identity = await new STSClient(connection.aws).send(new GetCallerIdentityCommand({}))
    expect(identity.Account).toBe('111122223333')
    const parameter = await new SSMClient(connection.aws).send(new GetParameterCommand({ Name: '/aws/service/eks/x' }))
    expect(inputs.GetParameter).toEqual({ Name: '/aws/service/eks/x' })
    expect(parameter.Parameter).toEqual({ Name: '/x', Value: 'ami-1', Version: 7, LastModifiedDate: created })
  })

  it('errors: the code of EC2, the name of Auto Scaling with its Fault', async () => {
    const subnets = new EC2Client(connection.aws).send(new DescribeSubnetsCommand({ SubnetIds: ['subnet-9'] }))
    await expect(subnets).rejects.toMatchObject({
      name: 'InvalidSubnetID.NotFound',
      message: "The subnet ID 'subnet-9' does not exist",
      $metadata: { httpStatusCode: 400 },
    })
    const refresh = new AutoScalingClient(connection.aws).send(new StartInstanceRefreshCommand({ AutoScalingGroupName: 'a' }))
    await expect(refresh).rejects.toMatchObject({ name: 'InstanceRefreshInProgressFault', $metadata: { httpStatusCode: 400 } })
  })
})
