import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { Machine, ObjectStore, World } from '../contract.ts'
import type { Addon } from './aws/addons.ts'
import { type AwsGround, type AwsSide, openAwsSide, openGround } from './aws/aws-side.ts'
import { createFargateCalls } from './aws/fargate-calls.ts'
import { PLAIN_CONTROL_PLANE } from './control-plane-spec.ts'
import { createFaults } from './faults/engine.ts'
import { specFromSnapshot } from './from-snapshot.ts'
import { createApiServer } from './kubernetes/api/api-server.ts'
import { installPolicyEngine } from './kubernetes/api/policy-engine.ts'
import { createBackends } from './kubernetes/api/webhook-backends.ts'
import { cordonNodes, setAwsNodeEnvironment } from './kubernetes/as-found.ts'
import { createClusterSide, type KubernetesSide } from './kubernetes/cluster-side.ts'
import { fargateStore } from './kubernetes/fargate.ts'
import type { CniIdentity } from './kubernetes/pod-identity.ts'
import { injectingStore } from './kubernetes/pod-interfaces/policies.ts'
import { createStore } from './kubernetes/store.ts'
import { readScenario, type Scenario, stageScenarios } from './scenario-file.ts'
import { createTimeline } from './timeline.ts'
import { upgradeLater } from './upgraded-nodes.ts'
import { readWorldFile } from './world-file.ts'
import type { WorldSpec } from './world-spec.ts'

export interface OpenWorldOptions {
  /** Text of a world file; this or a snapshot must be given. */
  readonly world?: string
  /** What to call the world file in messages. */
  readonly worldFile?: string
  readonly snapshot?: ClusterSnapshot
  readonly scenarios: readonly { readonly name: string; readonly text: string }[]
  /** Node groups that will be made meanwhile, of which scenarios may speak before they are there. */
  readonly later?: readonly string[]
  readonly seed?: number
  readonly overrides?: { readonly minorDowngrade?: 'strict' | 'lenient'; readonly cniOneMinor?: 'strict' | 'lenient' }
}

/** A world, with what had to be assumed to make it. Empty for a world file. */
export interface OpenedWorld extends World {
  readonly assumptions: readonly string[]
  /** Faults of the scenarios that have met nothing so far, each in a sentence that says why. */
  unmetFaults(): readonly string[]
}

/**
 * Brings a world to life at its start, everything running, and then lets the scenarios loose.
 * Throws Error with a readable message when a file is wrong, or when a scenario does not fit the world.
 */
export function openWorld(options: OpenWorldOptions): OpenedWorld {
  const { spec: described, assumptions } = describedBy(options)
  const scenarios = options.scenarios.map(({ name, text }) => readScenario(name, text))
  const spec = stageScenarios(described, scenarios, options.later)
  return { ...bringToLife(spec, scenarios), assumptions }
}

function describedBy(options: OpenWorldOptions): { readonly spec: WorldSpec; readonly assumptions: readonly string[] } {
  const { spec, assumptions } = read(options)
  return { spec: { ...spec, seed: options.seed ?? spec.seed, options: { ...spec.options, ...options.overrides } }, assumptions }
}

function read({ world, worldFile, snapshot }: OpenWorldOptions): { readonly spec: WorldSpec; readonly assumptions: readonly string[] } {
  if (world !== undefined) return { spec: readWorldFile(worldFile ?? 'world', world), assumptions: [] }
  if (snapshot !== undefined) return specFromSnapshot(snapshot)
  throw new Error('A world needs a world file or a snapshot.')
}

