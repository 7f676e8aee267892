import { describe, expect, it } from 'vitest'
import { takesReferences } from '../../../../src/sandbox/wire/aws/references.ts'
import type { Shape } from '../../../../src/sandbox/wire/aws/schema.ts'
import { type Service, type ServiceName, serviceOf } from '../../../../src/sandbox/wire/aws/services.ts'
import { misfits } from '../../../../src/sandbox/wire/aws/strict.ts'
import type { OpenedWorld } from '../../../../src/sandbox/world/open.ts'
import { openShipped } from '../../aws/world-driver.ts'
import { IN_PROCESS } from '../transports.ts'
import { ALARM_CASES, QUOTA_CASES, SSM_CASES, STS_CASES } from './cases/account.ts'
import { AUTO_SCALING_CASES } from './cases/auto-scaling.ts'
import type { Cases } from './cases/case.ts'
import { EC2_CASES } from './cases/ec2.ts'
import { EKS_CASES, openFurnished } from './cases/eks.ts'
import { breaches, declarationsOf } from './declared.ts'
import { misformed } from './forms.ts'

/** A client's constructor and commands, found by name: the test asks what it cannot list. */
type Exports = Readonly<Record<string, new (input: never) => { send(command: object): Promise<Record<string, unknown>> }>>

const SERVICES: readonly { name: ServiceName; client: string; className: string; cases: Cases; open?: () => OpenedWorld }[] = [
  { name: 'eks', client: '@aws-sdk/client-eks', className: 'EKSClient', cases: EKS_CASES, open: openFurnished },
  { name: 'autoScaling', client: '@aws-sdk/client-auto-scaling', className: 'AutoScalingClient', cases: AUTO_SCALING_CASES },
  { name: 'ec2', client: '@aws-sdk/client-ec2', className: 'EC2Client', cases: EC2_CASES },
  { name: 'sts', client: '@aws-sdk/client-sts', className: 'STSClient', cases: STS_CASES },
  { name: 'ssm', client: '@aws-sdk/client-ssm', className: 'SSMClient', cases: SSM_CASES },
  { name: 'serviceQuotas', client: '@aws-sdk/client-service-quotas', className: 'ServiceQuotasClient', cases: QUOTA_CASES },
  { name: 'cloudWatch', client: '@aws-sdk/client-cloudwatch', className: 'CloudWatchClient', cases: ALARM_CASES },
]

describe('the declarations of a client', () => {
  it('say which members must be there and which values they may have', async () => {
    const service = await serviceOf('autoScaling')
    const shape = service.operations.get('DescribeAutoScalingInstances')?.output() ?? { kind: 'unit' }
    const answer = { AutoScalingInstances: [{ InstanceId: 'i-1', LifecycleState: 'Resting' }] }
    const groups = service.operations.get('DescribeLifecycleHooks')?.output() ?? { kind: 'unit' }
    const declared = await declarationsOf('@aws-sdk/client-auto-scaling')
    expect(breaches(declared, shape, answer)).toContain('$.AutoScalingInstances[0].AvailabilityZone: required')
    const instances = service.operations.get('DescribeAutoScalingGroups')?.output() ?? { kind: 'unit' }
    const member = { AutoScalingGroups: [{ Instances: [{ LifecycleState: 'Resting' }] }] }
    expect(breaches(declared, instances, member)).toContain('$.AutoScalingGroups[0].Instances[0].LifecycleState: no such value Resting')
    expect(breaches(declared, groups, {})).toEqual([])
  })
})

describe('the forms of ids and ARNs', () => {
  it.each([
    {
      title: 'a group without its id',
      answer: { Arn: 'arn:aws:autoscaling:eu-central-1:111122223333:autoScalingGroup:autoScalingGroupName/a' },
    },
    { title: 'an add-on with a short id', answer: { addonArn: 'arn:aws:eks:eu-central-1:111122223333:addon/shop/vpc-cni/0a1b2c3d' } },
    { title: 'an instance id of eight digits', answer: { Instances: [{ InstanceId: 'i-0a1b2c3d' }] } },
    { title: 'an activity by number', answer: { ActivityId: '7' } },
  ])('do not have $title', ({ answer }) => {
    expect(misformed(answer)).toHaveLength(1)
  })
})

const openPlain = () => openShipped('quickstart')

