import { instantOf } from '../../model/instant.ts'
import { conditionOf, type EndpointSlice, type Pod, SERVICE_LABEL } from '../../model/kubernetes.ts'
import type { ServiceFacts } from '../../model/service-facts.ts'
import { type Changes, changesBetween } from './changes.ts'
import { KeyedSets } from './keyed-sets.ts'
import { podFacts } from './pod-facts.ts'
import { SortedList } from './sorted-list.ts'
import { ownerKey } from './workloads.ts'

/** Services by their EndpointSlices, and the pods of those who own what stands behind them; looks only at what changed. */
export class ServiceIndex {
  readonly #workloadOf: (pod: Pod) => string | undefined
  readonly #pods = new Map<string, Pod>()
  readonly #podsOfOwner = new KeyedSets<Pod>()
  readonly #slices = new KeyedSets<EndpointSlice>()
  readonly #ownersOf = new Map<string, ReadonlySet<string>>()
  readonly #facts = new SortedList<ServiceFacts>()
  #last: readonly EndpointSlice[] = []

  /** @param workloadOf the workload behind a pod, `Deployment/shop/web` */
  constructor(workloadOf: (pod: Pod) => string | undefined) {
    this.#workloadOf = workloadOf
  }

  takePods({ removed, added }: Changes<Pod>): void {
    for (const pod of removed) {
      this.#pods.delete(podFacts(pod).key)
      const owner = ownerKey(pod)
      if (owner !== undefined) this.#podsOfOwner.remove(owner, pod)
    }
    for (const pod of added) {
      this.#pods.set(podFacts(pod).key, pod)
      const owner = ownerKey(pod)
      if (owner !== undefined) this.#podsOfOwner.add(owner, pod)
    }
  }

  /** @param ownersChanged whether the workload behind any pod may be another one now */
  renew(slices: readonly EndpointSlice[], ownersChanged: boolean): readonly ServiceFacts[] {
    const { removed, added } = changesBetween(this.#last, slices)
    this.#last = slices
    for (const slice of removed) this.#slices.remove(serviceOf(slice), slice)
    for (const slice of added) this.#slices.add(serviceOf(slice), slice)
    for (const [service, owners] of this.#ownersOf)
      if (ownersChanged || [...owners].some((owner) => this.#podsOfOwner.isTouched(owner))) this.#renew(service)
    for (const service of this.#slices.touched()) this.#renew(service)
    this.#slices.settle()
    this.#podsOfOwner.settle()
    return this.#facts.values()
  }

  #renew(service: string): void {
    const slices = this.#slices.of(service)
    if (slices.length > 0) this.#facts.put(service, this.#factsOf(service, slices))
    else {
      this.#facts.remove(service)
      this.#ownersOf.delete(service)
    }
  }

  /** A pod may stand in several slices, one for each family of addresses. */
  #factsOf(key: string, slices: readonly EndpointSlice[]): ServiceFacts {
    const namespace = key.split('/')[0]
    const targets = slices.flatMap(({ endpoints }) => endpoints ?? []).filter(({ targetRef }) => targetRef?.kind === 'Pod')
    const ready = targets.filter(({ conditions }) => conditions?.ready !== false)
    const names = new Set(ready.map(({ targetRef }) => `${namespace}/${targetRef?.name}`))
    const pods = targets.flatMap(({ targetRef }) => this.#pods.get(`${namespace}/${targetRef?.name}`) ?? [])
    const owners = new Set(pods.flatMap((pod) => ownerKey(pod) ?? []))
    this.#ownersOf.set(key, owners)
    const unlisted = [...owners]
      .flatMap((owner) => this.#podsOfOwner.of(owner))
      .flatMap((pod) => (names.has(podFacts(pod).key) ? [] : leftOut(pod)))
    return Object.freeze({
      key,
      ready: names.size,
      nodes: [...new Set(ready.flatMap(({ nodeName }) => nodeName ?? []))].sort(),
      workloads: [...new Set(pods.flatMap((pod) => this.#workloadOf(pod) ?? []))].sort(),
      changedAt: changedAt(slices),
      ...(unlisted.length > 0 && { unlisted }),
    })
  }
}

/** Slices without the label belong to no Service, and stand together under an empty name. */
function serviceOf({ metadata }: EndpointSlice): string {
  return `${metadata.namespace ?? ''}/${metadata.labels?.[SERVICE_LABEL] ?? ''}`
}

function leftOut(pod: Pod): NonNullable<ServiceFacts['unlisted']> {
  const { ended, notReadySince } = podFacts(pod)
  if (ended || notReadySince !== undefined || pod.metadata.deletionTimestamp !== undefined) return []
  const since = instantOf(conditionOf(pod.status?.conditions, 'Ready')?.lastTransitionTime)
  return since === undefined ? [] : [{ pod: pod.metadata.name, readySince: since }]
}

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#endpoints-kubernetes-io-last-change-trigger-time */
const CHANGED = 'endpoints.kubernetes.io/last-change-trigger-time'

function changedAt(slices: readonly EndpointSlice[]): number | undefined {
  const times = slices.flatMap(({ metadata }) => instantOf(metadata.annotations?.[CHANGED]) ?? [])
  return times.length === 0 ? undefined : Math.max(...times)
}
