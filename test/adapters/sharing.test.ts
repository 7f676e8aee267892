import { describe, expect, it } from 'vitest'
import { createSharing } from '../../src/adapters/kubernetes/sharing.ts'
import type { Pod } from '../../src/model/kubernetes.ts'

/** A pod as it comes from the wire: nothing of it is held by anybody else. */
function pod(name: string, owner?: string, image = 'web:1'): Pod {
  return JSON.parse(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace: 'shop',
        labels: { app: 'web' },
        ownerReferences:
          owner === undefined ? undefined : [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner, controller: true }],
      },
      spec: { nodeName: `node-of-${name}`, tolerations: [{ operator: 'Exists' }], containers: [{ name: 'web', image, resources: {} }] },
      status: { phase: 'Running', podIP: `ip-of-${name}` },
    }),
  )
}

describe('pods as they were read', () => {
  it.each<[string, Pod, Pod]>([
    ['of one owner', pod('a', 'x'), pod('b', 'x')],
    ['of one owner whose template changed', pod('a', 'x'), pod('b', 'x', 'web:2')],
    ['of two owners', pod('a', 'x'), pod('b', 'y')],
    ['without an owner', pod('a'), pod('b')],
    ['that are one and the same twice', pod('a', 'x'), pod('a', 'x')],
  ])('say what they said: %s', (_title, first, second) => {
    const share = createSharing()
    const said = JSON.stringify([first, second])
    expect(JSON.stringify([share(first), share(second)])).toBe(said)
  })

  it('have equal parts in common when one owner made them, and nothing else', () => {
    const share = createSharing()
    const [first, second, changed, other] = [pod('a', 'x'), pod('b', 'x'), pod('c', 'x', 'web:2'), pod('d', 'y')].map(share)
    expect(second?.spec?.containers).toBe(first?.spec?.containers)
    expect(second?.metadata.labels).toBe(first?.metadata.labels)
    expect(second?.status).not.toBe(first?.status)
    expect(changed?.spec?.containers).not.toBe(first?.spec?.containers)
    expect(changed?.spec?.tolerations).toBe(first?.spec?.tolerations)
    expect(other?.spec?.containers).not.toBe(first?.spec?.containers)
  })

  it('do not change under those who hold frozen ones', () => {
    const share = createSharing()
    const first = share(pod('a', 'x'))
    const held = Object.freeze({ ...pod('b', 'x'), spec: Object.freeze({ ...pod('b', 'x').spec }) })
    const said = JSON.stringify(held)
    share(held)
    expect(JSON.stringify(held)).toBe(said)
    expect(held.spec?.containers).not.toBe(first.spec?.containers)
  })
})
