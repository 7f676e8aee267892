import type { GroupIntent } from '../../model/intent.ts'
import type { Node } from '../../model/kubernetes.ts'
import { compareMinors, parseMinor } from '../../model/kubernetes-minor.ts'
import { KUBERNETES_RISKS } from '../knowledge/kubernetes-risks.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingGroups, groupNameOf, nodesOf, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'

/** No group goes to a minor that is known to stop nodes like its own. */
export const knownRiskyTarget: CheckDefinition = {
  code: 'KNOWN_RISKY_TARGET',
  title: 'Nothing is known against the target minor on nodes like these',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:nodes'],
  notApplicable: noGroupChanges,
  prevents:
    'New nodes that never join because the kubelet of the new minor refuses what the image brings: the control group version, or the container runtime.',
  remedy: 'Read the source, and build the image anew before the group moves.',
  source: 'https://kubernetes.io/blog/2025/12/17/kubernetes-v1-35-release/',
  evaluate: ({ snapshot, plan, intent }) => {
    const byGroup = Map.groupBy(nodesOf(snapshot), groupNameOf)
    const found = changingGroups(intent).flatMap((group) =>
      judge(group, group.target.version ?? plan.target.kubernetesVersion, byGroup.get(group.name) ?? []),
    )
    return foundOr(
      found,
      plan,
      `Nothing is known against the targets of ${changingGroups(intent)
        .map(({ name }) => name)
        .join(', ')}.`,
    )
  },
}

function judge(group: GroupIntent, to: string | undefined, nodes: readonly Node[]): readonly CheckFinding[] {
  const [from, target] = [parseMinor(group.baseline.version), parseMinor(to)]
  if (target === undefined) return []
  return KUBERNETES_RISKS.filter(({ minor, concerns }) => {
    const first = parseMinor(minor)
    const crosses = first !== undefined && compareMinors(target, first) >= 0 && (from === undefined || compareMinors(from, first) < 0)
    return crosses && concerns(group, nodes)
  }).map(({ minor, problem, remedy, source }) => ({
    verdict: 'warn',
    subject: `NodeGroup/${group.name}`,
    message: `${group.name} goes to ${to} with an image of its own, and from ${minor} on Kubernetes is another: ${problem}.`,
    remedy: `${remedy} See ${source}.`,
  }))
}
