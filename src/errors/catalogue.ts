/** Exit codes of the command line; frozen, a pipeline branches on them. */
export const EXIT = {
  ok: 0,
  defect: 1,
  usage: 2,
  blocked: 10,
  inconclusive: 11,
  rolledBack: 20,
  rollbackFailed: 21,
  failed: 22,
  partlyDone: 23,
  held: 30,
  deadline: 31,
  denied: 40,
  unavailable: 41,
  locked: 50,
  journal: 51,
  stale: 52,
  interrupted: 130,
  terminated: 143,
} as const

export type ExitName = keyof typeof EXIT
export type ExitCode = (typeof EXIT)[ExitName]

interface CatalogueRow {
  readonly title: string
  readonly remedy: string
  /** Whether the same call may succeed later. */
  readonly retryable: boolean
  readonly exit: ExitName
}

/** Every error Serin raises on purpose. Anything else is a defect. */
export const ERRORS = {
  PLAN_INVALID: {
    title: 'The plan is not valid',
    remedy: 'Mend the lines named above; `serin validate PLAN` checks again.',
    retryable: false,
    exit: 'usage',
  },
  FILE_UNREADABLE: {
    title: 'A file cannot be read or written',
    remedy: 'Check the path and its permissions.',
    retryable: false,
    exit: 'usage',
  },
  DOCUMENT_INVALID: {
    title: 'A document is not what it should be',
    remedy: 'Make it again with the command that writes it; `serin schema NAME` prints its format.',
    retryable: false,
    exit: 'usage',
  },
  USAGE: { title: 'The command line cannot be understood', remedy: 'See `serin --help`.', retryable: false, exit: 'usage' },
  SANDBOX_CLOCK: {
    title: 'A simulated clock was offered by something that is not the sandbox',
    remedy: 'Unset SERIN_SANDBOX_CLOCK, or run inside `serin sandbox`.',
    retryable: false,
    exit: 'usage',
  },
  WORLD_INVALID: { title: 'The world or scenario is not valid', remedy: 'Mend the lines named above.', retryable: false, exit: 'usage' },
  REMOTE_DENIED: {
    title: 'Access denied',
    remedy: '`serin permissions` prints the IAM policy and the ClusterRole that are needed.',
    retryable: false,
    exit: 'denied',
  },
  REMOTE_CREDENTIALS: {
    title: 'No usable credentials',
    remedy: 'Set AWS_PROFILE or AWS_ACCESS_KEY_ID, or renew the session (`aws sso login`).',
    retryable: false,
    exit: 'denied',
  },
  REMOTE_UNAVAILABLE: {
    title: 'An API could not be reached or gave no usable answer',
    remedy: 'Check the network path, proxy and service health, then try again.',
    retryable: true,
    exit: 'unavailable',
  },
  REMOTE_THROTTLED: {
    title: 'An API throttles',
    remedy: 'Wait, or lower what else calls this API in the account and Region.',
    retryable: true,
    exit: 'unavailable',
  },
  REMOTE_CONFLICT: {
    title: 'Another operation is in progress on this resource',
    remedy: 'Wait until it has ended; `aws eks list-updates --name CLUSTER` shows what works on the cluster.',
    retryable: true,
    exit: 'unavailable',
  },
  REMOTE_REFUSED: {
    title: 'An API refused the request',
    remedy: 'Read the message; the request is not valid for this cluster as it is.',
    retryable: false,
    exit: 'failed',
  },
  REMOTE_NOT_FOUND: {
    title: 'Not found',
    remedy: 'Check name, account and Region; `aws sts get-caller-identity` says whose credentials these are.',
    retryable: false,
    exit: 'failed',
  },
  REMOTE_MALFORMED: {
    title: 'An API answered something that cannot be its answer',
    remedy: 'A proxy or captive portal may be in between.',
    retryable: true,
    exit: 'unavailable',
  },
  RUN_LOCKED: { title: 'Another run holds the cluster', remedy: '`serin status` shows it.', retryable: false, exit: 'locked' },
  RUN_NOT_FOUND: {
    title: 'No such run',
    remedy: '`serin runs` lists the runs known here; give --cluster to ask the cluster.',
    retryable: false,
    exit: 'usage',
  },
  LEASE_LOST: {
    title: 'The Lease was taken over by another process',
    remedy: '`serin status` shows who holds it. What EKS does goes on by itself.',
    retryable: false,
    exit: 'locked',
  },
  JOURNAL_UNREADABLE: {
    title: 'The journal cannot be read',
    remedy: 'Keep the file; `serin resume` on another machine reads the record in the cluster.',
    retryable: false,
    exit: 'journal',
  },
  JOURNAL_OF_ANOTHER_PLAN: {
    title: 'The journal belongs to another plan',
    remedy: 'Resume with the plan the run began with, or end the run: `serin abandon`.',
    retryable: false,
    exit: 'journal',
  },
  STALE_ITINERARY: {
    title: 'The world moved since the itinerary was made',
    remedy: 'Plan again (`serin plan PLAN --out FILE`) and review the differences.',
    retryable: false,
    exit: 'stale',
  },
  NOT_POSSIBLE_NOW: {
    title: 'This cannot be done to the run as it stands',
    remedy: '`serin status` shows where the run stands and which doors are open.',
    retryable: false,
    exit: 'usage',
  },
} as const satisfies Record<string, CatalogueRow>

export type ErrorCode = keyof typeof ERRORS
