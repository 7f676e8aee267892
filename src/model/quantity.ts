const UNITS: Readonly<Record<string, number>> = {
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

/**
 * A Kubernetes quantity such as `250m`, `1.5` or `128Mi` in its base unit: cores or bytes. Undefined for a text that is none.
 * Source: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function quantityOf(text: string | undefined): number | undefined {
  const parts = /^(\d+(?:\.\d+)?|\.\d+)(?:e(\d+)|(m|k|M|G|T|Ki|Mi|Gi|Ti))?$/.exec(text ?? '')
  if (parts === null) return undefined
  const [, number = '', exponent, unit = ''] = parts
  return Number(number) * (exponent === undefined ? (UNITS[unit] ?? 1) : 10 ** Number(exponent))
}
