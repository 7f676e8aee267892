import type { Instant } from '../../../../model/instant.ts'
import type { StoredObject } from '../../../contract.ts'
import type { PrinterColumn } from '../../../world/kubernetes/api/kinds.ts'
import type { Column } from './column.ts'
import { ageSince, NAME } from './column.ts'

/**
 * The columns that a definition of a custom resource prints. Understood of JSONPath: members, indices and filters that
 * compare one member with a text. Source: k8s.io/apiextensions-apiserver, pkg/registry/customresource/tableconvertor.
 */
export function customColumns(columns: readonly PrinterColumn[]): readonly Column[] {
  return [NAME, ...columns.map(customColumn)]
}

function customColumn({ name, type, jsonPath, priority = 0 }: PrinterColumn): Column {
  const steps = stepsOf(jsonPath)
  const cell = (object: StoredObject, now: Instant) =>
    cellOf(
      type,
      steps.reduce<unknown>((value, step) => step(value), object),
      now,
    )
  return { name, type, cell, ...(priority > 0 ? { wide: true } : {}) }
}

function cellOf(type: string, value: unknown, now: Instant): string | number | null {
  if (value === undefined || value === null) return null
  if (type === 'date') return ageSince(value, now)
  if (type === 'integer' || type === 'number') return typeof value === 'number' ? value : null
  return typeof value === 'string' ? value : JSON.stringify(value)
}

type Step = (value: unknown) => unknown

function stepsOf(path: string): readonly Step[] {
  return [...path.matchAll(/\.([\w-]+)|\[(\d+)\]|\['([^']+)'\]|\[\?\(@\.([\w-]+)\s*==\s*["']([^"']*)["']\)\]/g)].map(
    ([, member, index, quoted, key, wanted]): Step => {
      if (index !== undefined) return (value) => (Array.isArray(value) ? value[Number(index)] : undefined)
      if (key !== undefined)
        return (value) => (Array.isArray(value) ? value.find((item: Record<string, unknown>) => item?.[key] === wanted) : undefined)
      const name = member ?? quoted ?? ''
      return (value) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name.replaceAll('\\', '')] : undefined
    },
  )
}
