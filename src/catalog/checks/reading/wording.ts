/** `1 node`, `3 nodes`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

/** Names for a sentence: the first few, and how many more. */
export function names(all: readonly string[], most = 5): string {
  const shown = all.slice(0, most).join(', ')
  return all.length > most ? `${shown} and ${all.length - most} more` : shown
}
