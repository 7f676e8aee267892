import { describe, expect, it } from 'vitest'
import { createAccount } from '../../src/adapters/account/account.ts'
import { createAutoScaling } from '../../src/adapters/auto-scaling/auto-scaling.ts'
import { createCloudWatch } from '../../src/adapters/cloud-watch/cloud-watch.ts'
import { createEc2 } from '../../src/adapters/ec2/ec2.ts'
import { createEks } from '../../src/adapters/eks/eks.ts'
import { awsStub, eksError, json, xml } from './support/aws-stub.ts'
import { rejection } from './support/rejection.ts'

describe('EKS', () => {
  it('reads every page, with the token of the page before', async () => {
    const { eks, caller, asked } = awsStub(
      json({ nodegroups: ['a', 'b'], nextToken: 'more' }),
      json({ nodegroups: ['c'], nextToken: null }),
    )
    expect(await createEks(eks, caller).listNodegroups('shop')).toEqual(['a', 'b', 'c'])
    expect(asked.map(({ query }) => query.nextToken)).toEqual([undefined, 'more'])
  })

  it('takes a token that comes back again for a broken answer, not for one more page', async () => {
    const { eks, caller } = awsStub(json({ nodegroups: ['a'], nextToken: 'same' }))
    expect(await rejection(createEks(eks, caller).listNodegroups('shop'))).toMatchObject({ code: 'REMOTE_MALFORMED' })
  })

  it('brings together the versions of one add-on over all pages', async () => {
    const page = (version: string, nextToken?: string) =>
      json({ addons: [{ addonName: 'vpc-cni', addonVersions: [{ addonVersion: version }] }], nextToken })
    const { eks, caller } = awsStub(page('v2', 'more'), page('v1'))
    expect(await createEks(eks, caller).describeAddonVersions('vpc-cni')).toEqual({
      addonName: 'vpc-cni',
      addonVersions: [{ addonVersion: 'v2' }, { addonVersion: 'v1' }],
    })
  })

  it('answers undefined for an add-on that EKS does not manage', async () => {
    const { eks, caller } = awsStub(eksError(404, 'ResourceNotFoundException'))
    expect(await createEks(eks, caller).describeAddon('shop', 'vpc-cni')).toBeUndefined()
  })

  it.each([
    ['newest first', ['u-3', 'u-2', 'u-1']],
    ['oldest first', ['u-1', 'u-2', 'u-3']],
  ])('gives updates newest first when the API lists them %s', async (_title, updateIds) => {
    const { eks, caller } = awsStub(({ path }) =>
      path.endsWith('/updates')
        ? json({ updateIds })
        : json({ update: { id: path.slice(-3), status: 'Successful', createdAt: Number(path.slice(-1)) } }),
    )
    expect(await createEks(eks, caller).listUpdates('shop', { nodegroup: 'app-a' })).toEqual(['u-3', 'u-2', 'u-1'])
  })

  it.each([
    { status: 'InProgress', asks: 2 },
    { status: 'Cancelling', asks: 2 },
    { status: 'Successful', asks: 1 },
    { status: 'Failed', asks: 1 },
  ])('asks $asks times for an update that is looked at twice and $status', async ({ status, asks }) => {
    const { eks, caller, asked } = awsStub(() => json({ update: { id: 'u-1', status, createdAt: 1 } }))
    const { describeUpdate } = createEks(eks, caller)
    const [first, second] = [await describeUpdate('shop', 'u-1', {}), await describeUpdate('shop', 'u-1', {})]
    expect(second).toEqual(first)
    expect(asked).toHaveLength(asks)
  })

  it('asks once for the schema of an add-on version, and again after it could not be read', async () => {
    const answer = { addonName: 'vpc-cni', addonVersion: 'v1', configurationSchema: '{}' }
    const { eks, caller, asked } = awsStub(eksError(403, 'AccessDeniedException'), json(answer))
    const { describeAddonConfiguration } = createEks(eks, caller)
    await rejection(describeAddonConfiguration('vpc-cni', 'v1'))
    await describeAddonConfiguration('vpc-cni', 'v1')
    expect(await describeAddonConfiguration('vpc-cni', 'v1')).toMatchObject(answer)
    expect(asked).toHaveLength(2)
  })

  it('says of which group or add-on an update is', async () => {
    const { eks, caller, asked } = awsStub(json({ update: { id: 'u-1', status: 'Cancelling', createdAt: 1 } }))
    const update = await createEks(eks, caller).describeUpdate('shop', 'u-1', { addon: 'vpc-cni' })
    expect(update).toEqual({ id: 'u-1', status: 'Cancelling', createdAt: '1970-01-01T00:00:01.000Z', addonName: 'vpc-cni' })
    expect(asked[0]?.query).toEqual({ addonName: 'vpc-cni' })
  })
})

