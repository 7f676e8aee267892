import { accessNeeded, type NeededAccess } from '../gates/asking/access.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { askAccess, reviewOf, tellAccess } from './reading/access.ts'
import { foundOr } from './reading/verdicts.ts'

/** The gates of the plan can look at what they judge by. */
export const gateAccess: CheckDefinition = {
  code: 'GATE_ACCESS',
  title: 'The caller is allowed what the gates of the plan read and make in the cluster',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:selfsubjectaccessreviews'],
  prevents:
    'A run that holds at its first gate, with an add-on or a node group half way, since the gate may not read what it judges by: EndpointSlices, logs of aws-node, counters of ipamd.',
  remedy:
    '`serin permissions --apply --plan PLAN --only rbac | kubectl apply -f -` makes the roles; bind them to the group of the access entry.',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access',
  evaluate: ({ snapshot, plan }) => {
    const needed = accessNeeded(plan)
    return foundOr(
      needed.flatMap((each) => judged(each, { snapshot, plan })),
      plan,
      `The caller may ${needed.map(({ access }) => tellAccess(access)).join(', ')}.`,
    )
  },
}

function judged(
  { access, by, optional }: NeededAccess,
  { snapshot, plan }: Pick<CheckInput, 'snapshot' | 'plan'>,
): readonly CheckFinding[] {
  const subject = `Cluster/${plan.cluster.name}`
  const review = reviewOf(snapshot, access)
  if (review?.allowed === true) return []
  if (review === undefined)
    return [
      {
        verdict: optional ? 'warn' : 'unknown',
        subject,
        message: `Whether the caller may ${tellAccess(access)}, which ${by} needs, was not asked: the snapshot was taken without the plan, or by an older Serin.`,
        remedy: 'Take it again, with the plan: `serin snapshot PLAN -o FILE`.',
      },
    ]
  const reason = review.reason ? `: ${review.reason}` : ''
  return [
    {
      verdict: optional ? 'warn' : 'block',
      subject,
      message: `The API server does not let the caller ${tellAccess(access)}, which ${by} needs${reason}.`,
      remedy: `\`serin permissions --apply --plan PLAN --only rbac | kubectl apply -f -\`, bind the roles, then see \`${askAccess(access)}\`.`,
    },
  ]
}
