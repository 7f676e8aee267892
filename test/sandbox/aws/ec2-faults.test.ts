import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../../src/model/instant.ts'
import { drive, tally } from './scaling-driver.ts'
import { call, eks, nodesOf, openShipped, refusalOf, untilEnded } from './world-driver.ts'

const SCENARIOS = join(import.meta.dirname, '../../../plans/scenarios')

function under(scenario: string, group = 'app-a', world = 'quickstart') {
  const text = readFileSync(join(SCENARIOS, `${scenario}.yaml`), 'utf8')
  const opened = openShipped(world, { scenarios: [{ name: `${scenario}.yaml`, text }] })
  return { world: opened, group: drive(opened, group) }
}

describe('capacity-shortage', () => {
  it('launches into the other zones with a refusal in the history, and balances once there is capacity again', () => {
    const { group } = under('capacity-shortage')
    group.ask('SetDesiredCapacity', { DesiredCapacity: 9 })
    group.wait(3 * MINUTE)
    const zones = () => tally(group.seen().Instances.map(({ AvailabilityZone }) => AvailabilityZone.slice(-1)))
    expect(zones()).toEqual({ a: 4, b: 2, c: 3 })
    const refused = group.activities().find(({ StatusCode }) => StatusCode === 'Failed')
    expect(refused?.StatusMessage).toBe(
      'Could not launch On-Demand Instances. InsufficientInstanceCapacity - We currently do not have sufficient m5.large capacity in the Availability Zone you requested (eu-central-1b). Our system will be working on provisioning additional capacity. You can currently get m5.large capacity by not specifying an Availability Zone in your request or choosing eu-central-1a, eu-central-1c. Launching EC2 instance failed.',
    )
    group.wait(45 * MINUTE)
    expect(zones()).toEqual({ a: 3, b: 3, c: 3 })
  })

  it('is not met by another type', () => {
    const { group } = under('capacity-shortage', 'data')
    const { DesiredCapacity } = group.seen()
    group.ask('UpdateAutoScalingGroup', { MaxSize: 12, DesiredCapacity: DesiredCapacity + 3 })
    group.wait(3 * MINUTE)
    expect(group.activities().filter(({ StatusCode }) => StatusCode === 'Failed')).toEqual([])
  })
})

describe('vcpu-quota', () => {
  it('refuses every launch above it, and fails an update for want of nodes', () => {
    const { world, group } = under('vcpu-quota')
    const { update } = eks(world, 'UpdateNodegroupVersion', { nodegroupName: 'app-a', version: '1.33' })
    const { update: ended } = untilEnded(world, update.id, { nodegroupName: 'app-a' })
    expect([ended.status, ended.errors.map(({ errorCode }) => errorCode)]).toEqual(['Failed', ['NodeCreationFailure']])
    const [refused] = group.activities()
    expect(refused?.StatusMessage).toContain(
      'VcpuLimitExceeded - You have requested more vCPU capacity than your current vCPU limit of 8 allows for the instance bucket',
    )
  })
})

describe('spot-interruption', () => {
  it('recommends, then ends; a group with capacity rebalancing has the replacements first', () => {
    const { world, group } = under('spot-interruption', 'batch-spot', 'large')
    const before = group.ids()
    const fewest: number[] = []
    for (let minute = 0; minute < 20; minute++) {
      group.wait(MINUTE)
      fewest.push(group.states().filter((state) => state === 'InService').length)
    }
    expect(before.some((id) => !group.ids().includes(id))).toBe(true)
    expect(Math.min(...fewest)).toBe(before.length)
    expect(group.activities().some(({ Cause }) => Cause.includes('in response to an EC2 instance rebalance recommendation'))).toBe(true)
    expect(nodesOf(world, 'batch-spot')).toHaveLength(before.length)
  })

  it('without capacity rebalancing the instance is taken after its notice, and replaced then', () => {
    const { world, group } = under('spot-interruption', 'batch-spot', 'large')
    group.ask('UpdateAutoScalingGroup', { CapacityRebalance: false })
    const before = group.ids()
    group.wait(14 * MINUTE)
    expect(group.ids()).toEqual(before)
    group.wait(5 * MINUTE)
    const taken = before.filter((id) => !group.ids().includes(id))
    expect(taken.length).toBeGreaterThan(0)
    const { Reservations } = call<{ Reservations: { Instances: { StateReason: { Code: string } }[] }[] }>(world.ec2, 'DescribeInstances', {
      InstanceIds: taken,
    })
    expect(Reservations[0]?.Instances[0]?.StateReason.Code).toBe('Server.SpotInstanceTermination')
    expect(group.activities().some(({ Cause }) => Cause.includes('indicating it has been terminated or stopped'))).toBe(true)
    group.wait(3 * MINUTE)
    expect(tally(group.states())).toEqual({ InService: before.length })
  })

  it('leaves On-Demand Instances alone', () => {
    const { group } = under('spot-interruption', 'web-eu', 'large')
    const before = group.ids()
    group.wait(20 * MINUTE)
    expect(group.ids()).toEqual(before)
  })
})

