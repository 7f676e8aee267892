import type { ContainerDetail, PodDetail } from './pod-spec.ts'
import { quantity } from './quantity.ts'

/** What a pod takes of a node: millicores, bytes, and every other resource it names, such as `vpc.amazonaws.com/pod-eni`. */
export interface Demand {
  readonly cpu: number
  readonly memory: number
  readonly others: ReadonlyMap<string, number>
}

/** By the list of containers: a pod that is bound has another spec with the same one. */
const demands = new WeakMap<object, { readonly spec: PodDetail; readonly demand: Demand }>()

/**
 * What a pod asks for: its containers and sidecars together, or its hungriest init container with the sidecars before
 * it, and its overhead. Rule: PodRequests in k8s.io/component-helpers/resource/helpers.go.
 */
export function demandOf(spec: PodDetail): Demand {
  const key = spec.containers ?? spec
  const known = demands.get(key)
  if (known && known.spec.initContainers === spec.initContainers && known.spec.overhead === spec.overhead) return known.demand
  const names = new Set([...(spec.containers ?? []), ...(spec.initContainers ?? [])].flatMap((each) => Object.keys(requestsOf(each))))
  for (const name of Object.keys(spec.overhead ?? {})) names.add(name)
  const others = [...names].filter((name) => name !== 'cpu' && name !== 'memory')
  const demand = {
    cpu: Math.round(requested(spec, 'cpu') * 1000),
    memory: requested(spec, 'memory'),
    others: new Map(others.map((name) => [name, requested(spec, name)])),
  }
  demands.set(key, { spec, demand })
  return demand
}

/** A limit without a request is a request: the API server writes it so for every pod. */
function requestsOf({ resources }: ContainerDetail): Readonly<Record<string, string>> {
  return { ...resources?.limits, ...resources?.requests }
}

function requested(spec: PodDetail, resource: string): number {
  const of = (container: ContainerDetail) => quantity(requestsOf(container)[resource])
  let sidecars = 0
  let highest = 0
  for (const container of spec.initContainers ?? []) {
    if (container.restartPolicy === 'Always') sidecars += of(container)
    highest = Math.max(highest, container.restartPolicy === 'Always' ? sidecars : sidecars + of(container))
  }
  const together = (spec.containers ?? []).reduce((sum, container) => sum + of(container), sidecars)
  return Math.max(together, highest) + quantity(spec.overhead?.[resource])
}

const ports = new WeakMap<PodDetail, readonly string[]>()

/** Host ports a pod takes, `TCP/61678`. On the host network every container port is one. */
export function hostPortsOf(spec: PodDetail): readonly string[] {
  const known = ports.get(spec)
  if (known) return known
  const found = (spec.containers ?? []).flatMap((container) =>
    (container.ports ?? []).flatMap(({ containerPort, hostPort, protocol = 'TCP' }) => {
      const port = hostPort ?? (spec.hostNetwork ? containerPort : 0)
      return port > 0 ? [`${protocol}/${port}`] : []
    }),
  )
  ports.set(spec, found)
  return found
}
