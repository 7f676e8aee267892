import { MINUTE, type Millis, SECOND } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { StoredObject, StoreEvent } from '../../contract.ts'
import { EBS_PROVISIONER, type VolumeObject, volumesOf } from './claims.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import type { PodObject } from './objects.ts'
import { keyOf, stillThere } from './objects.ts'

/** Our assumptions about the pace of attaching and detaching. */
const TAKES: readonly [Millis, Millis] = [2 * SECOND, 6 * SECOND]
/** How soon a pod whose volume is elsewhere asks again; the real controller doubles from half a second. */
const ASK_AGAIN: Millis = 15 * SECOND
/** A volume of a node that is gone is taken from it after so long (maxWaitForUnmountDuration of the attach/detach controller). */
const FORCED_AFTER: Millis = 6 * MINUTE

const COMPONENT = 'attachdetach-controller'

type Attachment = StoredObject & {
  readonly spec?: { readonly nodeName?: string; readonly source?: { readonly persistentVolumeName?: string } }
  readonly status?: { readonly attached?: boolean }
}

export interface VolumeAttachments {
  /** Calls `done` once every EBS volume of a pod is attached to its node. */
  attach(pod: PodObject, done: (pod: PodObject) => void): void
  handle(event: StoreEvent): void
}

/**
 * What the attach/detach controller and the EBS CSI driver do: an EBS volume is at one node at a time, so a pod elsewhere waits with
 * `Multi-Attach error` until it has been let go. Source: k8s.io/kubernetes, pkg/controller/volume/attachdetach.
 */
export function createVolumeAttachments(ground: Ground, events: EventRecorder): VolumeAttachments {
  const { store, timeline } = ground

  const attachmentsOf = (volume: string) =>
    (store.list('VolumeAttachment') as readonly Attachment[]).filter(({ spec }) => spec?.source?.persistentVolumeName === volume)

  function attach(pod: PodObject, done: (pod: PodObject) => void): void {
    const volumes = volumesOf(store, pod).filter(isOfEbs)
    if (volumes.length === 0) {
      done(pod)
      return
    }
    const node = pod.spec?.nodeName ?? ''
    const open = volumes.filter(({ metadata }) => !isAttached(metadata.name, node))
    if (open.length === 0) done(pod)
    else if (ground.beginning()) {
      for (const volume of open) create(volume, node, true)
      done(pod)
    } else {
      const free = open.filter((volume) => request(pod, volume, node))
      const delay = free.length === open.length ? ground.span(...TAKES, 'attach', pod.metadata.uid) : ASK_AGAIN
      timeline.after(delay, `k8s/attach/${keyOf(pod)}/${pod.metadata.uid}`, () => {
        for (const { metadata } of free) complete(pod, metadata.name, node)
        const current = stillThere(store, pod)
        if (current) attach(current, done)
      })
    }
  }

  function isAttached(volume: string, node: string): boolean {
    return attachmentsOf(volume).some(({ spec, status }) => spec?.nodeName === node && status?.attached === true)
  }

  /** Asks for an attachment; false, and a word to the pod, when the volume is at another node. */
  function request(pod: PodObject, volume: VolumeObject, node: string): boolean {
    const elsewhere = attachmentsOf(volume.metadata.name).some(({ spec }) => spec?.nodeName !== node)
    if (!elsewhere) {
      create(volume, node, false)
      return true
    }
    const others = usersOf(ground, volume.metadata.name).filter((name) => name !== pod.metadata.name)
    const why =
      others.length > 0
        ? `Volume is already used by pod(s) ${others.join(', ')}`
        : "Volume is already exclusively attached to one node and can't be attached to another"
    const message = `Multi-Attach error for volume "${volume.metadata.name}" ${why}`
    events.record(pod, { type: 'Warning', reason: 'FailedAttachVolume', message, component: COMPONENT })
    return false
  }

  function create(volume: VolumeObject, node: string, attached: boolean): void {
    const name = nameOf(volume.metadata.name, node)
    if (store.get('VolumeAttachment', undefined, name)) return
    ground.create({
      apiVersion: 'storage.k8s.io/v1',
      kind: 'VolumeAttachment',
      metadata: { name, annotations: { 'csi.alpha.kubernetes.io/node-id': node } },
      spec: { attacher: EBS_PROVISIONER, nodeName: node, source: { persistentVolumeName: volume.metadata.name } },
      status: { attached },
    })
  }

  function complete(pod: PodObject, volume: string, node: string): void {
    const name = nameOf(volume, node)
    if (!store.get('VolumeAttachment', undefined, name) || isAttached(volume, node)) return
    store.update('VolumeAttachment', undefined, name, (current) => ({ ...current, status: { attached: true } }))
    const message = `AttachVolume.Attach succeeded for volume "${volume}"`
    events.record(pod, { type: 'Normal', reason: 'SuccessfulAttachVolume', message, component: COMPONENT })
  }

  const detaching = createDetaching(ground)
  return {
    attach,
    handle({ type, object }) {
      if (type !== 'DELETED') return
      if (object.kind === 'Pod') detaching.seePodGone(object as PodObject)
      else if (object.kind === 'Node') detaching.letGo(object.metadata.name, FORCED_AFTER)
    },
  }
}

/** Pods on nodes that mount a volume. */
function usersOf({ store }: Ground, volume: string): readonly string[] {
  const users = (store.list('Pod') as readonly PodObject[]).filter(
    (pod) => pod.spec?.nodeName !== undefined && volumesOf(store, pod).some(({ metadata }) => metadata.name === volume),
  )
  return users.map(({ metadata }) => metadata.name)
}

function createDetaching(ground: Ground) {
  const { store, timeline } = ground

  /** Nobody on the node needs the volume any more: it goes soon where the node is there to let it go, else after minutes. */
  function release(node: string, volume: string, delay: Millis): void {
    const name = nameOf(volume, node)
    const key = `k8s/detach/${name}`
    timeline.cancel(key)
    timeline.after(delay, key, () => {
      const inUse = (store.podsOnNode(node) as readonly PodObject[]).some((pod) =>
        volumesOf(store, pod).some(({ metadata }) => metadata.name === volume),
      )
      if (!inUse) store.remove('VolumeAttachment', undefined, name)
    })
  }

  const onNode = (node: string) => (store.list('VolumeAttachment') as readonly Attachment[]).filter(({ spec }) => spec?.nodeName === node)

  function letGo(node: string, delay: Millis): void {
    for (const { spec } of onNode(node)) release(node, spec?.source?.persistentVolumeName ?? '', delay)
  }

  function seePodGone({ spec, metadata }: PodObject): void {
    const mounts = spec?.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim !== undefined)
    if (!mounts || spec?.nodeName === undefined || !store.get('Node', undefined, spec.nodeName)) return
    letGo(spec.nodeName, ground.span(...TAKES, 'detach', metadata.uid))
  }

  return { letGo, seePodGone }
}

function isOfEbs({ spec }: VolumeObject): boolean {
  return spec?.csi?.driver === EBS_PROVISIONER
}

/** `csi-` and a hash of volume, driver and node, as the controller names it. */
function nameOf(volume: string, node: string): string {
  return `csi-${keyedId(64, 'attachment', volume, node)}`
}
