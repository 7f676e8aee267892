import { DescribeVpcsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  CreateClusterCommand,
  DescribeClusterCommand,
  DescribeNodegroupCommand,
  EKSClient,
  UpdateNodegroupVersionCommand,
} from '@aws-sdk/client-eks'
import { describe, expect, it } from 'vitest'
import type { World } from '../../../../src/sandbox/contract.ts'
import { WireError } from '../../../../src/sandbox/contract.ts'
import { connectInProcess } from '../../../../src/sandbox/in-process.ts'
import type { Intervention } from '../../../../src/sandbox/levers.ts'
import { answerAws } from '../../../../src/sandbox/wire/aws/answer.ts'
import type { RequestRecord } from '../../../../src/sandbox/wire/wire.ts'
import { createWire } from '../../../../src/sandbox/wire/wire.ts'
import { NO_FAULTS, tinyWorld } from '../tiny-world.ts'

function client(world: World, records: RequestRecord[] = [], strict = true) {
  const { transport } = connectInProcess(world, { strict, onRequest: (record) => records.push(record) })
  return {
    region: 'eu-west-1',
    maxAttempts: 1,
    endpoint: transport.awsEndpoint,
    credentials: transport.awsCredentials,
    requestHandler: transport.awsRequestHandler,
  }
}

const describeGroup = new DescribeNodegroupCommand({ clusterName: 'shop', nodegroupName: 'a' })
const updateGroup = new UpdateNodegroupVersionCommand({ clusterName: 'shop', nodegroupName: 'a', clientRequestToken: 't' })

describe('errors of EKS', () => {
  it('carry their type, message and extra members', async () => {
    const world = tinyWorld({
      eks: {
        DescribeNodegroup() {
          throw new WireError(404, 'ResourceNotFoundException', 'No node group found for name: a.', { nodegroupName: 'a' })
        },
      },
    })
    await expect(new EKSClient(client(world)).send(describeGroup)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'No node group found for name: a.',
      nodegroupName: 'a',
      $metadata: { httpStatusCode: 404 },
    })
  })
})

interface UnknownCase {
  readonly title: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly named: string
}

describe('what the sandbox does not have', () => {
  it('an operation without a handler answers 501 with its name', async () => {
    const eks = new EKSClient(client(tinyWorld())).send(
      new CreateClusterCommand({ name: 'x', roleArn: 'r', resourcesVpcConfig: {}, clientRequestToken: 't' }),
    )
    await expect(eks).rejects.toMatchObject({
      message: 'the sandbox does not implement CreateCluster (eks)',
      $metadata: { httpStatusCode: 501 },
    })
    const ec2 = new EC2Client(client(tinyWorld())).send(new DescribeVpcsCommand({}))
    await expect(ec2).rejects.toMatchObject({
      name: 'NotImplemented',
      message: 'the sandbox does not implement DescribeVpcs (ec2)',
      $metadata: { httpStatusCode: 501 },
    })
  })

  it.each([
    {
      title: 'another service by target',
      headers: { 'x-amz-target': 'Logs_20140328.ListServices' },
      body: '{}',
      named: 'ListServices (Logs_20140328)',
    },
    {
      title: 'another service by what the request is signed for',
      headers: { authorization: 'AWS4-HMAC-SHA256 Credential=AKIA/20260929/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=0' },
      body: '',
      named: 'POST /nowhere (s3)',
    },
    {
      title: 'load balancing by its version',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'Action=DescribeLoadBalancers&Version=2015-12-01',
      named: 'DescribeLoadBalancers (Version 2015-12-01)',
    },
    { title: 'an unknown path', headers: {}, body: '', named: 'POST /nowhere (unknown service)' },
  ] as UnknownCase[])('$title answers 501 with its name', async ({ headers, body, named }) => {
    const wire = createWire(tinyWorld(), { later: () => () => {}, wait: async () => {} })
    const path = body === '' ? '/nowhere' : '/'
    const answer = await answerAws(wire, { method: 'POST', path, query: new URLSearchParams(), headers, body: Buffer.from(body) })
    expect(answer).toMatchObject({ status: 501, body: expect.stringContaining(named) })
  })

  it('a body that is no JSON is refused in words', async () => {
    const wire = createWire(tinyWorld(), { later: () => () => {}, wait: async () => {} })
    const answer = await answerAws(wire, {
      method: 'POST',
      path: '/',
      query: new URLSearchParams(),
      headers: { 'x-amz-target': 'AmazonSSM.GetParameter' },
      body: Buffer.from('{'),
    })
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('not JSON') })
  })
})

