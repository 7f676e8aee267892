import { expect, it } from 'vitest'
import { createAutoScaling } from '../../src/adapters/auto-scaling/auto-scaling.ts'
import { createEc2 } from '../../src/adapters/ec2/ec2.ts'
import { createEks } from '../../src/adapters/eks/eks.ts'
import type { ErrorCode } from '../../src/errors/catalogue.ts'
import { type Answer, awsStub, ec2Error, eksError, html, json, queryError, xml } from './support/aws-stub.ts'
import { rejection } from './support/rejection.ts'

interface Case {
  readonly title: string
  readonly answer: Answer
  readonly code: ErrorCode
  /** Whether a mutation answered so may have happened. */
  readonly ambiguous?: boolean
}

const EKS: readonly Case[] = [
  { title: 'ThrottlingException 429', answer: eksError(429, 'ThrottlingException'), code: 'REMOTE_THROTTLED' },
  { title: '429 without a type', answer: json({}, 429), code: 'REMOTE_THROTTLED' },
  { title: 'TooManyRequestsException', answer: eksError(400, 'TooManyRequestsException'), code: 'REMOTE_THROTTLED' },
  { title: 'ResourceInUseException 409', answer: eksError(409, 'ResourceInUseException'), code: 'REMOTE_CONFLICT' },
  { title: 'a 409 of the whole cluster', answer: eksError(409, 'SomethingElse'), code: 'REMOTE_CONFLICT' },
  { title: 'ResourcePropagationDelayException 428', answer: eksError(428, 'ResourcePropagationDelayException'), code: 'REMOTE_CONFLICT' },
  { title: 'AccessDeniedException', answer: eksError(403, 'AccessDeniedException'), code: 'REMOTE_DENIED' },
  { title: 'ExpiredTokenException', answer: eksError(403, 'ExpiredTokenException'), code: 'REMOTE_CREDENTIALS' },
  { title: 'UnrecognizedClientException', answer: eksError(403, 'UnrecognizedClientException'), code: 'REMOTE_CREDENTIALS' },
  { title: 'InvalidParameterException', answer: eksError(400, 'InvalidParameterException'), code: 'REMOTE_REFUSED' },
  { title: 'InvalidStateException', answer: eksError(400, 'InvalidStateException'), code: 'REMOTE_REFUSED' },
  { title: 'an error of a type nobody knows', answer: eksError(400, 'BrandNewException'), code: 'REMOTE_REFUSED' },
  { title: 'ResourceNotFoundException', answer: eksError(404, 'ResourceNotFoundException'), code: 'REMOTE_NOT_FOUND' },
  { title: 'ServerException 500', answer: eksError(500, 'ServerException'), code: 'REMOTE_UNAVAILABLE', ambiguous: true },
  { title: 'a bare 503', answer: { status: 503, body: '' }, code: 'REMOTE_UNAVAILABLE', ambiguous: true },
  { title: 'HTML with 503', answer: html(503), code: 'REMOTE_UNAVAILABLE', ambiguous: true },
  { title: 'a connection that is reset', answer: { fails: 'ECONNRESET' }, code: 'REMOTE_UNAVAILABLE', ambiguous: true },
  { title: 'a connection that is refused', answer: { fails: 'ECONNREFUSED' }, code: 'REMOTE_UNAVAILABLE', ambiguous: false },
  { title: 'a name that does not resolve', answer: { fails: 'ENOTFOUND' }, code: 'REMOTE_UNAVAILABLE', ambiguous: false },
  { title: 'HTML of a captive portal', answer: html(200), code: 'REMOTE_MALFORMED', ambiguous: true },
  { title: 'HTML with 403', answer: html(403), code: 'REMOTE_MALFORMED', ambiguous: true },
  { title: 'an empty success', answer: json({}), code: 'REMOTE_MALFORMED', ambiguous: true },
  {
    title: 'a time in the wrong form',
    answer: json({ cluster: { createdAt: '2026-01-01T00:00:00Z' }, update: { createdAt: 'x' } }),
    code: 'REMOTE_MALFORMED',
    ambiguous: true,
  },
]

