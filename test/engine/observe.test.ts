import { describe, expect, it } from 'vitest'
import { type Observer, openObserver, type Wanted } from '../../src/engine/observe.ts'
import { SerinError } from '../../src/errors/serin-error.ts'
import type { AutoScalingGroup, EksAddon, EksNodegroup, EksUpdate } from '../../src/model/aws.ts'
import { type Instant, MINUTE, SECOND } from '../../src/model/instant.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { Caches } from '../../src/ports/kubernetes.ts'
import type { RunPorts } from '../../src/ports/ports.ts'
import { aNodeObject, anAwsNodePod } from '../support/objects.ts'
import { NOW } from '../support/seen-builder.ts'

const NOTHING: Wanted = { groups: [], addons: [], updates: [], logsOf: [] }

/** A cluster in memory with one group `app-a` of one node and a quiet group `web`; tests change what answers. */
class FakeCluster {
  now: Instant = NOW
  readonly calls: string[] = []
  readonly groups = new Map<string, EksNodegroup>([
    ['app-a', { status: 'ACTIVE', version: '1.33', resources: { autoScalingGroups: [{ name: 'asg-a' }] } }],
    ['web', { status: 'ACTIVE', version: '1.32' }],
  ])
  addon: EksAddon | undefined = { status: 'ACTIVE', addonVersion: 'v1.19.0-eksbuild.1' }
  update: EksUpdate = { id: 'u1', status: 'InProgress' }
  log = 'Checking for IPAM connectivity...'
  objects: readonly KubernetesObject[] = [aNodeObject('ip-10-0-1-7'), anAwsNodePod('ip-10-0-1-7')]
  cacheTrouble: ReturnType<Caches['unavailable']> = []
  throttled = 0
  instances: AutoScalingGroup['Instances'] = []
  /** Calls that fail, by name. */
  readonly broken = new Map<string, Error>()

  call<T>(name: string, answer: () => T): Promise<T> {
    this.calls.push(name)
    const error = this.broken.get(name)
    return error === undefined ? Promise.resolve(answer()) : Promise.reject(error)
  }

  /** Calls since the last look. */
  takeCalls(): readonly string[] {
    return this.calls.splice(0)
  }

  ports(): RunPorts {
    const ports = {
      clock: { now: () => this.now },
      lease: { status: () => 'held' },
      throttled: () => this.throttled,
      eks: {
        listNodegroups: () => this.call('list', () => [...this.groups.keys()]),
        describeNodegroup: (_: string, name: string) => this.call(`group ${name}`, () => ({ ...this.groups.get(name) })),
        describeAddon: (_: string, name: string) => this.call(`addon ${name}`, () => this.addon),
        describeUpdate: (_: string, id: string) => this.call(`update ${id}`, () => this.update),
      },
      autoScaling: {
        describeGroups: (names: readonly string[]) =>
          this.call(`asg ${names.join()}`, () =>
            names.map((name) => ({ AutoScalingGroupName: name, MinSize: 0, MaxSize: 4, DesiredCapacity: 1, Instances: this.instances })),
          ),
        describeScalingActivities: (name: string) => this.call(`activities ${name}`, () => []),
      },
      kubernetes: {
        list: () => this.call('node events', () => []),
        logs: (_: string, pod: string) => this.call(`log ${pod}`, () => this.log),
      },
      caches: {
        start: () => this.call('start', () => undefined),
        refresh: () => this.call('refresh', () => undefined),
        stop: () => this.call('stop', () => undefined),
        unavailable: () => this.cacheTrouble,
        items: ({ kind }: { kind: string }) => this.objects.filter((object) => object.kind === kind),
      },
    }
    return ports as unknown as RunPorts
  }
}

function opened(): { cluster: FakeCluster; observer: Observer } {
  const cluster = new FakeCluster()
  return { cluster, observer: openObserver(cluster.ports(), 'shop') }
}

const ALL = ['update u1', 'group app-a', 'asg asg-a']

