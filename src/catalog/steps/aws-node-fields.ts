import type { FieldsStep } from '../../model/itinerary.ts'
import type { Seen } from '../../model/seen.ts'
import type { StepDefinition } from './definition.ts'

/**
 * Puts back the settings of aws-node that the add-on update wiped: with OVERWRITE, EKS resets what was set by hand, and
 * the way back alone does not bring it again (amazon-vpc-cni-k8s#2268). Only what is missing or different is set.
 */
export const awsNodeFields: StepDefinition<'aws-node-fields'> = {
  kind: 'aws-node-fields',
  title: 'Re-apply settings of aws-node that the add-on update wiped',
  reversibility: 'reversible',
  call: (step) =>
    `kubernetes:PATCH daemonsets kube-system/aws-node (${Object.keys(step.env).length} variables as they were, where they differ)`,
  actions: ({ step, seen }) => {
    const env = wiped(step, seen)
    return Object.keys(env).length === 0 ? [] : [{ kind: 'set-aws-node-env', env }]
  },
  progress: ({ step, seen }) => {
    const set = seen.awsNode
    const rolled = set !== undefined && set.observedGeneration >= set.generation && set.updated >= set.desired
    return rolled && Object.keys(wiped(step, seen)).length === 0
      ? { kind: 'done' }
      : { kind: 'in-progress', because: 'aws-node rolls with its former settings' }
  },
  compensate: () => undefined,
}

/** Variables of the baseline that are missing or different now; none when the DaemonSet cannot be seen. */
function wiped(step: FieldsStep, { awsNode }: Seen): Readonly<Record<string, string>> {
  const now = awsNode?.env
  if (now === undefined) return {}
  return Object.fromEntries(Object.entries(step.env).filter(([name, value]) => now[name] !== value))
}
