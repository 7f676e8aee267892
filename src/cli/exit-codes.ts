import type { ExitName } from '../errors/catalogue.ts'

/** What each exit code means and what to do then, in the order of the codes; docs/exit-codes.md is made from it. */
export const EXIT_MEANINGS: readonly { readonly name: ExitName; readonly when: string; readonly next: string }[] = [
  { name: 'ok', when: 'Done, or nothing blocking was found.', next: 'Nothing.' },
  {
    name: 'defect',
    when: 'Unexpected internal error; with `plan --detailed-exitcode` also a usage error.',
    next: 'Report it with what was printed.',
  },
  {
    name: 'usage',
    when: 'Bad flags or an invalid plan; with `plan --detailed-exitcode`: there are changes.',
    next: 'Mend what is named; `serin validate PLAN`.',
  },
  {
    name: 'blocked',
    when: 'Pre-flight has blocking findings, or `diagnose` found a cause; nothing was changed.',
    next: 'Mend or waive what is named; `serin preflight PLAN`.',
  },
  {
    name: 'inconclusive',
    when: 'Evidence for a blocking check could not be read, or `diagnose` found something wrong and no cause for it; nothing was changed.',
    next: 'Give the missing permission (`serin permissions --read`) or a waiver with `verdict: unknown`.',
  },
  {
    name: 'rolledBack',
    when: 'A gate failed and everything was taken back.',
    next: '`serin report` says why; mend the cause, plan again.',
  },
  {
    name: 'rollbackFailed',
    when: 'Taking it back failed: a person is needed now.',
    next: '`serin report` says what stands where and what to do by hand.',
  },
  { name: 'failed', when: 'Ended, not as intended and not taken back.', next: '`serin report` says what was changed; plan again.' },
  {
    name: 'partlyDone',
    when: 'The failed scope was taken back; what passed its gates stays.',
    next: '`serin report` lists both; mend the cause, plan again.',
  },
  { name: 'held', when: 'The run is open and a person decides.', next: '`serin resume`, `rollback`, `accept`, `approve` or `abandon`.' },
  { name: 'deadline', when: 'Window or time budget spent; the run is open at a safe point.', next: '`serin resume` in the next window.' },
  { name: 'denied', when: 'Credentials or permissions are missing.', next: '`serin permissions`.' },
  {
    name: 'unavailable',
    when: 'An API cannot be reached or throttles beyond the budget.',
    next: 'Try again; an open run goes on with `serin resume`.',
  },
  { name: 'locked', when: 'Another run holds the cluster.', next: '`serin status` says who, since when.' },
  {
    name: 'journal',
    when: 'The journal cannot be read, or the plan changed under the run.',
    next: '`serin resume` on another machine reads the record in the cluster.',
  },
  {
    name: 'stale',
    when: 'The world moved since the itinerary was made; nothing was changed.',
    next: 'Plan again and review the differences.',
  },
  { name: 'interrupted', when: 'Interrupted (SIGINT); the run stays open.', next: '`serin resume`.' },
  { name: 'terminated', when: 'Terminated (SIGTERM); the run stays open.', next: '`serin resume`.' },
]
