import { describe, expect, it } from 'vitest'
import { lookFor, perform } from '../../src/engine/perform.ts'
import type { ErrorCode } from '../../src/errors/catalogue.ts'
import { SerinError } from '../../src/errors/serin-error.ts'
import type { EksUpdate } from '../../src/model/aws.ts'
import type { Command } from '../../src/model/command.ts'
import { iso, MINUTE } from '../../src/model/instant.ts'
import type { ClusterPorts } from '../../src/ports/ports.ts'

const NOW = Date.parse('2026-11-23T10:00:00Z')
const command: Command = {
  id: 'token-1',
  step: 'canary/1/canary',
  action: { kind: 'update-nodegroup-version', group: 'canary', spec: { version: '1.33', releaseVersion: 'r-33' } },
}

/** An EKS that knows some updates and answers a send as told; counts what was sent. */
function eksThat(answer: EksUpdate | SerinError, known: readonly EksUpdate[] = []) {
  const sent: unknown[] = []
  const eks = {
    listUpdates: async () => known.map((update) => update.id ?? ''),
    describeUpdate: async (_cluster: string, id: string) => known.find((update) => update.id === id),
    updateNodegroupVersion: async (request: unknown) => {
      sent.push(request)
      if (answer instanceof SerinError) throw answer
      return answer
    },
    updateNodegroupConfig: async (request: unknown) => {
      sent.push(request)
      if (answer instanceof SerinError) throw answer
      return answer
    },
  }
  return { ports: { eks } as unknown as ClusterPorts, sent }
}

function update(over: Partial<EksUpdate> = {}): EksUpdate {
  return {
    id: 'u-1',
    status: 'InProgress',
    type: 'VersionUpdate',
    createdAt: iso(NOW),
    params: [
      { type: 'Version', value: '1.33' },
      { type: 'ReleaseVersion', value: 'r-33' },
    ],
    ...over,
  }
}

describe('sending a command', () => {
  it('sends it with its id as the client request token', async () => {
    const { ports, sent } = eksThat(update())
    expect(await perform(ports, 'shop', command, NOW, false)).toEqual({ kind: 'accepted', updateId: 'u-1' })
    expect(sent).toEqual([
      expect.objectContaining({ clientRequestToken: 'token-1', nodegroup: 'canary', version: '1.33', releaseVersion: 'r-33' }),
    ])
  })

  it.each<{ title: string; code: ErrorCode; kind: string }>([
    { title: 'another update is in progress', code: 'REMOTE_CONFLICT', kind: 'deferred' },
    { title: 'throttled', code: 'REMOTE_THROTTLED', kind: 'unsettled' },
    { title: 'a 5xx or a cut connection', code: 'REMOTE_UNAVAILABLE', kind: 'unsettled' },
    { title: 'HTML from a proxy', code: 'REMOTE_MALFORMED', kind: 'unsettled' },
    { title: 'an expired session', code: 'REMOTE_CREDENTIALS', kind: 'unsettled' },
    { title: 'not allowed', code: 'REMOTE_DENIED', kind: 'refused' },
    { title: 'not valid', code: 'REMOTE_REFUSED', kind: 'refused' },
    { title: 'no such group', code: 'REMOTE_NOT_FOUND', kind: 'refused' },
  ])('$title: $kind', async ({ code, kind }) => {
    const { ports } = eksThat(new SerinError(code, 'told so'))
    expect((await perform(ports, 'shop', command, NOW, false)).kind).toBe(kind)
  })

  it.each([
    { title: 'budgets are kept', force: {}, sent: undefined },
    { title: 'pods are deleted past them where the plan says so', force: { force: true as const }, sent: true },
  ])('$title', async ({ force, sent: wanted }) => {
    const { ports, sent } = eksThat(update())
    await perform(ports, 'shop', { ...command, action: { ...command.action, ...force } as Command['action'] }, NOW, false)
    expect((sent[0] as { force?: boolean }).force).toBe(wanted)
  })

  it('does not swallow a defect', async () => {
    const { ports } = eksThat(update())
    const broken = { ...ports, eks: { ...ports.eks, updateNodegroupVersion: () => Promise.reject(new TypeError('bug')) } }
    await expect(perform(broken, 'shop', command, NOW, false)).rejects.toThrow('bug')
  })
})

