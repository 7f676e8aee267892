import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../../src/model/instant.ts'
import type { PodSpec } from '../../../src/model/kubernetes.ts'
import type { StoredObject } from '../../../src/sandbox/contract.ts'
import type { Writing } from '../../../src/sandbox/world/kubernetes/api/api-server.ts'
import { builtInKind } from '../../../src/sandbox/world/kubernetes/api/kinds.ts'
import { notedUpdate } from '../../../src/sandbox/world/kubernetes/fields/ownership.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { call, eks, openShipped, openWith, refusalOf, scenarioOf, untilEnded } from './world-driver.ts'

const pass = (world: OpenedWorld, span: number) => world.timeline.advanceTo(world.timeline.now() + span)
const addon = (world: OpenedWorld, addonName = 'vpc-cni') => eks(world, 'DescribeAddon', { addonName }).addon
const CNI = 'v1.23.2-eksbuild.1'
const updated = (world: OpenedWorld, input: Record<string, unknown> = {}) => {
  const { id } = eks(world, 'UpdateAddon', { addonName: 'vpc-cni', addonVersion: CNI, ...input }).update
  return untilEnded(world, id, { addonName: 'vpc-cni' }).update
}

type Template = { readonly metadata?: object; readonly spec: PodSpec }
const templateOf = (world: OpenedWorld) => {
  const { template } = (world.store.get('DaemonSet', 'kube-system', 'aws-node')?.spec ?? {}) as { template?: Template }
  if (template === undefined) throw new Error('There is no aws-node.')
  return template
}
const envOf = (world: OpenedWorld, name: string) => templateOf(world).spec.containers?.[0]?.env?.find((each) => each.name === name)?.value

type ContainerChange = (container: Record<string, unknown>) => Record<string, unknown>

function withContainer(set: StoredObject, change: ContainerChange): StoredObject {
  const spec = set.spec as { template: Template }
  const [first, ...others] = spec.template.spec.containers ?? []
  const containers = [change(first as unknown as Record<string, unknown>), ...others]
  return { ...set, spec: { ...spec, template: { ...spec.template, spec: { ...spec.template.spec, containers } } } }
}

/** Somebody edits the DaemonSet of aws-node. */
function edit(world: OpenedWorld, change: ContainerChange): void {
  world.store.update('DaemonSet', 'kube-system', 'aws-node', (current) => withContainer(current, change))
}

const setEnv = (name: string, value: string) => (container: Record<string, unknown>) => {
  const others = ((container.env ?? []) as { name: string }[]).filter((each) => each.name !== name)
  return { ...container, env: [...others, { name, value }] }
}

describe('an update of an add-on whose fields somebody changed', () => {
  it('fails under NONE, naming the fields, and nothing rolls', () => {
    const world = openShipped('small')
    edit(world, setEnv('WARM_ENI_TARGET', '3'))
    pass(world, MINUTE)
    const { errors, status } = updated(world, { resolveConflicts: 'NONE' })
    expect(status).toBe('Failed')
    expect(errors).toEqual([
      {
        errorCode: 'ConfigurationConflict',
        errorMessage:
          'Conflicts found when trying to apply. Will not continue due to resolve conflicts mode. Conflicts:\nDaemonSet.apps aws-node - .spec.template.spec.containers[name="aws-node"].env[name="WARM_ENI_TARGET"].value',
        resourceIds: [],
      },
    ])
    expect(addon(world)).toMatchObject({ status: 'UPDATE_FAILED', addonVersion: 'v1.22.4-eksbuild.3' })
    expect(templateOf(world).spec.containers?.[0]?.image).toContain('v1.22.4-eksbuild.3')
  })

  it.each([
    { resolveConflicts: 'PRESERVE', target: '3' },
    { resolveConflicts: 'OVERWRITE', target: '1' },
  ])('ends well under $resolveConflicts with WARM_ENI_TARGET=$target', ({ resolveConflicts, target }) => {
    const world = openShipped('small')
    edit(world, setEnv('WARM_ENI_TARGET', '3'))
    expect(updated(world, { resolveConflicts }).status).toBe('Successful')
    expect(envOf(world, 'WARM_ENI_TARGET')).toBe(target)
    expect(templateOf(world).spec.containers?.[0]?.image).toContain(CNI)
  })

  it('takes NONE when nobody says, and keeps what others only added', () => {
    const world = openShipped('small')
    edit(world, setEnv('MY_OWN', 'yes'))
    expect(updated(world).status).toBe('Successful')
    expect(envOf(world, 'MY_OWN')).toBe('yes')
    edit(world, setEnv('WARM_ENI_TARGET', '3'))
    expect(updated(world, { addonVersion: 'v1.22.4-eksbuild.3' }).errors[0]?.errorCode).toBe('ConfigurationConflict')
  })
})

