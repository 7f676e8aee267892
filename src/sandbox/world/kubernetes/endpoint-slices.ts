import { selectorMatches, ZONE_LABEL } from '../../../model/kubernetes.ts'
import type { StoredObject, StoreEvent } from '../../contract.ts'
import type { Ground } from './ground.ts'
import type { PodObject } from './objects.ts'
import { controlledBy, isReady, isTerminating, keyOf, splitKey } from './objects.ts'

type ServiceObject = StoredObject & {
  readonly spec?: {
    readonly selector?: Readonly<Record<string, string>>
    readonly ports?: readonly {
      readonly name?: string
      readonly port?: number
      readonly protocol?: string
      readonly targetPort?: unknown
    }[]
  }
}

const SYNC_DELAY = 100

/**
 * One EndpointSlice for every Service with a selector: its pods with an address, those that terminate among them.
 * Rule: k8s.io/endpointslice/reconciler.go. More than a hundred endpoints stay in one slice; Endpoints are not written.
 */
export class EndpointSlices {
  readonly #ground: Ground
  /** Services with a selector, by namespace. */
  readonly #services = new Map<string, Map<string, ServiceObject>>()
  readonly #queue: { readonly add: (key: string) => void }

  constructor(ground: Ground) {
    this.#ground = ground
    this.#queue = ground.queue('endpointslice', SYNC_DELAY, (key) => this.#sync(key))
  }

  #sync(key: string): void {
    const { store } = this.#ground
    const [namespace, name] = splitKey(key)
    const service = store.get('Service', namespace, name) as ServiceObject | undefined
    if (!service?.spec?.selector) return
    const { selector, ports = [] } = service.spec
    const pods = (store.list('Pod') as readonly PodObject[]).filter((pod) => isBehind(pod, namespace, selector))
    const slice = {
      addressType: 'IPv4',
      endpoints: pods.map((pod) => this.#endpointOf(pod)),
      ports: ports.map(({ name: port = '', port: number, protocol = 'TCP', targetPort }) => ({
        name: port,
        port: typeof targetPort === 'number' ? targetPort : number,
        protocol,
      })),
    }
    const known = store
      .list('EndpointSlice')
      .find(({ metadata }) => metadata.namespace === namespace && metadata.labels?.[OWNED_BY] === name)
    if (known) store.update('EndpointSlice', namespace, known.metadata.name, (current) => ({ ...current, ...slice }))
    else
      this.#ground.create({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: {
          name: '',
          ...{ generateName: `${name}-`, ownerReferences: controlledBy(service) as never },
          namespace,
          labels: { [MANAGED_BY]: 'endpointslice-controller.k8s.io', [OWNED_BY]: name },
        },
        ...slice,
      })
  }

  #endpointOf(pod: PodObject) {
    const { name, namespace, uid } = pod.metadata
    const nodeName = pod.spec?.nodeName ?? ''
    const zone = this.#ground.store.get('Node', undefined, nodeName)?.metadata.labels?.[ZONE_LABEL]
    const serving = isReady(pod)
    const terminating = isTerminating(pod)
    return {
      addresses: [pod.status?.podIP ?? ''],
      conditions: { ready: serving && !terminating, serving, terminating },
      nodeName,
      targetRef: { kind: 'Pod', name, namespace, uid },
      ...(zone === undefined ? {} : { zone }),
    }
  }

  #seeService({ type, object }: StoreEvent): void {
    const namespace = object.metadata.namespace ?? ''
    const here = this.#services.get(namespace) ?? new Map<string, ServiceObject>()
    this.#services.set(namespace, here)
    const service = object as ServiceObject
    if (type === 'DELETED' || !service.spec?.selector) here.delete(object.metadata.name)
    else here.set(object.metadata.name, service)
    this.#queue.add(keyOf(object))
  }

  handle(event: StoreEvent): void {
    const { kind, metadata } = event.object
    if (kind === 'Service') this.#seeService(event)
    if (kind !== 'Pod') return
    for (const service of this.#services.get(metadata.namespace ?? '')?.values() ?? [])
      if (selectorMatches({ matchLabels: service.spec?.selector ?? {} }, metadata.labels)) this.#queue.add(keyOf(service))
  }
}

const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'
const OWNED_BY = 'kubernetes.io/service-name'

function isBehind(pod: PodObject, namespace: string, selector: Readonly<Record<string, string>>): boolean {
  const { phase, podIP } = pod.status ?? {}
  const has = podIP !== undefined && phase !== 'Failed' && phase !== 'Succeeded'
  return has && pod.metadata.namespace === namespace && selectorMatches({ matchLabels: selector }, pod.metadata.labels)
}
