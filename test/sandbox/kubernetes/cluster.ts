import { SECOND } from '../../../src/model/instant.ts'
import type { Faults, WorkloadSpec } from '../../../src/sandbox/contract.ts'
import type { PodNetwork } from '../../../src/sandbox/network-contract.ts'
import { createApiServer } from '../../../src/sandbox/world/kubernetes/api/api-server.ts'
import { createBackends } from '../../../src/sandbox/world/kubernetes/api/webhook-backends.ts'
import { createClusterSide } from '../../../src/sandbox/world/kubernetes/cluster-side.ts'
import type { NodeObject, PodObject, WorkloadObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { createStore } from '../../../src/sandbox/world/kubernetes/store.ts'
import { createTimeline } from '../../../src/sandbox/world/timeline.ts'
import { fakeNetwork, machine, NO_FAULTS, START } from './support.ts'

export interface ClusterOptions {
  readonly nodes?: number
  readonly workloads?: readonly WorkloadSpec[]
  readonly faults?: Faults
  readonly network?: PodNetwork
  readonly seed?: number
  readonly cniVersion?: string
}

/** A world with its Kubernetes half: three healthy nodes over three zones, unless said otherwise. */
export function cluster(options: ClusterOptions = {}) {
  const held = fakeNetwork()
  const { nodes = 3, workloads = [], faults = NO_FAULTS, network = held, seed = 7, cniVersion = 'v1.18.3-eksbuild.3' } = options
  const timeline = createTimeline(START)
  const store = createStore(timeline, seed)
  const api = createApiServer({ timeline, store, seed, backends: createBackends(faults) })
  const side = createClusterSide({
    timeline,
    store,
    api,
    faults,
    network,
    seed,
    region: 'eu-central-1',
    kubernetesVersion: () => '1.33',
    cniVersion: () => cniVersion,
  })
  for (let n = 1; n <= nodes; n++) side.joinReady(machine(n))
  side.seed(workloads)
  const pods = (namespace?: string) =>
    (store.list('Pod') as PodObject[]).filter((pod) => namespace === undefined || pod.metadata.namespace === namespace)
  return {
    timeline,
    store,
    api,
    side,
    /** Its own network, when none was given. */
    network: held,
    pods,
    pass: (seconds: number) => timeline.advanceTo(timeline.now() + seconds * SECOND),
    node: (n: number) => store.get('Node', undefined, machine(n).nodeName) as NodeObject | undefined,
    awsNode: (n: number) => awsNodeOn(store.podsOnNode(machine(n).nodeName) as PodObject[]),
    workload: (kind: string, namespace: string, name: string) => store.get(kind, namespace, name) as WorkloadObject,
  }
}

function awsNodeOn(pods: readonly PodObject[]): PodObject {
  const pod = pods.find(({ metadata }) => metadata.labels?.['k8s-app'] === 'aws-node')
  if (!pod) throw new Error('no aws-node pod on this node')
  return pod
}
