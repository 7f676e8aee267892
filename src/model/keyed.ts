import { hash as digest } from 'node:crypto'

/**
 * Draws and ids that depend only on what they are for, never on how many were drawn before:
 * parallel requests cannot change a run.
 */

/** A number in [0, 1) for a key; the same parts give the same number. */
export function keyedRandom(...parts: readonly (string | number)[]): number {
  return Number.parseInt(hash(parts).slice(0, 12), 16) / 2 ** 48
}

/** `length` hexadecimal digits (at most 64) for a key. */
export function keyedId(length: number, ...parts: readonly (string | number)[]): string {
  return hash(parts).slice(0, length)
}

/** A version-4-shaped UUID for a key, for idempotency tokens and update ids. */
export function keyedUuid(...parts: readonly (string | number)[]): string {
  const hex = keyedId(32, ...parts)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

function hash(parts: readonly (string | number)[]): string {
  return digest('sha256', parts.join('\u0000'))
}
