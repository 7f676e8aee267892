import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSerinError } from '../../src/errors/serin-error.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { changed, filesOf, HEALTHY, linesOf, problemsIn } from './plan-text.ts'

const MEGABYTE = 1_048_576
const deep = (levels: number) => Array.from({ length: levels }, (_, level) => `${' '.repeat(level)}a:`).join('\n')

/** Ten levels of ten aliases each: ten thousand million values when written out. */
const BOMB = [
  'a0: &a0 [x, x]',
  ...Array.from({ length: 10 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array.from({ length: 10 }, () => `*a${n}`).join(', ')}]`),
].join('\n')

describe('hostile YAML', () => {
  it.each([
    { title: 'an alias bomb', text: BOMB, says: 'expands to more than 20000 values' },
    { title: 'a file of more than 1 MiB', text: `${HEALTHY}# ${'x'.repeat(MEGABYTE)}`, says: 'larger than 1 MiB' },
    { title: 'a million commas', text: `[${','.repeat(MEGABYTE - 2)}`, says: 'more than 100000 YAML tokens' },
    { title: 'many open brackets', text: '['.repeat(50_000), says: 'nested too deeply' },
    { title: 'many dashes', text: '- '.repeat(20_000), says: 'nested too deeply' },
    { title: 'deep maps', text: deep(200), says: 'nested too deeply' },
    {
      title: 'an open quote',
      text: `${HEALTHY}window: "open`,
      says: 'This quote is never closed',
    },
    { title: 'a tab for a space', text: changed('  images', '\timages'), says: 'A tab stands where YAML wants spaces' },
    { title: 'two documents', text: `${HEALTHY}---\n${HEALTHY}`, says: 'A second document begins here' },
    { title: 'bytes that were not UTF-8', text: changed('shop-1-33', 'shop\uFFFD'), says: 'not text in UTF-8' },
    { title: 'zero bytes', text: '\0'.repeat(1000), says: 'not text in UTF-8' },
    { title: 'a circle of aliases', text: changed('[canary]', '&a [*a]'), says: 'contains itself' },
    { title: 'an alias of nothing', text: changed('[canary]', '*nodes'), says: '&nodes' },
    { title: 'a tag', text: changed('images: latest', 'images: !!binary latest'), says: 'tags' },
    {
      title: 'a duplicate key',
      text: changed('  images: latest', '  images: latest\n  images: keep'),
      says: 'stands twice in this map, first on line 7',
    },
    { title: 'a list as a key', text: `? [a, b]\n: c\n`, says: 'A key must be a plain word' },
    { title: 'nothing', text: '\n \n', says: 'The file is empty' },
    { title: 'a single word', text: 'hello', says: 'A plan is a map of keys' },
  ])('gets an error, soon: $title', ({ text, says }) => {
    const began = performance.now()
    const found = problemsIn({ 'plan.yaml': text })
    expect(linesOf(found).join('\n')).toContain(says)
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  it('is told of at its place', () => {
    expect(linesOf(problemsIn({ 'plan.yaml': 'a: 1\nb: "open\n' }))[0]).toMatch(/^2:4 : This quote is never closed/)
    expect(linesOf(problemsIn({ 'plan.yaml': 'a: 1\na: 2\n' }))[0]).toMatch(/^2:1 a: `a` stands twice/)
  })

  it('lists at most a hundred mistakes, and says how many more there are', () => {
    const text = `${HEALTHY}${Array.from({ length: 150 }, (_, n) => `k${n}: 1`).join('\n')}\n`
    const error = caught(() => loadPlan(filesOf({ 'plan.yaml': text }), 'plan.yaml'))
    expect(isSerinError(error, 'PLAN_INVALID') && error.details.problems?.length).toBe(101)
    expect(isSerinError(error) && error.details.problems?.at(-1)).toBe('… and 50 more')
    expect(isSerinError(error) && error.message).toBe('plan.yaml has 150 mistakes')
  })

  it('that cannot be read at all is another error', () => {
    const error = caught(() => loadPlan(filesOf({}), 'plan.yaml'))
    expect(isSerinError(error, 'FILE_UNREADABLE') && error.cause).toBeInstanceOf(Error)
  })
})

describe('any text', () => {
  const words = [
    'apiVersion',
    'serin.dev/v1alpha1',
    'waves',
    'canary',
    'nodeGroups',
    'gates',
    'base',
    'inputs',
    'null',
    '*',
    '&a',
    '*a',
    `\${inputs.x}`,
    '__proto__',
    '1.33',
    '5m',
    '"',
    "'",
    '|',
    '>',
    '!!set',
    '<<',
    '%',
    '@',
  ]
  const line = fc.tuple(
    fc.nat(3),
    fc.constantFrom('', '- ', '? ', ': '),
    fc.constantFrom(...words),
    fc.constantFrom(': ', ' ', '\n', ', '),
    fc.constantFrom(...words),
  )
  const yamlish = fc
    .array(line, { maxLength: 20 })
    .map((lines) => lines.map(([indent, mark, a, b, c]) => `${'  '.repeat(indent)}${mark}${a}${b}${c}`).join('\n'))
  /** A healthy plan with a random piece cut out and something else put in. */
  const mutated = fc
    .tuple(fc.nat(HEALTHY.length), fc.nat(40), fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom(...words)))
    .map(([at, length, piece]) => HEALTHY.slice(0, at) + piece + HEALTHY.slice(at + length))

  it.each([
    { title: 'of any characters', texts: fc.string({ unit: 'binary', maxLength: 400 }) },
    { title: 'that looks like YAML', texts: yamlish },
    { title: 'that nearly is a plan', texts: mutated },
  ])('$title loads or gives a SerinError with its mistakes', ({ texts }) => {
    fc.assert(
      fc.property(texts, (text) => {
        const began = performance.now()
        const error = caught(() => loadPlan(filesOf({ 'plan.yaml': text }), 'plan.yaml'))
        expect(performance.now() - began).toBeLessThan(2_000)
        if (error === undefined) return
        expect(isSerinError(error, 'PLAN_INVALID'), String(error)).toBe(true)
        expect(isSerinError(error) && error.details.problems?.length).toBeGreaterThan(0)
      }),
      { numRuns: 300, seed: 20261123 },
    )
  })
})

function caught(action: () => unknown): unknown {
  try {
    action()
    return undefined
  } catch (error) {
    return error
  }
}
