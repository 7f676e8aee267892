import { LAST_APPLIED, lastAppliedIn } from '../catalog/checks/reading/writers.ts'
import { REMOVED_APIS } from '../catalog/knowledge/removed-apis.ts'
import type { Container, KubernetesObject, ManagedFields, ObjectMeta, PodSpec } from '../model/kubernetes.ts'
import { redactText } from '../model/secret-text.ts'

/** Every text inside a value, except under the named members. What has nothing to hide is the same value, not a copy. */
export function redactTexts<T>(value: T, except: readonly string[] = []): T {
  return deep(value, except) as T
}

function deep(value: unknown, except: readonly string[]): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value !== 'object' || value === null) return value
  return Array.isArray(value) ? deepItems(value, except) : deepMembers(value as Readonly<Record<string, unknown>>, except)
}

function deepItems(items: readonly unknown[], except: readonly string[]): readonly unknown[] {
  const made = items.map((item) => deep(item, except))
  return made.some((item, at) => item !== items[at]) ? made : items
}

function deepMembers(value: Readonly<Record<string, unknown>>, except: readonly string[]): Readonly<Record<string, unknown>> {
  let made: Record<string, unknown> | undefined
  for (const name of Object.keys(value)) {
    const member = value[name]
    const kept = except.includes(name) ? member : deep(member, except)
    if (kept === member) continue
    made ??= { ...value }
    made[name] = kept
  }
  return made ?? value
}

/** Members that name what an object is or runs. */
const PUBLIC = ['image', 'imageID', 'name', 'namespace', 'uid']

/**
 * A Kubernetes object as it may stand in a snapshot; undefined for a Secret. Environment values, commands, arguments and
 * what probes ask of containers go (aws-node's stay: it is what the checks are about, and of Cluster Autoscaler its list of groups), as do the last-applied
 * annotation and managedFields. Of the aws-node DaemonSet stays who owns which field; of kinds that lose an API version, who wrote in which.
 */
export function redactObject(object: KubernetesObject): KubernetesObject | undefined {
  if (object.kind === 'Secret') return undefined
  if (object.kind === 'StorageClass') return withoutParameters(object)
  const awsNode = isAwsNode(object)
  const metadata = redactMetadata(object.metadata, keptOf(object.kind, awsNode))
  return redactTexts({ ...object, metadata, ...redactSpec(object, awsNode) }, PUBLIC)
}

/** The VPC CNI's own DaemonSet and pods. */
function isAwsNode({ kind, metadata }: KubernetesObject): boolean {
  if (metadata.namespace !== 'kube-system') return false
  if (kind === 'DaemonSet') return metadata.name === 'aws-node'
  return kind === 'Pod' && (metadata.ownerReferences ?? []).some((owner) => owner.kind === 'DaemonSet' && owner.name === 'aws-node')
}

/** Which of an object's managedFields stay, and whether the API version in which it was last applied does. */
type Kept = 'owners' | 'versions' | 'nothing'

const KINDS_GOING = new Set(REMOVED_APIS.map(({ kind }) => kind))

function keptOf(kind: string, awsNode: boolean): Kept {
  if (kind === 'DaemonSet' && awsNode) return 'owners'
  return KINDS_GOING.has(kind) ? 'versions' : 'nothing'
}

function redactMetadata({ managedFields, ...metadata }: ObjectMeta, kept: Kept = 'nothing'): ObjectMeta {
  return {
    ...metadata,
    ...(metadata.annotations === undefined ? {} : { annotations: redactAnnotations(metadata.annotations, kept) }),
    ...(kept === 'nothing' || managedFields === undefined ? {} : { managedFields: managedFields.map((each) => redactManaged(each, kept)) }),
  }
}

function redactAnnotations(annotations: NonNullable<ObjectMeta['annotations']>, kept: Kept): ObjectMeta['annotations'] {
  const { [LAST_APPLIED]: lastApplied, ...others } = annotations
  const apiVersion = kept === 'versions' ? lastAppliedIn(lastApplied) : undefined
  return apiVersion === undefined ? others : { ...others, [LAST_APPLIED]: JSON.stringify({ apiVersion }) }
}

function redactManaged({ manager, operation, subresource, apiVersion, time, fieldsV1 }: ManagedFields, kept: Kept): ManagedFields {
  return kept === 'owners' ? { manager, operation, subresource, fieldsV1 } : { manager, operation, subresource, apiVersion, time }
}

/** Parameters of a storage class may name its secrets; a drain has no use for them. */
function withoutParameters({ metadata, ...object }: KubernetesObject & { readonly parameters?: unknown }): KubernetesObject {
  const { parameters: _, ...rest } = object
  return { ...rest, metadata: redactMetadata(metadata) }
}

