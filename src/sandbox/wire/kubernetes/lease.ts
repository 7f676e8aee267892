import type { Body } from './request.ts'
import { recordAt } from './request.ts'
import { fail } from './status.ts'

const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/

/** The API server reads the times of a Lease with exactly six fractional digits. Throws StatusError 400 for any other. */
export function assertLeaseTimes(body: Body): void {
  const spec = recordAt(body, 'spec')
  for (const member of ['acquireTime', 'renewTime']) {
    const time = spec[member]
    if (time === undefined || time === null || (typeof time === 'string' && MICRO_TIME.test(time))) continue
    const because = `parsing time ${JSON.stringify(time)} as "2006-01-02T15:04:05.000000Z07:00": cannot parse ${JSON.stringify(time)} as ".000000"`
    fail(400, 'BadRequest', `Lease in version "v1" cannot be handled as a Lease: ${because}`)
  }
}
