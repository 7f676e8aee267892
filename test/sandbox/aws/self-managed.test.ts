import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../../src/model/instant.ts'
import type { Node } from '../../../src/model/kubernetes.ts'
import { type OpenedWorld, openWorld } from '../../../src/sandbox/world/open.ts'
import { drive, tally } from './scaling-driver.ts'
import { call, refusalOf } from './world-driver.ts'

const PARAMETER = 'resolve:ssm:/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/image_id'

/** A cluster with one self-managed group, `workers`, that launches as the YAML says. */
function withGroup(selfManaged: string, types = '[m5.large, m5.xlarge]', desired = 4): OpenedWorld {
  return openWorld({
    scenarios: [],
    world: `
apiVersion: serin.dev/v1alpha1
kind: World
metadata: { name: workers }
clock: { start: "2026-09-28T20:30:00Z" }
cluster: { name: own, region: eu-central-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets:
  - { name: a, zone: eu-central-1a, cidr: 10.0.0.0/24 }
  - { name: b, zone: eu-central-1b, cidr: 10.0.1.0/24 }
launchTemplates:
  - name: workers
    defaultVersion: 1
    versions:
      - { instanceType: m5.large, image: { kubernetesVersion: "1.32" } }
      - { instanceType: m5.large, image: { kubernetesVersion: "1.33" } }
      - { instanceType: m5.large, imageId: "${PARAMETER}" }
nodeGroups:
  - name: workers
    form: self-managed
    instanceTypes: ${types}
    size: { min: 0, max: 20, desired: ${desired} }
    subnets: [a, b]
    labels: { team: shop }
    selfManaged: ${selfManaged}
addons: [{ name: vpc-cni, version: v1.20.4-eksbuild.2 }]
`,
  })
}

const nodes = (world: OpenedWorld) => world.store.list('Node') as unknown as readonly Node[]
const kubelets = (world: OpenedWorld) => tally(nodes(world).map(({ status }) => status?.nodeInfo?.kubeletVersion?.slice(0, 5) ?? ''))
const workers = (world: OpenedWorld) => drive(world, 'workers', 'self-managed')

describe('a self-managed group', () => {
  it.each([
    { version: '1', kubelet: 'v1.32' },
    { version: '$Default', kubelet: 'v1.32' },
    { version: '2', kubelet: 'v1.33' },
    { version: '$Latest', kubelet: 'v1.33' },
  ])('launches version $version of its template: nodes of $kubelet', ({ version, kubelet }) => {
    const world = withGroup(`{ launchTemplate: { name: workers, version: ${version} } }`)
    const group = workers(world)
    expect(kubelets(world)).toEqual({ [kubelet]: 4 })
    expect(group.seen().LaunchTemplate?.Version).toBe(version)
    const [node] = nodes(world)
    expect(node?.metadata.labels).toMatchObject({ team: 'shop', 'node.kubernetes.io/instance-type': 'm5.large' })
    expect(node?.metadata.labels).not.toHaveProperty('eks.amazonaws.com/nodegroup')
    expect(group.ask('DescribeTags')).toMatchObject({ Tags: [{ Key: 'kubernetes.io/cluster/own', Value: 'owned' }] })
  })

  it('with $Default launches what the default is then; an AMI from a parameter is resolved at the launch', () => {
    const world = withGroup('{ launchTemplate: { name: workers, version: $Default } }')
    const group = workers(world)
    call(world.ec2, 'ModifyLaunchTemplate', { LaunchTemplateName: 'workers', DefaultVersion: '3' })
    group.ask('SetDesiredCapacity', { DesiredCapacity: 5 })
    group.wait(3 * MINUTE)
    expect(kubelets(world)).toEqual({ 'v1.32': 4, 'v1.33': 1 })
    const { Parameter } = call<{ Parameter: { Value: string } }>(world.ssm, 'GetParameter', {
      Name: PARAMETER.slice('resolve:ssm:'.length),
    })
    expect(group.seen().Instances.at(-1)).toMatchObject({ ImageId: Parameter.Value, LaunchTemplate: { Version: '3' } })
  })

  it('launches from a launch configuration', () => {
    const world = withGroup('{ launchConfiguration: true }')
    const group = workers(world)
    expect(group.seen()).toMatchObject({ LaunchConfigurationName: 'workers-configuration' })
    expect(group.seen().Instances[0]).toMatchObject({ LaunchConfigurationName: 'workers-configuration', InstanceType: 'm5.large' })
    const names = { LaunchConfigurationNames: ['workers-configuration'] }
    expect(group.ask('DescribeLaunchConfigurations', names)).toMatchObject({ LaunchConfigurations: [{ InstanceType: 'm5.large' }] })
    group.ask('SetDesiredCapacity', { DesiredCapacity: 5 })
    group.wait(3 * MINUTE)
    expect(nodes(world)).toHaveLength(5)
  })

  it.each([
    { mixed: '{ onDemandBase: 2, onDemandPercentage: 50 }', desired: 10, spot: 4 },
    { mixed: '{ onDemandPercentage: 0 }', desired: 5, spot: 5 },
    { mixed: '{}', desired: 5, spot: 0 },
  ])('with the distribution $mixed has $spot of $desired on Spot', ({ mixed, desired, spot }) => {
    const world = withGroup(`{ launchTemplate: { name: workers, version: 2 }, mixed: ${mixed} }`, '[m5.large, m5.xlarge]', desired)
    const filter = { Filters: [{ Name: 'instance-lifecycle', Values: ['spot'] }] }
    expect(call<{ Reservations: unknown[] }>(world.ec2, 'DescribeInstances', filter).Reservations).toHaveLength(spot)
  })

  it('counts units of capacity by weights, and one instance more rather than too few', () => {
    const weighted = '{ launchTemplate: { name: workers, version: 2 }, mixed: { weights: { m5.xlarge: 2 } } }'
    const world = withGroup(weighted, '[m5.xlarge]', 5)
    const group = workers(world)
    group.wait(3 * MINUTE)
    expect([group.ids().length, group.seen().Instances[0]?.WeightedCapacity, group.seen().DesiredCapacity]).toEqual([3, '2', 5])
    group.ask('SetDesiredCapacity', { DesiredCapacity: 8 })
    group.wait(3 * MINUTE)
    expect(group.ids()).toHaveLength(4)
  })

  it('has the lifecycle hooks that the world gives it', () => {
    const world = withGroup('{ hooks: [{ name: drain, transition: terminating, heartbeat: 300, defaultResult: CONTINUE }] }')
    const hook = { LifecycleHookName: 'drain', HeartbeatTimeout: 300, GlobalTimeout: 30_000, DefaultResult: 'CONTINUE' }
    expect(workers(world).ask('DescribeLifecycleHooks')).toMatchObject({ LifecycleHooks: [hook] })
  })

  it.each([
    {
      title: 'a template that does not exist',
      text: '{ launchTemplate: { name: nobody, version: 1 } }',
      says: 'there is no launch template nobody',
    },
    { title: 'two sources', text: '{ launchConfiguration: true, mixed: {} }', says: 'a launch configuration excludes' },
  ])('is refused with $title', ({ text, says }) => {
    expect(() => withGroup(text)).toThrow(says)
  })
})

