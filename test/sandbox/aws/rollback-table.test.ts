import { describe, expect, it } from 'vitest'
import { SECOND } from '../../../src/model/instant.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { eks, openWith, refusalOf, untilEnded } from './world-driver.ts'

/** What can be taken back, as EKS decides it: https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html and the API reference. */

type Rule = 'lenient' | 'strict'

interface Row {
  readonly title: string
  /** `nodegroup/…` or `addon/…`, whose operation is called. */
  readonly subject: string
  /** Brings it forward first. */
  readonly forward: Readonly<Record<string, unknown>>
  readonly back: Readonly<Record<string, unknown>>
  /** What the way back leads to under each rule: members of the description, or the refusal's words. */
  readonly leads: Readonly<Record<Rule, Readonly<Record<string, unknown>> | string>>
}

const OLD = '1.32.9-20260815'
const LOWER = 'Downgrades are not supported.'
const ONE_MINOR = 'can only go up or down 1 minor version at a time'
const SCHEMA = 'is not defined in the schema'

function both<T>(value: T): Readonly<Record<Rule, T>> {
  return { lenient: value, strict: value }
}

const TABLE: readonly Row[] = [
  {
    title: "EKS's image: an earlier release of the same minor",
    subject: 'nodegroup/canary',
    forward: { releaseVersion: '1.32.10-20260915' },
    back: { releaseVersion: OLD },
    leads: both({ version: '1.32', releaseVersion: OLD }),
  },
  {
    title: "EKS's image: the minor before",
    subject: 'nodegroup/canary',
    forward: { version: '1.33' },
    back: { version: '1.32', releaseVersion: OLD },
    leads: { lenient: { version: '1.32', releaseVersion: OLD }, strict: LOWER },
  },
  {
    title: 'the minor before without a release: the newest of that minor, not the one from before',
    subject: 'nodegroup/canary',
    forward: { version: '1.33' },
    back: { version: '1.32' },
    leads: { lenient: { version: '1.32', releaseVersion: '1.32.10-20260915' }, strict: LOWER },
  },
  {
    title: 'a template without an AMI: the release and the version of the template from before',
    subject: 'nodegroup/batch',
    forward: { version: '1.33', launchTemplate: { name: 'shop-batch', version: '1' } },
    back: { version: '1.32', releaseVersion: OLD, launchTemplate: { name: 'shop-batch', version: '1' } },
    leads: { lenient: { version: '1.32', launchTemplate: { name: 'shop-batch', version: '1' } }, strict: LOWER },
  },
  {
    title: 'another template than the group was made with',
    subject: 'nodegroup/batch',
    forward: { version: '1.33' },
    back: { launchTemplate: { name: 'shop-data', version: '1' } },
    leads: both('the launch template that the node group was created with'),
  },
  {
    title: 'a custom AMI: the version of the template from before, whatever the rule',
    subject: 'nodegroup/data',
    forward: { launchTemplate: { name: 'shop-data', version: '2' } },
    back: { launchTemplate: { name: 'shop-data', version: '1' } },
    leads: both({ launchTemplate: { name: 'shop-data', version: '1' } }),
  },
  {
    title: 'a custom AMI without a version of its template: the default version',
    subject: 'nodegroup/data',
    forward: { launchTemplate: { name: 'shop-data', version: '2' } },
    back: { launchTemplate: { name: 'shop-data' } },
    leads: both({ launchTemplate: { name: 'shop-data', version: '1' } }),
  },
  {
    title: 'a custom AMI with a minor',
    subject: 'nodegroup/data',
    forward: { launchTemplate: { name: 'shop-data', version: '2' } },
    back: { version: '1.32', launchTemplate: { name: 'shop-data', version: '1' } },
    leads: both('You cannot specify the field version when using custom AMIs.'),
  },
  {
    title: 'vpc-cni: the minor before',
    subject: 'addon/vpc-cni',
    forward: { addonVersion: 'v1.21.1-eksbuild.7' },
    back: { addonVersion: 'v1.20.4-eksbuild.2' },
    leads: both({ addonVersion: 'v1.20.4-eksbuild.2' }),
  },
  {
    title: 'vpc-cni: two minors at once',
    subject: 'addon/vpc-cni',
    forward: { addonVersion: 'v1.21.1-eksbuild.7' },
    back: { addonVersion: 'v1.19.6-eksbuild.7' },
    leads: { lenient: { addonVersion: 'v1.19.6-eksbuild.7' }, strict: ONE_MINOR },
  },
  {
    title: 'vpc-cni: with values that the older schema lacks',
    subject: 'addon/vpc-cni',
    forward: { configurationValues: '{"env":{"ENABLE_MULTI_NIC":"false"}}' },
    back: { addonVersion: 'v1.19.6-eksbuild.7', configurationValues: '{"env":{"ENABLE_MULTI_NIC":"false"}}' },
    leads: { lenient: SCHEMA, strict: SCHEMA },
  },
]

function call(world: OpenedWorld, subject: string, input: Readonly<Record<string, unknown>>): void {
  const [kind, name = ''] = subject.split('/')
  const of: Record<string, string> = kind === 'addon' ? { addonName: name } : { nodegroupName: name }
  const operation = kind === 'addon' ? 'UpdateAddon' : 'UpdateNodegroupVersion'
  const { id } = eks(world, operation, { ...of, ...input }).update
  expect(untilEnded(world, id, of).update.status).toBe('Successful')
  world.timeline.advanceTo(world.timeline.now() + 10 * SECOND)
}

function described(world: OpenedWorld, subject: string): unknown {
  const [kind, name] = subject.split('/')
  return kind === 'addon'
    ? eks(world, 'DescribeAddon', { addonName: name }).addon
    : eks(world, 'DescribeNodegroup', { nodegroupName: name }).nodegroup
}

describe.each(['lenient', 'strict'] as const)('the way back, where minors go down %s', (rule) => {
  it.each(TABLE)('$title', ({ subject, forward, back, leads }) => {
    const world = openWith('quickstart', '', { overrides: { minorDowngrade: rule, cniOneMinor: rule } })
    call(world, subject, forward)
    const wanted = leads[rule]
    if (typeof wanted === 'string') {
      const refusal = refusalOf(() => call(world, subject, back))
      expect(refusal).toMatchObject({ status: 400, code: 'InvalidParameterException' })
      expect(refusal.message).toContain(wanted)
    } else {
      call(world, subject, back)
      expect(described(world, subject)).toMatchObject({ status: 'ACTIVE', ...wanted })
    }
  })
})
