import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changesBetween } from '../../../src/engine/facts/changes.ts'
import { type ClusterObjects, createFactsIndex } from '../../../src/engine/facts/facts-index.ts'
import {
  aNodeObject,
  anAwsNodePod,
  aPodEvent,
  aPodObject,
  aWaitingPodObject,
  aWorkloadObject,
  replicaSetOfWeb,
} from '../../support/objects.ts'

const inGroup = (name: string, group: string) =>
  aNodeObject(name, { metadata: { name, uid: name, labels: { 'eks.amazonaws.com/nodegroup': group } } })

const budget = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { selector: { matchLabels: { app: 'web' } } },
  status: { disruptionsAllowed: 0, currentHealthy: 2, desiredHealthy: 2 },
}

/** Groups a (n1, n2) and b (n3) and a node of no group; Deployment web with a pod on n1 and on n3. */
const cluster: ClusterObjects = {
  nodes: [inGroup('n1', 'a'), inGroup('n2', 'a'), inGroup('n3', 'b'), aNodeObject('x', { metadata: { name: 'x' } })],
  pods: [
    anAwsNodePod('n1'),
    anAwsNodePod('n3'),
    aPodObject('web-1', { spec: { nodeName: 'n1' } }),
    aPodObject('web-3', { spec: { nodeName: 'n3' } }),
  ],
  events: [],
  workloads: [
    aWorkloadObject('Deployment', 'web'),
    replicaSetOfWeb(),
    aWorkloadObject('ReplicaSet', 'bare'),
    aWorkloadObject('StatefulSet', 'db'),
  ],
  budgets: [budget],
}

describe('the facts of a cluster', () => {
  it('stand by group, those of no group apart', () => {
    const facts = createFactsIndex().update(cluster)
    expect([...facts.nodesOfGroup].map(([group, nodes]) => [group, nodes.map((node) => node.name)])).toEqual([
      ['a', ['n1', 'n2']],
      ['b', ['n3']],
    ])
    expect(facts.otherNodes.map((node) => node.name)).toEqual(['x'])
  })

  it('find the nodes of a Deployment through its ReplicaSets, and leave owned ReplicaSets out', () => {
    const { workloads } = createFactsIndex().update(cluster)
    expect(workloads.map(({ key, nodes }) => [key, nodes])).toEqual([
      ['Deployment/shop/web', ['n1', 'n3']],
      ['ReplicaSet/shop/bare', []],
      ['StatefulSet/shop/db', []],
    ])
  })

  it('name pods, nodes and owners behind a budget', () => {
    expect(createFactsIndex().update(cluster).budgets).toEqual([
      {
        key: 'shop/web',
        disruptionsAllowed: 0,
        currentHealthy: 2,
        desiredHealthy: 2,
        pods: [
          { pod: 'shop/web-1', node: 'n1', owner: 'Deployment/shop/web' },
          { pod: 'shop/web-3', node: 'n3', owner: 'Deployment/shop/web' },
        ],
      },
    ])
  })
})

const slice = (service: string, ...endpoints: readonly { readonly pod: string; readonly node: string; readonly ready?: boolean }[]) => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: `${service}-x`, namespace: 'shop', labels: { 'kubernetes.io/service-name': service } },
  endpoints: endpoints.map(({ pod, node, ready }) => ({ conditions: { ready }, nodeName: node, targetRef: { kind: 'Pod', name: pod } })),
})

