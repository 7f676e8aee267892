import { describeSpec } from '../catalog/steps/group-spec.ts'
import { describeSettings } from '../catalog/steps/nodegroup-settings.ts'
import type { Action, ScalingGroupChange } from '../model/command.ts'
import type { LaunchFrom } from '../model/self-managed.ts'

type Words = { readonly [K in Action['kind']]: (action: Extract<Action, { kind: K }>) => string }

const WORDS: Words = {
  'update-addon': ({ addon, spec, resolveConflicts }) => `update add-on ${addon} to ${spec.version} (${resolveConflicts})`,
  'update-control-plane': ({ version, goesBack }) =>
    `${goesBack ? 'roll the control plane back' : 'upgrade the control plane'} to ${version}`,
  'cancel-rollback': () => 'cancel the rollback, of which nodes are on their way yet',
  'update-nodegroup-version': ({ group, spec }) => `update node group ${group} to ${describeSpec(spec)}`,
  'update-nodegroup-config': ({ group, settings }) => `set the update settings of node group ${group} to ${describeSettings(settings)}`,
  'scale-nodegroup': ({ group, sizes }) =>
    sizes.desired === undefined
      ? `let node group ${group} have ${sizes.min} to ${sizes.max} nodes`
      : `scale node group ${group} to ${sizes.desired} nodes`,
  'create-group': ({ group, replaces, sizes }) => `make group ${group} with ${sizes.desired} nodes beside ${replaces}`,
  'delete-group': ({ group }) => `delete group ${group}`,
  'tag-scaling-group': ({ autoScalingGroup, key, tag }) => `${tag === undefined ? 'remove' : 'set'} tag ${key} of ${autoScalingGroup}`,
  cordon: ({ node }) => `cordon node ${node}`,
  'retire-node': ({ node }) => `take node ${node} out of service to drain it`,
  uncordon: ({ node }) => `uncordon node ${node}`,
  'exclude-from-balancers': ({ node }) => `take node ${node} out of load balancers`,
  'include-in-balancers': ({ node }) => `take node ${node} back into load balancers`,
  'annotate-node': ({ node, key, value }) => `${value === undefined ? 'remove annotation' : 'annotate with'} ${key} on node ${node}`,
  'label-node': ({ node, key, value }) => `${value === undefined ? 'remove label' : 'label with'} ${key} on node ${node}`,
  'taint-node': ({ node, key }) => `taint node ${node} with ${key}:NoSchedule`,
  'avoid-node': ({ node, avoid }) => `let new pods ${avoid ? 'prefer other nodes than' : 'take'} node ${node}`,
  'remove-taint': ({ node, key }) => `remove taint ${key} from node ${node}`,
  'set-aws-node-env': ({ env }) => `set ${Object.keys(env).join(', ')} of aws-node to what they were`,
  'evict-pod': ({ namespace, pod, node }) => `evict pod ${namespace}/${pod} from node ${node}`,
  'delete-pod': ({ namespace, pod, node }) => `delete pod ${namespace}/${pod} on node ${node}, past its budgets`,
  'create-probe': ({ probe }) => `probe the network on node ${probe.node} (${probe.role}, ${probe.namespace}/${probe.name})`,
  'remove-probe': ({ namespace, probe }) => `remove the probe ${namespace}/${probe}`,
  'restore-max-size': ({ autoScalingGroup, max }) => `restore the maximum of ${autoScalingGroup} to ${max}`,
  'update-scaling-group': ({ autoScalingGroup, change }) => `set ${changeWords(change)} of ${autoScalingGroup}`,
  'terminate-instance': ({ instanceId, autoScalingGroup, decrement }) =>
    `terminate ${instanceId} of ${autoScalingGroup}${decrement ? ', which gets one smaller' : ', which replaces it'}`,
  'protect-instances': ({ instanceIds, autoScalingGroup, protect }) =>
    `${protect ? 'protect' : 'unprotect'} ${instanceIds.join(', ')} of ${autoScalingGroup} from scale-in`,
  'suspend-processes': ({ processes, autoScalingGroup }) => `suspend ${processes.join(', ')} of ${autoScalingGroup}`,
  'resume-processes': ({ processes, autoScalingGroup }) => `resume ${processes.join(', ')} of ${autoScalingGroup}`,
  'complete-lifecycle-action': ({ hook, instanceId, result }) => `complete lifecycle hook ${hook} of ${instanceId} with ${result}`,
}

/** `update add-on vpc-cni to v1.19.2-eksbuild.1`: the effect a command has, in words. */
export function actionWords(action: Action): string {
  return (WORDS[action.kind] as (action: Action) => string)(action)
}

function changeWords({ min, max, desired, launch }: ScalingGroupChange): string {
  const parts = [
    min === undefined ? undefined : `minimum ${min}`,
    max === undefined ? undefined : `maximum ${max}`,
    desired === undefined ? undefined : `desired size ${desired}`,
    launch && launchWords(launch),
  ]
  return parts.filter((part) => part !== undefined).join(', ')
}

function launchWords(launch: LaunchFrom): string {
  if (launch.kind === 'template') return `launch template ${launch.id} version ${launch.version}`
  return launch.kind === 'configuration' ? `launch configuration ${launch.name}` : 'the mixed-instances policy'
}
