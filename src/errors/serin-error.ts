import type { PlanProblem } from '../model/plan.ts'
import { ERRORS, type ErrorCode, EXIT, type ExitCode } from './catalogue.ts'

export interface ErrorDetails {
  /** What was asked, `eks:UpdateNodegroupVersion` or `kubernetes:GET /api/v1/nodes`. */
  readonly operation?: string
  /** The code the API itself gave, `ResourceInUseException`. */
  readonly remoteCode?: string
  readonly status?: number
  readonly requestId?: string
  /** The effect of a mutation may have happened although no good answer came. */
  readonly ambiguous?: boolean
  /** Overrides the catalogue's remedy where a better one is known. */
  readonly remedy?: string
  /** Further lines, each a problem of its own (all mistakes of a plan). */
  readonly problems?: readonly string[]
  /** The same mistakes as data, for JSON output. */
  readonly located?: readonly PlanProblem[]
}

/** The one error class. `code` is stable, the message is for people, `cause` is what was caught. */
export class SerinError extends Error {
  override readonly name = 'SerinError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.details = details
  }

  get title(): string {
    return ERRORS[this.code].title
  }

  get remedy(): string {
    return this.details.remedy ?? ERRORS[this.code].remedy
  }

  get exit(): ExitCode {
    return EXIT[ERRORS[this.code].exit]
  }
}

/** Whether something caught is a SerinError with one of the codes (any, when none is named). */
export function isSerinError(error: unknown, ...codes: readonly ErrorCode[]): error is SerinError {
  return error instanceof SerinError && (codes.length === 0 || codes.includes(error.code))
}
