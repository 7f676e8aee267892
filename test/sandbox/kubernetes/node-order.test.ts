import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { NodeAccount } from '../../../src/sandbox/world/kubernetes/node-account.ts'
import { zoneOf } from '../../../src/sandbox/world/kubernetes/node-account.ts'
import { RoomKeeper } from '../../../src/sandbox/world/kubernetes/node-accounts.ts'
import { newNode, READY } from '../../../src/sandbox/world/kubernetes/node-object.ts'
import { createNodeOrders } from '../../../src/sandbox/world/kubernetes/node-order.ts'
import { createStore } from '../../../src/sandbox/world/kubernetes/store.ts'
import { createTimeline } from '../../../src/sandbox/world/timeline.ts'
import { machine, START } from './support.ts'

const SPEC = { containers: [{ name: 'web', resources: { requests: { cpu: '400m' } } }] }
const OWNERS = ['web', 'api']
const SOFTLY = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } }

/** Nodes of three zones with room for a few pods each, and orders for the pods of two owners. */
function aWorld() {
  const store = createStore(createTimeline(START), 1)
  const accounts = new RoomKeeper(store)
  store.subscribe((event) => accounts.handle(event))
  const bestOf = createNodeOrders(accounts)
  const shape = accounts.shapeOf(SPEC)
  const fits = (account: NodeAccount) => account.cpu >= 400 && account.pods < account.slots
  let made = 0
  return {
    node: (n: number) => {
      const { nodeName } = machine(n)
      if (store.get('Node', undefined, nodeName) === undefined) store.create(newNode(machine(n), 'eu-central-1', READY, START))
      else store.remove('Node', undefined, nodeName)
    },
    cordon: (n: number) => {
      const { nodeName } = machine(n)
      if (store.get('Node', undefined, nodeName) === undefined) return
      const flipped = (spec: unknown) => !(spec as { unschedulable?: boolean }).unschedulable
      store.update('Node', undefined, nodeName, (node) => ({
        ...node,
        spec: { ...(node.spec as object), unschedulable: flipped(node.spec) },
      }))
    },
    place: (owner: string) => {
      const { refuses, liking, aversion } = zonesAndNeighbours(accounts)
      const node = bestOf('web', { owner, shape, fits, aversion }, { refuses, liking })
      const open = [...shape.open.values()].filter((account) => fits(account) && !refuses(account))
      expect(node?.node.metadata.name).toBe(bestByLookingAtAll(accounts, open, owner, (account) => liking(account) - aversion(account)))
      if (node === undefined) return
      const metadata = {
        name: `${owner}-${made++}`,
        namespace: 'shop',
        labels: { app: owner },
        ownerReferences: [{ kind: 'ReplicaSet', name: owner, uid: owner, controller: true }],
      }
      store.create({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { ...SPEC, nodeName: node.node.metadata.name } })
    },
    /** Marked for deletion: it still takes room, and counts no more for spreading. */
    mark: (n: number) => {
      const pods = store.list('Pod')
      const pod = pods[n % Math.max(1, pods.length)]
      const deletionTimestamp = '2026-09-29T20:00:00Z'
      if (pod) store.update('Pod', 'shop', pod.metadata.name, (now) => ({ ...now, metadata: { ...now.metadata, deletionTimestamp } }))
    },
    remove: (n: number) => {
      const pods = store.list('Pod')
      const pod = pods[n % Math.max(1, pods.length)]
      if (pod) store.remove('Pod', 'shop', pod.metadata.name)
    },
  }
}

/** A zone refuses while it has two pods more of one owner than another zone; who is near whom decides before anything else. */
function zonesAndNeighbours(accounts: RoomKeeper) {
  const near = accounts.terms.spread(SOFTLY, undefined, 'shop')
  const inZone = (account: NodeAccount): number => accounts.podsInZone('api', zoneOf(account.node))
  const fewest = Math.min(...[...accounts.all()].map(inZone))
  return {
    refuses: (account: NodeAccount) => inZone(account) - fewest > 2,
    liking: (account: NodeAccount) => (accounts.podsInZone('web', zoneOf(account.node)) > 3 ? 2 : 0),
    aversion: ({ node }: NodeAccount) => near.counts.get(node.metadata.labels?.[SOFTLY.topologyKey] ?? '') ?? 0,
  }
}

function bestByLookingAtAll(
  accounts: RoomKeeper,
  open: readonly NodeAccount[],
  owner: string,
  liking: (account: NodeAccount) => number,
): string | undefined {
  const rank = (account: NodeAccount) => [
    -liking(account),
    accounts.podsInZone(owner, zoneOf(account.node)),
    account.byOwner.get(owner) ?? 0,
    account.pods,
    account.node.metadata.name,
  ]
  const compare = (a: NodeAccount, b: NodeAccount): number => {
    const [left, right] = [rank(a), rank(b)]
    const at = left.findIndex((value, index) => value !== right[index])
    return at < 0 ? 0 : (left[at] ?? 0) < (right[at] ?? 0) ? -1 : 1
  }
  return open.toSorted(compare)[0]?.node.metadata.name
}

it('gives the node that a look at all of them gives, whatever came and went', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ does: fc.constant('place' as const), with: fc.constantFrom(...OWNERS) }) },
    { weight: 3, arbitrary: fc.record({ does: fc.constantFrom('remove' as const, 'mark' as const), with: fc.nat(40) }) },
    {
      weight: 1,
      arbitrary: fc.record({ does: fc.constantFrom('node' as const, 'cordon' as const), with: fc.integer({ min: 1, max: 9 }) }),
    },
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const world = aWorld()
      for (let n = 1; n <= 6; n++) world.node(n)
      for (const { does, with: subject } of steps) (world[does] as (subject: string | number) => void)(subject)
      for (const owner of OWNERS) world.place(owner)
    }),
  )
})
