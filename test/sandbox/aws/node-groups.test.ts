import { describe, expect, it } from 'vitest'
import { HOUR, MINUTE, SECOND } from '../../../src/model/instant.ts'
import { conditionOf, type Node } from '../../../src/model/kubernetes.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { drive } from './scaling-driver.ts'
import { eks, groupSeen, nodesOf, openShipped, openWith, refusalOf, scalingGroup, scenarioOf, untilEnded } from './world-driver.ts'

const group = (world: OpenedWorld, nodegroupName: string) => eks(world, 'DescribeNodegroup', { nodegroupName }).nodegroup
const pass = (world: OpenedWorld, span: number) => world.timeline.advanceTo(world.timeline.now() + span)
const subnets = (world: OpenedWorld) => group(world, 'web').subnets
const create = (world: OpenedWorld, input: Record<string, unknown> = {}) =>
  eks(world, 'CreateNodegroup', {
    nodegroupName: 'blue',
    nodeRole: 'arn:aws:iam::111122223333:role/nodes',
    subnets: subnets(world),
    instanceTypes: ['t3.large'],
    scalingConfig: { minSize: 1, maxSize: 4, desiredSize: 2 },
    ...input,
  }).nodegroup

describe('CreateNodegroup', () => {
  it('reads CREATING until the nodes are Ready, then ACTIVE, and is an ordinary group from then on', () => {
    const world = openShipped('small')
    expect(
      create(world, { labels: { tier: 'blue' }, taints: [{ key: 'only', value: 'blue', effect: 'NO_SCHEDULE' }], tags: { team: 'x' } }),
    ).toMatchObject({
      status: 'CREATING',
      version: '1.33',
      amiType: 'AL2023_x86_64_STANDARD',
      capacityType: 'ON_DEMAND',
      diskSize: 20,
      labels: { tier: 'blue' },
      tags: { team: 'x' },
      health: { issues: [] },
    })
    expect(refusalOf(() => eks(world, 'UpdateNodegroupVersion', { nodegroupName: 'blue' })).status).toBe(409)
    pass(world, 5 * MINUTE)
    expect(group(world, 'blue')).toMatchObject({ status: 'ACTIVE', scalingConfig: { minSize: 1, maxSize: 4, desiredSize: 2 } })
    expect(groupSeen(world, 'blue').ready).toBe(2)
    const [node] = nodesOf(world, 'blue')
    expect(node?.metadata.labels).toMatchObject({ tier: 'blue', 'eks.amazonaws.com/nodegroup': 'blue' })
    expect(node?.spec?.taints).toContainEqual({ key: 'only', value: 'blue', effect: 'NoSchedule' })
    const { id } = eks(world, 'UpdateNodegroupVersion', {
      nodegroupName: 'blue',
      releaseVersion: group(world, 'work').releaseVersion,
    }).update
    expect(untilEnded(world, id, { nodegroupName: 'blue' }).update.status).toBe('Successful')
  })

  it('begins once per token', () => {
    const world = openShipped('small')
    const made = create(world, { clientRequestToken: 'one' })
    expect(create(world, { clientRequestToken: 'one' }).nodegroupArn).toBe(made.nodegroupArn)
    expect(refusalOf(() => create(world, { clientRequestToken: 'one', diskSize: 50 })).code).toBe('InvalidRequestException')
    expect(refusalOf(() => create(world))).toMatchObject({
      status: 409,
      code: 'ResourceInUseException',
      message: 'NodeGroup already exists with name blue and cluster name small',
    })
  })

  it.each([
    { title: 'nodes never join', fault: '{ fault: node-never-joins, where: { launchedLater: true } }', code: 'NodeCreationFailure' },
    { title: 'subnets are exhausted', fault: '{ fault: subnet-exhausted, where: { zone: "*" } }', code: 'InsufficientFreeAddresses' },
  ])('ends CREATE_FAILED when $title', ({ fault, code }) => {
    const world = openShipped('small', { scenarios: scenarioOf(fault) })
    create(world)
    pass(world, 30 * MINUTE)
    const { status, health } = group(world, 'blue')
    expect(status).toBe('CREATE_FAILED')
    expect(health?.issues?.map((issue) => issue.code)).toEqual([code])
    eks(world, 'DeleteNodegroup', { nodegroupName: 'blue' })
    pass(world, 5 * MINUTE)
    expect(eks(world, 'ListNodegroups').nodegroups).not.toContain('blue')
  })

  it.each([
    { title: 'another minor than the cluster', input: { version: '1.32' }, says: "does not match the cluster's, 1.33" },
    {
      title: 'a release of another minor',
      input: { releaseVersion: '1.32.9-20260815' },
      says: 'Requested release version 1.32.9-20260815 is not valid for kubernetes version 1.33.',
    },
    { title: 'unknown subnets', input: { subnets: ['subnet-0'] }, says: 'The following supplied subnets do not exist: [subnet-0]' },
    {
      title: 'unknown types',
      input: { instanceTypes: ['m5.lagre'] },
      says: 'The following supplied instance types do not exist: [m5.lagre]',
    },
    {
      title: 'types of another architecture',
      input: { instanceTypes: ['m6g.large'] },
      says: '[m6g.large] is not a valid instance type for requested amiType AL2023_x86_64_STANDARD',
    },
    {
      title: 'impossible sizes',
      input: { scalingConfig: { minSize: 3, desiredSize: 2, maxSize: 4 } },
      says: "Minimum capacity can't be greater than desired size",
    },
    { title: 'reserved labels', input: { labels: { 'eks.amazonaws.com/x': '1' } }, says: 'Label cannot contain reserved prefixes' },
    { title: 'no role', input: { nodeRole: undefined }, says: 'nodeRole is required.' },
    { title: 'an effect that there is not', input: { taints: [{ key: 'a', effect: 'NEVER' }] }, says: 'The taint a:NEVER is not valid.' },
  ])('refuses $title', ({ input, says }) => {
    const refusal = refusalOf(() => create(openShipped('small'), input))
    expect(refusal).toMatchObject({ status: 400, code: 'InvalidParameterException' })
    expect(refusal.message).toContain(says)
  })

  it.each([
    {
      title: 'a template with an AMI makes a CUSTOM group',
      template: { name: 'shop-data', version: '2' },
      input: {},
      made: { amiType: 'CUSTOM' },
    },
    {
      title: 'one without keeps the release',
      template: { name: 'shop-batch' },
      input: {},
      made: { amiType: 'AL2023_x86_64_STANDARD', version: '1.33' },
    },
    {
      title: 'an AMI leaves no version',
      template: { name: 'shop-data' },
      input: { version: '1.33' },
      says: 'You cannot specify the field version',
    },
    {
      title: 'an AMI leaves no type',
      template: { name: 'shop-data' },
      input: { amiType: 'BOTTLEROCKET_x86_64' },
      says: 'You cannot specify an AMI Type',
    },
    {
      title: 'a template leaves no disk',
      template: { name: 'shop-batch' },
      input: { diskSize: 50 },
      says: 'Disk size must be specified within the launch template.',
    },
    { title: 'an unknown template', template: { name: 'none' }, input: {}, says: 'Launch template none does not exist.' },
  ])('$title', ({ template, input, made, says }) => {
    const world = openShipped('quickstart')
    const attempt = () => {
      const { subnets: ids } = group(world, 'data')
      const wanted = { nodegroupName: 'blue', nodeRole: 'r', subnets: ids, instanceTypes: ['m5.large'], launchTemplate: template, ...input }
      return eks(world, 'CreateNodegroup', wanted).nodegroup
    }
    if (made !== undefined) expect(attempt()).toMatchObject({ ...made, launchTemplate: { name: template.name } })
    else expect(refusalOf(attempt).message).toContain(says)
  })

  it('answers 501 for images that there are not', () => {
    const refusal = refusalOf(() => create(openShipped('small'), { amiType: 'WINDOWS_CORE_2016_x86_64' }))
    expect(refusal).toMatchObject({
      status: 501,
      code: 'NotImplemented',
      message: 'The sandbox has no images of WINDOWS_CORE_2016_x86_64.',
    })
  })

  it('is refused while the control plane is updated, as updates of groups are', () => {
    const world = openShipped('small')
    eks(world, 'UpdateClusterVersion', { version: '1.34' })
    const refusal = { status: 400, code: 'InvalidRequestException', message: "Cluster 'small' is not in ACTIVE status" }
    expect(refusalOf(() => create(world))).toMatchObject(refusal)
    expect(refusalOf(() => eks(world, 'UpdateNodegroupVersion', { nodegroupName: 'web' }))).toMatchObject(refusal)
  })
})

