import { describe, expect, it } from 'vitest'
import { DAY, SECOND } from '../../../src/model/instant.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { call, eks, openShipped, openWith, refusalOf, untilEnded } from './world-driver.ts'

interface InsightSeen {
  readonly id: string
  readonly name: string
  readonly category: string
  readonly kubernetesVersion?: string
  readonly lastRefreshTime: Date
  readonly lastTransitionTime: Date
  readonly insightStatus: { readonly status: string; readonly reason: string }
  readonly resources?: readonly { readonly kubernetesResourceUri?: string }[]
  readonly categorySpecificSummary?: Readonly<Record<string, unknown>>
}

const list = (world: OpenedWorld, filter: Record<string, unknown> = {}) =>
  call<{ insights: InsightSeen[] }>(world.eks, 'ListInsights', { clusterName: world.cluster.name, filter }).insights
const troubled = (world: OpenedWorld, filter: Record<string, unknown> = {}) =>
  list(world, filter)
    .filter(({ insightStatus }) => insightStatus.status !== 'PASSING')
    .map(({ name, kubernetesVersion, insightStatus }) => `${name} ${kubernetesVersion} ${insightStatus.status}`)
const describeOne = (world: OpenedWorld, name: string, minor: string) => {
  const id = list(world).find((each) => each.name === name && each.kubernetesVersion === minor)?.id
  return call<{ insight: InsightSeen }>(world.eks, 'DescribeInsight', { clusterName: world.cluster.name, id }).insight
}
const refresh = (world: OpenedWorld) => {
  call(world.eks, 'StartInsightsRefresh', { clusterName: world.cluster.name })
  world.timeline.advanceTo(world.timeline.now() + 31 * SECOND)
}

const API = `controlPlane: { deprecatedApis: [{ usage: /apis/flowcontrol.apiserver.k8s.io/v1beta3/flowschemas, replacedWith: /apis/flowcontrol.apiserver.k8s.io/v1/flowschemas,
  stopServingVersion: "1.34", startServingReplacementVersion: "1.29", clients: [{ userAgent: kubectl/v1.24.0, requests: 17, lastBefore: 2h }] }] }`
const at = (version: string) => (text: string) =>
  text.replaceAll(', subnets: [nodes-a', `, kubernetesVersion: "${version}", subnets: [nodes-a`)

