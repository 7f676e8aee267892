import { DRAIN_ACCESS, type KubernetesAccess, RUN_ACCESS } from '../knowledge/run-permissions.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { askAccess, reviewOf, tellAccess } from './reading/access.ts'
import { changingGroups } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'

/** Whoever starts the run is allowed what it does in the cluster. */
export const callerAccess: CheckDefinition = {
  code: 'CALLER_ACCESS',
  title: 'The caller is allowed every Kubernetes request that this run makes',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:selfsubjectaccessreviews'],
  prevents:
    'A run that cannot keep its Lease or its record, so that nobody can resume it, or that cannot uncordon the nodes of a drain that was held.',
  remedy: '`serin permissions --apply --only rbac | kubectl apply -f -` makes the roles; bind both to the group of the access entry.',
  source: 'https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access',
  evaluate: ({ snapshot, plan, intent }) => {
    // A cure of this run evicts pods too, whoever manages the group.
    const cures = (plan.remediation?.onFailureOf ?? []).length > 0
    const drains = cures || changingGroups(intent).some(({ pace }) => pace !== undefined)
    const wanted = drains ? [...RUN_ACCESS, ...DRAIN_ACCESS] : RUN_ACCESS
    const subject = `Cluster/${plan.cluster.name}`
    const found = wanted.flatMap((access): readonly CheckFinding[] => {
      const review = reviewOf(snapshot, access)
      if (review?.allowed) return []
      if (review === undefined)
        return [{ verdict: 'unknown', subject, message: `Whether the caller may ${tellAccess(access)} was not asked.` }]
      const reason = review.reason ? `: ${review.reason}` : ''
      return [
        {
          verdict: 'block',
          subject,
          message: `The API server does not let the caller ${tellAccess(access)}${reason}.`,
          remedy: remedyFor(access),
        },
      ]
    })
    return foundOr(found, plan, `The caller may ${wanted.map(tellAccess).join(', ')}.`)
  },
}

function remedyFor(access: KubernetesAccess): string {
  return `\`serin permissions --apply --only rbac | kubectl apply -f -\`, bind the roles, then see \`${askAccess(access)}\`.`
}
