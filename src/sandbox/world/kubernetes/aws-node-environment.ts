import { atLeast } from './version-floor.ts'

interface Environment {
  readonly version: string
  readonly variable: (name: string) => string | undefined
}

type Rule = (environment: Environment) => string | undefined

const isTrue = ({ variable }: Environment, name: string) => variable(name) === 'true'

/** What the entrypoint refuses to start with; the first in its order. Source: `validateEnvVars` in cmd/aws-vpc-cni/main.go of amazon-vpc-cni-k8s. */
const ENTRYPOINT_RULES: readonly Rule[] = [
  ({ variable }) =>
    variable('AWS_VPC_K8S_PLUGIN_LOG_FILE') === 'stdout' ? 'AWS_VPC_K8S_PLUGIN_LOG_FILE cannot be set to stdout' : undefined,
  ({ variable }) =>
    (variable('AWS_VPC_K8S_CNI_VETHPREFIX') ?? 'eni').length > 4
      ? 'AWS_VPC_K8S_CNI_VETHPREFIX cannot be longer than 4 characters'
      : undefined,
  ({ variable }) =>
    ['eth', 'lo', 'vlan'].includes(variable('AWS_VPC_K8S_CNI_VETHPREFIX') ?? 'eni')
      ? "AWS_VPC_K8S_CNI_VETHPREFIX cannot be set to reserved values 'eth', 'vlan', or 'lo'"
      : undefined,
  (environment) =>
    isTrue(environment, 'ENABLE_POD_ENI') &&
    !['strict', 'standard'].includes(environment.variable('POD_SECURITY_GROUP_ENFORCING_MODE') ?? 'strict')
      ? "POD_SECURITY_GROUP_ENFORCING_MODE must be set to either 'strict' or 'standard'"
      : undefined,
  ({ version, variable }) => {
    const period = variable('IP_COOLDOWN_PERIOD') ?? '30'
    return atLeast(version, 'v1.15.0') && !/^\d+$/.test(period)
      ? `IP_COOLDOWN_PERIOD MUST be a valid positive integer. ${period} is invalid`
      : undefined
  },
  (environment) => invalidMtu(environment, 'AWS_VPC_ENI_MTU'),
  (environment) => invalidMtu(environment, 'POD_MTU'),
  (environment) => {
    const targets = ['WARM_IP_TARGET', 'WARM_PREFIX_TARGET', 'MINIMUM_IP_TARGET'].map((name) => Number(environment.variable(name) ?? 0))
    return isTrue(environment, 'ENABLE_PREFIX_DELEGATION') && targets.every((target) => target <= 0)
      ? 'Setting WARM_PREFIX_TARGET = 0 is not supported while WARM_IP_TARGET/MINIMUM_IP_TARGET is not set. Please configure either one of the WARM_{PREFIX/IP}_TARGET or MINIMUM_IP_TARGET env variables'
      : undefined
  },
]

function invalidMtu(environment: Environment, name: string): string | undefined {
  const text = environment.variable(name) ?? '9001'
  if (!/^-?\d+$/.test(text)) return `${name} MUST be a valid integer. ${text} is invalid`
  const [least, family] = isTrue(environment, 'ENABLE_IPv6') ? [1280, 'IPv6'] : [576, 'IPv4']
  return Number(text) < least || Number(text) > 9001
    ? `${name} cannot be less than ${least} or greater than 9001 in ${family}. ${text} is invalid`
    : undefined
}

/** What ipamd refuses to run with. Source: `getNetworkPolicyMode` and `isConfigValid` in pkg/ipamd/ipamd.go of amazon-vpc-cni-k8s. */
const CONFIGURATION_RULES: readonly Rule[] = [
  ({ version, variable }) =>
    atLeast(version, 'v1.17.1') && !['none', 'strict', 'standard', undefined].includes(variable('NETWORK_POLICY_ENFORCING_MODE'))
      ? 'invalid Network policy mode, supported modes: none, strict, standard'
      : undefined,
  (environment) =>
    isTrue(environment, 'ENABLE_IPv4') && isTrue(environment, 'ENABLE_IPv6')
      ? 'IPv4 and IPv6 are both enabled. VPC CNI currently does not support dual stack mode'
      : undefined,
  (environment) =>
    atLeast(environment.version, 'v1.10.0') && !isTrue(environment, 'ENABLE_IPv4') && !isTrue(environment, 'ENABLE_IPv6')
      ? 'IPv4 and IPv6 are both disabled. One of them have to be enabled'
      : undefined,
  (environment) =>
    isTrue(environment, 'ENABLE_IPv6') &&
    (isTrue(environment, 'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG') || !isTrue(environment, 'ENABLE_PREFIX_DELEGATION'))
      ? 'IPv6 is supported only in Prefix Delegation mode. Custom Networking is not supported in IPv6 mode. Please set the env variables accordingly.'
      : undefined,
]

export function entrypointProblem(environment: Environment): string | undefined {
  return firstOf(ENTRYPOINT_RULES, environment)
}

export function configurationProblem(environment: Environment): string | undefined {
  return firstOf(CONFIGURATION_RULES, environment)
}

function firstOf(rules: readonly Rule[], environment: Environment): string | undefined {
  for (const rule of rules) {
    const problem = rule(environment)
    if (problem !== undefined) return problem
  }
  return undefined
}
