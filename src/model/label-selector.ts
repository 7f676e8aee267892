import { type LabelSelector, selectorMatches } from './kubernetes.ts'

/** Selectors by their text; undefined for what is none. */
const known = new Map<string, LabelSelector | undefined>()

/** `role=db,zone in (a, b)`: a selector as `kubectl -l` takes it, or undefined where it is none. Rule: labels.Parse of k8s.io/apimachinery. */
export function parseLabelSelector(text: string): LabelSelector | undefined {
  if (!known.has(text)) known.set(text, parsed(text))
  return known.get(text)
}

/** Whether labels satisfy a selector that has been found to be one. */
export function labelsMatch(selector: string, labels: Readonly<Record<string, string>> = {}): boolean {
  return selectorMatches(parseLabelSelector(selector), labels)
}

type Expression = NonNullable<LabelSelector['matchExpressions']>[number]

function parsed(text: string): LabelSelector | undefined {
  // Commas in brackets stand between values.
  const terms = text.split(/,(?![^(]*\))/).map((term) => expressionOf(term.trim()))
  return terms.includes(undefined) ? undefined : { matchExpressions: terms as readonly Expression[] }
}

const KEY = String.raw`(?:[a-zA-Z0-9][-.\w]*\/)?[a-zA-Z0-9](?:[-.\w]*[a-zA-Z0-9])?`
const VALUE = String.raw`(?:[a-zA-Z0-9](?:[-.\w]*[a-zA-Z0-9])?)?`
const TERM = new RegExp(
  `^(?:(!?)(${KEY})|(${KEY})\\s*(==?|!=)\\s*(${VALUE})|(${KEY})\\s+(in|notin)\\s*\\((\\s*${VALUE}\\s*(?:,\\s*${VALUE}\\s*)*)\\))$`,
)

function expressionOf(term: string): Expression | undefined {
  const found = TERM.exec(term)
  if (found === null) return undefined
  const [, not, alone, key, sign, value = '', listedKey = '', word, values = ''] = found
  if (alone !== undefined) return { key: alone, operator: not === '!' ? 'DoesNotExist' : 'Exists' }
  if (key !== undefined) return { key, operator: sign === '!=' ? 'NotIn' : 'In', values: [value] }
  return { key: listedKey, operator: word === 'in' ? 'In' : 'NotIn', values: values.split(',').map((each) => each.trim()) }
}