describe('who owns the fields of an add-on', () => {
  it.each([
    { resolveConflicts: 'PRESERVE', theirs: true },
    { resolveConflicts: 'OVERWRITE', theirs: false },
  ])('after an update with $resolveConflicts', ({ resolveConflicts, theirs }) => {
    const world = openShipped('small')
    const kind = builtInKind('DaemonSet')
    if (kind === undefined) throw new Error('DaemonSets are served.')
    const editor = { manager: 'kubectl-edit', operation: 'Update', subresource: undefined } as const
    const writing: Writing = {
      user: { username: 'somebody', groups: [] },
      owned: (current, next) => notedUpdate(kind, editor, world.timeline.now(), current, next),
    }
    world.api.update(writing, 'DaemonSet', 'kube-system', 'aws-node', (current) => withContainer(current, setEnv('WARM_ENI_TARGET', '3')))
    expect(ownersOf(world, 'WARM_ENI_TARGET')).toContain('kubectl-edit')
    expect(updated(world, { resolveConflicts }).status).toBe('Successful')
    expect(ownersOf(world, 'WARM_ENI_TARGET').includes('kubectl-edit')).toBe(theirs)
    expect(ownersOf(world, '"f:image"')).toEqual(['eks'])
  })
})

/** Managers whose fields in aws-node mention this. */
function ownersOf(world: OpenedWorld, mention: string): readonly string[] {
  const { metadata } = world.store.get('DaemonSet', 'kube-system', 'aws-node') ?? {}
  const entries = ((metadata as { managedFields?: unknown[] } | undefined)?.managedFields ?? []) as { manager: string }[]
  return entries.filter((entry) => JSON.stringify(entry).includes(mention)).map(({ manager }) => manager)
}

describe('what EKS does by itself', () => {
  it('puts image and probes back within a quarter of an hour, and leaves the environment', () => {
    const world = openShipped('small')
    edit(world, (container) => ({ ...setEnv('WARM_ENI_TARGET', '3')(container), image: 'mine', livenessProbe: { periodSeconds: 1 } }))
    pass(world, 16 * MINUTE)
    const [container] = templateOf(world).spec.containers ?? []
    expect(container?.image).toContain('v1.22.4-eksbuild.3')
    expect(JSON.stringify(container)).toContain('grpc-health-probe')
    expect(envOf(world, 'WARM_ENI_TARGET')).toBe('3')
  })

  it('makes a DaemonSet again that somebody took away', () => {
    const world = openShipped('small')
    world.store.remove('DaemonSet', 'kube-system', 'aws-node')
    pass(world, 16 * MINUTE)
    expect(templateOf(world).spec.containers?.[0]?.image).toContain('v1.22.4-eksbuild.3')
  })

  it('calls an add-on DEGRADED that lacks replicas for ten minutes, and ACTIVE again; it can be updated meanwhile', () => {
    const world = openShipped('small', { scenarios: scenarioOf('{ fault: ipam-hang, where: { launchedLater: true }, when: { to: 40m } }') })
    const { id } = eks(world, 'UpdateNodegroupConfig', { nodegroupName: 'work', scalingConfig: { desiredSize: 3 } }).update
    untilEnded(world, id, { nodegroupName: 'work' })
    pass(world, 8 * MINUTE)
    expect(addon(world).status).toBe('ACTIVE')
    pass(world, 10 * MINUTE)
    expect(addon(world)).toMatchObject({ status: 'DEGRADED', health: { issues: [{ code: 'InsufficientNumberOfReplicas' }] } })
    expect(addon(world).health?.issues?.[0]?.message).toContain('6/7 pods are available')
    pass(world, 40 * MINUTE)
    expect(addon(world)).toMatchObject({ status: 'ACTIVE', health: { issues: [] } })
  })

  it.each([
    {
      fault: '{ fault: addon-degraded, where: { addon: coredns }, code: AccessDenied, message: no }',
      status: 'DEGRADED',
      codes: ['AccessDenied'],
    },
    { fault: '{ fault: addon-degraded, where: { addon: vpc-cni }, code: AccessDenied }', status: 'ACTIVE', codes: [] },
  ])('answers the issues of a scenario: $fault', ({ fault, status, codes }) => {
    const seen = addon(openShipped('small', { scenarios: scenarioOf(fault) }), 'coredns')
    expect({ status: seen.status, codes: seen.health?.issues?.map(({ code }) => code) }).toEqual({ status, codes })
  })
})

