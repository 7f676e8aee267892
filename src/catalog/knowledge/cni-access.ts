import { type AddonVersion, compareAddonVersions, parseAddonVersion } from '../../model/addon-version.ts'
import type { AccessReview } from '../../model/snapshot.ts'

/** Whom aws-node is to the API server. */
export const AWS_NODE_USER = 'system:serviceaccount:kube-system:aws-node'

type Access = Omit<AccessReview, 'allowed' | 'reason'>

/** What a version needs of the API server, by the first version that needs it. */
interface AccessRow {
  readonly group: string
  readonly resource: string
  readonly verbs: readonly string[]
  readonly from?: string
  /** Only with this variable of aws-node. */
  readonly variable?: string
}

/**
 * The ClusterRole aws-node. Read on 2026-11-20 from config/master/aws-k8s-cni.yaml at the tags of
 * https://github.com/aws/amazon-vpc-cni-k8s
 */
const ROWS: readonly AccessRow[] = [
  { group: 'crd.k8s.amazonaws.com', resource: 'eniconfigs', verbs: ['list', 'watch', 'get'] },
  { group: '', resource: 'namespaces', verbs: ['list', 'watch', 'get'] },
  { group: '', resource: 'pods', verbs: ['list', 'watch', 'get'] },
  { group: '', resource: 'pods', verbs: ['patch'], variable: 'ANNOTATE_POD_IP' },
  { group: '', resource: 'nodes', verbs: ['list', 'watch', 'get'] },
  { group: 'networking.k8s.aws', resource: 'policyendpoints', verbs: ['list', 'watch', 'get'], from: '1.14.0' },
  { group: 'vpcresources.k8s.aws', resource: 'cninodes', verbs: ['list', 'get', 'patch'], from: '1.15.0' },
  { group: 'vpcresources.k8s.aws', resource: 'cninodes', verbs: ['watch'], from: '1.16.0' },
  { group: 'networking.k8s.aws', resource: 'clusterpolicyendpoints', verbs: ['list', 'watch', 'get'], from: '1.21.1' },
]

/** Every question that some version makes worth asking. */
export const CNI_ACCESS: readonly Access[] = ROWS.flatMap(accessesOf)

function accessesOf({ group, resource, verbs }: AccessRow): readonly Access[] {
  return verbs.map((verb) => ({ verb, group, resource }))
}

/** What a version needs, with the variables that are on. */
export function cniAccess(version: AddonVersion, isOn: (variable: string) => boolean): readonly Access[] {
  return ROWS.filter((row) => isNeeded(row.from, version) && (row.variable === undefined || isOn(row.variable))).flatMap(accessesOf)
}

/** CustomResourceDefinitions that aws-node watches, with the first version that does. */
const DEFINITIONS: readonly { readonly name: string; readonly from?: string }[] = [
  { name: 'eniconfigs.crd.k8s.amazonaws.com' },
  { name: 'policyendpoints.networking.k8s.aws', from: '1.14.0' },
  { name: 'cninodes.vpcresources.k8s.aws', from: '1.15.0' },
  { name: 'clusterpolicyendpoints.networking.k8s.aws', from: '1.21.1' },
]

export const CNI_DEFINITIONS: readonly string[] = DEFINITIONS.map(({ name }) => name)

export function cniDefinitions(version: AddonVersion): readonly string[] {
  return DEFINITIONS.filter(({ from }) => isNeeded(from, version)).map(({ name }) => name)
}

function isNeeded(from: string | undefined, version: AddonVersion): boolean {
  const first = parseAddonVersion(from)
  return first === undefined || compareAddonVersions(version, first) >= 0
}
