import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'
import { type MovedWorkload, movedWorkloads } from './reading/workloads.ts'

/** What has to move has a second replica. */
export const singleReplica: CheckDefinition = {
  code: 'SINGLE_REPLICA',
  title: 'Every workload to be moved has more than one replica',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes', 'kubernetes:pods', 'kubernetes:deployments', 'kubernetes:statefulsets'],
  notApplicable: noGroupChanges,
  prevents: 'A service that is away from its eviction until its only pod runs again elsewhere, which nobody had told its users.',
  remedy: 'Scale it to two for the run, or tell who uses it: `kubectl -n NAMESPACE scale KIND NAME --replicas=2`.',
  source: 'https://kubernetes.io/docs/concepts/workloads/pods/disruptions/',
  evaluate: ({ snapshot, intent, plan }) => {
    const moved = movedWorkloads(snapshot, intent)
    const found = moved.filter(({ workload }) => (workload.spec?.replicas ?? 1) === 1).map(warned)
    return foundOr(found, plan, `${count(moved.length, 'workload')} to be moved, each with a second replica.`)
  },
}

function warned({ subject, moved }: MovedWorkload): CheckFinding {
  const [kind = '', namespace, name] = subject.split('/')
  return {
    verdict: 'warn',
    subject,
    message: `${kind} ${namespace}/${name} has one replica, on ${moved[0]?.spec?.nodeName}: it is away from the eviction of that pod until the next one is ready.`,
    remedy: `\`kubectl -n ${namespace} scale ${kind.toLowerCase()} ${name} --replicas=2\` for the run, or tell who uses it.`,
  }
}
