import { parse } from 'yaml'
import { z } from 'zod'
import { globMatches } from '../../model/glob.ts'
import { keyedId } from '../../model/keyed.ts'
import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { WorkloadSpec } from '../contract.ts'
import { mergePatch } from '../merge-patch.ts'
import { alarmSchema } from './alarm-file.ts'
import { controlPlaneSchema } from './control-plane-spec.ts'
import { networkOf, networkSchema } from './network-file.ts'
import { networkObjects } from './network-objects.ts'
import type { NetworkSpec } from './network-spec.ts'
import { objectSchema, workloadSchema } from './workload-file.ts'
import type { NodeGroupSpec, SubnetSpec, WorldAddonSpec, WorldSpec } from './world-spec.ts'

const addonPatch = z.strictObject({
  version: z.string().optional(),
  /** Merged into the values that the add-on has; null takes a value away. */
  configuration: z.record(z.string(), z.unknown()).optional(),
  serviceAccountRoleArn: z.string().optional(),
  podIdentityAssociations: z.array(z.string()).optional(),
})

const groupPatch = z.strictObject({
  instanceTypes: z.array(z.string()).min(1).optional(),
  amiType: z.string().optional(),
  kubernetesVersion: z.string().optional(),
  releaseVersion: z.string().optional(),
  size: z.strictObject({ min: z.number().int(), max: z.number().int(), desired: z.number().int() }).optional(),
})

/**
 * What a scenario changes about the world it is played in, from the world's beginning: few things, each by name or pattern.
 * A member here and its line in `patchWorld` add another.
 */
export const worldPatch = z.strictObject({
  cluster: z.strictObject({ kubernetesVersion: z.string().optional(), ipFamily: z.enum(['ipv4', 'ipv6']).optional() }).optional(),
  /** In place of everything that the world says under this key. */
  controlPlane: controlPlaneSchema.optional(),
  /** By add-on name; null: it is not installed, a version: it is, whether it was or not. */
  addons: z.record(z.string(), addonPatch.nullable()).optional(),
  /** By pattern of group names. */
  nodeGroups: z.record(z.string(), groupPatch).optional(),
  /** Kubernetes objects that stand there from the beginning. */
  objects: z.array(objectSchema).optional(),
  /** Workloads besides those that the world has, as a world file writes them. */
  workloads: z.array(workloadSchema).optional(),
  /** CloudWatch alarms besides those that the world has. */
  alarms: z.array(alarmSchema).optional(),
  /** As in a world file; subnets by name, id or zone. */
  network: networkSchema.optional(),
})

export type WorldPatch = z.output<typeof worldPatch>

/** A world with a patch upon it. Throws Error, with `who` wants it, for what does not fit. */
export function patchWorld(spec: WorldSpec, patch: WorldPatch, who: string): WorldSpec {
  const cluster = { ...spec.cluster, ...given(patch.cluster ?? {}) }
  const network = patch.network === undefined ? {} : networkOf(`${who}: network`, patch.network, spec.subnets)
  return {
    ...spec,
    cluster,
    ...given({ controlPlane: patch.controlPlane }),
    subnets: cluster.ipFamily === 'ipv6' ? spec.subnets.map(withIpv6Block) : spec.subnets,
    nodeGroups: Object.entries(patch.nodeGroups ?? {}).reduce(
      (groups, [pattern, change]) => patchGroups(groups, pattern, change, who),
      spec.nodeGroups,
    ),
    addons: Object.entries(patch.addons ?? {}).reduce((addons, [name, change]) => patchAddon(addons, name, change, who), spec.addons),
    workloads: [...spec.workloads, ...((patch.workloads ?? []) as unknown as readonly WorkloadSpec[])],
    objects: [...spec.objects, ...networkObjects(network), ...((patch.objects ?? []) as readonly KubernetesObject[])],
    network: mergedNetwork(spec.network ?? {}, network),
    ...(patch.alarms === undefined ? {} : { alarms: [...(spec.alarms ?? []), ...patch.alarms] }),
  }
}

/** Lists are put together, sizes of buckets replaced. */
function mergedNetwork(one: NetworkSpec, other: NetworkSpec): NetworkSpec {
  return {
    requestBuckets: { ...one.requestBuckets, ...other.requestBuckets },
    reservations: [...(one.reservations ?? []), ...(other.reservations ?? [])],
    strays: [...(one.strays ?? []), ...(other.strays ?? [])],
    leaked: [...(one.leaked ?? []), ...(other.leaked ?? [])],
    crowded: [...(one.crowded ?? []), ...(other.crowded ?? [])],
    fragmented: [...(one.fragmented ?? []), ...(other.fragmented ?? [])],
    eniConfigs: [...(one.eniConfigs ?? []), ...(other.eniConfigs ?? [])],
    securityGroupPolicies: [...(one.securityGroupPolicies ?? []), ...(other.securityGroupPolicies ?? [])],
  }
}

/** The subnets of an IPv6 cluster all have an IPv6 block. */
export function withIpv6Block(subnet: SubnetSpec): SubnetSpec {
  const digits = keyedId(5, 'ipv6', subnet.id)
  return { ...subnet, ipv6Cidr: subnet.ipv6Cidr ?? `2a05:d014:${digits.slice(0, 3)}:${digits.slice(3)}00::/64` }
}

function patchGroups(
  groups: readonly NodeGroupSpec[],
  pattern: string,
  change: z.output<typeof groupPatch>,
  who: string,
): readonly NodeGroupSpec[] {
  const names = groups.map(({ name }) => name)
  if (!names.some((name) => globMatches(pattern, name)))
    throw new Error(`${who}: node group "${pattern}" matches nothing in this world (${names.join(', ') || 'it has none'}).`)
  return groups.map((group) => (globMatches(pattern, group.name) ? { ...group, ...given(change) } : group))
}

function patchAddon(
  addons: readonly WorldAddonSpec[],
  name: string,
  change: z.output<typeof addonPatch> | null,
  who: string,
): readonly WorldAddonSpec[] {
  const installed = addons.find((addon) => addon.name === name)
  const others = addons.filter((addon) => addon !== installed)
  if (change === null) {
    if (installed === undefined) throw new Error(`${who}: the add-on ${name} is not installed in this world, so it cannot be taken away.`)
    return others
  }
  const { configuration, ...rest } = change
  const version = rest.version ?? installed?.version
  if (version === undefined) throw new Error(`${who}: the add-on ${name} is not installed in this world; a version would install it.`)
  const values = configuration === undefined ? {} : { configurationValues: mergedValues(installed?.configurationValues, configuration) }
  const patched = { ...installed, ...given(rest), name, version, ...values }
  return installed === undefined ? [...addons, patched] : addons.map((addon) => (addon === installed ? patched : addon))
}

function mergedValues(text: string | undefined, change: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(mergePatch(text === undefined ? {} : parse(text), change))
}

/** What is said, without what is left out. */
function given<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never
}
