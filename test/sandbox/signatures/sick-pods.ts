import { MINUTE } from '../../../src/model/instant.ts'
import { conditionOf } from '../../../src/model/kubernetes.ts'
import { isReady, type PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { sorted } from './sick-nodes.ts'
import { containerFacts, type Stage } from './stage.ts'

/** Where rows put the pods they look at, away from those that noise is about. */
const CHECKS = 'checks'

const labels = { app: 'watch' }
const container = {
  name: 'watch',
  image: 'watch:1',
  readinessProbe: { httpGet: { path: '/healthz', port: 8080 } },
  resources: { requests: { cpu: '10m' } },
}

/** A pod of its own on every node that takes one, on the pod network, with a readiness probe. */
export function watchEveryNode({ world }: Stage): void {
  world.store.create({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'watch', namespace: CHECKS },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  })
}

/** So many of them, wherever there is room. */
export function watchWith({ world }: Stage, replicas: number): void {
  world.store.create({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'watch', namespace: CHECKS },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
  })
}

/** A pod that runs a command once, on a certain node if one is named. */
export function runOnce({ world }: Stage, name: string, script: string, nodeName?: string): void {
  world.store.create({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: CHECKS, labels: { app: 'once' } },
    spec: {
      ...(nodeName === undefined ? {} : { nodeName }),
      restartPolicy: 'Never',
      containers: [{ name: 'once', image: 'busybox:1.36', command: ['sh', '-c', script] }],
    },
  })
}

/** Pods there that are not well, or those of them on one node, each with what the API shows of it, no two alike. */
export function sickPods(stage: Stage, node?: string): readonly Record<string, unknown>[] {
  const facts = unwell(stage, node).map((pod) => podFacts(stage, pod))
  return [...new Map(facts.map((each) => [JSON.stringify(each), each])).values()]
}

/** How many there are on a node. */
export function countSick(stage: Stage, node: string): number {
  return unwell(stage, node).length
}

function unwell(stage: Stage, node: string | undefined): readonly PodObject[] {
  const here = stage.pods(CHECKS).filter(({ spec }) => node === undefined || spec?.nodeName === node)
  return here.filter((pod) => pod.metadata.deletionTimestamp !== undefined || !isWell(pod))
}

function isWell(pod: PodObject): boolean {
  return isReady(pod) || pod.status?.phase === 'Succeeded'
}

function podFacts(stage: Stage, pod: PodObject): Record<string, unknown> {
  const { name, uid, deletionTimestamp } = pod.metadata
  const plain = (text: string) =>
    text
      .replaceAll(name, 'POD')
      .replaceAll(uid, 'UID')
      .replaceAll(pod.status?.podIP ?? 'no address', 'IP')
      .replace(/[0-9a-f]{64}/g, 'SANDBOX')
  const warnings = stage.events(pod).filter(({ type }) => type === 'Warning')
  const log = stage.world.logs(CHECKS, name, pod.spec?.containers?.[0]?.name ?? '', false) ?? ''
  return {
    app: pod.metadata.labels?.app,
    node: isNew(stage, pod) ? 'new' : 'old',
    phase: pod.status?.phase,
    terminating: deletionTimestamp !== undefined,
    hasAddress: pod.status?.podIP !== undefined,
    ...(pod.status?.podIP === undefined || pod.spec?.restartPolicy === 'Never' ? {} : { wasReady: minutesReady(pod) }),
    containers: (pod.status?.containerStatuses ?? []).map(containerFacts),
    events: sorted(warnings.map(({ reason, message = '' }) => ({ reason, message: plain(message) }))),
    ...(log === '' ? {} : { log: log.trim().split('\n') }),
  }
}

/** Whether its node was launched after the world began. */
function isNew(stage: Stage, { spec }: PodObject): boolean {
  const node = stage.nodes().find(({ metadata }) => metadata.name === spec?.nodeName)
  return (node?.metadata.creationTimestamp ?? '') >= '2026-09-29T19:30'
}

/** How long it had been there when it ceased to be Ready, or failed to become so. */
function minutesReady({ status }: PodObject): string {
  const since = Date.parse(conditionOf(status?.conditions, 'Ready')?.lastTransitionTime ?? '')
  const lasted = since - Date.parse(status?.startTime ?? '')
  return lasted > 4 * MINUTE ? 'for minutes' : 'never'
}
