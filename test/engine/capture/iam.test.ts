import { describe, expect, it } from 'vitest'
import { captureSnapshot } from '../../../src/engine/capture.ts'
import type { IamUse } from '../../../src/model/iam.ts'
import { isInNoStatement } from '../../../src/model/iam.ts'
import type { ClusterSnapshot } from '../../../src/model/snapshot.ts'
import { openSimulation } from '../../support/rehearsal.ts'

/** The quickstart cluster under a scenario, read by the real adapters. */
async function captured(scenario: string): Promise<ClusterSnapshot> {
  const simulation = openSimulation({ plan: 'quickstart', scenarios: scenario === '' ? [] : [{ name: 'test', text: scenario }] })
  try {
    return await captureSnapshot(await simulation.connect(), simulation.plan.cluster.name)
  } finally {
    simulation.close()
  }
}

const lacking = (role: string, ...actions: readonly string[]) =>
  JSON.stringify({
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'Scenario',
    metadata: { name: 'test', summary: 'a role lacks actions' },
    faults: [{ fault: 'role-lacks-action', where: { role }, actions }],
  })

const principal = ({ aws }: ClusterSnapshot, use: IamUse) => aws.principals?.find(({ uses }) => uses.includes(use))

const decision = (snapshot: ClusterSnapshot, use: IamUse, action: string) =>
  principal(snapshot, use)?.evaluations?.find(({ EvalActionName }) => EvalActionName === action)?.EvalDecision

describe('who acts in a run', () => {
  it('is the caller by its role, the role of the cluster, and that of aws-node', async () => {
    const snapshot = await captured('')
    expect(snapshot.aws.principals).toMatchObject([
      { Arn: 'arn:aws:iam::111122223333:role/release-engineer', uses: ['caller'] },
      { Arn: 'arn:aws:iam::111122223333:role/shop-cluster', uses: ['cluster'], trustedServices: ['eks.amazonaws.com'] },
      { uses: ['vpc-cni'] },
    ])
    expect(decision(snapshot, 'vpc-cni', 'ec2:DescribeSubnets')).toBe('allowed')
    expect(decision(snapshot, 'caller', 'eks:UpdateAddon')).toBe('allowed')
    expect(principal(snapshot, 'vpc-cni')).not.toHaveProperty('statements')
    expect(snapshot.unavailable).toEqual([])
  })

  it('has its policies read where an action is denied and no statement says so', async () => {
    const snapshot = await captured(lacking('aws-node', 'ec2:DescribeSubnets'))
    expect(decision(snapshot, 'vpc-cni', 'ec2:DescribeSubnets')).toBe('implicitDeny')
    const { statements = [] } = principal(snapshot, 'vpc-cni') ?? {}
    expect(isInNoStatement('ec2:DescribeSubnets', statements)).toBe(true)
    expect(isInNoStatement('ec2:DescribeTags', statements)).toBe(false)
  })

  it('is named as unknown where IAM may not be asked, and the pass goes on', async () => {
    const snapshot = await captured(lacking('caller', 'iam:SimulatePrincipalPolicy', 'iam:GetRole'))
    expect(new Set(snapshot.unavailable?.map(({ source }) => source))).toEqual(new Set(['iam:GetRole', 'iam:SimulatePrincipalPolicy']))
    expect(principal(snapshot, 'caller')).toEqual({ Arn: 'arn:aws:iam::111122223333:role/release-engineer', uses: ['caller'] })
  })
})

describe('isInNoStatement', () => {
  it.each([
    ['the action itself', [{ Effect: 'Allow', Action: ['ec2:DescribeSubnets'] }], false],
    ['another case', [{ Effect: 'Allow', Action: ['EC2:describesubnets'] }], false],
    ['a pattern', [{ Effect: 'Allow', Action: ['ec2:Describe*'] }], false],
    ['a pattern for one letter', [{ Effect: 'Allow', Action: ['ec2:DescribeSubnet?'] }], false],
    ['another action', [{ Effect: 'Allow', Action: ['ec2:DescribeSubnet'] }], true],
    ['a denial alone', [{ Effect: 'Deny', Action: ['ec2:*'] }], true],
    ['everything but others', [{ Effect: 'Allow', NotAction: ['iam:*'] }], false],
    ['everything but this', [{ Effect: 'Allow', NotAction: ['ec2:Describe*'] }], true],
    ['no statement', [], true],
  ])('%s', (_, statements, expected) => expect(isInNoStatement('ec2:DescribeSubnets', statements)).toBe(expected))
})
