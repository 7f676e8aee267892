import { expect, it } from 'vitest'
import { createApiServer } from '../../../src/sandbox/world/kubernetes/api/api-server.ts'
import { createBackends } from '../../../src/sandbox/world/kubernetes/api/webhook-backends.ts'
import { createGround } from '../../../src/sandbox/world/kubernetes/ground.ts'
import { createStore } from '../../../src/sandbox/world/kubernetes/store.ts'
import { createTimeline } from '../../../src/sandbox/world/timeline.ts'
import { fakeNetwork, NO_FAULTS, START } from './support.ts'

function aGround() {
  const timeline = createTimeline(START)
  const store = createStore(timeline, 7)
  const version = () => '1.33'
  const api = createApiServer({ timeline, store, seed: 7, backends: createBackends(NO_FAULTS) })
  return createGround({
    ...{ timeline, store, api, faults: NO_FAULTS, network: fakeNetwork(), seed: 7, region: 'eu-central-1' },
    ...{ kubernetesVersion: version, cniVersion: version },
  })
}

it('draws another name for a pod when a pod has the first one: five characters repeat among thousands', () => {
  const ground = aGround()
  const owner = ground.create({ apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'web-1', namespace: 'shop' } })
  const first = ground.podName(owner, () => 1)
  ground.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: first, namespace: 'shop' } })
  let drawn = 0
  const second = ground.podName(owner, () => ++drawn)
  expect(second).toMatch(/^web-1-[a-z0-9]{5}$/)
  expect(second).not.toBe(first)
  expect(drawn).toBe(2)
})
