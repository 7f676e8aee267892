/** A Kubernetes minor version such as `1.33`. Never a float: 1.30 is not 1.3. */
export interface Minor {
  readonly major: number
  readonly minor: number
}

/** Reads `1.33`, `v1.33.5-eks-abc` or `1.33+`; undefined when the text does not start with a minor. */
export function parseMinor(text: string | undefined): Minor | undefined {
  const match = /^v?(\d+)\.(\d+)(?:[.+-]|$)/.exec(text ?? '')
  return match ? { major: Number(match[1]), minor: Number(match[2]) } : undefined
}

export function formatMinor(value: Minor): string {
  return `${value.major}.${value.minor}`
}

/** Negative when `a` is older than `b`, zero when equal, positive when newer. */
export function compareMinors(a: Minor, b: Minor): number {
  return a.major - b.major || a.minor - b.minor
}

/** How many minors `newer` is ahead of `older`; negative when it is behind. */
export function minorsAhead(newer: Minor, older: Minor): number {
  return (newer.major - older.major) * 1000 + (newer.minor - older.minor)
}
