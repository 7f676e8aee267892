import type { Instant } from '../../../model/instant.ts'
import { type AwsHandlers, type Faults, WireError } from '../../contract.ts'
import type { ControlPlaneSpec } from '../control-plane-spec.ts'
import type { ClusterSpec } from '../world-spec.ts'
import type { Addon } from './addons.ts'
import { dateOf, type Input, required, textsOf } from './answers.ts'

export interface IamDeps {
  readonly cluster: ClusterSpec
  readonly spec: Pick<ControlPlaneSpec, 'podIdentityAssociations'>
  readonly addons: ReadonlyMap<string, Addon>
  readonly faults: Faults
  readonly createdAt: Instant
}

/** Whom a role is for, as faults name it. */
type Purpose = 'caller' | 'cluster' | 'node' | 'aws-node'

interface Role {
  readonly name: string
  readonly purposes: readonly Purpose[]
  /** `eks.amazonaws.com` */
  readonly trusts: readonly string[]
}

export const CALLER_ROLE = 'release-engineer'

const EC2_FOR_CNI = [
  'AssignPrivateIpAddresses',
  'AssignIpv6Addresses',
  'AttachNetworkInterface',
  'CreateNetworkInterface',
  'CreateTags',
  'DeleteNetworkInterface',
  'DescribeInstances',
  'DescribeInstanceTypes',
  'DescribeNetworkInterfaces',
  'DescribeSecurityGroups',
  'DescribeSubnets',
  'DescribeTags',
  'DetachNetworkInterface',
  'ModifyNetworkInterfaceAttribute',
  'UnassignPrivateIpAddresses',
].map((name) => `ec2:${name}`)

