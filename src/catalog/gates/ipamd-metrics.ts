import { z } from 'zod'
import type { NodeFacts } from '../../model/seen.ts'
import { GATE_ACCESS } from '../knowledge/run-permissions.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import { ipamdSample } from './judging/ipamd-sample.ts'
import { ipamdControl, ipamdState } from './judging/ipamd-state.ts'
import type { NodeSays } from './judging/item.ts'
import { judgeNodes, type NodeRule } from './judging/nodes.ts'

const OPTIONS = z.strictObject({
  unreachable: z
    .enum(['unknown', 'pass'])
    .default('unknown')
    .describe('What it means that no node tells its metrics, changed or not. `pass`: the gate then does not apply here.'),
})

type Options = z.infer<typeof OPTIONS>

const RULE: NodeRule = {
  needs: ['kubernetes:nodes', 'kubernetes:pods'],
  judge: judgeNode,
  control: ({ awsNode, awsNodeExcluded }, { subjects }) =>
    awsNodeExcluded !== undefined || awsNode === undefined ? undefined : ipamdControl(awsNode.metrics, failByThemselves(subjects)),
  failedBefore: ({ ipamdFails }) => ipamdFails === true,
  knownBefore: ({ ipamdFails }) => ipamdFails !== undefined,
  passed: (nodes) => `ipamd on ${nodes} counts nothing that speaks of trouble`,
}

export const ipamdMetrics: GateDefinition<Options> = {
  kind: 'ipamd-metrics',
  summary:
    'The counters of ipamd on changed nodes (a sample, one in each zone and of each type) tell of no trouble. Needs `get` on pods/proxy.',
  rule: {
    pass: 'Over a minute or more no pod asked while every address was in use, no interface in use was dropped, EC2 refused or left unanswered nothing three times, and no function of ipamd failed three times; or metrics are off by DISABLE_METRICS, which is said.',
    fail: 'One of these happened on a changed node within two minutes, a dropped interface at any time since, and did not on untouched ones.',
    unknown:
      'Metrics cannot be reached, or it happened on untouched nodes too, or these had nothing to ask of EC2 meanwhile, so that they prove nothing. Where EC2 says that a subnet has no address left: going back needs the same.',
  },
  options: OPTIONS as z.ZodType<Options>,
  appliesTo: ['addon', 'nodes'],
  cause: 'addon-or-networking',
  access: ({ unreachable }) => (unreachable === 'pass' ? [] : GATE_ACCESS.counters),
  failsWithoutAddresses: () => true,
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/utils/prometheusmetrics/prometheusmetrics.go',
  lasting: (input) => (ipamdSample(input).subjects.some(isShort) ? 'no-capacity' : undefined),
  metricsOf: (nodes) => Object.values(ipamdSample(nodes)).flat(),
  judge: (input) => {
    const sample = { ...input, ...ipamdSample(input) }
    return whereOff(input) ?? whereUnreachable(sample) ?? judgeNodes(sample, RULE)
  },
}

/** https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md (`DISABLE_METRICS`) */
function whereOff({ seen, subjects, settledAt }: GateInput<Options>) {
  if (seen.awsNode?.env?.DISABLE_METRICS !== 'true' || subjects.length === 0) return undefined
  const reason = 'aws-node is set to serve no metrics (DISABLE_METRICS), so the gate does not apply'
  return { verdict: settledAt === undefined ? ('pending' as const) : ('pass' as const), reason, evidence: [] }
}

/** Where not even untouched nodes can be asked, the way there is what is missing: a permission, or a rule of a security group. */
function whereUnreachable({ subjects, controls, options, settledAt }: GateInput<Options>) {
  const states = [...subjects, ...controls].map(({ awsNode }) => ipamdState(awsNode?.metrics))
  const [first] = states
  if (subjects.length === 0 || first === undefined || states.some(({ kind }) => kind !== 'unreadable')) return undefined
  const passes = settledAt === undefined ? ('pending' as const) : ('pass' as const)
  if (options.unreachable === 'pass')
    return { verdict: passes, reason: `no node ${first.says}, so the gate does not apply, as the plan says`, evidence: [] }
  const remedy =
    'let Serin `get` pods/proxy in kube-system (`serin permissions --plan PLAN --only rbac`), and the control plane reach port 61678 of nodes; or take the gate out of the plan'
  return { verdict: 'unknown' as const, reason: `no node tells its metrics, changed or not (it ${first.says}): ${remedy}`, evidence: [] }
}

function isShort({ awsNode }: NodeFacts): boolean {
  return ipamdState(awsNode?.metrics).kind === 'shortage'
}

const VERDICTS = { fine: 'pass', fails: 'fail', dropped: 'fail', shortage: 'unknown', early: 'pending', unreadable: 'unknown' } as const

function judgeNode({ name, awsNode }: NodeFacts): NodeSays {
  const { kind, says } = ipamdState(awsNode?.metrics, true)
  const told = kind === 'shortage' ? `${says}: free addresses in its subnet, going back needs them too` : says
  return { verdict: VERDICTS[kind], says: told, sentence: `ipamd on ${name} ${told}` }
}

function failByThemselves(subjects: readonly NodeFacts[]): boolean {
  const failing = subjects.map(({ awsNode }) => ipamdState(awsNode?.metrics, true).kind).filter((kind) => VERDICTS[kind] === 'fail')
  return failing.every((kind) => kind === 'dropped')
}
