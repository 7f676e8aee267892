import { describe, expect, it } from 'vitest'
import { serviceOf } from '../../../src/sandbox/wire/aws/services.ts'
import { misfits } from '../../../src/sandbox/wire/aws/strict.ts'
import type { OpenedWorld } from '../../../src/sandbox/world/open.ts'
import { call, eks, openWith } from './world-driver.ts'

const FURNISHED = `controlPlane:
  upgradedBefore: 1d
  autoMode: {}
  logging: [api]
  tags: { team: shop }
  issues: [{ code: Ec2SubnetNotFound, message: gone, resourceIds: [subnet-1] }]
  fargateProfiles: [{ name: jobs, namespace: jobs, labels: { runs: fargate } }]
  podIdentityAssociations: [{ namespace: shop, serviceAccount: web, roleArn: "arn:aws:iam::111122223333:role/web" }]
  accessEntries: [{ principalArn: "arn:aws:iam::111122223333:role/ops", groups: [ops], policies: ["arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"] }]
  identityProviders: [{ name: dex, issuerUrl: "https://dex.example.com", clientId: kubernetes }]`

const named = { clusterName: 'small' }
const principal = { principalArn: 'arn:aws:iam::111122223333:role/ops' }
const association = (world: OpenedWorld) =>
  call<{ associations: { associationId: string }[] }>(world.eks, 'ListPodIdentityAssociations', named).associations[0]?.associationId

/** Operations with an input that succeeds in the furnished world. */
const CALLS: readonly (readonly [operation: string, input: (world: OpenedWorld) => Record<string, unknown>])[] = [
  ['DescribeCluster', () => ({ name: 'small' })],
  ['DescribeClusterVersions', () => ({ includeAll: true })],
  ['UpdateClusterVersion', () => ({ name: 'small', version: '1.34', force: true })],
  ['UpdateClusterConfig', () => ({ name: 'small', deletionProtection: true })],
  [
    'CancelUpdate',
    (world) => ({ name: 'small', updateId: eks(world, 'UpdateClusterVersion', { version: '1.32', force: true }).update.id }),
  ],
  ['ListFargateProfiles', () => named],
  ['DescribeFargateProfile', () => ({ ...named, fargateProfileName: 'jobs' })],
  ['ListPodIdentityAssociations', () => named],
  ['DescribePodIdentityAssociation', (world) => ({ ...named, associationId: association(world) })],
  ['ListAccessEntries', () => named],
  ['DescribeAccessEntry', () => ({ ...named, ...principal })],
  ['ListAssociatedAccessPolicies', () => ({ ...named, ...principal })],
  ['ListIdentityProviderConfigs', () => named],
  ['DescribeIdentityProviderConfig', () => ({ ...named, identityProviderConfig: { type: 'oidc', name: 'dex' } })],
]

describe('EKS operations', () => {
  it.each(CALLS)("%s answers in the shape of the SDK's schema", async (operation, input) => {
    const world = openWith('small', FURNISHED)
    world.setApiServer('https://127.0.0.1:1', 'Y2E=')
    const schema = (await serviceOf('eks')).operations.get(operation)
    if (schema === undefined) throw new Error(`The SDK has no ${operation}`)
    const output = call<Record<string, unknown>>(world.eks, operation, input(world))
    expect(misfits(schema.output(), output)).toEqual([])
    for (const value of Object.values(output)) if (Array.isArray(value)) expect(value).not.toEqual([])
    expect(Object.values(output).filter((value) => value !== undefined)).not.toEqual([])
  })
})
