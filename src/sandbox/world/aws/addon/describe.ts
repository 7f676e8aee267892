import type { ListedVersion } from '../../world-spec.ts'
import { configurationSchema } from '../addon-schema.ts'
import { type Addon, healthOf } from '../addons.ts'
import { dateOf, type Input, numberOf, pageOf, required, textOf, textsOf } from '../answers.ts'
import { invalidParameter, notFound } from '../eks-errors.ts'
import { type AddonApiDeps, addonArn, platformsOf } from './context.ts'

/** An add-on in SDK shape. */
export function describeAddon(deps: AddonApiDeps, addon: Addon): Record<string, unknown> {
  const { status, issues } = healthOf(deps.updating, addon)
  return {
    addonName: addon.name,
    clusterName: deps.cluster.name,
    status,
    addonVersion: addon.version,
    health: { issues },
    addonArn: addonArn(deps, addon.name),
    createdAt: dateOf(addon.createdAt),
    modifiedAt: dateOf(addon.modifiedAt),
    serviceAccountRoleArn: addon.serviceAccountRoleArn,
    configurationValues: addon.configurationValues,
    podIdentityAssociations: addon.podIdentityAssociations.length > 0 ? addon.podIdentityAssociations : undefined,
    tags: addon.tags,
  }
}

/** What kind of add-on it is, as DescribeAddonVersions answers it for EKS's own. */
function typeOf(addon: string): string {
  if (/csi|snapshot|fsx|efs/.test(addon)) return 'storage'
  if (/agent|monitoring|observability|metrics|adot/.test(addon)) return /pod-identity/.test(addon) ? 'security' : 'observability'
  return 'networking'
}

/** DescribeAddonVersions, paged by versions. */
export function describeVersions(deps: AddonApiDeps, input: Input): Record<string, unknown> {
  const name = textOf(input, 'addonName')
  const minor = textOf(input, 'kubernetesVersion')
  const wants = (member: string, value: string) => textsOf(input, member).length === 0 || textsOf(input, member).includes(value)
  const known = deps.listing.filter((addon) => name === undefined || addon.name === name)
  if (name !== undefined && known.length === 0) throw notFound(`Addon ${name} is not supported`, { addonName: name })
  const listed = known.filter((addon) => wants('types', typeOf(addon.name)) && wants('owners', 'aws') && wants('publishers', 'eks'))
  const rows = listed.flatMap((addon) => addon.versions.map((version) => ({ addon, version })))
  const wanted = rows.filter(({ version }) => minor === undefined || version.minors.includes(minor))
  const page = pageOf(wanted, textOf(input, 'nextToken'), numberOf(input, 'maxResults') ?? 100, () => invalidParameter('Invalid token'))
  const addons = listed.flatMap((addon) => {
    const addonVersions = page.items.filter((row) => row.addon === addon).map(({ version }) => describeVersion(addon.name, version, minor))
    return addonVersions.length > 0
      ? [{ addonName: addon.name, type: typeOf(addon.name), owner: 'aws', publisher: 'eks', addonVersions }]
      : []
  })
  return { addons, nextToken: page.next }
}

/** With a minor asked for, only that minor's compatibility is listed. */
function describeVersion(addon: string, listed: ListedVersion, minor: string | undefined): Record<string, unknown> {
  const minors = minor === undefined ? [...listed.minors].reverse() : [minor]
  return {
    addonVersion: listed.version,
    architecture: ['amd64', 'arm64'],
    computeTypes: ['ec2'],
    compatibilities: minors.map((clusterVersion) => ({
      clusterVersion,
      platformVersions: platformsOf(listed, clusterVersion),
      defaultVersion: listed.defaultFor.includes(clusterVersion),
    })),
    requiresConfiguration: false,
    requiresIamPermissions: POD_IDENTITY[addon] !== undefined,
  }
}

/** Add-ons whose pods need permissions: service account and managed policy (EKS user guide, "add-ons-iam"). */
const POD_IDENTITY: Readonly<Record<string, { readonly serviceAccount: string; readonly recommendedManagedPolicies: readonly string[] }>> =
  {
    'vpc-cni': { serviceAccount: 'aws-node', recommendedManagedPolicies: ['arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy'] },
    'aws-ebs-csi-driver': {
      serviceAccount: 'ebs-csi-controller-sa',
      recommendedManagedPolicies: ['arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy'],
    },
  }

/** DescribeAddonConfiguration of a version that is listed or installed. */
export function describeConfiguration(deps: AddonApiDeps, input: Input): Record<string, unknown> {
  const addonName = required(input, 'addonName', invalidParameter)
  const addonVersion = required(input, 'addonVersion', invalidParameter)
  const listed = deps.listing.find(({ name }) => name === addonName)?.versions.some(({ version }) => version === addonVersion)
  const installed = deps.addons.get(addonName)?.version === addonVersion
  if (!listed && !installed) throw notFound('Addon version specified is not supported', { addonName })
  const identity = POD_IDENTITY[addonName]
  return {
    addonName,
    addonVersion,
    configurationSchema: configurationSchema(addonName, addonVersion),
    podIdentityConfiguration: identity === undefined ? [] : [identity],
  }
}