const groupsXml = (names: readonly string[], token = '') =>
  xml(
    `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>${names
      .map((name) => `<member><AutoScalingGroupName>${name}</AutoScalingGroupName><MinSize>1</MinSize></member>`)
      .join('')}</AutoScalingGroups>${token}</DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`,
  )

describe('Auto Scaling', () => {
  it('reads short pages with a token to their end', async () => {
    const { autoScaling, caller } = awsStub(groupsXml(['a'], '<NextToken>t</NextToken>'), groupsXml(['b']))
    expect(await createAutoScaling(autoScaling, caller).describeGroups(['a', 'b'])).toEqual([
      { AutoScalingGroupName: 'a', MinSize: 1 },
      { AutoScalingGroupName: 'b', MinSize: 1 },
    ])
  })

  it('asks for fifty names at a time', async () => {
    const { autoScaling, caller, asked } = awsStub(groupsXml([]))
    await createAutoScaling(autoScaling, caller).describeGroups(Array.from({ length: 120 }, (_, index) => `asg-${index}`))
    expect(asked.map(({ body }) => [...body.matchAll(/AutoScalingGroupNames/g)].length)).toEqual([50, 50, 20])
  })

  it('changes a maximum and nothing else', async () => {
    const { autoScaling, caller, asked } = awsStub(xml('<UpdateAutoScalingGroupResponse/>'))
    await createAutoScaling(autoScaling, caller).setMaxSize('asg-a', 6)
    expect(asked[0]?.body).toBe('Action=UpdateAutoScalingGroup&Version=2011-01-01&AutoScalingGroupName=asg-a&MaxSize=6')
  })
})

describe('an empty list of names, which means all to the API', () => {
  const { autoScaling, settings, caller, asked } = awsStub({})
  const groups = createAutoScaling(autoScaling, caller)
  const ec2 = createEc2(settings, caller)
  it.each<[string, () => Promise<unknown>]>([
    ['groups', () => groups.describeGroups([])],
    ['a group without a name', () => groups.describeGroups([''])],
    ['activities', () => groups.describeScalingActivities('')],
    ['a maximum', () => groups.setMaxSize('', 3)],
    ['an instance to terminate', () => groups.terminateInstance('', false)],
    ['instances to protect', () => groups.protectInstances('workers', [], true)],
    ['processes to suspend', () => groups.suspendProcesses('workers', [])],
    ['processes to resume', () => groups.resumeProcesses('workers', [])],
    ['a group to change', () => groups.updateGroup('', { max: 3 })],
    ['a lifecycle action', () => groups.completeLifecycleAction('workers', 'hook', '', 'CONTINUE')],
    ['lifecycle hooks', () => groups.describeLifecycleHooks('')],
    ['instance refreshes', () => groups.describeInstanceRefreshes('')],
    ['launch configurations', () => groups.describeLaunchConfigurations([])],
    ['subnets', () => ec2.describeSubnets([])],
    ['network interfaces', () => ec2.describeNetworkInterfaces([])],
    ['instance types', () => ec2.describeInstanceTypes([])],
    ['launch template versions', () => ec2.describeLaunchTemplateVersions('lt-1', [])],
    ['a launch template without an id', () => ec2.describeLaunchTemplateVersions('', ['1'])],
  ])('is refused before anything is sent: %s', async (_title, ask) => {
    expect(await rejection(ask())).toMatchObject({ code: 'REMOTE_REFUSED' })
    expect(asked).toEqual([])
  })
})

describe('EC2', () => {
  it('never hands on the user data of a launch template', async () => {
    const { settings, caller } = awsStub(
      xml(
        '<DescribeLaunchTemplateVersionsResponse><launchTemplateVersionSet><item><launchTemplateId>lt-1</launchTemplateId><versionNumber>3</versionNumber>' +
          '<launchTemplateData><imageId>ami-1</imageId><userData>c2VjcmV0</userData></launchTemplateData></item></launchTemplateVersionSet></DescribeLaunchTemplateVersionsResponse>',
      ),
    )
    expect(await createEc2(settings, caller).describeLaunchTemplateVersions('lt-1', ['3'])).toEqual([
      { LaunchTemplateId: 'lt-1', VersionNumber: 3, LaunchTemplateData: { ImageId: 'ami-1' } },
    ])
  })
})

