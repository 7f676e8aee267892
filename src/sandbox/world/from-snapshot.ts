import type { EksNodegroup, InstanceTypeInfo, SsmParameter } from '../../model/aws.ts'
import { instantOf } from '../../model/instant.ts'
import type { KubernetesObject, Pod } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import { RESERVED } from './aws/addresses.ts'
import type { InstanceTypeFacts } from './aws/instance-types.ts'
import { knownMinors } from './aws/releases.ts'
import { type ControlPlaneSpec, PLAIN_CONTROL_PLANE } from './control-plane-spec.ts'
import { READ_LAG } from './read-lag.ts'
import { groupsOf } from './snapshot-groups.ts'
import { awsNodeEnvironment, cordonedOf, selfManagedOf } from './snapshot-nodes.ts'
import { objectsOfSnapshot } from './snapshot-workloads.ts'
import { withIpv6Block } from './world-patch.ts'
import type { AlarmSpec, ClusterSpec, ListedAddon, ReleaseSpec, SubnetSpec, WorldAddonSpec, WorldSpec } from './world-spec.ts'

/**
 * A world like the cluster of a snapshot: same groups, versions, subnets with their free addresses, workloads and budgets.
 * What a snapshot cannot tell is made up, and said in `assumptions`.
 * Throws Error when the snapshot lacks what no world can do without.
 */
export function specFromSnapshot(snapshot: ClusterSnapshot): { readonly spec: WorldSpec; readonly assumptions: readonly string[] } {
  const assumptions = [...STANDING_ASSUMPTIONS]
  const cluster = clusterOf(snapshot)
  const subnets = subnetsOf(snapshot, cluster)
  if (subnets.length === 0) throw new Error('The snapshot has no subnets, so no world can be made from it.')
  requireFitForWorld(snapshot, cluster)
  const { groups: managed, templates } = groupsOf(snapshot, cluster, assumptions)
  const groups = [...managed, ...selfManagedOf(snapshot, cluster, subnets, assumptions)]
  const { objects, unwell } = objectsOfSnapshot(snapshot, assumptions)
  const listing = listingOf(snapshot)
  assumptions.push(...networkGaps(cluster), ...volumeGaps(snapshot))
  if (listing === undefined) assumptions.push('The snapshot has no add-on listing: the one of autumn 2026 is answered.')
  const spec: WorldSpec = {
    name: `snapshot of ${cluster.name}`,
    seed: 1,
    start: instantOf(snapshot.capturedAt) ?? 0,
    cluster,
    subnets,
    launchTemplates: templates,
    nodeGroups: groups,
    addons: addonsOf(snapshot),
    workloads: [],
    objects,
    unwell,
    cordoned: cordonedOf(snapshot, groups),
    ...awsNodeEnvironment(snapshot),
    extraReleases: releasesOf(snapshot),
    extraTypes: typesOf(snapshot.aws.instanceTypes ?? []),
    controlPlane: controlPlaneOf(snapshot),
    ...alarmsOf(snapshot, assumptions),
    options: { minorDowngrade: 'lenient', cniOneMinor: 'lenient', addonListing: 'autumn-2026', readLag: READ_LAG },
    ...(listing === undefined ? {} : { listing }),
  }
  return { spec, assumptions }
}

const STANDING_ASSUMPTIONS = [
  'Nodes and pods are placed anew: the same numbers in the same groups and zones, under new names.',
  'Commands, environment and volumes of containers are not in a snapshot: they are taken to have no effect on when a pod is ready.',
  'Where the snapshot does not name the AMI releases of a minor, releases of the sandbox stand in for them.',
  'Times of boots, drains and updates are those of src/sandbox/spec.md, not measured on this cluster.',
]

/** Throws Error for what a world would fall over later, in words that name it. */
function requireFitForWorld({ capturedAt, aws }: ClusterSnapshot, { kubernetesVersion }: ClusterSpec): void {
  if (instantOf(capturedAt) === undefined) throw new Error(`The snapshot was captured at "${capturedAt}", which is no time.`)
  if (!knownMinors().includes(kubernetesVersion))
    throw new Error(`The snapshot is of Kubernetes ${kubernetesVersion}; the sandbox knows ${knownMinors().join(', ')}.`)
  const stray = (aws.subnets ?? []).find(({ CidrBlock }) => CidrBlock !== undefined && !/^\d+(\.\d+){3}\/(1[6-9]|2[0-8])$/.test(CidrBlock))
  if (stray !== undefined)
    throw new Error(`Subnet ${stray.SubnetId} of the snapshot has no CIDR block from /16 to /28: ${stray.CidrBlock}.`)
}

