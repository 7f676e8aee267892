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

const WEBHOOK = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'pod-identity-webhook' },
  webhooks: [{ name: 'iam.example', clientConfig: { url: 'https://127.0.0.1:23443/mutate' } }],
}

const POLICY = {
  apiVersion: 'kyverno.io/v1',
  kind: 'ClusterPolicy',
  metadata: { name: 'odd' },
  spec: { rules: [{ name: 'r', match: { any: [{ resources: { kinds: ['Pod'] } }] }, verifyImages: [{}] }] },
}

const scalingGroupNames = (world: OpenedWorld): readonly (string | undefined)[] =>
  call<{ AutoScalingGroups: AutoScalingGroup[] }>(world.autoScaling, 'DescribeAutoScalingGroups', {}).AutoScalingGroups.map(
    ({ AutoScalingGroupName }) => AutoScalingGroupName,
  )

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

  const whole = snapshotOf(original)
  const { aws } = whole
  it.each([
    { title: 'that does not describe its cluster', change: { aws: {} }, says: 'does not describe its cluster' },
    { title: 'without subnets', change: { aws: { ...aws, subnets: [] } }, says: 'has no subnets' },
    {
      title: 'of an old minor',
      change: { aws: { ...aws, cluster: { ...aws.cluster, version: '1.21' } } },
      says: 'is of Kubernetes 1.21; the sandbox knows 1.2',
    },
    { title: 'of no time', change: { capturedAt: 'yesterday' }, says: 'captured at "yesterday", which is no time' },
    {
      title: 'with a subnet that is none',
      change: { aws: { ...aws, subnets: [{ ...aws.subnets?.[0], CidrBlock: '10.0.0.0/33' }] } },
      says: 'has no CIDR block from /16 to /28: 10.0.0.0/33',
    },
  ])('cannot be made from a snapshot $title', ({ change, says }) => {
    const snapshot = { ...whole, ...change } as ClusterSnapshot
    expect(refusalOf(() => openWorld({ snapshot, scenarios: [] })).message).toContain(says)
  })

  it('has the nodes of no managed group as a self-managed one, in their subnets', () => {
    const left = { ...whole, aws: { ...aws, nodegroups: aws.nodegroups?.filter(({ nodegroupName }) => nodegroupName !== 'batch') } }
    const partial = openWorld({ snapshot: left, scenarios: [] })
    const own = (from: OpenedWorld) => from.store.list('Node').filter(({ metadata }) => metadata.labels?.workload === 'batch').length
    expect(own(partial)).toBe(3)
    expect(partial.assumptions.join(' ')).toContain('3 nodes of no managed group stand as the self-managed group self-managed-m5-large')
    expect(scalingGroupNames(partial)).toContain('self-managed-m5-large')
  })

  it('has the IP family of the cluster, and subnets with blocks for it', () => {
    const cluster = { ...aws.cluster, kubernetesNetworkConfig: { ipFamily: 'ipv6' } }
    const copy = openWorld({ snapshot: { ...whole, aws: { ...aws, cluster } }, scenarios: [] })
    const family = (from: OpenedWorld) =>
      call<{ cluster: EksCluster }>(from.eks, 'DescribeCluster', { name: from.cluster.name }).cluster.kubernetesNetworkConfig?.ipFamily
    const blocks = (from: OpenedWorld) =>
      call<{ Subnets: { Ipv6CidrBlockAssociationSet?: unknown[] }[] }>(from.ec2, 'DescribeSubnets', {}).Subnets.map(
        ({ Ipv6CidrBlockAssociationSet = [] }) => Ipv6CidrBlockAssociationSet.length,
      )
    expect([family(world), family(copy)]).toEqual(['ipv4', 'ipv6'])
    expect(new Set(blocks(copy))).toEqual(new Set([1]))
    expect(copy.assumptions.filter((each) => !world.assumptions.includes(each))).toEqual([
      expect.stringContaining('IPv6 blocks of subnets'),
    ])
  })

  const withVolumes = (items: readonly object[]): OpenedWorld =>
    openWorld({ snapshot: { ...whole, kubernetes: { items: [...(whole.kubernetes.items ?? []), ...items] as never } }, scenarios: [] })
  const lacking = (from: OpenedWorld) => from.assumptions.filter((each) => each.startsWith('The snapshot lacks claims'))

  it.each([
    {
      title: 'a pod that mounts a claim',
      item: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { namespace: 'db', name: 'mounts' },
        spec: { volumes: [{ name: 'files', persistentVolumeClaim: { claimName: 'files' } }], containers: [] },
      },
      says: 1,
    },
    {
      title: 'a StatefulSet with claims',
      item: {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { namespace: 'db', name: 'claims' },
        spec: { replicas: 0, volumeClaimTemplates: [{}] },
      },
      says: 1,
    },
    { title: 'a class only', item: { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'gp3' } }, says: 0 },
  ])('says $says times that claims are lacking, with $title', ({ item, says }) => {
    expect([lacking(world).length, lacking(withVolumes([item])).length]).toEqual([0, says])
  })

  it('has volumes, claims and classes of the snapshot: a pod goes where its volume is', () => {
    const labels = { app: 'claims' }
    const template = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'registry.example/claims:1' }] } }
    const wanted = { metadata: { name: 'files' }, spec: { storageClassName: 'fast', accessModes: ['ReadWriteOnce'] } }
    const zone = String((whole.aws.subnets ?? []).at(-1)?.AvailabilityZone)
    const terms = [{ matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: [zone] }] }]
    const claim = { namespace: 'db', name: 'files-claims-0' }
    const copy = withVolumes([
      { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'fast' }, provisioner: 'ebs.csi.aws.com' },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: 'pvc-of-old' },
        spec: {
          ...{ accessModes: ['ReadWriteOnce'], capacity: { storage: '1Gi' }, storageClassName: 'fast' },
          claimRef: { ...claim, uid: 'of-another-life' },
          nodeAffinity: { required: { nodeSelectorTerms: terms } },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { ...claim, annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } },
        spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'fast', volumeName: 'pvc-of-old' },
        status: { phase: 'Bound' },
      },
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: { namespace: 'db', name: 'claims' },
        spec: { replicas: 1, serviceName: 'claims', selector: { matchLabels: labels }, template, volumeClaimTemplates: [wanted] },
      },
    ])
    const pod = copy.store.get('Pod', 'db', 'claims-0') as unknown as { spec?: { nodeName?: string }; status?: { phase?: string } }
    const node = copy.store.get('Node', undefined, pod.spec?.nodeName ?? '')
    expect(pod.status?.phase).toBe('Running')
    expect(node?.metadata.labels?.['topology.kubernetes.io/zone']).toBe(zone)
    expect(copy.store.get('PersistentVolumeClaim', 'db', 'files-claims-0')).toMatchObject({
      spec: { volumeName: 'pvc-of-old' },
      status: { phase: 'Bound' },
    })
    expect(copy.store.get('StorageClass', undefined, 'fast')).toBeDefined()
    expect(lacking(copy)).toEqual([])
  })

  it('says which webhooks, policies and unwell pods it does not take over', () => {
    const items = [...(whole.kubernetes.items ?? []), WEBHOOK, POLICY]
    const { assumptions, store } = openWorld({ snapshot: { ...whole, kubernetes: { items } }, scenarios: [] })
    expect(assumptions).toEqual(
      expect.arrayContaining([
        'pod-identity-webhook: 1 of its webhooks are called by URL and are left out.',
        expect.stringMatching(/^Kyverno policy odd is left out: /),
      ]),
    )
    expect([...store.list('MutatingWebhookConfiguration'), ...store.list('ClusterPolicy')]).toEqual([])
  })
})
