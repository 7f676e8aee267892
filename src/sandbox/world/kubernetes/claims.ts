import { keyedId } from '../../../model/keyed.ts'
import { ZONE_LABEL } from '../../../model/kubernetes.ts'
import type { ObjectStore, StoredObject } from '../../contract.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import { zoneOf } from './node-account.ts'
import type { NodeObject, PodObject } from './objects.ts'
import { nodeTermMatches } from './placement.ts'
import type { NodeSelectorTerm, Volume } from './pod-spec.ts'
import type { Filter } from './scheduling-filters.ts'

/** The provisioner of EBS volumes; its volumes live in one zone. */
export const EBS_PROVISIONER = 'ebs.csi.aws.com'

export type ClaimObject = StoredObject & {
  readonly spec?: {
    readonly volumeName?: string
    readonly storageClassName?: string
    readonly accessModes?: readonly string[]
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> }
  }
  readonly status?: { readonly phase?: string }
}

export type VolumeObject = StoredObject & {
  readonly spec?: {
    readonly nodeAffinity?: { readonly required?: { readonly nodeSelectorTerms?: readonly NodeSelectorTerm[] } }
    readonly claimRef?: { readonly namespace?: string; readonly name: string; readonly uid?: string }
    readonly accessModes?: readonly string[]
    readonly capacity?: Readonly<Record<string, string>>
    readonly storageClassName?: string
    readonly persistentVolumeReclaimPolicy?: string
    readonly csi?: { readonly driver: string; readonly volumeHandle: string }
  }
}

type ClassObject = StoredObject & { readonly volumeBindingMode?: string; readonly provisioner?: string; readonly reclaimPolicy?: string }

export interface Claims {
  /** What a pod's volumes say about nodes; a text when no node will do until something else happens. */
  filterOf(pod: PodObject): Filter | string | undefined
  /** The pod goes to a node: volumes that waited for their first consumer are made in its zone. */
  bind(pod: PodObject, node: NodeObject): void
}

/** The names of the claims that a pod mounts. */
function claimNamesOf(pod: PodObject): readonly string[] {
  const volumes: readonly Volume[] = pod.spec?.volumes ?? []
  return volumes.flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [])
}

/** The volumes that the claims of a pod are bound to. */
export function volumesOf(store: ObjectStore, pod: PodObject): readonly VolumeObject[] {
  return claimNamesOf(pod).flatMap((name) => {
    const claim = store.get('PersistentVolumeClaim', pod.metadata.namespace, name) as ClaimObject | undefined
    const volume = claim?.spec?.volumeName
    return (volume === undefined ? undefined : (store.get('PersistentVolume', undefined, volume) as VolumeObject | undefined)) ?? []
  })
}

/** Claims, the volumes behind them and their zones. Rule: k8s.io/kubernetes/pkg/scheduler/framework/plugins/volumebinding. */
export function createClaims(ground: Ground, events: EventRecorder): Claims {
  const { store } = ground

  const claimOf = (pod: PodObject, name: string) =>
    store.get('PersistentVolumeClaim', pod.metadata.namespace, name) as ClaimObject | undefined

  /** A text where no node will do. */
  function volumeOf(pod: PodObject, name: string): VolumeObject | string | undefined {
    const claim = claimOf(pod, name)
    if (!claim) return `persistentvolumeclaim "${name}" not found`
    const { volumeName } = claim.spec ?? {}
    const volume = volumeName === undefined ? undefined : (store.get('PersistentVolume', undefined, volumeName) as VolumeObject | undefined)
    if (volume && claim.status?.phase === 'Bound') return volume
    return volumeName === undefined && waitsForConsumer(store, claim) ? undefined : 'pod has unbound immediate PersistentVolumeClaims'
  }

  function filterOf(pod: PodObject): Filter | string | undefined {
    const found = claimNamesOf(pod).map((name) => volumeOf(pod, name))
    const problem = found.find((each) => typeof each === 'string')
    if (problem !== undefined) return problem as string
    const volumes = found.filter((each) => typeof each === 'object')
    return volumes.length === 0 ? undefined : zoneFilter(volumes)
  }

  return {
    filterOf,
    bind(pod, node) {
      for (const name of claimNamesOf(pod)) {
        const claim = claimOf(pod, name)
        if (claim && claim.spec?.volumeName === undefined) provision(ground, events, claim, node)
      }
    },
  }
}

function zoneFilter(volumes: readonly VolumeObject[]): Filter {
  const conflict = { reasons: ['node(s) had volume node affinity conflict'], hopeless: true }
  const fits = ({ spec }: VolumeObject, node: NodeObject) =>
    spec?.nodeAffinity?.required?.nodeSelectorTerms?.some((term) => nodeTermMatches(term, node)) ?? true
  return ({ node }) => (volumes.every((volume) => fits(volume, node)) ? undefined : conflict)
}

function waitsForConsumer(store: ObjectStore, claim: ClaimObject): boolean {
  return classOf(store, claim)?.volumeBindingMode === 'WaitForFirstConsumer'
}

function classOf(store: ObjectStore, claim: ClaimObject): ClassObject | undefined {
  const { storageClassName } = claim.spec ?? {}
  return storageClassName === undefined ? undefined : (store.get('StorageClass', undefined, storageClassName) as ClassObject | undefined)
}

/** A new EBS volume in the zone of a node, bound to its claim. */
function provision(ground: Ground, events: EventRecorder, claim: ClaimObject, node: NodeObject): void {
  const { namespace = '', name, uid } = claim.metadata
  const storageClass = classOf(ground.store, claim)
  const volumeName = `pvc-${uid}`
  const capacity = { storage: claim.spec?.resources?.requests?.storage ?? '1Gi' }
  const terms = [{ matchExpressions: [{ key: ZONE_LABEL, operator: 'In', values: [zoneOf(node)] }] }]
  const accessModes = claim.spec?.accessModes ?? ['ReadWriteOnce']
  ground.create({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: volumeName,
      annotations: { 'pv.kubernetes.io/provisioned-by': storageClass?.provisioner ?? EBS_PROVISIONER },
      ...{ finalizers: ['kubernetes.io/pv-protection'] },
    },
    spec: {
      accessModes,
      capacity,
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid },
      csi: { driver: EBS_PROVISIONER, fsType: 'ext4', volumeHandle: `vol-0${keyedId(16, ground.seed, 'volume', uid)}` },
      nodeAffinity: { required: { nodeSelectorTerms: terms } },
      persistentVolumeReclaimPolicy: storageClass?.reclaimPolicy ?? 'Delete',
      storageClassName: claim.spec?.storageClassName,
      volumeMode: 'Filesystem',
    },
    status: { phase: 'Bound' },
  })
  ground.store.update('PersistentVolumeClaim', namespace, name, (current) => ({
    ...current,
    metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, ...bindAnnotations(node, storageClass) } },
    spec: { ...(current as ClaimObject).spec, volumeName },
    status: { phase: 'Bound', accessModes, capacity },
  }))
  if (ground.beginning()) return
  const message = `Successfully provisioned volume ${volumeName}`
  events.record(claim, { type: 'Normal', reason: 'ProvisioningSucceeded', message, component: EBS_PROVISIONER })
}

function bindAnnotations(node: NodeObject, storageClass: ClassObject | undefined): Readonly<Record<string, string>> {
  return {
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
    'volume.kubernetes.io/selected-node': node.metadata.name,
    'volume.kubernetes.io/storage-provisioner': storageClass?.provisioner ?? EBS_PROVISIONER,
  }
}
