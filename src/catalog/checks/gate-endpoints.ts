import { type Answer, sourceOf } from '../../model/outside.ts'
import { redactText } from '../../model/secret-text.ts'
import { type Endpoint, endpointsOf } from '../gates/asking/endpoints.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { foundOr } from './reading/verdicts.ts'

/** Whom the gates of the plan ask outside answers. */
export const gateEndpoints: CheckDefinition = {
  code: 'GATE_ENDPOINTS',
  title: 'Prometheus and the endpoints that gates of the plan ask answer from here',
  severity: 'block',
  waivable: true,
  needs: [],
  notApplicable: ({ plan, snapshot }) => {
    if (endpointsOf(plan).length === 0) return 'No gate of the plan asks anybody by an address.'
    return isRehearsal(snapshot) ? 'A rehearsal asks nobody outside, and takes it to answer.' : undefined
  },
  prevents:
    'A run that holds at its first gate because Prometheus is not reached from where it is driven, the variable of a token is not set, or a query comes to no number.',
  remedy:
    'Run Serin from where the endpoint is reached, mend the address or the query in the plan, or let the gate only measure (`dryRun: true`).',
  source: 'https://prometheus.io/docs/prometheus/latest/querying/api/#instant-queries',
  evaluate: ({ snapshot, plan }) => {
    const endpoints = endpointsOf(plan)
    const names = endpoints.map(({ question }) => redactText(question.url))
    return foundOr(
      endpoints.flatMap((each) => judged(each, snapshot)),
      plan,
      `Asked without their tokens, these answer: ${[...new Set(names)].join(', ')}.`,
    )
  },
}

function isRehearsal({ outside, unavailable = [] }: CheckInput['snapshot']): boolean {
  return outside?.length === 0 && !unavailable.some(({ source }) => source.startsWith('outside:'))
}

function judged({ question, gate, measured }: Endpoint, snapshot: CheckInput['snapshot']): readonly CheckFinding[] {
  const source = sourceOf(question)
  const subject = `Endpoint/${redactText(question.url)}`
  const gap = snapshot.unavailable?.find((each) => each.source === source)
  if (gap !== undefined)
    return [
      {
        verdict: measured ? 'warn' : 'unknown',
        subject,
        message: `The gate ${gate} would get no answer from here: ${gap.message ?? gap.reason}.`,
      },
    ]
  const asked = snapshot.outside?.find((each) => each.subject === source)
  if (asked === undefined)
    return [
      {
        verdict: measured ? 'warn' : 'unknown',
        subject,
        message: `Whether the gate ${gate} gets an answer was not tried: the snapshot was taken without the plan.`,
        remedy: 'Take it with the plan, from where the run will be driven: `serin snapshot PLAN -o FILE`.',
      },
    ]
  const trouble = measured || asked.answer === undefined ? undefined : troubleIn(asked.answer)
  if (trouble === undefined) return []
  const message = `The gate ${gate} would hold the run if it began now: ${trouble}.`
  const remedy = 'Mend what it tells of, or the question, before the run; where no data is good news, end a query with `or vector(0)`.'
  return [{ verdict: 'warn', subject, message, remedy }]
}

/** What the gate could not take for a pass before anything has changed. */
function troubleIn(answer: Answer): string | undefined {
  if (answer.kind === 'number') return answer.value === undefined ? 'the query has no data' : undefined
  if (answer.kind !== 'verdict' || answer.verdict === 'pass' || answer.verdict === 'pending') return undefined
  return `it says ${answer.verdict} (${answer.says})`
}
