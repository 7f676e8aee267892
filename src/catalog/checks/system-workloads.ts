import type { Workload } from '../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** Judged by checks of their own. */
const JUDGED_ELSEWHERE = ['aws-node', 'kube-proxy']

/** What the cluster itself runs on is well before anything moves. */
export const systemWorkloads: CheckDefinition = {
  code: 'SYSTEM_WORKLOADS',
  title: 'Every Deployment and DaemonSet of kube-system has all of its pods',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:deployments', 'kubernetes:daemonsets'],
  prevents: 'Blaming the run for DNS, volumes or metrics that were ill before, and draining the last pod of coredns that still answers.',
  remedy: 'See why: `kubectl -n kube-system get pods`; mend it first.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/eks-add-ons.html',
  evaluate: ({ snapshot, plan }) => {
    const workloads = systemOnes(snapshot)
    return foundOr(workloads.flatMap(judge), plan, `${count(workloads.length, 'workload')} of kube-system, each with all of its pods.`)
  },
}

function systemOnes(snapshot: ClusterSnapshot): readonly Workload[] {
  return [...objectsOf<Workload>(snapshot, 'Deployment'), ...objectsOf<Workload>(snapshot, 'DaemonSet')].filter(
    ({ metadata }) => metadata.namespace === 'kube-system' && !JUDGED_ELSEWHERE.includes(metadata.name),
  )
}

function judge({ kind, metadata: { name }, spec, status }: Workload): readonly CheckFinding[] {
  const [has = 0, wants = 0] =
    kind === 'DaemonSet' ? [status?.numberReady, status?.desiredNumberScheduled] : [status?.readyReplicas, spec?.replicas ?? 1]
  if (has >= wants) return []
  const message = `${kind} kube-system/${name} has ${has} of ${count(wants, 'pod')} ready, before anything was moved.`
  const remedy = `See why: \`kubectl -n kube-system describe ${kind.toLowerCase()} ${name}\`.`
  return [{ verdict: 'warn', subject: `${kind}/kube-system/${name}`, message, remedy }]
}