describe('sending a command again, its outcome not known', () => {
  it.each([
    { title: 'the update it began is found', known: [update()], sent: 0, result: { kind: 'accepted', updateId: 'u-1', found: true } },
    { title: 'no update is known: it is sent', known: [], sent: 1, result: { kind: 'accepted', updateId: 'u-9' } },
    {
      title: 'an older update with the same target is not ours',
      known: [update({ createdAt: iso(NOW - 60 * MINUTE) })],
      sent: 1,
      result: { kind: 'accepted', updateId: 'u-9' },
    },
    {
      title: 'an update to another release is not ours',
      known: [update({ params: [{ type: 'ReleaseVersion', value: 'r-32' }] })],
      sent: 1,
      result: { kind: 'accepted', updateId: 'u-9' },
    },
    {
      title: 'a change of settings of the same group is no update of its version',
      known: [update({ type: 'ConfigUpdate', params: [{ type: 'MaxUnavailable', value: '1' }] })],
      sent: 1,
      result: { kind: 'accepted', updateId: 'u-9' },
    },
    {
      title: 'the update of an earlier attempt, which the journal knows, is not ours',
      known: [update({ id: 'u-of-earlier-attempt', status: 'Failed' })],
      sent: 1,
      result: { kind: 'accepted', updateId: 'u-9' },
    },
    {
      title: 'an update without a creation time is not taken for ours',
      known: [update({ createdAt: undefined })],
      sent: 1,
      result: { kind: 'accepted', updateId: 'u-9' },
    },
  ])('$title', async ({ known, sent, result }) => {
    const eks = eksThat(update({ id: 'u-9' }), known)
    expect(await perform(eks.ports, 'shop', command, NOW, true, new Set(['u-of-earlier-attempt']))).toEqual(result)
    expect(eks.sent).toHaveLength(sent)
  })

  it.each([
    { title: 'the same settings', params: [{ type: 'MaxUnavailable', value: '2' }], sent: 0 },
    { title: 'other settings, as when they are restored', params: [{ type: 'MaxUnavailable', value: '1' }], sent: 1 },
  ])('finds a change of settings by its values: $title', async ({ params, sent }) => {
    const eks = eksThat(update({ id: 'u-9' }), [update({ type: 'ConfigUpdate', params })])
    const restore: Command = { ...command, action: { kind: 'update-nodegroup-config', group: 'canary', settings: { maxUnavailable: 2 } } }
    await perform(eks.ports, 'shop', restore, NOW, true)
    expect(eks.sent).toHaveLength(sent)
  })
})

describe('looking for what a command that cannot be taken back has done, without sending it', () => {
  const unbegun = { kind: 'moot', unbegun: true }
  const found = { kind: 'accepted', found: true }
  const upgrade: Command = { id: 'c', step: 's', action: { kind: 'update-control-plane', version: '1.33' } }
  const begun = update({ params: [{ type: 'Version', value: '1.33' }] })
  it.each([
    { title: 'the upgrade that it began is found', known: [begun], result: { ...found, updateId: 'u-1' } },
    { title: 'no upgrade is known: it has begun nothing', known: [], result: unbegun },
    { title: 'an upgrade of hours ago is another', known: [{ ...begun, createdAt: iso(NOW - 60 * MINUTE) }], result: unbegun },
  ])('$title', async ({ known, result }) => {
    const { ports } = eksThat(new SerinError('REMOTE_REFUSED', 'sent'), known)
    expect(await lookFor(ports, 'shop', upgrade, NOW)).toEqual(result)
  })

  const own = { AutoScalingGroupName: 'old', AutoScalingGroupARN: 'arn:old' }
  it.each([
    { title: 'it stands as it was: nothing has begun', groups: async () => [own], result: unbegun },
    { title: 'it is on its way out', groups: async () => [{ ...own, Status: 'Delete in progress' }], result: found },
    { title: 'it is gone', groups: async () => [], result: { kind: 'moot' } },
    {
      title: 'another one has its name',
      groups: async () => [{ ...own, AutoScalingGroupARN: 'arn:new' }],
      result: expect.objectContaining({ kind: 'refused', code: 'AnotherGroup' }),
    },
    {
      title: 'it cannot be read: nobody knows',
      groups: () => Promise.reject(new SerinError('REMOTE_UNAVAILABLE', 'no answer')),
      result: expect.objectContaining({ kind: 'unsettled' }),
    },
  ])('a group that is to go: $title', async ({ groups, result }) => {
    const ports = { autoScaling: { describeGroups: groups } } as unknown as ClusterPorts
    const remove: Command = { id: 'c', step: 's', action: { kind: 'delete-group', group: 'asg:old', arn: 'arn:old' } }
    expect(await lookFor(ports, 'shop', remove, NOW)).toEqual(result)
  })
})

