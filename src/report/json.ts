import type { PreflightResult } from '../model/finding.ts'
import { API_VERSION, type ClusterSnapshot } from '../model/snapshot.ts'
import { inReadingOrder, preflightExit } from './findings.ts'
import type { Origin } from './origin.ts'

/** A value as a JSON document that ends in a line break. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

/**
 * A snapshot as a JSON document, piece by piece: the objects of a large cluster are hundreds of megabytes as one text. Each stands
 * on a line of its own, so that two snapshots can be compared line by line.
 */
export function* snapshotPieces({ kubernetes, ...rest }: ClusterSnapshot): Generator<string> {
  const { items = [], ...others } = kubernetes
  yield JSON.stringify(rest, undefined, 2).replace(/\n}$/, ',\n  "kubernetes": {')
  for (const [name, value] of Object.entries(others))
    if (value !== undefined) yield `\n    ${JSON.stringify(name)}: ${JSON.stringify(value)},`
  yield '\n    "items": ['
  for (const [place, item] of items.entries()) yield `${place === 0 ? '' : ','}\n      ${JSON.stringify(item)}`
  yield '\n    ]\n  }\n}\n'
}

/** Findings for machines. Additive changes only. */
export function findingsJson(result: PreflightResult, origin: Origin): string {
  const findings = inReadingOrder(result.findings)
  return jsonText({ apiVersion: API_VERSION, kind: 'PreflightResult', ...origin, ...result, findings, exit: preflightExit(result) })
}
