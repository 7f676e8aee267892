import { expect } from 'vitest'
import type { CheckDefinition, CheckInput } from '../../src/catalog/checks/definition.ts'
import { runCheck } from '../../src/preflight/run-check.ts'
import { inputOf, type Situation } from './situation.ts'

/** Two situations that differ in one field: in one the check fires, in its twin it has nothing to say. */
export interface NearMiss {
  readonly check: CheckDefinition
  /** What the field is, `a kubelet four minors behind, not three`. */
  readonly title: string
  readonly fires: Situation
  /** By default the healthy cluster. */
  readonly silent?: Situation
}

/** Both verdicts, and that one field alone makes the difference between them. */
export function expectNearMiss({ check, fires, silent = {} }: NearMiss): void {
  const [one, other] = [inputOf(fires), inputOf(silent)]
  const fields = differences(given(one, fires), given(other, silent))
  expect(fields, 'the two situations differ in exactly one field').toHaveLength(1)
  const told = runCheck(check, one)
  expect(
    told.map(({ verdict }) => verdict),
    told.map(({ message }) => message).join('\n'),
  ).toSatisfy(fired)
  const quiet = runCheck(check, other).filter(({ verdict }) => verdict !== 'pass')
  expect(quiet, `silent in the twin that differs in ${fields[0]}`).toEqual([])
}

/** What is given: an intent that follows from plan and snapshot is not. */
function given({ intent, ...rest }: CheckInput, situation: Situation): Partial<CheckInput> {
  return situation.intent === 'resolved' ? rest : { ...rest, intent }
}

const fired = (verdicts: readonly string[]) => verdicts.includes('block') || verdicts.includes('warn')

/** Paths of the leaves in which two values differ; a member that is absent differs in every leaf of the other's. */
export function differences(one: unknown, other: unknown, path = ''): readonly string[] {
  if (Object.is(one, other)) return []
  if (!isContainer(one) && !isContainer(other)) return [path]
  const keys = new Set([...keysOf(one), ...keysOf(other)])
  if (keys.size === 0) return isContainer(one) === isContainer(other) ? [] : [path]
  return [...keys].flatMap((key) => differences(member(one, key), member(other, key), `${path}.${key}`))
}

const isContainer = (value: unknown): value is object => typeof value === 'object' && value !== null
const keysOf = (value: unknown) => (isContainer(value) ? Object.keys(value) : [])
const member = (value: unknown, key: string): unknown => (isContainer(value) ? Reflect.get(value, key) : undefined)
