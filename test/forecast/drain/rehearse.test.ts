import { describe, expect, it } from 'vitest'
import { type DrainCluster, readCluster } from '../../../src/forecast/drain/opening.ts'
import { SLOW, USUAL } from '../../../src/forecast/drain/pace.ts'
import { rehearseDrain, type Stage } from '../../../src/forecast/drain/rehearse.ts'
import type { GroupMove } from '../../../src/forecast/drain/rolling.ts'
import { MINUTE } from '../../../src/model/instant.ts'
import { NODEGROUP_LABEL, type Node, type Pod, type PodDisruptionBudget, type PodSpec } from '../../../src/model/kubernetes.ts'

/** Two groups of two nodes in two zones, room for ten pods of a core each; every change of a row comes on top. */
function aNode(
  group: string,
  index: number,
  over: { readonly labels?: Record<string, string>; readonly taints?: NonNullable<Node['spec']>['taints'] } = {},
): Node {
  const name = `${group}-${index}`
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: {
        [NODEGROUP_LABEL]: group,
        'topology.kubernetes.io/zone': index === 1 ? 'a' : 'b',
        'kubernetes.io/hostname': name,
        pool: group,
        ...over.labels,
      },
    },
    spec: { ...(over.taints && { taints: over.taints }) },
    status: { conditions: [{ type: 'Ready', status: 'True' }], allocatable: { cpu: '10', memory: '64Gi', pods: '29' } },
  }
}

const NODES = [aNode('old', 1), aNode('old', 2), aNode('rest', 1), aNode('rest', 2)]

