import type { Action } from '../../model/command.ts'
import { SECOND } from '../../model/instant.ts'
import type { CreateGroupStep, DeleteGroupStep } from '../../model/replacement-steps.ts'
import type { GroupFacts } from '../../model/seen.ts'
import { autoScalingNameOf } from '../../model/self-managed.ts'
import type { Progress, StepDefinition } from './definition.ts'

/** Issues of a group that speak of capacity, quota or addresses (EKS API: NodegroupIssueCode). */
const NO_CAPACITY = new Set(['AsgInstanceLaunchFailures', 'InstanceLimitExceeded', 'InsufficientFreeAddresses', 'IpNotAvailable'])

/** Makes a group beside the one that it takes over from. What this run made is known by its tag, whatever answer got lost. */
export const createGroup: StepDefinition<'create-group'> = {
  kind: 'create-group',
  title: 'Make a node group beside the old one',
  reversibility: 'compensable',
  call: ({ group, replaces, sizes }) => `${createCall(group)} (beside ${replaces}, ${sizes.desired} of its nodes first)`,
  actions: ({ step, seen, run = '' }) => {
    const { group, replaces, made, sizes } = step
    const own = seen.groups[group]?.madeBy === run
    return own ? [] : [{ kind: 'create-group', group, replaces, run, made, sizes } satisfies Action]
  },
  repeats: { every: 10 * SECOND },
  progress: ({ step, seen, run }) => {
    const group = seen.groups[step.group]
    if (group === undefined || group.madeBy !== run) return { kind: 'in-progress', because: `${step.group} is being made` }
    if (group.status === 'CREATE_FAILED') return failed(step, group)
    if (group.status === 'ACTIVE') return { kind: 'done' }
    return { kind: 'in-progress', because: `${step.group} is ${group.status}: its first nodes have to join` }
  },
  compensate: (step, id): DeleteGroupStep => {
    const { group, timeout, wayBack, forecast } = step
    return { kind: 'delete-group', id, title: `${group} deleted`, group, own: true, timeout, wayBack, forecast }
  },
}

/** The call that makes a group of this kind. */
export function createCall(group: string): string {
  const own = autoScalingNameOf(group)
  return own === undefined ? `eks:CreateNodegroup ${group}` : `autoscaling:CreateAutoScalingGroup ${own}`
}

function failed({ group: name }: CreateGroupStep, { health, nodes }: GroupFacts): Progress {
  const evidence = health.map(({ code, message, resourceIds = [] }) => ({
    subject: `NodeGroup/${name}`,
    says: [`${code}: ${message}`, resourceIds.join(', ')].filter((part) => part !== '').join(' '),
  }))
  const cause = health.some(({ code = '' }) => NO_CAPACITY.has(code)) ? 'no-capacity' : 'nodes-never-join'
  const message = `${name} could not be made: ${evidence[0]?.says ?? 'EKS gives no reason'}. It stays as it is: delete it (\`aws eks delete-nodegroup --nodegroup-name ${name} --cluster-name …\`) before \`serin resume\`, which makes it anew; \`serin rollback\` deletes it too`
  return { kind: 'failed', failure: { cause, message, evidence, nodes: nodes.map((node) => node.name) } }
}
