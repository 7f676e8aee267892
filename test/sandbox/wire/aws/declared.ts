import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Shape } from '../../../../src/sandbox/wire/aws/schema.ts'

/** What a client's types say of the members of one structure: whether it must be there, and which values it may have. */
interface DeclaredMember {
  readonly required: boolean
  readonly values?: ReadonlySet<string>
}

export type Declared = ReadonlyMap<string, ReadonlyMap<string, DeclaredMember>>

const INTERFACE = /^export interface (\w+)(?: extends (\w+))? \{$([\s\S]*?)^\}$/gm
const MEMBER = /^ {4}(\w+)(\??): (.+);$/gm

/**
 * Reads the declarations that an SDK client ships. Its runtime schemas know neither enums nor, for most structures, what is required;
 * its types do.
 */
export function declarationsOf(client: string): Promise<Declared> {
  const kept = read.get(client) ?? readDeclarations(client)
  read.set(client, kept)
  return kept
}

const read = new Map<string, Promise<Declared>>()

async function readDeclarations(client: string): Promise<Declared> {
  const exports = (await import(client)) as Readonly<Record<string, unknown>>
  const folder = join(dirname(fileURLToPath(import.meta.resolve(client))), '../dist-types/models')
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'))
  const declared = new Map<string, ReadonlyMap<string, DeclaredMember>>()
  for (const [, name = '', , body = ''] of texts.join('\n').matchAll(INTERFACE)) {
    const members = [...body.matchAll(MEMBER)].map(([, member = '', optional, type = '']): [string, DeclaredMember] => {
      const values = valuesOf(exports, type)
      return [member, { required: optional === '', ...(values === undefined ? {} : { values }) }]
    })
    declared.set(name, new Map(members))
  }
  return declared
}

/** The values of the enum that a type names, if it names one: `LifecycleState | undefined`, `Category[] | undefined`. */
function valuesOf(exports: Readonly<Record<string, unknown>>, type: string): ReadonlySet<string> | undefined {
  const [, name = ''] = /^(\w+)(?:\[\])?(?: \| undefined)?$/.exec(type) ?? []
  const found = exports[name]
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return undefined
  return new Set(Object.values(found).map(String))
}

/** Members that are missing and values that no enum has, as `path: reason`. */
export function breaches(declared: Declared, shape: Shape, value: unknown, path = '$'): readonly string[] {
  if (value === undefined || value === null) return []
  if (shape.kind === 'list' && Array.isArray(value))
    return value.flatMap((item, at) => breaches(declared, shape.element().shape, item, `${path}[${at}]`))
  if (shape.kind !== 'structure') return []
  const record = value as Readonly<Record<string, unknown>>
  const members = declared.get(shape.name) ?? new Map<string, DeclaredMember>()
  const own = [...members].flatMap(([name, member]) => memberBreaches(member, record[name], `${path}.${name}`))
  return [...own, ...shape.members().flatMap(({ name, shape: inner }) => breaches(declared, inner, record[name], `${path}.${name}`))]
}

function memberBreaches({ required, values }: DeclaredMember, value: unknown, path: string): readonly string[] {
  if (value === undefined) return required ? [`${path}: required`] : []
  const given = Array.isArray(value) ? value : [value]
  return values === undefined ? [] : given.filter((each) => !values.has(String(each))).map((each) => `${path}: no such value ${each}`)
}
