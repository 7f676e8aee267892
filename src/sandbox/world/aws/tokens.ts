import { canonicalJson } from '../../../model/canonical-json.ts'
import { type Input, textOf } from './answers.ts'
import { invalidRequest } from './eks-errors.ts'

/** What calls with a clientRequestToken made, so that the same call again answers with it. */
export interface Tokens<T> {
  /** Undefined for a call without a token, or with one that is new for the subject. Throws 400 when it came with another request before. */
  recall(subject: string, input: Input): T | undefined
  keep(subject: string, input: Input, made: T): void
}

export function createTokens<T>(): Tokens<T> {
  const kept = new Map<string, { readonly made: T; readonly asked: string }>()
  const keyOf = (subject: string, token: string) => `${subject}\u0000${token}`
  return {
    recall(subject, input) {
      const token = textOf(input, 'clientRequestToken')
      const known = token === undefined ? undefined : kept.get(keyOf(subject, token))
      if (known === undefined || known.asked === canonicalJson(input)) return known?.made
      throw invalidRequest('The clientRequestToken was used before with other parameters.')
    },
    keep(subject, input, made) {
      const token = textOf(input, 'clientRequestToken')
      if (token !== undefined) kept.set(keyOf(subject, token), { made, asked: canonicalJson(input) })
    },
  }
}
