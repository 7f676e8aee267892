import type { Instant } from '../../../model/instant.ts'
import { instantOf, MINUTE, SECOND } from '../../../model/instant.ts'
import type { LabelSelector } from '../../../model/kubernetes.ts'
import { selectorMatches } from '../../../model/kubernetes.ts'
import type { ObjectStore, StoredObject } from '../../contract.ts'
import type { TrafficTrouble } from '../../levers.ts'
import { awsNodeOn } from './cni-plugin.ts'
import { environmentOfPod } from './ipamd-node.ts'
import type { PodObject } from './objects.ts'

/**
 * What faults do to the traffic of a pod, as far as the node's configuration lets them, and what that configuration does by
 * itself. `start` is when the world began.
 */
export function trafficTroubles(
  store: ObjectStore,
  pod: PodObject,
  faults: readonly TrafficTrouble[],
  start: Instant,
): readonly TrafficTrouble[] {
  const awsNode = awsNodeOn(store, pod.spec?.nodeName ?? '')
  if (!awsNode || !enforcesPolicies(awsNode)) return faults.filter(({ by }) => by !== 'node-agent')
  return [...faults, ...deniedByDefault(store, pod, awsNode, start), ...flapping(store)]
}

function enforcesPolicies(awsNode: PodObject): boolean {
  const agent = awsNode.spec?.containers?.find(({ name }) => name === 'aws-eks-nodeagent')
  return agent?.args?.includes('--enable-network-policy=true') ?? false
}

/**
 * In strict mode a pod that starts can reach nothing until a policy that selects it allows it; the kubelet still reaches
 * it. Policies hold 2 s after the start. Source: docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html.
 */
function deniedByDefault(store: ObjectStore, pod: PodObject, awsNode: PodObject, start: Instant): readonly TrafficTrouble[] {
  const isOld = (instantOf(pod.metadata.creationTimestamp) ?? start) < start
  if (isOld || environmentOfPod(awsNode).NETWORK_POLICY_ENFORCING_MODE !== 'strict') return []
  const cuts = ['services', 'pods', 'internet'] as const
  return allowsEgress(store, pod) ? [{ cuts, since: { to: 2 * SECOND } }] : [{ cuts }]
}

type PolicyObject = StoredObject & { readonly spec?: { readonly podSelector?: LabelSelector; readonly egress?: readonly unknown[] } }

/** Whether any policy lets the pod out. Where to is not looked at. */
function allowsEgress(store: ObjectStore, { metadata }: PodObject): boolean {
  return (store.list('NetworkPolicy') as readonly PolicyObject[]).some(
    (policy) =>
      policy.metadata.namespace === metadata.namespace &&
      selectorMatches(policy.spec?.podSelector, metadata.labels) &&
      (policy.spec?.egress ?? []).length > 0,
  )
}

/**
 * kube-proxy in nftables mode beside the node agent: cluster addresses work and do not work in turns
 * (github.com/bottlerocket-os/bottlerocket/issues/4674). How often is an assumption.
 */
function flapping(store: ObjectStore): readonly TrafficTrouble[] {
  const config = store.get('ConfigMap', 'kube-system', 'kube-proxy-config') as { readonly data?: { readonly config?: string } } | undefined
  if (!/^mode: "?nftables"?$/m.test(config?.data?.config ?? '')) return []
  return [{ cuts: ['services'], flaps: { every: MINUTE, lasting: 20 * SECOND } }]
}
