import type { EC2Client } from '@aws-sdk/client-ec2'
import type { InstanceCount, LaunchTemplateVersion } from '../../model/aws.ts'
import type { Ec2 } from '../../ports/ec2.ts'
import { type AwsCaller, allPages, chunks, type Plain, plain, present } from '../aws-call.ts'
import { refuseEmpty } from '../refuse-empty.ts'
import type { ClientSettings } from '../transport.ts'

type Sdk = typeof import('@aws-sdk/client-ec2')
interface Loaded {
  readonly sdk: Sdk
  readonly client: EC2Client
}

interface PageOf<T> {
  readonly items: T[] | undefined
  readonly next: string | undefined
}

/** All pages of one question per part of the names. The client is loaded at the first call: it costs 165 ms and 70 MB. */
function createAsk(settings: ClientSettings, caller: AwsCaller) {
  let loading: Promise<Loaded> | undefined
  const load = (): Promise<Loaded> => {
    loading ??= import('@aws-sdk/client-ec2').then((sdk) => ({ sdk, client: settings.prepared(new sdk.EC2Client(settings)) }))
    return loading
  }
  return async <T>(
    operation: string,
    names: readonly string[],
    size: number,
    page: (ec2: Loaded, part: string[], token: string | undefined) => Promise<PageOf<T>>,
  ): Promise<readonly Plain<T>[]> => {
    refuseEmpty(operation, names)
    const ec2 = await load()
    const parts = chunks(names, size).map((part) =>
      allPages(operation, (token) =>
        caller.read(operation, async () => {
          const { items, next } = await page(ec2, [...part], token)
          return { items: present(operation, 'result set', items).map((item) => plain(item)), next }
        }),
      ),
    )
    return (await Promise.all(parts)).flat()
  }
}

/** Amazon EC2, read only. */
export function createEc2(settings: ClientSettings, caller: AwsCaller): Ec2 {
  const ask = createAsk(settings, caller)
  return {
    describeSubnets: (ids) =>
      ask('ec2:DescribeSubnets', ids, 100, async ({ sdk, client }, Values, NextToken) => {
        const answer = await client.send(new sdk.DescribeSubnetsCommand({ Filters: [{ Name: 'subnet-id', Values }], NextToken }))
        return { items: answer.Subnets, next: answer.NextToken }
      }),
    describeSecurityGroups: (ids) =>
      ask('ec2:DescribeSecurityGroups', ids, 100, async ({ sdk, client }, Values, NextToken) => {
        const input = { Filters: [{ Name: 'group-id', Values }], MaxResults: 1_000, NextToken }
        const answer = await client.send(new sdk.DescribeSecurityGroupsCommand(input))
        return {
          items: answer.SecurityGroups?.map(({ GroupId, GroupName, VpcId }) => ({ GroupId, GroupName, VpcId })),
          next: answer.NextToken,
        }
      }),
    describeNetworkInterfaces: (subnetIds) =>
      ask('ec2:DescribeNetworkInterfaces', subnetIds, 100, async ({ sdk, client }, Values, NextToken) => {
        const input = { Filters: [{ Name: 'subnet-id', Values }], MaxResults: 1_000, NextToken }
        const answer = await client.send(new sdk.DescribeNetworkInterfacesCommand(input))
        return { items: answer.NetworkInterfaces, next: answer.NextToken }
      }),
    describeInstanceTypes: (types) =>
      ask('ec2:DescribeInstanceTypes', types, 100, async ({ sdk, client }, names, NextToken) => {
        const InstanceTypes = names as InstanceType[]
        const answer = await client.send(new sdk.DescribeInstanceTypesCommand({ InstanceTypes, NextToken }))
        return { items: answer.InstanceTypes, next: answer.NextToken }
      }),
    // by filter: an id that is gone or not shared would make EC2 refuse the question when it is asked by id
    describeImages: (ids) =>
      ask('ec2:DescribeImages', ids, 100, async ({ sdk, client }, Values, NextToken) => {
        const input = { Filters: [{ Name: 'image-id', Values }], IncludeDeprecated: true, MaxResults: 1_000, NextToken }
        const answer = await client.send(new sdk.DescribeImagesCommand(input))
        return { items: answer.Images, next: answer.NextToken }
      }),
    subnetCidrReservations: (subnetId) =>
      ask('ec2:GetSubnetCidrReservations', [subnetId], 1, async ({ sdk, client }, [SubnetId], NextToken) => {
        const answer = await client.send(new sdk.GetSubnetCidrReservationsCommand({ SubnetId, NextToken }))
        return { items: answer.SubnetIpv4CidrReservations, next: answer.NextToken }
      }),
    countInstances: async () => {
      const counts = new Map<string, Required<InstanceCount>>()
      await ask('ec2:DescribeInstances', ['pending', 'running'], 2, async ({ sdk, client }, Values, NextToken) => {
        const input = { Filters: [{ Name: 'instance-state-name', Values }], MaxResults: 1_000, NextToken }
        const answer = await client.send(new sdk.DescribeInstancesCommand(input))
        for (const instance of present('ec2:DescribeInstances', 'Reservations', answer.Reservations).flatMap(
          (each) => each.Instances ?? [],
        ))
          tally(counts, instance)
        return { items: [], next: answer.NextToken }
      })
      return [...counts.values()]
    },
    describeLaunchTemplateVersions: async (templateId, versions) => {
      refuseEmpty('ec2:DescribeLaunchTemplateVersions', [templateId])
      const found = await ask('ec2:DescribeLaunchTemplateVersions', versions, 100, async ({ sdk, client }, Versions, NextToken) => {
        const input = { LaunchTemplateId: templateId, Versions, NextToken }
        const answer = await client.send(new sdk.DescribeLaunchTemplateVersionsCommand(input))
        return { items: answer.LaunchTemplateVersions, next: answer.NextToken }
      })
      return found.map(withoutUserData)
    },
  }
}

type InstanceType = import('@aws-sdk/client-ec2')._InstanceType
type Instance = import('@aws-sdk/client-ec2').Instance

/** Page by page, so that the instances of a large account never pile up. */
function tally(counts: Map<string, Required<InstanceCount>>, instance: Instance): void {
  const InstanceType: string = instance.InstanceType ?? ''
  const InstanceLifecycle: string = instance.InstanceLifecycle ?? 'on-demand'
  const { CpuOptions } = instance
  const key = `${InstanceType} ${InstanceLifecycle}`
  const { Count, VCpus } = counts.get(key) ?? { Count: 0, VCpus: 0 }
  const vcpus = (CpuOptions?.CoreCount ?? 0) * (CpuOptions?.ThreadsPerCore ?? 1)
  counts.set(key, { InstanceType, InstanceLifecycle, Count: Count + 1, VCpus: VCpus + vcpus })
}

/** User data holds bootstrap scripts and at times secrets; it goes no further than here. */
function withoutUserData(version: LaunchTemplateVersion): LaunchTemplateVersion {
  if (version.LaunchTemplateData === undefined) return version
  const data = Object.fromEntries(Object.entries(version.LaunchTemplateData).filter(([name]) => name !== 'UserData'))
  return { ...version, LaunchTemplateData: data }
}
