import { MINUTE, type Millis, SECOND } from '../model/instant.ts'
import type { StepForecast } from '../model/itinerary.ts'

/** How long an add-on or a control plane takes, and what it exposes before anybody can stop it. "Estimate" is the usual time of a stock Linux image. */

/** EKS accepts an add-on update and applies its objects. Estimate. */
const APPLY_ADDON: Millis = 30 * SECOND
/** An aws-node pod ends (10 s grace), starts, runs its init containers and turns ready. Estimate. */
const REPLACE_AWS_NODE: Millis = 20 * SECOND
/** After this a replaced aws-node that is not ready fails its gate. */
const AWS_NODE_LIMIT: Millis = 6 * MINUTE
/** `maxUnavailable: 10%` of the aws-node DaemonSet: https://github.com/aws/amazon-vpc-cni-k8s/blob/master/config/master/aws-k8s-cni.yaml */
const DAEMON_SET_PERCENT = 10

/**
 * Expected time of one hop of an add-on that is a DaemonSet. Exposed is what its own 10 % budget lets fail at once
 * (rounded up, so one node at least), for as long as a replaced pod may take before its gate fails.
 */
export function addonHopForecast({ nodes, pods }: { readonly nodes: number; readonly pods: number }): StepForecast {
  const atOnce = Math.ceil((nodes * DAEMON_SET_PERCENT) / 100)
  const rounds = nodes === 0 ? 0 : Math.ceil(nodes / atOnce)
  const expected = APPLY_ADDON + rounds * REPLACE_AWS_NODE
  const exposedPods = nodes === 0 ? 0 : Math.ceil((pods / nodes) * atOnce)
  return {
    expected,
    back: expected,
    exposed: { nodes: atOnce, pods: exposedPods, minutes: nodes === 0 ? 0 : Math.ceil((APPLY_ADDON + AWS_NODE_LIMIT) / MINUTE) },
  }
}

/** EKS replaces the API servers of a control plane: about ten minutes in the log of https://github.com/eksctl-io/eksctl/issues/7976. */
const CONTROL_PLANE: Millis = 10 * MINUTE

/** No node is touched. Going back takes as long, and under Auto Mode at most so much longer as its nodes may take before. */
export function controlPlaneForecast(nodesBackWithin: Millis = 0): StepForecast {
  return { expected: CONTROL_PLANE, back: CONTROL_PLANE + nodesBackWithin, exposed: { nodes: 0, pods: 0, minutes: 0 } }
}
