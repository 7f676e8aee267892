import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/model/instant.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { changed, filesOf, linesOf, problemsIn } from './plan-text.ts'

/** The use of an input, in quotes. */
const input = (name: string) => `"\${inputs.${name}}"`

const BASE = `inputs:
  name: { type: string }
  soak: { type: duration, default: 5m }
  batch: { type: integer, default: 1 }
  ask: { type: boolean, default: false }
  conflicts: { type: enum, values: [PRESERVE, OVERWRITE], default: PRESERVE }
${changed('name: shop,', `name: ${input('name')},`)
  .replace('soak: 5m', `soak: ${input('soak')}`)
  .replace('gates: cni }', `gates: cni, resolveConflicts: ${input('conflicts')} }`)
  .replace('gates: node }', `gates: node, batch: ${input('batch')}, approval: ${input('ask')} }`)}`

const files = (own: string, base = BASE) => ({ 'plans/base.yaml': base, 'plans/clusters/own.yaml': own })
const load = (own: string) => loadPlan(filesOf(files(own)), 'plans/clusters/own.yaml')
const problems = (own: string, base = BASE) =>
  problemsIn(files(own, base), 'plans/clusters/own.yaml').map((each) => `${each.file}:${linesOf([each]).join('')}`)

describe('inputs', () => {
  it('fill whole scalars with typed values', () => {
    const { plan } = load('base: ../base.yaml\ninputs: { name: pay, soak: 6h, batch: 2, ask: true, conflicts: OVERWRITE }\n')
    expect(plan.cluster.name).toBe('pay')
    expect(plan.canary?.soak).toBe(360 * MINUTE)
    expect(plan.waves[0]).toMatchObject({ batch: 2, approval: {} })
    expect(plan.target.addons[0]?.resolveConflicts).toBe('OVERWRITE')
  })

  it('have defaults', () => {
    const { plan } = load('base: ../base.yaml\ninputs: { name: pay }\n')
    expect(plan.canary?.soak).toBe(5 * MINUTE)
    expect(plan.waves[0]).toMatchObject({ batch: 1, approval: false })
  })

  it.each([
    {
      title: 'a required one that is not given',
      own: 'base: ../base.yaml\ninputs: { batch: 2 }\n',
      says: 'plans/clusters/own.yaml:2:9 inputs.name: Input `name` has no value. Give it under `inputs`: `name: …`.',
    },
    {
      title: 'one that nobody declared',
      own: 'base: ../base.yaml\ninputs: { name: pay, soka: 5m }\n',
      says: 'plans/clusters/own.yaml:2:22 inputs.soka: There is no input `soka`. Did you mean `soak`? Inputs that exist: name, soak, batch, ask, conflicts.',
    },
    {
      title: 'a duration that is none',
      own: 'base: ../base.yaml\ninputs: { name: pay, soak: later }\n',
      says: 'plans/clusters/own.yaml:2:28 inputs.soak: `later` is not a duration. For example `15m` or `1h30m`.',
    },
    {
      title: 'text where a number belongs',
      own: 'base: ../base.yaml\ninputs: { name: pay, batch: "2" }\n',
      says: 'plans/clusters/own.yaml:2:29 inputs.batch: `2` is not a whole number. Write digits without quotes.',
    },
    {
      title: 'text where true or false belongs',
      own: 'base: ../base.yaml\ninputs: { name: pay, ask: sure }\n',
      says: 'plans/clusters/own.yaml:2:27 inputs.ask: `sure` is neither true nor false. Write `true` or `false`.',
    },
    {
      title: 'a value that an enum does not have',
      own: 'base: ../base.yaml\ninputs: { name: pay, conflicts: NONE }\n',
      says: 'plans/clusters/own.yaml:2:33 inputs.conflicts: `NONE` is not one of the values of this input. Write one of PRESERVE, OVERWRITE.',
    },
    {
      title: 'a value that the plan refuses, where it was given',
      own: 'base: ../base.yaml\ninputs: { name: "p a y" }\n',
      says: 'plans/clusters/own.yaml:2:17 cluster.name: `p a y` is not an EKS cluster name. Letters, digits, `-` and `_`, at most 100.',
    },
  ])('are refused: $title', ({ own, says }) => {
    expect(problems(own)).toEqual([says])
  })

  it.each([
    { title: 'mixed with text', use: `"\${inputs.name}-1"`, says: 'mixes text and input' },
    { title: 'not declared', use: `${input('other')}`, says: 'There is no input `other`' },
    { title: 'an expression', use: `"\${env.HOME}"`, says: 'mixes text and input' },
  ])('cannot be used when $title', ({ use, says }) => {
    const found = problemsIn({
      'plan.yaml': changed('name: shop,', `name: ${use},`).concat('inputs: { name: { type: string, default: x } }\n'),
    })
    expect(found.map((each) => [each.line, each.column, each.path])).toEqual([[4, 18, 'cluster.name']])
    expect(found[0]?.message).toContain(says)
  })

  it('are checked in a plan that declares them for itself', () => {
    const text = changed('name: shop,', `name: ${input('name')},`)
    expect(problemsIn({ 'plan.yaml': `${text}inputs: { name: { type: string, default: shop } }\n` })).toEqual([])
    expect(linesOf(problemsIn({ 'plan.yaml': `${text}inputs: { name: { type: text } }\n` }))).toEqual([
      '17:25 inputs.name.type: `text` is not one of the values allowed here. Write one of `string`, `integer`, `duration`, `boolean`, `enum`.',
    ])
    expect(linesOf(problemsIn({ 'plan.yaml': `${text}inputs: { name: { type: string } }\n` }))).toEqual([
      '17:11 inputs.name: Input `name` has no value. Give it a `default`, or use this file as the `base` of a plan that gives it.',
    ])
  })
})