/** What each purpose is allowed while no fault takes something away; a caller may everything. */
const ALLOWED: Readonly<Record<Exclude<Purpose, 'caller'>, readonly string[]>> = {
  cluster: [...EC2_FOR_CNI, 'ec2:AssociateTrunkInterface', 'ec2:DisassociateTrunkInterface', 'ec2:DescribeVpcs'],
  node: ['eks:DescribeCluster', 'ec2:DescribeInstances', 'ecr:GetAuthorizationToken', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
  'aws-node': EC2_FOR_CNI,
}

/**
 * Roles of the account with one policy each: the customer's own, attached to roles of the cluster, inline for the caller. A fault
 * `role-lacks-action` takes actions out of it, so policy documents, simulations and what the role then meets agree.
 */
export function iamHandlers(deps: IamDeps): AwsHandlers {
  const roleOf = (input: Input) => existing(rolesOf(deps), required(input, 'RoleName', invalid))
  return {
    GetRole: (input) => ({ Role: describeRole(deps, roleOf(input)) }),
    ListAttachedRolePolicies: (input) => ({ AttachedPolicies: attached(deps, roleOf(input)), IsTruncated: false }),
    ListRolePolicies: (input) => ({ PolicyNames: isCaller(roleOf(input)) ? [INLINE] : [], IsTruncated: false }),
    GetRolePolicy(input) {
      const role = roleOf(input)
      const name = required(input, 'PolicyName', invalid)
      if (!isCaller(role) || name !== INLINE) throw noSuch(`The role policy with name ${name} cannot be found.`)
      return { RoleName: role.name, PolicyName: name, PolicyDocument: encodeURIComponent(documentOf(deps, role)) }
    },
    GetPolicy(input) {
      const { PolicyArn: Arn, PolicyName } = policyNamed(deps, input).policy
      return { Policy: { Arn, PolicyName, DefaultVersionId: 'v1', AttachmentCount: 1, IsAttachable: true } }
    },
    GetPolicyVersion(input) {
      const { role } = policyNamed(deps, input)
      const VersionId = required(input, 'VersionId', invalid)
      if (VersionId !== 'v1') throw noSuch(`Policy version ${VersionId} does not exist.`)
      return { PolicyVersion: { Document: encodeURIComponent(documentOf(deps, role)), VersionId, IsDefaultVersion: true } }
    },
    SimulatePrincipalPolicy(input) {
      const source = required(input, 'PolicySourceArn', invalid)
      const role = existing(rolesOf(deps), source.split('/').at(-1) ?? '')
      const resources = textsOf(input, 'ResourceArns')
      const results = textsOf(input, 'ActionNames').flatMap((action) =>
        (resources.length === 0 ? ['*'] : resources).map((resource) => evaluate(deps, role, action, resource)),
      )
      return { EvaluationResults: results, IsTruncated: false }
    },
  }
}

const INLINE = 'everything'
const invalid = (message: string) => new WireError(400, 'ValidationError', message)
const noSuch = (message: string) => new WireError(404, 'NoSuchEntity', message)
const isCaller = ({ purposes }: Role) => purposes.includes('caller')

function existing(roles: readonly Role[], name: string): Role {
  const role = roles.find((each) => each.name === name)
  if (role === undefined) throw noSuch(`The role with name ${name} cannot be found.`)
  return role
}

function rolesOf({ cluster, spec, addons }: IamDeps): readonly Role[] {
  const cni = addons.get('vpc-cni')
  const associated = spec.podIdentityAssociations.filter(({ serviceAccount }) => serviceAccount === 'aws-node')
  const own = [
    ...(cni?.serviceAccountRoleArn === undefined ? [] : [cni.serviceAccountRoleArn]),
    ...associated.map(({ roleArn }) => roleArn),
  ]
  const others = spec.podIdentityAssociations.filter(({ serviceAccount }) => serviceAccount !== 'aws-node')
  return [
    { name: CALLER_ROLE, purposes: ['caller'], trusts: [] },
    { name: `${cluster.name}-cluster`, purposes: ['cluster'], trusts: ['eks.amazonaws.com'] },
    { name: `${cluster.name}-nodes`, purposes: own.length === 0 ? ['node', 'aws-node'] : ['node'], trusts: ['ec2.amazonaws.com'] },
    ...own.map((arn): Role => ({ name: nameOf(arn), purposes: ['aws-node'], trusts: ['pods.eks.amazonaws.com'] })),
    ...others.map(({ roleArn }): Role => ({ name: nameOf(roleArn), purposes: [], trusts: ['pods.eks.amazonaws.com'] })),
  ]
}

const nameOf = (arn: string): string => arn.split('/').at(-1) ?? ''
const arnOf = ({ cluster }: IamDeps, kind: 'role' | 'policy', name: string) => `arn:aws:iam::${cluster.accountId}:${kind}/${name}`

function describeRole(deps: IamDeps, role: Role): Record<string, unknown> {
  const Principal = isCaller(role) ? { AWS: `arn:aws:iam::${deps.cluster.accountId}:root` } : { Service: role.trusts }
  const Statement = [{ Effect: 'Allow', Principal, Action: ['sts:AssumeRole', 'sts:TagSession'] }]
  return {
    Path: '/',
    RoleName: role.name,
    RoleId: 'AROASANDBOXSANDBOX000',
    Arn: arnOf(deps, 'role', role.name),
    CreateDate: dateOf(deps.createdAt),
    AssumeRolePolicyDocument: encodeURIComponent(JSON.stringify({ Version: '2012-10-17', Statement })),
  }
}

function attached(deps: IamDeps, role: Role) {
  return isCaller(role) ? [] : [{ PolicyName: role.name, PolicyArn: arnOf(deps, 'policy', role.name) }]
}

function policyNamed(deps: IamDeps, input: Input) {
  const arn = required(input, 'PolicyArn', invalid)
  const all = rolesOf(deps).flatMap((role) => attached(deps, role).map((policy) => ({ role, policy })))
  const found = all.find(({ policy }) => policy.PolicyArn === arn)
  if (found === undefined) throw noSuch(`Policy ${arn} was not found.`)
  return found
}

function lacks({ faults }: IamDeps, purpose: Purpose, action: string): boolean {
  return faults.effects('iam/denied', { role: purpose, action }).length > 0
}

/** The actions of one purpose that its policy allows now. */
function actionsOf(deps: IamDeps, purpose: Exclude<Purpose, 'caller'>): readonly string[] {
  return ALLOWED[purpose].filter((action) => !lacks(deps, purpose, action))
}

function documentOf(deps: IamDeps, role: Role): string {
  const actions = role.purposes.flatMap((purpose) => (purpose === 'caller' ? ['*'] : actionsOf(deps, purpose)))
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] })
}

function evaluate(deps: IamDeps, role: Role, action: string, resource: string): Record<string, unknown> {
  const allowed = role.purposes.some((purpose) =>
    purpose === 'caller' ? !lacks(deps, purpose, action) : actionsOf(deps, purpose).includes(action),
  )
  return {
    EvalActionName: action,
    EvalResourceName: resource,
    EvalDecision: allowed ? 'allowed' : isCaller(role) ? 'explicitDeny' : 'implicitDeny',
    MatchedStatements: allowed ? [{ SourcePolicyId: role.name, SourcePolicyType: isCaller(role) ? 'user' : 'role' }] : [],
    MissingContextValues: [],
  }
}
