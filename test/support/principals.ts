import type { IamPrincipal, IamUse } from '../../src/model/iam.ts'
import type { AccessReview } from '../../src/model/snapshot.ts'
import { changeAws, type SnapshotChange } from './snapshot-builder.ts'

type Change = Partial<IamPrincipal> | ((principal: IamPrincipal) => Partial<IamPrincipal>)

/** Changes what IAM says about one who acts in the run. */
export function changePrincipal(use: IamUse, change: Change): SnapshotChange {
  return (snapshot) =>
    changeAws({
      principals: snapshot.aws.principals?.map((each) =>
        each.uses.includes(use) ? { ...each, ...(typeof change === 'function' ? change(each) : change) } : each,
      ),
    })(snapshot)
}

/** Another answer of the simulation to some actions. */
export function decide(use: IamUse, decision: string, ...actions: readonly string[]): SnapshotChange {
  return changePrincipal(use, ({ evaluations = [] }) => ({
    evaluations: evaluations.map((each) => (actions.includes(each.EvalActionName) ? { ...each, EvalDecision: decision } : each)),
  }))
}

/** Another answer of the API server to one of the questions what the caller may do. */
export function changeAccess(verb: string, resource: string, parts: Partial<AccessReview>): SnapshotChange {
  return (snapshot) => ({
    ...snapshot,
    kubernetes: {
      ...snapshot.kubernetes,
      accessReviews: snapshot.kubernetes.accessReviews?.map((each) =>
        each.verb === verb && each.resource === resource ? { ...each, ...parts } : each,
      ),
    },
  })
}
