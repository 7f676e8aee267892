import { describe, expect, it } from 'vitest'
import type { AddonListing } from '../../../src/model/aws.ts'
import { MINUTE } from '../../../src/model/instant.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { call, eks, openShipped, refusalOf, scenarioOf, untilEnded } from './world-driver.ts'

interface Listing {
  readonly addons: readonly AddonListing[]
  readonly nextToken?: string
}

const NEXT = 'v1.21.1-eksbuild.7'
const update = (world: OpenedWorld, input: Record<string, unknown> = {}) =>
  eks(world, 'UpdateAddon', { addonName: 'vpc-cni', addonVersion: NEXT, resolveConflicts: 'PRESERVE', ...input }).update
const addon = (world: OpenedWorld) => eks(world, 'DescribeAddon', { addonName: 'vpc-cni' }).addon

describe('the update of an add-on', () => {
  it('goes UPDATING, rolls the DaemonSet and ends ACTIVE; configuration that was not sent stays, a role that was not sent goes', () => {
    const world = openShipped('quickstart')
    const values = addon(world).configurationValues
    const { id } = update(world, { serviceAccountRoleArn: 'arn:aws:iam::111122223333:role/cni' })
    expect(addon(world)).toMatchObject({ status: 'UPDATING', addonVersion: 'v1.20.4-eksbuild.2' })
    expect(untilEnded(world, id, { addonName: 'vpc-cni' }).update).toMatchObject({ status: 'Successful', errors: [] })
    expect(addon(world)).toMatchObject({
      status: 'ACTIVE',
      addonVersion: NEXT,
      configurationValues: values,
      serviceAccountRoleArn: 'arn:aws:iam::111122223333:role/cni',
    })
    untilEnded(world, update(world, { addonVersion: 'v1.22.4-eksbuild.3' }).id, { addonName: 'vpc-cni' })
    expect(addon(world)).toMatchObject({ addonVersion: 'v1.22.4-eksbuild.3', serviceAccountRoleArn: undefined })
  })

  it('stays UPDATING for twenty minutes when pods crash-loop, answers 409 meanwhile, and fails; the way back heals it', () => {
    const world = openShipped('quickstart', { scenarios: scenarioOf('{ fault: addon-crashloop, where: { cniVersion: "v1.21.*" } }') })
    const { id } = update(world)
    world.timeline.advanceTo(world.timeline.now() + 10 * MINUTE)
    expect(refusalOf(() => update(world))).toMatchObject({ status: 409, code: 'ResourceInUseException' })
    const { update: ended, took } = untilEnded(world, id, { addonName: 'vpc-cni' })
    expect(took + 10 * MINUTE).toBeGreaterThanOrEqual(20 * MINUTE)
    expect(ended.status).toBe('Failed')
    expect(ended.errors[0]?.errorCode).toBe('InsufficientNumberOfReplicas')
    expect(addon(world)).toMatchObject({ status: 'UPDATE_FAILED', addonVersion: NEXT })
    const back = untilEnded(world, update(world, { addonVersion: 'v1.20.4-eksbuild.2' }).id, { addonName: 'vpc-cni' })
    expect(back.update.status).toBe('Successful')
    expect(addon(world)).toMatchObject({ status: 'ACTIVE', addonVersion: 'v1.20.4-eksbuild.2', health: { issues: [] } })
  })

  it('begins once per token', () => {
    const world = openShipped('quickstart')
    const first = update(world, { clientRequestToken: 'one' })
    expect(update(world, { clientRequestToken: 'one' }).id).toBe(first.id)
    expect(eks(world, 'ListUpdates', { addonName: 'vpc-cni' }).updateIds).toEqual([first.id])
    expect(refusalOf(() => eks(world, 'DescribeUpdate', { updateId: first.id })).status).toBe(404)
  })

  it.each([
    {
      title: 'a version that is not listed',
      input: { addonVersion: 'v1.9.9-eksbuild.9' },
      says: 'Addon version specified is not supported',
    },
    {
      title: 'a key that the schema lacks',
      input: { configurationValues: '{"env":{"NO_SUCH":"1"}}' },
      says: '$.env.NO_SUCH: is not defined in the schema',
    },
    { title: 'values that are no object', input: { configurationValues: 'nonsense' }, says: 'not in valid JSON' },
  ])('refuses $title', ({ input, says }) => {
    const refusal = refusalOf(() => update(openShipped('quickstart'), input))
    expect(refusal).toMatchObject({ status: 400, code: 'InvalidParameterException' })
    expect(refusal.message).toContain(says)
  })

  it('refuses a leap over a minor of vpc-cni only in a strict world', () => {
    const leap = { addonVersion: 'v1.22.4-eksbuild.3' }
    expect(update(openShipped('quickstart'), leap).status).toBe('InProgress')
    const strict = openShipped('quickstart', { overrides: { cniOneMinor: 'strict' } })
    expect(refusalOf(() => update(strict, leap)).message).toBe('Updating VPC-CNI can only go up or down 1 minor version at a time')
    expect(update(strict).status).toBe('InProgress')
  })
})

describe('the add-on listing', () => {
  it('answers all minors, or one when asked, over pages', () => {
    const world = openShipped('quickstart')
    const ask = (input: Record<string, unknown>) => call<Listing>(world.eks, 'DescribeAddonVersions', input)
    const first = ask({ addonName: 'vpc-cni', maxResults: 20 })
    const second = ask({ addonName: 'vpc-cni', maxResults: 20, nextToken: first.nextToken })
    expect(first.addons[0]?.addonVersions).toHaveLength(20)
    expect(second.addons[0]?.addonVersions?.[0]?.addonVersion).not.toBe(first.addons[0]?.addonVersions?.[0]?.addonVersion)
    const rows = ask({ addonName: 'vpc-cni', kubernetesVersion: '1.33' }).addons[0]?.addonVersions ?? []
    expect(
      rows
        .flatMap(({ compatibilities }) => compatibilities?.map(({ clusterVersion }) => clusterVersion))
        .every((minor) => minor === '1.33'),
    ).toBe(true)
    expect(rows.filter(({ compatibilities }) => compatibilities?.[0]?.defaultVersion).map(({ addonVersion }) => addonVersion)).toEqual([
      'v1.22.4-eksbuild.3',
    ])
  })

  it('is of its day: in November 2024 nothing is newer than v1.18', () => {
    const world = openShipped('incident-1')
    const { addons } = call<Listing>(world.eks, 'DescribeAddonVersions', { addonName: 'vpc-cni' })
    expect(addons[0]?.addonVersions?.every(({ addonVersion = '' }) => /^v1\.1[3-8]\./.test(addonVersion))).toBe(true)
  })
})