describe('Services', () => {
  const both = slice('web', { pod: 'web-1', node: 'n1' }, { pod: 'web-3', node: 'n3', ready: true })

  it('tell their ready endpoints, by name once, with nodes and workloads; manual endpoints count for nothing', () => {
    const second = { ...both, metadata: { ...both.metadata, name: 'web-ipv6' } }
    const manual = { ...slice('manual'), endpoints: [{ conditions: { ready: true } }] }
    expect(createFactsIndex().update({ ...cluster, slices: [both, second, manual] }).services).toEqual([
      { key: 'shop/manual', ready: 0, nodes: [], workloads: [] },
      { key: 'shop/web', ready: 2, nodes: ['n1', 'n3'], workloads: ['Deployment/shop/web'] },
    ])
  })

  it.each([
    {
      title: 'says it is not',
      endpoints: [
        { pod: 'web-1', node: 'n1' },
        { pod: 'web-3', node: 'n3', ready: false },
      ],
    },
    { title: 'does not name it', endpoints: [{ pod: 'web-1', node: 'n1' }] },
  ])('name a Ready pod of the same owner when the slice $title', ({ endpoints }) => {
    const [web] = createFactsIndex().update({ ...cluster, slices: [slice('web', ...endpoints)] }).services
    expect(web).toMatchObject({ ready: 1, nodes: ['n1'], unlisted: [{ pod: 'web-3' }] })
  })

  it('are renewed by a pod that stops being Ready, and by that alone', () => {
    const slices = [slice('web', { pod: 'web-1', node: 'n1' }), slice('other')]
    const index = createFactsIndex()
    const first = index.update({ ...cluster, slices }).services
    expect(index.update({ ...cluster, slices: [...slices] }).services).toBe(first)
    const pods = cluster.pods.map((pod) => (pod.metadata.name === 'web-3' ? aWaitingPodObject('web-3', { spec: { nodeName: 'n3' } }) : pod))
    const second = index.update({ ...cluster, pods, slices }).services
    expect(second[1]?.unlisted).toBeUndefined()
    expect(second[0]).toBe(first[0])
    expect(index.update({ ...cluster, pods, slices: [] }).services).toEqual([])
  })
})

