import { minorLine, parseAddonVersion } from '../../../model/addon-version.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { AwsHandlers } from '../../contract.ts'
import type { ClusterSpec, ListedAddon, ListedVersion, WorldOptions } from '../world-spec.ts'
import { configurationProblem, configurationSchema } from './addon-schema.ts'
import { type Addon, type AddonChange, type AddonUpdateDeps, beginAddonUpdate } from './addons.ts'
import { dateOf, type Input, numberOf, pageOf, recordsOf, required, textOf } from './answers.ts'
import type { ControlPlane } from './control-plane.ts'
import { inUse, invalidParameter, notFound } from './eks-errors.ts'
import { describeUpdate, type Updates } from './updates.ts'

export interface AddonApiDeps {
  readonly cluster: ClusterSpec
  readonly controlPlane: ControlPlane
  readonly options: WorldOptions
  readonly seed: number
  readonly listing: readonly ListedAddon[]
  readonly addons: ReadonlyMap<string, Addon>
  readonly updates: Updates
  readonly updating: AddonUpdateDeps
  readonly accepted: (operation: string, subject: string) => void
}

/** The add-on operations of EKS, in SDK shapes. */
export function addonHandlers(deps: AddonApiDeps): AwsHandlers {
  return {
    ListAddons(input) {
      const page = pageOf([...deps.addons.keys()].sort(), textOf(input, 'nextToken'), numberOf(input, 'maxResults') ?? 100, invalidToken)
      return { addons: page.items, nextToken: page.next }
    },
    DescribeAddon: (input) => ({ addon: describeAddon(deps, addonOf(deps, input)) }),
    DescribeAddonVersions: (input) => describeVersions(deps, input),
    DescribeAddonConfiguration: (input) => describeConfiguration(deps, input),
    UpdateAddon: (input) => updateAddon(deps, input),
  }
}

function invalidToken() {
  return invalidParameter('Invalid token')
}

function addonOf(deps: AddonApiDeps, input: Input): Addon {
  const name = required(input, 'addonName', invalidParameter)
  const addon = deps.addons.get(name)
  const clusterName = deps.cluster.name
  if (addon === undefined) throw notFound(`No addon: ${name} found in cluster: ${clusterName}`, { clusterName, addonName: name })
  return addon
}

function describeAddon({ cluster, seed }: AddonApiDeps, addon: Addon): Record<string, unknown> {
  return {
    addonName: addon.name,
    clusterName: cluster.name,
    status: addon.status,
    addonVersion: addon.version,
    health: { issues: addon.issues },
    addonArn: addonArn({ cluster, seed }, addon.name),
    createdAt: dateOf(addon.createdAt),
    modifiedAt: dateOf(addon.modifiedAt),
    serviceAccountRoleArn: addon.serviceAccountRoleArn,
    configurationValues: addon.configurationValues,
    podIdentityAssociations: addon.podIdentityAssociations.length > 0 ? addon.podIdentityAssociations : undefined,
    tags: {},
  }
}

/** The ARN of an add-on, with the id that EKS gave it. */
export function addonArn({ cluster, seed }: { readonly cluster: ClusterSpec; readonly seed: number }, addon: string): string {
  const { region, accountId, name } = cluster
  return `arn:aws:eks:${region}:${accountId}:addon/${name}/${addon}/${keyedId(8, seed, 'addon', addon)}`
}

function describeVersions(deps: AddonApiDeps, input: Input): Record<string, unknown> {
  const name = textOf(input, 'addonName')
  const minor = textOf(input, 'kubernetesVersion')
  const listed = deps.listing.filter((addon) => name === undefined || addon.name === name)
  if (name !== undefined && listed.length === 0) throw notFound(`Addon ${name} is not supported`, { addonName: name })
  const rows = listed.flatMap((addon) => addon.versions.map((version) => ({ addon, version })))
  const wanted = rows.filter(({ version }) => minor === undefined || version.minors.includes(minor))
  const page = pageOf(wanted, textOf(input, 'nextToken'), numberOf(input, 'maxResults') ?? 100, invalidToken)
  const addons = listed.flatMap((addon) => {
    const versions = page.items.filter((row) => row.addon === addon).map(({ version }) => describeVersion(addon.name, version, minor))
    return versions.length > 0
      ? [{ addonName: addon.name, type: 'networking', owner: 'aws', publisher: 'eks', addonVersions: versions }]
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
      platformVersions: ['*'],
      defaultVersion: listed.defaultFor.includes(clusterVersion),
    })),
    requiresConfiguration: false,
    requiresIamPermissions: addon === 'vpc-cni',
  }
}

