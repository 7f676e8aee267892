import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { describeUpdate, openUpdates } from './reading/updates.ts'

/** The control plane is ACTIVE and nothing else moves it or its add-ons. */
export const clusterActive: CheckDefinition = {
  code: 'CLUSTER_ACTIVE',
  title: 'The cluster is ACTIVE and no update of it or of an add-on is in progress',
  severity: 'block',
  waivable: true,
  needs: ['eks:DescribeCluster', 'eks:ListAddons', 'eks:ListUpdates'],
  prevents:
    'EKS answers 409 to a second update, and an update that nobody of this run started makes it impossible to tell whose change broke what.',
  remedy: 'Wait until it has ended: `aws eks describe-cluster --name CLUSTER --query cluster.status`.',
  source: 'https://docs.aws.amazon.com/eks/latest/APIReference/API_Update.html',
  evaluate: (input) => {
    const found = [...clusterStatus(input), ...clusterHealth(input), ...runningUpdates(input), ...addonStatus(input)]
    if (found.length > 0) return found
    return [
      { verdict: 'pass', subject: `Cluster/${input.plan.cluster.name}`, message: 'The cluster is ACTIVE and no update is in progress.' },
    ]
  },
}

function clusterStatus({ snapshot, plan }: CheckInput): readonly CheckFinding[] {
  const status = snapshot.aws.cluster?.status
  if (status === 'ACTIVE') return []
  const message = `The cluster is ${status ?? 'in a state that EKS did not name'}, not ACTIVE: EKS would refuse every update with 409.`
  return [{ verdict: status === undefined ? 'unknown' : 'block', subject: `Cluster/${plan.cluster.name}`, message }]
}

function clusterHealth({ snapshot, plan }: CheckInput): readonly CheckFinding[] {
  return (snapshot.aws.cluster?.health?.issues ?? []).map((each) => ({
    verdict: 'warn',
    subject: `Cluster/${plan.cluster.name}`,
    message: `EKS reports a health issue of the cluster: ${each.code ?? 'no code'}: ${each.message ?? 'no message'}.`,
  }))
}

function runningUpdates({ snapshot, plan }: CheckInput): readonly CheckFinding[] {
  return openUpdates(snapshot)
    .filter((update) => update.nodegroupName === undefined)
    .map((update) => {
      const subject = update.addonName === undefined ? `Cluster/${plan.cluster.name}` : `Addon/${update.addonName}`
      const addon = update.addonName === undefined ? '' : ` --addon-name ${update.addonName}`
      return {
        verdict: 'block',
        subject,
        message: `EKS works on it already: ${describeUpdate(update)}. A second update gets 409, and both changes could not be told apart.`,
        remedy: `Wait for it: \`aws eks describe-update --name ${plan.cluster.name} --update-id ${update.id}${addon}\`.`,
      }
    })
}

/** An add-on that the plan moves and that is not at rest; its pods are looked at by AWS_NODE_HEALTHY. */
function addonStatus({ snapshot, plan, intent }: CheckInput): readonly CheckFinding[] {
  const moving = new Set(intent.addons.filter((addon) => addon.hops.length > 0).map((addon) => addon.name))
  return (snapshot.aws.addons ?? [])
    .filter((addon) => moving.has(addon.addonName ?? '') && addon.status !== 'ACTIVE')
    .map((addon) => ({
      verdict: addon.status === 'DEGRADED' ? 'warn' : 'block',
      subject: `Addon/${addon.addonName}`,
      message: `Add-on ${addon.addonName} is ${addon.status ?? 'in no state that EKS named'}${issuesOf(addon.health?.issues)}.`,
      remedy: `See \`aws eks describe-addon --cluster-name ${plan.cluster.name} --addon-name ${addon.addonName} --query addon.health\`.`,
    }))
}

function issuesOf(issues: readonly { readonly code?: string; readonly message?: string }[] = []): string {
  return issues.map((each) => `; ${each.code}: ${each.message}`).join('')
}