/** An Auto Scaling API that answers a termination as told, and the node behind it; counts what was sent. */
function scalingThat(
  instances: readonly { InstanceId: string; LifecycleState: string }[],
  failure?: SerinError,
  { unschedulable = true, pods = [] }: { readonly unschedulable?: boolean; readonly pods?: readonly object[] } = {},
) {
  const sent: string[] = []
  const autoScaling = {
    describeGroups: async () => [{ AutoScalingGroupName: 'workers', Instances: instances }],
    terminateInstance: async (id: string, decrement: boolean) => {
      sent.push(`${id}${decrement ? ', one smaller' : ''}`)
      if (failure !== undefined) throw failure
    },
  }
  const kubernetes = { get: async () => ({ metadata: { name: 'n1' }, spec: { unschedulable } }), list: async () => pods }
  return { ports: { autoScaling, kubernetes } as unknown as ClusterPorts, sent }
}

describe('terminating an instance through its group, which knows no idempotency token', () => {
  const terminate: Command = {
    id: 't',
    step: 's',
    action: { kind: 'terminate-instance', autoScalingGroup: 'workers', instanceId: 'i-1', decrement: true, node: 'n1' },
  }
  const here = { InstanceId: 'i-1', LifecycleState: 'InService' }
  const notFound = new SerinError('REMOTE_REFUSED', 'ValidationError: Instance Id not found - No managed instance found')
  it.each([
    { title: 'the first time it is sent', again: false, instances: [here], sent: ['i-1, one smaller'], kind: 'accepted' },
    { title: 'again, still in service: sent', again: true, instances: [here], sent: ['i-1, one smaller'], kind: 'accepted' },
    { title: 'again, and gone: found', again: true, instances: [], sent: [], kind: 'accepted' },
    {
      title: 'again, and on its way out: found',
      again: true,
      instances: [{ ...here, LifecycleState: 'Terminating:Wait' }],
      sent: [],
      kind: 'accepted',
    },
    { title: 'its group no longer knows it', again: false, instances: [], failure: notFound, sent: ['i-1, one smaller'], kind: 'moot' },
  ])('$title', async ({ again, instances, failure, sent, kind }) => {
    const scaling = scalingThat(instances, failure)
    expect((await perform(scaling.ports, 'shop', terminate, NOW, again)).kind).toBe(kind)
    expect(scaling.sent).toEqual(sent)
  })

  const web = { metadata: { namespace: 'shop', name: 'web-1', ownerReferences: [{ kind: 'ReplicaSet', name: 'web' }] } }
  const agent = { metadata: { namespace: 'kube-system', name: 'agent', ownerReferences: [{ kind: 'DaemonSet', name: 'agent' }] } }
  it.each([
    { title: 'still cordoned and empty: sent', node: { pods: [agent] }, sent: 1 },
    { title: 'put back into service meanwhile: given up', node: { unschedulable: false }, sent: 0 },
    { title: 'with a pod that came meanwhile: given up', node: { pods: [agent, web] }, sent: 0 },
  ])('again, its node $title', async ({ node, sent }) => {
    const scaling = scalingThat([here], undefined, node)
    const result = await perform(scaling.ports, 'shop', terminate, NOW, true)
    expect(result).toEqual(sent === 1 ? { kind: 'accepted' } : { kind: 'moot', unwanted: true })
    expect(scaling.sent).toHaveLength(sent)
  })
})

