import type { ContainerStatus } from '../../../model/kubernetes.ts'
import { formatMinor, parseMinor } from '../../../model/kubernetes-minor.ts'
import type { ClusterSide } from '../../contract.ts'
import { type AddonObjects, createAddonObjects } from './addon-objects.ts'
import { placeOf } from './addon-places.ts'
import type { Ground } from './ground.ts'
import type { PodObject, WorkloadObject } from './objects.ts'
import { isTerminating } from './objects.ts'
import type { Ownership } from './ownership.ts'

export interface Addons extends Pick<AddonObjects, 'apply' | 'reapply' | 'remove'> {
  health: ClusterSide['addonHealth']
  /** aws-node and kube-proxy, where nobody applied them before. */
  ensureAgents(): void
  /** The same, and coredns. */
  ensureBasics(): void
}

/** The add-ons of a cluster: what EKS does to their objects, and how their pods fare. */
export function createAddons(ground: Ground, ownership: Ownership): Addons {
  const { store } = ground
  const { apply, reapply, remove, install } = createAddonObjects(ground)

  function ensureAgents(): void {
    const minor = parseMinor(ground.kubernetesVersion())
    install('vpc-cni', ground.cniVersion())
    install('kube-proxy', `v${minor ? formatMinor(minor) : '1.33'}.0-eksbuild.2`)
  }

  function ensureBasics(): void {
    ensureAgents()
    install('coredns', 'v1.11.4-eksbuild.2')
  }

  function health(addon: string): ReturnType<ClusterSide['addonHealth']> {
    const { kind, name } = placeOf(addon)
    const workload = store.get(kind, 'kube-system', name) as WorkloadObject | undefined
    if (!workload) return { desired: 0, updated: 0, available: 0, waiting: [] }
    const status = workload.status ?? {}
    const observed = status.observedGeneration === workload.metadata.generation
    const desired = status.desiredNumberScheduled ?? workload.spec?.replicas ?? 0
    const available = status.numberAvailable ?? status.availableReplicas ?? 0
    return {
      desired,
      // Before the controller has seen the new template its counts speak of the old one.
      updated: observed ? (status.updatedNumberScheduled ?? status.updatedReplicas ?? 0) : 0,
      available,
      // EKS asks every minute: pods are looked through only where something is wrong.
      waiting: available < desired ? waitingReasons(podsOf(workload)) : [],
    }
  }

  function podsOf({ metadata }: WorkloadObject): readonly PodObject[] {
    const own = ownership.pods(metadata.uid)
    return [...own, ...ownership.replicaSets(metadata.uid).flatMap((set) => ownership.pods(set.metadata.uid))]
  }

  return { apply, reapply, remove, health, ensureAgents, ensureBasics }
}

/** Why containers wait, each reason once: what EKS quotes in `Pods are waiting because: …`. */
function waitingReasons(pods: readonly PodObject[]): readonly string[] {
  const reasonOf = ({ state }: ContainerStatus) => state?.waiting?.reason ?? []
  const statuses = pods.filter((pod) => !isTerminating(pod)).flatMap((pod) => pod.status?.containerStatuses ?? [])
  return [...new Set(statuses.flatMap(reasonOf))].sort()
}
