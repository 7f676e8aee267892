import type { StoredObject } from '../../contract.ts'
import type { WireRequest } from '../message.ts'
import type { MorePages } from './list-metadata.ts'
import { listMetadata } from './list-metadata.ts'
import type { ApiRequest } from './request.ts'
import type { EventType } from './watches.ts'

/** Whether a reader wants metadata only, as metadata informers do. */
export function wantsMetadata({ headers }: WireRequest): boolean {
  return (headers.accept ?? '').split(',')[0]?.includes('as=PartialObjectMetadata') === true
}

/** An object's metadata as a `PartialObjectMetadata`. */
export function metadataOf({ metadata }: StoredObject): Record<string, unknown> {
  return { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata }
}

export function metadataList(api: ApiRequest, objects: readonly StoredObject[], version: string, more: MorePages | undefined): string {
  const head = { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata: listMetadata(api, version, more) }
  return JSON.stringify({ ...head, items: objects.map(metadataOf) })
}

export function metadataLine(type: EventType, object: StoredObject): string {
  return `${JSON.stringify({ type, object: metadataOf(object) })}\n`
}
