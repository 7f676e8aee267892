import { MINUTE, type Millis } from '../../../src/model/instant.ts'
import type { PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { type OpenedWorld, openWorld } from '../../../src/sandbox/world/open.ts'
import { call, eks, scalingGroup } from '../../sandbox/aws/world-driver.ts'
import type { Draw } from './draw.ts'
import type { Ground } from './ground.ts'

export type ScenarioData = { readonly world?: object; readonly faults?: readonly object[] }

/** A played world of the corpus, with what its recipes do to it. */
export interface Stage {
  readonly world: OpenedWorld
  readonly ground: Ground
  readonly draw: Draw
  pass(span: Millis): void
  /** More nodes in some groups (all unless said), and so long for what follows. */
  launch(options?: { readonly groups?: readonly string[]; readonly wait?: Millis }): void
  updateCni(version: string): void
  /** aws-node pods are deleted and made anew in place, on a share of the nodes. */
  restartAwsNodes(share?: number): void
  replacePods(namespace: string): void
  pods(namespace: string): readonly PodObject[]
  runOnce(name: string, script: string, nodeName?: string): void
  /** A workload on every node, or so many replicas of it, that the kubelet probes. */
  watch(replicas?: number): void
}

export const WATCHED = 'checks'

export function openStage(draw: Draw, ground: Ground, scenarios: readonly ScenarioData[]): Stage {
  const texts = scenarios
    .filter(({ world = {}, faults = [] }) => Object.keys(world).length > 0 || faults.length > 0)
    .map((data, index) => ({ name: `case-${index}`, text: JSON.stringify(scenarioFile(data, index)) }))
  const world = openWorld({ world: ground.text, scenarios: texts })
  const pass = (span: Millis) => world.timeline.advanceTo(world.timeline.now() + span)
  const pods = (namespace: string) =>
    (world.store.list('Pod') as unknown as readonly PodObject[]).filter(({ metadata }) => metadata.namespace === namespace)
  return {
    world,
    ground,
    draw,
    pass,
    pods,
    launch({ groups = ground.groups, wait = draw.whole('wait', 10, 16) * MINUTE } = {}) {
      for (const group of groups) {
        const { AutoScalingGroupName, DesiredCapacity = 0 } = scalingGroup(world, group)
        const more = draw.whole(`launched/${group}`, ground.zones.length, ground.zones.length + 1)
        call(world.autoScaling, 'SetDesiredCapacity', { AutoScalingGroupName, DesiredCapacity: DesiredCapacity + more })
      }
      pass(wait)
    },
    updateCni: (addonVersion) => void eks(world, 'UpdateAddon', { addonName: 'vpc-cni', addonVersion }),
    restartAwsNodes(share = 1) {
      for (const { metadata } of pods('kube-system'))
        if (metadata.labels?.['k8s-app'] === 'aws-node' && draw.chance(`restart/${metadata.name}`, share))
          world.deletePod('kube-system', metadata.name, undefined)
    },
    replacePods(namespace) {
      for (const { metadata } of pods(namespace)) world.deletePod(namespace, metadata.name, undefined)
    },
    runOnce(name, script, nodeName) {
      const spec = {
        ...(nodeName === undefined ? {} : { nodeName }),
        restartPolicy: 'Never',
        containers: [{ name: 'once', image: 'busybox:1.36', command: ['sh', '-c', script] }],
      }
      world.store.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: WATCHED, labels: { app: 'once' } }, spec })
    },
    watch: (replicas) => void world.store.create(watcher(replicas)),
  }
}

function scenarioFile(data: ScenarioData, index: number): object {
  return { apiVersion: 'serin.dev/v1alpha1', kind: 'Scenario', metadata: { name: `case-${index}`, summary: 'drawn' }, ...data }
}

function watcher(replicas: number | undefined) {
  const labels = { app: 'watch' }
  const readinessProbe = { httpGet: { path: '/healthz', port: 8080 } }
  const container = { name: 'watch', image: 'watch:1', readinessProbe, resources: { requests: { cpu: '10m' } } }
  const spec = { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } }
  return replicas === undefined
    ? {
        apiVersion: 'apps/v1',
        kind: 'DaemonSet',
        metadata: { name: 'watch', namespace: WATCHED },
        spec: { ...spec, updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } } },
      }
    : { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'watch', namespace: WATCHED }, spec: { ...spec, replicas } }
}