function pods(app: string, nodes: readonly string[], spec: PodSpec = {}, kind = 'ReplicaSet', ready = 'True'): readonly Pod[] {
  return nodes.map((nodeName, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${app}-${index}`,
      namespace: 'shop',
      labels: { app },
      ownerReferences: [{ kind, name: app, controller: true }],
    },
    spec: { containers: [{ name: app, resources: { requests: { cpu: '1', memory: '1Gi' } } }], ...spec, nodeName },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] },
  }))
}

function budget(app: string, desired: number, healthy: number, spec: PodDisruptionBudget['spec'] = {}): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: app, namespace: 'shop' },
    spec: { selector: { matchLabels: { app } }, ...spec },
    status: { desiredHealthy: desired, currentHealthy: healthy },
  }
}

const cluster = (parts: Partial<DrainCluster>): DrainCluster => ({
  nodes: NODES,
  pods: [],
  budgets: [],
  replicaSets: [],
  groupOf: (node) => node.metadata.labels?.[NODEGROUP_LABEL],
  zonesOf: () => undefined,
  ...parts,
})

const move = (over: Partial<GroupMove> = {}): GroupMove => ({
  group: 'old',
  maxUnavailable: 1,
  surge: 0,
  updateStrategy: 'DEFAULT',
  zones: ['a', 'b'],
  ...over,
})

const rehearse = (parts: Partial<DrainCluster>, ...moves: readonly GroupMove[]) =>
  rehearseDrain(readCluster(cluster(parts)), (moves.length === 0 ? [move()] : moves).map(stage))

const stage = (one: GroupMove): Stage => ({ id: one.group, moves: [one], other: 0, gates: 0, soak: 0 })

const onOld = ['old-1', 'old-2']
const spread = {
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: 'kubernetes.io/hostname',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'web' } },
    },
  ],
}
const apart: PodSpec = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'web' } } },
      ],
    },
  },
}

describe('a drain, rehearsed', () => {
  it.each<{ title: string; parts: Partial<DrainCluster>; moves?: readonly GroupMove[]; blocked: readonly string[]; because?: string }>([
    { title: 'nothing guards the pods', parts: { pods: pods('web', onOld) }, blocked: [] },
    { title: 'a budget with one to spare', parts: { pods: pods('web', onOld), budgets: [budget('web', 1, 2)] }, blocked: [] },
    {
      title: 'a budget with none to spare',
      parts: { pods: pods('web', onOld), budgets: [budget('web', 2, 2)] },
      blocked: ['shop/web-0', 'shop/web-1'],
    },
    {
      title: 'one to spare, but the first pod finds no place, so the second is held',
      parts: { pods: pods('web', onOld, { nodeSelector: { pool: 'gone' } }), budgets: [budget('web', 1, 2)] },
      blocked: ['shop/web-1'],
      because: "node(s) didn't match Pod's node affinity/selector",
    },
    {
      title: 'no node is as large as they ask for',
      parts: {
        pods: pods('web', onOld, { containers: [{ name: 'web', resources: { requests: { cpu: '11' } } }] }),
        budgets: [budget('web', 1, 2)],
      },
      blocked: ['shop/web-1'],
      because: 'Insufficient cpu',
    },
    {
      title: 'the nodes that stay are full, but a replacement comes in time',
      parts: {
        pods: [
          ...pods('web', onOld),
          ...pods('full', ['rest-1', 'rest-2'], { containers: [{ name: 'f', resources: { requests: { cpu: '9500m' } } }] }),
        ],
        budgets: [budget('web', 1, 2)],
      },
      blocked: [],
    },
    {
      title: 'their own nodes were tainted after they came',
      parts: {
        nodes: [1, 2].map((index) => aNode('old', index, { taints: [{ key: 'gpu', effect: 'NoSchedule' }] })),
        pods: pods('web', onOld),
        budgets: [budget('web', 1, 2)],
      },
      blocked: ['shop/web-1'],
      because: 'untolerated taint',
    },
    {
      title: 'two budgets over one pod',
      parts: {
        pods: pods('web', ['old-1']),
        budgets: [budget('web', 0, 1), { ...budget('web', 0, 1), metadata: { name: 'too', namespace: 'shop' } }],
      },
      blocked: ['shop/web-0'],
    },
    {
      title: 'pods that never got to run, which no budget guards',
      parts: {
        pods: pods('web', onOld, {}, 'ReplicaSet', 'False').map((pod) => ({ ...pod, status: { ...pod.status, phase: 'Pending' } })),
        budgets: [budget('web', 2, 0)],
      },
      blocked: [],
    },
    {
      title: 'a volume in the zone that goes',
      parts: {
        pods: pods('db', ['old-1', 'rest-2'], {}, 'StatefulSet'),
        budgets: [budget('db', 1, 2)],
        nodes: [aNode('old', 1), aNode('rest', 2)],
        zonesOf: () => ['a'],
      },
      moves: [move(), move({ group: 'rest' })],
      blocked: [],
    },
    {
      title: 'pods that must stand apart, and no third node',
      parts: { nodes: [aNode('old', 1), aNode('rest', 1)], pods: pods('web', ['old-1', 'rest-1'], apart), budgets: [budget('web', 2, 2)] },
      blocked: ['shop/web-0'],
    },
    {
      title: 'an unready pod under a budget that stands',
      parts: { pods: [...pods('web', ['rest-1']), ...pods('web', ['old-1'], {}, 'ReplicaSet', 'False')], budgets: [budget('web', 1, 1)] },
      blocked: [],
    },
    {
      title: 'an unready pod under a budget that is short',
      parts: { pods: pods('web', ['old-1'], {}, 'ReplicaSet', 'False'), budgets: [budget('web', 1, 0)] },
      blocked: ['shop/web-0'],
    },
    {
      title: 'the same, with AlwaysAllow',
      parts: {
        pods: pods('web', ['old-1'], {}, 'ReplicaSet', 'False'),
        budgets: [budget('web', 1, 0, { unhealthyPodEvictionPolicy: 'AlwaysAllow' })],
      },
      blocked: [],
    },
  ])('$title', ({ parts, moves = [], blocked, because }) => {
    const { blockers } = rehearse(parts, ...moves)
    expect(blockers.map(({ pod }) => pod)).toEqual(blocked)
    if (because) expect(blockers[0]?.waiting.map((one) => one.because).join()).toContain(because)
  })

  it('names node, group, owner, budget, and when it comes to it', () => {
    const [blocker] = rehearse({ pods: pods('web', onOld), budgets: [budget('web', 2, 2)] }).blockers
    expect(blocker).toMatchObject({
      group: 'old',
      node: 'old-1',
      owner: 'ReplicaSet/shop/web',
      budgets: ['shop/web'],
      healthy: 2,
      desired: 2,
      minute: 16,
    })
  })

  it('finds what only the order makes: each group alone could be drained', () => {
    const special = { labels: { special: 'by hand' } }
    const parts = {
      nodes: [aNode('old', 1, special), aNode('old', 2), aNode('rest', 1, special), aNode('rest', 2)],
      pods: pods('web', ['old-1', 'rest-1'], { nodeSelector: { special: 'by hand' } }),
      budgets: [budget('web', 1, 2)],
    }
    expect(rehearse(parts, move()).blockers).toEqual([])
    expect(rehearse(parts, move({ group: 'rest' })).blockers).toEqual([])
    expect(rehearse(parts, move(), move({ group: 'rest' })).blockers).toMatchObject([
      { group: 'rest', node: 'rest-1', budgets: ['shop/web'] },
    ])
  })

  it('counts every eviction, also of pods that are moved twice', () => {
    const { disruptions } = rehearse({ pods: pods('web', onOld) }, move(), move({ group: 'rest' }))
    expect(disruptions).toEqual([{ owner: 'ReplicaSet/shop/web', evictions: expect.any(Number) }])
    expect(disruptions[0]?.evictions).toBeGreaterThan(2)
  })

  it('says which pods would find no place, and why', () => {
    const { unplaced, blockers } = rehearse({ pods: pods('web', onOld, { nodeSelector: { pool: 'gone' } }) })
    expect(blockers).toEqual([])
    expect(unplaced).toEqual([{ owner: 'ReplicaSet/shop/web', pods: 2, because: expect.stringContaining('node affinity/selector') }])
  })

  it('keeps a hard spread, counting every node of the topology', () => {
    const { blockers } = rehearse({ pods: pods('web', ['old-1', 'rest-1', 'rest-2'], spread), budgets: [budget('web', 2, 3)] })
    expect(blockers).toEqual([])
  })

  it.each([
    { title: 'two nodes at a time are faster than one', faster: move({ maxUnavailable: 2 }), slower: move() },
    { title: 'MINIMAL waits for every replacement', faster: move({ maxUnavailable: 1 }), slower: move({ updateStrategy: 'MINIMAL' }) },
    { title: 'a surge is paid for', faster: move(), slower: move({ surge: 2 }) },
  ])('$title', ({ faster, slower }) => {
    const parts = { pods: pods('web', onOld) }
    expect(rehearse(parts, faster).takes).toBeLessThan(rehearse(parts, slower).takes)
  })

  it('takes longer when everything is slow, and names the node that took longest', () => {
    const parts = cluster({ pods: pods('web', ['old-2'], { terminationGracePeriodSeconds: 600 }) })
    const usual = rehearseDrain(readCluster(parts), [stage(move())], { pace: USUAL })
    const slow = rehearseDrain(readCluster(parts), [stage(move())], { pace: SLOW })
    expect(slow.takes).toBeGreaterThan(usual.takes)
    expect(slow.stages[0]?.groups[0]?.drains).toContainEqual({ node: 'old-2', takes: 10 * MINUTE })
  })

  it('says the same twice, and leaves the snapshot as it was', () => {
    const parts = cluster({ pods: pods('web', onOld), budgets: [budget('web', 1, 2)] })
    const before = JSON.stringify(parts)
    expect(rehearseDrain(readCluster(parts), [stage(move())])).toEqual(rehearseDrain(readCluster(parts), [stage(move())]))
    expect(JSON.stringify(parts)).toBe(before)
  })
})
