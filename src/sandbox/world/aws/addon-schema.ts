import { compareAddonVersions, parseAddonVersion } from '../../../model/addon-version.ts'

/**
 * The configuration schema of an add-on version, as DescribeAddonConfiguration answers it: draft-06 as text.
 * For vpc-cni the keys that are known by version from https://docs.aws.amazon.com/cli/latest/reference/eks/describe-addon-configuration.html
 * (v1.15.1) and amazon-vpc-cni-k8s (CHANGELOG.md, README.md, issue 2173): plausible, not the real text.
 */
export function configurationSchema(addon: string, version: string): string {
  if (addon === 'vpc-cni') return JSON.stringify(cniSchema(version))
  return JSON.stringify({
    $ref: '#/definitions/Root',
    $schema: 'http://json-schema.org/draft-06/schema#',
    definitions: {
      Root: { additionalProperties: false, properties: { ...COMMON, replicaCount: { type: 'integer' } }, title: 'Root', type: 'object' },
    },
  })
}

const COMMON = {
  affinity: { type: ['object', 'null'] },
  tolerations: { type: 'array', items: { type: 'object' } },
  resources: { type: 'object' },
}

const TEXT = { type: 'string' }
const BOOLEAN_TEXT = { type: 'string', format: 'boolean' }
const INTEGER_TEXT = { type: 'string', format: 'integer' }

/** Environment keys that every listed version has. */
const ENVIRONMENT = {
  ADDITIONAL_ENI_TAGS: TEXT,
  ANNOTATE_POD_IP: BOOLEAN_TEXT,
  AWS_EC2_ENDPOINT: TEXT,
  AWS_EXTERNAL_SERVICE_CIDRS: TEXT,
  AWS_MANAGE_ENIS_NON_SCHEDULABLE: BOOLEAN_TEXT,
  AWS_VPC_CNI_NODE_PORT_SUPPORT: BOOLEAN_TEXT,
  AWS_VPC_ENI_MTU: INTEGER_TEXT,
  AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: BOOLEAN_TEXT,
  AWS_VPC_K8S_CNI_EXTERNALSNAT: BOOLEAN_TEXT,
  AWS_VPC_K8S_CNI_LOGLEVEL: TEXT,
  AWS_VPC_K8S_CNI_LOG_FILE: TEXT,
  AWS_VPC_K8S_CNI_RANDOMIZESNAT: TEXT,
  AWS_VPC_K8S_CNI_VETHPREFIX: TEXT,
  AWS_VPC_K8S_PLUGIN_LOG_FILE: TEXT,
  AWS_VPC_K8S_PLUGIN_LOG_LEVEL: TEXT,
  CLUSTER_ENDPOINT: TEXT,
  DISABLE_INTROSPECTION: BOOLEAN_TEXT,
  DISABLE_LEAKED_ENI_CLEANUP: BOOLEAN_TEXT,
  DISABLE_METRICS: BOOLEAN_TEXT,
  DISABLE_NETWORK_RESOURCE_PROVISIONING: BOOLEAN_TEXT,
  DISABLE_POD_V6: BOOLEAN_TEXT,
  ENABLE_BANDWIDTH_PLUGIN: BOOLEAN_TEXT,
  ENABLE_POD_ENI: BOOLEAN_TEXT,
  ENABLE_PREFIX_DELEGATION: BOOLEAN_TEXT,
  ENABLE_V4_EGRESS: BOOLEAN_TEXT,
  ENABLE_V6_EGRESS: BOOLEAN_TEXT,
  ENI_CONFIG_ANNOTATION_DEF: TEXT,
  ENI_CONFIG_LABEL_DEF: TEXT,
  INTROSPECTION_BIND_ADDRESS: TEXT,
  IP_COOLDOWN_PERIOD: INTEGER_TEXT,
  MAX_ENI: INTEGER_TEXT,
  MINIMUM_IP_TARGET: INTEGER_TEXT,
  POD_SECURITY_GROUP_ENFORCING_MODE: TEXT,
  WARM_ENI_TARGET: INTEGER_TEXT,
  WARM_IP_TARGET: INTEGER_TEXT,
  WARM_PREFIX_TARGET: INTEGER_TEXT,
}

