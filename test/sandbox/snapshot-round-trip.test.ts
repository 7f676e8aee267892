import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { connectForReading } from '../../src/adapters/connect.ts'
import { captureSnapshot } from '../../src/engine/capture.ts'
import type { KubernetesObject, Node, Pod } from '../../src/model/kubernetes.ts'
import { conditionOf } from '../../src/model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../src/model/snapshot.ts'
import { connectInProcess } from '../../src/sandbox/in-process.ts'
import { type OpenedWorld, openWorld } from '../../src/sandbox/world/open.ts'

/** A world, captured as a real cluster is, opened as a world again, and captured once more: equal but for what is said to differ. */

const shipped = (name: string): string => readFileSync(new URL(`../../plans/worlds/${name}.yaml`, import.meta.url), 'utf8')

async function captured(world: OpenedWorld): Promise<ClusterSnapshot> {
  const { transport, clock } = connectInProcess(world)
  const { name: cluster, region } = world.cluster
  const ports = await connectForReading({ cluster, region, transport, clock })
  return captureSnapshot(ports, cluster)
}

const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)

const LABELS = ['eks.amazonaws.com/nodegroup', 'topology.kubernetes.io/zone', 'node.kubernetes.io/instance-type', 'workload']

function nodesOf(snapshot: ClusterSnapshot): unknown {
  return objectsOf<Node>(snapshot, 'Node')
    .map(({ metadata, spec, status }) => ({
      labels: LABELS.map((label) => metadata.labels?.[label]),
      unschedulable: spec?.unschedulable ?? false,
      taints: spec?.taints ?? [],
      version: status?.nodeInfo?.kubeletVersion,
      pods: status?.allocatable?.pods,
    }))
    .sort(byText)
}

function podsOf(snapshot: ClusterSnapshot): unknown {
  return objectsOf<Pod>(snapshot, 'Pod')
    .map(({ metadata, spec, status }) => ({
      namespace: metadata.namespace,
      owner: metadata.ownerReferences?.[0]?.kind ?? metadata.name,
      app: metadata.labels?.app,
      containers: spec?.containers?.map(({ name, image }) => `${name} ${image}`),
      ready: conditionOf(status?.conditions, 'Ready')?.status === 'True',
    }))
    .sort(byText)
}

const WRITTEN =
  'Namespace Deployment StatefulSet DaemonSet PodDisruptionBudget Service Job CronJob PriorityClass ENIConfig SecurityGroupPolicy ClusterPolicy MutatingWebhookConfiguration ValidatingWebhookConfiguration'

function writtenIn(snapshot: ClusterSnapshot): unknown {
  return WRITTEN.split(' ').flatMap((kind) =>
    objectsOf<KubernetesObject & Record<string, unknown>>(snapshot, kind)
      .map(({ metadata, spec, webhooks }) => ({
        kind,
        namespace: metadata.namespace,
        name: metadata.name,
        labels: metadata.labels,
        spec,
        webhooks,
      }))
      .sort(byText),
  )
}

function awsOf({ aws }: ClusterSnapshot): unknown {
  return {
    cluster: { version: aws.cluster?.version, platform: aws.cluster?.platformVersion },
    addons: aws.addons?.map(({ addonName, addonVersion, configurationValues, status }) => ({
      addonName,
      addonVersion,
      configurationValues,
      status,
    })),
    listing: aws.addonVersions,
    groups: aws.nodegroups?.map((group) => ({ ...group, nodegroupArn: '', resources: {}, createdAt: '', modifiedAt: '' })),
    sizes: aws.autoScalingGroups?.map(({ MinSize, MaxSize, DesiredCapacity }) => [MinSize, MaxSize, DesiredCapacity]).sort(byText),
    templates: aws.launchTemplateVersions
      ?.filter(({ LaunchTemplateName = '' }) => !LaunchTemplateName.startsWith('eks-'))
      .map(({ LaunchTemplateName, VersionNumber, DefaultVersion, LaunchTemplateData }) => [
        LaunchTemplateName,
        VersionNumber,
        DefaultVersion,
        LaunchTemplateData,
      ]),
    subnets: aws.subnets?.map(({ SubnetId, CidrBlock, AvailableIpAddressCount }) => [SubnetId, CidrBlock, AvailableIpAddressCount]),
    parameters: aws.ssmParameters?.map(({ Name, Value }) => [Name, Value]),
  }
}

