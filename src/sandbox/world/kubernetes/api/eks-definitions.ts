import type { Ground } from '../ground.ts'

/**
 * The CustomResourceDefinitions that every EKS cluster has: those of the VPC CNI, of the VPC resource controller and of
 * the network policy controller.
 * Sources: aws/amazon-vpc-cni-k8s, charts/aws-vpc-cni/crds; aws/amazon-vpc-resource-controller-k8s, config/crd/bases;
 * aws/amazon-network-policy-controller-k8s, config/crd/bases. Descriptions are left out.
 */
export function createEksDefinitions(ground: Ground): void {
  for (const definition of DEFINITIONS) {
    if (!ground.store.get('CustomResourceDefinition', undefined, nameOf(definition))) ground.create(definitionObject(definition))
  }
}

export interface DefinitionSpec {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced?: boolean
  readonly shortNames?: readonly string[]
  readonly categories?: readonly string[]
  readonly subresources?: Readonly<Record<string, unknown>>
  readonly columns?: readonly { readonly name: string; readonly type: string; readonly jsonPath: string }[]
  /** Members of the schema besides apiVersion, kind and metadata. */
  readonly schema: Readonly<Record<string, unknown>>
}

/** A CustomResourceDefinition as the API server shows it once it is established. */
export function definitionObject(definition: DefinitionSpec) {
  const { group, version, kind, plural, shortNames, categories, columns, subresources } = definition
  const names = {
    kind,
    listKind: `${kind}List`,
    plural,
    singular: kind.toLowerCase(),
    ...(shortNames ? { shortNames } : {}),
    ...(categories ? { categories } : {}),
  }
  const served = {
    name: version,
    served: true,
    storage: true,
    schema: { openAPIV3Schema: { type: 'object', properties: { ...HEAD, ...definition.schema } } },
    ...(columns ? { additionalPrinterColumns: columns } : {}),
    ...(subresources ? { subresources } : {}),
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: nameOf(definition) },
    spec: {
      conversion: { strategy: 'None' },
      group,
      names,
      scope: definition.namespaced === true ? 'Namespaced' : 'Cluster',
      versions: [served],
    },
    status: { acceptedNames: names, conditions: ESTABLISHED, storedVersions: [version] },
  }
}

function nameOf({ plural, group }: DefinitionSpec): string {
  return `${plural}.${group}`
}

const ESTABLISHED = [
  { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
  { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' },
]

const TEXT = { type: 'string' }
const TEXTS = { type: 'array', items: TEXT }
const OPEN = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }
const HEAD = { apiVersion: TEXT, kind: TEXT, metadata: { type: 'object' } }
const SELECTOR = {
  type: 'object',
  properties: {
    matchLabels: { type: 'object', additionalProperties: TEXT },
    matchExpressions: {
      type: 'array',
      items: { type: 'object', required: ['key', 'operator'], properties: { key: TEXT, operator: TEXT, values: TEXTS } },
    },
  },
}

const DEFINITIONS: readonly DefinitionSpec[] = [
  {
    group: 'crd.k8s.amazonaws.com',
    version: 'v1alpha1',
    kind: 'ENIConfig',
    plural: 'eniconfigs',
    schema: {
      spec: { type: 'object', required: ['subnet'], properties: { subnet: TEXT, securityGroups: TEXTS } },
      status: OPEN,
    },
  },
  {
    group: 'vpcresources.k8s.aws',
    version: 'v1alpha1',
    kind: 'CNINode',
    plural: 'cninodes',
    shortNames: ['cnd'],
    subresources: {},
    columns: [{ name: 'Features', type: 'string', jsonPath: '.spec.features' }],
    schema: {
      spec: {
        type: 'object',
        properties: {
          features: { type: 'array', items: { type: 'object', properties: { name: TEXT, value: TEXT } } },
          tags: { type: 'object', additionalProperties: TEXT },
        },
      },
      status: { type: 'object' },
    },
  },
  {
    group: 'vpcresources.k8s.aws',
    version: 'v1beta1',
    kind: 'SecurityGroupPolicy',
    plural: 'securitygrouppolicies',
    namespaced: true,
    shortNames: ['sgp'],
    columns: [{ name: 'Security-Group-Ids', type: 'string', jsonPath: '.spec.securityGroups.groupIds' }],
    schema: {
      spec: {
        type: 'object',
        properties: {
          podSelector: SELECTOR,
          serviceAccountSelector: SELECTOR,
          securityGroups: { type: 'object', properties: { groupIds: { ...TEXTS, minItems: 1 } } },
        },
      },
    },
  },
  {
    group: 'networking.k8s.aws',
    version: 'v1alpha1',
    kind: 'PolicyEndpoint',
    plural: 'policyendpoints',
    namespaced: true,
    subresources: { status: {} },
    schema: { spec: OPEN, status: OPEN },
  },
  {
    group: 'networking.k8s.aws',
    version: 'v1alpha1',
    kind: 'ClusterPolicyEndpoint',
    plural: 'clusterpolicyendpoints',
    subresources: { status: {} },
    schema: { spec: OPEN, status: OPEN },
  },
]
