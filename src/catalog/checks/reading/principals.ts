import type { IamPrincipal, IamUse, PolicyEvaluation } from '../../../model/iam.ts'
import { isInNoStatement } from '../../../model/iam.ts'
import type { ClusterSnapshot } from '../../../model/snapshot.ts'
import { names } from './wording.ts'

export function principalsFor({ aws }: ClusterSnapshot, use: IamUse): readonly IamPrincipal[] {
  return (aws.principals ?? []).filter(({ uses }) => uses.includes(use))
}

/** What a principal is not allowed, and how sure that is. */
export interface Denial {
  /** `block`: denied by a statement, or in no statement at all; `unknown`: a condition, a resource or a boundary may decide. */
  readonly verdict: 'block' | 'unknown'
  readonly actions: readonly string[]
  readonly why: string
}

/** Denials among simulated actions. An action that was not simulated is unknown. */
export function denialsOf(
  { statements }: IamPrincipal,
  needed: readonly string[],
  evaluations: readonly PolicyEvaluation[],
): readonly Denial[] {
  const by = (decision: string) => needed.filter((action) => decisionOn(action, evaluations) === decision)
  const implicit = by('implicitDeny')
  const nowhere = statements === undefined ? [] : implicit.filter((action) => isInNoStatement(action, statements))
  const unsure = implicit.filter((action) => !nowhere.includes(action))
  const because = statements === undefined ? 'its policies were not read' : 'conditions, resources or a boundary decide'
  const denials: readonly Denial[] = [
    { verdict: 'block', actions: by('explicitDeny'), why: 'denied by a statement' },
    { verdict: 'block', actions: nowhere, why: 'in no statement of its policies' },
    { verdict: 'unknown', actions: unsure, why: `not allowed in the simulation; ${because}` },
    { verdict: 'unknown', actions: by('not asked'), why: 'not among what was simulated' },
  ]
  return denials.filter(({ actions }) => actions.length > 0)
}

/** The worst answer over all resources that were asked about. */
function decisionOn(action: string, evaluations: readonly PolicyEvaluation[]): string {
  const decisions = evaluations.filter(({ EvalActionName }) => EvalActionName === action).map(({ EvalDecision }) => EvalDecision)
  if (decisions.length === 0) return 'not asked'
  return ['explicitDeny', 'implicitDeny'].find((decision) => decisions.includes(decision)) ?? 'allowed'
}

/** `ec2:DescribeSubnets (in no statement of its policies)` */
export function tellDenial({ actions, why }: Denial): string {
  return `${names(actions, 8)} (${why})`
}

/** `role/shop-cni` of an ARN. */
export function shortName(arn: string): string {
  return arn.split(':').at(-1) ?? arn
}

export function roleName(arn: string): string {
  return arn.split('/').at(-1) ?? arn
}