describe('upgrade insights', () => {
  it('all pass in a healthy world, for the next two minors', () => {
    const world = openShipped('small')
    expect(troubled(world)).toEqual([])
    expect([...new Set(list(world).map(({ category, kubernetesVersion }) => `${category} ${kubernetesVersion}`))]).toEqual([
      'UPGRADE_READINESS 1.34',
      'UPGRADE_READINESS 1.35',
    ])
  })

  it.each([
    { title: 'nodes at the edge of the skew', edit: at('1.31'), found: ['Kubelet version skew 1.35 WARNING'] },
    { title: 'nodes beyond the skew', edit: at('1.30'), found: ['Kubelet version skew 1.34 ERROR', 'Kubelet version skew 1.35 WARNING'] },
    {
      title: 'a kube-proxy beyond the skew',
      edit: (text: string) => text.replace('v1.33.10-eksbuild.29', 'v1.31.0-eksbuild.5'),
      found: ['EKS add-on version compatibility 1.35 WARNING', 'kube-proxy version skew 1.35 WARNING'],
    },
    {
      title: 'an add-on that is not listed for the next minors',
      edit: (text: string) => text.replace('v1.22.4-eksbuild.3', 'v1.17.1-eksbuild.1'),
      found: ['EKS add-on version compatibility 1.34 ERROR', 'EKS add-on version compatibility 1.35 WARNING'],
    },
    {
      title: 'Amazon Linux 2, for which EKS builds nothing from 1.33 on',
      edit: (text: string) =>
        text
          .replace('kubernetesVersion: "1.33"', 'kubernetesVersion: "1.32"')
          .replace('name: web,', 'name: web, amiType: AL2_x86_64,')
          .replace('v1.33.10-eksbuild.29', 'v1.32.0-eksbuild.2')
          .replace('v1.12.4-eksbuild.38', 'v1.11.4-eksbuild.60'),
      found: ['Amazon Linux 2 compatibility 1.33 ERROR', 'Amazon Linux 2 compatibility 1.34 WARNING'],
    },
    { title: 'an API that the next minor removes', tail: API, found: ['Deprecated APIs removed in Kubernetes v1.34 1.34 ERROR'] },
    {
      title: 'an issue of the cluster',
      tail: 'controlPlane: { issues: [{ code: Ec2SubnetNotFound, message: gone }] }',
      found: ['Cluster health issues 1.34 ERROR', 'Cluster health issues 1.35 WARNING'],
    },
  ])('name $title', ({ edit, tail = '', found }) => {
    expect(troubled(openWith('small', tail, {}, edit))).toEqual(found)
  })

  it('say which clients use a removed API, which nodes lag, and which add-on versions would do', () => {
    const world = openWith('small', API, {}, (text) => at('1.30')(text).replace('v1.22.4-eksbuild.3', 'v1.17.1-eksbuild.1'))
    const now = world.timeline.now()
    expect(describeOne(world, 'Deprecated APIs removed in Kubernetes v1.34', '1.34').categorySpecificSummary).toEqual({
      deprecationDetails: [
        {
          usage: '/apis/flowcontrol.apiserver.k8s.io/v1beta3/flowschemas',
          replacedWith: '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
          stopServingVersion: '1.34',
          startServingReplacementVersion: '1.29',
          clientStats: [{ userAgent: 'kubectl/v1.24.0', numberOfRequestsLast30Days: 17, lastRequestTime: new Date(now - 7_200_000) }],
        },
      ],
    })
    const nodes = world.store.list('Node').map(({ metadata }) => `/api/v1/nodes/${metadata.name}`)
    expect(describeOne(world, 'Kubelet version skew', '1.34').resources?.map((each) => each.kubernetesResourceUri)).toEqual(nodes)
    const summary = describeOne(world, 'EKS add-on version compatibility', '1.34').categorySpecificSummary ?? {}
    const [details] = (summary.addonCompatibilityDetails ?? []) as { name: string; compatibleVersions: string[] }[]
    expect(details?.name).toBe('vpc-cni')
    expect(details?.compatibleVersions).toContain('v1.22.4-eksbuild.3')
    expect(details?.compatibleVersions).not.toContain('v1.17.1-eksbuild.1')
  })

  it('are as old as their last refresh: what changed since is not in them', () => {
    const world = openWith('small', '', {}, (text) => text.replace('v1.22.4-eksbuild.3', 'v1.17.1-eksbuild.1'))
    const start = world.timeline.now()
    const first = list(world)[0]?.lastRefreshTime.getTime() ?? 0
    expect(start - first).toBeGreaterThanOrEqual(0)
    expect(start - first).toBeLessThan(DAY)
    const { id } = eks(world, 'UpdateAddon', { addonName: 'vpc-cni', addonVersion: 'v1.18.6-eksbuild.1' }).update
    untilEnded(world, id, { addonName: 'vpc-cni' })
    if (world.timeline.now() < first + DAY) expect(troubled(world)[0]).toBe('EKS add-on version compatibility 1.34 ERROR')
    refresh(world)
    expect(troubled(world)).toEqual(['EKS add-on version compatibility 1.35 WARNING'])
    const [passing] = list(world, { kubernetesVersions: ['1.34'] }).filter(({ name }) => name === 'EKS add-on version compatibility')
    expect(passing?.lastTransitionTime.getTime()).toBe(world.timeline.now() - SECOND)
    expect(passing?.lastRefreshTime.getTime()).toBe(world.timeline.now() - SECOND)
  })

  it('refresh by themselves within a day', () => {
    const world = openShipped('small')
    const before = list(world)[0]?.lastRefreshTime.getTime() ?? 0
    world.timeline.advanceTo(world.timeline.now() + DAY)
    expect(list(world)[0]?.lastRefreshTime.getTime()).toBe(before + DAY)
  })

  it('are being refreshed for half a minute after the request', () => {
    const world = openShipped('small')
    const ask = () => call<{ status: string; endedAt?: Date }>(world.eks, 'DescribeInsightsRefresh', { clusterName: 'small' })
    expect(ask().status).toBe('COMPLETED')
    call(world.eks, 'StartInsightsRefresh', { clusterName: 'small' })
    expect(ask()).toMatchObject({ status: 'IN_PROGRESS', endedAt: undefined })
    world.timeline.advanceTo(world.timeline.now() + 31 * SECOND)
    expect(ask()).toMatchObject({ status: 'COMPLETED', endedAt: new Date(world.timeline.now() - SECOND) })
  })
})

describe('other insights', () => {
  it('of a rollback exist for seven days after an upgrade', () => {
    const world = openWith('small', 'controlPlane: { upgradedBefore: 6d }')
    const rollback = () => list(world, { categories: ['ROLLBACK_READINESS'] })
    expect(new Set(rollback().map(({ kubernetesVersion }) => kubernetesVersion))).toEqual(new Set(['1.32']))
    expect(troubled(world, { categories: ['ROLLBACK_READINESS'] })).toEqual([
      'EKS add-on version compatibility 1.32 ERROR',
      'Kubelet version skew 1.32 ERROR',
      'kube-proxy version skew 1.32 ERROR',
    ])
    world.timeline.advanceTo(world.timeline.now() + DAY)
    refresh(world)
    expect(rollback()).toEqual([])
  })

  it('of a misconfiguration are those of the world, and statuses may be given', () => {
    const world = openWith(
      'small',
      'controlPlane: { insights: [{ name: Hybrid node firewall, category: MISCONFIGURATION, status: WARNING, reason: closed }, { name: Kubelet version skew, status: UNKNOWN }] }',
    )
    expect(list(world, { categories: ['MISCONFIGURATION'] }).map(({ name, insightStatus }) => [name, insightStatus])).toEqual([
      ['Hybrid node firewall', { status: 'WARNING', reason: 'closed' }],
    ])
    expect(list(world, { statuses: ['UNKNOWN'] }).map(({ name }) => name)).toEqual(['Kubelet version skew', 'Kubelet version skew'])
  })

  it('that do not exist are a 404', () => {
    expect(refusalOf(() => call(openShipped('small').eks, 'DescribeInsight', { clusterName: 'small', id: 'none' })).status).toBe(404)
  })
})
