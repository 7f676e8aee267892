import { describe, expect, it } from 'vitest'
import { type ConflictMode, threeWay } from '../../../src/sandbox/world/kubernetes/three-way.ts'

const container = (image: string, env: Record<string, string>, rest: object = {}) => ({
  containers: [{ name: 'aws-node', image, env: Object.entries(env).map(([name, value]) => ({ name, value })), ...rest }],
})
const merge = (mode: ConflictMode, last: unknown, live: unknown, wanted: unknown) => threeWay(last, live, wanted, () => mode)

const LAST = container('cni:1', { A: '1', OLD: 'x' })
const WANTED = container('cni:2', { A: '1', NEW: 'y' })

describe('a three-way merge', () => {
  it.each(['NONE', 'OVERWRITE', 'PRESERVE'] as const)('gives what is wanted, to the byte, where nobody changed anything (%s)', (mode) => {
    const { merged, conflicts } = merge(mode, LAST, structuredClone(LAST), WANTED)
    expect(JSON.stringify(merged)).toBe(JSON.stringify(WANTED))
    expect(conflicts).toEqual([])
  })

  it.each([
    {
      mode: 'NONE',
      image: 'mine:1',
      conflicts: ['.containers[name="aws-node"].image', '.containers[name="aws-node"].env[name="A"].value'],
      a: '7',
    },
    { mode: 'OVERWRITE', image: 'cni:2', conflicts: [], a: '1' },
    { mode: 'PRESERVE', image: 'mine:1', conflicts: [], a: '7' },
  ] as const)('decides about fields that somebody changed by $mode', ({ mode, image, conflicts, a }) => {
    const outcome = merge(mode, LAST, container('mine:1', { A: '7', OLD: 'x' }), WANTED)
    expect(outcome.conflicts).toEqual(conflicts)
    expect(outcome.merged).toEqual(container(image, { A: a, NEW: 'y' }))
  })

  it('keeps what others added, and what they changed of what is no longer wanted', () => {
    const live = container('cni:1', { A: '1', OLD: 'mine', EXTRA: 'z' }, { resources: { limits: { cpu: '1' } } })
    expect(merge('NONE', LAST, live, WANTED)).toEqual({
      merged: container('cni:2', { A: '1', NEW: 'y', OLD: 'mine', EXTRA: 'z' }, { resources: { limits: { cpu: '1' } } }),
      conflicts: [],
    })
  })

  it('takes a field that is already as wanted for no conflict, and sets again what somebody took away', () => {
    expect(merge('NONE', LAST, container('cni:2', { OLD: 'x' }), WANTED)).toEqual({ merged: WANTED, conflicts: [] })
  })

  it("sees everything as somebody else's when nothing was applied before", () => {
    expect(merge('NONE', undefined, LAST, WANTED).conflicts).toEqual(['.containers[name="aws-node"].image'])
  })

  it('takes a list without names for one value', () => {
    const outcome = merge('NONE', { args: ['a'] }, { args: ['b'] }, { args: ['c'] })
    expect(outcome).toEqual({ merged: { args: ['b'] }, conflicts: ['.args'] })
  })
})