const forbidden = new SerinError('REMOTE_DENIED', 'not allowed', { remoteCode: 'AccessDeniedException' })

describe('what is read for a picture', () => {
  it('at first all groups, then only groups in flight', async () => {
    const { cluster, observer } = opened()
    await observer.picture(NOTHING)
    expect(cluster.takeCalls()).toEqual(['start', 'list', 'group app-a', 'group web'])
    await observer.picture({ ...NOTHING, groups: ['app-a'] })
    expect(cluster.takeCalls()).toEqual(['group app-a', 'asg asg-a', 'node events'])
  })

  it.each([
    {
      title: 'an instance in service without a node',
      instances: [{ InstanceId: 'i-lost', LifecycleState: 'InService' }],
      activities: true,
    },
    { title: 'an instance on its way', instances: [{ InstanceId: 'i-young', LifecycleState: 'Pending' }], activities: false },
    { title: 'a failed update', status: 'Failed' as const, activities: true },
    { title: 'an update in progress', activities: false },
  ])('what Auto Scaling did: with $title $activities', async ({ instances = [], status = 'InProgress' as const, activities }) => {
    const { cluster, observer } = opened()
    cluster.instances = instances
    cluster.update = { id: 'u1', status }
    await observer.picture({ ...NOTHING, groups: ['app-a'], updates: [{ id: 'u1', nodegroup: 'app-a' }] })
    expect(cluster.takeCalls().includes('activities asg-a')).toBe(activities)
  })

  it('nothing that Auto Scaling did while every instance is a node of its group', async () => {
    const { cluster, observer } = opened()
    const node = aNodeObject('ip-10-0-1-7', { spec: { providerID: 'aws:///eu-central-1a/i-0123456789abcdef0' } })
    cluster.objects = [{ ...node, metadata: { ...node.metadata, labels: { 'eks.amazonaws.com/nodegroup': 'app-a' } } }]
    cluster.instances = [{ InstanceId: 'i-0123456789abcdef0', LifecycleState: 'InService' }]
    await observer.picture({ ...NOTHING, groups: ['app-a'] })
    expect(cluster.takeCalls()).not.toContain('activities asg-a')
  })

  it.each([
    { title: 'just under five minutes', after: 5 * MINUTE - SECOND, calls: [] },
    { title: 'five minutes', after: 5 * MINUTE, calls: ['list', 'group app-a', 'group web'] },
  ])('after $title without a group in flight: $calls', async ({ after, calls }) => {
    const { cluster, observer } = opened()
    await observer.picture(NOTHING)
    cluster.takeCalls()
    cluster.now += after
    await observer.picture(NOTHING)
    expect(cluster.takeCalls()).toEqual(calls)
  })

  it.each([
    { title: 'EKS updates it', updating: true, status: 'InProgress' as const, calls: ['update u1'] },
    { title: 'EKS updates it, half a minute later', updating: true, status: 'InProgress' as const, after: 30 * SECOND, calls: ALL },
    { title: 'its update has ended', updating: true, status: 'Successful' as const, calls: ALL },
    { title: 'no update is known', updating: false, status: 'InProgress' as const, calls: ALL.slice(1) },
    {
      title: 'EKS updates it, and Auto Scaling did not answer before',
      updating: true,
      status: 'InProgress' as const,
      broken: 'asg asg-a',
      calls: ALL,
    },
    {
      title: 'EKS updates it, and the group was not described before',
      updating: true,
      status: 'InProgress' as const,
      broken: 'group app-a',
      calls: ALL,
    },
  ])('of a group in flight, ten seconds later: $calls when $title', async ({ updating, status, after = 10 * SECOND, broken, calls }) => {
    const { cluster, observer } = opened()
    const wanted = { ...NOTHING, groups: ['app-a'], updates: updating ? [{ id: 'u1', nodegroup: 'app-a' }] : [] }
    await observer.picture(wanted)
    cluster.now += 30 * SECOND
    if (broken !== undefined) cluster.broken.set(broken, forbidden)
    await observer.picture(wanted)
    cluster.takeCalls()
    cluster.now += after
    cluster.update = { id: 'u1', status }
    const seen = await observer.picture(wanted)
    expect(cluster.takeCalls().filter((call) => call !== 'node events')).toEqual(calls)
    expect(seen.unavailable).toHaveLength(broken === undefined ? 0 : 1)
  })

  it('wanted add-ons and updates; an update that has ended is not asked for again', async () => {
    const { cluster, observer } = opened()
    const wanted = { ...NOTHING, addons: ['vpc-cni'], updates: [{ id: 'u1', addon: 'vpc-cni' }] }
    await observer.picture(wanted)
    cluster.update = { id: 'u1', status: 'Successful' }
    const seen = await observer.picture(wanted)
    expect(seen.updates.u1?.status).toBe('Successful')
    expect(seen.addons['vpc-cni']?.spec.version).toBe('v1.19.0-eksbuild.1')
    cluster.takeCalls()
    await observer.picture(wanted)
    expect(cluster.takeCalls()).toEqual(['addon vpc-cni'])
  })

  it('logs of wanted nodes only', async () => {
    const { observer } = opened()
    const blind = await observer.picture(NOTHING)
    expect(blind.groups['app-a']?.nodes[0]?.awsNode?.log).toBeUndefined()
    const seen = await observer.picture({ ...NOTHING, logsOf: ['ip-10-0-1-7'] })
    expect(seen.groups['app-a']?.nodes[0]?.awsNode?.log).toEqual({ text: 'Checking for IPAM connectivity...', readAt: NOW })
  })
})

