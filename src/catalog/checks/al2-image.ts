import type { GroupIntent } from '../../model/intent.ts'
import { compareMinors, parseMinor } from '../../model/kubernetes-minor.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingGroups, noGroupChanges } from './reading/nodes.ts'

/** The last minor for which EKS publishes Amazon Linux 2. */
const LAST_AL2 = { major: 1, minor: 32 }

/** No Amazon Linux 2 group is to become newer than the last minor that has such an image. */
export const al2Image: CheckDefinition = {
  code: 'AL2_IMAGE',
  title: 'No Amazon Linux 2 group is to move to 1.33 or later',
  severity: 'block',
  waivable: false,
  needs: [],
  notApplicable: noGroupChanges,
  prevents:
    'There is no such image: EKS publishes Amazon Linux 2 up to Kubernetes 1.32 only, and an update cannot change the AMI type of a group.',
  remedy:
    'Let a new group take over: `nodeGroups: [{ match: GROUP, strategy: replacement-group, replacement: { amiType: AL2023_x86_64_STANDARD } }]` in the plan; or exclude it.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html',
  evaluate: ({ intent, plan }) => {
    const found = changingGroups(intent).flatMap((group) => judge(group, plan.cluster.name))
    if (found.length > 0) return found
    return [{ verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message: 'No Amazon Linux 2 group moves past 1.32.' }]
  },
}

function judge(group: GroupIntent, cluster: string): readonly CheckFinding[] {
  const target = parseMinor(group.target.version)
  if (!group.amiType.startsWith('AL2_') || !target || compareMinors(target, LAST_AL2) <= 0) return []
  const message = `${group.name} has AMI type ${group.amiType} and is to move to ${group.target.version}; 1.32 is the last minor with Amazon Linux 2, and an update cannot change the AMI type.`
  const remedy = `Make a new group: \`aws eks create-nodegroup --cluster-name ${cluster} --nodegroup-name ${group.name}-al2023 --ami-type AL2023_x86_64_STANDARD …\`, move the workloads, exclude ${group.name}.`
  return [{ verdict: 'block', subject: `NodeGroup/${group.name}`, message, remedy }]
}
