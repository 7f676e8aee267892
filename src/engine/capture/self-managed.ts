import type { AutoScalingGroup } from '../../model/aws.ts'
import { globMatches } from '../../model/glob.ts'
import type { LaunchConfiguration } from '../../model/launch-source.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { NamedByPlan } from './named.ts'
import type { Pass } from './pass.ts'

const GROUPS = 'autoscaling:DescribeAutoScalingGroups'
/** The tag by which tools say whose a group is, with its two values: https://docs.aws.amazon.com/eks/latest/userguide/worker.html */
const OWNERSHIP = ['owned', 'shared']

interface SelfManaged {
  readonly groups: readonly AutoScalingGroup[]
  /** Launch configurations; absent when no group has one. */
  readonly configurations?: readonly LaunchConfiguration[]
}

/**
 * The Auto Scaling groups that a plan names: by name as they are, by pattern among those that carry the cluster's tag. An
 * account has many others, and those of managed node groups are found through EKS.
 */
export async function readSelfManaged(
  { autoScaling }: ClusterPorts,
  pass: Pass,
  cluster: string,
  { selfManaged: patterns = [], launchConfigurations = [] }: NamedByPlan,
): Promise<SelfManaged> {
  const names = patterns.filter((pattern) => !pattern.includes('*'))
  const globs = patterns.filter((pattern) => pattern.includes('*'))
  const named = names.length === 0 ? [] : await pass.read(GROUPS, () => autoScaling.describeGroups(names))
  const tagged = await pass.readEach(GROUPS, globs.length === 0 ? [] : OWNERSHIP, (value) =>
    autoScaling.describeGroupsByTag(`kubernetes.io/cluster/${cluster}`, value),
  )
  const matching = tagged.flat().filter((group) => !isManaged(group) && globs.some((glob) => globMatches(glob, nameOf(group))))
  const groups = [...new Map([...(named ?? []), ...matching].map((group) => [nameOf(group), group])).values()]
  const configurations = await readConfigurations(autoScaling, pass, groups, launchConfigurations)
  return { groups, ...(configurations && { configurations }) }
}

/** Those that groups launch from, and those that the plan wants; one that does not exist is simply not in the answer. */
async function readConfigurations(
  autoScaling: ClusterPorts['autoScaling'],
  pass: Pass,
  groups: readonly AutoScalingGroup[],
  named: readonly string[],
): Promise<readonly LaunchConfiguration[] | undefined> {
  const used = groups.flatMap(({ LaunchConfigurationName }) => LaunchConfigurationName ?? [])
  if (used.length === 0) return undefined
  const wanted = [...new Set([...used, ...named])]
  return pass.read('autoscaling:DescribeLaunchConfigurations', () => autoScaling.describeLaunchConfigurations(wanted))
}

function nameOf({ AutoScalingGroupName = '' }: AutoScalingGroup): string {
  return AutoScalingGroupName
}

function isManaged({ Tags = [] }: AutoScalingGroup): boolean {
  return Tags.some(({ Key }) => Key === 'eks:nodegroup-name')
}