describe('STS and SSM', () => {
  it('says who we are', async () => {
    const { caller, ...clients } = awsStub(
      xml(
        '<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:user/lena</Arn><UserId>U</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
      ),
    )
    expect(await createAccount(clients, caller).callerIdentity()).toEqual({
      Account: '111122223333',
      Arn: 'arn:aws:iam::111122223333:user/lena',
    })
  })

  it('answers undefined for a parameter that does not exist', async () => {
    const { caller, ...clients } = awsStub(json({ __type: 'ParameterNotFound', message: '' }, 400))
    expect(await createAccount(clients, caller).parameter('/aws/service/none')).toBeUndefined()
  })

  it('answers undefined for a quota that the Region does not have', async () => {
    const { caller, ...clients } = awsStub(json({ __type: 'NoSuchResourceException', message: '' }, 400))
    expect(await createAccount(clients, caller).quota('ec2', 'L-00000000')).toBeUndefined()
  })

  it('counts instances by type and market, page after page', async () => {
    const page = (items: string, next = '') =>
      xml(
        `<DescribeInstancesResponse><reservationSet><item><instancesSet>${items}</instancesSet></item></reservationSet>${next}</DescribeInstancesResponse>`,
      )
    const one = (type: string, market = '') =>
      `<item><instanceType>${type}</instanceType>${market}<cpuOptions><coreCount>1</coreCount><threadsPerCore>2</threadsPerCore></cpuOptions></item>`
    const { settings, caller } = awsStub(
      page(one('m5.large') + one('m5.large', '<instanceLifecycle>spot</instanceLifecycle>'), '<nextToken>t</nextToken>'),
      page(one('m5.large')),
    )
    expect(await createEc2(settings, caller).countInstances()).toEqual([
      { InstanceType: 'm5.large', InstanceLifecycle: 'on-demand', Count: 2, VCpus: 4 },
      { InstanceType: 'm5.large', InstanceLifecycle: 'spot', Count: 1, VCpus: 2 },
    ])
  })
})

describe('CloudWatch', () => {
  it('reads alarms of all kinds over every page, and of each only its state', async () => {
    const more = { Threshold: 5, AlarmActions: ['arn:aws:sns:eu-central-1:111122223333:page-lena'] }
    const { settings, caller, asked } = awsStub(
      json({ MetricAlarms: [{ AlarmName: 'errors', StateValue: 'ALARM', StateUpdatedTimestamp: 60, ...more }], NextToken: 'more' }),
      json({
        CompositeAlarms: [{ AlarmName: 'all', StateValue: 'OK' }],
        LogAlarms: [{ AlarmName: 'logs', StateValue: 'INSUFFICIENT_DATA' }],
      }),
    )
    expect(await createCloudWatch(settings, caller).alarms(['errors', 'all', 'logs', 'none'])).toEqual([
      { AlarmName: 'errors', StateValue: 'ALARM', StateUpdatedTimestamp: '1970-01-01T00:01:00.000Z' },
      { AlarmName: 'all', StateValue: 'OK' },
      { AlarmName: 'logs', StateValue: 'INSUFFICIENT_DATA' },
    ])
    expect(asked.map(({ body }) => JSON.parse(body))).toMatchObject([
      { AlarmNames: ['errors', 'all', 'logs', 'none'], AlarmTypes: ['MetricAlarm', 'CompositeAlarm', 'LogAlarm'] },
      { NextToken: 'more' },
    ])
  })

  it('never asks about no name: that would mean every alarm of the account', async () => {
    const { settings, caller, asked } = awsStub(json({}))
    await expect(createCloudWatch(settings, caller).alarms([])).rejects.toThrow()
    expect(asked).toEqual([])
  })

  it('takes an alarm without a state for a broken answer', async () => {
    const { settings, caller } = awsStub(json({ MetricAlarms: [{ AlarmName: 'errors' }] }))
    expect(await rejection(createCloudWatch(settings, caller).alarms(['errors']))).toMatchObject({ code: 'REMOTE_MALFORMED' })
  })
})
