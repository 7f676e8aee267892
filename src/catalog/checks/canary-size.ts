import { MINUTE } from '../../model/instant.ts'
import type { GroupIntent } from '../../model/intent.ts'
import type { CheckDefinition, CheckInput } from './definition.ts'
import { changingManaged, nodesOf } from './reading/nodes.ts'
import { runForecast } from './reading/run-forecast.ts'
import { count, names } from './reading/wording.ts'

const MOST_NODES = 10
const MOST_PERCENT = 10

/** The canary is small: a managed update cannot be stopped, so the whole of it is exposed. */
export const canarySize: CheckDefinition = {
  code: 'CANARY_SIZE',
  title: 'The canary is at most 10 nodes and 10 % of the nodes',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes'],
  notApplicable: ({ intent }) =>
    changingManaged(intent).some((group) => group.phase === 'canary') ? undefined : 'No canary group is moved by EKS in this run.',
  prevents: 'A canary so large that its failure is the outage it was to prevent.',
  remedy: 'Use a smaller group as canary: `aws eks create-nodegroup` with one or two nodes of the same class.',
  source: 'https://github.com/aws/containers-roadmap/issues/1531',
  evaluate: (input) => {
    const { snapshot, intent, plan } = input
    const canaries = changingManaged(intent).filter((group) => group.phase === 'canary')
    const nodes = canaries.reduce((sum, group) => sum + group.nodes, 0)
    const all = nodesOf(snapshot).length
    const subject = `Cluster/${plan.cluster.name}`
    const size = `The canary (${names(canaries.map((group) => group.name))}) has ${nodes} of ${count(all, 'node')}`
    if (!isLarge(nodes, all)) return [{ verdict: 'pass', subject, message: `${size}.` }]
    const message = `${size}, more than ${MOST_NODES} or ${MOST_PERCENT} %. ${exposure(input, canaries)}`
    return [{ verdict: 'warn', subject, message }]
  },
}

/** A single node cannot be made smaller, whatever its share. */
function isLarge(nodes: number, all: number): boolean {
  return nodes > MOST_NODES || (nodes > 1 && nodes * 100 > all * MOST_PERCENT)
}

function exposure({ snapshot, plan, intent }: CheckInput, canaries: readonly GroupIntent[]): string {
  const pods = canaries.reduce((sum, group) => sum + group.pods, 0)
  const nodes = canaries.reduce((sum, group) => sum + group.nodes, 0)
  const groups = runForecast(snapshot, plan, intent).stages.flatMap((stage) => stage.groups)
  const spans = groups.filter(({ group }) => canaries.some(({ name }) => name === group))
  const minutes = Math.ceil(Math.max(0, ...spans.map(({ takes }) => takes.p50)) / MINUTE)
  return `EKS cannot stop a managed update: ${count(nodes, 'node')} and ${count(pods, 'pod')} are exposed for about ${minutes} minutes before the gates can end it.`
}
