import { expect, it } from 'vitest'
import { type LabelSelector, selectorMatches } from '../../src/model/kubernetes.ts'

it.each<{ title: string; selector: LabelSelector | undefined; matches: boolean }>([
  { title: 'none matches nothing', selector: undefined, matches: false },
  { title: 'an empty one matches everything', selector: {}, matches: true },
  { title: 'one with empty members matches everything', selector: { matchLabels: {}, matchExpressions: [] }, matches: true },
  { title: 'a label that is there', selector: { matchLabels: { app: 'web' } }, matches: true },
  { title: 'a label with another value', selector: { matchLabels: { app: 'db' } }, matches: false },
  {
    title: 'all must hold',
    selector: { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] },
    matches: false,
  },
])('a label selector: $title', ({ selector, matches }) => {
  expect(selectorMatches(selector, { app: 'web' })).toBe(matches)
})