describe('DeleteNodegroup', () => {
  it('drains the nodes, then nothing is left of the group', () => {
    const world = openShipped('small')
    const { AutoScalingGroupName: name } = scalingGroup(world, 'web')
    expect(eks(world, 'DeleteNodegroup', { nodegroupName: 'web' }).nodegroup.status).toBe('DELETING')
    expect(groupSeen(world, 'web').cordoned).toHaveLength(3)
    expect(refusalOf(() => eks(world, 'DeleteNodegroup', { nodegroupName: 'web' })).status).toBe(409)
    pass(world, 20 * MINUTE)
    expect(nodesOf(world, 'web')).toEqual([])
    expect(refusalOf(() => group(world, 'web')).status).toBe(404)
    const groups = world.autoScaling.DescribeAutoScalingGroups?.({ AutoScalingGroupNames: [name] })
    expect(groups?.AutoScalingGroups).toEqual([])
  })

  it('ends instances all the same when budgets hold their pods for a quarter of an hour', () => {
    const world = openShipped('small', { scenarios: scenarioOf('{ fault: eviction-blocked, where: { budget: shop/site } }') })
    for (const nodegroupName of ['web', 'work', 'canary']) eks(world, 'DeleteNodegroup', { nodegroupName })
    pass(world, 10 * MINUTE)
    expect(world.store.list('Node').length).toBeGreaterThan(0)
    pass(world, 10 * MINUTE)
    expect(world.store.list('Node')).toEqual([])
  })

  it('takes a group away that is still being created', () => {
    const world = openShipped('small')
    create(world)
    pass(world, 5 * SECOND)
    eks(world, 'DeleteNodegroup', { nodegroupName: 'blue' })
    pass(world, 10 * MINUTE)
    expect(eks(world, 'ListNodegroups').nodegroups).not.toContain('blue')
    expect(nodesOf(world, 'blue')).toEqual([])
    expect(world.store.list('Node')).toHaveLength(6)
  })

  it('leaves the name free for another group', () => {
    const world = openShipped('small')
    const first = create(world)
    pass(world, 5 * MINUTE)
    eks(world, 'DeleteNodegroup', { nodegroupName: 'blue' })
    pass(world, 20 * MINUTE)
    expect(create(world).nodegroupArn).not.toBe(first.nodegroupArn)
    pass(world, 5 * MINUTE)
    expect(group(world, 'blue').status).toBe('ACTIVE')
  })
})

