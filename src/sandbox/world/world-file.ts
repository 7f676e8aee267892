import { z } from 'zod'
import { instantOf } from '../../model/instant.ts'
import { keyedId } from '../../model/keyed.ts'
import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { WorkloadSpec } from '../contract.ts'
import { alarmSchema } from './alarm-file.ts'
import { AMI_TYPES } from './aws/images.ts'
import { knownMinors } from './aws/releases.ts'
import { controlPlaneSchema } from './control-plane-spec.ts'
import { ipv6Cidr, networkOf, networkSchema } from './network-file.ts'
import { networkObjects } from './network-objects.ts'
import { nodeGroupExtras } from './node-group-spec.ts'
import { otherNodesOf, otherNodesSchema } from './other-nodes-spec.ts'
import { readLagSchema } from './read-lag.ts'
import { selfManagedOf, selfManagedSchema } from './self-managed-spec.ts'
import { objectSchema, workloadSchema } from './workload-file.ts'
import type { LaunchTemplateSpec, NodeGroupSpec, SubnetSpec, WorldSpec } from './world-spec.ts'
import { readYaml } from './yaml-file.ts'

const name = z.string().regex(/^[a-zA-Z0-9][a-zA-Z0-9._-]*$/, 'expected a name of letters, digits, dots and dashes')
const minor = z.enum([...knownMinors()])
const texts = z.record(z.string(), z.string())
const count = z.number().int().min(0).max(5_000)

const subnet = z.strictObject({
  name,
  zone: z.string().regex(/^[a-z]+(-[a-z]+)+-\d[a-z]$/, 'expected a zone such as eu-central-1a'),
  cidr: z.string().regex(/^\d+\.\d+\.\d+\.\d+\/(1[6-9]|2[0-8])$/, 'expected a CIDR block from /16 to /28'),
  ipv6Cidr: ipv6Cidr.optional(),
  used: count.max(65_000).default(0),
})

const customImage = z.strictObject({ kubernetesVersion: minor, architecture: z.enum(['amd64', 'arm64']).default('amd64') })

const launchTemplate = z.strictObject({
  name,
  defaultVersion: z.number().int().positive().default(1),
  versions: z
    .array(z.strictObject({ instanceType: z.string().optional(), image: customImage.optional(), imageId: z.string().optional() }))
    .min(1),
})

const taint = z.strictObject({
  key: z.string(),
  value: z.string().optional(),
  effect: z.enum(['NoSchedule', 'NoExecute', 'PreferNoSchedule']),
})

const updateConfig = z.strictObject({
  maxUnavailable: z.number().int().min(1).max(100).optional(),
  maxUnavailablePercentage: z.number().int().min(1).max(100).optional(),
  updateStrategy: z.enum(['DEFAULT', 'MINIMAL']).default('DEFAULT'),
})

const nodeGroup = z.strictObject({
  name,
  form: z.enum(['optimised', 'template', 'custom-ami', 'self-managed']).default('optimised'),
  amiType: z.enum(['CUSTOM', ...Object.keys(AMI_TYPES)]).default('AL2023_x86_64_STANDARD'),
  capacityType: z.enum(['ON_DEMAND', 'SPOT']).default('ON_DEMAND'),
  instanceTypes: z.array(z.string()).min(1),
  size: z.strictObject({ min: count, max: count, desired: count }),
  kubernetesVersion: minor.optional(),
  releaseVersion: z.string().optional(),
  launchTemplate: z.strictObject({ name, version: z.number().int().positive() }).optional(),
  selfManaged: selfManagedSchema.optional(),
  subnets: z.array(name).min(1),
  labels: texts.default({}),
  taints: z.array(taint).default([]),
  update: updateConfig.prefault({ maxUnavailable: 1 }),
  ...nodeGroupExtras,
})

const addon = z.strictObject({
  name,
  version: z.string().regex(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/, 'expected a version such as v1.20.4-eksbuild.2'),
  /** The configuration values as an object; the API sees their JSON text. */
  configuration: z.record(z.string(), z.unknown()).optional(),
  serviceAccountRoleArn: z.string().optional(),
})

const world = z.strictObject({
  apiVersion: z.literal('serin.dev/v1alpha1'),
  kind: z.literal('World'),
  metadata: z.strictObject({ name }),
  clock: z.strictObject({ start: z.iso.datetime() }),
  seed: z.number().int().min(0).default(1),
  cluster: z.strictObject({
    name,
    region: z.string(),
    accountId: z.string().regex(/^\d{12}$/, 'expected twelve digits, quoted'),
    kubernetesVersion: minor,
    platformVersion: z.string().default('eks.10'),
  }),
  subnets: z.array(subnet).min(1),
  launchTemplates: z.array(launchTemplate).default([]),
  nodeGroups: z.array(nodeGroup),
  otherNodes: z.array(otherNodesSchema).default([]),
  addons: z.array(addon),
  workloads: z.array(workloadSchema).default([]),
  objects: z.array(objectSchema).default([]),
  network: networkSchema.optional(),
  controlPlane: controlPlaneSchema.optional(),
  alarms: z.array(alarmSchema).default([]),
  options: z
    .strictObject({
      minorDowngrade: z.enum(['lenient', 'strict']).default('lenient'),
      cniOneMinor: z.enum(['lenient', 'strict']).default('lenient'),
      addonListing: z.enum(['autumn-2026', 'november-2024']).default('autumn-2026'),
      readLag: readLagSchema,
    })
    .prefault({}),
})

