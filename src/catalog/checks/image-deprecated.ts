import type { Image } from '../../model/aws.ts'
import { type Instant, instantOf } from '../../model/instant.ts'
import type { GroupIntent } from '../../model/intent.ts'
import { IMAGE_LABEL } from '../../model/kubernetes.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingGroups, groupNameOf, nodesOf, noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** Families for which EKS publishes no more images. https://docs.aws.amazon.com/eks/latest/userguide/eks-ami-deprecation-faqs.html */
const ENDED_FAMILIES: readonly { readonly amiType: RegExp; readonly family: string; readonly ended: string }[] = [
  { amiType: /^AL2_/, family: 'Amazon Linux 2', ended: '2025-11-26' },
]

/** Nodes run images that are still looked after. */
export const imageDeprecated: CheckDefinition = {
  code: 'IMAGE_DEPRECATED',
  title: 'No group of the run has an image, or a family of images, that is past its end',
  severity: 'warn',
  waivable: true,
  needs: ['ec2:DescribeImages', 'kubernetes:nodes'],
  notApplicable: noGroupChanges,
  prevents: 'Nodes that get no more security fixes, and a way back that ends one day: deprecated AMIs vanish without notice.',
  remedy:
    'Let a group with another image take over (`nodeGroups: [{ match: GROUP, strategy: replacement-group, replacement: { amiType: AL2023_x86_64_STANDARD } }]` in the plan), or build the custom AMI anew.',
  source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deprecate.html',
  evaluate: ({ snapshot, plan, intent, now }) => {
    const images = new Map((snapshot.aws.images ?? []).map((image) => [image.ImageId ?? '', image]))
    const groups = changingGroups(intent)
    const found = groups.flatMap((group) => [
      ...familyEnded(group),
      ...imagesOf(snapshot, group).flatMap(({ id, role }) => deprecated(group, images.get(id), role, now)),
    ])
    return foundOr(found, plan, `${count(groups.length, 'node group')}, none with an image past its end.`)
  },
}

function familyEnded({ name, amiType }: GroupIntent): readonly CheckFinding[] {
  const family = ENDED_FAMILIES.find((each) => each.amiType.test(amiType))
  if (family === undefined) return []
  const message = `${name} has images of ${family.family} (${amiType}), for which EKS publishes nothing new since ${family.ended}: its nodes get no more fixes.`
  return [{ verdict: 'warn', subject: `NodeGroup/${name}`, message }]
}

function imagesOf(snapshot: ClusterSnapshot, { name, target }: GroupIntent) {
  const running = nodesOf(snapshot)
    .filter((node) => groupNameOf(node) === name)
    .flatMap(({ metadata }) => metadata.labels?.[IMAGE_LABEL] ?? [])
  const before = [...new Set(running)].map((id) => ({ id, role: 'runs, and would go back to' }))
  return target.imageId === undefined ? before : [...before, { id: target.imageId, role: 'is to run' }]
}

function deprecated({ name }: GroupIntent, image: Image | undefined, role: string, now: Instant): readonly CheckFinding[] {
  const at = instantOf(image?.DeprecationTime)
  if (at === undefined || at > now) return []
  const message = `${image?.ImageId} (${image?.Name ?? 'without a name'}), which ${name} ${role}, is deprecated since ${image?.DeprecationTime?.slice(0, 10)}.`
  return [{ verdict: 'warn', subject: `NodeGroup/${name}`, message }]
}
