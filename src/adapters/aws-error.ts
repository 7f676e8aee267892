import type { ErrorCode } from '../errors/catalogue.ts'
import { SerinError } from '../errors/serin-error.ts'
import { networkFailure, neverSent } from './network-error.ts'

/** The members that errors of the AWS SDK carry, as far as they are read here. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
  readonly $fault?: string
  readonly $response?: { readonly headers?: Readonly<Record<string, string>> }
}

/**
 * Names of AWS errors, first match wins. The wire code of Auto Scaling lacks the suffix `Fault` that the SDK adds.
 * Sources: common errors of each API reference, https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
const NAMES: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /^(Throttl\w+|RequestLimitExceeded|TooManyRequests\w*|RequestThrottled\w*|SlowDown|BandwidthLimitExceeded|EC2ThrottledException|PriorRequestNotComplete|ProvisionedThroughputExceededException)$/,
    'REMOTE_THROTTLED',
  ],
  [
    /^(ExpiredToken\w*|InvalidClientTokenId|UnrecognizedClientException|InvalidSignature\w*|SignatureDoesNotMatch|IncompleteSignature\w*|MissingAuthenticationToken\w*|RequestExpired|AuthFailure|\w*CredentialsProviderError|TokenProviderError)$/,
    'REMOTE_CREDENTIALS',
  ],
  [/^(AccessDenied\w*|UnauthorizedOperation|UnauthorizedException|OptInRequired|Blocked|PendingVerification)$/, 'REMOTE_DENIED'],
  [/^(ResourceInUse|ResourceContention|ScalingActivityInProgress|ResourcePropagationDelay)(Exception|Fault)?$/, 'REMOTE_CONFLICT'],
  [/(^(ResourceNotFound|NotFound|NoSuchResource)(Exception)?$|^ParameterNotFound$|\.NotFound$|\.NotFoundException$)/, 'REMOTE_NOT_FOUND'],
]

/**
 * Every error of an AWS call as a SerinError; what is none of AWS's or the network's is handed back as it is (a defect).
 * For a mutation `details.ambiguous` says that its effect may have happened: 5xx, unreadable answer, connection cut.
 */
export function awsError(error: unknown, operation: string, mutating: boolean): unknown {
  if (error instanceof SerinError) return mutating ? ambiguousIfMalformed(error) : error
  if (!(error instanceof Error)) return error
  const sdkError: SdkError = error
  const network = networkFailure(error)
  const status = sdkError.$metadata?.httpStatusCode
  const code = codeOf(sdkError, network, status)
  if (code === undefined) return error
  const lost = (code === 'REMOTE_UNAVAILABLE' || code === 'REMOTE_MALFORMED') && !(network !== undefined && neverSent(network))
  return new SerinError(
    code,
    messageOf(operation, sdkError, network),
    {
      operation,
      remoteCode: network ?? error.name,
      ...(status === undefined ? {} : { status }),
      ...(sdkError.$metadata?.requestId === undefined ? {} : { requestId: sdkError.$metadata.requestId }),
      ...(mutating && lost ? { ambiguous: true } : {}),
    },
    error,
  )
}

/** An answer that lacks what it must have: a wrong XML root, for example, parses as an empty success. */
export function malformed(operation: string, missing: string): SerinError {
  return new SerinError('REMOTE_MALFORMED', `${operation}: the answer has no ${missing}`, { operation })
}

/** A mutation that was answered with something unreadable was answered: it may well have happened. */
function ambiguousIfMalformed(error: SerinError): SerinError {
  if (error.code !== 'REMOTE_MALFORMED') return error
  return new SerinError(error.code, error.message, { ...error.details, ambiguous: true }, error.cause)
}

function codeOf(error: SdkError, network: string | undefined, status: number | undefined): ErrorCode | undefined {
  const named = NAMES.find(([pattern]) => pattern.test(error.name))?.[1]
  if (named !== undefined) return named
  if (network !== undefined && status === undefined) return 'REMOTE_UNAVAILABLE'
  if (status === undefined) return undefined
  if (status >= 500) return 'REMOTE_UNAVAILABLE'
  return isUnreadable(error) ? 'REMOTE_MALFORMED' : codeOfStatus(status)
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 429) return 'REMOTE_THROTTLED'
  if (status === 401) return 'REMOTE_CREDENTIALS'
  if (status === 403) return 'REMOTE_DENIED'
  if (status === 404) return 'REMOTE_NOT_FOUND'
  return status === 409 || status === 428 ? 'REMOTE_CONFLICT' : 'REMOTE_REFUSED'
}

/** HTML, or an answer the client could not parse: it then throws an error without `$fault`. */
function isUnreadable(error: SdkError): boolean {
  const type = Object.entries(error.$response?.headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? ''
  return type.includes('html') || error.$fault === undefined
}

function messageOf(operation: string, error: SdkError, network: string | undefined): string {
  const text = error.message.split('\n')[0] ?? ''
  if (network !== undefined) return `${operation}: no answer (${network}${text === '' ? '' : `: ${text}`})`
  return `${operation}: ${error.name}${text === '' ? '' : `: ${text}`}`
}
