/** What IAM says about whoever acts in a run: the caller, and the roles of cluster and add-ons. */

export interface IamPrincipal {
  /** `arn:aws:iam::111122223333:role/shop-cni` */
  readonly Arn: string
  readonly uses: readonly IamUse[]
  /** IAM knows no such role. */
  readonly missing?: true
  /** Services that may assume the role, `eks.amazonaws.com`; absent where its trust policy was not read. */
  readonly trustedServices?: readonly string[]
  readonly evaluations?: readonly PolicyEvaluation[]
  /** Of all policies of the role, read only where something is denied; absent where they could not all be read. */
  readonly statements?: readonly PolicyStatement[]
}

/** `vpc-cni`: aws-node's credentials, whichever way it gets them. */
export type IamUse = 'caller' | 'cluster' | 'vpc-cni'

/** One answer of SimulatePrincipalPolicy. */
export interface PolicyEvaluation {
  readonly EvalActionName: string
  readonly EvalResourceName?: string
  readonly EvalDecision: 'allowed' | 'explicitDeny' | 'implicitDeny' | string
}

/** Which actions a statement is about; conditions and resources are left to the simulation. */
export interface PolicyStatement {
  readonly Effect: string
  readonly Action?: readonly string[]
  readonly NotAction?: readonly string[]
}

/** Whether an action is in no statement that allows, whatever its conditions: then nothing can make it allowed. */
export function isInNoStatement(action: string, statements: readonly PolicyStatement[]): boolean {
  return !statements.some(
    ({ Effect, Action, NotAction }) =>
      Effect === 'Allow' &&
      (Action?.some((each) => covers(each, action)) || (NotAction && !NotAction.some((each) => covers(each, action)))),
  )
}

/** IAM compares actions without regard to case; `*` is any text and `?` any letter. */
function covers(pattern: string, action: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.')
  return new RegExp(`^${escaped}$`, 'i').test(action)
}
