/**
 * The form that AWS documents for the ARNs and ids that a service gives: the Service Authorization Reference
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html, "resource
 * types defined by" each service) and the examples of the API references.
 */

const UUID = '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const NAME = '[\\w.-]+'
const ACCOUNT = '\\d{12}'

const ARNS: readonly string[] = [
  `eks:REGION:${ACCOUNT}:cluster/${NAME}`,
  ...['nodegroup', 'addon', 'fargateprofile'].map((kind) => `eks:REGION:${ACCOUNT}:${kind}/${NAME}/${NAME}/${UUID}`),
  `eks:REGION:${ACCOUNT}:identityproviderconfig/${NAME}/oidc/${NAME}/${UUID}`,
  `eks:REGION:${ACCOUNT}:access-entry/${NAME}/(role|user)/${ACCOUNT}/${NAME}/${UUID}`,
  `eks:REGION:${ACCOUNT}:podidentityassociation/${NAME}/a-[0-9a-z]{17}`,
  `eks::aws:cluster-access-policy/${NAME}`,
  ...['autoScalingGroup', 'launchConfiguration'].map((kind) => `autoscaling:REGION:${ACCOUNT}:${kind}:${UUID}:${kind}Name/${NAME}`),
  `cloudwatch:REGION:${ACCOUNT}:alarm:[^:]+`,
  `ec2:REGION:${ACCOUNT}:subnet/subnet-[0-9a-f]{17}`,
  `iam::(${ACCOUNT}|aws):(role|policy|user)/[\\w./-]+`,
  `sts::${ACCOUNT}:assumed-role/${NAME}/${NAME}`,
  `elasticloadbalancing:REGION:${ACCOUNT}:targetgroup/${NAME}/[0-9a-f]{16}`,
].map((form) => `^arn:aws:${form.replace('REGION', '[a-z]{2}-[a-z]+-\\d')}$`)

/** Prefixes of resource ids, each with 17 hexadecimal digits behind it (EC2 user guide, "resource IDs"); of an attachment the same. */
const EC2_ID = /^(i|r|eni|eni-attach|subnet|subnet-cidr-assoc|scr|vpc|sg|lt|ami|trunk-assoc)-/
const EC2_IDS = /^[a-z-]+-[0-9a-f]{17}$/

/** Members whose value is an id of a service's own. */
const UUIDS: ReadonlySet<string> = new Set(['ActivityId', 'InstanceRefreshId', 'LifecycleActionToken', 'updateId'])

/** Strings of an answer that do not have the form that their kind has at AWS, as `path: value`. */
export function misformed(value: unknown, path = '$'): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item, at) => misformed(item, `${path}[${at}]`))
  if (typeof value === 'object' && value !== null && !(value instanceof Date))
    return Object.entries(value).flatMap(([name, member]) => misformed(member, `${path}.${name}`))
  if (typeof value !== 'string' || hasForm(path.split('.').at(-1) ?? '', value)) return []
  return [`${path}: ${value}`]
}

function hasForm(member: string, value: string): boolean {
  if (value.startsWith('arn:')) return ARNS.some((form) => new RegExp(form).test(value))
  if (UUIDS.has(member)) return new RegExp(`^${UUID}$`).test(value)
  return !(member.endsWith('Id') && EC2_ID.test(value)) || EC2_IDS.test(value)
}
