import { instanceIdOf } from '../../model/kubernetes.ts'
import type { UpgradePlan } from '../../model/plan.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { nodesOf } from './reading/nodes.ts'

/** Account, Region, cluster and API server are the ones that the plan names. */
export const identity: CheckDefinition = {
  code: 'IDENTITY',
  title: "Account, Region and API server are this cluster's",
  severity: 'block',
  waivable: false,
  needs: ['eks:DescribeCluster', 'sts:GetCallerIdentity', 'kubernetes:server'],
  prevents:
    'A profile or a kubeconfig context left over from other work: the AWS half of a run would act on one cluster and the Kubernetes half on another.',
  remedy: 'Check AWS_PROFILE, the Region and the kubeconfig context: `aws sts get-caller-identity` and `kubectl config current-context`.',
  source: 'https://docs.aws.amazon.com/eks/latest/APIReference/API_DescribeCluster.html',
  evaluate: ({ snapshot, plan }) => {
    const wrong = [...wrongCluster(snapshot, plan), ...wrongCaller(snapshot, plan), ...wrongServer(snapshot, plan)]
    if (wrong.length > 0) return wrong
    const message = `Cluster ${plan.cluster.name} in account ${plan.cluster.accountId}, ${plan.cluster.region}; the API server that answers is its own.`
    return [{ verdict: 'pass', subject: subjectOf(plan), message }]
  },
}

const subjectOf = (plan: UpgradePlan) => `Cluster/${plan.cluster.name}`

function wrongCluster({ aws }: ClusterSnapshot, plan: UpgradePlan): readonly CheckFinding[] {
  const [, , , region, account, resource] = (aws.cluster?.arn ?? '').split(':')
  const found = { name: resource?.replace('cluster/', ''), region, accountId: account }
  const subject = subjectOf(plan)
  if (region === undefined)
    return [{ verdict: 'unknown', subject, message: `DescribeCluster gave no usable ARN (${aws.cluster?.arn ?? 'none'}).` }]
  return (['name', 'region', 'accountId'] as const)
    .filter((member) => found[member] !== plan.cluster[member])
    .map((member) => ({
      verdict: 'block',
      subject,
      message: `The plan says ${member} ${plan.cluster[member]}, the cluster that answered is ${aws.cluster?.arn}.`,
    }))
}

function wrongCaller({ aws }: ClusterSnapshot, plan: UpgradePlan): readonly CheckFinding[] {
  const account = aws.callerIdentity?.Account
  if (account === plan.cluster.accountId) return []
  const message = `The credentials are of account ${account ?? '(not said)'} (${aws.callerIdentity?.Arn ?? 'no ARN'}), the plan is for ${plan.cluster.accountId}.`
  return [{ verdict: account === undefined ? 'unknown' : 'block', subject: subjectOf(plan), message }]
}

/** By address and certificate; behind a proxy by the certificate alone; failing both, by the instances behind the nodes. */
function wrongServer(snapshot: ClusterSnapshot, plan: UpgradePlan): readonly CheckFinding[] {
  const server = snapshot.kubernetes.server
  const cluster = snapshot.aws.cluster
  const own = cluster?.certificateAuthority?.data
  const sameAuthority = own !== undefined && server?.certificateAuthorityData === own
  const sameAddress = sameHost(server?.endpoint, cluster?.endpoint)
  if (sameAuthority || (sameAddress && server?.certificateAuthorityData === undefined)) return []
  const shared = sharedInstances(snapshot)
  if (shared === 'some') return []
  const message =
    `The API server that answers is ${server?.endpoint}, the cluster's is ${cluster?.endpoint}; ` +
    (shared === 'none' ? "none of its nodes is an instance of this cluster's node groups." : 'no node could be compared either.')
  return [{ verdict: shared === 'none' ? 'block' : 'unknown', subject: subjectOf(plan), message }]
}

function sameHost(one: string | undefined, other: string | undefined): boolean {
  const bare = (url: string | undefined) => url?.replace(/\/+$/, '').toLowerCase()
  return one !== undefined && bare(one) === bare(other)
}

function sharedInstances(snapshot: ClusterSnapshot): 'some' | 'none' | 'not comparable' {
  const instances = new Set(
    (snapshot.aws.autoScalingGroups ?? []).flatMap((group) => (group.Instances ?? []).map((each) => each.InstanceId)),
  )
  const nodes = nodesOf(snapshot).flatMap((node) => instanceIdOf(node) ?? [])
  if (instances.size === 0 || nodes.length === 0) return 'not comparable'
  return nodes.some((id) => instances.has(id)) ? 'some' : 'none'
}
