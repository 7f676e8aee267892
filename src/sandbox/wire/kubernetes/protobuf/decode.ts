import { iso } from '../../../../model/instant.ts'
import { bytesAt, type Envelope, type Fields, fieldsOf, numberAt, signed } from './fields.ts'
import { MESSAGES } from './messages.ts'

interface Field {
  readonly name: string
  readonly number: number
  /** Told even when it is empty: a pointer, or a member without `omitempty`. */
  readonly kept: boolean
  readonly type: string
}

type Json = Record<string, unknown>

const read = new Map<string, readonly Field[] | undefined>()

/** The JSON of an object that came as protobuf, or undefined for a kind whose messages are not in the table. */
export function decoded({ apiVersion, kind, object }: Envelope): Json | undefined {
  if (fieldsFor(kind) === undefined) return undefined
  return { kind, apiVersion, ...messageOf(kind, object) }
}

function fieldsFor(message: string): readonly Field[] | undefined {
  if (!read.has(message)) read.set(message, parsed(message))
  return read.get(message)
}

function parsed(message: string): readonly Field[] | undefined {
  const start = `${message}: `
  const line = MESSAGES.find((text) => text.startsWith(start))
  return line
    ?.slice(start.length)
    .split(', ')
    .map((text) => {
      const [name = '', number = '', type = 'string'] = text.split(' ')
      return { name, number: Number.parseInt(number, 10), kept: number.endsWith('!'), type }
    })
}

/** What the server's own decoding leaves out stays out: fields it does not know, and empty ones that Go would omit. */
function messageOf(message: string, bytes: Buffer): Json {
  const present = fieldsOf(bytes)
  const result: Json = {}
  for (const field of fieldsFor(message) ?? []) {
    const values = present.get(field.number)
    if (values === undefined) continue
    const value = memberOf(field, values)
    if (field.name === '*') Object.assign(result, value)
    else if (value !== undefined && (field.kept || !isOmitted(field.type, value))) result[field.name] = value
  }
  return result
}

function isOmitted(type: string, value: unknown): boolean {
  return ['string', 'n', 'b'].includes(type) && (value === '' || value === 0 || value === false)
}

function memberOf({ type }: Field, values: readonly (Buffer | bigint)[]): unknown {
  if (type.startsWith('[]')) return values.map((value) => plainOf(type.slice(2), value))
  if (type.startsWith('{}')) return Object.fromEntries(values.map((value) => entryOf(type.slice(2), value)))
  const last = values.at(-1)
  return last === undefined ? undefined : plainOf(type, last)
}

function entryOf(type: string, value: Buffer | bigint): [string, unknown] {
  const entry = Buffer.isBuffer(value) ? fieldsOf(value) : new Map()
  return [bytesAt(entry, 1).toString(), plainOf(type, bytesAt(entry, 2))]
}

function plainOf(type: string, value: Buffer | bigint): unknown {
  if (typeof value === 'bigint') return type === 'b' ? value !== 0n : signed(value)
  if (type === '' || type === 'string') return value.toString()
  if (type === 'y') return value.toString('base64')
  const special = SPECIAL[type]
  return special === undefined ? messageOf(type, value) : special(fieldsOf(value))
}

/** Messages whose JSON is not an object. Sources: apimachinery, meta/v1/time.go, api/resource/quantity.go, util/intstr/intstr.go. */
const SPECIAL: Readonly<Record<string, (fields: Fields) => unknown>> = {
  '@time': (fields) => (fields.has(1) ? iso(numberAt(fields, 1) * 1000).replace('.000Z', 'Z') : undefined),
  '@quantity': (fields) => bytesAt(fields, 1).toString(),
  '@intstr': (fields) => (numberAt(fields, 1) === 0 ? numberAt(fields, 2) : bytesAt(fields, 3).toString()),
  '@items': (fields) => (fields.get(1) ?? []).map(String),
}
