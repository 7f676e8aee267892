import { WireError } from '../../../contract.ts'
import type { FieldProblem } from './api-errors.ts'
import { invalidValue, notSupported, required } from './api-errors.ts'
import { parseExpression } from './match-expression.ts'
import type { NewObject } from './requests.ts'

type Spec = Record<string, unknown>
type Check = (webhook: Spec, at: string) => readonly FieldProblem[]

/**
 * What is wrong with the webhooks of a configuration. Throws WireError 501 for a match condition beyond what is understood.
 * Source: k8s.io/kubernetes, pkg/apis/admissionregistration/validation.
 */
export function webhookProblems({ webhooks }: NewObject): readonly FieldProblem[] {
  const all = Array.isArray(webhooks) ? (webhooks as readonly Spec[]) : []
  for (const { matchConditions = [] } of all)
    for (const { expression } of matchConditions as readonly { expression: string }[]) requireUnderstood(expression)
  return all.flatMap((webhook, index) => CHECKS.flatMap((check) => check(webhook, `webhooks[${index}]`)))
}

function requireUnderstood(expression: string): void {
  if (parseExpression(expression) !== undefined) return
  throw new WireError(501, 'NotImplemented', `the sandbox does not understand the match condition ${expression}`)
}

const CHECKS: readonly Check[] = [
  ({ name }, at) => {
    if (String(name ?? '').split('.').length >= 3) return []
    return [invalidValue(`${at}.name`, name, 'should be a domain with at least three segments separated by dots')]
  },
  ({ clientConfig }, at) =>
    clientConfig === undefined ? [required(`${at}.clientConfig`, 'exactly one of url or service is required')] : [],
  ({ admissionReviewVersions: versions }, at) => {
    if (!Array.isArray(versions) || versions.length === 0)
      return [required(`${at}.admissionReviewVersions`, 'must specify one of v1, v1beta1')]
    return versions.some((version) => version === 'v1' || version === 'v1beta1')
      ? []
      : [invalidValue(`${at}.admissionReviewVersions`, versions, 'must include at least one of v1, v1beta1')]
  },
  ({ sideEffects }, at) => {
    if (sideEffects === undefined) return [required(`${at}.sideEffects`, 'must specify one of None, NoneOnDryRun')]
    return sideEffects === 'None' || sideEffects === 'NoneOnDryRun'
      ? []
      : [notSupported(`${at}.sideEffects`, sideEffects, ['None', 'NoneOnDryRun'])]
  },
  ({ timeoutSeconds: seconds }, at) => {
    if (typeof seconds !== 'number' || (seconds >= 1 && seconds <= 30)) return []
    return [invalidValue(`${at}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds')]
  },
]
