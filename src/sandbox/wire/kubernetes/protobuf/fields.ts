/** Reads the wire format of protobuf, and the envelope in which Kubernetes clients send it. */

/** A field's values in order: numbers as they are, everything with a length as bytes. */
export type Fields = ReadonlyMap<number, readonly (Buffer | bigint)[]>

const MAGIC = Buffer.from('k8s\u0000')

export interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  readonly object: Buffer
}

/** `k8s\0` and an envelope {1: {1: apiVersion, 2: kind}, 2: object}; undefined when the bytes are none. */
export function readEnvelope(body: Buffer): Envelope | undefined {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  const fields = fieldsOf(body.subarray(MAGIC.length))
  const type = fieldsOf(bytesAt(fields, 1))
  return { apiVersion: bytesAt(type, 1).toString(), kind: bytesAt(type, 2).toString(), object: bytesAt(fields, 2) }
}

/** The fields of a message by number; those of 32 and 64 fixed bits, which no object of Kubernetes has here, are skipped. */
export function fieldsOf(message: Buffer): Fields {
  const fields = new Map<number, (Buffer | bigint)[]>()
  let at = 0
  while (at < message.length) {
    const tag = varint(message, at)
    const { value, next } = fieldAt(message, tag.next, Number(tag.value & 7n))
    const number = Number(tag.value >> 3n)
    if (value !== undefined) fields.set(number, [...(fields.get(number) ?? []), value])
    at = next
  }
  return fields
}

function fieldAt(message: Buffer, at: number, wireType: number): { value?: Buffer | bigint; next: number } {
  if (wireType === 0) return varint(message, at)
  if (wireType === 1) return { next: at + 8 }
  if (wireType === 5) return { next: at + 4 }
  const length = varint(message, at)
  const end = length.next + Number(length.value)
  return { value: message.subarray(length.next, end), next: end }
}

function varint(message: Buffer, from: number): { value: bigint; next: number } {
  let value = 0n
  for (let at = from, shift = 0n; at < message.length; at++, shift += 7n) {
    const byte = message[at] ?? 0
    value |= BigInt(byte & 127) << shift
    if (byte < 128) return { value, next: at + 1 }
  }
  return { value, next: message.length }
}

/** The last value of a field as bytes, empty when it is absent. */
export function bytesAt(fields: Fields, number: number): Buffer {
  const value = fields.get(number)?.at(-1)
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0)
}

/** The last value of a field as a number (two's complement), 0 when it is absent. */
export function numberAt(fields: Fields, number: number): number {
  const value = fields.get(number)?.at(-1)
  return typeof value === 'bigint' ? signed(value) : 0
}

export function signed(value: bigint): number {
  return Number(BigInt.asIntN(64, value))
}

/** Writes a message of fields with a length. */
export function message(...fields: readonly (readonly [number: number, value: Buffer | string])[]): Buffer {
  const parts = fields.flatMap(([number, value]) => {
    const bytes = Buffer.from(value as string)
    return [written(number * 8 + 2), written(bytes.length), bytes]
  })
  return Buffer.concat(parts)
}

function written(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128)
  return Buffer.from([...bytes, rest])
}