describe('launch templates', () => {
  const made = () => {
    const world = withGroup('{ launchTemplate: { name: workers, version: 2 } }')
    const ask = <T = Record<string, unknown>>(operation: string, input: Record<string, unknown> = {}) =>
      call<T>(world.ec2, operation, { LaunchTemplateName: 'workers', ...input })
    const versions = (input: Record<string, unknown> = {}) =>
      ask<{ LaunchTemplateVersions: Record<string, unknown>[] }>('DescribeLaunchTemplateVersions', input).LaunchTemplateVersions
    return { ask, versions }
  }

  it('a version is made from another one, once per token', () => {
    const { ask, versions } = made()
    const input = { SourceVersion: '1', LaunchTemplateData: { UserData: 'IyE=' }, VersionDescription: 'next', ClientToken: 't' }
    ask('CreateLaunchTemplateVersion', input)
    ask('CreateLaunchTemplateVersion', input)
    const [newest, ...older] = versions()
    expect(newest).toMatchObject({
      VersionNumber: 4,
      VersionDescription: 'next',
      LaunchTemplateData: { InstanceType: 'm5.large', UserData: 'IyE=' },
    })
    expect(older).toHaveLength(3)
  })

  it('shows the parameter of an AMI, or what it means now', () => {
    const { versions } = made()
    const image = (input: Record<string, unknown>) =>
      versions({ Versions: ['3'], ...input }).map(({ LaunchTemplateData }) => (LaunchTemplateData as { ImageId: string }).ImageId)[0]
    expect(image({})).toBe(PARAMETER)
    expect(image({ ResolveAlias: true })).toMatch(/^ami-[0-9a-f]{17}$/)
  })

  it('versions go one by one, never the default one, and their numbers do not come again', () => {
    const { ask, versions } = made()
    const answer = ask('DeleteLaunchTemplateVersions', { Versions: ['1', '3', '9'] })
    expect(answer).toMatchObject({
      SuccessfullyDeletedLaunchTemplateVersions: [{ VersionNumber: 3 }],
      UnsuccessfullyDeletedLaunchTemplateVersions: [
        { VersionNumber: 1, ResponseError: { Code: 'unexpectedError' } },
        { VersionNumber: 9, ResponseError: { Code: 'launchTemplateVersionDoesNotExist' } },
      ],
    })
    ask('CreateLaunchTemplateVersion', { LaunchTemplateData: {} })
    expect(versions().map(({ VersionNumber }) => VersionNumber)).toEqual([4, 2, 1])
  })

  it('a template that was deleted lets its group launch nothing more', () => {
    const world = withGroup('{ launchTemplate: { name: workers, version: 2 } }')
    const group = workers(world)
    call(world.ec2, 'DeleteLaunchTemplate', { LaunchTemplateName: 'workers' })
    group.ask('SetDesiredCapacity', { DesiredCapacity: 5 })
    group.wait(MINUTE)
    expect(group.activities().at(-1)?.StatusMessage).toMatch(/^The specified launch template, with template ID lt-\w+, does not exist\./)
  })

  it.each([
    { operation: 'CreateLaunchTemplate', input: { LaunchTemplateData: {} }, code: 'InvalidLaunchTemplateName.AlreadyExistsException' },
    { operation: 'CreateLaunchTemplateVersion', input: {}, code: 'MissingParameter' },
    {
      operation: 'CreateLaunchTemplateVersion',
      input: { SourceVersion: '9', LaunchTemplateData: {} },
      code: 'InvalidLaunchTemplateId.VersionNotFound',
    },
    { operation: 'ModifyLaunchTemplate', input: { DefaultVersion: '9' }, code: 'InvalidLaunchTemplateId.VersionNotFound' },
    { operation: 'ModifyLaunchTemplate', input: { DefaultVersion: '2', DryRun: true }, code: 'DryRunOperation' },
    { operation: 'DeleteLaunchTemplate', input: { LaunchTemplateName: 'nobody' }, code: 'InvalidLaunchTemplateName.NotFoundException' },
  ])('$operation with $input is $code', ({ operation, input, code }) => {
    const { ask } = made()
    expect(refusalOf(() => ask(operation, input)).code).toBe(code)
  })
})
