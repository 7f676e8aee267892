import { canonicalJson } from '../../../../model/canonical-json.ts'
import { WireError } from '../../../contract.ts'

interface Operation {
  readonly op: string
  readonly path: string
  readonly from?: string
  readonly value?: unknown
}

type Container = Record<string, unknown> | unknown[]

/** RFC 6902 on a copy of the target. Throws WireError 422 when an operation does not apply. */
export function jsonPatch(target: unknown, operations: readonly Operation[]): unknown {
  const root = { document: structuredClone(target) as unknown }
  for (const operation of operations) apply(root, operation)
  return root.document
}

type Root = { document: unknown }

const OPERATIONS: Readonly<Record<string, (root: Root, operation: Operation) => void>> = {
  test: (root, { path, value }) => test(valueAt(root, path), value, path),
  add: (root, { path, value }) => put(root, path, value, 'add'),
  remove: (root, { path }) => remove(root, path),
  replace(root, { path, value }) {
    valueAt(root, path)
    put(root, path, value, 'replace')
  },
  copy: (root, { path, from = '' }) => put(root, path, structuredClone(valueAt(root, from)), 'add'),
  move(root, { path, from = '' }) {
    const moved = valueAt(root, from)
    remove(root, from)
    put(root, path, moved, 'add')
  },
}

function apply(root: Root, operation: Operation): void {
  const perform = OPERATIONS[operation.op] ?? refuse(`unexpected operation ${operation.op}`)
  perform(root, operation)
}

function test(found: unknown, wanted: unknown, path: string): void {
  if (canonicalJson(found) !== canonicalJson(wanted)) refuse(`testing value ${path} failed`)
}

function remove(root: Root, path: string): void {
  valueAt(root, path)
  const { container, key } = locate(root, path)
  if (Array.isArray(container)) container.splice(Number(key), 1)
  else delete container[key]
}

function put(root: Root, path: string, value: unknown, how: 'add' | 'replace'): void {
  const { container, key } = locate(root, path)
  if (!Array.isArray(container)) container[key] = value
  else if (key === '-') container.push(value)
  else container.splice(Number(key), how === 'replace' ? 1 : 0, value)
}

function valueAt(root: Root, path: string): unknown {
  const { container, key } = locate(root, path)
  const value = Array.isArray(container) ? container[Number(key)] : container[key]
  return value === undefined ? refuse(`the path ${path} does not exist`) : value
}

function locate(root: Root, path: string): { container: Container; key: string } {
  const keys = [
    'document',
    ...path
      .split('/')
      .slice(1)
      .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~')),
  ]
  let container: Container = root
  for (const key of keys.slice(0, -1)) {
    const next: unknown = Array.isArray(container) ? container[Number(key)] : container[key]
    if (typeof next !== 'object' || next === null) return refuse(`the path ${path} does not exist`)
    container = next as Container
  }
  return { container, key: keys.at(-1) ?? '' }
}

function refuse(message: string): never {
  throw new WireError(422, 'Invalid', `the server rejected our request due to an error in our request: ${message}`, { details: {} })
}
