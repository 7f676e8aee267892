import { describe, expect, it } from 'vitest'
import { prepare } from '../../src/engine/prepare.ts'
import type { KubernetesObject, Node, Pod } from '../../src/model/kubernetes.ts'
import type { ClusterSnapshot } from '../../src/model/snapshot.ts'
import { PLAN, snapshotOf } from '../bench/preflight.ts'
import { planFrom } from '../support/random-case.ts'

/** Findings are for a person: what is wrong with each of a thousand nodes is told once for each group, namespace or workload. */
describe('a thousand nodes of which each is wrong in every way', () => {
  const NODES = 1_000
  const GROUPS = 11
  const NAMESPACES = 30

  const ill = (node: Node): Node => ({
    ...node,
    spec: { ...node.spec, unschedulable: true },
    status: {
      ...node.status,
      nodeInfo: { ...node.status?.nodeInfo, kubeletVersion: 'v1.28.1-eks-1' },
      conditions: [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'cni plugin not initialized' }],
      allocatable: { ...node.status?.allocatable, pods: '737' },
    },
  })
  const marked = (pod: Pod): Pod => ({
    ...pod,
    metadata: {
      ...pod.metadata,
      annotations: { 'karpenter.sh/do-not-disrupt': 'true' },
      ownerReferences: pod.metadata.name.endsWith('-0') ? [] : pod.metadata.ownerReferences,
    },
    status: { ...pod.status, conditions: [{ type: 'Ready', status: 'False' }], containerStatuses: [] },
  })
  const change = (item: KubernetesObject): KubernetesObject =>
    item.kind === 'Node' ? ill(item as Node) : item.kind === 'Pod' ? marked(item as Pod) : item

  it('is told by group, kind and namespace', () => {
    const healthy = snapshotOf(NODES)
    const snapshot: ClusterSnapshot = { ...healthy, kubernetes: { ...healthy.kubernetes, items: healthy.kubernetes.items?.map(change) } }
    const { findings } = prepare(planFrom({ plan: PLAN }), snapshot).preflight
    const counts = Map.groupBy(
      findings.filter(({ verdict }) => verdict !== 'pass'),
      ({ code }) => code,
    )
    const workloads = new Set(['PDB_ALLOWS_NONE', 'DRAIN_BLOCKED', 'NO_ROOM'])
    const many = [...counts].filter(([code, all]) => all.length > Math.max(GROUPS, NAMESPACES) && !workloads.has(code))
    expect(many.map(([code, all]) => `${code} ${all.length}`)).toEqual([])
    for (const code of ['KUBELET_SKEW', 'NODE_CORDONED', 'NODE_NOT_READY', 'DO_NOT_DISRUPT', 'NAKED_POD'])
      expect(counts.get(code)?.length, code).toBeGreaterThan(0)
    const longest = Math.max(...findings.map(({ message }) => message.length))
    expect(longest, 'no message grows with the cluster').toBeLessThan(1_200)
  })
})
