import type { Instant } from '../../../model/instant.ts'
import type { KubernetesObject } from '../../../model/kubernetes.ts'
import type { ClusterSide, Machine, StoreEvent, WorkloadSpec } from '../../contract.ts'
import type { Unwell } from '../../levers.ts'
import type { Addons } from './addons.ts'
import { createAddons } from './addons.ts'
import { AwsNodes } from './aws-node.ts'
import { NODE_AGENT, nodeAgentLog } from './aws-node-companions.ts'
import { AWS_NODE_CONTAINER, isAwsNode, variableOf } from './aws-node-pod.ts'
import { BudgetKeeper } from './budgets.ts'
import { type ContainerRuns, createContainerRuns } from './container-runs.ts'
import { createCrashLoop } from './crash-loop.ts'
import { createCronJobs } from './cron-jobs.ts'
import { DaemonSets } from './daemon-sets.ts'
import { deletePod } from './deletion.ts'
import { Deployments } from './deployments.ts'
import { EndpointSlices } from './endpoint-slices.ts'
import type { EventRecorder } from './events.ts'
import { createEventRecorder } from './events.ts'
import type { Eviction } from './eviction.ts'
import { evictPod } from './eviction.ts'
import { createFargate } from './fargate.ts'
import { createObject, createSystemObjects } from './furnishing.ts'
import type { ClusterDependencies, Ground } from './ground.ts'
import { createGround } from './ground.ts'
import { createHostFiles } from './host-files.ts'
import { ipamdMetrics } from './ipamd-metrics.ts'
import { environmentOnNode } from './ipamd-node.ts'
import { createIpamdReconciler } from './ipamd-reconciler.ts'
import { Jobs } from './jobs.ts'
import { Kubelets } from './kubelet.ts'
import { createNetworkView } from './network-view.ts'
import { NodeHealth } from './node-health.ts'
import { createNodeMonitor } from './node-monitor.ts'
import type { Nodes } from './nodes.ts'
import { createNodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import type { Ownership } from './ownership.ts'
import { createOwnership } from './ownership.ts'
import { createPodAutoscalers } from './pod-autoscalers.ts'
import { createResourceController, type ResourceController } from './pod-interfaces/resource-controller.ts'
import { createPodNetworkSetup, type PodNetworkSetup } from './pod-network-setup.ts'
import { statusOf } from './pod-status.ts'
import { createTraffic } from './pod-traffic.ts'
import { createReplicaSets } from './replica-sets.ts'
import { Scheduler } from './scheduler.ts'
import { createStatefulSets } from './stateful-sets.ts'
import { createTaintEviction } from './taint-eviction.ts'
import { createVolumeAttachments } from './volume-attachments.ts'
import { createVolumeBinder } from './volume-binder.ts'
import { createWorkload } from './workload-objects.ts'

export interface KubernetesSide extends ClusterSide {
  /** A node of the world's beginning: Ready, with its DaemonSet pods running for days. */
  joinReady(machine: Machine): void
  /** Objects that have to stand there before the first node. */
  prepare(objects: readonly KubernetesObject[]): void
  /** Throws WireError 404 when there is no such pod. */
  evict(namespace: string, pod: string, options?: { readonly dryRun: boolean }): Eviction
  /** Text of a container's log, oldest line first; undefined when there is no such pod, container or previous run. */
  logs(namespace: string, pod: string, container: string, previous: boolean): string | undefined
  deletePod(namespace: string, pod: string, gracePeriodSeconds: number | undefined): void
  /** What a pod answers to GET on a port; undefined when the world does not know. */
  answerFromPod(namespace: string, pod: string, port: number, path: string): { readonly text: string } | 'refused' | undefined
  /** When the kubelet of a node renewed its Lease last, if it does not any more. */
  kubeletSilentSince(node: string): Instant | undefined
}

/**
 * The Kubernetes half of a world: controllers, scheduler and kubelets over the store, driven by its changes.
 * A world begins with `applyAddon` for what is installed, then `joinReady` for every node, then `seed`, all before
 * time moves: that takes no virtual time and leaves everything running. From `seed` on, things take their time.
 * The functions need no `this`.
 */
export function createClusterSide(dependencies: ClusterDependencies): KubernetesSide {
  const half = new ClusterHalf(dependencies)
  return {
    join: (machine) => half.join(machine),
    joinReady: (machine) => half.joinReady(machine),
    prepare: (objects) => half.prepare(objects),
    leave: (nodeName) => half.leave(nodeName),
    seed: (workloads, objects, unwell) => half.seed(workloads, objects, unwell),
    applyAddon: (addon, version, values, mode) => half.applyAddon(addon, version, values, mode),
    reapplyAddon: (addon) => half.reapplyAddon(addon),
    removeAddon: (addon, preserve) => half.removeAddon(addon, preserve),
    addonHealth: (addon) => half.addonHealth(addon),
    evict: (namespace, pod, options) => half.evict(namespace, pod, options),
    deletePod: (namespace, pod, graceSeconds) => half.deletePod(namespace, pod, graceSeconds),
    answerFromPod: (namespace, pod, port, path) => half.answerFromPod(namespace, pod, port, path),
    kubeletSilentSince: (node) => half.kubeletSilentSince(node),
    logs: (namespace, pod, container, previous) => half.logs(namespace, pod, container, previous),
  }
}

/** Where ipamd serves its metrics: `config/master/aws-k8s-cni.yaml` of amazon-vpc-cni-k8s. */
const METRICS_PORT = 61_678

class ClusterHalf implements KubernetesSide {
  readonly #ground: Ground
  readonly #start: Instant
  readonly #nodes: Nodes
  readonly #awsNode: AwsNodes
  readonly #containers: ContainerRuns
  readonly #budgets: BudgetKeeper
  readonly #addons: Addons
  readonly #scheduler: Scheduler
  readonly #controller: ResourceController
  #furnished = false

  constructor(dependencies: ClusterDependencies) {
    const ground = createGround(dependencies)
    const { store, timeline, seed } = ground
    const events = createEventRecorder(timeline, store, seed)
    const ownership = createOwnership(timeline, store)
    this.#ground = ground
    this.#start = timeline.now()
    this.#nodes = createNodes(ground, events)
    const network = createPodNetworkSetup(ground, this.#nodes, events)
    this.#nodes.onOwnNetwork((node) => network.wake(node))
    const crashLoop = createCrashLoop(ground, events)
    const monitor = createNodeMonitor(ground)
    this.#controller = createResourceController(ground, this.#nodes, events)
    const traffic = createTraffic(ground, this.#nodes, this.#controller)
    const view = { ...createNetworkView(ground, this.#nodes, traffic), ...createHostFiles(this.#nodes) }
    this.#containers = createContainerRuns({ ground, nodes: this.#nodes, events, crashLoop, traffic, view })
    this.#awsNode = new AwsNodes(ground, this.#nodes, events, { crashLoop, trouble: this.#containers.trouble }, [
      { serves: (node) => this.#serving(network, node) },
      monitor,
      { serves: (node) => reconciler.serves(node) },
    ])
    this.#budgets = new BudgetKeeper(ground)
    this.#addons = createAddons(ground, ownership)
    const binder = createVolumeBinder(ground)
    this.#scheduler = new Scheduler(ground, events, this.#budgets)
    const volumes = createVolumeAttachments(ground, events)
    // Volumes are mounted before a pod's sandbox is made.
    const attach: PodNetworkSetup['attach'] = (pod, done) => volumes.attach(pod, (current) => network.attach(current, done))
    const kubelets = new Kubelets(ground, this.#nodes, { ...network, attach }, this.#awsNode, events, this.#containers)
    const reconciler = createIpamdReconciler(ground, this.#nodes, {
      said: (node, line) => this.#awsNode.warn(node, line),
      changed: (node) => kubelets.probeAgain(node),
    })
    const health = new NodeHealth(ground, this.#nodes, events, (node) => kubelets.resume(node))
    const evictions = createTaintEviction(ground, events)
    // Indices first: who reacts to a change asks them.
    this.#listen([
      ownership,
      this.#nodes,
      this.#controller,
      this.#budgets,
      binder,
      this.#scheduler,
      createFargate(ground, this.#nodes, events),
      kubelets,
      volumes,
      monitor,
      health,
      evictions,
      ...workloadControllers(ground, ownership, events, this.#scheduler),
    ])
    // A world that is never seeded begins with its basics when time begins to move.
    timeline.after(0, 'k8s/begin', () => this.#seedIfNobodyDid())
  }

  #listen(listeners: readonly { handle(event: StoreEvent): void }[]): void {
    this.#ground.store.subscribe((event) => {
      for (const listener of listeners) listener.handle(event)
    })
  }

  #begin(work: () => void): void {
    this.#ground.furnish(() => {
      createSystemObjects(this.#ground)
      work()
    })
  }

  /** ipamd of a node answers: pods that waited try again, and the node signs up for what its settings ask for. */
  #serving(network: PodNetworkSetup, node: string): void {
    network.wake(node)
    const run = this.#nodes.get(node)
    if (run) this.#controller.served(run.machine, environmentOnNode(this.#ground.store, node))
  }

  #seedIfNobodyDid(): void {
    if (!this.#furnished) this.seed([])
  }

  seed(workloads: readonly WorkloadSpec[], objects: readonly KubernetesObject[] = [], unwell: Unwell = {}): void {
    this.#furnished = true
    for (const [name, trouble] of Object.entries(unwell)) this.#ground.behaviours.set(name, trouble)
    this.#begin(() => {
      this.#scheduler.open()
      this.#addons.ensureBasics()
      for (const object of objects) createObject(this.#ground, object)
      for (const workload of workloads) createWorkload(this.#ground, workload)
    })
  }

  prepare(objects: readonly KubernetesObject[]): void {
    this.#begin(() => {
      for (const object of objects) createObject(this.#ground, object)
    })
  }

  join(machine: Machine): void {
    this.#seedIfNobodyDid()
    this.#nodes.join(machine)
  }

  joinReady(machine: Machine): void {
    this.#begin(() => {
      this.#addons.ensureAgents()
      this.#nodes.joinReady(machine)
      this.#controller.served(machine, environmentOnNode(this.#ground.store, machine.nodeName))
    })
  }

  leave(nodeName: string): void {
    this.#ground.store.remove('Node', undefined, nodeName)
  }

  applyAddon(...application: Parameters<ClusterSide['applyAddon']>): readonly string[] {
    if (this.#furnished || this.#ground.timeline.now() !== this.#start) return this.#addons.apply(...application)
    this.#begin(() => this.#addons.apply(...application))
    return []
  }

  reapplyAddon(addon: string): void {
    this.#addons.reapply(addon)
  }

  removeAddon(addon: string, preserve: boolean): void {
    this.#addons.remove(addon, preserve)
  }

  addonHealth(addon: string): ReturnType<ClusterSide['addonHealth']> {
    return this.#addons.health(addon)
  }

  evict(namespace: string, pod: string, options?: { readonly dryRun: boolean }): Eviction {
    const asked = this.#ground.store.get('Pod', namespace, pod) as PodObject | undefined
    const outcome = evictPod(this.#ground, this.#budgets, namespace, pod, options?.dryRun ?? false)
    if (options && asked) this.#budgets.settle(asked)
    return outcome
  }

  deletePod(namespace: string, pod: string, gracePeriodSeconds: number | undefined): void {
    deletePod(this.#ground, namespace, pod, gracePeriodSeconds)
  }

  answerFromPod(namespace: string, name: string, port: number, path: string): ReturnType<KubernetesSide['answerFromPod']> {
    const pod = this.#ground.store.get('Pod', namespace, name) as PodObject | undefined
    const run = this.#nodes.get(pod?.spec?.nodeName ?? '')
    if (!pod || !run || !isAwsNode(pod) || port !== METRICS_PORT || path !== '/metrics') return undefined
    const isServed = run.ipamdServes && variableOf(pod, 'DISABLE_METRICS') !== 'true'
    const figures = isServed ? this.#ground.network.figures(run.machine.instanceId) : undefined
    return figures === undefined ? 'refused' : { text: ipamdMetrics(figures) }
  }

  kubeletSilentSince(node: string): Instant | undefined {
    return this.#nodes.get(node)?.silentSince
  }

  logs(namespace: string, name: string, container: string, previous: boolean): string | undefined {
    const pod = this.#ground.store.get('Pod', namespace, name) as PodObject | undefined
    const status = pod && statusOf(pod, container)
    if (!pod || !status) return undefined
    if (isAwsNode(pod) && container === AWS_NODE_CONTAINER) return this.#awsNode.log(pod, previous)
    const troubled = this.#containers.log(pod, container, previous)
    if (troubled !== undefined) return troubled
    if (previous && !status.lastState?.terminated) return undefined
    if (container === NODE_AGENT && status.state?.running) return nodeAgentLog(pod)
    return container === 'aws-vpc-cni-init' && status.state?.terminated ? 'CNI init container done\n' : ''
  }
}

function workloadControllers(ground: Ground, ownership: Ownership, events: EventRecorder, scheduler: Scheduler) {
  const replicaSets = createReplicaSets(ground, ownership, events)
  return [
    replicaSets,
    new Deployments(ground, ownership, events),
    createStatefulSets(ground, ownership, events),
    new DaemonSets(ground, events, (node, spec) => scheduler.hasRoom(node, spec)),
    new Jobs(ground, ownership, events),
    createCronJobs(ground, events),
    new EndpointSlices(ground),
    createPodAutoscalers(ground),
  ]
}
