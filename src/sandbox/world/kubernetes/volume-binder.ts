import type { StoreEvent } from '../../contract.ts'
import type { ClaimObject, VolumeObject } from './claims.ts'
import type { Ground } from './ground.ts'
import { keyOf, splitKey } from './objects.ts'
import { quantity } from './quantity.ts'

/** Before the scheduler looks: a claim that has its volume gets no new one. */
const SYNC_DELAY = 50

/**
 * Binds claims to volumes that somebody made beforehand: the one that a claim names (`volumeName`), or one that is
 * reserved for it (`claimRef`), whatever the binding mode of their class. Class, size and access modes have to fit.
 * Rule: syncUnboundClaim and checkVolumeSatisfyClaim in k8s.io/kubernetes/pkg/controller/volume/persistentvolume.
 */
export function createVolumeBinder(ground: Ground): { handle(event: StoreEvent): void } {
  const { store } = ground
  const queue = ground.queue('volume-binder', SYNC_DELAY, sync)
  const kind = 'PersistentVolumeClaim'

  function sync(key: string): void {
    const [namespace, name] = splitKey(key)
    const claim = store.get(kind, namespace, name) as ClaimObject | undefined
    const volume = claim && claim.status?.phase !== 'Bound' ? volumeFor(claim) : undefined
    if (claim && volume && suits(volume, claim)) bind(claim, volume)
  }

  function volumeFor(claim: ClaimObject): VolumeObject | undefined {
    const { volumeName } = claim.spec ?? {}
    if (volumeName === undefined) return (store.list('PersistentVolume') as VolumeObject[]).find((volume) => isReservedFor(volume, claim))
    const named = store.get('PersistentVolume', undefined, volumeName) as VolumeObject | undefined
    return named && (named.spec?.claimRef === undefined || isReservedFor(named, claim)) ? named : undefined
  }

  function bind(claim: ClaimObject, volume: VolumeObject): void {
    const { namespace = '', name, uid } = claim.metadata
    const { accessModes, capacity } = volume.spec ?? {}
    const claimRef = { apiVersion: 'v1', kind, namespace, name, uid }
    store.update('PersistentVolume', undefined, volume.metadata.name, (current) => ({
      ...current,
      spec: { ...(current as VolumeObject).spec, claimRef },
      status: { phase: 'Bound' },
    }))
    const annotations = { ...claim.metadata.annotations, 'pv.kubernetes.io/bind-completed': 'yes' }
    store.update(kind, namespace, name, (current) => ({
      ...current,
      metadata: { ...current.metadata, annotations },
      spec: { ...(current as ClaimObject).spec, volumeName: volume.metadata.name },
      status: { phase: 'Bound', accessModes, capacity },
    }))
  }

  /** A volume that came may be the one that claims wait for. */
  function seeVolume(volume: VolumeObject): void {
    const { namespace, name } = volume.spec?.claimRef ?? {}
    if (name !== undefined) queue.add(`${namespace ?? ''}/${name}`)
    else for (const claim of store.list(kind) as ClaimObject[]) if (claim.spec?.volumeName === volume.metadata.name) queue.add(keyOf(claim))
  }

  return {
    handle({ type, object }) {
      if (type === 'DELETED') return
      if (object.kind === kind && (object as ClaimObject).status?.phase !== 'Bound') queue.add(keyOf(object))
      if (object.kind === 'PersistentVolume' && type === 'ADDED') seeVolume(object as VolumeObject)
    },
  }
}

function isReservedFor({ spec }: VolumeObject, { metadata }: ClaimObject): boolean {
  const { claimRef } = spec ?? {}
  if (claimRef?.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false
  return claimRef.uid === undefined || claimRef.uid === metadata.uid
}

function suits({ spec }: VolumeObject, claim: ClaimObject): boolean {
  const { storageClassName = '', accessModes = [], resources } = claim.spec ?? {}
  if ((spec?.storageClassName ?? '') !== storageClassName) return false
  if (quantity(spec?.capacity?.storage) < quantity(resources?.requests?.storage)) return false
  return accessModes.every((mode) => spec?.accessModes?.includes(mode))
}
