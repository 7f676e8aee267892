import { saysThrottled } from '../../../model/events.ts'
import { formatDuration, MINUTE } from '../../../model/instant.ts'
import { type IpamdReading, refusalsIn } from '../../../model/ipamd.ts'
import type { AwsNodeFacts } from '../../../model/seen.ts'
import type { Control } from './item.ts'
import { clockTime, count, exactTime } from './words.ts'

/** Between two looks at least so much time has to be. */
const LONG_ENOUGH = MINUTE
/** ipamd tries again every few seconds, so what lasts is refused more often than this between two looks. */
const FEW = 3
/** No address is left where the node is: going back needs the same ones. */
const SHORTAGE = /^(?:InsufficientFreeAddressesInSubnet|InsufficientCidrBlocks)$/

/** What ipamd's counters say of a node. `early`: not yet anything. */
export interface IpamdState {
  readonly kind: 'fine' | 'fails' | 'shortage' | 'early' | 'unreadable'
  readonly says: string
}

export function ipamdState(metrics: AwsNodeFacts['metrics']): IpamdState {
  if (metrics === undefined) return { kind: 'early', says: 'has not been asked for its metrics yet' }
  if ('unreadable' in metrics) return { kind: 'unreadable', says: `does not tell its metrics (${metrics.unreadable})` }
  const { at, before } = metrics
  const trouble = before && troubleIn(metrics, `within ${formatDuration(at - before.at)}`)
  if (trouble !== undefined) return trouble
  if (before !== undefined && at - before.at >= LONG_ENOUGH) return { kind: 'fine', says: wordsOf(metrics) }
  return { kind: 'early', says: `is watched since ${clockTime(before?.at ?? at)}, until ${exactTime((before?.at ?? at) + LONG_ENOUGH)}` }
}

/**
 * How an untouched node fares. One that asked nothing of EC2 between the two looks may be refused as well: it tells nothing, since
 * only new nodes and new pods make ipamd ask.
 */
export function ipamdControl(metrics: AwsNodeFacts['metrics']): Control['state'] {
  const { kind } = ipamdState(metrics)
  if (kind === 'fails' || kind === 'shortage') return 'fails'
  const hasAsked = metrics !== undefined && 'counts' in metrics && grown(metrics, 'requests') > 0
  return kind === 'fine' && hasAsked ? 'fine' : 'unreadable'
}

function troubleIn(reading: IpamdReading, lately: string): IpamdState | undefined {
  const refusals = refusalsIn(reading).filter(({ what }) => !saysThrottled(what))
  const short = refusals.find(({ what }) => SHORTAGE.test(what.split(' ')[1] ?? ''))
  if (short !== undefined) return { kind: 'shortage', says: refused(short, lately) }
  const dropped = grown(reading, 'droppedInterfaces')
  if (dropped > 0) return { kind: 'fails', says: `dropped ${count(dropped, 'interface')} ${lately} although pods had addresses of them` }
  const [often] = refusals.filter(({ times }) => times >= FEW).sort((a, b) => b.times - a.times)
  if (often !== undefined) return { kind: 'fails', says: refused(often, lately) }
  const unanswered = grown(reading, 'unanswered')
  if (unanswered === 0 || !isDry(reading)) return undefined
  return { kind: 'fails', says: `had no address for ${count(unanswered, 'request')} of pods ${lately}: ${wordsOf(reading)}` }
}

function refused({ what, times }: { readonly what: string; readonly times: number }, lately: string): string {
  const [action, code] = what.split(' ')
  return `was refused ${action} by EC2 ${count(times, 'time')} ${lately} (${code})`
}

function grown({ counts, before }: IpamdReading, name: 'unanswered' | 'droppedInterfaces' | 'requests'): number {
  return (counts[name] ?? 0) - (before?.counts[name] ?? 0)
}

function isDry({ counts: { total = 0, assigned = 0 } }: IpamdReading): boolean {
  return assigned >= total
}

function wordsOf({ counts: { total, assigned } }: IpamdReading): string {
  return total === undefined || assigned === undefined
    ? 'counts nothing that speaks of trouble'
    : `${assigned} of ${total} addresses are in use`
}