/** A cluster that people have worked in: their own kinds of objects, cordons, pods that are unwell. */
const LIVED_IN = `
apiVersion: serin.dev/v1alpha1
kind: Scenario
metadata: { name: lived-in, summary: objects of a cluster that is used }
world:
  objects:
    - { apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: { name: high }, value: 1000, globalDefault: false }
    - { apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: { namespace: tools, name: everything }, spec: { maxUnavailable: 1, selector: {} } }
    - apiVersion: v1
      kind: Pod
      metadata: { namespace: tools, name: naked, labels: { app: naked } }
      spec: { priorityClassName: high, containers: [{ name: naked, image: "registry.example/naked:1" }] }
    - apiVersion: apps/v1
      kind: Deployment
      metadata: { namespace: tools, name: hooks }
      spec:
        replicas: 2
        selector: { matchLabels: { role: hooks } }
        template:
          metadata: { labels: { role: hooks, tier: a } }
          spec:
            topologySpreadConstraints:
              - { maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, labelSelector: { matchLabels: { role: hooks } } }
            containers:
              - { name: main, image: "registry.example/hooks:2", resources: { requests: { cpu: 100m } } }
              - { name: side, image: "registry.example/side:3" }
    - apiVersion: v1
      kind: Service
      metadata: { namespace: tools, name: hooks }
      spec: { clusterIP: 172.20.9.9, ports: [{ port: 443, protocol: TCP, targetPort: 443 }], selector: { role: hooks }, type: ClusterIP }
    - apiVersion: admissionregistration.k8s.io/v1
      kind: MutatingWebhookConfiguration
      metadata: { name: hooks }
      webhooks:
        - name: pods.hooks.example
          admissionReviewVersions: [v1]
          sideEffects: None
          failurePolicy: Fail
          clientConfig: { service: { namespace: tools, name: hooks, path: / } }
          rules: [{ apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods] }]
faults:
  - { fault: container-exits, where: { namespace: shop, workload: cart } }
`

const LIVED = { name: 'lived-in', text: LIVED_IN }

describe('a snapshot of a world, as a world', () => {
  it.each([
    { title: 'small', world: 'small', scenarios: [], after: 0 },
    { title: 'quickstart', world: 'quickstart', scenarios: [], after: 0 },
    { title: 'quickstart that is lived in', world: 'quickstart', scenarios: [LIVED], after: 600_000 },
    { title: 'pay-prod-eu', world: 'pay-prod-eu', scenarios: [], after: 0 },
  ])('$title', async ({ world, scenarios, after }) => {
    const original = openWorld({ world: shipped(world), scenarios })
    if (after > 0) cordonOne(original)
    original.timeline.advanceTo(original.timeline.now() + after)
    const first = await captured(original)
    expect(first.unavailable).toEqual([])
    const copy = openWorld({ snapshot: first, scenarios: [] })
    copy.timeline.advanceTo(copy.timeline.now() + after)
    const second = await captured(copy)
    expect(awsOf(second)).toEqual(awsOf(first))
    expect(nodesOf(second)).toEqual(nodesOf(first))
    expect(writtenIn(second)).toEqual(writtenIn(first))
    expect(podsOf(second)).toEqual(podsOf(first))
  })
})

function cordonOne({ store }: OpenedWorld): void {
  const name = store.list('Node')[7]?.metadata.name ?? ''
  const taints = [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]
  store.update('Node', undefined, name, (node) => ({ ...node, spec: { ...(node.spec as object), unschedulable: true, taints } }))
}
