import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { StoredObject } from '../../../src/sandbox/contract.ts'
import { createKindTable } from '../../../src/sandbox/world/kubernetes/kind-table.ts'

const object = (name: string, version: number): StoredObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, uid: name, resourceVersion: String(version), creationTimestamp: '' },
})

it('lists in the order of its keys, whatever came and went and whenever it was asked', () => {
  const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), does: fc.constantFrom('put', 'put', 'remove', 'list') })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const table = createKindTable()
      const model = new Map<string, StoredObject>()
      const expected = () => [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value)
      for (const [version, { key, does }] of steps.entries()) {
        if (does === 'list') expect(table.list()).toEqual(expected())
        if (does === 'remove') {
          table.remove(key)
          model.delete(key)
        }
        if (does === 'put') {
          table.put(key, object(key, version))
          model.set(key, object(key, version))
        }
      }
      expect(table.list()).toEqual(expected())
      expect(table.list()).toBe(table.list())
    }),
  )
})
