import type { ClusterSide, Machine, StoreEvent, WorkloadSpec } from '../../contract.ts'
import { createAddons } from './addons.ts'
import { AWS_NODE_CONTAINER, createAwsNode, isAwsNode } from './aws-node.ts'
import { createBudgets } from './budgets.ts'
import { createDaemonSets } from './daemon-sets.ts'
import { deletePod } from './deletion.ts'
import { createDeployments } from './deployments.ts'
import { createEventRecorder } from './events.ts'
import type { Eviction } from './eviction.ts'
import { evictPod } from './eviction.ts'
import { createSystemObjects, createWorkload } from './furnishing.ts'
import type { ClusterDependencies } from './ground.ts'
import { createGround } from './ground.ts'
import { createKubelets } from './kubelet.ts'
import { createNodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { createOwnership } from './ownership.ts'
import { createPodNetworkSetup } from './pod-network-setup.ts'
import { createReplicaSets } from './replica-sets.ts'
import { createScheduler } from './scheduler.ts'
import { createStatefulSets } from './stateful-sets.ts'

export interface KubernetesSide extends ClusterSide {
  /** A node of the world's beginning: Ready, with its DaemonSet pods running for days. */
  joinReady(machine: Machine): void
  /** Throws WireError 404 when there is no such pod. */
  evict(namespace: string, pod: string, options?: { readonly dryRun: boolean }): Eviction
  /** Text of a container's log, oldest line first; undefined when there is no such pod, container or previous run. */
  logs(namespace: string, pod: string, container: string, previous: boolean): string | undefined
  deletePod(namespace: string, pod: string, gracePeriodSeconds: number | undefined): void
}

/**
 * The Kubernetes half of a world: controllers, scheduler and kubelets over the store, driven by its changes.
 * A world begins with `applyAddon` for what is installed, then `joinReady` for every node, then `seed`, all before
 * time moves: that takes no virtual time and leaves everything running. From `seed` on, things take their time.
 */
export function createClusterSide(dependencies: ClusterDependencies): KubernetesSide {
  const ground = createGround(dependencies)
  const { store, timeline, seed } = ground
  const start = timeline.now()
  const events = createEventRecorder(timeline, store, seed)
  const nodes = createNodes(ground, events)
  const network = createPodNetworkSetup(ground, nodes, events)
  const awsNode = createAwsNode(ground, nodes, events, network.wake)
  const ownership = createOwnership(timeline, store)
  const budgets = createBudgets(ground)
  const addons = createAddons(ground, ownership)
  const scheduler = createScheduler(ground, events)
  let furnished = false

  // Indices first: who reacts to a change asks them.
  const listeners: readonly { handle(event: StoreEvent): void }[] = [
    ownership,
    nodes,
    budgets,
    scheduler,
    createKubelets(ground, nodes, network, awsNode, events),
    createReplicaSets(ground, ownership),
    createDeployments(ground, ownership),
    createStatefulSets(ground, ownership),
    createDaemonSets(ground),
  ]
  store.subscribe((event) => {
    for (const listener of listeners) listener.handle(event)
  })

  function seedWorld(objects: readonly WorkloadSpec[]): void {
    furnished = true
    scheduler.open()
    begin(() => {
      addons.ensureBasics()
      for (const workload of objects) createWorkload(ground, workload)
    })
  }

  // A world that is never seeded begins with its basics when time begins to move.
  timeline.after(0, 'k8s/begin', () => {
    if (!furnished) seedWorld([])
  })

  function begin(work: () => void): void {
    ground.furnish(() => {
      createSystemObjects(ground)
      work()
    })
  }

  return {
    join(machine) {
      if (!furnished) seedWorld([])
      nodes.join(machine)
    },
    joinReady(machine) {
      begin(() => {
        addons.ensureAgents()
        nodes.joinReady(machine)
      })
    },
    leave: (nodeName) => void store.remove('Node', undefined, nodeName),
    evict: (namespace, pod, options) => evictPod(ground, budgets, namespace, pod, options?.dryRun ?? false),
    applyAddon(addon, version, configurationValues) {
      const apply = () => addons.apply(addon, version, configurationValues)
      if (furnished || timeline.now() !== start) apply()
      else begin(apply)
    },
    addonHealth: addons.health,
    seed: seedWorld,
    logs(namespace, name, container, previous) {
      const pod = store.get('Pod', namespace, name) as PodObject | undefined
      const statuses = [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])]
      const status = statuses.find((candidate) => candidate.name === container)
      if (!pod || !status) return undefined
      if (isAwsNode(pod) && container === AWS_NODE_CONTAINER) return awsNode.log(pod, previous)
      if (previous && !status.lastState?.terminated) return undefined
      return container === 'aws-vpc-cni-init' && status.state?.terminated ? 'CNI init container done\n' : ''
    },
    deletePod: (namespace, pod, gracePeriodSeconds) => deletePod(ground, namespace, pod, gracePeriodSeconds),
  }
}