/** Keys with the first version that has them (README.md of amazon-vpc-cni-k8s, "Environment Variables"). */
const LATER: readonly (readonly [since: string, key: string, type: { readonly type: string }])[] = [
  ['v1.16.4', 'POD_MTU', INTEGER_TEXT],
  ['v1.17.1', 'NETWORK_POLICY_ENFORCING_MODE', TEXT],
  ['v1.18.0', 'ENABLE_SUBNET_DISCOVERY', BOOLEAN_TEXT],
  ['v1.19.6', 'ENABLE_IMDS_ONLY_MODE', BOOLEAN_TEXT],
  ['v1.20.0', 'ENABLE_MULTI_NIC', BOOLEAN_TEXT],
]

/** Whether a CNI version is at or above `v1.18.0`, builds aside. */
function isAtLeast(version: string, since: string): boolean {
  const [a, b] = [parseAddonVersion(version), parseAddonVersion(since)]
  return a !== undefined && b !== undefined && compareAddonVersions(a, b) >= 0
}

function environmentOf(version: string): Readonly<Record<string, { readonly type: string }>> {
  const later = LATER.filter(([since]) => isAtLeast(version, since)).map(([, key, type]) => [key, type] as const)
  return { ...ENVIRONMENT, ...Object.fromEntries(later) }
}

const CNI_TOP_LEVEL = [
  'affinity',
  'enableNetworkPolicy',
  'enableWindowsIpam',
  'eniConfig',
  'env',
  'init',
  'livenessProbeTimeoutSeconds',
  'nodeAgent',
  'readinessProbeTimeoutSeconds',
  'resources',
  'tolerations',
]

function cniSchema(version: string): Record<string, unknown> {
  const open = Object.fromEntries(CNI_TOP_LEVEL.map((key) => [key, {}]))
  const properties = {
    ...open,
    ...COMMON,
    enableNetworkPolicy: BOOLEAN_TEXT,
    enableWindowsIpam: BOOLEAN_TEXT,
    livenessProbeTimeoutSeconds: { type: 'integer' },
    readinessProbeTimeoutSeconds: { type: 'integer' },
    env: { $ref: '#/definitions/Env' },
    init: { type: 'object' },
    nodeAgent: { type: 'object' },
    eniConfig: { type: 'object' },
  }
  return {
    $ref: '#/definitions/VpcCni',
    $schema: 'http://json-schema.org/draft-06/schema#',
    definitions: {
      Env: { additionalProperties: false, properties: environmentOf(version), title: 'Env', type: 'object' },
      VpcCni: { additionalProperties: false, properties, title: 'VpcCni', type: 'object' },
    },
  }
}

/**
 * What EKS finds wrong with configuration values, or undefined. Only what matters to upgrades is judged: that they are a JSON object,
 * that their keys exist in this version, and that values of the environment are texts.
 */
export function configurationProblem(addon: string, version: string, values: string): string | undefined {
  const parsed = objectOf(values)
  if (parsed === undefined) return 'ConfigurationValue is not in valid JSON or YAML format'
  if (addon !== 'vpc-cni') return undefined
  const top = Object.keys(parsed).find((key) => !CNI_TOP_LEVEL.includes(key))
  if (top !== undefined) return unknownKey(`$.${top}`)
  const environment = parsed.env ?? {}
  const known = environmentOf(version)
  for (const [key, value] of Object.entries(environment)) {
    if (known[key] === undefined) return unknownKey(`$.env.${key}`)
    if (typeof value !== 'string')
      return `ConfigurationValue provided in request is not supported: Json schema validation failed with error: [$.env.${key}: ${typeof value} found, string expected]`
  }
  return undefined
}

/** aws/amazon-vpc-cni-k8s#2173. */
function unknownKey(path: string): string {
  return `ConfigurationValue provided in request is not supported: Json schema validation failed with error: [${path}: is not defined in the schema and the schema does not allow additional properties]`
}

function objectOf(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