describe('UpdateNodegroupConfig', () => {
  const change = (world: OpenedWorld, input: Record<string, unknown>) => {
    const { id } = eks(world, 'UpdateNodegroupConfig', { nodegroupName: 'web', ...input }).update
    const { update } = untilEnded(world, id, { nodegroupName: 'web' })
    pass(world, 10 * SECOND)
    return update
  }

  it.each([
    {
      title: 'labels',
      input: { labels: { addOrUpdateLabels: { tier: 'front' } } },
      params: [{ type: 'LabelsToAdd', value: '{"tier":"front"}' }],
      reads: { labels: { tier: 'front' } },
    },
    {
      title: 'taints',
      input: { taints: { addOrUpdateTaints: [{ key: 'gpu', value: 'yes', effect: 'NO_SCHEDULE' }] } },
      params: [{ type: 'TaintsToAdd', value: '[{"key":"gpu","value":"yes","effect":"NO_SCHEDULE"}]' }],
      reads: { taints: [{ key: 'gpu', value: 'yes', effect: 'NO_SCHEDULE' }] },
    },
    {
      title: 'sizes',
      input: { scalingConfig: { maxSize: 6 } },
      params: [{ type: 'MaxSize', value: '6' }],
      reads: { scalingConfig: { maxSize: 6 } },
    },
    {
      title: 'the pace of updates',
      input: { updateConfig: { maxUnavailablePercentage: 50, updateStrategy: 'MINIMAL' } },
      params: [
        { type: 'MaxUnavailablePercentage', value: '50' },
        { type: 'UpdateStrategy', value: 'MINIMAL' },
      ],
      reads: { updateConfig: { maxUnavailablePercentage: 50, updateStrategy: 'MINIMAL' } },
    },
    {
      title: 'node auto repair',
      input: { nodeRepairConfig: { enabled: true } },
      params: [
        { type: 'NodeRepairEnabled', value: 'true' },
        { type: 'NodeRepairConfig', value: '{"enabled":true}' },
      ],
      reads: { nodeRepairConfig: { enabled: true } },
    },
  ])('changes $title', ({ input, params, reads }) => {
    const world = openShipped('small')
    const update = change(world, input)
    expect(update).toMatchObject({ type: 'ConfigUpdate', status: 'Successful', params })
    expect(group(world, 'web')).toMatchObject({ status: 'ACTIVE', ...reads })
  })

  it('takes labels and taints to the nodes that are there, and from them', () => {
    const world = openShipped('small')
    const labels = () => nodesOf(world, 'web').map(({ metadata }) => metadata.labels?.tier)
    const taints = () => nodesOf(world, 'web').flatMap(({ spec }) => spec?.taints ?? [])
    change(world, {
      labels: { addOrUpdateLabels: { tier: 'front' } },
      taints: { addOrUpdateTaints: [{ key: 'soft', effect: 'PREFER_NO_SCHEDULE' }] },
    })
    expect(labels()).toEqual(['front', 'front', 'front'])
    expect(taints()).toEqual(Array.from({ length: 3 }, () => ({ key: 'soft', effect: 'PreferNoSchedule' })))
    change(world, { labels: { removeLabels: ['tier'] }, taints: { removeTaints: [{ key: 'soft', effect: 'PREFER_NO_SCHEDULE' }] } })
    expect(labels()).toEqual([undefined, undefined, undefined])
    expect(taints()).toEqual([])
    expect(group(world, 'web')).toMatchObject({ labels: {}, taints: [] })
  })

  it.each([
    { title: 'nothing', input: {}, says: 'does not change anything' },
    {
      title: 'a label both ways',
      input: { labels: { addOrUpdateLabels: { a: '1' }, removeLabels: ['a'] } },
      says: 'cannot be added and removed at once',
    },
    {
      title: 'reserved labels',
      input: { labels: { addOrUpdateLabels: { 'k8s.io/a': '1' } } },
      says: 'Label cannot contain reserved prefixes [kubernetes.io/, k8s.io/, eks.amazonaws.com/]',
    },
    {
      title: 'two ways to say how many',
      input: { updateConfig: { maxUnavailable: 1, maxUnavailablePercentage: 1 } },
      says: 'only specify one of maxUnavailable and maxUnavailablePercentage',
    },
    { title: 'more than a hundred', input: { updateConfig: { maxUnavailable: 101 } }, says: 'between 1 and 100' },
    {
      title: 'a count and a percentage for repair',
      input: { nodeRepairConfig: { enabled: true, maxParallelNodesRepairedCount: 1, maxParallelNodesRepairedPercentage: 10 } },
      says: 'You can only specify one of maxParallelNodesRepairedCount and maxParallelNodesRepairedPercentage.',
    },
  ])('refuses $title', ({ input, says }) => {
    const refusal = refusalOf(() => change(openShipped('small'), input))
    expect(refusal).toMatchObject({ status: 400, code: 'InvalidParameterException' })
    expect(refusal.message).toContain(says)
  })

  it('sets up a warm pool beside the Auto Scaling group, changes it and takes it away', () => {
    const world = openShipped('small')
    const pool = () => drive(world, 'web').ask<{ Instances: { LifecycleState: string; ImageId: string }[] }>('DescribeWarmPool').Instances
    const settle = () => world.timeline.advanceTo(world.timeline.now() + 5 * MINUTE)
    const update = change(world, { warmPoolConfig: { enabled: true, minSize: 2, maxGroupPreparedCapacity: 1 } })
    expect(update.params).toContainEqual({ type: 'WarmPoolMinSize', value: '2' })
    settle()
    expect(group(world, 'web')).toHaveProperty('warmPoolConfig', {
      enabled: true,
      minSize: 2,
      maxGroupPreparedCapacity: 1,
      poolState: 'STOPPED',
      reuseOnScaleIn: false,
    })
    expect(pool().map(({ LifecycleState }) => LifecycleState)).toEqual(['Warmed:Stopped', 'Warmed:Stopped'])
    const former = pool()[0]?.ImageId
    const begun = eks(world, 'UpdateNodegroupVersion', { nodegroupName: 'web' }).update
    expect(untilEnded(world, begun.id, { nodegroupName: 'web' }).update.status).toBe('Successful')
    settle()
    expect(pool().map(({ ImageId }) => ImageId === former)).toEqual([false, false])
    change(world, { warmPoolConfig: { enabled: false } })
    settle()
    expect(drive(world, 'web').seen().WarmPoolConfiguration).toBeUndefined()
  })

  it('refuses a warm pool that Bottlerocket cannot have', () => {
    const world = openShipped('small')
    const bottlerocket = { amiType: 'BOTTLEROCKET_x86_64', warmPoolConfig: { enabled: true, poolState: 'HIBERNATED' } }
    expect(refusalOf(() => create(world, bottlerocket)).message).toContain('neither the state HIBERNATED')
    expect(eks(world, 'ListNodegroups', {}).nodegroups).not.toContain('blue')
  })
})