describe('a base', () => {
  it('merges maps by key, replaces lists, and loses what is null', () => {
    const { plan } = load(
      [
        'base: ../base.yaml',
        'inputs: { name: pay }',
        'cluster: { region: eu-west-1 }',
        'gates: { cni: [aws-node] }',
        'canary: null',
        'waves:',
        '  - { name: all, nodeGroups: ["*"] }',
      ].join('\n'),
    )
    expect(plan.cluster).toEqual({ name: 'pay', region: 'eu-west-1', accountId: '111122223333' })
    expect(plan.target.addons[0]?.gates.map((gate) => gate.kind)).toEqual(['aws-node'])
    expect(plan.canary).toBeUndefined()
    expect(plan.waves.map((wave) => wave.name)).toEqual(['all'])
  })

  it('is where a mistake of its own is shown', () => {
    const broken = BASE.replace('images: latest', 'images: newest')
    expect(problems('base: ../base.yaml\ninputs: { name: pay }\n', broken)[0]).toMatch(/^plans\/base\.yaml:13:11 target\.images/)
  })

  it('and its plan point each to its own file', () => {
    const found = problems(
      'base: ../base.yaml\ninputs: { name: pay }\ncanary: { soak: soon }\n',
      BASE.replace('images: latest', 'images: newest'),
    )
    expect(found.map((each) => each.split(' ')[0])).toEqual(['plans/clusters/own.yaml:3:17', 'plans/base.yaml:13:11'])
  })

  it.each([
    {
      title: 'has a base of its own',
      base: `base: other.yaml\n${BASE}`,
      says: 'plans/base.yaml:1:1 base: A base cannot have a base of its own.',
    },
    { title: 'is not YAML', base: 'a: "', says: 'plans/base.yaml:1:4 : This quote is never closed.' },
    { title: 'is not a map', base: '- a', says: 'plans/base.yaml:1:1 : A plan is a map of keys.' },
  ])('is refused when it $title', ({ base, says }) => {
    expect(problems('base: ../base.yaml\ninputs: { name: pay }\n', base)[0]).toContain(says)
  })

  it('must be there', () => {
    const found = problems('base: ../nowhere.yaml\n')
    expect(found[0]).toMatch(/^plans\/clusters\/own\.yaml:1:7 base: The base plans\/nowhere\.yaml cannot be read: ENOENT/)
  })
})