describe('raising the size of a group', () => {
  const launch = { kind: 'template', id: 'lt-1', version: '2' } as const
  const toThree = { desired: 3, raisedBy: 1 }
  it.each([
    { title: 'the first time it is sent', again: false, desired: 2, sends: toThree, sent: [toThree], is: 'accepted' },
    { title: 'again, and not there: sent', again: true, desired: 2, sends: toThree, sent: [toThree], is: 'accepted' },
    { title: 'again, and there: found', again: true, desired: 3, sends: toThree, sent: [], is: 'accepted' },
    {
      title: 'an autoscaler has grown it since it was read: not lowered, and meant anew',
      ...{ again: false, desired: 6, sends: { ...toThree, launch }, sent: [{ launch }], is: 'moot' },
    },
    {
      title: 'again, and an autoscaler has grown it: nobody knows whose that is, so it is not called raised',
      ...{ again: true, desired: 4, sends: toThree, sent: [], is: 'moot' },
    },
    {
      title: 'somebody has given it a higher maximum meanwhile: that is not lowered',
      ...{ again: false, desired: 2, sends: { ...toThree, max: 3 }, sent: [toThree], is: 'accepted' },
    },
    { title: 'only what it launches from', again: false, desired: 6, sends: { launch }, sent: [{ launch }], is: 'accepted' },
  ])('$title', async ({ again, desired, sends, sent, is }) => {
    const changes: unknown[] = []
    const autoScaling = {
      describeGroups: async () => [{ AutoScalingGroupName: 'workers', DesiredCapacity: desired, MaxSize: 9 }],
      updateGroup: async (_: string, change: unknown) => void changes.push(change),
    }
    const raise: Command = { id: 'r', step: 's', action: { kind: 'update-scaling-group', autoScalingGroup: 'workers', change: sends } }
    const ports = { autoScaling } as unknown as ClusterPorts
    expect(await perform(ports, 'shop', raise, NOW, again)).toMatchObject({ kind: is })
    expect(changes).toEqual(sent)
  })
})

it('lowers a maximum never below the size that the group has by now, which would end nodes', async () => {
  const set: number[] = []
  const autoScaling = {
    describeGroups: async () => [{ DesiredCapacity: 5 }],
    setMaxSize: async (_: string, max: number) => void set.push(max),
  }
  const restore: Command = {
    id: 'm',
    step: 's',
    action: { kind: 'restore-max-size', group: 'asg:workers', autoScalingGroup: 'workers', max: 4 },
  }
  await perform({ autoScaling } as unknown as ClusterPorts, 'shop', restore, NOW, false)
  expect(set).toEqual([5])
})

describe('evicting a pod', () => {
  const evict: Command = { id: 'e', step: 's', action: { kind: 'evict-pod', namespace: 'shop', pod: 'db-0', uid: 'u', node: 'n1' } }
  it.each([
    { title: 'it goes', answer: { kind: 'accepted' }, result: { kind: 'accepted' } },
    { title: 'it is gone', answer: { kind: 'gone' }, result: { kind: 'moot' } },
    {
      title: 'its budget keeps it',
      answer: { kind: 'held', by: 'budget', message: 'needs 2' },
      result: { kind: 'held', code: 'budget', message: 'needs 2' },
    },
  ])('$title', async ({ answer, result }) => {
    const ports = { kubernetes: { evict: async () => answer } } as unknown as ClusterPorts
    expect(await perform(ports, 'shop', evict, NOW, false)).toEqual(result)
  })
})
