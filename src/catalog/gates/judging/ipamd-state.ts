import { saysThrottled } from '../../../model/events.ts'
import { formatDuration, MINUTE } from '../../../model/instant.ts'
import { failuresIn, type IpamdReading, refusalsIn, unansweredIn } from '../../../model/ipamd.ts'
import type { AwsNodeFacts } from '../../../model/seen.ts'
import type { Control } from './item.ts'
import { clockTime, count, exactTime } from './words.ts'

/** Between two looks at least so much time has to be. */
const LONG_ENOUGH = MINUTE
/** ipamd tries again every few seconds, so what lasts is refused more often than this between two looks. */
const FEW = 3
/** No address is left where the node is: going back needs the same ones. */
const SHORTAGE = /^(?:InsufficientFreeAddressesInSubnet|InsufficientCidrBlocks)$/

/** What ipamd's counters say of a node. `early`: not yet anything; `dropped`: it fails by itself, whatever EC2 says. */
export interface IpamdState {
  readonly kind: 'fine' | 'fails' | 'dropped' | 'shortage' | 'early' | 'unreadable'
  readonly says: string
}

/**
 * @param changed whether the run made the container that counts: interfaces that it has dropped since its start stay dropped, and the pods
 *   that had their addresses of them are cut off until they are made anew, however long ago that was
 */
export function ipamdState(metrics: AwsNodeFacts['metrics'], changed = false): IpamdState {
  if (metrics === undefined) return { kind: 'early', says: 'has not been asked for its metrics yet' }
  if ('unreadable' in metrics) return { kind: 'unreadable', says: `does not tell its metrics (${metrics.unreadable})` }
  const { at, counts, before } = metrics
  const dropped = changed ? (counts.droppedInterfaces ?? 0) : 0
  if (dropped > 0) return { kind: 'dropped', says: droppedWords(dropped, 'since it started') }
  const trouble = before && troubleIn(metrics, `within ${formatDuration(at - before.at)}`)
  if (trouble !== undefined) return trouble
  if (before !== undefined && at - before.at >= LONG_ENOUGH) return { kind: 'fine', says: wordsOf(metrics) }
  return { kind: 'early', says: `is watched since ${clockTime(before?.at ?? at)}, until ${exactTime((before?.at ?? at) + LONG_ENOUGH)}` }
}

/**
 * How an untouched node fares. One that asked nothing of EC2 between the two looks may be refused as well: it tells nothing, since
 * only new nodes and new pods make ipamd ask; what ipamd drops by itself needs no asking.
 * @param byItself whether changed nodes fail at that alone
 */
export function ipamdControl(metrics: AwsNodeFacts['metrics'], byItself = false): Control['state'] {
  const { kind } = ipamdState(metrics)
  if (kind === 'dropped') return 'fails'
  if (!byItself && (kind === 'fails' || kind === 'shortage')) return 'fails'
  const hasAsked = metrics !== undefined && 'counts' in metrics && grown(metrics, 'requests') > 0
  return kind !== 'early' && kind !== 'unreadable' && (byItself || hasAsked) ? 'fine' : 'unreadable'
}

function troubleIn(reading: IpamdReading, lately: string): IpamdState | undefined {
  const all = refusalsIn(reading)
  const refusals = all.filter(({ what }) => !saysThrottled(what))
  const short = refusals.find(({ what }) => SHORTAGE.test(what.split(' ')[1] ?? ''))
  if (short !== undefined) return { kind: 'shortage', says: refused(short, lately) }
  const dropped = grown(reading, 'droppedInterfaces')
  if (dropped > 0) return { kind: 'dropped', says: droppedWords(dropped, lately) }
  const often = most(refusals)
  if (often !== undefined) return { kind: 'fails', says: refused(often, lately) }
  const silent = most(unansweredIn(reading))
  if (silent !== undefined)
    return { kind: 'fails', says: `got no answer from EC2 to ${silent.what} ${count(silent.times, 'time')} ${lately}` }
  const unanswered = grown(reading, 'unanswered')
  if (unanswered > 0 && isDry(reading))
    return { kind: 'fails', says: `had no address for ${count(unanswered, 'request')} of pods ${lately}: ${wordsOf(reading)}` }
  // While EC2 throttles, whatever ipamd does for the pool fails with it: other gates judge that.
  const failing = all.length > refusals.length ? undefined : most(failuresIn(reading))
  return failing && { kind: 'fails', says: `failed at ${failing.what} ${count(failing.times, 'time')} ${lately}` }
}

/** What happened most often, and more than a few times. */
function most<T extends { readonly times: number }>(all: readonly T[]): T | undefined {
  return all.filter(({ times }) => times >= FEW).sort((a, b) => b.times - a.times)[0]
}

function droppedWords(dropped: number, when: string): string {
  return `dropped ${count(dropped, 'interface')} ${when} although pods had addresses of them`
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
