import { describe, expect, it } from 'vitest'
import { createEks } from '../../src/adapters/eks/eks.ts'
import { delayBefore, READ_BUDGET } from '../../src/adapters/retry.ts'
import { SECOND } from '../../src/model/instant.ts'
import { awsStub, eksError, json } from './support/aws-stub.ts'
import { rejection } from './support/rejection.ts'

const CLUSTER = json({ cluster: { name: 'shop', status: 'ACTIVE', version: '1.33', createdAt: 1_700_000_000.5 } })
const UPDATE = { cluster: 'shop', nodegroup: 'app-a', releaseVersion: '1.33.5-20261101', clientRequestToken: 'token-1' }

describe('reads', () => {
  it('are repeated while an API throttles or is away, waiting on the clock of the run', async () => {
    const { eks, caller, asked, clock, throttles } = awsStub(eksError(429, 'ThrottlingException'), { fails: 'ECONNRESET' }, CLUSTER)
    expect(await createEks(eks, caller).describeCluster('shop')).toMatchObject({ name: 'shop', createdAt: '2023-11-14T22:13:20.500Z' })
    expect(asked).toHaveLength(3)
    expect(clock.slept).toEqual([delayBefore('eks:DescribeCluster', 1), delayBefore('eks:DescribeCluster', 2)])
    expect(throttles.total()).toBe(1)
  })

  it('end with the last error when the budget is spent', async () => {
    const { eks, caller, asked, clock } = awsStub(eksError(503, 'ServiceUnavailableException'))
    expect(await rejection(createEks(eks, caller).describeCluster('shop'))).toMatchObject({ code: 'REMOTE_UNAVAILABLE' })
    expect(asked).toHaveLength(READ_BUDGET.attempts)
    expect(clock.slept.reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(READ_BUDGET.time)
  })

  it.each([
    ['a refusal', eksError(400, 'InvalidParameterException')],
    ['a denial', eksError(403, 'AccessDeniedException')],
    ['something that does not exist', eksError(404, 'ResourceNotFoundException')],
  ])('are not repeated after %s', async (_title, answer) => {
    const { eks, caller, asked } = awsStub(answer)
    await rejection(createEks(eks, caller).describeCluster('shop'))
    expect(asked).toHaveLength(1)
  })

  it('wait longer each time, never nothing, and the same for the same question', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8].map((attempt) => delayBefore('eks:DescribeUpdate', attempt))
    expect(delays.every((delay, index) => delay > 0 && delay <= Math.min(20 * SECOND, SECOND * 2 ** index))).toBe(true)
    expect(delayBefore('eks:DescribeUpdate', 3)).toBe(delays[2])
  })
})

describe('mutations', () => {
  it.each([
    ['throttling', eksError(429, 'ThrottlingException')],
    ['a 500', eksError(500, 'ServerException')],
    ['a cut connection', { fails: 'ECONNRESET' }],
    ['a conflict', eksError(409, 'ResourceInUseException')],
  ])('are never repeated: not after %s', async (_title, answer) => {
    const { eks, caller, asked, clock } = awsStub(answer)
    await rejection(createEks(eks, caller).updateNodegroupVersion(UPDATE))
    expect(asked).toHaveLength(1)
    expect(clock.slept).toEqual([])
  })

  it('carry our token and never force', async () => {
    const { eks, caller, asked } = awsStub(json({ update: { id: 'u-1', status: 'InProgress', type: 'VersionUpdate' } }))
    const update = await createEks(eks, caller).updateNodegroupVersion({ ...UPDATE, launchTemplate: { id: 'lt-1', version: '3' } })
    expect(update).toEqual({ id: 'u-1', status: 'InProgress', type: 'VersionUpdate', nodegroupName: 'app-a' })
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/clusters/shop/node-groups/app-a/update-version' })
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      releaseVersion: '1.33.5-20261101',
      launchTemplate: { id: 'lt-1', version: '3' },
      force: false,
      clientRequestToken: 'token-1',
    })
  })

  it('without a token of ours are refused before they are sent', async () => {
    const { eks, caller, asked } = awsStub({})
    const error = await rejection(createEks(eks, caller).updateNodegroupVersion({ ...UPDATE, clientRequestToken: '' }))
    expect(error.code).toBe('REMOTE_REFUSED')
    expect(asked).toEqual([])
  })

  it('re-send configuration and role of an add-on as they are', async () => {
    const { eks, caller, asked } = awsStub(json({ update: { id: 'u-2' } }))
    await createEks(eks, caller).updateAddon({
      cluster: 'shop',
      addon: 'vpc-cni',
      version: 'v1.19.0-eksbuild.1',
      resolveConflicts: 'PRESERVE',
      configurationValues: '{"env":{"WARM_ENI_TARGET":"1"}}',
      serviceAccountRoleArn: 'arn:aws:iam::111122223333:role/cni',
      clientRequestToken: 'token-2',
    })
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      addonVersion: 'v1.19.0-eksbuild.1',
      resolveConflicts: 'PRESERVE',
      configurationValues: '{"env":{"WARM_ENI_TARGET":"1"}}',
      serviceAccountRoleArn: 'arn:aws:iam::111122223333:role/cni',
      clientRequestToken: 'token-2',
    })
  })
})
