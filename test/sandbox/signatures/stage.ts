import { MINUTE, type Millis } from '../../../src/model/instant.ts'
import type { ContainerStatus } from '../../../src/model/kubernetes.ts'
import type { EventObject, NodeObject, PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { type OpenedWorld, openWorld } from '../../../src/sandbox/world/open.ts'
import { call, eks, scalingGroup } from '../aws/world-driver.ts'

const START = '2026-09-29T19:30:00Z'

/** The world in which signatures are played: two groups of different instance types over two zones, healthy. */
const BASE_WORLD = `
apiVersion: serin.dev/v1alpha1
kind: World
metadata: { name: signatures }
clock: { start: "${START}" }
cluster: { name: signatures, region: eu-central-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets:
  - { name: nodes-a, zone: eu-central-1a, cidr: 10.0.0.0/24 }
  - { name: nodes-b, zone: eu-central-1b, cidr: 10.0.1.0/24 }
nodeGroups:
  - { name: app, instanceTypes: [m5.large], size: { min: 1, max: 6, desired: 2 }, subnets: [nodes-a, nodes-b] }
  - { name: other, instanceTypes: [m6i.large], size: { min: 1, max: 6, desired: 2 }, subnets: [nodes-a, nodes-b] }
addons:
  - { name: kube-proxy, version: v1.33.10-eksbuild.29 }
  - { name: vpc-cni, version: v1.21.1-eksbuild.7 }
  - { name: coredns, version: v1.12.4-eksbuild.38 }
workloads:
  - { kind: Deployment, namespace: shop, name: web, replicas: 4 }
`

/** A scenario file's content, as data. */
export type ScenarioData = { readonly world?: Record<string, unknown>; readonly faults?: readonly Record<string, unknown>[] } & Record<
  string,
  unknown
>

/** A played world, with what rows do to it and read of it. */
export interface Stage {
  readonly world: OpenedWorld
  pass(span: Millis): void
  /** Two more nodes in every group: they have joined and had ten minutes. */
  launchNodes(): void
  /** An update of the vpc-cni add-on; the answer is the update's id. */
  updateCni(version: string, rest?: Readonly<Record<string, unknown>>): string
  /** Every pod of kube-system's aws-node is deleted at once and made anew in place. */
  restartAwsNodes(): void
  pods(namespace: string, prefix?: string): readonly PodObject[]
  nodes(): readonly NodeObject[]
  events(about: PodObject | NodeObject): readonly EventObject[]
}

/** Opens the base world with a scenario, or without one when nothing of it is left. */
export function openStage(...scenarios: readonly ScenarioData[]): Stage {
  const texts = scenarios
    .filter(({ world = {}, faults = [] }) => Object.keys(world).length > 0 || faults.length > 0)
    .map((data, index) => ({ name: `scenario-${index}`, text: JSON.stringify(data) }))
  const world = openWorld({ world: BASE_WORLD, scenarios: texts })
  const pass = (span: Millis) => world.timeline.advanceTo(world.timeline.now() + span)
  const listed = <T>(kind: string) => world.store.list(kind) as unknown as readonly T[]
  return {
    world,
    pass,
    launchNodes() {
      for (const group of ['app', 'other']) {
        const { AutoScalingGroupName, DesiredCapacity = 0 } = scalingGroup(world, group)
        call(world.autoScaling, 'SetDesiredCapacity', { AutoScalingGroupName, DesiredCapacity: DesiredCapacity + 2 })
      }
      pass(12 * MINUTE)
    },
    updateCni: (addonVersion, rest = {}) => eks(world, 'UpdateAddon', { addonName: 'vpc-cni', addonVersion, ...rest }).update.id,
    restartAwsNodes() {
      for (const { metadata } of listed<PodObject>('Pod'))
        if (metadata.labels?.['k8s-app'] === 'aws-node') world.deletePod('kube-system', metadata.name, undefined)
    },
    pods: (namespace, prefix = '') =>
      listed<PodObject>('Pod').filter(({ metadata }) => metadata.namespace === namespace && metadata.name.startsWith(prefix)),
    nodes: () => listed<NodeObject>('Node'),
    events: ({ metadata }) => listed<EventObject>('Event').filter(({ involvedObject }) => involvedObject?.uid === metadata.uid),
  }
}

/** The last end of a container, unless that is long over: one from before the world began says nothing of what is wrong now. */
function recentEnd({ state, lastState }: ContainerStatus) {
  const ended = state?.terminated ?? lastState?.terminated
  const wasInit = state?.terminated !== undefined
  return ended === undefined || (!wasInit && Date.parse(ended.finishedAt ?? '') < Date.parse(START)) ? undefined : ended
}

/** Restarts, of which those of a container whose last end is long over do not count. */
export function recentRestarts(status: ContainerStatus): number {
  return status.lastState?.terminated !== undefined && recentEnd(status) === undefined ? 0 : (status.restartCount ?? 0)
}

/** What the API shows of one container, without its times. */
export function containerFacts(status: ContainerStatus) {
  const { ready, state } = status
  const ended = recentEnd(status)
  return {
    ready,
    restarts: recentRestarts(status),
    state: state?.waiting?.reason ?? (state?.running ? 'Running' : state?.terminated?.reason),
    ...(ended === undefined ? {} : { exitCode: ended.exitCode, exitReason: ended.reason }),
  }
}
