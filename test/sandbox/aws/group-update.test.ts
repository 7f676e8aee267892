import { describe, expect, it } from 'vitest'
import type { ScalingActivity } from '../../../src/model/aws.ts'
import { formatDuration, MINUTE } from '../../../src/model/instant.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { call, eks, groupSeen, nodesOf, openShipped, refusalOf, scalingGroup, scenarioOf, untilEnded } from './world-driver.ts'

function begin(world: OpenedWorld, group: string, input: Record<string, unknown> = { version: '1.33' }, token = `to-${group}`): string {
  return eks(world, 'UpdateNodegroupVersion', { nodegroupName: group, clientRequestToken: token, ...input }).update.id
}

/** What changed of a group, and when: one line per change. */
function diary(world: OpenedWorld, group: string): { readonly lines: string[]; look(): void } {
  const begun = world.timeline.now()
  const lines: string[] = []
  return {
    lines,
    look() {
      const { DesiredCapacity, MaxSize } = scalingGroup(world, group)
      const { ready, cordoned } = groupSeen(world, group)
      const line = `desired ${DesiredCapacity} max ${MaxSize}, ${ready} ready, ${cordoned.length} cordoned`
      if (lines.at(-1)?.endsWith(line) !== true) lines.push(`${formatDuration(world.timeline.now() - begun)}: ${line}`)
    },
  }
}

const phases = (lines: readonly string[]) => lines.map((line) => line.replace(/^[^:]+: /, ''))

describe('the update of a managed node group', () => {
  it('raises, retires, replaces and shrinks: the phases of two nodes in three zones', () => {
    const world = openShipped('quickstart')
    const seen = diary(world, 'canary')
    const { update } = untilEnded(world, begin(world, 'canary'), { nodegroupName: 'canary' }, seen.look)
    expect(update).toMatchObject({ status: 'Successful', errors: [] })
    const steps = phases(seen.lines)
    // Surge is max(2 x 3 zones, maxUnavailable 1) = 6.
    expect(steps[0]).toBe('desired 2 max 4, 2 ready, 0 cordoned')
    expect(steps).toContain('desired 8 max 10, 2 ready, 0 cordoned')
    expect(steps).toContain('desired 8 max 10, 8 ready, 2 cordoned')
    expect(steps.at(-1)).toBe('desired 2 max 4, 2 ready, 0 cordoned')
  })

  it('reads ACTIVE for some seconds after the call, then UPDATING, and carries the target only at the end', () => {
    const world = openShipped('quickstart')
    const read = () => eks(world, 'DescribeNodegroup', { nodegroupName: 'canary' }).nodegroup
    const id = begin(world, 'canary')
    expect(read()).toMatchObject({ status: 'ACTIVE', version: '1.32' })
    world.timeline.advanceTo(world.timeline.now() + MINUTE)
    expect(read()).toMatchObject({ status: 'UPDATING', version: '1.32' })
    untilEnded(world, id, { nodegroupName: 'canary' })
    world.timeline.advanceTo(world.timeline.now() + MINUTE)
    expect(read()).toMatchObject({ status: 'ACTIVE', version: '1.33' })
  })

  it.each([
    { title: 'an EKS-optimised AMI', group: 'app-a', input: { version: '1.33' }, labels: {} },
    {
      title: 'a template without AMI',
      group: 'batch',
      input: { version: '1.33', launchTemplate: { name: 'shop-batch', version: '1' } },
      labels: { 'eks.amazonaws.com/sourceLaunchTemplateVersion': '1' },
    },
    {
      title: 'a template with a custom AMI',
      group: 'data',
      input: { launchTemplate: { name: 'shop-data', version: '2' } },
      labels: { 'eks.amazonaws.com/sourceLaunchTemplateVersion': '2' },
    },
  ])('moves every node of a group with $title, and leaves nothing behind', ({ group, input, labels }) => {
    const world = openShipped('quickstart')
    const before = groupSeen(world, group)
    const { update } = untilEnded(world, begin(world, group, input), { nodegroupName: group })
    const after = groupSeen(world, group)
    expect(update.status).toBe('Successful')
    expect(after).toMatchObject({ ready: before.ready, cordoned: [], excluded: [] })
    expect(after.images).toHaveLength(1)
    expect(after.images).not.toEqual(before.images)
    for (const { metadata, status } of nodesOf(world, group)) {
      expect(metadata.labels).toMatchObject(labels)
      expect(status?.nodeInfo?.kubeletVersion).toMatch(/^v1\.33\./)
    }
  })

  it('never takes more than maxUnavailable old nodes away at a time, and MINIMAL never exceeds the desired size', () => {
    const world = openShipped('quickstart')
    const config = { nodegroupName: 'app-a', updateConfig: { maxUnavailable: 2, updateStrategy: 'MINIMAL' }, clientRequestToken: 'minimal' }
    untilEnded(world, eks(world, 'UpdateNodegroupConfig', config).update.id, { nodegroupName: 'app-a' })
    let [least, most] = [99, 0]
    const { update } = untilEnded(world, begin(world, 'app-a'), { nodegroupName: 'app-a' }, () => {
      least = Math.min(least, groupSeen(world, 'app-a').ready)
      most = Math.max(most, nodesOf(world, 'app-a').length)
    })
    expect(update.status).toBe('Successful')
    expect(least).toBeGreaterThanOrEqual(4)
    expect(most).toBeLessThanOrEqual(6)
  })
})

