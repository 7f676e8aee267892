import {
  DescribeAddonCommand,
  DescribeAddonConfigurationCommand,
  DescribeAddonVersionsCommand,
  DescribeClusterCommand,
  DescribeInsightCommand,
  DescribeInsightsRefreshCommand,
  DescribeNodegroupCommand,
  DescribePodIdentityAssociationCommand,
  type EKSClient,
  ListAddonsCommand,
  ListInsightsCommand,
  ListNodegroupsCommand,
  StartInsightsRefreshCommand,
} from '@aws-sdk/client-eks'
import { isSerinError } from '../../errors/serin-error.ts'
import type { AddonConfiguration } from '../../model/aws.ts'
import type { Eks } from '../../ports/eks.ts'
import { type AwsCaller, allPages, plain, present, withMembers } from '../aws-call.ts'
import { keeping } from '../keeping.ts'
import { mutations } from './mutations.ts'
import { updates } from './updates.ts'

const PAGE = 100

/** Amazon EKS over the SDK client. */
export function createEks(client: EKSClient, caller: AwsCaller): Eks {
  return {
    ...clusters(client, caller),
    ...insights(client, caller),
    ...addons(client, caller),
    ...updates(client, caller),
    ...mutations(client, caller),
  }
}

function clusters(client: EKSClient, caller: AwsCaller) {
  return {
    describeCluster: (name) =>
      caller.read('eks:DescribeCluster', async () => {
        const { cluster } = await client.send(new DescribeClusterCommand({ name }))
        return plain(withMembers('eks:DescribeCluster', cluster, 'name', 'status', 'version'))
      }),
    listNodegroups: (clusterName) =>
      allPages('eks:ListNodegroups', (nextToken) =>
        caller.read('eks:ListNodegroups', async () => {
          const answer = await client.send(new ListNodegroupsCommand({ clusterName, nextToken, maxResults: PAGE }))
          return { items: present('eks:ListNodegroups', 'nodegroups', answer.nodegroups), next: answer.nextToken }
        }),
      ),
    describeNodegroup: (clusterName, nodegroupName) =>
      caller.read('eks:DescribeNodegroup', async () => {
        const { nodegroup } = await client.send(new DescribeNodegroupCommand({ clusterName, nodegroupName }))
        return plain(withMembers('eks:DescribeNodegroup', nodegroup, 'nodegroupName', 'status', 'scalingConfig'))
      }),
  } satisfies Partial<Eks>
}

function insights(client: EKSClient, caller: AwsCaller) {
  return {
    listInsights: (clusterName) =>
      allPages('eks:ListInsights', (nextToken) =>
        caller.read('eks:ListInsights', async () => {
          const answer = await client.send(new ListInsightsCommand({ clusterName, nextToken, maxResults: PAGE }))
          return { items: plain(present('eks:ListInsights', 'insights', answer.insights)), next: answer.nextToken }
        }),
      ),
    describeInsight: (clusterName, id) =>
      caller.read('eks:DescribeInsight', async () => {
        const { insight } = await client.send(new DescribeInsightCommand({ clusterName, id }))
        return plain(withMembers('eks:DescribeInsight', insight, 'id', 'insightStatus'))
      }),
    startInsightsRefresh: (clusterName) =>
      caller.read('eks:StartInsightsRefresh', async () => {
        await client.send(new StartInsightsRefreshCommand({ clusterName }))
      }),
    insightsRefreshStatus: (clusterName) =>
      caller.read('eks:DescribeInsightsRefresh', async () => {
        const { status } = await client.send(new DescribeInsightsRefreshCommand({ clusterName }))
        return present('eks:DescribeInsightsRefresh', 'status', status)
      }),
  } satisfies Partial<Eks>
}

function addons(client: EKSClient, caller: AwsCaller) {
  const published = keeping<AddonConfiguration>()
  return {
    listAddons: (clusterName) =>
      allPages('eks:ListAddons', (nextToken) =>
        caller.read('eks:ListAddons', async () => {
          const answer = await client.send(new ListAddonsCommand({ clusterName, nextToken, maxResults: PAGE }))
          return { items: present('eks:ListAddons', 'addons', answer.addons), next: answer.nextToken }
        }),
      ),
    describeAddon: (clusterName, addonName) =>
      undefinedWhenNotFound(() =>
        caller.read('eks:DescribeAddon', async () => {
          const { addon } = await client.send(new DescribeAddonCommand({ clusterName, addonName }))
          return plain(withMembers('eks:DescribeAddon', addon, 'addonName', 'status', 'addonVersion'))
        }),
      ),
    describeAddonVersions: async (addonName) => {
      const entries = await allPages('eks:DescribeAddonVersions', (nextToken) =>
        caller.read('eks:DescribeAddonVersions', async () => {
          const answer = await client.send(new DescribeAddonVersionsCommand({ addonName, nextToken, maxResults: PAGE }))
          return { items: plain(present('eks:DescribeAddonVersions', 'addons', answer.addons)), next: answer.nextToken }
        }),
      )
      const own = entries.filter((entry) => entry.addonName === addonName)
      return { addonName, addonVersions: own.flatMap((entry) => entry.addonVersions ?? []) }
    },
    describeAddonConfiguration: (addonName, addonVersion) =>
      published(`${addonName} ${addonVersion}`, () =>
        caller.read('eks:DescribeAddonConfiguration', async () => {
          const answer = await client.send(new DescribeAddonConfigurationCommand({ addonName, addonVersion }))
          return plain(withMembers('eks:DescribeAddonConfiguration', answer, 'addonName', 'addonVersion'))
        }),
      ),
    describePodIdentityAssociation: (clusterName, associationId) =>
      caller.read('eks:DescribePodIdentityAssociation', async () => {
        const answer = await client.send(new DescribePodIdentityAssociationCommand({ clusterName, associationId }))
        return plain(withMembers('eks:DescribePodIdentityAssociation', answer.association, 'roleArn'))
      }),
  } satisfies Partial<Eks>
}

async function undefinedWhenNotFound<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isSerinError(error, 'REMOTE_NOT_FOUND') && error.details.remoteCode === 'ResourceNotFoundException') return undefined
    throw error
  }
}