describe('facts that are updated', () => {
  it('keep their identity while nothing changes', () => {
    const index = createFactsIndex()
    const first = index.update(cluster)
    const second = index.update({ ...cluster, pods: [...cluster.pods], nodes: [...cluster.nodes], workloads: [...cluster.workloads] })
    expect(second.nodesOfGroup.get('a')).toBe(first.nodesOfGroup.get('a'))
    expect(second.workloads).toBe(first.workloads)
    expect(second.budgets).toBe(first.budgets)
  })

  it('are renewed for the node whose pod changed and for nobody else', () => {
    const index = createFactsIndex()
    const first = index.update(cluster)
    const pods = cluster.pods.map((pod) => (pod.metadata.name === 'web-3' ? aWaitingPodObject('web-3', { spec: { nodeName: 'n3' } }) : pod))
    const second = index.update({ ...cluster, pods })
    expect(second.nodesOfGroup.get('a')).toBe(first.nodesOfGroup.get('a'))
    expect(second.nodesOfGroup.get('b')?.[0]?.waitingPods).toHaveLength(1)
    expect(second.workloads[0]?.shortSince).toBeDefined()
  })

  it('are renewed by an event about a pod, and by a log', () => {
    const index = createFactsIndex()
    const pods = [...cluster.pods, aWaitingPodObject('web-9', { spec: { nodeName: 'n2' } })]
    const first = index.update({ ...cluster, pods })
    const events = [aPodEvent('web-9', 'FailedMount', 'no disk')]
    const second = index.update({ ...cluster, pods, events })
    expect(second.nodesOfGroup.get('a')?.[1]?.waitingPods[0]?.cause).toBe('volume')
    expect(second.nodesOfGroup.get('a')?.[0]).toBe(first.nodesOfGroup.get('a')?.[0])
    const uid = first.nodesOfGroup.get('a')?.[0]?.awsNode?.uid ?? ''
    const third = index.update({ ...cluster, pods, events, logs: new Map([[uid, { text: 'x', readAt: 1 }]]) })
    expect(third.nodesOfGroup.get('a')?.[0]?.awsNode?.log).toEqual({ text: 'x', readAt: 1 })
    expect(third.nodesOfGroup.get('b')).toBe(second.nodesOfGroup.get('b'))
  })

  it('are kept when only the status of the aws-node DaemonSet changed, and renewed when it requires something else', () => {
    const index = createFactsIndex()
    const daemonSet = aWorkloadObject('DaemonSet', 'aws-node')
    const awsNode = { ...daemonSet, metadata: { ...daemonSet.metadata, namespace: 'kube-system' } }
    const withDaemonSet = (change: object) => ({ ...cluster, workloads: [...cluster.workloads, { ...awsNode, ...change }] })
    const first = index.update(withDaemonSet({}))
    const second = index.update(withDaemonSet({ status: { updatedNumberScheduled: 1 } }))
    expect(second.awsNode?.updated).toBe(1)
    expect(second.nodesOfGroup.get('a')).toBe(first.nodesOfGroup.get('a'))
    const third = index.update(withDaemonSet({ spec: { template: { spec: { nodeSelector: { network: 'vpc' } } } } }))
    expect(third.nodesOfGroup.get('a')?.[0]?.awsNodeExcluded).toMatch(/left out by the affinity/)
  })

  it('lose nodes that are gone', () => {
    const index = createFactsIndex()
    index.update(cluster)
    expect(
      index
        .update({ ...cluster, nodes: cluster.nodes.slice(1) })
        .nodesOfGroup.get('a')
        ?.map((node) => node.name),
    ).toEqual(['n2'])
  })

  it('see a workload short since the earliest of its pods that are not ready', () => {
    const unready = (name: string, lastTransitionTime: string) =>
      aPodObject(name, { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False', lastTransitionTime }] } })
    const pods = [unready('web-1', '2026-11-23T09:40:00Z'), unready('web-2', '2026-11-23T09:30:00Z')]
    expect(createFactsIndex().update({ ...cluster, pods }).workloads[0]?.shortSince).toBe(Date.parse('2026-11-23T09:30:00Z'))
  })

  it('a workload tells which of its pods restart again and again, and which find no node', () => {
    const crashed = { exitCode: 1, reason: 'Error', finishedAt: '2026-11-23T09:40:00Z' }
    const web = (name: string, parts: Parameters<typeof aPodObject>[1]) =>
      aPodObject(name, { ...parts, metadata: { ownerReferences: [{ kind: 'ReplicaSet', name: 'web-abc', controller: true }] } })
    const steady = web('web-1', { status: { containerStatuses: [{ name: 'web', restartCount: 2 }] } })
    const crashing = web('web-2', {
      status: { containerStatuses: [{ name: 'web', restartCount: 7, lastState: { terminated: crashed } }] },
    })
    const pending = web('web-3', {
      spec: { nodeName: undefined },
      status: { conditions: [{ type: 'PodScheduled', status: 'False', message: '0/2 nodes are available' }] },
    })
    const index = createFactsIndex()
    expect(index.update({ ...cluster, pods: [steady, crashing, pending] }).workloads[0]).toMatchObject({
      restarts: 9,
      restarting: [{ pod: 'web-2', restarts: 7, lastExit: 'Error (exit 1)' }],
      pending: { pods: 1, because: '0/2 nodes are available' },
    })
    const calm = index.update({ ...cluster, pods: [steady] }).workloads[0]
    expect(calm).toMatchObject({ restarts: 2 })
    expect(calm?.restarting ?? calm?.pending).toBeUndefined()
  })
})

describe('an index that was updated again and again', () => {
  it('knows the same as a new one', () => {
    const pool = Array.from({ length: 6 }, (_, n) => aPodObject(`web-${n}`, { spec: { nodeName: `n${1 + (n % 3)}` } }))
    const waiting = pool.map(({ metadata, spec }) => aWaitingPodObject(metadata.name, { spec }))
    const picks = fc.array(fc.constantFrom('absent', 'running', 'waiting'), { minLength: 6, maxLength: 6 })
    const bare = { ...replicaSetOfWeb(), metadata: { ...replicaSetOfWeb().metadata, ownerReferences: [] } }
    const workloads = fc.constantFrom(cluster.workloads, [bare], [...cluster.workloads.slice(0, 1), bare])
    const others = { ...budget, spec: { selector: { matchLabels: { app: 'other' } } } }
    const too = { ...budget, metadata: { name: 'too', namespace: 'shop' } }
    const budgets = fc.constantFrom([], [budget], [others], [too, others], [budget, too])
    const steps = fc.array(fc.tuple(picks, fc.subarray([...cluster.nodes]), workloads, budgets), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(steps, (rounds) => {
        const index = createFactsIndex()
        for (const [states, nodes, workloads, budgets] of rounds) {
          const pods = states.flatMap((state, n) => (state === 'absent' ? [] : [(state === 'running' ? pool : waiting)[n] ?? []].flat()))
          const objects = { ...cluster, nodes, pods, workloads, budgets }
          expect(index.update(objects)).toEqual(createFactsIndex().update(objects))
        }
      }),
    )
  })
})

describe('changes between two lists', () => {
  it('are what sets would tell, whatever moved', () => {
    const objects = Array.from({ length: 30 }, (_, id) => ({ id }))
    const lists = fc.shuffledSubarray(objects)
    fc.assert(
      fc.property(lists, lists, (before, after) => {
        const { removed, added } = changesBetween(before, after)
        expect(new Set(removed)).toEqual(new Set(before.filter((object) => !after.includes(object))))
        expect(new Set(added)).toEqual(new Set(after.filter((object) => !before.includes(object))))
      }),
    )
  })
})
