import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE } from '../../src/model/instant.ts'
import { call, eks, openShipped, scalingGroup, scenarioOf } from './aws/world-driver.ts'

const named = (name: string, body: string) => ({
  name: `${name}.yaml`,
  text: `apiVersion: serin.dev/v1alpha1\nkind: Scenario\nmetadata: { name: ${name}, summary: test }\n${body}\n`,
})

const open = (...bodies: readonly string[]) =>
  openShipped('quickstart', { scenarios: bodies.map((body, at) => named(at === 0 ? 'one' : 'other', body)) })

describe('scenarios that are played together', () => {
  it.each([
    {
      title: 'a version',
      one: 'world: { addons: { vpc-cni: { version: v1.20.4-eksbuild.2 } } }',
      other: 'world: { addons: { vpc-cni: { version: v1.21.2-eksbuild.2 } } }',
      path: 'addons.vpc-cni.version',
    },
    {
      title: 'a setting, one by a pattern',
      one: 'world: { nodeGroups: { "*": { instanceTypes: [m5.large] } } }',
      other: 'world: { nodeGroups: { app-a: { instanceTypes: [m6i.large] } } }',
      path: 'nodeGroups.app-a.instanceTypes',
    },
    {
      title: 'a value inside the configuration',
      one: 'world: { addons: { vpc-cni: { configuration: { env: { WARM_IP_TARGET: "1" } } } } }',
      other: 'world: { addons: { vpc-cni: { configuration: { env: { WARM_IP_TARGET: "2" } } } } }',
      path: 'addons.vpc-cni.configuration.env.WARM_IP_TARGET',
    },
    {
      title: 'a workload',
      one: 'world: { workloads: [{ kind: Deployment, namespace: a, name: b, replicas: 1 }] }',
      other: 'world: { workloads: [{ kind: Deployment, namespace: a, name: b, replicas: 2 }] }',
      path: 'Deployment a/b',
    },
  ])('contradict each other about $title, and are refused with both names', ({ one, other, path }) => {
    expect(() => open(one, other)).toThrow(`Scenarios one and other contradict each other: ${path} is`)
  })

  it.each([
    { title: 'say the same', other: 'world: { addons: { vpc-cni: { version: v1.20.4-eksbuild.2 } } }' },
    { title: 'speak of different things', other: 'world: { addons: { vpc-cni: { configuration: { env: { WARM_IP_TARGET: "2" } } } } }' },
  ])('fit where they $title', ({ other }) => {
    expect(() => open('world: { addons: { vpc-cni: { version: v1.20.4-eksbuild.2 } } }', other)).not.toThrow()
  })
})

describe('a fault that met nothing', () => {
  it.each([
    {
      title: 'the operation it waits for was never accepted',
      fault: '{ fault: node-group-update-stalls, where: { group: app-a }, when: { after: eks:UpdateNodegroupVersion app-a } }',
      says: 'it waits for eks:UpdateNodegroupVersion app-a, which was never accepted.',
    },
    { title: 'everything was over before', fault: '{ fault: api-server-away, when: { from: 3h } }', says: 'it begins 3h' },
    {
      title: 'nothing is like that',
      fault: '{ fault: node-never-joins, where: { instanceType: x1e.32xlarge } }',
      says: 'nothing came its way that is instanceType "x1e.32xlarge".',
    },
  ])('says why: $title', ({ fault, says }) => {
    const world = openShipped('quickstart', { scenarios: scenarioOf(fault) })
    world.timeline.advanceTo(world.timeline.now() + HOUR)
    expect(world.unmetFaults()).toEqual([expect.stringContaining(says.replace('3h', '180m'))])
    expect(world.unmetFaults()[0]).toMatch(/^The fault [a-z-]+ of scenario test met nothing: /)
  })

  it('has met something as soon as it had an effect', () => {
    const world = openShipped('quickstart', { scenarios: scenarioOf('{ fault: node-never-joins, where: { group: app-a } }') })
    expect(world.unmetFaults()).toHaveLength(1)
    const { AutoScalingGroupName, DesiredCapacity = 0 } = scalingGroup(world, 'app-a')
    call(world.autoScaling, 'SetDesiredCapacity', { AutoScalingGroupName, DesiredCapacity: DesiredCapacity + 1 })
    world.timeline.advanceTo(world.timeline.now() + 5 * MINUTE)
    expect(world.unmetFaults()).toEqual([])
  })

  it('is told when it changes the world itself, and when its time came', () => {
    const fault = '{ fault: nodes-cordoned, where: { group: app-a }, when: { after: eks:UpdateAddon kube-proxy } }'
    const world = openShipped('quickstart', { scenarios: scenarioOf(fault) })
    expect(world.unmetFaults()).toHaveLength(1)
    eks(world, 'UpdateAddon', { addonName: 'kube-proxy', addonVersion: 'v1.33.10-eksbuild.29' })
    world.timeline.advanceTo(world.timeline.now() + MINUTE)
    expect(world.unmetFaults()).toEqual([])
  })

  it('is one that another fault stands before wherever it would hold', () => {
    const one = '{ fault: throttling, where: { service: eks } }'
    const other = '{ fault: server-error, where: { service: eks } }'
    const world = openShipped('quickstart', { scenarios: scenarioOf(one, other) })
    const request = { service: 'eks', operation: 'ListNodegroups', resource: '', mutating: false, nth: 1, occasion: 'a' }
    expect(world.faults.onRequest(request)).toMatchObject({ kind: 'error', status: 429 })
    expect(world.unmetFaults()).toEqual([expect.stringContaining('The fault server-error')])
  })
})
