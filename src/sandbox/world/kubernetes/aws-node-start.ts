import type { Instant, Millis } from '../../../model/instant.ts'
import { MINUTE, SECOND } from '../../../model/instant.ts'
import type { HostTrouble, StartStep, StartTrouble } from '../../levers.ts'
import { configurationProblem, entrypointProblem } from './aws-node-environment.ts'
import { entrypointLine } from './aws-node-log.ts'
import { atLeast, isBetween } from './version-floor.ts'

/** What the start of aws-node finds on its node, in its pod and in its cluster. */
export interface StartContext {
  readonly now: Instant
  readonly version: string
  readonly instanceType: string
  /** A variable of the container; undefined when it is not set. */
  readonly variable: (name: string) => string | undefined
  readonly host: (trouble: HostTrouble) => boolean
  /** Whether the role that aws-node uses lacks an action. */
  readonly denied: (action: string) => boolean
  /** Whether RBAC keeps the service account of aws-node from a verb on a resource. */
  readonly forbidden: (verb: string, resource: string) => boolean
  /** Whether nothing hands out the credentials that the pod is told to fetch. */
  readonly withoutCredentials: () => boolean
  /** Whether an ENIConfig is there for the node. */
  readonly hasEniConfig: () => boolean
  /** Whether the API server answered at the start. */
  readonly withApiServer: boolean
}

type Check = (context: StartContext) => Omit<StartTrouble, 'step'> | undefined

/**
 * What a start meets by itself, in the order of its steps. An error of ipamd ends ipamd alone: the entrypoint does not look at its
 * child and goes on polling, so the container hangs until the liveness probe kills it. Sources, all of amazon-vpc-cni-k8s:
 * cmd/aws-vpc-cni/main.go, cmd/aws-k8s-agent/main.go, `New` and `nodeInit` of pkg/ipamd/ipamd.go, pkg/awsutils/awsutils.go.
 */
const CHECKS: Readonly<Partial<Record<StartStep, Check>>> = {
  entrypoint(context) {
    const problem = entrypointProblem(context)
    return problem === undefined ? undefined : { fate: { exit: 1 }, log: [entrypointLine(context.now, 'error', problem)] }
  },
  'cache-sync': (context) => {
    const lacking = context.withApiServer ? firstForbidden(context) : undefined
    return lacking === undefined ? undefined : { fate: 'hang', ipamdLog: lacking }
  },
  'instance-metadata': ({ host }) =>
    host('imds-blocked')
      ? fatal('instance metadata: failed to retrieve region data: request canceled, context deadline exceeded')
      : undefined,
  configuration(context) {
    const problem = configurationProblem(context)
    return problem === undefined
      ? undefined
      : { fate: 'hang', ipamdLog: [problem, 'Initialization failure: ipamd: failed to validate configuration'] }
  },
  'instance-limits': instanceLimits,
  'host-network': ({ host, version }) =>
    host('iptables-unusable') && !atLeast(version, 'v1.12.1')
      ? fatal(
          "ipamd init: failed to set up host network: host network setup: failed to create iptables: can't initialize iptables table `nat'",
        )
      : undefined,
  'describe-interfaces': describeInterfaces,
  'tag-interfaces': ({ denied }) =>
    denied('ec2:CreateTags')
      ? { ...fatal(`ipamd init: failed to tag managed ENI: ${unauthorized('CreateTags')}`), denied: ['ec2:CreateTags'] }
      : undefined,
  subnets,
  'security-groups': ({ denied, version }) =>
    isBetween(version, 'v1.22.0', 'v1.22.1') && denied('ec2:DescribeSecurityGroups')
      ? { ...fatal(unauthorized('DescribeSecurityGroups')), denied: ['ec2:DescribeSecurityGroups'] }
      : undefined,
  // What v1.19.5 mends (CHANGELOG.md); the words are those of a client that does not know the kind **[assumption]**.
  'node-object': ({ version, variable, hasEniConfig }) =>
    isBetween(version, 'v1.19.4', 'v1.19.4') &&
    variable('ENABLE_POD_ENI') === 'true' &&
    variable('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG') === 'true' &&
    hasEniConfig()
      ? fatal(
          'Failed to add feature custom networking into CNINode: no matches for kind "CNINode" in version "vpcresources.k8s.aws/v1alpha1"',
        )
      : undefined,
}

/** What the world itself puts in the way of a start at a step. */
export function innateTrouble(step: StartStep, context: StartContext): StartTrouble | undefined {
  const met = CHECKS[step]?.(context)
  return met && { step, ...met }
}

function fatal(message: string): Omit<StartTrouble, 'step'> {
  return { fate: 'hang', ipamdLog: [`Initialization failure: ${message}`] }
}

function unauthorized(operation: string): string {
  return `operation error EC2: ${operation}, https response error StatusCode: 403, api error UnauthorizedOperation: You are not authorized to perform this operation.`
}

/** Kinds that the client caches, each of which it waits for without end (pkg/k8sapi/k8sutils.go); CNINode since v1.15.0. */
const CACHED = [
  { resource: 'eniconfigs', group: 'crd.k8s.amazonaws.com', kind: 'v1alpha1.ENIConfig', since: 'v1.0.0' },
  { resource: 'pods', group: '', kind: 'v1.Pod', since: 'v1.0.0' },
  { resource: 'nodes', group: '', kind: 'v1.Node', since: 'v1.0.0' },
  { resource: 'cninodes', group: 'vpcresources.k8s.aws', kind: 'v1alpha1.CNINode', since: 'v1.15.0' },
] as const