it.each(EKS)('EKS: $title is $code, read and changed', async ({ answer, code, ambiguous = false }) => {
  const { eks, caller } = awsStub(answer)
  const read = await rejection(createEks(eks, caller).describeCluster('shop'))
  expect(read).toMatchObject({ code, details: { operation: 'eks:DescribeCluster' } })
  expect(read.details.ambiguous).toBeUndefined()
  const changed = await rejection(
    createEks(eks, caller).updateAddon({
      cluster: 'shop',
      addon: 'vpc-cni',
      version: 'v1',
      resolveConflicts: 'PRESERVE',
      clientRequestToken: 't',
    }),
  )
  expect(changed).toMatchObject({ code, details: { operation: 'eks:UpdateAddon' } })
  expect(changed.details.ambiguous ?? false).toBe(ambiguous)
})

it.each<Case>([
  { title: 'Throttling 400', answer: queryError(400, 'Throttling'), code: 'REMOTE_THROTTLED' },
  { title: 'AccessDenied', answer: queryError(403, 'AccessDenied'), code: 'REMOTE_DENIED' },
  { title: 'ExpiredToken', answer: queryError(403, 'ExpiredToken'), code: 'REMOTE_CREDENTIALS' },
  { title: 'InvalidClientTokenId', answer: queryError(403, 'InvalidClientTokenId'), code: 'REMOTE_CREDENTIALS' },
  { title: 'ResourceContention', answer: queryError(500, 'ResourceContention'), code: 'REMOTE_CONFLICT' },
  { title: 'ScalingActivityInProgress', answer: queryError(400, 'ScalingActivityInProgress'), code: 'REMOTE_CONFLICT' },
  { title: 'ValidationError', answer: queryError(400, 'ValidationError'), code: 'REMOTE_REFUSED' },
  { title: 'a wrong root, which parses as an empty success', answer: xml('<XResponse/>'), code: 'REMOTE_MALFORMED' },
  { title: 'HTML that happens to be XML', answer: html(200), code: 'REMOTE_MALFORMED' },
])('Auto Scaling: $title is $code', async ({ answer, code }) => {
  const { autoScaling, caller } = awsStub(answer)
  expect(await rejection(createAutoScaling(autoScaling, caller).describeGroups(['a']))).toMatchObject({ code })
})

it.each<Case>([
  { title: 'RequestLimitExceeded 503', answer: ec2Error(503, 'RequestLimitExceeded'), code: 'REMOTE_THROTTLED' },
  { title: 'UnauthorizedOperation', answer: ec2Error(403, 'UnauthorizedOperation'), code: 'REMOTE_DENIED' },
  { title: 'AuthFailure', answer: ec2Error(401, 'AuthFailure'), code: 'REMOTE_CREDENTIALS' },
  { title: 'InvalidSubnetID.NotFound 400', answer: ec2Error(400, 'InvalidSubnetID.NotFound'), code: 'REMOTE_NOT_FOUND' },
  { title: 'InvalidParameterValue', answer: ec2Error(400, 'InvalidParameterValue'), code: 'REMOTE_REFUSED' },
  { title: 'an answer without its set', answer: xml('<DescribeSubnetsResponse/>'), code: 'REMOTE_MALFORMED' },
])('EC2: $title is $code', async ({ answer, code }) => {
  const { settings, caller } = awsStub(answer)
  expect(await rejection(createEc2(settings, caller).describeSubnets(['subnet-1']))).toMatchObject({ code })
})

it('says what it asked, what the API said, and under which request id', async () => {
  const { eks, caller } = awsStub(
    eksError(409, 'ResourceInUseException', 'Nodegroup cannot be updated as it is currently not in Active State'),
  )
  const error = await rejection(
    createEks(eks, caller).updateNodegroupVersion({ cluster: 'shop', nodegroup: 'app-a', releaseVersion: 'r', clientRequestToken: 't' }),
  )
  expect(error.message).toBe(
    'eks:UpdateNodegroupVersion: ResourceInUseException: Nodegroup cannot be updated as it is currently not in Active State',
  )
  expect(error.details).toMatchObject({ remoteCode: 'ResourceInUseException', status: 409, requestId: 'request-1' })
  expect(error.cause).toBeInstanceOf(Error)
})

it('reports missing credentials as such', async () => {
  const { settings, caller } = awsStub({})
  const { EKSClient } = await import('@aws-sdk/client-eks')
  const credentials = async () => {
    throw Object.assign(new Error('Could not load credentials from any providers'), { name: 'CredentialsProviderError' })
  }
  const eks = createEks(new EKSClient({ ...settings, credentials }), caller)
  expect(await rejection(eks.describeCluster('shop'))).toMatchObject({ code: 'REMOTE_CREDENTIALS' })
})
