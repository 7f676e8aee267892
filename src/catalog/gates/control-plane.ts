import { z } from 'zod'
import { formatDuration, type Instant, MINUTE } from '../../model/instant.ts'
import type { NodeFacts, WorkloadFacts } from '../../model/seen.ts'
import type { Judgement, Verdict } from '../../model/verdict.ts'
import type { BatchBaseline, GateDefinition, GateInput } from './definition.ts'
import { conclude, gapJudgement } from './judging/differential.ts'
import { type Item, nodeSubject } from './judging/item.ts'
import { exactTime } from './judging/words.ts'

/** So long what was well before the step may take to be well again: kubelets and controllers find the new API servers by themselves. */
const WELL_WITHIN = 10 * MINUTE

const NEEDS = ['nodes', 'pods', 'daemonsets', 'deployments', 'statefulsets', 'replicasets'].map((plural) => `kubernetes:${plural}`)

export const controlPlane: GateDefinition = {
  kind: 'control-plane',
  summary: 'Under the new control plane nodes and workloads are as well as they were under the old one.',
  rule: {
    pass: 'Every node that was Ready is Ready, aws-node runs where it ran, and each controller has its share of available replicas.',
    fail: 'A node or a workload that was well when the step began is not, 10 min after the step was done.',
    unknown: 'The API server does not answer, nodes or workloads cannot be read, or nothing was well before.',
  },
  options: z.strictObject({}),
  appliesTo: ['control-plane'],
  cause: 'control-plane-fails',
  source: 'https://docs.aws.amazon.com/eks/latest/best-practices/cluster-upgrades.html',
  judge,
}

function judge(input: GateInput<unknown>): Judgement {
  const gap = gapJudgement(input.seen, NEEDS)
  if (gap !== undefined) return gap
  const workloads = new Map(input.seen.workloads.map((workload) => [workload.key, workload]))
  const nodes = input.subjects.filter(({ name, uid }) => {
    const before = input.baseline.nodes[name]
    return before?.uid === uid && before.ready === 'True'
  })
  const carried = Object.entries(input.baseline.workloads).filter(([, { available, desired }]) => desired > 0 && available >= desired)
  const items = [
    ...nodes.map((node) => nodeItem(node, input)),
    ...carried.flatMap(([key, before]) => workloadItem(key, before, workloads.get(key), input)),
  ]
  return conclude(input, {
    items,
    controls: [],
    before: { total: items.length, failing: 0 },
    notApplicable: [],
    noun: 'node or workload',
    passed: `${nodes.length} nodes and ${items.length - nodes.length} workloads are as well as before`,
    nothing: 'nothing that was well before is there to be judged',
  })
}

function nodeItem(node: NodeFacts, input: GateInput<unknown>): Item {
  const lost = node.ready === 'True' ? 0 : (node.readySince ?? 0)
  const agent = input.baseline.nodes[node.name]?.awsNodeReady === true && node.awsNode?.containers.every(({ ready }) => ready) !== true
  const says = node.ready !== 'True' ? `is not Ready (${node.ready})` : agent ? 'has no running aws-node any more' : 'is Ready'
  return item(nodeSubject(node), node.name, node.ready === 'True' && !agent, lost, says, input)
}

/** What somebody else changed or removed meanwhile is not the control plane's doing. */
function workloadItem(
  key: string,
  before: BatchBaseline['workloads'][string],
  now: WorkloadFacts | undefined,
  input: GateInput<unknown>,
): readonly Item[] {
  if (now === undefined || now.generation !== before.generation || now.desired === 0) return []
  const well = now.available / now.desired >= Math.min(1, before.available / before.desired)
  return [item(key, key, well, now.shortSince ?? 0, `has ${now.available} of ${now.desired} replicas available`, input)]
}

function item(subject: string, name: string, well: boolean, lostAt: Instant, says: string, { settledAt, now }: GateInput<unknown>): Item {
  const told = (verdict: Verdict, more = ''): Item => ({ subject, name, verdict, says: says + more, sentence: `${name} ${says}${more}` })
  if (well) return told('pass')
  if (settledAt === undefined) return told('pending', '; EKS still moves the control plane')
  const limit = Math.max(settledAt, lostAt) + WELL_WITHIN
  return now < limit
    ? told('pending', `; it has until ${exactTime(limit)}`)
    : told('fail', `, and is not well after ${formatDuration(WELL_WITHIN)}`)
}