/** Where a volume is and whose it is; of its source no more than what kind it is of. */
const VOLUME_MEMBERS = ['nodeAffinity', 'claimRef', 'storageClassName', 'capacity', 'accessModes', 'persistentVolumeReclaimPolicy']

function redactSource(spec: object): WithSpec['spec'] {
  return Object.fromEntries(Object.entries(spec).map(([name, member]) => [name, VOLUME_MEMBERS.includes(name) ? member : {}]))
}

interface WithSpec {
  readonly spec?: PodSpec & { readonly template?: { readonly metadata?: ObjectMeta; readonly spec?: PodSpec } }
}

function redactSpec(object: KubernetesObject & WithSpec, awsNode: boolean): WithSpec {
  const { spec } = object
  if (spec === undefined) return {}
  if (object.kind === 'Pod') return { spec: redactPodSpec(spec, awsNode) }
  if (object.kind === 'PersistentVolume') return { spec: redactSource(spec) }
  const template = spec.template
  if (template === undefined) return {}
  return {
    spec: {
      ...spec,
      template: {
        ...template,
        ...(template.metadata === undefined ? {} : { metadata: redactMetadata(template.metadata) }),
        ...(template.spec === undefined ? {} : { spec: redactPodSpec(template.spec, awsNode) }),
      },
    },
  }
}

/** All members that hold containers; ephemeral ones are what people type while they debug. */
const CONTAINER_LISTS = ['containers', 'initContainers', 'ephemeralContainers'] as const

function redactPodSpec(spec: PodSpec & { readonly volumes?: readonly Volume[] }, awsNode: boolean): PodSpec {
  const lists = CONTAINER_LISTS.flatMap((list) => {
    const containers = (spec as Readonly<Record<string, readonly Container[] | undefined>>)[list]
    return containers === undefined ? [] : [[list, awsNode ? containers : redactList(containers, redactContainer)]]
  })
  const volumes = spec.volumes === undefined ? {} : { volumes: redactList(spec.volumes, redactVolume) }
  return { ...spec, ...Object.fromEntries(lists), ...volumes }
}

/** Pods of one owner share their lists as they were read; what is made of them is shared likewise. */
const redactedLists = new WeakMap<readonly unknown[], readonly unknown[]>()

function redactList<T>(list: readonly T[], redactItem: (item: T) => T): readonly T[] {
  const known = redactedLists.get(list)
  if (known !== undefined) return known as readonly T[]
  const made = redactTexts(list.map(redactItem), PUBLIC)
  redactedLists.set(list, made)
  return made
}

const CONTAINER_MEMBERS_DROPPED = ['command', 'args', 'lifecycle']
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe']

function redactContainer(container: Container): Container {
  const kept = Object.entries(container)
    .filter(([name]) => !CONTAINER_MEMBERS_DROPPED.includes(name))
    .map(([name, member]) => [name, PROBES.includes(name) ? redactProbe(member) : member])
  const env = container.env?.map(({ value: _, ...variable }) => variable)
  const groups = groupsNamed(container)
  return {
    ...(Object.fromEntries(kept) as unknown as Container),
    ...(env === undefined ? {} : { env }),
    ...(groups.length > 0 && { args: groups }),
  }
}

const AUTOSCALER = /\/cluster-autoscaler(:|@)/

/** `--nodes=1:4:NAME`: the groups that Cluster Autoscaler is told by name, whichever way it is written. */
function groupsNamed({ image = '', command = [], args = [] }: Container & { readonly command?: readonly string[] }): readonly string[] {
  if (!AUTOSCALER.test(image)) return []
  const words = [...command, ...args]
  const values = words.map((word, index) => (word === '--nodes' ? words[index + 1] : /^--nodes=(.*)$/.exec(word)?.[1]))
  return values.flatMap((value) => (value !== undefined && /^\d+:\d+:[^\s=]+$/.test(value) ? [`--nodes=${value}`] : []))
}

/** What a probe asks and how often: no paths, headers or commands, any of which may hold a secret. */
function redactProbe(probe: unknown): unknown {
  const members = Object.entries(probe ?? {}).map(([name, member]) => {
    if (typeof member === 'number') return [name, member]
    const port: unknown = (member as { readonly port?: unknown } | null)?.port
    return [name, port === undefined ? {} : { port }]
  })
  return Object.fromEntries(members)
}

interface Volume {
  readonly name?: string
  readonly persistentVolumeClaim?: { readonly claimName?: string }
}

/** Which claims a pod mounts matters to a drain; the rest of a volume may hold keys of its storage. */
function redactVolume(volume: Volume): Volume {
  const kind = Object.keys(volume).find((name) => name !== 'name')
  const claim = volume.persistentVolumeClaim
  if (claim !== undefined) return { name: volume.name, persistentVolumeClaim: { claimName: claim.claimName } }
  return { name: volume.name, ...(kind === undefined ? {} : { [kind]: {} }) }
}
