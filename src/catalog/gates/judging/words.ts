import { type Instant, iso } from '../../../model/instant.ts'

/** `10:02 UTC` */
export function clockTime(instant: Instant): string {
  return `${iso(instant).slice(11, 16)} UTC`
}

/** `10:02:30 UTC`, for what is waited for. */
export function exactTime(instant: Instant): string {
  return `${iso(instant).slice(11, 19)} UTC`
}

/** `1 node`, `3 nodes` */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

const NAMED = 5

/** `a, b and c`; beyond five names the rest is counted. */
export function names(list: readonly string[]): string {
  const shown = list.length > NAMED + 1 ? [...list.slice(0, NAMED), `${list.length - NAMED} more`] : list
  return shown.length < 2 ? shown.join('') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`
}