describe('an update that cannot drain', () => {
  it('fails with PodEvictionFailure after fifteen minutes and leaves cordons, labels, sizes and two images behind', () => {
    const world = openShipped('quickstart', {
      scenarios: scenarioOf(
        '{ fault: eviction-blocked, where: { budget: "*/*" }, when: { after: "eks:UpdateNodegroupVersion app-a", from: 10s } }',
      ),
    })
    const { update, took } = untilEnded(world, begin(world, 'app-a'), { nodegroupName: 'app-a' })
    expect(update.status).toBe('Failed')
    expect(update.errors[0]).toMatchObject({
      errorCode: 'PodEvictionFailure',
      errorMessage: 'Reached max retries while trying to evict pods from nodes in node group app-a',
    })
    expect(took).toBeGreaterThan(16 * MINUTE)
    world.timeline.advanceTo(world.timeline.now() + MINUTE)
    const left = groupSeen(world, 'app-a')
    expect(left.cordoned.length).toBeGreaterThan(0)
    expect(left.excluded).toEqual(left.cordoned)
    expect(left.cordoned).toEqual(expect.arrayContaining([...(update.errors[0]?.resourceIds ?? [])]))
    expect(left.images).toHaveLength(2)
    expect(scalingGroup(world, 'app-a')).toMatchObject({ DesiredCapacity: 12, MaxSize: 15 })
    expect(eks(world, 'DescribeNodegroup', { nodegroupName: 'app-a' }).nodegroup).toMatchObject({ status: 'ACTIVE', version: '1.32' })
  })

  it('goes on from there when the same target is asked for again and the budget allows it, down to the former sizes', () => {
    const blocked =
      '{ fault: eviction-blocked, where: { budget: "*/*" }, when: { after: "eks:UpdateNodegroupVersion app-a", from: 10s, to: 40m } }'
    const world = openShipped('quickstart', { scenarios: scenarioOf(blocked) })
    untilEnded(world, begin(world, 'app-a'), { nodegroupName: 'app-a' })
    world.timeline.advanceTo(world.timeline.now() + 30 * MINUTE)
    const { update } = untilEnded(world, begin(world, 'app-a', { version: '1.33' }, 'again'), { nodegroupName: 'app-a' })
    expect(update.status).toBe('Successful')
    expect(groupSeen(world, 'app-a')).toMatchObject({ ready: 6, cordoned: [], excluded: [] })
    expect(scalingGroup(world, 'app-a')).toMatchObject({ DesiredCapacity: 6, MaxSize: 9 })
  })
})

describe('an update whose new nodes do not join', () => {
  it.each([
    { title: 'new nodes never register', fault: '{ fault: node-never-joins, where: { group: canary } }', codes: ['NodeCreationFailure'] },
    {
      title: 'a zone has no addresses',
      fault: '{ fault: subnet-exhausted, where: { zone: "*a" } }',
      codes: ['NodeCreationFailure', 'InsufficientFreeAddresses'],
    },
  ])('cleans up after itself when $title', ({ fault, codes }) => {
    const world = openShipped('quickstart', { scenarios: scenarioOf(fault) })
    const before = { nodes: nodesOf(world, 'canary').map(({ metadata }) => metadata.name), group: groupSeen(world, 'canary') }
    const { update, took } = untilEnded(world, begin(world, 'canary'), { nodegroupName: 'canary' })
    expect(update.status).toBe('Failed')
    expect(update.errors.map(({ errorCode }) => errorCode)).toEqual(codes)
    expect(took).toBeGreaterThan(15 * MINUTE)
    world.timeline.advanceTo(world.timeline.now() + 5 * MINUTE)
    expect(nodesOf(world, 'canary').map(({ metadata }) => metadata.name)).toEqual(before.nodes)
    expect(groupSeen(world, 'canary')).toEqual(before.group)
    expect(scalingGroup(world, 'canary')).toMatchObject({ DesiredCapacity: 2, MaxSize: 4 })
    expect(eks(world, 'DescribeNodegroup', { nodegroupName: 'canary' }).nodegroup.version).toBe('1.32')
  })

  it('says in the scaling activities which subnet refused', () => {
    const world = openShipped('quickstart', { scenarios: scenarioOf('{ fault: subnet-exhausted, where: { zone: "*" } }') })
    begin(world, 'canary')
    world.timeline.advanceTo(world.timeline.now() + 5 * MINUTE)
    const { AutoScalingGroupName } = scalingGroup(world, 'canary')
    const { Activities } = call<{ Activities: ScalingActivity[] }>(world.autoScaling, 'DescribeScalingActivities', { AutoScalingGroupName })
    expect(Activities[0]?.StatusCode).toBe('Failed')
    expect(Activities[0]?.StatusMessage).toMatch(
      /^Could not launch On-Demand Instances\. InsufficientFreeAddressesInSubnet - There are not enough free addresses in subnet 'subnet-\w+'/,
    )
  })
})