function firstForbidden({ version, forbidden }: StartContext): readonly string[] | undefined {
  for (const { resource, group, kind, since } of CACHED) {
    const verb = ['list', 'watch'].find((each) => forbidden(each, resource))
    if (verb === undefined || !atLeast(version, since)) continue
    const refusal = `${resource}${group === '' ? '' : `.${group}`} is forbidden: User "system:serviceaccount:kube-system:aws-node" cannot ${verb} resource "${resource}" in API group "${group}" at the cluster scope`
    return [`Failed to watch *${kind}: failed to ${verb} *${kind}: ${refusal}`]
  }
  return undefined
}

/** Instance families and the version whose bundled table (pkg/vpc/vpc_ip_resource_limit.go) has them; others have always been there. */
const BUNDLED_SINCE: Readonly<Record<string, string>> = { m8g: 'v1.19.0', m8i: 'v1.20.2' }

function isBundled({ instanceType, version }: StartContext): boolean {
  const since = BUNDLED_SINCE[instanceType.split('.')[0] ?? '']
  return since === undefined || atLeast(version, since)
}

function instanceLimits(context: StartContext): ReturnType<Check> {
  const { instanceType, denied } = context
  if (isBundled(context) || !denied('ec2:DescribeInstanceTypes')) return undefined
  const failed = `Failed calling DescribeInstanceTypes for \`${instanceType}\`: ${unauthorized('DescribeInstanceTypes')}`
  return {
    fate: 'hang',
    ipamdLog: [`Failed to get ENI limits from file:vpc_ip_limits or EC2 for ${instanceType}`, `Initialization failure: ${failed}`],
    denied: ['ec2:DescribeInstanceTypes'],
  }
}

/** The first call to EC2, and what is made of its answer. */
function describeInterfaces(context: StartContext): ReturnType<Check> {
  const { withoutCredentials, host, denied, version, now } = context
  const failed = (why: string) => fatal(`ipamd init: failed to retrieve attached ENIs info: ${why}`)
  const call = 'operation error EC2: DescribeNetworkInterfaces'
  if (withoutCredentials())
    return failed(
      `${call}, get identity: get credentials: failed to refresh cached credentials, failed to load credentials, exceeded maximum number of attempts, 3, request send failed, Get "http://169.254.170.23/v1/credentials": dial tcp 169.254.170.23:80: connect: connection refused`,
    )
  if (host('aws-unreachable'))
    return waitsForEver(version) ? { fate: 'hang' } : failed(`${call}, exceeded maximum number of attempts, 3, i/o timeout`)
  if (denied('ec2:DescribeNetworkInterfaces'))
    return { ...failed(unauthorized('DescribeNetworkInterfaces')), denied: ['ec2:DescribeNetworkInterfaces'] }
  // Types that EC2 had to describe came without their network cards (aws/amazon-vpc-cni-k8s#3431); the trace goes to the container's log.
  return isBetween(version, 'v1.20.0', 'v1.20.1') && !isBundled(context) ? { fate: 'hang', log: panicLines(now) } : undefined
}

/** Versions whose EC2 client had no time limit (aws/amazon-vpc-cni-k8s#3677). */
function waitsForEver(version: string): boolean {
  return isBetween(version, 'v1.19.4', 'v1.21.1') || isBetween(version, 'v1.22.0', 'v1.22.0')
}

function panicLines(_at: Instant): readonly string[] {
  return [
    'panic: runtime error: index out of range [0] with length 0',
    '',
    'goroutine 1 [running]:',
    'github.com/aws/amazon-vpc-cni-k8s/pkg/ipamd.(*IPAMContext).markUnmanagedNetworkCards(...)',
  ]
}

/** Subnet discovery: fatal in an IPv6 cluster from v1.22.0; elsewhere ipamd says so and goes on. */
function subnets({ version, variable, denied }: StartContext): ReturnType<Check> {
  const discovers = atLeast(version, 'v1.18.0') && variable('ENABLE_SUBNET_DISCOVERY') !== 'false'
  if (!discovers || !denied('ec2:DescribeSubnets')) return undefined
  const refused = { denied: ['ec2:DescribeSubnets'] }
  if (variable('ENABLE_IPv6') !== 'true' || !atLeast(version, 'v1.22.0'))
    return { ...refused, fate: { wait: 0 }, ipamdLog: [unauthorized('DescribeSubnets')] }
  return { ...refused, ...fatal(`checking to exclude configured subnet, error: ${unauthorized('DescribeSubnets')}`) }
}

const POLL_API: Millis = 30 * SECOND

/**
 * How long ipamd waits for the API server: up to v1.19.3 without end; since v1.19.4 30 s, unless security groups for pods, custom
 * networking or pod annotations need it (cmd/aws-k8s-agent/main.go at its tags).
 */
export function patienceForApiServer(version: string, variable: StartContext['variable']): Millis {
  return needsApiServer(variable) || !atLeast(version, 'v1.19.4') ? 60 * MINUTE : POLL_API
}

export function needsApiServer(variable: StartContext['variable']): boolean {
  return ['ENABLE_POD_ENI', 'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG', 'ANNOTATE_POD_IP'].some((name) => variable(name) === 'true')
}
