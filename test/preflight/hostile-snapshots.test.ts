import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { prepare } from '../../src/engine/prepare.ts'
import { isSerinError, type SerinError } from '../../src/errors/serin-error.ts'
import { parseSnapshot } from '../../src/report/documents.ts'
import { type } from '../support/fake-io.ts'
import { healthyPlan, healthySnapshot } from '../support/snapshot-builder.ts'

/** Files that somebody may give for a snapshot: each is refused with exit 2 and a reason, soon. */

const SNAPSHOT = healthySnapshot()
const HEALTHY = JSON.stringify(SNAPSHOT)
const asUtf8 = (bytes: Uint8Array) => Buffer.from(bytes).toString('utf8')
const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`
const withAws = (members: string) => HEALTHY.replace('"aws":{', `"aws":{${members},`)

function refusal(text: string): SerinError {
  try {
    parseSnapshot(text, 'snapshot.json')
  } catch (error) {
    if (isSerinError(error)) return error
    throw error
  }
  throw new Error('it was taken')
}

const said = (text: string): string => {
  const { code, message, details } = refusal(text)
  expect(code).toBe('DOCUMENT_INVALID')
  return [message, ...((details.problems as readonly string[] | undefined) ?? [])].join(' ')
}

describe('what is no snapshot', () => {
  it.each([
    ['an empty file', '', 'it is empty'],
    ['white space', '\n\n', 'it is empty'],
    ['half a file', HEALTHY.slice(0, HEALTHY.length / 2), 'it ends in the middle'],
    ['a compressed file', asUtf8(gzipSync(HEALTHY)), 'gunzip'],
    ['an image', asUtf8(Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 0xff, 0xfe])), 'not text in UTF-8'],
    ['a sign-in page', '<!DOCTYPE html><html><body>Please sign in</body></html>', 'HTML'],
    ['a plan', 'apiVersion: serin.dev/v1alpha1\nkind: UpgradePlan\n', 'not JSON'],
    ['a list of kubectl', '{"apiVersion":"v1","kind":"List","items":[]}', 'as kubectl prints it'],
    ['an itinerary', '{"apiVersion":"serin.dev/v1alpha1","kind":"Itinerary"}', 'kind'],
    ['a number', '7', 'the document'],
    ['nothing', 'null', 'the document'],
    ['a list', '[]', 'the document'],
    ['another version', HEALTHY.replace('serin.dev/v1alpha1', 'serin.dev/v9'), 'apiVersion'],
  ])('%s', (_, text, words) => expect(said(text)).toContain(words))
})

describe('what wants to do harm', () => {
  it.each([
    ['a member that is nested for ever', withAws(`"extra":${nested(100_000)}`), 'deeper than 100'],
    ['lists that are nested for ever', withAws(`"extra":{"tags":${'['.repeat(50_000)}${']'.repeat(50_000)}}`), 'deeper than 100'],
    ['a prototype', withAws('"extra":{"__proto__":{"status":"ACTIVE"}}'), '__proto__'],
    [
      'a prototype in an object of Kubernetes',
      HEALTHY.replace('"labels":{"kubernetes', '"labels":{"__proto__":{"a":"b"},"kubernetes'),
      '__proto__',
    ],
    ['a number without end', HEALTHY.replace(/"AvailableIpAddressCount":\d+/, '"AvailableIpAddressCount":1e999'), 'too large'],
    [
      'text for a number',
      HEALTHY.replace(/"AvailableIpAddressCount":\d+/, '"AvailableIpAddressCount":"many"'),
      'aws.subnets.0.AvailableIpAddressCount: expected a number, found text',
    ],
  ])('%s', (_, text, words) => expect(said(text)).toContain(words))

  it('the last of two members of one name counts, as everywhere with JSON', () => {
    expect(parseSnapshot(HEALTHY.replace('"kind":"ClusterSnapshot"', '"kind":"List","kind":"ClusterSnapshot"'), 'f').kind).toBe(
      'ClusterSnapshot',
    )
  })

  it('a mark of Windows before the text does no harm', () => {
    expect(parseSnapshot(`\uFEFF${HEALTHY}`, 'f')).toEqual(SNAPSHOT)
  })
})

type Path = readonly (string | number)[]

/** Every member of the healthy snapshot, once for each kind of place: of a list the first item stands for all. */
function membersOf(value: unknown, path: Path = []): readonly Path[] {
  if (typeof value !== 'object' || value === null) return []
  const steps = Array.isArray(value) ? oneOfEachKind(value) : Object.keys(value)
  return steps.flatMap((step) => [[...path, step], ...membersOf(Reflect.get(value, step), [...path, step])])
}

function oneOfEachKind(items: readonly unknown[]): readonly number[] {
  const kinds = Map.groupBy(items.keys(), (place) => (items[place] as { readonly kind?: unknown } | null)?.kind)
  return [...kinds.values()].flatMap(([first]) => first ?? [])
}

function replaced(value: unknown, [step, ...rest]: Path, by: unknown): unknown {
  if (step === undefined) return by
  const copy: object = Array.isArray(value) ? [...value] : { ...(value as object) }
  Reflect.set(copy, step, replaced(Reflect.get(copy, step), rest, by))
  return copy
}

describe('wrong types in every member', () => {
  const paths = membersOf(SNAPSHOT)
  const wrong: readonly (readonly [string, unknown])[] = [
    ['a number', 7],
    ['text', 'x'],
    ['an empty list', []],
    ['a list of nothing', [null]],
    ['an empty object', {}],
    ['nothing', null],
  ]

  it('has found members to spoil', () => expect(paths.length).toBeGreaterThan(300))

  /** What a spoilt snapshot makes of pre-flight, where it is neither refused nor judged. */
  function fallsOver(path: Path, by: unknown): readonly string[] {
    try {
      const text = JSON.stringify(replaced(SNAPSHOT, path, by))
      const { preflight } = prepare(healthyPlan(), parseSnapshot(text, 'snapshot.json'))
      return preflight.findings
        .filter(({ message }) => message.startsWith('The check itself failed'))
        .map(({ code, message }) => `${code}: ${message}`)
    } catch (error) {
      return isSerinError(error) ? [] : [String(error)]
    }
  }

  it('is refused, or judged without falling over it', () => {
    const fallen = paths.flatMap((path, place) => {
      const [title, by] = wrong[place % wrong.length] ?? ['', undefined]
      return fallsOver(path, by).map((how) => `${path.join('.')} as ${title}: ${how}`)
    })
    expect(fallen).toEqual([])
  })
})

describe('on the command line', () => {
  it('exits with 2 and says which file and why', async () => {
    const { exit, stderr } = await type(['preflight', 'plans/quickstart.yaml', '--snapshot', '/half.json'], {
      files: { '/half.json': HEALTHY.slice(0, 1000) },
    })
    expect(exit).toBe(2)
    expect(stderr).toContain('/half.json is not a snapshot: it ends in the middle')
  })
})
