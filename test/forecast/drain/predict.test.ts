import { describe, expect, it } from 'vitest'
import { readCluster } from '../../../src/forecast/drain/opening.ts'
import { predictDrain } from '../../../src/forecast/drain/predict.ts'
import { rehearseDrain } from '../../../src/forecast/drain/rehearse.ts'
import { boundPod } from '../../../src/model/bound-pod.ts'
import { SECOND } from '../../../src/model/instant.ts'
import { NODEGROUP_LABEL, type Node, type Pod, type PodDisruptionBudget } from '../../../src/model/kubernetes.ts'
import type { BudgetFacts } from '../../../src/model/seen.ts'

/** One node is drained, beside one with room: what orders nodes in a run and what is forecast for them say the same. */

const GROUP = 'old'

function node(name: string, group: string): Node {
  return {
    ...{ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { [NODEGROUP_LABEL]: group } } },
    status: { conditions: [{ type: 'Ready', status: 'True' }], allocatable: { cpu: '10', memory: '64Gi', pods: '29' } },
  }
}

function pods(count: number, grace: number, kind = 'ReplicaSet'): readonly Pod[] {
  return Array.from({ length: count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...{ name: `web-${index}`, namespace: 'shop', labels: { app: 'web' } },
      ownerReferences: [{ kind, name: 'web', controller: true }],
    },
    spec: { containers: [{ name: 'web' }], terminationGracePeriodSeconds: grace, nodeName: 'old-1' },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  }))
}

interface Case {
  readonly title: string
  readonly pods: readonly Pod[]
  /** How many may be away, where a budget says so. */
  readonly allowed?: number
}

const CASES: readonly Case[] = [
  { title: 'nothing on it', pods: [] },
  { title: 'one pod that ends soon', pods: pods(1, 20) },
  { title: 'three at once', pods: pods(3, 30) },
  { title: 'three one by one', pods: pods(3, 30), allowed: 1 },
  { title: 'four in two turns', pods: pods(4, 30), allowed: 2 },
  { title: 'one that takes five minutes to end', pods: pods(1, 300) },
  { title: 'two of those one by one', pods: pods(2, 300), allowed: 1 },
  { title: 'two of those of a StatefulSet', pods: pods(2, 300, 'StatefulSet'), allowed: 1 },
]

function forecast({ pods: own, allowed }: Case): number {
  const budgets: readonly PodDisruptionBudget[] =
    allowed === undefined
      ? []
      : [
          {
            ...{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web', namespace: 'shop' } },
            spec: { selector: { matchLabels: { app: 'web' } }, maxUnavailable: allowed },
            status: { desiredHealthy: own.length - allowed, currentHealthy: own.length },
          },
        ]
  const cluster = readCluster({
    ...{ nodes: [node('old-1', GROUP), node('rest-1', 'rest')], pods: own, budgets, replicaSets: [], zonesOf: () => undefined },
    groupOf: (each) => each.metadata.labels?.[NODEGROUP_LABEL],
  })
  const move = { group: GROUP, maxUnavailable: 1, surge: 0, updateStrategy: 'MINIMAL' as const, zones: ['a'] }
  const { stages } = rehearseDrain(cluster, [{ id: GROUP, moves: [move], other: 0, gates: 0, soak: 0 }])
  return stages[0]?.groups[0]?.drains[0]?.takes ?? -1
}

function predicted({ pods: own, allowed }: Case): number {
  const bound = own.map(boundPod)
  const guarded = bound.map(({ key }) => ({ pod: key }))
  const counts = { currentHealthy: own.length, desiredHealthy: own.length - (allowed ?? 0) }
  const budget: BudgetFacts = { key: 'shop/web', disruptionsAllowed: allowed ?? 0, ...counts, pods: guarded }
  return predictDrain(bound, () => (allowed === undefined ? [] : [budget]))
}

describe('the drain that is predicted', () => {
  it.each(CASES)('is the one that is forecast, to the pace of retries: $title', (one) => {
    expect(Math.abs(predicted(one) - forecast(one))).toBeLessThanOrEqual(10 * SECOND)
  })

  it('puts nodes into the order in which the forecast does', () => {
    const by = (takes: (one: Case) => number) => CASES.toSorted((a, b) => takes(a) - takes(b)).map(({ title }) => title)
    expect(by(predicted)).toEqual(by(forecast))
  })
})
