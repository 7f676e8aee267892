import { DAY, HOUR, type Instant, MINUTE, SECOND } from '../../../model/instant.ts'

/** `10:02 UTC` */
export function clockTime(instant: Instant): string {
  return `${hoursAndMinutes(instant)} UTC`
}

/** `10:02:30 UTC`, for what is waited for. */
export function exactTime(instant: Instant): string {
  return `${hoursAndMinutes(instant)}:${two((instant % MINUTE) / SECOND)} UTC`
}

/** Without a date in between: every gate says of every node since when, at every turn. */
function hoursAndMinutes(instant: Instant): string {
  return `${two((instant % DAY) / HOUR)}:${two((instant % HOUR) / MINUTE)}`
}

function two(number: number): string {
  return String(Math.floor(number)).padStart(2, '0')
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
