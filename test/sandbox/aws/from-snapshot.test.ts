import { describe, expect, it } from 'vitest'
import type {
  AddonListing,
  AutoScalingGroup,
  EksAddon,
  EksCluster,
  EksNodegroup,
  LaunchTemplateVersion,
  Subnet,
} from '../../../src/model/aws.ts'
import { iso } from '../../../src/model/instant.ts'
import type { ClusterSnapshot } from '../../../src/model/snapshot.ts'
import { type OpenedWorld, openWorld } from '../../../src/sandbox/world/open.ts'
import { call, eks, groupSeen, openShipped, refusalOf, scalingGroup, untilEnded } from './world-driver.ts'

/** What a snapshot of this world would hold. */
function snapshotOf(world: OpenedWorld): ClusterSnapshot {
  const { name } = world.cluster
  const json = <T>(value: T): T => JSON.parse(JSON.stringify(value))
  const { cluster } = call<{ cluster: EksCluster }>(world.eks, 'DescribeCluster', { name })
  const groups = call<{ nodegroups: string[] }>(world.eks, 'ListNodegroups', { clusterName: name }).nodegroups
  const addons = call<{ addons: string[] }>(world.eks, 'ListAddons', { clusterName: name }).addons
  const kinds = ['Node', 'Pod', 'Deployment', 'StatefulSet', 'DaemonSet', 'PodDisruptionBudget']
  return json({
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'ClusterSnapshot',
    capturedAt: iso(world.timeline.now()),
    aws: {
      cluster,
      nodegroups: groups.map((nodegroupName) => eks(world, 'DescribeNodegroup', { nodegroupName }).nodegroup) as EksNodegroup[],
      addons: addons.map((addonName) => eks(world, 'DescribeAddon', { addonName }).addon) as EksAddon[],
      addonVersions: call<{ addons: AddonListing[] }>(world.eks, 'DescribeAddonVersions', { maxResults: 1000 }).addons,
      autoScalingGroups: call<{ AutoScalingGroups: AutoScalingGroup[] }>(world.autoScaling, 'DescribeAutoScalingGroups', {})
        .AutoScalingGroups,
      launchTemplateVersions: call<{ LaunchTemplateVersions: LaunchTemplateVersion[] }>(world.ec2, 'DescribeLaunchTemplateVersions', {
        Versions: ['$Latest', '$Default'],
      }).LaunchTemplateVersions,
      subnets: call<{ Subnets: Subnet[] }>(world.ec2, 'DescribeSubnets', {}).Subnets,
    },
    kubernetes: { items: kinds.flatMap((kind) => world.store.list(kind)) },
  })
}

describe('a world from a snapshot', () => {
  const original = openShipped('quickstart')
  const world = openWorld({ snapshot: snapshotOf(original), scenarios: [] })

  it.each(['canary', 'app-a', 'batch', 'data'])('has group %s as it was', (nodegroupName) => {
    const members = [
      'version',
      'releaseVersion',
      'amiType',
      'scalingConfig',
      'subnets',
      'updateConfig',
      'launchTemplate',
      'labels',
    ] as const
    const read = (from: OpenedWorld) => members.map((member) => eks(from, 'DescribeNodegroup', { nodegroupName }).nodegroup[member])
    expect(read(world)).toEqual(read(original))
    expect(groupSeen(world, nodegroupName).ready).toBe(groupSeen(original, nodegroupName).ready)
    expect(scalingGroup(world, nodegroupName).DesiredCapacity).toBe(scalingGroup(original, nodegroupName).DesiredCapacity)
  })

  it('has the same free addresses, workloads and budgets', () => {
    const free = (from: OpenedWorld) =>
      call<{ Subnets: Subnet[] }>(from.ec2, 'DescribeSubnets', {}).Subnets.map((subnet) => subnet.AvailableIpAddressCount)
    const named = (from: OpenedWorld, kind: string) =>
      from.store.list(kind).map(({ metadata, spec }) => [metadata.namespace, metadata.name, (spec as { replicas?: number }).replicas])
    expect(free(world)).toEqual(free(original))
    for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'PodDisruptionBudget'])
      expect(named(world, kind)).toEqual(named(original, kind))
  })

  it('schedules pods on tainted nodes as before', () => {
    const large = openShipped('large')
    const tainted = (from: OpenedWorld) =>
      from.store
        .list('Pod')
        .filter(({ metadata }) => metadata.namespace === 'data' && metadata.name.startsWith('kafka'))
        .map(({ spec }) => (spec as { nodeName?: string }).nodeName !== undefined)
    expect(tainted(large)).toEqual([true, true, true])
    expect(tainted(openWorld({ snapshot: snapshotOf(large), scenarios: [] }))).toEqual([true, true, true])
  })

  it('says what it assumed, and rolls like any other world', () => {
    expect(world.assumptions.length).toBeGreaterThan(0)
    const { id } = eks(world, 'UpdateNodegroupVersion', { nodegroupName: 'canary', version: '1.33' }).update
    expect(untilEnded(world, id, { nodegroupName: 'canary' }).update.status).toBe('Successful')
  })

  it('cannot be made from a snapshot that does not describe its cluster', () => {
    const snapshot = { ...snapshotOf(original), aws: {} }
    expect(refusalOf(() => openWorld({ snapshot, scenarios: [] })).message).toContain('does not describe its cluster')
  })
})
