import type { EventFact, NodeFact, PodFact, PodGroups } from '../catalog/signatures/facts.ts'
import { type Instant, instantOf, MINUTE, SECOND } from '../model/instant.ts'
import { conditionOf, type Pod } from '../model/kubernetes.ts'
import { isReady } from './agents.ts'

const POD_ENI = 'vpc.amazonaws.com/pod-eni'

/** Words of the CNI's plugin, or of the kubelet that has none yet (docs/troubleshooting.md of amazon-vpc-cni-k8s). */
const PLUGIN = /plugin type="aws-cni"|failed to assign an IP address to container/
/** A probe that got no answer; a refused connection or a status is an answer. */
const NO_ANSWER = /probe failed: .*(context deadline exceeded|i\/o timeout|no route to host|Client\.Timeout)/
/** Until then a container that ends counts as one that failed at its start. */
const SOON = MINUTE

/** Pods of the pod network by what is wrong with them, each looked at once. */
export function podGroups(
  pods: readonly Pod[],
  nodeOf: (pod: Pod) => NodeFact | undefined,
  eventsOf: (pod: Pod) => readonly EventFact[],
  now: Instant,
): PodGroups {
  const groups = {
    stuck: [],
    unreachable: [],
    unscheduled: [],
    undying: [],
    failedSoon: [],
    ranWell: [],
    guarded: [],
    reached: [],
  } as Record<keyof PodGroups, PodFact[]>
  for (const pod of pods) {
    if (pod.spec?.hostNetwork === true) continue
    const fact = podFact(pod, nodeOf(pod), eventsOf(pod))
    if (fact.asksForBranch) groups.guarded.push(fact)
    const group = groupOf(fact, now)
    if (group !== undefined) groups[group].push(fact)
  }
  return groups
}

function podFact(pod: Pod, node: NodeFact | undefined, events: readonly EventFact[]): PodFact {
  const { namespace, name, annotations, creationTimestamp, ownerReferences } = pod.metadata
  const owner = ownerReferences?.find(({ controller }) => controller === true)
  return {
    pod,
    key: `${namespace}/${name}`,
    node,
    createdAt: instantOf(pod.status?.startTime ?? creationTimestamp) ?? 0,
    events,
    says: saysOf(pod, events),
    asksForBranch: (pod.spec?.containers ?? []).some(({ resources }) => resources?.limits?.[POD_ENI] !== undefined),
    annotated: annotations?.[POD_ENI] !== undefined,
    ...wasReady(pod),
    ...(owner === undefined ? {} : { owner: `${owner.kind}/${namespace}/${owner.name}` }),
  }
}

/** Of a pod without a node what the scheduler says, of one that cannot go why, else what its sandbox failed with last. */
function saysOf(pod: Pod, events: readonly EventFact[]): string {
  if (pod.metadata.deletionTimestamp !== undefined) return events.find(({ reason }) => reason === 'FailedKillPod')?.text ?? ''
  if (pod.spec?.nodeName === undefined) {
    const told = conditionOf(pod.status?.conditions, 'PodScheduled')?.message
    return told ?? events.find(({ reason }) => reason === 'FailedScheduling')?.text ?? ''
  }
  return events.find(({ reason, text }) => reason === 'FailedCreatePodSandBox' && PLUGIN.test(text))?.text ?? ''
}

function wasReady({ status }: Pod): Pick<PodFact, 'wasReadyFor'> {
  const ready = conditionOf(status?.conditions, 'Ready')
  const changed = instantOf(ready?.lastTransitionTime)
  const started = instantOf(status?.startTime)
  if (ready?.status !== 'False' || changed === undefined || started === undefined) return {}
  return { wasReadyFor: changed - started > 90 * SECOND ? changed - started : 0 }
}

function groupOf(fact: PodFact, now: Instant): keyof PodGroups | undefined {
  const { pod, says } = fact
  if (pod.metadata.deletionTimestamp !== undefined) return says === '' ? undefined : 'undying'
  const bound = pod.spec?.nodeName !== undefined
  switch (pod.status?.phase) {
    case 'Pending':
      if (bound) return waitsForNetwork(fact) ? 'stuck' : undefined
      return says === '' ? undefined : 'unscheduled'
    case 'Failed':
      return failedSoon(pod) ? 'failedSoon' : undefined
    case 'Succeeded':
      return 'ranWell'
    case 'Running':
      return runningGroup(fact, now)
    default:
      return undefined
  }
}

/** On a node that is not Ready itself the kubelet's silence tells nothing of pods. */
function runningGroup({ pod, events, node }: PodFact, now: Instant): keyof PodGroups | undefined {
  if (node?.ready !== 'True') return undefined
  if (isReady(pod)) return isProbed(pod) ? 'reached' : undefined
  const silent = events.some(({ reason, text, lastSeen }) => reason === 'Unhealthy' && NO_ANSWER.test(text) && now - lastSeen < 10 * MINUTE)
  return silent && (pod.status?.containerStatuses ?? []).every(({ state }) => state?.running !== undefined) ? 'unreachable' : undefined
}

/** Without a readiness probe a pod is Ready whatever becomes of its network. */
function isProbed({ spec }: Pod): boolean {
  return (spec?.containers ?? []).some((container) => 'readinessProbe' in container)
}

/** Its sandbox failed with the plugin's words and nothing went on since: an address means that the sandbox is there. */
function waitsForNetwork({ pod, says, asksForBranch, annotated }: PodFact): boolean {
  if (pod.status?.podIP !== undefined) return false
  const waits = (pod.status?.containerStatuses ?? []).some(({ state }) => state?.waiting?.reason === 'ContainerCreating')
  return waits && (says !== '' || (asksForBranch && !annotated))
}

function failedSoon({ status }: Pod): boolean {
  return (status?.containerStatuses ?? []).some(({ state }) => {
    const { exitCode, reason, startedAt, finishedAt } = state?.terminated ?? {}
    const lasted = (instantOf(finishedAt) ?? 0) - (instantOf(startedAt) ?? 0)
    return exitCode === 1 && reason === 'Error' && lasted < SOON
  })
}
