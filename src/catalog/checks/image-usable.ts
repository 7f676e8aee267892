import type { Image } from '../../model/aws.ts'
import type { GroupIntent } from '../../model/intent.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { changingGroups } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** The images that the run launches, forwards and back, are there and may be used. */
export const imageUsable: CheckDefinition = {
  code: 'IMAGE_USABLE',
  title: 'Every custom AMI of the run exists and is shared with the account, the one to go back to as well',
  severity: 'block',
  waivable: true,
  needs: ['ec2:DescribeImages', 'ec2:DescribeLaunchTemplateVersions'],
  notApplicable: ({ intent }: CheckInput) =>
    ownImages(intent).length === 0 ? 'No node group of the run has a custom AMI; those of EKS stay.' : undefined,
  prevents:
    'InvalidAMIID.NotFound on every launch: the AMI was deregistered, or the account that builds it shares it no more. On the way back it means that there is none.',
  remedy: 'Share it again: `aws ec2 modify-image-attribute --image-id ID --launch-permission "Add=[{UserId=ACCOUNT}]"`, or build another.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html#launch-template-custom-ami',
  evaluate: ({ snapshot, plan, intent }) => {
    const images = new Map((snapshot.aws.images ?? []).map((image) => [image.ImageId ?? '', image]))
    const groups = ownImages(intent)
    const found = groups.flatMap((group) => [
      ...judge(group, group.target.imageId, images, 'block', plan.cluster.accountId),
      ...(group.target.imageId === group.baseline.imageId
        ? []
        : judge(group, group.baseline.imageId, images, 'warn', plan.cluster.accountId)),
    ])
    return foundOr(found, plan, `${count(groups.length, 'node group')} with a custom AMI; all of them can be launched, there and back.`)
  },
}

function ownImages(intent: CheckInput['intent']): readonly GroupIntent[] {
  return changingGroups(intent).filter(({ form }) => form === 'custom-ami')
}

/** An image that a template looks up at launch is judged by WAY_BACK. */
function judge(
  { name }: GroupIntent,
  id: string | undefined,
  images: ReadonlyMap<string, Image>,
  verdict: 'block' | 'warn',
  account: string,
): readonly CheckFinding[] {
  const subject = `NodeGroup/${name}`
  const role = verdict === 'block' ? 'is to run' : 'would go back to'
  if (id === undefined)
    return [{ verdict: 'unknown', subject, message: `Which AMI ${name} ${role} is not known: its launch template version was not read.` }]
  if (!id.startsWith('ami-')) return []
  const image = images.get(id)
  if (image?.State === 'available') return []
  const how =
    image === undefined
      ? `cannot be used by the account ${account}: it is gone, or not shared with it`
      : `is ${image.State ?? 'in no state that EC2 named'}, not available`
  const consequence = verdict === 'block' ? 'no new node could be launched' : 'there is no way back to it'
  return [
    {
      verdict,
      subject,
      message: `${id}, which ${name} ${role}, ${how}: ${consequence}.`,
      remedy: `Have its owner share it: \`aws ec2 modify-image-attribute --image-id ${id} --launch-permission "Add=[{UserId=${account}}]"\`; or build another and name its template version.`,
    },
  ]
}
