import { z } from 'zod'
import { formatDuration, MINUTE } from '../../model/instant.ts'
import type { Judgement } from '../../model/verdict.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import { clockTime, exactTime } from './judging/words.ts'

/** The next batch begins after so long without throttling. */
const CALM = 3 * MINUTE
/** Throttling that goes on so long does not end by waiting. */
const TOO_LONG = 15 * MINUTE

export const throttling: GateDefinition = {
  kind: 'throttling',
  summary:
    'No AWS or Kubernetes call is throttled before more nodes are started. Also without this gate throttling lowers the pace: nothing begins for two minutes, then half as much at once.',
  rule: {
    pass: 'For 3 min no call of Serin was throttled, no event of the resource controller or ipamd spoke of it, and no counter of ipamd that ipamd-metrics reads.',
    fail: 'Never: going back needs the same calls.',
    unknown: 'It has gone on for 15 min without such a calm, or events cannot be read.',
  },
  options: z.strictObject({}),
  appliesTo: ['addon', 'control-plane', 'nodes'],
  cause: 'addon-or-networking',
  lasting: 'throttled',
  source: 'https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html',
  judge,
}

function judge({ seen, now, settledAt }: GateInput<unknown>): Judgement {
  const gap = seen.unavailable.find(({ source }) => source === 'kubernetes:events')
  if (gap !== undefined)
    return { verdict: 'unknown', reason: `events cannot be read (${gap.reason}), so nobody knows whether AWS throttles`, evidence: [] }
  const last = seen.throttling
  if (last === undefined || now - last.lastAt >= CALM) {
    const reason = last === undefined ? 'no throttling was seen' : `no throttling was seen since ${clockTime(last.lastAt)}`
    return { verdict: settledAt === undefined ? 'pending' : 'pass', reason, evidence: [] }
  }
  const evidence = [{ subject: 'Throttling', says: last.says }]
  const lasting = last.lastAt - last.since
  if (lasting >= TOO_LONG)
    return { verdict: 'unknown', reason: `throttling goes on for ${formatDuration(lasting)}: ${last.says}`, evidence }
  return {
    verdict: 'pending',
    reason: `throttled at ${clockTime(last.lastAt)} (${last.says}); it has to be calm until ${exactTime(last.lastAt + CALM)}`,
    evidence,
  }
}