const update = (world: OpenedWorld, nodegroupName: string, input: Record<string, unknown>) => () =>
  eks(world, 'UpdateNodegroupVersion', { nodegroupName, ...input })

describe('an update that stands still', () => {
  it('stays InProgress for as long as the fault holds, and goes on', () => {
    const stall =
      '{ fault: node-group-update-stalls, where: { group: canary }, when: { after: eks:UpdateNodegroupVersion canary, from: 1m, to: 3h } }'
    const world = openShipped('quickstart', { scenarios: scenarioOf(stall) })
    const { update: ended, took } = untilEnded(world, begin(world, 'canary'), { nodegroupName: 'canary' })
    expect(took).toBeGreaterThanOrEqual(180 * MINUTE)
    expect(ended.status).toBe('Successful')
  })
})

describe('what UpdateNodegroupVersion refuses', () => {
  it.each([
    {
      title: 'an unknown group',
      group: 'nobody',
      input: {},
      status: 404,
      code: 'ResourceNotFoundException',
      says: 'No node group found for name: nobody.',
    },
    {
      title: 'a release of another minor',
      group: 'canary',
      input: { version: '1.33', releaseVersion: '1.32.9-20260815' },
      status: 400,
      code: 'InvalidParameterException',
      says: 'Requested release version 1.32.9-20260815 is not valid for kubernetes version 1.33.',
    },
    {
      title: 'a minor above the control plane',
      group: 'canary',
      input: { version: '1.34' },
      status: 400,
      code: 'InvalidParameterException',
      says: 'newer',
    },
    {
      title: 'a version for a custom AMI',
      group: 'data',
      input: { version: '1.33' },
      status: 400,
      code: 'InvalidParameterException',
      says: 'custom AMIs',
    },
    {
      title: 'a custom AMI without its template',
      group: 'data',
      input: {},
      status: 400,
      code: 'InvalidParameterException',
      says: "Launch template details can't be null",
    },
    {
      title: 'a template for a group without one',
      group: 'canary',
      input: { launchTemplate: { name: 'shop-batch', version: '1' } },
      status: 400,
      code: 'InvalidParameterException',
      says: 'not created with a launch template',
    },
  ])('$title', ({ group, input, status, code, says }) => {
    const refusal = refusalOf(update(openShipped('quickstart'), group, input))
    expect(refusal).toMatchObject({ status, code })
    expect(refusal.message).toContain(says)
  })
})

describe('repeated and backward calls', () => {
  it('are refused while an update runs (409); the same token answers with the same update instead', () => {
    const world = openShipped('quickstart')
    const id = begin(world, 'canary')
    expect(begin(world, 'canary')).toBe(id)
    expect(refusalOf(update(world, 'canary', { version: '1.33', clientRequestToken: 'other' }))).toMatchObject({
      status: 409,
      code: 'ResourceInUseException',
      message: 'Nodegroup cannot be updated as it is currently not in Active State',
    })
    untilEnded(world, id, { nodegroupName: 'canary' })
    expect(begin(world, 'canary')).toBe(id)
    expect(eks(world, 'ListUpdates', { nodegroupName: 'canary' }).updateIds).toEqual([id])
  })

  it('refuse a lower minor only in a strict world', () => {
    const back = { version: '1.32', releaseVersion: '1.32.9-20260815' }
    for (const minorDowngrade of ['lenient', 'strict'] as const) {
      const world = openShipped('quickstart', { overrides: { minorDowngrade } })
      untilEnded(world, begin(world, 'canary'), { nodegroupName: 'canary' })
      if (minorDowngrade === 'strict') expect(refusalOf(update(world, 'canary', back)).code).toBe('InvalidParameterException')
      else expect(untilEnded(world, begin(world, 'canary', back, 'back'), { nodegroupName: 'canary' }).update.status).toBe('Successful')
    }
  })
})
