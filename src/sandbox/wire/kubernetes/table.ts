import type { StoredObject } from '../../contract.ts'
import type { WireRequest } from '../message.ts'
import type { Column } from './columns/column.ts'
import { columnsOf } from './columns/registry.ts'
import type { MorePages } from './list-metadata.ts'
import { listMetadata } from './list-metadata.ts'
import { metadataOf } from './partial.ts'
import type { ApiRequest } from './request.ts'
import type { EventType } from './watches.ts'

/** Whether a reader wants rows for people, as kubectl does unless `-o` says otherwise. */
export function wantsTable(request: WireRequest): boolean {
  return (request.headers.accept ?? '').split(',')[0]?.includes('as=Table') === true
}

/** Objects as a `Table` with the columns of the real API server. */
export function tableText(api: ApiRequest, objects: readonly StoredObject[], version: string, more?: MorePages): string {
  return JSON.stringify({ ...tableHead(listMetadata(api, version, more)), columnDefinitions: definitions(api), rows: rowsOf(api, objects) })
}

/** Lines of a Table watch: the column definitions come with the first only. */
export function tableLine(api: ApiRequest): (type: EventType, object: StoredObject) => string {
  let first = true
  return (type, object) => {
    const columnDefinitions = first ? definitions(api) : null
    first = false
    const metadata = { resourceVersion: object.metadata.resourceVersion }
    return `${JSON.stringify({ type, object: { ...tableHead(metadata), columnDefinitions, rows: rowsOf(api, [object]) } })}\n`
  }
}

function tableHead(metadata: Record<string, unknown>): Record<string, unknown> {
  return { kind: 'Table', apiVersion: 'meta.k8s.io/v1', metadata }
}

function definitions(api: ApiRequest): readonly Record<string, unknown>[] {
  return columnsOf(api.target.kind).map(definition)
}

function definition({ name, type = 'string', wide = false }: Column): Record<string, unknown> {
  return { name, type, format: name === 'Name' ? 'name' : '', description: name, priority: wide ? 1 : 0 }
}

function rowsOf(api: ApiRequest, objects: readonly StoredObject[]): readonly Record<string, unknown>[] {
  const columns = columnsOf(api.target.kind)
  const now = api.wire.world.timeline.now()
  const whole = api.request.query.get('includeObject') === 'Object'
  return objects.map((object) => ({
    cells: columns.map((column) => column.cell(object, now)),
    object: whole ? object : metadataOf(object),
  }))
}
