import { describe, expect, it } from 'vitest'
import { DAY, MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { call, eks, openShipped, openWith, refusalOf, scenarioOf, untilEnded } from './world-driver.ts'

const begin = (world: OpenedWorld, version: string, input: Record<string, unknown> = {}) =>
  eks(world, 'UpdateClusterVersion', { version, ...input }).update
const cluster = (world: OpenedWorld) => eks(world, 'DescribeCluster').cluster

/** Takes the cluster to a minor and waits until DescribeCluster no longer lags. */
function moved(world: OpenedWorld, version: string, input: Record<string, unknown> = {}): OpenedWorld {
  expect(untilEnded(world, begin(world, version, input).id, {}).update.status).toBe('Successful')
  world.timeline.advanceTo(world.timeline.now() + 10 * SECOND)
  return world
}

describe('the upgrade of a control plane', () => {
  it('reads UPDATING, takes about ten minutes, changes version and platform version, and is a VersionUpdate', () => {
    const world = openShipped('small')
    const { id, type, params } = begin(world, '1.34')
    expect({ type, params }).toEqual({
      type: 'VersionUpdate',
      params: [
        { type: 'Version', value: '1.34' },
        { type: 'PlatformVersion', value: 'eks.12' },
      ],
    })
    expect(cluster(world).status).toBe('ACTIVE')
    world.timeline.advanceTo(world.timeline.now() + 6 * SECOND)
    expect(cluster(world)).toMatchObject({ status: 'UPDATING', version: '1.33' })
    const { update, took } = untilEnded(world, id, {})
    expect(update).toMatchObject({ status: 'Successful', errors: [] })
    expect(took).toBeGreaterThanOrEqual(7 * MINUTE)
    expect(took).toBeLessThanOrEqual(13 * MINUTE)
    world.timeline.advanceTo(world.timeline.now() + 10 * SECOND)
    expect(cluster(world)).toMatchObject({ status: 'ACTIVE', version: '1.34', platformVersion: 'eks.12' })
    expect(world.cluster.kubernetesVersion()).toBe('1.34')
  })

  it('takes the API server away for three to ten seconds and breaks what is open; the version changes with its return', () => {
    const world = openShipped('small')
    let broken = 0
    world.apiServer.onBreak(() => broken++)
    begin(world, '1.34')
    const away: number[] = []
    for (let second = 0; second < 15 * 60; second++) {
      world.timeline.advanceTo(world.timeline.now() + SECOND)
      if (!world.apiServer.isAway()) continue
      expect(world.cluster.kubernetesVersion()).toBe('1.33')
      away.push(second)
    }
    expect(broken).toBe(1)
    expect(away.length).toBeGreaterThanOrEqual(3)
    expect(away.length).toBeLessThanOrEqual(10)
    expect((away.at(-1) ?? 0) - (away[0] ?? 0)).toBe(away.length - 1)
    expect(world.cluster.kubernetesVersion()).toBe('1.34')
  })

  it('begins once per token, and refuses the token with anything else', () => {
    const world = openShipped('small')
    const { id } = begin(world, '1.34', { clientRequestToken: 'one' })
    expect(begin(world, '1.34', { clientRequestToken: 'one' }).id).toBe(id)
    expect(refusalOf(() => begin(world, '1.35', { clientRequestToken: 'one' }))).toMatchObject({
      status: 400,
      code: 'InvalidRequestException',
    })
    expect(eks(world, 'ListUpdates').updateIds).toEqual([id])
  })

  it('excludes every other update of the cluster', () => {
    const world = openShipped('small')
    const { id } = begin(world, '1.34')
    expect(refusalOf(() => begin(world, '1.35'))).toMatchObject({
      status: 409,
      code: 'ResourceInUseException',
      message: `Cannot VersionUpdate because cluster small currently has update ${id} in progress`,
    })
    expect(refusalOf(() => eks(world, 'UpdateClusterConfig', { deletionProtection: true })).message).toBe(
      `Cannot DeletionProtectionUpdate because cluster small currently has update ${id} in progress`,
    )
  })
})

const TIGHT = (text: string) => text.replaceAll(/10\.20\.(\d)\.0\/24, used: 10/g, '10.20.$1.0/27, used: 0')

describe('what UpdateClusterVersion refuses', () => {
  it.each([
    { title: 'a minor that is not out', version: '1.99', code: 'InvalidParameterException', says: 'unsupported Kubernetes version' },
    {
      title: 'its own minor',
      version: '1.33',
      code: 'InvalidParameterException',
      says: 'Unsupported Kubernetes minor version update from 1.33 to 1.33',
    },
    {
      title: 'two minors at once',
      version: '1.35',
      code: 'InvalidParameterException',
      says: 'Unsupported Kubernetes minor version update from 1.33 to 1.35',
    },
    {
      title: 'two minors down',
      version: '1.31',
      code: 'InvalidParameterException',
      says: 'Unsupported Kubernetes minor version update from 1.33 to 1.31',
    },
    { title: 'a way back without an upgrade', version: '1.32', code: 'InvalidRequestException', says: 'was not upgraded in place to 1.33' },
    {
      title: 'a timeout outside its limits',
      version: '1.34',
      input: { rollbackConfig: { timeoutMinutes: 60 } },
      code: 'InvalidParameterException',
      says: 'timeoutMinutes must be between 120 and 10080',
    },
    {
      title: 'groups that would fall out of the skew policy',
      edit: (text: string) => text.replace('name: web,', 'name: web, kubernetesVersion: "1.30",'),
      version: '1.34',
      input: { force: true },
      code: 'InvalidParameterException',
      says: 'Nodegroups web must be updated to match cluster version 1.31 before updating cluster version',
    },
    {
      title: 'subnets without five free addresses in two zones',
      edit: TIGHT,
      version: '1.34',
      code: 'InvalidRequestException',
      says: 'need at least 5 IPs in each subnet to be free for this operation',
    },
    {
      title: 'an upgrade insight in error',
      tail: 'controlPlane: { insights: [{ name: Kubelet version skew, status: ERROR }] }',
      version: '1.34',
      code: 'InvalidStateException',
      says: 'Upgrade readiness issues detected.',
    },
  ])('$title', ({ edit, tail = '', version, input = {}, code, says }) => {
    const refusal = refusalOf(() => begin(openWith('small', tail, {}, edit), version, input))
    expect(refusal).toMatchObject({ status: 400, code })
    expect(refusal.message).toContain(says)
  })

  it.each([
    { title: 'force', tail: 'controlPlane: { insights: [{ name: Kubelet version skew, status: ERROR }] }', input: { force: true } },
    {
      title: 'a world in which insights are advice',
      tail: 'controlPlane: { upgradeInsights: advice, insights: [{ name: Kubelet version skew, status: ERROR }] }',
      input: {},
    },
    { title: 'a warning', tail: 'controlPlane: { insights: [{ name: Kubelet version skew, status: WARNING }] }', input: {} },
  ])('but not with $title', ({ tail, input }) => {
    expect(begin(openWith('small', tail), '1.34', input).status).toBe('InProgress')
  })
})

const GROUP_BACK = (text: string) =>
  text
    .replaceAll(', subnets: [nodes-a', ', kubernetesVersion: "1.32", subnets: [nodes-a')
    .replace('v1.33.10-eksbuild.29', 'v1.32.0-eksbuild.2')
    .replace('v1.12.4-eksbuild.38', 'v1.11.4-eksbuild.60')
const BACK = 'controlPlane: { upgradedBefore: 2d }'

describe('the rollback of a control plane', () => {
  it('goes back one minor within a week, as a VersionRollback, once', () => {
    const world = moved(openWith('small', '', {}, GROUP_BACK), '1.34')
    world.timeline.advanceTo(world.timeline.now() + 6 * DAY)
    const { id } = begin(world, '1.33')
    const { update } = untilEnded(world, id, {})
    expect(update).toMatchObject({ type: 'VersionRollback', status: 'Successful' })
    expect(cluster(world).version).toBe('1.33')
    expect(refusalOf(() => begin(world, '1.32')).message).toContain('was not upgraded in place')
  })

  it.each([
    {
      title: 'more than seven days later',
      tail: 'controlPlane: { upgradedBefore: 169h }',
      code: 'InvalidRequestException',
      says: 'more than 7 days ago',
    },
    {
      title: 'after EKS upgraded it at the end of extended support',
      tail: 'controlPlane: { upgradedBefore: 2d, upgradedByEks: end-of-extended-support }',
      code: 'InvalidRequestException',
      says: 'at the end of extended support',
    },
    {
      title: 'to a minor in extended support under a STANDARD policy',
      tail: 'controlPlane: { upgradedBefore: 2d, supportType: STANDARD }',
      code: 'InvalidRequestException',
      says: 'upgrade policy of the cluster is STANDARD',
    },
    {
      title: 'below what its features need',
      tail: 'controlPlane: { upgradedBefore: 2d, featuresSince: "1.33" }',
      input: { force: true },
      code: 'InvalidRequestException',
      says: 'features that need 1.33',
    },
    {
      title: 'with nodes newer than the target',
      tail: BACK,
      edit: undefined,
      code: 'InvalidStateException',
      says: 'Rollback readiness issues',
    },
    {
      title: 'with an insight that is UNKNOWN',
      tail: 'controlPlane: { upgradedBefore: 2d, insights: [{ name: Cluster health issues, category: ROLLBACK_READINESS, status: UNKNOWN }] }',
      edit: GROUP_BACK,
      code: 'InvalidStateException',
      says: 'Rollback readiness issues',
    },
  ])('is refused $title', ({ tail, edit, input = {}, code, says }) => {
    const refusal = refusalOf(() => begin(openWith('small', tail, {}, edit), '1.32', input))
    expect(refusal).toMatchObject({ status: 400, code })
    expect(refusal.message).toContain(says)
  })

  it.each([
    { title: 'nodes went back before', tail: BACK, edit: GROUP_BACK, input: {} },
    { title: 'force skips the insights', tail: BACK, edit: undefined, input: { force: true } },
    {
      title: 'EKS upgraded it at the end of standard support, under an EXTENDED policy',
      tail: 'controlPlane: { upgradedBefore: 2d, upgradedByEks: end-of-standard-support }',
      edit: GROUP_BACK,
      input: {},
    },
  ])('begins when $title', ({ tail, edit, input }) => {
    expect(begin(openWith('small', tail, {}, edit), '1.32', input)).toMatchObject({ type: 'VersionRollback', status: 'InProgress' })
  })
})

describe('the rollback of an Auto Mode cluster', () => {
  const auto = (nodeRollback: string) =>
    openWith('small', `controlPlane: { upgradedBefore: 2d, autoMode: { nodeRollback: ${nodeRollback} } }`, {}, GROUP_BACK)

  it('stays ACTIVE while nodes go back, and only then updates the control plane', () => {
    const world = auto('3h')
    const { id } = begin(world, '1.32', { rollbackConfig: { timeoutMinutes: 240 } })
    world.timeline.advanceTo(world.timeline.now() + 60 * MINUTE)
    expect(cluster(world)).toMatchObject({ status: 'ACTIVE', version: '1.33' })
    expect(untilEnded(world, id, {})).toMatchObject({ update: { status: 'Successful' } })
    expect(cluster(world).version).toBe('1.32')
  })

  it('fails when the nodes take longer than the timeout', () => {
    const world = auto('5h')
    const { update, took } = untilEnded(world, begin(world, '1.32', { rollbackConfig: { timeoutMinutes: 240 } }).id, {})
    expect(update.status).toBe('Failed')
    expect(took).toBeGreaterThanOrEqual(240 * MINUTE)
    expect(cluster(world)).toMatchObject({ status: 'ACTIVE', version: '1.33' })
  })

  it('can be cancelled while nodes are on their way, and not later', () => {
    const world = auto('3h')
    const { id } = begin(world, '1.32')
    expect(eks(world, 'CancelUpdate', { updateId: id }).update).toMatchObject({
      status: 'Cancelled',
      cancellation: { status: 'Successful' },
    })
    world.timeline.advanceTo(world.timeline.now() + DAY)
    expect(cluster(world).version).toBe('1.33')
    const again = begin(world, '1.32')
    world.timeline.advanceTo(world.timeline.now() + 181 * MINUTE)
    expect(refusalOf(() => eks(world, 'CancelUpdate', { updateId: again.id }))).toMatchObject({
      status: 400,
      code: 'InvalidRequestException',
    })
  })

  it('is the only update that can be cancelled', () => {
    const world = openShipped('small')
    const { id } = begin(world, '1.34')
    expect(refusalOf(() => eks(world, 'CancelUpdate', { updateId: id })).message).toContain('of type VersionUpdate cannot be cancelled')
    expect(refusalOf(() => eks(world, 'CancelUpdate', { updateId: 'none' })).status).toBe(404)
  })
})

describe('UpdateClusterConfig', () => {
  const change = (world: OpenedWorld, input: Record<string, unknown>) => eks(world, 'UpdateClusterConfig', input).update

  it.each([
    {
      input: { upgradePolicy: { supportType: 'STANDARD' } },
      type: 'UpgradePolicyUpdate',
      reads: { upgradePolicy: { supportType: 'STANDARD' } },
    },
    { input: { deletionProtection: true }, type: 'DeletionProtectionUpdate', reads: { deletionProtection: true } },
    { input: { zonalShiftConfig: { enabled: true } }, type: 'ZonalShiftConfigUpdate', reads: { zonalShiftConfig: { enabled: true } } },
    {
      input: { accessConfig: { authenticationMode: 'API' } },
      type: 'AccessConfigUpdate',
      reads: { accessConfig: { authenticationMode: 'API' } },
    },
    {
      input: { resourcesVpcConfig: { endpointPublicAccess: false } },
      type: 'EndpointAccessUpdate',
      reads: { resourcesVpcConfig: { endpointPublicAccess: false, endpointPrivateAccess: true } },
    },
    {
      input: { resourcesVpcConfig: { securityGroupIds: ['sg-1'] } },
      type: 'VpcConfigUpdate',
      reads: { resourcesVpcConfig: { securityGroupIds: ['sg-1'] } },
    },
    {
      input: { logging: { clusterLogging: [{ types: ['api'], enabled: true }] } },
      type: 'LoggingUpdate',
      reads: { logging: { clusterLogging: [{ types: ['api'], enabled: true }, { enabled: false }] } },
    },
  ])('$type', ({ input, type, reads }) => {
    const world = openShipped('small')
    const begun = change(world, input)
    expect(begun.type).toBe(type)
    expect(untilEnded(world, begun.id, {}).update.status).toBe('Successful')
    expect(cluster(world)).toMatchObject(reads)
  })

  it.each([
    {
      title: 'two kinds at once',
      input: { deletionProtection: true, zonalShiftConfig: { enabled: true } },
      status: 400,
      says: 'Only one type of update can be allowed.',
    },
    {
      title: 'endpoints and subnets at once',
      input: { resourcesVpcConfig: { subnetIds: [], endpointPublicAccess: false } },
      status: 400,
      says: 'Only one type of update',
    },
    { title: 'nothing', input: {}, status: 400, says: 'No changes needed' },
    {
      title: 'the same endpoint access',
      input: { resourcesVpcConfig: { endpointPublicAccess: true } },
      status: 400,
      says: 'already at the desired configuration',
    },
    {
      title: 'no endpoint at all',
      input: { resourcesVpcConfig: { endpointPublicAccess: false, endpointPrivateAccess: false } },
      status: 400,
      says: 'cannot both be false',
    },
    {
      title: 'the same logging',
      input: { logging: { clusterLogging: [{ types: ['api'], enabled: false }] } },
      status: 400,
      says: 'No changes needed for the logging config',
    },
    {
      title: 'a way back of the authentication mode',
      input: { accessConfig: { authenticationMode: 'CONFIG_MAP' } },
      status: 400,
      says: 'Unsupported authentication mode update',
    },
    { title: 'unknown subnets', input: { resourcesVpcConfig: { subnetIds: ['subnet-0'] } }, status: 400, says: 'do not exist' },
    { title: 'what is not simulated', input: { remoteNetworkConfig: {} }, status: 501, says: 'does not change remoteNetworkConfig' },
  ])('refuses $title', ({ input, status, says }) => {
    const refusal = refusalOf(() => change(openShipped('small'), input))
    expect(refusal.status).toBe(status)
    expect(refusal.message).toContain(says)
  })
})

describe('DescribeClusterVersions', () => {
  interface Row {
    readonly clusterVersion: string
    readonly versionStatus: string
    readonly defaultVersion: boolean
  }
  const list = (input: Record<string, unknown>) =>
    call<{ clusterVersions: Row[] }>(openShipped('small').eks, 'DescribeClusterVersions', input).clusterVersions.map(
      ({ clusterVersion, versionStatus }) => `${clusterVersion} ${versionStatus}`,
    )
  const SUPPORTED = [
    '1.36 STANDARD_SUPPORT',
    '1.35 STANDARD_SUPPORT',
    '1.34 STANDARD_SUPPORT',
    '1.33 EXTENDED_SUPPORT',
    '1.32 EXTENDED_SUPPORT',
    '1.31 EXTENDED_SUPPORT',
  ]

  it.each([
    { title: 'what is supported on the day of the world', input: {}, rows: SUPPORTED },
    { title: 'all', input: { includeAll: true }, rows: [...SUPPORTED, '1.30 UNSUPPORTED', '1.29 UNSUPPORTED', '1.28 UNSUPPORTED'] },
    { title: 'by name', input: { clusterVersions: ['1.28'] }, rows: ['1.28 UNSUPPORTED'] },
    { title: 'by status', input: { versionStatus: 'STANDARD_SUPPORT' }, rows: SUPPORTED.slice(0, 3) },
    { title: 'by the deprecated status', input: { status: 'standard-support' }, rows: SUPPORTED.slice(0, 3) },
    { title: 'the default', input: { defaultOnly: true }, rows: ['1.36 STANDARD_SUPPORT'] },
  ])('lists $title', ({ input, rows }) => {
    expect(list(input)).toEqual(rows)
  })
})

describe('faults of the control plane', () => {
  it.each([
    { fault: 'control-plane-update-fails', status: 'Failed', version: '1.33' },
    { fault: undefined, status: 'Successful', version: '1.34' },
  ])('$fault', ({ fault, status, version }) => {
    const world = openShipped('small', fault === undefined ? {} : { scenarios: scenarioOf(`{ fault: ${fault} }`) })
    expect(untilEnded(world, begin(world, '1.34').id, {}).update.status).toBe(status)
    world.timeline.advanceTo(world.timeline.now() + 10 * SECOND)
    expect(cluster(world)).toMatchObject({ status: 'ACTIVE', version })
  })

  it('a stalled update stays InProgress for as long as the fault holds', () => {
    const world = openShipped('small', {
      scenarios: scenarioOf('{ fault: control-plane-update-stalls, when: { after: eks:UpdateClusterVersion small, to: 2h } }'),
    })
    const { update, took } = untilEnded(world, begin(world, '1.34').id, {})
    expect(update.status).toBe('Successful')
    expect(took).toBeGreaterThanOrEqual(119 * MINUTE)
  })

  it("EKS's own patch answers 409 while the cluster reads ACTIVE", () => {
    const world = openShipped('small', { scenarios: scenarioOf('{ fault: control-plane-patched-by-eks, when: { to: 10m } }') })
    expect(cluster(world).status).toBe('ACTIVE')
    expect(refusalOf(() => begin(world, '1.34'))).toMatchObject({ status: 409, code: 'ResourceInUseException' })
    world.timeline.advanceTo(world.timeline.now() + 11 * MINUTE)
    expect(begin(world, '1.34').status).toBe('InProgress')
  })

  it('the API server may be away without an update, and what was open breaks', () => {
    const world = openShipped('small', { scenarios: scenarioOf('{ fault: api-server-away, when: { from: 1m, to: 2m } }') })
    const start = world.timeline.now()
    let broken = 0
    world.apiServer.onBreak(() => broken++)
    const seen = [30, 90, 150].map((second) => {
      world.timeline.advanceTo(start + second * SECOND)
      return [world.apiServer.isAway(), broken]
    })
    expect(seen).toEqual([
      [false, 0],
      [true, 1],
      [false, 1],
    ])
  })
})
