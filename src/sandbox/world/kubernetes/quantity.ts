const SUFFIXES: Readonly<Record<string, number>> = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
}

/** A Kubernetes quantity (`100m`, `0.5`, `512Mi`) as a number of cores or bytes; 0 for what is not one. */
export function quantity(text: string | undefined): number {
  const match = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text ?? '')
  return match ? Number(match[1]) * (SUFFIXES[match[2] ?? ''] ?? 0) : 0
}

/**
 * A number, or a percentage of a total, as controllers scale it: `10%` of 25 is 3 when rounded up, 2 when rounded down.
 * Rule: GetScaledValueFromIntOrPercent in k8s.io/apimachinery/pkg/util/intstr.
 */
export function scaled(value: number | string, total: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value
  const share = (Number.parseInt(value, 10) * total) / 100
  return rounding === 'up' ? Math.ceil(share) : Math.floor(share)
}
