import type { CheckDefinition } from './definition.ts'
import { principalsFor, roleName } from './reading/principals.ts'
import { foundOr } from './reading/verdicts.ts'

const EKS = 'eks.amazonaws.com'

/** The role by which EKS acts for the cluster is there, and EKS may take it. */
export const clusterRole: CheckDefinition = {
  code: 'CLUSTER_ROLE',
  title: "The cluster's IAM role exists and trusts EKS",
  severity: 'block',
  waivable: true,
  needs: ['eks:DescribeCluster', 'iam:GetRole'],
  prevents:
    'Branch interfaces that nobody makes and an API server that EKS cannot attach anew: a role that was deleted or changed with an old stack hurts only when something moves.',
  remedy:
    'Make the role anew under the same name, with the trust policy of the EKS user guide: `aws iam create-role --role-name NAME --assume-role-policy-document file://trust.json`; its ARN cannot be changed.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/cluster-iam-role.html',
  evaluate: ({ snapshot, plan }) => {
    const [role] = principalsFor(snapshot, 'cluster')
    const subject = `Cluster/${plan.cluster.name}`
    if (role === undefined) return [{ verdict: 'unknown', subject, message: 'The role of the cluster does not stand in the snapshot.' }]
    const name = roleName(role.Arn)
    if (role.missing) return [{ verdict: 'block', subject, message: `The cluster's role ${role.Arn} does not exist.` }]
    const { trustedServices } = role
    if (trustedServices === undefined) return [{ verdict: 'unknown', subject, message: `Whom ${name} trusts could not be read.` }]
    const message = `The cluster's role ${name} trusts ${trustedServices.join(', ') || 'no service'}, not ${EKS}: EKS cannot act for the cluster.`
    return foundOr(trustedServices.includes(EKS) ? [] : [{ verdict: 'block', subject, message }], plan, `${name} exists and trusts ${EKS}.`)
  },
}