describe.each(SERVICES)('$name', ({ name, client, className, cases, open = openPlain }) => {
  const implemented = Object.keys(handlersOf(open(), name)).sort()

  it('has a case for every operation that the sandbox implements, and only for those', () => {
    expect(Object.keys(cases).sort()).toEqual(implemented)
  })

  it.each(implemented)(
    '%s answers the real client in the shape, the types and the values of the SDK, with ids and ARNs as AWS has them',
    async (operation) => {
      const world = open()
      const input = cases[operation]?.(world) ?? {}
      const outputs: Record<string, unknown>[] = []
      const handle = handlersOf(world, name)[operation]
      const watched = { [operation]: (given: Record<string, unknown>) => keep(outputs, handle?.(given) ?? {}) }
      const { shape, send } = await connected({ ...world, [name]: { ...handlersOf(world, name), ...watched } }, name, client, className)
      const { $metadata, ...answer } = await send(operation, input)
      expect(answer).toEqual(clean(outputs[0]))
      expect(misfits(shape(operation), answer)).toEqual([])
      expect(breaches(await declarationsOf(client), shape(operation), answer)).toEqual([])
      expect(misformed(answer)).toEqual([])
      if (hasMembers(shape(operation))) expect(Object.keys(answer)).not.toEqual([])
    },
  )

  it.each(implemented)('%s says the same by reference as by its text', async (operation) => {
    const world = open()
    const input = cases[operation]?.(world) ?? {}
    let output: Record<string, unknown> | undefined
    const once = { [operation]: (asked: Record<string, unknown>) => (output ??= handlersOf(world, name)[operation]?.(asked) ?? {}) }
    const same = { ...world, [name]: { ...handlersOf(world, name), ...once } }
    const read = await connected(same, name, client, className)
    const taken = await connected(same, name, client, className, takesReferences)
    const { $metadata: _, ...said } = await read.send(operation, input)
    const { $metadata, ...given } = await taken.send(operation, input)
    expect(given).toStrictEqual(said)
    expect(JSON.stringify(given)).toBe(JSON.stringify(said))
    // the id stands in the headers, which nobody has read
    expect($metadata).not.toHaveProperty('requestId')
  })

  it('answers 501 with its name to every other operation', async () => {
    const { service, send } = await connected(openShipped('quickstart'), name, client, className)
    const others = [...service.operations.values()].filter((operation) => !implemented.includes(operation.name))
    expect(others.length).toBeGreaterThan(0)
    for (const operation of others) {
      const refusal = await send(operation.name, labelsOf(operation.input())).catch((error: unknown) => error)
      expect(refusal, operation.name).toMatchObject({
        name: 'NotImplemented',
        message: `the sandbox does not implement ${operation.name} (${service.id})`,
        $metadata: { httpStatusCode: 501 },
      })
    }
  })
})

function hasMembers(shape: Shape): boolean {
  return shape.kind === 'structure' && shape.members().length > 0
}

function handlersOf(world: OpenedWorld, name: ServiceName): OpenedWorld['eks'] {
  return world[name]
}

function keep<T>(kept: T[], value: T): T {
  kept.push(value)
  return value
}

/** The service as its real client meets it, in this process, answers checked strictly as they leave. */
async function connected(
  world: OpenedWorld,
  name: ServiceName,
  client: string,
  className: string,
  prepared: <Sdk extends object>(sdk: Sdk) => Sdk = (sdk) => sdk,
) {
  const service: Service = await serviceOf(name)
  const exports = (await import(client)) as Exports
  const { aws } = await IN_PROCESS.connect(world)
  const Client = exports[className]
  if (Client === undefined) throw new Error(`${client} has no ${className}`)
  const sdk = prepared(new Client(aws as never))
  const send = (operation: string, input: Record<string, unknown>) => {
    const Command = exports[`${operation}Command`]
    if (Command === undefined) throw new Error(`${client} has no ${operation}Command`)
    return sdk.send(new Command(input as never))
  }
  const shape = (operation: string): Shape => service.operations.get(operation)?.output() ?? { kind: 'unit' }
  return { service, send, shape }
}

/** What the client refuses to leave out: the labels of the path. */
function labelsOf(input: Shape): Record<string, unknown> {
  if (input.kind !== 'structure') return {}
  const labels = input.members().filter(({ traits }) => traits.httpLabel === 1)
  return Object.fromEntries(labels.map(({ name }) => [name, 'x']))
}

/** Without members that are undefined, as an answer has none. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean)
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, clean(member)]),
  )
}
