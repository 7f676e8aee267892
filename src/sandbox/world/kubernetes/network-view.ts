import { keyedRandom } from '../../../model/keyed.ts'
import { selectorMatches } from '../../../model/kubernetes.ts'
import type { StoredObject } from '../../contract.ts'
import type { Ground } from './ground.ts'
import { reachesServices } from './node-services.ts'
import type { Nodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { isActive, isReady } from './objects.ts'
import type { Traffic } from './pod-traffic.ts'

/** The network as a process in a pod meets it. */
export interface NetworkView {
  resolve(
    pod: PodObject,
    name: string,
  ):
    | { readonly kind: 'known'; readonly name: string; readonly address: string }
    | { readonly kind: 'unknown' }
    | { readonly kind: 'timeout' }
  /** KUBERNETES_SERVICE_HOST, which every container has in its environment. */
  apiServerAddress(): string
  /** A TCP connection to a name or address. `slow`: the name server never answered. */
  connect(pod: PodObject, host: string, port: number): Connection
}

export type Connection =
  | { readonly kind: 'unresolved'; readonly slow: boolean }
  | { readonly kind: 'open'; readonly address: string; readonly isApiServer: boolean }
  | { readonly kind: 'refused'; readonly address: string }
  | { readonly kind: 'timeout'; readonly address: string }

type ServiceObject = StoredObject & {
  readonly spec?: { readonly clusterIP?: string; readonly selector?: Readonly<Record<string, string>> }
}

const IP = /^\d+\.\d+\.\d+\.\d+$/
const SERVICE_NAME = /^([a-z0-9-]+)\.([a-z0-9-]+)(\.svc(\.cluster\.local)?)?\.?$/

export function createNetworkView(ground: Ground, nodes: Nodes, traffic: Traffic): NetworkView {
  const { store } = ground

  /** kube-proxy of the node leads cluster addresses nowhere, or the pod's packets to them are lost. */
  function servicesAway(pod: PodObject): boolean {
    const run = nodes.get(pod.spec?.nodeName ?? '')
    if (!run) return true
    return traffic.isCut(pod, 'services') || !reachesServices(ground, run)
  }

  function serviceOf(pod: PodObject, name: string): ServiceObject | undefined {
    if (/^[a-z0-9-]+$/.test(name)) return store.get('Service', pod.metadata.namespace, name) as ServiceObject | undefined
    const [, service = '', namespace = ''] = SERVICE_NAME.exec(name) ?? []
    return store.get('Service', namespace, service) as ServiceObject | undefined
  }

  function resolve(pod: PodObject, name: string): ReturnType<NetworkView['resolve']> {
    if (IP.test(name)) return { kind: 'known', name, address: name }
    if (servicesAway(pod) || !answers(backends({ 'k8s-app': 'kube-dns' }, 'kube-system'))) return { kind: 'timeout' }
    const service = serviceOf(pod, name)
    if (service) {
      const full = `${service.metadata.name}.${service.metadata.namespace}.svc.cluster.local`
      return { kind: 'known', name: full, address: service.spec?.clusterIP ?? '' }
    }
    const isInside = store.get('Namespace', undefined, name.split('.')[1] ?? '') !== undefined
    const isOutside = name.includes('.') && !isInside && !/\.(svc|cluster\.local|internal|invalid)\.?$/.test(name)
    return isOutside ? { kind: 'known', name, address: outsideAddress(ground.seed, name) } : { kind: 'unknown' }
  }

  function backends(selector: Readonly<Record<string, string>>, namespace: string): readonly PodObject[] {
    return (store.list('Pod') as readonly PodObject[]).filter(
      (pod) =>
        pod.metadata.namespace === namespace &&
        isActive(pod) &&
        isReady(pod) &&
        selectorMatches({ matchLabels: selector }, pod.metadata.labels),
    )
  }

  const answers = (pods: readonly PodObject[]) => pods.some((pod) => !traffic.isCut(pod, 'pods'))

  function toService(pod: PodObject, service: ServiceObject, address: string): Connection {
    if (servicesAway(pod)) return { kind: 'timeout', address }
    if (service.metadata.namespace === 'default' && service.metadata.name === 'kubernetes')
      return { kind: 'open', address, isApiServer: true }
    const found = backends(service.spec?.selector ?? {}, service.metadata.namespace ?? '')
    if (found.length === 0) return { kind: 'refused', address }
    return answers(found) ? { kind: 'open', address, isApiServer: false } : { kind: 'timeout', address }
  }

  function toAddress(pod: PodObject, address: string): Connection {
    const open = { kind: 'open', address, isApiServer: false } as const
    const cut = { kind: 'timeout', address } as const
    const service = (store.list('Service') as readonly ServiceObject[]).find(({ spec }) => spec?.clusterIP === address)
    if (service) return toService(pod, service, address)
    const peer = (store.list('Pod') as readonly PodObject[]).find(
      (each) => each.status?.podIP === address && !each.spec?.hostNetwork && isActive(each),
    )
    if (peer) return traffic.isCut(pod, 'pods') || traffic.isCut(peer, 'pods') ? cut : open
    const isInside = /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)/.test(address)
    return traffic.isCut(pod, isInside ? 'pods' : 'internet') ? cut : open
  }

  return {
    resolve,
    apiServerAddress: () => (store.get('Service', 'default', 'kubernetes') as ServiceObject | undefined)?.spec?.clusterIP ?? '',
    connect(pod, host) {
      const found = resolve(pod, host)
      return found.kind === 'known' ? toAddress(pod, found.address) : { kind: 'unresolved', slow: found.kind === 'timeout' }
    },
  }
}

/** A public address for a name outside, always the same one. */
function outsideAddress(seed: number, name: string): string {
  const draw = Math.floor(keyedRandom(seed, 'outside', name) * 2 ** 16)
  return `52.94.${draw >> 8}.${draw & 255}`
}
