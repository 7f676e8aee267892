import type { EksUpdate } from '../../model/aws.ts'
import type { Evidence } from '../../model/verdict.ts'

/** How an EKS update stands. Any status that is not known to be final counts as going on (API model: UpdateStatus). */
export function updateEnd(update: EksUpdate | undefined): 'going on' | 'successful' | 'failed' {
  if (update?.status === 'Successful') return 'successful'
  return update?.status === 'Failed' || update?.status === 'Cancelled' ? 'failed' : 'going on'
}

export function errorCodes(update: EksUpdate | undefined): readonly string[] {
  return (update?.errors ?? []).map((error) => error.errorCode ?? 'Unknown')
}

/** What the update itself says about its failure, one line an error. */
export function errorEvidence(update: EksUpdate | undefined): readonly Evidence[] {
  return (update?.errors ?? []).map((error) => ({
    subject: `Update/${update?.id ?? 'unknown'}`,
    says: [error.errorCode, error.errorMessage, error.resourceIds?.join(', ')].filter(Boolean).join(': '),
  }))
}