function clusterOf({ aws }: ClusterSnapshot): ClusterSpec {
  const { cluster } = aws
  const [, , , region, accountId] = (cluster?.arn ?? '').split(':')
  if (!cluster?.name || !cluster.version || !region || !accountId) {
    throw new Error('The snapshot does not describe its cluster (name, version, ARN), so no world can be made from it.')
  }
  return {
    name: cluster.name,
    region,
    accountId,
    kubernetesVersion: cluster.version,
    platformVersion: cluster.platformVersion ?? 'eks.1',
    ...(cluster.kubernetesNetworkConfig?.ipFamily === 'ipv6' ? { ipFamily: 'ipv6' } : {}),
  }
}

function networkGaps({ ipFamily }: ClusterSpec): readonly string[] {
  if (ipFamily !== 'ipv6') return []
  return ['IPv6 blocks of subnets are not in a snapshot: each subnet has one that was made up.']
}

/** Said where a pod wants a claim that the snapshot does not have: it was made by a tool that does not read them, or the claim is not there. */
function volumeGaps(snapshot: ClusterSnapshot): readonly string[] {
  const known = new Set(objectsOf(snapshot, 'PersistentVolumeClaim').map(({ metadata }) => `${metadata.namespace}/${metadata.name}`))
  const templates = objectsOf<StatefulSetObject>(snapshot, 'StatefulSet').some(({ spec }) => (spec?.volumeClaimTemplates?.length ?? 0) > 0)
  const mounted = objectsOf<Pod>(snapshot, 'Pod').flatMap(({ metadata, spec }) =>
    (spec?.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []).map((name) => `${metadata.namespace}/${name}`),
  )
  if (mounted.every((claim) => known.has(claim)) && !(templates && known.size === 0)) return []
  return [
    'The snapshot lacks claims that its pods mount: those of StatefulSets are made anew where their StorageClass is there; pods with any other stay Pending.',
  ]
}

type StatefulSetObject = KubernetesObject & { readonly spec?: { readonly volumeClaimTemplates?: readonly unknown[] } }

/** Tags and health as the snapshot has them; the rest of the control plane is as in any world. */
function controlPlaneOf({ aws }: ClusterSnapshot): ControlPlaneSpec {
  const { tags = {}, health } = aws.cluster ?? {}
  const issues = (health?.issues ?? []).map(({ code = 'Other', message = '', resourceIds = [] }) => ({
    code,
    message,
    resourceIds: [...resourceIds],
  }))
  return { ...PLAIN_CONTROL_PLANE, tags, issues }
}

/** Alarms are in a snapshot that was taken with a plan whose gates name some. */
function alarmsOf({ aws }: ClusterSnapshot, assumptions: string[]): Pick<WorldSpec, 'alarms'> {
  if (aws.alarms === undefined) {
    assumptions.push('CloudWatch alarms are not in this snapshot: each one that a gate names is taken to be OK.')
    return {}
  }
  return {
    alarms: aws.alarms.flatMap(({ AlarmName: name, StateValue }): readonly AlarmSpec[] => {
      const state = STATES.find((each) => each === StateValue)
      return name === undefined || state === undefined ? [] : [{ name, state }]
    }),
  }
}

const STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA'] as const

function subnetsOf({ aws }: ClusterSnapshot, { ipFamily }: ClusterSpec): readonly SubnetSpec[] {
  const subnets = (aws.subnets ?? []).flatMap(
    ({ SubnetId: id, AvailabilityZone: zone, CidrBlock: cidr, AvailableIpAddressCount: free }) => {
      if (id === undefined || zone === undefined || cidr === undefined) return []
      const capacity = 2 ** (32 - Number(cidr.split('/')[1])) - RESERVED
      return [{ id, zone, cidr, used: 0, ...(free === undefined ? {} : { free: Math.min(free, capacity) }) }]
    },
  )
  return ipFamily === 'ipv6' ? subnets.map(withIpv6Block) : subnets
}