describe('health of a group', () => {
  it.each([
    { title: 'has no issues', fault: undefined, status: 'ACTIVE', codes: [] },
    {
      title: 'is what a scenario says',
      fault: '{ fault: node-group-degraded, where: { group: web }, code: IamNodeRoleNotFound, message: gone }',
      status: 'DEGRADED',
      codes: ['IamNodeRoleNotFound'],
    },
    {
      title: 'is not that of another group',
      fault: '{ fault: node-group-degraded, where: { group: work }, code: AccessDenied }',
      status: 'ACTIVE',
      codes: [],
    },
  ])('$title', ({ fault, status, codes }) => {
    const seen = group(openShipped('small', fault === undefined ? {} : { scenarios: scenarioOf(fault) }), 'web')
    expect(seen.status).toBe(status)
    expect(seen.health?.issues?.map(({ code }) => code)).toEqual(codes)
  })

  it.each([
    {
      title: 'launches are refused',
      fault: '{ fault: subnet-exhausted, where: { zone: "*" } }',
      after: 5 * MINUTE,
      code: 'InsufficientFreeAddresses',
    },
    {
      title: 'instances do not register',
      fault: '{ fault: node-never-joins, where: { launchedLater: true } }',
      after: 20 * MINUTE,
      code: 'NodeCreationFailure',
    },
  ])('is DEGRADED when $title, and heals', ({ fault, after, code }) => {
    const world = openShipped('small', { scenarios: scenarioOf(fault) })
    const { id } = eks(world, 'UpdateNodegroupConfig', { nodegroupName: 'web', scalingConfig: { desiredSize: 4 } }).update
    untilEnded(world, id, { nodegroupName: 'web' })
    pass(world, after)
    const { status, health } = group(world, 'web')
    expect({ status, codes: health?.issues?.map((issue) => issue.code) }).toEqual({ status: 'DEGRADED', codes: [code] })
    const [stray] = health?.issues?.[0]?.resourceIds ?? []
    if (stray?.startsWith('i-'))
      world.autoScaling.TerminateInstanceInAutoScalingGroup?.({ InstanceId: stray, ShouldDecrementDesiredCapacity: true })
    else eks(world, 'UpdateNodegroupConfig', { nodegroupName: 'web', scalingConfig: { desiredSize: 3 } })
    pass(world, 5 * MINUTE)
    expect(group(world, 'web')).toMatchObject({ status: 'ACTIVE', health: { issues: [] } })
  })
})

