import type { GroupIntent } from '../../model/intent.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import { type VcpuQuota, vcpuQuotaOf } from '../knowledge/vcpu-quotas.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { groupsBeside } from './reading/batches.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'

/** The account may run the surge nodes beside everything that runs now. */
export const vcpuQuota: CheckDefinition = {
  code: 'VCPU_QUOTA',
  title: 'The vCPU quotas of the account leave room for the surge',
  severity: 'warn',
  waivable: true,
  needs: ['eks:DescribeNodegroup', 'ec2:DescribeInstances', 'ec2:DescribeInstanceTypes', 'servicequotas:GetServiceQuota'],
  notApplicable: noGroupChanges,
  prevents:
    'VcpuLimitExceeded in the middle of a run: the surge nodes do not come, EKS gives up with NodeCreationFailure, and going back needs the same vCPUs.',
  remedy:
    '`aws service-quotas request-service-quota-increase --service-code ec2 --quota-code CODE --desired-value N`, days before the run.',
  source: 'https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-on-demand-instances.html#ec2-on-demand-instances-limits',
  evaluate: ({ snapshot, plan, intent }) => {
    const batches = groupsBeside(plan, intent)
    const asked = new Map(batches.flat().flatMap((group) => quotasOf(snapshot, group).map((quota) => [quota.code, quota] as const)))
    const told = [...asked.values()].map((quota) => judge(snapshot, quota, batches))
    const room = told.flatMap(({ room }) => room ?? [])
    return foundOr(
      told.flatMap(({ found }) => found ?? []),
      plan,
      room.join(' ') || 'No instance type of the run counts against a known quota.',
    )
  },
}

function marketOf({ aws }: ClusterSnapshot, group: string): 'on-demand' | 'spot' {
  return aws.nodegroups?.find(({ nodegroupName }) => nodegroupName === group)?.capacityType === 'SPOT' ? 'spot' : 'on-demand'
}

function quotasOf(snapshot: ClusterSnapshot, { name, instanceTypes }: GroupIntent): readonly VcpuQuota[] {
  return instanceTypes.flatMap((type) => vcpuQuotaOf(type, marketOf(snapshot, name)) ?? [])
}

interface Told {
  readonly found?: CheckFinding
  readonly room?: string
}

function judge(snapshot: ClusterSnapshot, quota: VcpuQuota, batches: readonly (readonly GroupIntent[])[]): Told {
  const subject = `Quota/${quota.code}`
  const limit = snapshot.aws.quotas?.find(({ QuotaCode }) => QuotaCode === quota.code)?.Value
  if (limit === undefined) return { found: { verdict: 'unknown', subject, message: `How many vCPUs "${quota.name}" allows was not told.` } }
  const used = usedOf(snapshot, quota)
  const [widest] = batches.map((groups) => needsOf(snapshot, groups, quota)).toSorted((a, b) => b.vcpus - a.vcpus)
  const needed = widest?.vcpus ?? 0
  const sum = `${used} vCPUs run in the account + ${widest?.text ?? 'nothing'} = ${used + needed} of ${limit} (${quota.name})`
  if (used + needed <= limit) return { room: `${sum}.` }
  const remedy = `\`aws service-quotas request-service-quota-increase --service-code ec2 --quota-code ${quota.code} --desired-value ${used + 2 * needed}\`; or make fewer nodes at a time.`
  return {
    found: { verdict: 'warn', subject, message: `${sum}: ${used + needed - limit} too many, so surge nodes would not come.`, remedy },
  }
}

/** Everything in the account and Region that counts against a quota. */
function usedOf({ aws }: ClusterSnapshot, quota: VcpuQuota): number {
  return (aws.instanceCounts ?? [])
    .filter(
      ({ InstanceType = '', InstanceLifecycle }) =>
        vcpuQuotaOf(InstanceType, InstanceLifecycle === 'spot' ? 'spot' : 'on-demand')?.code === quota.code,
    )
    .reduce((sum, { VCpus = 0 }) => sum + VCpus, 0)
}

/** What the surge of one batch counts against a quota; of several types the largest. */
function needsOf(
  snapshot: ClusterSnapshot,
  groups: readonly GroupIntent[],
  quota: VcpuQuota,
): { readonly vcpus: number; readonly text: string } {
  const parts = groups.flatMap((group) => {
    const types = group.instanceTypes.filter((type) => vcpuQuotaOf(type, marketOf(snapshot, group.name))?.code === quota.code)
    const each = Math.max(0, ...types.map((type) => vcpusOf(snapshot, type)))
    return each === 0
      ? []
      : [
          {
            vcpus: group.surge * each,
            text: `${group.name}: ${count(group.surge, group.replacement ? 'node beside the old ones' : 'surge node')} x ${each}`,
          },
        ]
  })
  return { vcpus: parts.reduce((sum, { vcpus }) => sum + vcpus, 0), text: parts.map(({ text }) => text).join(' + ') }
}

function vcpusOf({ aws }: ClusterSnapshot, type: string): number {
  return aws.instanceTypes?.find(({ InstanceType }) => InstanceType === type)?.VCpuInfo?.DefaultVCpus ?? 0
}