describe('slow-boot', () => {
  it.each([
    { minutes: 9, nodes: 6 },
    { minutes: 21, nodes: 7 },
  ])('after $minutes minutes there are $nodes nodes', ({ minutes, nodes }) => {
    const { world, group } = under('slow-boot')
    group.ask('SetDesiredCapacity', { DesiredCapacity: 7 })
    group.wait(minutes * MINUTE)
    expect([group.states().filter((state) => state === 'InService').length, nodesOf(world, 'app-a').length]).toEqual([7, nodes])
  })
})

describe('instance-health', () => {
  it('shows impaired instances, and their group replaces them', () => {
    const { world, group } = under('instance-health')
    group.ask('UpdateAutoScalingGroup', { MaxSize: 40, DesiredCapacity: 30 })
    group.wait(MINUTE)
    const statuses = call<{ InstanceStatuses: { InstanceId: string; InstanceStatus: { Status: string } }[] }>(
      world.ec2,
      'DescribeInstanceStatus',
      { InstanceIds: group.ids() },
    ).InstanceStatuses
    const impaired = statuses.filter(({ InstanceStatus }) => InstanceStatus.Status === 'impaired').map(({ InstanceId }) => InstanceId)
    expect(impaired.length).toBeGreaterThan(0)
    group.wait(3 * MINUTE)
    expect(group.ids().filter((id) => impaired.includes(id))).toEqual([])
    expect(group.activities().some(({ Cause }) => Cause.includes('in response to an EC2 instance status checks failure'))).toBe(true)
    group.wait(60 * MINUTE)
    expect(tally(group.states())).toEqual({ InService: 30 })
  })
})

describe('image-gone', () => {
  it('leaves what runs, launches nothing, and the AMI is not described any more', () => {
    const { world, group } = under('image-gone')
    const [member] = group.seen().Instances
    group.ask('SetDesiredCapacity', { DesiredCapacity: 7 })
    group.wait(3 * MINUTE)
    expect(tally(group.states())).toEqual({ InService: 6 })
    expect(group.activities().at(-1)?.StatusMessage).toContain(
      `InvalidAMIID.NotFound - The image id '[${member?.ImageId}]' does not exist.`,
    )
    const ask = () => call(world.ec2, 'DescribeImages', { ImageIds: [member?.ImageId] })
    expect(refusalOf(ask).code).toBe('InvalidAMIID.NotFound')
  })
})

describe('instances that somebody else stops or terminates', () => {
  it.each(['StopInstances', 'TerminateInstances'])('%s: the group replaces the instance', (operation) => {
    const world = openShipped('quickstart')
    const group = drive(world, 'app-a')
    const [id = ''] = group.ids()
    call(world.ec2, operation, { InstanceIds: [id] })
    group.wait(3 * MINUTE)
    expect([tally(group.states()), group.ids().includes(id), nodesOf(world, 'app-a').length]).toEqual([{ InService: 6 }, false, 6])
  })

  it('stays a member while HealthCheck is suspended', () => {
    const world = openShipped('quickstart')
    const group = drive(world, 'app-a')
    group.ask('SuspendProcesses', { ScalingProcesses: ['HealthCheck'] })
    const [id = ''] = group.ids()
    call(world.ec2, 'TerminateInstances', { InstanceIds: [id] })
    group.wait(3 * MINUTE)
    expect([group.ids().includes(id), nodesOf(world, 'app-a').length]).toEqual([true, 5])
    group.ask('ResumeProcesses')
    group.wait(3 * MINUTE)
    expect([group.ids().includes(id), nodesOf(world, 'app-a').length]).toEqual([false, 6])
  })
})
