import type { Workload } from '../../model/kubernetes.ts'
import { objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** What else moves nodes, by the images of its pods, and what it may do to a run. */
const OPERATORS: readonly { readonly tool: string; readonly image: RegExp; readonly does: string }[] = [
  {
    tool: 'Cluster Autoscaler',
    image: /\/cluster-autoscaler(:|@)/,
    does: 'may take away the surge nodes as unneeded, or raise a group while EKS sizes it',
  },
  {
    tool: 'Karpenter',
    image: /\/karpenter(\/controller)?(:|@)/,
    does: 'consolidates nodes of its own meanwhile and takes pods that are evicted; its nodes are not touched by this run',
  },
  {
    tool: 'AWS Node Termination Handler',
    image: /\/aws-node-termination-handler(:|@)/,
    does: 'drains nodes of its own accord when the group ends them, beside EKS',
  },
  { tool: 'kured', image: /\/kured(:|@)/, does: 'cordons and reboots nodes meanwhile' },
  { tool: 'descheduler', image: /\/descheduler(:|@)/, does: 'evicts pods on its own, and spends the same budgets' },
]

/** Nothing else moves nodes or pods while the run does. */
export const otherOperators: CheckDefinition = {
  code: 'OTHER_OPERATORS',
  title: 'Nothing else in the cluster moves nodes or evicts pods',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:deployments', 'kubernetes:daemonsets'],
  notApplicable: noGroupChanges,
  prevents: 'Two tools that pull at the same nodes: a surge node scaled away before its pods arrive, a budget spent by somebody else.',
  remedy: 'Scale it down for the length of the run, or keep it from these groups; then bring it back.',
  source: 'https://docs.aws.amazon.com/eks/latest/best-practices/cluster-autoscaling.html',
  evaluate: ({ snapshot, plan }) => {
    const workloads = [...objectsOf<Workload>(snapshot, 'Deployment'), ...objectsOf<Workload>(snapshot, 'DaemonSet')]
    return foundOr(
      workloads.flatMap(judge),
      plan,
      `${count(workloads.length, 'workload')} looked at, none that moves nodes or evicts pods.`,
    )
  },
}

function judge({ kind, metadata: { namespace, name }, spec }: Workload): readonly CheckFinding[] {
  const images = (spec?.template?.spec?.containers ?? []).map(({ image = '' }) => image)
  const known = OPERATORS.find((operator) => images.some((image) => operator.image.test(image)))
  if (known === undefined || spec?.replicas === 0) return []
  const remedy =
    kind === 'Deployment'
      ? `\`kubectl -n ${namespace} scale deployment ${name} --replicas=0\` for the length of the run, if nothing else needs it; then bring it back.`
      : 'Keep it from the groups of this run by its own settings.'
  return [{ verdict: 'warn', subject: `${kind}/${namespace}/${name}`, message: `${known.tool} runs here and ${known.does}.`, remedy }]
}
