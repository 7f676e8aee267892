import type { Instant } from '../../../model/instant.ts'
import { keyedId, keyedUuid } from '../../../model/keyed.ts'
import type { AwsHandlers, WireError } from '../../contract.ts'
import type { ControlPlaneSpec } from '../control-plane-spec.ts'
import type { ClusterSpec } from '../world-spec.ts'
import { dateOf, type Input, numberOf, pageOf, recordOf, required, textOf } from './answers.ts'
import { invalidParameter, notFound } from './eks-errors.ts'

export interface ClusterMembersDeps {
  readonly cluster: ClusterSpec
  readonly spec: ControlPlaneSpec
  readonly seed: number
  readonly createdAt: Instant
  readonly subnetIds: readonly string[]
}

/**
 * What a cluster has besides node groups and add-ons, to be read: Fargate profiles, pod identity associations, access entries and
 * identity providers. The operations that change them have no handler.
 */
export function clusterMemberHandlers(deps: ClusterMembersDeps): AwsHandlers {
  return { ...fargateHandlers(deps), ...podIdentityHandlers(deps), ...accessHandlers(deps), ...identityProviderHandlers(deps) }
}

/** Forms: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelastickubernetesservice.html */
function arn({ cluster, seed }: ClusterMembersDeps, kind: string, name: string): string {
  const id = keyedUuid(seed, kind, name)
  return `arn:aws:eks:${cluster.region}:${cluster.accountId}:${kind}/${cluster.name}/${name}/${id}`
}

function listed<T>(items: readonly T[], input: Input, member: string): Record<string, unknown> {
  const page = pageOf(items, textOf(input, 'nextToken'), numberOf(input, 'maxResults') ?? 100, () => invalidParameter('Invalid token'))
  return { [member]: page.items, nextToken: page.next }
}

function found<T>(item: T | undefined, missing: () => WireError): T {
  if (item === undefined) throw missing()
  return item
}

function fargateHandlers(deps: ClusterMembersDeps): AwsHandlers {
  const { spec, cluster, createdAt, subnetIds } = deps
  return {
    ListFargateProfiles: (input) => listed(spec.fargateProfiles.map(({ name }) => name).sort(), input, 'fargateProfileNames'),
    DescribeFargateProfile(input) {
      const name = required(input, 'fargateProfileName', invalidParameter)
      const missing = () => notFound(`No Fargate Profile found with name: ${name}.`, { clusterName: cluster.name })
      const { namespace, labels } = found(
        spec.fargateProfiles.find((each) => each.name === name),
        missing,
      )
      return {
        fargateProfile: {
          fargateProfileName: name,
          fargateProfileArn: arn(deps, 'fargateprofile', name),
          clusterName: cluster.name,
          createdAt: dateOf(createdAt),
          podExecutionRoleArn: `arn:aws:iam::${cluster.accountId}:role/${cluster.name}-fargate`,
          subnets: subnetIds,
          selectors: [{ namespace, labels }],
          status: 'ACTIVE',
          health: { issues: [] },
          tags: {},
        },
      }
    },
  }
}

function podIdentityHandlers(deps: ClusterMembersDeps): AwsHandlers {
  const { spec, cluster, createdAt, seed } = deps
  const all = spec.podIdentityAssociations.map((association) => {
    const associationId = `a-${keyedId(17, seed, 'association', association.namespace, association.serviceAccount)}`
    const { region, accountId, name } = cluster
    const associationArn = `arn:aws:eks:${region}:${accountId}:podidentityassociation/${name}/${associationId}`
    return { ...association, clusterName: name, associationId, associationArn }
  })
  return {
    ListPodIdentityAssociations(input) {
      const wants = (member: 'namespace' | 'serviceAccount', value: string) => (textOf(input, member) ?? value) === value
      const chosen = all.filter((each) => wants('namespace', each.namespace) && wants('serviceAccount', each.serviceAccount))
      return listed(
        chosen.map(({ roleArn: _role, ...summary }) => summary),
        input,
        'associations',
      )
    },
    DescribePodIdentityAssociation(input) {
      const id = required(input, 'associationId', invalidParameter)
      const missing = () => notFound(`No association found for id: ${id}`, { clusterName: cluster.name })
      const association = found(
        all.find(({ associationId }) => associationId === id),
        missing,
      )
      return { association: { ...association, createdAt: dateOf(createdAt), modifiedAt: dateOf(createdAt), tags: {} } }
    },
  }
}

/** `role/111122223333/ops` of a role or user, without its path. */
function identityOf(principalArn: string): string {
  const [, , , , account = '', principal = ''] = principalArn.split(':')
  const parts = principal.split('/')
  return `${parts[0]}/${account}/${parts.at(-1)}`
}

function accessHandlers(deps: ClusterMembersDeps): AwsHandlers {
  const { spec, cluster, createdAt } = deps
  const of = (input: Input) => {
    const principalArn = required(input, 'principalArn', invalidParameter)
    const missing = () =>
      notFound(`The specified principalArn could not be found. You can view your access entries with 'list-access-entries'.`, {
        clusterName: cluster.name,
      })
    return found(
      spec.accessEntries.find((entry) => entry.principalArn === principalArn),
      missing,
    )
  }
  return {
    ListAccessEntries(input) {
      const policy = textOf(input, 'associatedPolicyArn')
      const chosen = spec.accessEntries.filter(({ policies }) => policy === undefined || policies.includes(policy))
      return listed(chosen.map(({ principalArn }) => principalArn).sort(), input, 'accessEntries')
    },
    DescribeAccessEntry(input) {
      const { principalArn, groups } = of(input)
      return {
        accessEntry: {
          clusterName: cluster.name,
          principalArn,
          kubernetesGroups: groups,
          accessEntryArn: arn(deps, 'access-entry', identityOf(principalArn)),
          createdAt: dateOf(createdAt),
          modifiedAt: dateOf(createdAt),
          tags: {},
          username: principalArn,
          type: 'STANDARD',
        },
      }
    },
    ListAssociatedAccessPolicies(input) {
      const { principalArn, policies } = of(input)
      const associated = policies.map((policyArn) => ({
        policyArn,
        accessScope: { type: 'cluster', namespaces: [] },
        associatedAt: dateOf(createdAt),
        modifiedAt: dateOf(createdAt),
      }))
      return { clusterName: cluster.name, principalArn, ...listed(associated, input, 'associatedAccessPolicies') }
    },
  }
}

function identityProviderHandlers(deps: ClusterMembersDeps): AwsHandlers {
  const { spec, cluster } = deps
  return {
    ListIdentityProviderConfigs: (input) =>
      listed(
        spec.identityProviders.map(({ name }) => ({ type: 'oidc', name })),
        input,
        'identityProviderConfigs',
      ),
    DescribeIdentityProviderConfig(input) {
      const name = textOf(recordOf(input, 'identityProviderConfig') ?? {}, 'name') ?? ''
      const missing = () => notFound('Identity provider config is not associated with cluster', { clusterName: cluster.name })
      const { issuerUrl, clientId } = found(
        spec.identityProviders.find((each) => each.name === name),
        missing,
      )
      const identityProviderConfigArn = arn(deps, 'identityproviderconfig', `oidc/${name}`)
      const oidc = { identityProviderConfigName: name, identityProviderConfigArn, clusterName: cluster.name, issuerUrl, clientId }
      return { identityProviderConfig: { oidc: { ...oidc, requiredClaims: {}, tags: {}, status: 'ACTIVE' } } }
    },
  }
}
