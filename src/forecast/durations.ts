import { MINUTE, type Millis, SECOND } from '../model/instant.ts'
import type { StepForecast } from '../model/itinerary.ts'

/**
 * How long the moves of a run take, and what they expose before anybody can stop them.
 *
 * Published by EKS (https://docs.aws.amazon.com/eks/latest/userguide/managed-node-update-behavior.html): the order of phases,
 * 15 minutes of eviction per node at most, 60 seconds of wait after the last pod of a node, scale-down one node at a time.
 * Everything marked "estimate" is the usual time of a stock Linux image; a slow AMI or a long drain takes longer.
 */

/** EKS writes its launch template version and points the Auto Scaling group at it. Estimate. */
const SET_UP: Millis = 60 * SECOND
/** From launch to Ready, aws-node included. Estimate; a node that has not joined after 15 minutes fails the update. */
const BOOT: Millis = 75 * SECOND
/** Between the cordon of a node and its first eviction. Estimate. */
const CORDON: Millis = 5 * SECOND
/** The grace period of a pod that sets none: https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination */
const POD_GRACE: Millis = 30 * SECOND
/** Evictions are sent one after the other. Estimate. */
const PER_EVICTION: Millis = 2 * SECOND
/** After this EKS gives up with PodEvictionFailure. */
const EVICTION_LIMIT: Millis = 15 * MINUTE
/** Between the last pod's end and the termination of its node. */
const WAIT_AFTER_DRAIN: Millis = 60 * SECOND
/** Until the Auto Scaling group has terminated an instance. Estimate. */
const TERMINATE: Millis = 30 * SECOND
/** One step of the scale-down. Estimate. */
const SCALE_DOWN_STEP: Millis = 15 * SECOND

/** EKS accepts an add-on update and applies its objects. Estimate. */
const APPLY_ADDON: Millis = 30 * SECOND
/** An aws-node pod ends (10 s grace), starts, runs its init containers and turns ready. Estimate. */
const REPLACE_AWS_NODE: Millis = 45 * SECOND
/** After this a replaced aws-node that is not ready fails its gate. */
const AWS_NODE_LIMIT: Millis = 6 * MINUTE
/** `maxUnavailable: 10%` of the aws-node DaemonSet: https://github.com/aws/amazon-vpc-cni-k8s/blob/master/config/master/aws-k8s-cni.yaml */
const DAEMON_SET_PERCENT = 10

export interface GroupUpdate {
  readonly nodes: number
  /** Pods of the whole group. */
  readonly pods: number
  readonly maxUnavailable: number
  /** Nodes launched beside the old ones; 0 under MINIMAL. */
  readonly surge: number
  readonly updateStrategy: 'DEFAULT' | 'MINIMAL'
  /** No part of the estimate: the scale-up boots the nodes of all zones at the same time. */
  readonly zones?: number
}

/**
 * Expected time of one managed node group update. All nodes and pods of the group count as exposed:
 * EKS offers no way to stop an update (https://github.com/aws/containers-roadmap/issues/1531).
 */
export function groupUpdateForecast(update: GroupUpdate): StepForecast {
  const expected = SET_UP + (update.nodes === 0 ? 0 : replaceAll(update))
  return {
    expected,
    back: expected,
    exposed: { nodes: update.nodes, pods: update.pods, minutes: Math.ceil(expected / MINUTE) },
  }
}

/**
 * DEFAULT pays the boot once, before the first drain: replacements start while the next nodes drain.
 * MINIMAL takes a node away first, so every round waits for the replacement.
 */
function replaceAll({ nodes, pods, maxUnavailable, surge, updateStrategy }: GroupUpdate): Millis {
  const rounds = Math.ceil(nodes / Math.max(1, maxUnavailable))
  const round = drainTime(pods / nodes) + WAIT_AFTER_DRAIN + TERMINATE
  if (updateStrategy === 'MINIMAL') return rounds * (round + BOOT)
  return BOOT + rounds * round + surge * SCALE_DOWN_STEP
}

/** Expected time to cordon a node and evict its pods, at most EKS's limit. */
function drainTime(podsPerNode: number): Millis {
  if (podsPerNode === 0) return CORDON
  return Math.min(EVICTION_LIMIT, CORDON + Math.ceil(podsPerNode) * PER_EVICTION + POD_GRACE)
}

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
