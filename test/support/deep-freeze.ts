const FROZEN = new WeakSet<object>()

/** Freezes a value with all its parts, so that whoever changes it throws. What was frozen here before is not walked again. */
export function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || FROZEN.has(value)) return
  FROZEN.add(value)
  Object.freeze(value)
  for (const part of Object.values(value)) deepFreeze(part)
}