function bringToLife(spec: WorldSpec, scenarios: readonly Scenario[]): Omit<OpenedWorld, 'assumptions'> {
  const timeline = createTimeline(spec.start)
  const faults = createFaults(timeline, spec, scenarios)
  const ground = openGround({ timeline, faults, spec, accepted: faults.accepted, entered: faults.entered })
  const fargate = createFargateCalls(
    spec.controlPlane ?? PLAIN_CONTROL_PLANE,
    ground,
    spec.subnets.map(({ id }) => id),
    spec.seed,
  )
  const store = fargateStore(injectingStore(createStore(timeline, spec.seed)), fargate)
  const { cluster, seed } = spec
  const kubernetesVersion = () => ground.controlPlane.version
  const cniVersion = () => ground.addons.get('vpc-cni')?.version ?? ''
  const api = createApiServer({ timeline, store, seed, backends: createBackends(faults) })
  installPolicyEngine(spec, store, api)
  const side = createClusterSide({
    timeline,
    store,
    api,
    faults,
    network: ground.network,
    trunkCalls: ground.trunkCalls,
    fargate,
    seed,
    region: cluster.region,
    kubernetesVersion,
    cniVersion,
    cniIdentity: () => identityOf(ground.addons.get('vpc-cni')),
    ipFamily: cluster.ipFamily ?? 'ipv4',
  })
  const aws = openAwsSide(ground, store, side)
  furnish(ground, aws.machines, side, store)
  aws.begin()
  faults.arm(store)
  return {
    name: spec.name,
    seed,
    scenarios: scenarios.map(({ name }) => name),
    cluster: { name: cluster.name, region: cluster.region, accountId: cluster.accountId, kubernetesVersion },
    timeline,
    store,
    faults,
    ...servicesOf(aws),
    apiServer: ground.apiServer,
    asReadersSee: ground.replicas.asReadersSee,
    setApiServer(endpoint, certificateAuthorityData) {
      aws.apiServer.endpoint = endpoint
      aws.apiServer.certificateAuthorityData = certificateAuthorityData
    },
    api,
    evict: (namespace, pod, evictOptions) => side.evict(namespace, pod, evictOptions),
    answerFromPod: (namespace, pod, port, path) => side.answerFromPod(namespace, pod, port, path),
    logs: (namespace, pod, container, previous) => side.logs(namespace, pod, container, previous),
    kubeletSilentSince: (node) => side.kubeletSilentSince(node),
    deletePod: (namespace, pod, seconds) => side.deletePod(namespace, pod, seconds),
    unmetFaults: () => faults.unmet(),
  }
}

function servicesOf({ eks, autoScaling, ec2, sts, iam, ssm, serviceQuotas, cloudWatch }: AwsSide) {
  return { eks, autoScaling, ec2, sts, iam, ssm, serviceQuotas, cloudWatch }
}

/** Installed add-ons, then nodes, then workloads: all in place before time moves. */
function furnish(ground: AwsGround, machines: readonly Machine[], side: KubernetesSide, store: ObjectStore): void {
  for (const addon of ground.addons.values()) side.applyAddon(addon.name, addon.version, addon.configurationValues)
  const { objects, workloads, unwell, cordoned = [], awsNodeEnvironment } = ground.spec
  if (awsNodeEnvironment !== undefined) setAwsNodeEnvironment(store, awsNodeEnvironment)
  const first = objects.filter(isReadByNodes)
  if (first.length > 0) side.prepare(first)
  for (const machine of machines) side.joinReady(machine)
  side.seed(
    workloads,
    objects.filter((object) => !isReadByNodes(object)),
    unwell,
  )
  cordonNodes(store, machines, cordoned)
  ground.crowd()
  upgradeLater(ground, machines, store)
}

/** Where nodes get the addresses of their pods from is settled before they join. */
function isReadByNodes({ kind, metadata }: KubernetesObject): boolean {
  return kind === 'ENIConfig' || (kind === 'ConfigMap' && metadata.name === 'amazon-vpc-cni')
}

function identityOf(cni: Addon | undefined): CniIdentity {
  if ((cni?.podIdentityAssociations.length ?? 0) > 0) return 'pod-identity'
  return cni?.serviceAccountRoleArn === undefined ? undefined : 'service-account'
}