function addonsOf({ aws }: ClusterSnapshot): readonly WorldAddonSpec[] {
  return (aws.addons ?? []).flatMap(({ addonName, addonVersion, configurationValues, serviceAccountRoleArn, podIdentityAssociations }) => {
    if (addonName === undefined || addonVersion === undefined) return []
    return [
      {
        name: addonName,
        version: addonVersion,
        ...(configurationValues === undefined ? {} : { configurationValues }),
        ...(serviceAccountRoleArn === undefined ? {} : { serviceAccountRoleArn }),
        ...(podIdentityAssociations === undefined ? {} : { podIdentityAssociations }),
      },
    ]
  })
}

function listingOf({ aws }: ClusterSnapshot): readonly ListedAddon[] | undefined {
  if (aws.addonVersions === undefined) return undefined
  return aws.addonVersions.flatMap(({ addonName, addonVersions = [] }) => {
    if (addonName === undefined) return []
    const versions = addonVersions.flatMap(({ addonVersion, compatibilities = [] }) => {
      if (addonVersion === undefined) return []
      const minors = compatibilities.flatMap(({ clusterVersion }) => clusterVersion ?? []).reverse()
      const defaultFor = compatibilities.flatMap(({ clusterVersion, defaultVersion }) =>
        defaultVersion && clusterVersion ? [clusterVersion] : [],
      )
      return [{ version: addonVersion, minors, defaultFor }]
    })
    return [{ name: addonName, versions }]
  })
}

/** Releases that the groups have, and those that SSM recommended. */
function releasesOf(snapshot: ClusterSnapshot): readonly ReleaseSpec[] {
  const installed = (snapshot.aws.nodegroups ?? []).flatMap((group) => installedRelease(snapshot, group))
  const recommended = (snapshot.aws.ssmParameters ?? []).flatMap(recommendedRelease)
  return [...installed, ...recommended]
}

function installedRelease(
  snapshot: ClusterSnapshot,
  { nodegroupName, amiType, version, releaseVersion }: EksNodegroup,
): readonly ReleaseSpec[] {
  if (amiType === undefined || amiType === 'CUSTOM' || version === undefined || releaseVersion === undefined) return []
  const node = objectsOf(snapshot, 'Node').find(({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup'] === nodegroupName)
  const imageId = node?.metadata.labels?.['eks.amazonaws.com/nodegroup-image']
  return [{ amiType, kubernetesVersion: version, release: releaseVersion, ...(imageId === undefined ? {} : { imageId }) }]
}

const RELEASE_PARAMETER = /optimized-ami\/(\d+\.\d+)\/amazon-linux-2023\/(x86_64|arm64)\/(standard|nvidia)\/recommended\/release_version$/

function recommendedRelease({ Name, Value }: SsmParameter): readonly ReleaseSpec[] {
  const [, kubernetesVersion, architecture, variant] = RELEASE_PARAMETER.exec(Name ?? '') ?? []
  if (kubernetesVersion === undefined || variant === undefined || Value === undefined) return []
  const amiType = `AL2023_${architecture === 'arm64' ? 'ARM_64' : 'x86_64'}_${variant.toUpperCase()}`
  return [{ amiType, kubernetesVersion, release: Value }]
}

function typesOf(types: readonly InstanceTypeInfo[]): Readonly<Record<string, InstanceTypeFacts>> {
  const known = types.flatMap(
    ({ InstanceType: type, VCpuInfo, MemoryInfo, ProcessorInfo, NetworkInfo }): (readonly [string, InstanceTypeFacts])[] => {
      const [vcpus, memoryMiB] = [VCpuInfo?.DefaultVCpus, MemoryInfo?.SizeInMiB]
      const [interfaces, addressesPerInterface] = [NetworkInfo?.MaximumNetworkInterfaces, NetworkInfo?.Ipv4AddressesPerInterface]
      if (!type || !vcpus || !memoryMiB || !interfaces || !addressesPerInterface) return []
      const architecture = ProcessorInfo?.SupportedArchitectures?.includes('arm64') ? 'arm64' : 'amd64'
      return [[type, { vcpus, memoryMiB, architecture, interfaces, addressesPerInterface }]]
    },
  )
  return Object.fromEntries(known)
}