type WorldFile = z.output<typeof world>

/** Reads a world file. Throws Error with line and column of every problem; names that point nowhere are problems too. */
export function readWorldFile(file: string, text: string): WorldSpec {
  const parsed = readYaml(file, text, world)
  const templates = templatesOf(parsed)
  const subnets = subnetsOf(parsed)
  const network = parsed.network && networkOf(`${file}: network`, parsed.network, subnets)
  return {
    name: parsed.metadata.name,
    seed: parsed.seed,
    start: instantOf(parsed.clock.start) ?? 0,
    cluster: parsed.cluster,
    subnets,
    launchTemplates: templates,
    nodeGroups: parsed.nodeGroups.map((group) => groupOf(file, parsed, group, templates)),
    otherNodes: resolved(
      (message) => new Error(`${file}: ${message}`),
      () => otherNodesOf(parsed.otherNodes, (named) => subnets.find((each) => each.name === named)?.id),
    ),
    addons: parsed.addons.map(({ configuration, ...rest }) => ({
      ...rest,
      ...(configuration ? { configurationValues: JSON.stringify(configuration) } : {}),
    })),
    workloads: parsed.workloads as unknown as readonly WorkloadSpec[],
    objects: [...networkObjects(network ?? {}), ...(parsed.objects as readonly KubernetesObject[])],
    extraReleases: [],
    extraTypes: {},
    options: parsed.options,
    alarms: parsed.alarms,
    ...(parsed.controlPlane === undefined ? {} : { controlPlane: parsed.controlPlane }),
    ...(network === undefined ? {} : { network }),
  }
}

/** Ids come from names, so that a world reads without them and two worlds never share them. */
function idOf(prefix: string, { cluster }: WorldFile, named: string): string {
  return `${prefix}-${keyedId(17, cluster.accountId, cluster.name, prefix, named)}`
}

function subnetsOf(parsed: WorldFile): readonly SubnetSpec[] {
  return parsed.subnets.map(({ name: named, ipv6Cidr: block, ...rest }) => ({
    id: idOf('subnet', parsed, named),
    name: named,
    ...rest,
    ...(block === undefined ? {} : { ipv6Cidr: block }),
  }))
}

function templatesOf(parsed: WorldFile): readonly LaunchTemplateSpec[] {
  return parsed.launchTemplates.map((template) => ({
    id: idOf('lt', parsed, template.name),
    name: template.name,
    defaultVersion: template.defaultVersion,
    versions: template.versions.map(({ instanceType, image, imageId }, index) => ({
      ...(instanceType === undefined ? {} : { instanceType }),
      ...(imageId === undefined ? {} : { imageId }),
      ...(image === undefined ? {} : { image: { ...image, imageId: idOf('ami', parsed, `${template.name}/${index + 1}`) } }),
    })),
  }))
}

function groupOf(
  file: string,
  parsed: WorldFile,
  group: WorldFile['nodeGroups'][number],
  templates: readonly LaunchTemplateSpec[],
): NodeGroupSpec {
  const { size, subnets, launchTemplate: wanted, update, form, amiType, kubernetesVersion, releaseVersion, selfManaged, ...rest } = group
  const known = parsed.subnets.map(({ name: named }) => named)
  const problem = (message: string) => new Error(`${file}: nodeGroups.${group.name}: ${message}`)
  const stray = subnets.find((each) => !known.includes(each))
  if (stray !== undefined) throw problem(`there is no subnet ${stray} (there are ${known.join(', ')})`)
  if (size.min > size.desired || size.desired > size.max) throw problem('sizes must be min <= desired <= max')
  if ((form === 'optimised') !== (wanted === undefined) && form !== 'self-managed')
    throw problem(`the form ${form} ${wanted ? 'has no' : 'needs a'} launch template`)
  const template = templates.find((each) => each.name === wanted?.name)
  if (wanted !== undefined && template === undefined) throw problem(`there is no launch template ${wanted.name}`)
  return {
    ...rest,
    form,
    amiType: form === 'custom-ami' ? 'CUSTOM' : amiType,
    size,
    ...(form === 'custom-ami' ? {} : { kubernetesVersion: kubernetesVersion ?? parsed.cluster.kubernetesVersion }),
    ...(releaseVersion === undefined ? {} : { releaseVersion }),
    ...(wanted && template ? { launchTemplate: { id: template.id, version: wanted.version } } : {}),
    subnetIds: subnets.map((each) => idOf('subnet', parsed, each)),
    taints: group.taints,
    selfManaged: resolved(problem, () => selfManagedOf(selfManaged, templates)),
    updateConfig: update,
  }
}

function resolved<T>(problem: (message: string) => Error, resolve: () => T): T {
  try {
    return resolve()
  } catch (error) {
    throw problem(error instanceof Error ? error.message : String(error))
  }
}