describe('an update that does not reach the cluster', () => {
  it('says what admission said', () => {
    const webhook = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'guard' },
      webhooks: [
        {
          name: 'guard.example.com',
          failurePolicy: 'Fail',
          clientConfig: { service: { name: 'gone', namespace: 'guard', path: '/' } },
          rules: [{ operations: ['UPDATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['daemonsets'] }],
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
        },
      ],
    }
    const world = openShipped('small')
    world.store.create(webhook)
    const { errors } = updated(world)
    expect(errors[0]?.errorCode).toBe('AdmissionRequestDenied')
    expect(errors[0]?.errorMessage).toContain('guard.example.com')
    expect(addon(world)).toMatchObject({ status: 'UPDATE_FAILED', addonVersion: 'v1.22.4-eksbuild.3' })
  })

  it('waits for an API server that is away, and gives up in the end', () => {
    const away = (to: string) => openShipped('small', { scenarios: scenarioOf(`{ fault: api-server-away, when: { to: ${to} } }`) })
    expect(updated(away('2m')).status).toBe('Successful')
    expect(updated(away('2h')).errors[0]?.errorCode).toBe('ClusterUnreachable')
  })
})

const create = (world: OpenedWorld, input: Record<string, unknown> = {}) =>
  eks(world, 'CreateAddon', { addonName: 'aws-ebs-csi-driver', ...input }).addon

describe('CreateAddon', () => {
  it('takes the default version of the minor, reads CREATING, then ACTIVE', () => {
    const world = openShipped('small')
    expect(create(world, { tags: { team: 'x' } })).toMatchObject({
      status: 'CREATING',
      addonVersion: 'v1.66.0-eksbuild.1',
      tags: { team: 'x' },
    })
    expect(refusalOf(() => eks(world, 'UpdateAddon', { addonName: 'aws-ebs-csi-driver' })).status).toBe(409)
    pass(world, 5 * MINUTE)
    expect(addon(world, 'aws-ebs-csi-driver').status).toBe('ACTIVE')
    expect(world.store.get('Deployment', 'kube-system', 'aws-ebs-csi-driver')).toBeDefined()
    expect(eks(world, 'ListAddons').addons).toContain('aws-ebs-csi-driver')
  })

  it('begins once per token', () => {
    const world = openShipped('small')
    const first = create(world, { clientRequestToken: 'one' })
    expect(create(world, { clientRequestToken: 'one' }).addonArn).toBe(first.addonArn)
    expect(refusalOf(() => create(world, { clientRequestToken: 'one', tags: { a: 'b' } })).code).toBe('InvalidRequestException')
    expect(refusalOf(() => create(world))).toMatchObject({ status: 409, code: 'ResourceInUseException', message: 'Addon already exists.' })
  })

  it.each([
    { resolveConflicts: 'NONE', status: 'CREATE_FAILED' },
    { resolveConflicts: 'PRESERVE', status: 'CREATE_FAILED' },
    { resolveConflicts: 'OVERWRITE', status: 'ACTIVE' },
  ])('over what somebody else installed ends $status under $resolveConflicts', ({ resolveConflicts, status }) => {
    const world = openWith('small', '', {}, (text) => text.replace(/ {2}- \{ name: vpc-cni.*\n/, ''))
    eks(world, 'CreateAddon', { addonName: 'vpc-cni', addonVersion: CNI, resolveConflicts })
    pass(world, 15 * MINUTE)
    const seen = addon(world)
    expect(seen.status).toBe(status)
    if (status === 'CREATE_FAILED') expect(seen.health?.issues?.[0]).toMatchObject({ code: 'ConfigurationConflict' })
    else expect(templateOf(world).spec.containers?.[0]?.image).toContain(CNI)
  })

  it.each([
    {
      title: 'one that is not known',
      input: { addonName: 'nobody' },
      says: 'Addon nobody specified is not supported in 1.33 kubernetes version',
    },
    {
      title: 'a version that is not listed',
      input: { addonVersion: 'v1.0.0-eksbuild.1' },
      says: 'Addon version specified is not supported',
    },
  ])('refuses $title', ({ input, says }) => {
    expect(refusalOf(() => create(openShipped('small'), input))).toMatchObject({
      status: 400,
      code: 'InvalidParameterException',
      message: says,
    })
  })
})

describe('DeleteAddon', () => {
  it('takes the objects away, or leaves them to themselves', () => {
    for (const preserve of [false, true]) {
      const world = openShipped('small')
      expect(eks(world, 'DeleteAddon', { addonName: 'vpc-cni', preserve }).addon.status).toBe('DELETING')
      expect(refusalOf(() => eks(world, 'DeleteAddon', { addonName: 'vpc-cni' })).status).toBe(409)
      pass(world, 2 * MINUTE)
      expect(refusalOf(() => addon(world)).status).toBe(404)
      const pods = world.store.list('Pod').filter(({ metadata }) => metadata.labels?.['k8s-app'] === 'aws-node')
      expect(world.store.get('DaemonSet', 'kube-system', 'aws-node') !== undefined).toBe(preserve)
      expect(pods).toHaveLength(preserve ? 6 : 0)
    }
  })
})

describe('the listing', () => {
  const WORLD = `controlPlane:
  withdrawnAddonVersions: [{ addon: vpc-cni, version: v1.23.2-eksbuild.1 }]
  addonPlatforms:
    - { addon: vpc-cni, version: v1.23.1-eksbuild.1, minor: "1.33", platformVersions: [eks.99] }
    - { addon: vpc-cni, version: v1.23.0-eksbuild.1, minor: "1.33", platformVersions: [eks.9, eks.10] }`

  it.each([
    { version: 'v1.23.2-eksbuild.1', accepted: false },
    { version: 'v1.23.1-eksbuild.1', accepted: false },
    { version: 'v1.23.0-eksbuild.1', accepted: true },
  ])('lets an update to $version begin: $accepted', ({ version, accepted }) => {
    const begin = () => eks(openWith('small', WORLD), 'UpdateAddon', { addonName: 'vpc-cni', addonVersion: version }).update.status
    if (accepted) expect(begin()).toBe('InProgress')
    else expect(refusalOf(begin)).toMatchObject({ status: 400, message: 'Addon version specified is not supported' })
  })

  it('names platform versions, types and pod identities', () => {
    const world = openWith('small', WORLD)
    type Listing = {
      addons: {
        addonName: string
        type: string
        addonVersions: { addonVersion: string; compatibilities: { platformVersions: string[] }[] }[]
      }[]
    }
    const ask = (input: Record<string, unknown>) => call<Listing>(world.eks, 'DescribeAddonVersions', input).addons
    const versions = ask({ addonName: 'vpc-cni', kubernetesVersion: '1.33' })[0]?.addonVersions ?? []
    expect(versions.slice(0, 3).map((each) => [each.addonVersion, each.compatibilities[0]?.platformVersions])).toEqual([
      ['v1.23.1-eksbuild.1', ['eks.99']],
      ['v1.23.0-eksbuild.1', ['eks.9', 'eks.10']],
      ['v1.22.4-eksbuild.3', ['*']],
    ])
    expect(ask({ types: ['storage'] }).map(({ addonName, type }) => [addonName, type])).toEqual([['aws-ebs-csi-driver', 'storage']])
    const configuration = call<{ podIdentityConfiguration: object[] }>(world.eks, 'DescribeAddonConfiguration', {
      addonName: 'vpc-cni',
      addonVersion: 'v1.22.4-eksbuild.3',
    })
    expect(configuration.podIdentityConfiguration).toEqual([
      { serviceAccount: 'aws-node', recommendedManagedPolicies: ['arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy'] },
    ])
  })
})
