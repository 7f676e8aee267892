import { nearest } from '../model/nearest.ts'

/** The nearest of some names as the start of a remedy, with a space after it; nothing when none is near. */
export function didYouMean(word: string, names: readonly string[]): string {
  const close = nearest(word, names)
  return close ? `Did you mean \`${close}\`? ` : ''
}
