import { allocationOf } from '../../model/allocation.ts'
import { aboutOf, lastSeen, textOf } from '../../model/events.ts'
import type { KubernetesEvent, Pod } from '../../model/kubernetes.ts'
import type { WaitingPod } from '../../model/seen.ts'
import { podFacts } from './pod-facts.ts'
import { boundAt, controllerOf } from './pods.ts'

/**
 * Pods on the pod network that are bound to their node and have no address, with the cause as far as it can be told.
 * @param aboutNode events about the node of these pods
 */
export function waitingPods(
  pods: readonly Pod[],
  eventsOf: (pod: Pod) => readonly KubernetesEvent[],
  aboutNode: readonly KubernetesEvent[] = [],
): readonly WaitingPod[] {
  return pods
    .filter((pod) => podFacts(pod).waiting)
    .map((pod) => waitingPod(pod, eventsOf(pod), aboutNode))
    .sort((a, b) => compare(`${a.namespace}/${a.name}`, `${b.namespace}/${b.name}`))
}

function waitingPod(pod: Pod, events: readonly KubernetesEvent[], aboutNode: readonly KubernetesEvent[]): WaitingPod {
  const { namespace = '', name, uid } = pod.metadata
  const owner = controllerOf(pod)?.name
  const base = { namespace, name, ...(uid !== undefined && { uid }), ...(owner !== undefined && { owner }), boundAt: boundAt(pod) }
  const own = events.filter((event) => isAboutThis(pod, event))
  const told = newestTelling(own)
  const why = told === undefined ? causeByStatus(pod) : { cause: told.cause, message: textOf(told.event) }
  const node = { events: aboutNode.map(toldBy) }
  return { ...base, ...why, ...(why.cause === 'cni' && { allocation: allocationOf(pod, own.map(toldBy), node) }) }
}

function toldBy(event: KubernetesEvent) {
  return { type: event.type ?? '', reason: event.reason ?? '', text: textOf(event), lastSeen: lastSeen(event) }
}

type Cause = WaitingPod['cause']

/**
 * The newest event that tells where the pod stands. Kubelet mounts volumes first, then makes the sandbox (here the CNI is called),
 * then pulls images and starts containers, so a later step also proves that the earlier ones are over.
 */
function newestTelling(events: readonly KubernetesEvent[]): { event: KubernetesEvent; cause: Cause } | undefined {
  const telling = events
    .map((event) => ({ event, cause: causeByEvent(event) }))
    .filter((told): told is { event: KubernetesEvent; cause: Cause } => told.cause !== undefined)
  return telling.sort((a, b) => lastSeen(b.event) - lastSeen(a.event))[0]
}

/** A pod of a StatefulSet comes back under the same name: events of its predecessor carry another uid. */
function isAboutThis(pod: Pod, event: KubernetesEvent): boolean {
  const { uid } = aboutOf(event)
  return uid === undefined || uid === '' || pod.metadata.uid === undefined || uid === pod.metadata.uid
}

/** Texts of kubelet and of the VPC CNI's plugin (https://github.com/aws/amazon-vpc-cni-k8s, docs/troubleshooting.md). */
const CNI_TEXT =
  /failed to assign an IP address|plugin type="aws-cni"|failed to setup network for sandbox|cni plugin not initialized|NetworkPlugin/i
const VOLUME_REASONS = new Set(['FailedMount', 'FailedAttachVolume', 'FailedMapVolume', 'SuccessfulAttachVolume', 'VolumeResizeFailed'])
const IMAGE_REASONS = new Set(['Pulling', 'Pulled', 'BackOff', 'ErrImagePull', 'ImagePullBackOff', 'InspectFailed', 'ErrImageNeverPull'])

function causeByEvent(event: KubernetesEvent): Cause | undefined {
  const reason = event.reason ?? ''
  if (reason === 'NetworkNotReady' || CNI_TEXT.test(textOf(event))) return 'cni'
  if (reason === 'FailedCreatePodSandBox') return sandboxCause(textOf(event))
  if (VOLUME_REASONS.has(reason)) return 'volume'
  if (IMAGE_REASONS.has(reason) || (reason === 'Failed' && /image/i.test(textOf(event)))) return 'image'
  return reason === 'Created' || reason === 'Started' ? 'other' : undefined
}

/** A sandbox also fails when the pause image cannot be had, or when the runtime itself has trouble with the node. */
function sandboxCause(text: string): Cause {
  if (/pull(ing)? (the )?(sandbox |pause )?image|failed to get sandbox image/i.test(text)) return 'image'
  return /cgroup|no space left|runtime handler|context deadline exceeded$/i.test(text) && !/network|cni/i.test(text) ? 'other' : 'cni'
}

function causeByStatus(pod: Pod): { cause: Cause; message?: string } {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
  const waits = statuses.map((status) => status.state?.waiting).filter((wait) => wait !== undefined)
  const image = waits.find((wait) => /image/i.test(wait.reason ?? ''))
  if (image !== undefined) return { cause: 'image', message: image.message ?? image.reason }
  const creating = waits.some((wait) => wait.reason === 'ContainerCreating' || wait.reason === 'PodInitializing')
  // A claim that is still being attached says nothing for its first two minutes: silence is then no evidence against the CNI.
  const hasClaim = pod.spec?.volumes?.some((volume) => volume.persistentVolumeClaim !== undefined) === true
  return { cause: creating && !hasClaim ? 'cni' : 'unknown' }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
