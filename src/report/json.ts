import type { PreflightResult } from '../model/finding.ts'
import { API_VERSION } from '../model/snapshot.ts'
import { preflightExit } from './findings.ts'
import type { Origin } from './origin.ts'

/** A value as a JSON document that ends in a line break. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}

/** Findings for machines. Additive changes only. */
export function findingsJson(result: PreflightResult, origin: Origin): string {
  return jsonText({ apiVersion: API_VERSION, kind: 'PreflightResult', ...origin, ...result, exit: preflightExit(result) })
}
