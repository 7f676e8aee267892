import { type Millis, SECOND } from '../../../../model/instant.ts'
import type { AddressingMode } from '../instance-types.ts'

/** How ipamd works, from the environment of the aws-node container. Source: README.md of amazon-vpc-cni-k8s. */
export interface IpamdSettings extends AddressingMode {
  readonly ipv6: boolean
  /** Security groups for pods: one interface is kept for the trunk. */
  readonly podInterfaces: boolean
  readonly warmInterfaces: number
  readonly warmPrefixes: number
  /** WARM_IP_TARGET and MINIMUM_IP_TARGET; 0 is not set. Either overrides the two above. */
  readonly warmAddresses: number
  readonly minimumAddresses: number
  /** MAX_ENI, when it is below the type's limit. */
  readonly maxInterfaces: number
  /** Whether it attaches and frees interfaces on nodes that are cordoned. */
  readonly managesUnschedulable: boolean
  readonly provisions: boolean
  readonly coolDown: Millis
  /** Whether it deletes interfaces that dead instances left behind. */
  readonly sweeps: boolean
  /** Whether it asks which subnets there are before it makes an interface. */
  readonly discoversSubnets: boolean
}

export type Environment = Readonly<Record<string, string | undefined>>

const parsed = new WeakMap<Environment, IpamdSettings>()

/** Values that are no numbers count as not set, as in ipamd. */
export function ipamdSettings(environment: Environment): IpamdSettings {
  const known = parsed.get(environment)
  if (known !== undefined) return known
  const settings = read(environment)
  parsed.set(environment, settings)
  return settings
}

function read(environment: Environment): IpamdSettings {
  const isOn = (name: string) => environment[name] === 'true'
  const count = (name: string, unset: number) => {
    const value = Number(environment[name] ?? Number.NaN)
    return Number.isInteger(value) && value >= 0 ? value : unset
  }
  const ipv6 = isOn('ENABLE_IPv6')
  return {
    ipv6,
    prefixes: isOn('ENABLE_PREFIX_DELEGATION') || ipv6,
    customNetworking: isOn('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG'),
    podInterfaces: isOn('ENABLE_POD_ENI'),
    warmInterfaces: count('WARM_ENI_TARGET', 1),
    warmPrefixes: count('WARM_PREFIX_TARGET', 1),
    warmAddresses: count('WARM_IP_TARGET', 0),
    minimumAddresses: count('MINIMUM_IP_TARGET', 0),
    maxInterfaces: count('MAX_ENI', Number.POSITIVE_INFINITY) || Number.POSITIVE_INFINITY,
    managesUnschedulable: isOn('AWS_MANAGE_ENIS_NON_SCHEDULABLE'),
    provisions: !isOn('DISABLE_NETWORK_RESOURCE_PROVISIONING') && !isOn('ENABLE_IMDS_ONLY_MODE'),
    coolDown: count('IP_COOLDOWN_PERIOD', 30) * SECOND,
    sweeps: !isOn('DISABLE_LEAKED_ENI_CLEANUP'),
    discoversSubnets: environment.ENABLE_SUBNET_DISCOVERY !== 'false',
  }
}
