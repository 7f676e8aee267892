import { addressesPerNode, type PoolSettings } from '../../forecast/addresses.ts'
import { nodesAtOnce, REQUEST_BUCKETS, timeToAnswer } from '../../forecast/request-budget.ts'
import { formatDuration } from '../../model/instant.ts'
import type { GroupIntent } from '../../model/intent.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { groupsTogether } from './reading/batches.ts'
import { noGroupChanges } from './reading/nodes.ts'
import { withAwsNode } from './reading/pool-settings.ts'
import { limitsOf } from './reading/type-limits.ts'
import { foundOr } from './reading/verdicts.ts'
import { count } from './reading/wording.ts'
import { branchesPerNode } from './reading/zone-needs.ts'

type Action = keyof typeof REQUEST_BUCKETS

/** Nodes and pods of a batch do not ask more of EC2 at once than the account may. */
export const requestBuckets: CheckDefinition = {
  code: 'REQUEST_BUCKETS',
  title: 'No batch asks EC2 for more interfaces at once than half of what the account may',
  severity: 'warn',
  waivable: true,
  needs: ['kubernetes:daemonsets', 'kubernetes:nodes', 'kubernetes:pods'],
  notApplicable: noGroupChanges,
  prevents:
    'RequestLimitExceeded while many nodes start together: interfaces come late, pods of innocent workloads wait in ContainerCreating, and everything else in the account that calls EC2 waits too.',
  remedy: 'Lower `maxUnavailable` of the groups or `batch` of the wave in the plan, so that fewer nodes start at the same time.',
  source: 'https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html',
  evaluate: (input) =>
    withAwsNode(input, (_, settings) => {
      const { snapshot, plan, intent } = input
      const batches = groupsTogether(plan, intent).map((groups) => groups.map((group) => askedBy(snapshot, settings, group)))
      const found = batches.flatMap(judge)
      return foundOr(
        found,
        plan,
        `${count(batches.length, 'batch').replace('batchs', 'batches')}, none of which asks for more than half of a bucket at once.`,
      )
    }),
}

interface Asked {
  readonly group: string
  readonly nodes: number
  /** Requests of one new node, by action. */
  readonly perNode: Readonly<Record<Action, number>>
  /** Branch interfaces of the pods that one round of drains sets free. */
  readonly branches: number
}

/** What a node asks at its start: https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/ipamd/ipamd.go */
function askedBy(snapshot: ClusterSnapshot, settings: PoolSettings, group: GroupIntent): Asked {
  const uses = group.instanceTypes.flatMap((type) => limitsOf(snapshot, type) ?? []).map((limits) => addressesPerNode(limits, settings, 1))
  const interfaces = Math.max(0, ...uses.map((use) => use.interfaces.length))
  const own = settings.customNetworking ? interfaces : Math.max(0, interfaces - 1)
  const trunk = settings.podEni ? 1 : 0
  return {
    group: group.name,
    nodes: group.surge,
    perNode: {
      CreateNetworkInterface: own + trunk,
      AttachNetworkInterface: own + trunk,
      AssignPrivateIpAddresses: settings.prefixDelegation ? 2 : 1,
    },
    branches: settings.podEni ? group.maxUnavailable * branchesPerNode(snapshot, group) : 0,
  }
}

const ACTIONS = Object.keys(REQUEST_BUCKETS) as Action[]

function judge(batch: readonly Asked[]): readonly CheckFinding[] {
  const nodes = batch.reduce((sum, each) => sum + each.nodes, 0)
  const [worst] = ACTIONS.map((action) => ({ action, ...burstOf(batch, action) }))
    .filter(({ requests, action }) => requests > nodesAtOnce(REQUEST_BUCKETS[action], 1))
    .toSorted((a, b) => b.requests / REQUEST_BUCKETS[b.action].burst - a.requests / REQUEST_BUCKETS[a.action].burst)
  if (worst === undefined) return []
  const { burst, refill } = REQUEST_BUCKETS[worst.action]
  const late = timeToAnswer({ burst, refill }, worst.requests)
  return batch.slice(0, 1).map(({ group }) => ({
    verdict: 'warn',
    subject: `NodeGroup/${group}`,
    message:
      `${batch.map((each) => each.group).join(' and ')}: ${worst.text} = ${worst.requests} times ${worst.action} at once; the account may ${burst} at once and ${refill} a second, of which a run should take half. ` +
      (late > 0
        ? `The last would be answered ${formatDuration(late)} late.`
        : `That leaves little for anybody else, with ${count(nodes, 'node')} starting.`),
  }))
}

function burstOf(batch: readonly Asked[], action: Action): { readonly requests: number; readonly text: string } {
  const starting = batch.map(({ group, nodes, perNode }) => ({
    requests: nodes * perNode[action],
    text: `${group}: ${count(nodes, 'new node')} x ${perNode[action]}`,
  }))
  const branches = batch.map(({ group, branches: made }) => ({ requests: made, text: `${group}: ${count(made, 'branch interface')}` }))
  const bursts = [starting, ...(action === 'CreateNetworkInterface' ? [branches] : [])].map((parts) => ({
    requests: parts.reduce((sum, { requests }) => sum + requests, 0),
    text: parts.map(({ text }) => text).join(' + '),
  }))
  return bursts.toSorted((a, b) => b.requests - a.requests)[0] ?? { requests: 0, text: '' }
}