describe('a picture', () => {
  it('keeps the identity of what did not change, although every answer is a new object', async () => {
    const { observer } = opened()
    const wanted = { ...NOTHING, groups: ['app-a', 'web'] }
    const first = await observer.picture(wanted)
    const second = await observer.picture(wanted)
    expect(second.groups['app-a']).toBe(first.groups['app-a'])
    expect(second.groups.web).toBe(first.groups.web)
  })

  it('has the sizes of the Auto Scaling group while the group is in flight', async () => {
    const { observer } = opened()
    const seen = await observer.picture({ ...NOTHING, groups: ['app-a'] })
    expect(seen.groups['app-a']?.autoScaling).toMatchObject({ name: 'asg-a', sizes: { max: 4 }, unjoined: [] })
    expect((await observer.picture(NOTHING)).groups['app-a']?.autoScaling).toBeUndefined()
  })

  it('counts throttling answers since the picture before', async () => {
    const { cluster, observer } = opened()
    cluster.throttled = 3
    expect((await observer.picture(NOTHING)).throttled).toBe(3)
    expect((await observer.picture(NOTHING)).throttled).toBe(0)
  })

  it('counts nodes of a group that EKS did not describe among the others', async () => {
    const { cluster, observer } = opened()
    cluster.broken.set('group app-a', forbidden)
    const seen = await observer.picture(NOTHING)
    expect(seen.groups['app-a']).toBeUndefined()
    expect(seen.otherNodes.map((node) => node.name)).toEqual(['ip-10-0-1-7'])
  })
})