describe('strict mode', () => {
  it.each([
    {
      title: 'an unknown member',
      output: { nodegroup: { nodegroupNames: 'a' } },
      says: '$.nodegroup.nodegroupNames: unknown member of Nodegroup',
    },
    {
      title: 'text where a number belongs',
      output: { nodegroup: { scalingConfig: { minSize: '1' } } },
      says: '$.nodegroup.scalingConfig.minSize: not a number',
    },
    { title: 'a number where a time belongs', output: { nodegroup: { createdAt: 5 } }, says: '$.nodegroup.createdAt: not a timestamp' },
    { title: 'one where many belong', output: { nodegroup: { taints: {} } }, says: '$.nodegroup.taints: not a list' },
  ])('throws for $title', async ({ output, says }) => {
    const world = tinyWorld({ eks: { DescribeNodegroup: () => output } })
    await expect(new EKSClient(client(world)).send(describeGroup)).rejects.toThrow(says)
  })

  it('when off, leaves out what the schema does not know', async () => {
    const world = tinyWorld({ eks: { DescribeNodegroup: () => ({ nodegroup: { nodegroupName: 'a', futureMember: 1 } }) } })
    const answer = await new EKSClient(client(world, [], false)).send(describeGroup)
    expect(answer.nodegroup).toEqual({ nodegroupName: 'a' })
  })
})

describe('faults', () => {
  function faulty(intervention: Intervention) {
    let effects = 0
    const asked: unknown[] = []
    const world = tinyWorld({
      eks: {
        UpdateNodegroupVersion() {
          effects++
          return { update: { id: 'u-1' } }
        },
      },
      faults: {
        ...NO_FAULTS,
        onRequest(request) {
          asked.push(request)
          return request.nth === 1 ? intervention : undefined
        },
      },
    })
    return { world, asked, effects: () => effects }
  }

  it.each([
    {
      title: 'throttled before the effect',
      intervention: { kind: 'error', when: 'before', status: 429, code: 'ThrottlingException', message: 'slow' },
      rejects: { name: 'ThrottlingException' },
      effects: 0,
    },
    {
      title: '500 after the effect',
      intervention: { kind: 'error', when: 'after', status: 500, code: 'ServerException', message: 'oops' },
      rejects: { name: 'ServerException' },
      effects: 1,
    },
    { title: 'cut before the effect', intervention: { kind: 'cut', when: 'before' }, rejects: { code: 'ECONNRESET' }, effects: 0 },
    { title: 'cut after the effect', intervention: { kind: 'cut', when: 'after' }, rejects: { code: 'ECONNRESET' }, effects: 1 },
    { title: 'a page of HTML', intervention: { kind: 'html', status: 503 }, rejects: { $metadata: { httpStatusCode: 503 } }, effects: 0 },
  ] as const)('$title, and the second request passes', async ({ intervention, rejects, effects }) => {
    const fault = faulty(intervention)
    const eks = new EKSClient(client(fault.world))
    await expect(eks.send(updateGroup)).rejects.toMatchObject(rejects)
    expect(fault.effects()).toBe(effects)
    await expect(eks.send(updateGroup)).resolves.toMatchObject({ update: { id: 'u-1' } })
    const asked = { service: 'eks', operation: 'UpdateNodegroupVersion', resource: 'a', mutating: true, occasion: expect.any(String) }
    expect(fault.asked).toEqual([1, 2].map((nth) => ({ ...asked, nth })))
    expect(new Set(fault.asked.map((request) => (request as { occasion: string }).occasion)).size).toBe(2)
  })
})

describe('the record of requests', () => {
  it('has one entry for each, with the update that was started', async () => {
    const records: RequestRecord[] = []
    const world = tinyWorld({ eks: { UpdateNodegroupVersion: () => ({ update: { id: 'u-1' } }) } })
    await new EKSClient(client(world, records)).send(updateGroup)
    expect(records).toEqual([
      { service: 'eks', operation: 'UpdateNodegroupVersion', resource: 'a', status: 200, requestId: expect.any(String), updateId: 'u-1' },
    ])
  })

  it('gives request ids by what is asked, not by the order of asking', async () => {
    const ids = async (groups: readonly string[]): Promise<Record<string, string>> => {
      const records: RequestRecord[] = []
      const eks = new EKSClient(
        client(tinyWorld({ eks: { DescribeCluster: () => ({ cluster: {} }), DescribeNodegroup: () => ({ nodegroup: {} }) } }), records),
      )
      await Promise.all(groups.map((nodegroupName) => eks.send(new DescribeNodegroupCommand({ clusterName: 'shop', nodegroupName }))))
      await eks.send(new DescribeClusterCommand({ name: 'shop' }))
      return Object.fromEntries(records.map((record) => [record.resource, record.requestId]))
    }
    expect(await ids(['a', 'b', 'c'])).toEqual(await ids(['c', 'a', 'b']))
  })
})
