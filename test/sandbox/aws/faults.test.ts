import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { NodePlace } from '../../../src/sandbox/levers.ts'
import { createWire } from '../../../src/sandbox/wire/wire.ts'
import type { PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { eks, groupSeen, openShipped, openWith, refusalOf, scalingGroup, scenarioOf, untilEnded } from './world-driver.ts'

const subject = (changes: Partial<NodePlace> = {}): NodePlace => ({
  node: 'ip-10-0-0-9',
  group: 'canary',
  zone: 'eu-central-1a',
  instanceType: 'm5.large',
  kubeletMinor: '1.33',
  cniVersion: 'v1.21.1-eksbuild.7',
  imageId: 'ami-0123456789abcdef0',
  launchedLater: true,
  ...changes,
})

/** The quickstart, whose CloudWatch alarm sounds then. */
function withAlarm(when: string, controlPlane = ''): OpenedWorld {
  const scenarios = scenarioOf(`{ fault: alarm-sounds, where: { alarm: errors }, when: ${when} }`)
  return openWith('quickstart', `controlPlane: { ${controlPlane} }`, { scenarios })
}

const alarmed = (world: OpenedWorld) => world.faults.effects('cloudwatch/alarm', { alarm: 'errors' }).length > 0

describe('faults of nodes', () => {
  it.each([
    { title: 'the place matches', where: '{ group: "can*", zone: "*a" }', changes: {}, holds: true },
    { title: 'the group differs', where: '{ group: app-a }', changes: {}, holds: false },
    { title: 'it was there before', where: '{ launchedLater: true }', changes: { launchedLater: false }, holds: false },
    {
      title: 'the CNI is the one of the beginning',
      where: '{ cniChanged: true }',
      changes: { cniVersion: 'v1.20.4-eksbuild.2' },
      holds: false,
    },
    { title: 'the CNI is another', where: '{ cniChanged: true }', changes: {}, holds: true },
    { title: 'the version matches', where: '{ cniVersion: "v1.21.*" }', changes: {}, holds: true },
  ])('hold or not when $title', ({ where, changes, holds }) => {
    const { faults } = openShipped('quickstart', { scenarios: scenarioOf(`{ fault: ipam-hang, where: ${where} }`) })
    expect(faults.effects('aws-node/start', subject(changes))).toEqual(holds ? [{ step: 'host-network', fate: 'hang' }] : [])
    expect(faults.effects('node/join', subject(changes))).toEqual([])
  })

  it('meet a share of the nodes, the same ones however often and in whatever order they are asked', () => {
    const open = () => openShipped('quickstart', { scenarios: scenarioOf('{ fault: ipam-hang, where: { share: 0.5 } }') }).faults
    const names = Array.from({ length: 200 }, (_, index) => `node-${index}`)
    const hit = (order: readonly string[]) => {
      const faults = open()
      return order.filter((node) => faults.effects('aws-node/start', subject({ node })).length > 0).sort()
    }
    expect(hit(names)).toEqual(hit([...names].reverse()))
    expect(hit(names).length).toBeGreaterThan(70)
    expect(hit(names).length).toBeLessThan(130)
  })
})

describe('faults in time', () => {
  it('begin after an accepted operation, from one offset to another', () => {
    const scenarios = scenarioOf('{ fault: subnet-exhausted, when: { after: "eks:UpdateNodegroupVersion app-*", from: 1m, to: 2m } }')
    const world = openShipped('quickstart', { scenarios })
    const [subnet = ''] = eks(world, 'DescribeNodegroup', { nodegroupName: 'app-a' }).nodegroup.subnets ?? []
    const holds = () => world.faults.effects('subnet/exhausted', { subnetId: subnet, zone: 'eu-central-1a', group: ['app-a'] }).length > 0
    const wait = (span: number) => world.timeline.advanceTo(world.timeline.now() + span)
    eks(world, 'UpdateNodegroupVersion', { nodegroupName: 'canary', version: '1.33' })
    wait(90 * SECOND)
    expect(holds()).toBe(false)
    eks(world, 'UpdateNodegroupVersion', { nodegroupName: 'app-a', version: '1.33' })
    expect(holds()).toBe(false)
    wait(MINUTE)
    expect(holds()).toBe(true)
    wait(MINUTE)
    expect(holds()).toBe(false)
  })

  it.each([
    { phase: 'scale-up', retired: false },
    { phase: 'upgrade', retired: true },
    { phase: 'scale-down', retired: true },
  ])('hold for as long as an update is in its phase $phase', ({ phase, retired }) => {
    const when = `{ after: "eks:UpdateNodegroupVersion app-a", phase: ${phase} }`
    const world = withAlarm(when)
    const holds = () => alarmed(world)
    const { update } = eks(world, 'UpdateNodegroupVersion', { nodegroupName: 'app-a', version: '1.33' })
    const seen: { holds: boolean; cordoned: boolean; members: number }[] = []
    untilEnded(world, update.id, { nodegroupName: 'app-a' }, () => {
      const members = scalingGroup(world, 'app-a').DesiredCapacity ?? 0
      seen.push({ holds: holds(), cordoned: groupSeen(world, 'app-a').cordoned.length > 0, members })
    })
    const during = seen.filter((each) => each.holds)
    expect(during.length).toBeGreaterThan(0)
    expect(seen[0]?.holds).toBe(false)
    expect(holds()).toBe(false)
    expect(during[0]?.members).toBeGreaterThan(6)
    expect(during.some(({ cordoned }) => cordoned)).toBe(retired)
    // One stretch, not several.
    const edges = seen.filter((each, at) => each.holds !== seen[at - 1]?.holds).length
    expect(edges).toBeLessThanOrEqual(3)
  })

  it('take back what they did to the world when their phase ends', () => {
    const when = '{ after: "eks:UpdateNodegroupVersion app-a", phase: scale-up }'
    const world = openShipped('quickstart', { scenarios: scenarioOf(`{ fault: nodes-cordoned, where: { group: app-b }, when: ${when} }`) })
    const { update } = eks(world, 'UpdateNodegroupVersion', { nodegroupName: 'app-a', version: '1.33' })
    let most = 0
    untilEnded(world, update.id, { nodegroupName: 'app-a' }, () => {
      most = Math.max(most, groupSeen(world, 'app-b').cordoned.length)
    })
    expect([most, groupSeen(world, 'app-b').cordoned.length]).toEqual([groupSeen(world, 'app-b').ready, 0])
  })

  it.each([
    { phase: 'apply', versions: ['v1.20.4-eksbuild.2'], rolling: false },
    { phase: 'rollout', versions: ['v1.21.1-eksbuild.7'], rolling: true },
  ])('hold for as long as an update of an add-on is in its phase $phase', ({ phase, versions, rolling }) => {
    const world = withAlarm(`{ after: "eks:UpdateAddon vpc-cni", phase: ${phase} }`)
    const { update } = eks(world, 'UpdateAddon', {
      addonName: 'vpc-cni',
      addonVersion: 'v1.21.1-eksbuild.7',
      resolveConflicts: 'OVERWRITE',
    })
    const held: { version: string | undefined; rolled: number }[] = []
    const look = () => {
      if (!alarmed(world)) return
      const { status } = world.store.get('DaemonSet', 'kube-system', 'aws-node') as { status?: { updatedNumberScheduled?: number } }
      held.push({
        version: eks(world, 'DescribeAddon', { addonName: 'vpc-cni' }).addon.addonVersion,
        rolled: status?.updatedNumberScheduled ?? 0,
      })
    }
    look()
    world.timeline.advanceTo(world.timeline.now() + 2 * SECOND)
    look()
    untilEnded(world, update.id, { addonName: 'vpc-cni' }, look)
    expect([...new Set(held.map(({ version }) => version))]).toEqual(versions)
    expect(new Set(held.map(({ rolled }) => rolled)).size > 1).toBe(rolling)
    expect(alarmed(world)).toBe(false)
  })

  it.each([
    { phase: 'nodes', back: true, versions: ['1.33'], away: false, status: ['ACTIVE'] },
    { phase: 'launch', back: false, versions: ['1.33'], away: false, status: ['UPDATING'] },
    { phase: 'replace', back: false, versions: ['1.33'], away: true, status: ['UPDATING'] },
    { phase: 'verify', back: false, versions: ['1.34'], away: false, status: ['UPDATING'] },
  ])('hold for as long as an update of the control plane is in its phase $phase', ({ phase, back, versions, away, status }) => {
    const world = withAlarm(`{ after: "eks:UpdateClusterVersion shop", phase: ${phase} }`, back ? 'upgradedBefore: 1d, autoMode: {}' : '')
    eks(world, 'UpdateClusterVersion', { version: back ? '1.32' : '1.34', force: true })
    const held: { version: string; away: boolean; status: string }[] = []
    for (let passed = 0; passed < 2 * HOUR; passed += SECOND) {
      world.timeline.advanceTo(world.timeline.now() + SECOND)
      const { cluster } = eks(world, 'DescribeCluster')
      // What it reads lags five seconds behind.
      if (alarmed(world) && passed > 5 * SECOND)
        held.push({ version: cluster.version, away: world.apiServer.isAway(), status: cluster.status })
    }
    const values = <K extends keyof (typeof held)[0]>(key: K) => [...new Set(held.map((each) => each[key]))]
    expect({ versions: values('version'), away: values('away'), status: values('status') }).toEqual({ versions, away: [away], status })
    expect(alarmed(world)).toBe(false)
  })

  it.each([
    { title: 'an operation has not', after: 'eks:UpdateAddon coredns', phase: 'upgrade' },
    { title: 'no update has', after: 'eks:UpdateNodegroupConfig app-a', phase: 'scale-up' },
  ])('wait for no phase that $title', ({ after, phase }) => {
    const scenarios = scenarioOf(`{ fault: subnet-exhausted, when: { after: "${after}", phase: ${phase} } }`)
    expect(() => openShipped('quickstart', { scenarios })).toThrow(`"after" has no phase ${phase}; phases have eks:UpdateNodegroupVersion`)
  })

  it('come in bursts', () => {
    const world = openShipped('quickstart', {
      scenarios: scenarioOf('{ fault: throttling, where: { service: eks }, when: { every: 10m, lasting: 1m } }'),
    })
    const asked = () =>
      world.faults.onRequest({ service: 'eks', operation: 'DescribeNodegroup', resource: 'canary', mutating: false, nth: 1, occasion: 'r' })
    expect(asked()).toMatchObject({ kind: 'error', when: 'before', status: 429, code: 'ThrottlingException' })
    world.timeline.advanceTo(world.timeline.now() + 5 * MINUTE)
    expect(asked()).toBeUndefined()
    world.timeline.advanceTo(world.timeline.now() + 5 * MINUTE)
    expect(asked()).toBeDefined()
  })
})

describe('faults of requests', () => {
  it.each([
    {
      fault: '{ fault: server-error, effect: after }',
      intervention: { kind: 'error', when: 'after', status: 500, code: 'ServerException' },
    },
    { fault: '{ fault: cut-connection }', intervention: { kind: 'cut', when: 'before' } },
    { fault: '{ fault: html, where: { nth: [2] } }', intervention: { kind: 'html', status: 200 } },
    { fault: '{ fault: throttling, where: { mutating: true } }', intervention: undefined },
    { fault: '{ fault: throttling, where: { operation: "Update*" } }', intervention: undefined },
  ])('$fault', ({ fault, intervention }) => {
    const { faults } = openShipped('quickstart', { scenarios: scenarioOf(fault) })
    const seen = faults.onRequest({ service: 'eks', operation: 'DescribeUpdate', resource: 'u', mutating: false, nth: 2, occasion: 'r' })
    if (intervention === undefined) expect(seen).toBeUndefined()
    else expect(seen).toMatchObject(intervention)
  })

  it('by chance meet the same requests in whatever order parallel ones arrive', () => {
    const scenarios = scenarioOf('{ fault: throttling, chance: 0.5 }')
    const inputs = Array.from({ length: 40 }, (_, n) => ({ nodegroupName: 'canary', token: `t${n % 20}` }))
    const met = (arrivals: typeof inputs) => {
      const { admit } = createWire(openShipped('quickstart', { scenarios }), { later: () => () => {}, wait: async () => {} })
      const hit = arrivals.filter((input) => {
        const asked = { service: 'eks', operation: 'UpdateNodegroupConfig', resource: 'canary', mutating: true, input }
        return admit(asked).intervention !== undefined
      })
      return hit.map(({ token }) => token).sort()
    }
    const hit = met(inputs)
    expect(met([...inputs].reverse())).toEqual(hit)
    expect(hit.length).toBeGreaterThan(8)
    expect(hit.length).toBeLessThan(32)
  })
})

describe('faults of containers', () => {
  const statusIn = (world: OpenedWorld, workload: string) =>
    (world.store.list('Pod') as readonly PodObject[])
      .filter(({ metadata }) => metadata.name.startsWith(workload))
      .map(({ status }) => status?.containerStatuses?.[0])

  it('meet what already runs when they begin, and let go of it when they end', () => {
    const world = openShipped('small', {
      scenarios: scenarioOf('{ fault: container-exits, where: { namespace: shop, workload: site }, when: { from: 1m, to: 3m }, code: 3 }'),
    })
    const pass = (span: number) => world.timeline.advanceTo(world.timeline.now() + span)
    pass(50 * SECOND)
    expect(statusIn(world, 'site').map((status) => status?.restartCount)).toEqual([0, 0, 0, 0])
    pass(MINUTE)
    for (const status of statusIn(world, 'site'))
      expect(status).toMatchObject({ ready: false, lastState: { terminated: { exitCode: 3, reason: 'Error' } } })
    expect(statusIn(world, 'worker').every((status) => status?.ready && status.restartCount === 0)).toBe(true)
    pass(5 * MINUTE)
    expect(statusIn(world, 'site').every((status) => status?.ready && (status.restartCount ?? 0) > 1)).toBe(true)
  })
})

describe('worlds of scenarios', () => {
  const withWorld = (world: string, faults = '[]') => [
    {
      name: 'test.yaml',
      text: `apiVersion: serin.dev/v1alpha1\nkind: Scenario\nmetadata: { name: test, summary: test }\nworld: ${world}\nfaults: ${faults}\n`,
    },
  ]

  it('are the world with what they change', () => {
    const world = openShipped('small', {
      scenarios: withWorld(
        `{ addons: { vpc-cni: { configuration: { env: { WARM_IP_TARGET: "5" } } }, eks-pod-identity-agent: { version: v1.3.10-eksbuild.3 } },
           nodeGroups: { w*: { instanceTypes: [m6i.large] } }, cluster: { ipFamily: ipv6 }, controlPlane: { deletionProtection: true, upgradedBefore: 2d },
           objects: [{ apiVersion: v1, kind: ConfigMap, metadata: { name: settings, namespace: shop }, data: { a: b } }] }`,
      ),
    })
    expect(eks(world, 'DescribeAddon', { addonName: 'vpc-cni' }).addon).toMatchObject({
      addonVersion: 'v1.22.4-eksbuild.3',
      configurationValues: '{"env":{"WARM_IP_TARGET":"5"}}',
    })
    expect(world.store.get('DaemonSet', 'kube-system', 'eks-pod-identity-agent')).toBeDefined()
    expect(eks(world, 'DescribeCluster').cluster).toMatchObject({ deletionProtection: true, kubernetesNetworkConfig: { ipFamily: 'ipv6' } })
    expect(eks(world, 'DescribeNodegroup', { nodegroupName: 'web' }).nodegroup.instanceTypes).toEqual(['m6i.large'])
    expect(eks(world, 'DescribeNodegroup', { nodegroupName: 'canary' }).nodegroup.instanceTypes).toEqual(['t3.large'])
    expect(world.store.get('ConfigMap', 'shop', 'settings')).toMatchObject({ data: { a: 'b' } })
  })

  it.each([
    { title: 'a group that is not there', world: '{ nodeGroups: { gpu: {} } }', says: /Scenario test: node group "gpu" matches nothing/ },
    { title: 'an add-on without version that is not installed', world: '{ addons: { efs: {} } }', says: /efs is not installed.*version/ },
    { title: 'taking away what is not there', world: '{ addons: { efs: null } }', says: /efs is not installed/ },
    { title: 'a member nobody knows', world: '{ colour: red }', says: /test\.yaml:4:\d+: world: .*colour/ },
    { title: 'nothing at all', world: '{}', says: /neither faults nor a world/ },
  ])('are refused when they do not fit: $title', ({ world, says }) => {
    expect(refusalOf(() => openShipped('small', { scenarios: withWorld(world) })).message).toMatch(says)
  })
})

describe('files that are wrong', () => {
  it.each([
    { title: 'a fault nobody knows', fault: '{ fault: ipam-hand }', says: /^test\.yaml:5:\d+: faults\.0\.fault/ },
    { title: 'an unknown key', fault: '{ fault: ipam-hang, wher: {} }', says: /^test\.yaml:5:\d+: faults\.0: .*wher/ },
    { title: 'a time that is none', fault: '{ fault: ipam-hang, when: { from: soon } }', says: /"soon" is not a duration/ },
    {
      title: 'a group that this world lacks',
      fault: '{ fault: ipam-hang, where: { group: nobody } }',
      says: /group "nobody" matches nothing in this world \(canary, /,
    },
  ])('are refused with their place: $title', ({ fault, says }) => {
    expect(refusalOf(() => openShipped('quickstart', { scenarios: scenarioOf(fault) })).message).toMatch(says)
  })

  it.each([
    { title: 'a broken line', world: 'apiVersion: serin.dev/v1alpha1\nkind: [World', says: /^world:2:/ },
    { title: 'an unknown key', world: 'apiVersion: serin.dev/v1alpha1\nkind: World\ncolour: red', says: /colour/ },
  ])('of worlds too: $title', ({ world, says }) => {
    expect(refusalOf(() => openShipped('quickstart', { world })).message).toMatch(says)
  })
})