describe('what cannot be read', () => {
  const wanted = { ...NOTHING, groups: ['app-a'], addons: ['vpc-cni'], updates: [{ id: 'u1' }], logsOf: ['ip-10-0-1-7'] }

  it.each([
    { call: 'group app-a', source: 'eks:DescribeNodegroup/app-a' },
    { call: 'list', source: 'eks:ListNodegroups' },
    { call: 'addon vpc-cni', source: 'eks:DescribeAddon/vpc-cni' },
    { call: 'update u1', source: 'eks:DescribeUpdate/u1' },
    { call: 'asg asg-a', source: 'autoscaling:DescribeAutoScalingGroups' },
    { call: 'activities asg-a', source: 'autoscaling:DescribeScalingActivities/asg-a' },
    { call: 'log aws-node-ip-10-0-1-7', source: 'logs:kube-system/aws-node-ip-10-0-1-7' },
    { call: 'node events', source: 'kubernetes:events/nodes' },
  ])('$source is named with the reason, keeps its beginning, and is forgotten when it is read again', async ({ call, source }) => {
    const { cluster, observer } = opened()
    cluster.instances = [{ InstanceId: 'i-lost', LifecycleState: 'InService' }]
    await observer.picture(wanted)
    cluster.broken.set(call, forbidden)
    cluster.now = NOW + 5 * MINUTE
    await observer.picture(wanted)
    cluster.now = NOW + 6 * MINUTE
    const seen = await observer.picture(wanted)
    expect(seen.unavailable).toEqual([{ source, reason: 'AccessDeniedException: not allowed', since: NOW + 5 * MINUTE }])
    cluster.broken.clear()
    expect((await observer.picture(wanted)).unavailable).toEqual([])
  })

  it('keeps its last answer', async () => {
    const { cluster, observer } = opened()
    const withoutLogs = { ...wanted, logsOf: [] }
    const before = await observer.picture(withoutLogs)
    cluster.broken.set('group app-a', forbidden)
    cluster.groups.set('app-a', { status: 'UPDATING' })
    expect((await observer.picture(withoutLogs)).groups['app-a']).toBe(before.groups['app-a'])
  })

  it('makes a log unreadable, and does not pass off an older one', async () => {
    const { cluster, observer } = opened()
    await observer.picture(wanted)
    cluster.broken.set('log aws-node-ip-10-0-1-7', forbidden)
    const seen = await observer.picture(wanted)
    expect(seen.groups['app-a']?.nodes[0]?.awsNode?.log).toEqual({ unreadable: 'AccessDeniedException: not allowed' })
  })

  it('counts an answer without a status as none', async () => {
    const { cluster, observer } = opened()
    cluster.groups.set('app-a', {})
    const seen = await observer.picture(wanted)
    expect(seen.unavailable.map(({ source }) => source)).toContain('eks:DescribeNodegroup/app-a')
  })

  it('is told of the caches by kind', async () => {
    const { cluster, observer } = opened()
    const resource = { apiVersion: 'v1', kind: 'Pod', plural: 'pods', namespaced: true }
    cluster.cacheTrouble = [{ resource, reason: 'HTTP 503', since: NOW }]
    expect((await observer.picture(NOTHING)).unavailable).toEqual([{ source: 'kubernetes:pods', reason: 'HTTP 503', since: NOW }])
  })

  it('hides no defect of ours', async () => {
    const { cluster, observer } = opened()
    cluster.broken.set('group web', new TypeError('undefined is not a function'))
    await expect(observer.picture(NOTHING)).rejects.toThrow(TypeError)
  })
})

describe('reading plainly', () => {
  it('counts from the first list, then from each plain read', async () => {
    const { cluster, observer } = opened()
    expect((await observer.picture(NOTHING)).plainReadAt).toBe(NOW)
    cluster.now = NOW + MINUTE
    expect((await observer.picture(NOTHING)).plainReadAt).toBe(NOW)
    await observer.plainRead()
    expect((await observer.picture(NOTHING)).plainReadAt).toBe(NOW + MINUTE)
  })

  it('throws, and does not count, when it fails', async () => {
    const { cluster, observer } = opened()
    await observer.picture(NOTHING)
    cluster.now = NOW + MINUTE
    cluster.broken.set('refresh', forbidden)
    await expect(observer.plainRead()).rejects.toThrow('not allowed')
    expect((await observer.picture(NOTHING)).plainReadAt).toBe(NOW)
  })

  it('tries the first list again after it failed', async () => {
    const { cluster, observer } = opened()
    cluster.broken.set('start', forbidden)
    await expect(observer.picture(NOTHING)).rejects.toThrow('not allowed')
    cluster.broken.clear()
    expect((await observer.picture(NOTHING)).plainReadAt).toBe(NOW)
  })
})
