import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { StoredObject } from '../../../src/sandbox/contract.ts'
import { createKindTable } from '../../../src/sandbox/world/kubernetes/kind-table.ts'

const object = (namespace: string, name: string, version: number): StoredObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, name, uid: name, resourceVersion: String(version), creationTimestamp: '' },
})

it('lists by namespace and name, whatever came and went and whenever it was asked', () => {
  const does = fc.constantFrom('put', 'put', 'remove', 'list')
  const step = fc.record({ namespace: fc.constantFrom('a', 'a-b', 'ab'), name: fc.constantFrom('a', 'b', 'c'), does })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const table = createKindTable()
      const model = new Map<string, StoredObject>()
      const sorted = (a: StoredObject, b: StoredObject) =>
        order(a.metadata.namespace, b.metadata.namespace) || order(a.metadata.name, b.metadata.name)
      const expected = () => [...model.values()].sort(sorted)
      for (const [version, { namespace, name, does }] of steps.entries()) {
        const key = `${namespace}/${name}`
        if (does === 'list') expect(table.list()).toEqual(expected())
        if (does === 'remove') {
          table.remove(object(namespace, name, version))
          model.delete(key)
        }
        if (does === 'put') {
          table.put(object(namespace, name, version))
          model.set(key, object(namespace, name, version))
        }
      }
      expect(table.list()).toEqual(expected())
      expect(table.list()).toBe(table.list())
    }),
  )
})

function order(a = '', b = ''): number {
  return a === b ? 0 : a < b ? -1 : 1
}
