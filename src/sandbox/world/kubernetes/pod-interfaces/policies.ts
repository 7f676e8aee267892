import type { LabelSelector } from '../../../../model/kubernetes.ts'
import { selectorMatches } from '../../../../model/kubernetes.ts'
import type { ObjectStore, StoredObject } from '../../../contract.ts'
import { builtInKind } from '../api/kinds.ts'
import { type Webhook, webhookMatches } from '../api/webhook-rules.ts'
import type { PodObject } from '../objects.ts'
import type { ContainerDetail, PodDetail } from '../pod-spec.ts'

/** The resource that a pod with a branch interface asks for, and the key of the annotation that says which it got. */
export const POD_INTERFACE = 'vpc.amazonaws.com/pod-eni'

/** The configuration of the webhook that EKS runs beside the API server; without it no pod gets a branch interface. */
export const INJECTING_WEBHOOK = 'vpc-resource-mutating-webhook'

interface PolicyObject extends StoredObject {
  readonly spec?: {
    readonly podSelector?: LabelSelector
    readonly serviceAccountSelector?: LabelSelector
    readonly securityGroups?: { readonly groupIds?: readonly string[] }
  }
}

type NewObject = Parameters<ObjectStore['create']>[0]
type Subject = Pick<PodObject, 'metadata' | 'spec'>

/** Security groups of all policies in the pod's namespace that select it, each once. Source: pkg/utils/helper.go of the controller. */
export function securityGroupsOf(store: Pick<ObjectStore, 'get' | 'list'>, pod: Subject): readonly string[] {
  const { namespace = 'default' } = pod.metadata
  const policies = store.list('SecurityGroupPolicy') as readonly PolicyObject[]
  const matching = policies.filter((policy) => policy.metadata.namespace === namespace && selects(store, policy, pod, namespace))
  return [...new Set(matching.flatMap(({ spec }) => spec?.securityGroups?.groupIds ?? []))].sort()
}

/** A selector that is left out asks nothing; a policy with neither selects nothing. */
function selects(store: Pick<ObjectStore, 'get'>, { spec = {} }: PolicyObject, pod: Subject, namespace: string): boolean {
  const { podSelector, serviceAccountSelector } = spec
  if (podSelector === undefined && serviceAccountSelector === undefined) return false
  if (podSelector !== undefined && !selectorMatches(podSelector, pod.metadata.labels)) return false
  if (serviceAccountSelector === undefined) return true
  const account = store.get('ServiceAccount', namespace, pod.spec?.serviceAccountName ?? 'default')
  return account !== undefined && selectorMatches(serviceAccountSelector, account.metadata.labels)
}

/** A store in which new pods that a policy selects ask for a branch interface, as webhooks/core/pod_webhook.go of the controller has it. */
export function injectingStore(store: ObjectStore): ObjectStore {
  return { ...store, create: (object) => store.create(object.kind === 'Pod' ? withInterface(store, object) : object) }
}

/** The pod as it comes out of the webhook. */
export function withInterface(store: ObjectStore, pod: NewObject): NewObject {
  const { hostNetwork, containers = [] } = (pod.spec ?? {}) as PodDetail
  if (hostNetwork || !isSentToWebhook(store, pod)) return pod
  if (securityGroupsOf(store, pod as unknown as Subject).length === 0) return pod
  const [first, ...others] = containers
  return first === undefined ? pod : { ...pod, spec: { ...(pod.spec as object), containers: [asking(first), ...others] } }
}

const POD = builtInKind('Pod')
const NOBODY = { username: '', groups: [] }

/** Whether the rules of the webhook's configuration send it a new pod. */
function isSentToWebhook(store: ObjectStore, pod: NewObject): boolean {
  const configuration = store.get('MutatingWebhookConfiguration', undefined, INJECTING_WEBHOOK)
  const webhooks = (configuration?.webhooks ?? []) as readonly Webhook[]
  if (POD === undefined || webhooks.length === 0) return false
  const { namespace, name = '' } = pod.metadata
  const request = {
    operation: 'CREATE',
    kind: POD,
    namespace,
    name,
    object: pod,
    oldObject: undefined,
    subresource: undefined,
    user: NOBODY,
    dryRun: false,
  } as const
  return webhooks.some((webhook) => webhookMatches(store, webhook, request))
}

function asking(container: ContainerDetail): ContainerDetail {
  const { requests, limits } = container.resources ?? {}
  const one = { [POD_INTERFACE]: '1' }
  return { ...container, resources: { ...container.resources, limits: { ...limits, ...one }, requests: { ...requests, ...one } } }
}

/** Whether a pod is to get a branch interface. */
export function wantsInterface({ spec }: Pick<PodObject, 'spec'>): boolean {
  return (spec?.containers ?? []).some(({ resources }) => resources?.limits?.[POD_INTERFACE] !== undefined)
}

/** The address of a pod's branch interface, once the controller has written it into the pod. */
export function interfaceAddress({ metadata }: PodObject): string | undefined {
  const text = metadata.annotations?.[POD_INTERFACE]
  if (text === undefined) return undefined
  const [first] = JSON.parse(text) as readonly { readonly privateIp?: string }[]
  return first?.privateIp
}