function describeConfiguration(deps: AddonApiDeps, input: Input): Record<string, unknown> {
  const addonName = required(input, 'addonName', invalidParameter)
  const addonVersion = required(input, 'addonVersion', invalidParameter)
  const listed = deps.listing.find(({ name }) => name === addonName)?.versions.some(({ version }) => version === addonVersion)
  const installed = deps.addons.get(addonName)?.version === addonVersion
  if (!listed && !installed) throw notFound('Addon version specified is not supported', { addonName })
  return { addonName, addonVersion, configurationSchema: configurationSchema(addonName, addonVersion), podIdentityConfiguration: [] }
}

function updateAddon(deps: AddonApiDeps, input: Input): Record<string, unknown> {
  const addon = addonOf(deps, input)
  const subject = `addon/${addon.name}`
  const begun = deps.updates.begunBy(subject, input)
  if (begun !== undefined) return { update: describeUpdate(begun) }
  if (addon.status === 'UPDATING')
    throw inUse(`Addon ${addon.name} cannot be updated as it is currently in UPDATING state`, about(deps, addon))
  const change = changeOf(deps, addon, input)
  const params = {
    AddonVersion: change.version,
    ResolveConflicts: textOf(input, 'resolveConflicts'),
    ServiceAccountRoleArn: change.serviceAccountRoleArn,
    ConfigurationValues: change.configurationValues,
  }
  const update = deps.updates.open({ type: 'AddonUpdate', subject, input, params })
  beginAddonUpdate(deps.updating, addon, change, update)
  deps.accepted('eks:UpdateAddon', addon.name)
  return { update: describeUpdate(update) }
}

function about(deps: AddonApiDeps, addon: Addon): { clusterName: string; addonName: string } {
  return { clusterName: deps.cluster.name, addonName: addon.name }
}

function changeOf(deps: AddonApiDeps, addon: Addon, input: Input): AddonChange {
  const version = textOf(input, 'addonVersion') ?? addon.version
  refuseUnlisted(deps, addon, version)
  refuseLeap(deps, addon, version)
  const configurationValues = textOf(input, 'configurationValues')
  const problem = configurationValues === undefined ? undefined : configurationProblem(addon.name, version, configurationValues)
  if (problem !== undefined) throw invalidParameter(problem, about(deps, addon))
  return {
    version,
    configurationValues,
    serviceAccountRoleArn: textOf(input, 'serviceAccountRoleArn'),
    podIdentityAssociations: associationsOf(deps, addon, input),
  }
}

function refuseUnlisted(deps: AddonApiDeps, addon: Addon, version: string): void {
  const { version: kubernetesVersion } = deps.controlPlane
  const listed = deps.listing.find(({ name }) => name === addon.name)?.versions.find((each) => each.version === version)
  if (listed?.minors.includes(kubernetesVersion) || version === addon.version) return
  throw invalidParameter('Addon version specified is not supported', about(deps, addon))
}

/** The rule that the API once enforced (awsdocs/amazon-eks-user-guide#672, hashicorp/terraform-provider-aws#39182). */
function refuseLeap(deps: AddonApiDeps, addon: Addon, version: string): void {
  if (deps.options.cniOneMinor !== 'strict' || addon.name !== 'vpc-cni') return
  const [from, to] = [parseAddonVersion(addon.version), parseAddonVersion(version)]
  if (from === undefined || to === undefined || minorLine(from) === minorLine(to)) return
  if (from.major === to.major && Math.abs(from.minor - to.minor) === 1) return
  throw invalidParameter('Updating VPC-CNI can only go up or down 1 minor version at a time', about(deps, addon))
}

function associationsOf(deps: AddonApiDeps, addon: Addon, input: Input): readonly string[] | undefined {
  if (input.podIdentityAssociations === undefined) return undefined
  const { region, accountId, name } = deps.cluster
  return recordsOf(input, 'podIdentityAssociations').map((association) => {
    const id = keyedId(
      17,
      deps.seed,
      'association',
      addon.name,
      textOf(association, 'serviceAccount') ?? '',
      textOf(association, 'roleArn') ?? '',
    )
    return `arn:aws:eks:${region}:${accountId}:podidentityassociation/${name}/a-${id}`
  })
}