/** The kubelet of a node stops telling, as the node controller would note it. */
function ail(world: OpenedWorld, name: string, condition: { type: string; reason: string }): void {
  const time = new Date(world.timeline.now()).toISOString()
  world.store.update('Node', undefined, name, (current) => {
    const { status } = current as unknown as Node
    const others = (status?.conditions ?? []).filter(({ type }) => type !== condition.type)
    return {
      ...current,
      status: { ...status, conditions: [...others, { ...condition, status: 'False', message: '', lastTransitionTime: time }] },
    }
  })
}

describe('node auto repair', () => {
  const repairing = (repair: string) => openWith('small', '', {}, (text) => text.replace('name: web,', `name: web, repair: ${repair},`))
  const names = (world: OpenedWorld) => nodesOf(world, 'web').map(({ metadata }) => metadata.name)

  it.each([
    { title: 'a node that is not Ready for half an hour', repair: '{}', type: 'Ready', after: 30, replaced: true },
    { title: 'no sooner', repair: '{}', type: 'Ready', after: 28, replaced: false },
    { title: 'a broken accelerator after ten minutes', repair: '{}', type: 'AcceleratedHardwareReady', after: 12, replaced: true },
    { title: 'no pressure on the disk', repair: '{}', type: 'DiskPressure', after: 60, replaced: false },
    { title: 'nothing when it is off', repair: '{ enabled: false }', type: 'Ready', after: 60, replaced: false },
    {
      title: 'sooner when the group says so',
      repair:
        '{ nodeRepairConfigOverrides: [{ nodeMonitoringCondition: NetworkingReady, nodeUnhealthyReason: Broken, minRepairWaitTimeMins: 5, repairAction: Replace }] }',
      type: 'NetworkingReady',
      after: 7,
      replaced: true,
    },
    {
      title: 'never when the group says so',
      repair:
        '{ nodeRepairConfigOverrides: [{ nodeMonitoringCondition: NetworkingReady, nodeUnhealthyReason: Broken, minRepairWaitTimeMins: 5, repairAction: NoAction }] }',
      type: 'NetworkingReady',
      after: 60,
      replaced: false,
    },
    {
      title: 'nothing beyond the threshold',
      repair: '{ maxUnhealthyNodeThresholdPercentage: 20 }',
      type: 'Ready',
      after: 60,
      replaced: false,
    },
  ])('replaces $title', ({ repair, type, after, replaced }) => {
    const world = repairing(repair)
    const [sick = ''] = names(world)
    ail(world, sick, { type, reason: 'Broken' })
    pass(world, after * MINUTE + 5 * MINUTE * (replaced ? 1 : 0))
    expect(names(world).includes(sick)).toBe(!replaced)
    expect(names(world)).toHaveLength(3)
  })

  it('stops when more than a fifth of more than five nodes ails', () => {
    const many = (text: string) =>
      text.replace(
        'name: web, instanceTypes: [t3.large], size: { min: 2, max: 4, desired: 3 }',
        'name: web, repair: {}, instanceTypes: [t3.large], size: { min: 2, max: 8, desired: 6 }',
      )
    const world = openWith('small', '', {}, many)
    const sick = names(world).slice(0, 2)
    for (const name of sick) ail(world, name, { type: 'Ready', reason: 'Broken' })
    pass(world, HOUR)
    expect(names(world)).toEqual(expect.arrayContaining(sick))
  })

  it('takes one node at a time', () => {
    const world = repairing('{ maxUnhealthyNodeThresholdCount: 3 }')
    const all = names(world)
    for (const name of all.slice(0, 2)) ail(world, name, { type: 'Ready', reason: 'Broken' })
    let least = 3
    for (let minute = 0; minute < 60; minute++) {
      pass(world, MINUTE)
      least = Math.min(
        least,
        nodesOf(world, 'web').filter(
          ({ status, spec }) => spec?.unschedulable !== true && conditionOf(status?.conditions, 'Ready') !== undefined,
        ).length,
      )
    }
    expect(names(world).filter((name) => all.includes(name))).toHaveLength(1)
    expect(least).toBeGreaterThanOrEqual(2)
  })
})
