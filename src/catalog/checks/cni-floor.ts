import { parseAddonVersion } from '../../model/addon-version.ts'
import type { AddonIntent } from '../../model/intent.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { CNI, cniStays, movingCni } from './reading/addons.ts'
import { crosses } from './reading/crossing.ts'
import { awsNodeDaemonSet, awsNodeVariable } from './reading/pool-settings.ts'
import { foundOr } from './reading/verdicts.ts'

interface Floor {
  readonly version: string
  readonly inUse: (snapshot: ClusterSnapshot) => boolean
  readonly problem: string
  readonly source: string
}

const README = 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md'
const isOn = (variable: string) => (snapshot: ClusterSnapshot) => awsNodeVariable(snapshot, variable) === 'true'
const onMetal = ({ aws }: ClusterSnapshot) =>
  (aws.nodegroups ?? []).some(({ instanceTypes }) => instanceTypes?.some((type) => type.includes('metal')))

/** Versions below which something that is in use cannot go. Read on 2026-11-20 from the source of each row. */
const FLOORS: readonly Floor[] = [
  {
    version: '1.20.0',
    inUse: isOn('ENABLE_MULTI_NIC'),
    problem:
      'pods have interfaces on several network cards, which older versions do not know; they must be gone, and ENABLE_MULTI_NIC off, first',
    source: README,
  },
  {
    version: '1.15.0',
    inUse: isOn('ENABLE_POD_ENI'),
    problem: 'security groups for pods go through CNINode objects, which older versions do not write',
    source: README,
  },
  {
    version: '1.14.0',
    inUse: enforcesPolicies,
    problem:
      'network policies are enforced by programs on the nodes, which nobody would manage any more: switch `enable-network-policy-controller` off and replace the nodes first',
    source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/network-policy-faq.md',
  },
  {
    version: '1.12.1',
    inUse: () => true,
    problem: 'pods that were made since cannot be deleted by older versions: replace the nodes after it',
    source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md',
  },
  {
    version: '1.11.0',
    inUse: (snapshot) => isOn('ENABLE_PREFIX_DELEGATION')(snapshot) && onMetal(snapshot),
    problem: 'prefixes are attached to bare metal, which older versions cannot handle',
    source: README,
  },
  {
    version: '1.9.0',
    inUse: isOn('ENABLE_PREFIX_DELEGATION'),
    problem: 'prefixes are attached, which older versions do not know: pods on them would lose their network',
    source: 'https://docs.aws.amazon.com/eks/latest/best-practices/prefix-mode-linux.html',
  },
]

function enforcesPolicies(snapshot: ClusterSnapshot): boolean {
  const agent = awsNodeDaemonSet(snapshot)?.spec?.template?.spec?.containers?.find(({ name }) => name === 'aws-eks-nodeagent')
  return agent?.args?.some((arg) => arg === '--enable-network-policy=true') ?? false
}

/** vpc-cni does not go below a version that something in use needs, nor would it on the way back. */
export const cniFloor: CheckDefinition = {
  code: 'CNI_FLOOR',
  title: 'Neither the way there nor the way back takes vpc-cni below what is in use',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:daemonsets'],
  notApplicable: cniStays,
  prevents:
    'A way back that does more harm than what it takes back: pods lose their network, or cannot be deleted, under a version that is too old for them.',
  remedy: 'Switch the feature off and replace the nodes first, or stay above that version.',
  source: README,
  evaluate: ({ snapshot, intent, plan }) => {
    const addon = movingCni({ intent })
    const found = FLOORS.flatMap((floor) => (addon !== undefined && floor.inUse(snapshot) ? judge(addon, floor) : []))
    return foundOr(found, plan, 'No version of the way there or back is too old for what is in use.')
  },
}

function judge(addon: AddonIntent, { version, problem, source }: Floor): readonly CheckFinding[] {
  const way = crosses(addon, parseAddonVersion(version))
  if (way === undefined) return []
  const subject = `Addon/${CNI}`
  const message =
    way === 'down'
      ? `This run takes ${CNI} below ${version}, but ${problem}.`
      : `The way back takes ${CNI} from ${addon.hops.at(-1)} below ${version} to ${addon.baseline.version}, but ${problem}.`
  return [
    {
      verdict: way === 'down' ? 'block' : 'warn',
      subject,
      message,
      remedy: `Switch the feature off and replace the nodes first, or name a version above that in the plan, under \`target.addons\`. What is known: ${source}.`,
    },
  ]
}
