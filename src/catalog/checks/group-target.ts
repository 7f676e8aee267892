import type { GroupIntent } from '../../model/intent.ts'
import { compareMinors, parseMinor } from '../../model/kubernetes-minor.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { newestMinor } from './reading/control-plane.ts'
import { changingGroups, noGroupChanges } from './reading/nodes.ts'

/** No group is to become newer than its control plane. */
export const groupTarget: CheckDefinition = {
  code: 'GROUP_TARGET',
  title: 'No node group is to become newer than the control plane',
  severity: 'block',
  waivable: false,
  needs: ['eks:DescribeCluster'],
  notApplicable: noGroupChanges,
  prevents: 'A kubelet newer than its API server is not supported by Kubernetes; EKS refuses the update of the group.',
  remedy:
    'Let the plan move the control plane first, one minor (`target: { controlPlane: { version: … } }`), or lower `target.kubernetesVersion`.',
  source: 'https://kubernetes.io/releases/version-skew-policy/#kubelet',
  evaluate: ({ intent, plan }) => {
    const found = changingGroups(intent).flatMap((group) =>
      judge(group, group.target.version ?? plan.target.kubernetesVersion, newestMinor({ intent })),
    )
    if (found.length > 0) return found
    const message = `All targets are at or below the control plane's ${newestMinor({ intent })}.`
    return [{ verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message }]
  },
}

/** A group whose image is chosen by its own launch template may say no minor: then its nodes are judged once they run. */
function judge(group: GroupIntent, target: string | undefined, control: string): readonly CheckFinding[] {
  if (target === undefined) return []
  const subject = `NodeGroup/${group.name}`
  const [wanted, running] = [parseMinor(target), parseMinor(control)]
  if (!wanted || !running) {
    return [{ verdict: 'unknown', subject, message: `Target ${target} and control plane ${control} cannot be compared.` }]
  }
  if (compareMinors(wanted, running) <= 0) return []
  const message = `${group.name} is to move to ${target}, but the control plane is at ${control}: EKS refuses nodes newer than their control plane.`
  return [{ verdict: 'block', subject, message }]
}
