import { parser } from '@prometheus-io/lezer-promql'
import parse from 'parse-prometheus-text-format'

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: string
  readonly metrics: readonly { readonly value: string; readonly labels?: Readonly<Record<string, string>> }[]
}

/** What a scrape understands of the text, by metric. */
export function scraped(text: string): ReadonlyMap<string, Family> {
  return new Map((parse(text) as readonly Family[]).map((family) => [family.name, family]))
}

/** The value of a metric with these labels among its own. */
export function metricOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = families
    .get(name)
    ?.metrics.find((metric) => Object.entries(labels).every(([label, value]) => metric.labels?.[label] === value))
  return found === undefined ? undefined : Number(found.value.replace('+Inf', 'Infinity'))
}

/** Parts of a PromQL expression that the grammar of Prometheus itself does not understand, and the metrics that it names. */
export function promql(expression: string): { readonly errors: readonly string[]; readonly metrics: readonly string[] } {
  const errors: string[] = []
  const metrics: string[] = []
  parser.parse(expression).iterate({
    enter: ({ type, from, to }) => {
      if (type.isError) errors.push(`${from}: ${expression.slice(from, to + 10)}`)
      if (type.name === 'VectorSelector') metrics.push(expression.slice(from, to).replace(/[{[].*$/s, ''))
    },
  })
  return { errors, metrics }
}
