import { isSerinError } from '../../errors/serin-error.ts'
import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { ListOptions, Resource } from '../../ports/kubernetes.ts'
import { malformed } from '../aws-error.ts'
import type { Retrier } from '../retry.ts'
import { type Connection, operationOf } from './connection.ts'
import { apiPath } from './paths.ts'
import { malformedAnswer } from './status-error.ts'

/** A list with the version it was read at. */
export interface Listing<T> {
  readonly items: readonly T[]
  readonly resourceVersion: string
}

interface ListDocument {
  readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string }
  readonly items?: readonly Record<string, unknown>[] | null
}

const PAGE = 500
/** Far more than the largest cluster has: 150,000 pods are 300 pages. */
const MOST_PAGES = 2_000
const RESTARTS = 3

/** Source: https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources */
const METADATA_ONLY = { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }

/** What turns each object into what is kept of it, page by page, so that whole objects never pile up. */
export type Keep<T> = (object: KubernetesObject) => T

/**
 * All pages of a list. A continue token that has expired (410) starts the list again; `apiVersion` and `kind`,
 * which items of a list lack on the wire, are filled in.
 */
export async function listAll<T>(
  connection: Connection,
  retrier: Retrier,
  resource: Resource,
  options: ListOptions,
  keep: Keep<T>,
): Promise<Listing<T>> {
  for (let restart = 1; ; restart += 1) {
    try {
      return await listOnce(connection, retrier, resource, options, keep)
    } catch (error) {
      if (!isExpired(error) || restart >= RESTARTS) throw error
    }
  }
}

/** 410 Gone: the version or token asked for is no longer kept. */
export function isExpired(error: unknown): boolean {
  return isSerinError(error) && error.details.status === 410
}

async function listOnce<T>(connection: Connection, retrier: Retrier, resource: Resource, options: ListOptions, keep: Keep<T>) {
  const path = apiPath(resource, options.namespace)
  const items: T[] = []
  const headers = options.metadataOnly === true ? METADATA_ONLY : {}
  let token: string | undefined
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const query = { limit: PAGE, continue: token, labelSelector: options.labelSelector, fieldSelector: options.fieldSelector }
    const answer = await retrier.read(operationOf('GET', path), async () =>
      readList(connection, path, await connection.request('GET', path, { query, headers })),
    )
    for (const item of answer.items ?? []) items.push(keep(complete(resource, item)))
    const { resourceVersion = '', continue: next } = answer.metadata ?? {}
    if (next === undefined || next === '') return { items, resourceVersion }
    if (next === token) break
    token = next
  }
  throw malformed(operationOf('GET', path), 'last page')
}

function readList(connection: Connection, path: string, text: string): ListDocument {
  const document = readObject(connection, operationOf('GET', path), text, false)
  if (typeof document.metadata !== 'object' || !(Array.isArray(document.items) || document.items === null)) {
    throw malformedAnswer(operationOf('GET', path), text, false)
  }
  return document
}

function complete(resource: Resource, item: Record<string, unknown>): KubernetesObject {
  return { ...item, apiVersion: resource.apiVersion, kind: resource.kind } as unknown as KubernetesObject
}

/** The object that the text of an answer stands for, or REMOTE_MALFORMED. */
export function readObject(
  { decode }: Connection,
  operation: string,
  text: string,
  mutating: boolean,
): Record<string, unknown> & ListDocument {
  let value: unknown
  try {
    value = decode(text)
  } catch (error) {
    throw malformedAnswer(operation, text, mutating, error)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformedAnswer(operation, text, mutating)
  return value as Record<string, unknown>
}
