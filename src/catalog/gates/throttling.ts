import { z } from 'zod'
import { formatDuration, MINUTE } from '../../model/instant.ts'
import type { Seen } from '../../model/seen.ts'
import type { Judgement } from '../../model/verdict.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import { ipamdSample } from './judging/ipamd-sample.ts'
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
    pass: 'For 3 min no call of Serin was throttled, no event of the resource controller or ipamd spoke of it, and no counter of ipamd on a sample of nodes, where Serin may `get` pods/proxy in kube-system.',
    fail: 'Never: going back needs the same calls.',
    unknown: 'It has gone on for 15 min without such a calm, or events cannot be read.',
  },
  options: z.strictObject({}),
  appliesTo: ['addon', 'control-plane', 'nodes'],
  cause: 'addon-or-networking',
  lasting: ({ seen }) => (eventsGap(seen) === undefined ? 'throttled' : undefined),
  source: 'https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html',
  metricsOf: (nodes) => Object.values(ipamdSample(nodes)).flat(),
  judge,
}

function eventsGap({ unavailable }: Seen): Seen['unavailable'][number] | undefined {
  return unavailable.find(({ source }) => source === 'kubernetes:events')
}

/** Whether the counters of ipamd spoke too. Events and own calls are enough to judge by: this only says what was not looked at. */
function countersSay(input: GateInput<unknown>): string {
  const asked = Object.values(ipamdSample(input)).flatMap((nodes) => nodes.flatMap(({ awsNode }) => awsNode?.metrics ?? []))
  const silent = asked.find((metrics) => 'unreadable' in metrics)
  if (silent === undefined || !('unreadable' in silent) || asked.some((metrics) => 'counts' in metrics)) return ''
  return ` by events and own calls; the counters of ipamd cannot be asked (${silent.unreadable})`
}

function judge(input: GateInput<unknown>): Judgement {
  const { seen, now, settledAt } = input
  const gap = eventsGap(seen)
  if (gap !== undefined)
    return { verdict: 'unknown', reason: `events cannot be read (${gap.reason}), so nobody knows whether AWS throttles`, evidence: [] }
  const last = seen.throttling
  if (last === undefined || now - last.lastAt >= CALM) {
    const since = last === undefined ? '' : ` since ${clockTime(last.lastAt)}`
    const reason = `no throttling was seen${since}${countersSay(input)}`
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
