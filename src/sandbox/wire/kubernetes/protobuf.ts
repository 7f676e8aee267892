/** Reads what kubectl sends as `application/vnd.kubernetes.protobuf`: `k8s\0` and an envelope {1: {1: apiVersion, 2: kind}, 2: object}. */

type Fields = ReadonlyMap<number, readonly Buffer[]>

const MAGIC = Buffer.from('k8s\u0000')

export interface Envelope {
  readonly kind: string
  readonly object: Buffer
}

/** Undefined when the bytes are no such envelope. */
export function readEnvelope(body: Buffer): Envelope | undefined {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) return undefined
  const fields = fieldsOf(body.subarray(MAGIC.length))
  return { kind: textAt(fieldsOf(bytesAt(fields, 1)), 2), object: bytesAt(fields, 2) }
}

/** The length-delimited fields of a message; numbers are skipped. */
export function fieldsOf(message: Buffer): Fields {
  const fields = new Map<number, Buffer[]>()
  let at = 0
  while (at < message.length) {
    const tag = varint(message, at)
    const { bytes, next } = fieldAt(message, tag.next, tag.value & 7)
    const number = tag.value >>> 3
    if (bytes !== undefined) fields.set(number, [...(fields.get(number) ?? []), bytes])
    at = next
  }
  return fields
}

function fieldAt(message: Buffer, at: number, wireType: number): { bytes?: Buffer; next: number } {
  if (wireType === 0) return { next: varint(message, at).next }
  if (wireType === 1) return { next: at + 8 }
  if (wireType === 5) return { next: at + 4 }
  const length = varint(message, at)
  return { bytes: message.subarray(length.next, length.next + length.value), next: length.next + length.value }
}

function varint(message: Buffer, from: number): { value: number; next: number } {
  let value = 0
  for (let at = from, factor = 1; at < message.length; at++, factor *= 128) {
    const byte = message[at] ?? 0
    value += (byte & 127) * factor
    if (byte < 128) return { value, next: at + 1 }
  }
  return { value, next: message.length }
}

export function bytesAt(fields: Fields, number: number): Buffer {
  return fields.get(number)?.[0] ?? Buffer.alloc(0)
}

export function textAt(fields: Fields, number: number): string {
  return bytesAt(fields, number).toString()
}
