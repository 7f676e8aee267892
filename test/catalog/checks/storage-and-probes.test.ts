import { localStorage } from '../../../src/catalog/checks/local-storage.ts'
import { readinessProbe } from '../../../src/catalog/checks/readiness-probe.ts'
import { systemWorkloads } from '../../../src/catalog/checks/system-workloads.ts'
import { volumeZone } from '../../../src/catalog/checks/volume-zone.ts'
import { webhookDrain } from '../../../src/catalog/checks/webhook-drain.ts'
import type { KubernetesObject, Pod, PodSpec, Workload } from '../../../src/model/kubernetes.ts'
import { checkTable } from '../../support/check-table.ts'
import { appPod } from '../../support/healthy-kubernetes.ts'
import { boundVolume } from '../../support/objects.ts'
import { addObjects, changeObject, changePods, everyGroup, healthyGroupIntent, nodeNames } from '../../support/snapshot-builder.ts'

const [firstOfApp = '', secondOfApp = ''] = nodeNames('app-a')
const noGroupRow = { title: 'no group changes', intent: everyGroup({ changes: false }), verdict: 'pass' } as const
const spec = (parts: Partial<PodSpec>) => (pod: Pod) => ({ ...pod, spec: { ...pod.spec, ...parts } })

const service = (namespace: string, name: string, selector?: Record<string, string>) =>
  addObjects({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace },
    spec: { ...(selector && { selector }) },
  } as KubernetesObject)

checkTable(readinessProbe, [
  {
    title: 'behind a Service without a probe',
    snapshot: [service('shop', 'web', { app: 'web' })],
    verdict: 'warn',
    subject: 'Deployment/shop/web',
    words: ['stands behind a Service', 'count as ready before they serve'],
  },
  {
    title: 'with a probe',
    snapshot: [
      service('shop', 'web', { app: 'web' }),
      changePods('web', spec({ containers: [{ name: 'web', readinessProbe: { httpGet: { port: 80 } } }] })),
    ],
    verdict: 'pass',
    words: ['1 workload behind a Service'],
  },
  { title: 'behind no Service', snapshot: [service('jobs', 'web', { app: 'web' })], verdict: 'pass' },
  { title: 'a Service without a selector', snapshot: [service('shop', 'web')], verdict: 'pass' },
  noGroupRow,
])

const data = (volume: Parameters<typeof boundVolume>[2]) => [
  addObjects(...boundVolume('shop', 'data-db', volume)),
  changePods('db', spec({ volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data-db' } }] })),
]

checkTable(localStorage, [
  {
    title: 'a local volume',
    snapshot: data({ local: {} }),
    verdict: 'warn',
    subject: 'StatefulSet/shop/db',
    words: ['3 pods', 'stay Pending'],
  },
  { title: 'a volume of EBS', snapshot: data({ zone: 'eu-central-1a' }), verdict: 'pass' },
  {
    title: 'a StatefulSet on emptyDir alone',
    snapshot: [changePods('db', spec({ volumes: [{ name: 'data', emptyDir: {} } as { name: string }] }))],
    verdict: 'warn',
    subject: 'StatefulSet/shop/db',
    words: ['no volume but emptyDir'],
  },
  {
    title: 'a Deployment on emptyDir',
    snapshot: [changePods('web', spec({ volumes: [{ name: 'tmp', emptyDir: {} } as { name: string }] }))],
    verdict: 'pass',
  },
  noGroupRow,
])

checkTable(volumeZone, [
  {
    title: 'a zone without nodes',
    snapshot: data({ zone: 'eu-central-1d' }),
    verdict: 'block',
    subject: 'StatefulSet/shop/db',
    words: ['of db-0', 'in eu-central-1d', 'eu-central-1a, eu-central-1b, eu-central-1c only', '3 pods would stay Pending'],
  },
  { title: 'a zone of the group', snapshot: data({ zone: 'eu-central-1a' }), verdict: 'pass', words: ['3 volumes'] },
  {
    title: 'a zone in which only nodes that stay are',
    snapshot: data({ zone: 'eu-central-1c' }),
    intent: { groups: [healthyGroupIntent({ name: 'data', nodes: 4 }, { zones: ['eu-central-1a'] })] },
    verdict: 'pass',
  },
  { title: 'a volume in no zone', snapshot: data({}), verdict: 'pass', words: ['0 volumes'] },
  noGroupRow,
])

const has = (kind: string, name: string, status: Workload['status']) =>
  changeObject<Workload>(kind, name, (each) => ({ ...each, status: { ...each.status, ...status } }))
const daemon = (numberReady: number) =>
  addObjects({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'ebs-csi-node', namespace: 'kube-system' },
    status: { desiredNumberScheduled: 20, numberReady },
  } as KubernetesObject)

checkTable(systemWorkloads, [
  {
    title: 'half of coredns',
    snapshot: [has('Deployment', 'coredns', { readyReplicas: 1 })],
    verdict: 'warn',
    subject: 'Deployment/kube-system/coredns',
    words: ['1 of 2 pods ready'],
  },
  {
    title: 'a DaemonSet that lacks pods',
    snapshot: [daemon(19)],
    verdict: 'warn',
    subject: 'DaemonSet/kube-system/ebs-csi-node',
    words: ['19 of 20'],
  },
  { title: 'a DaemonSet with all of them', snapshot: [daemon(20)], verdict: 'pass' },
  { title: 'aws-node has checks of its own', snapshot: [has('DaemonSet', 'aws-node', { numberReady: 3 })], verdict: 'pass' },
  { title: 'workloads of others', snapshot: [has('Deployment', 'web', { readyReplicas: 1 })], verdict: 'pass' },
])

const webhook = (resources: readonly string[], failurePolicy = 'Fail') =>
  addObjects({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: 'guard' },
    webhooks: [
      {
        name: 'guard.example.com',
        failurePolicy,
        clientConfig: { service: { namespace: 'guard', name: 'guard' } },
        rules: [{ apiGroups: [''], operations: ['CREATE'], resources }],
      },
    ],
  } as KubernetesObject)
const backend = (...nodes: readonly string[]) =>
  addObjects(...nodes.map((node, place) => appPod('guard', `guard-${place}`, { app: 'guard' }, node)))
const guard = service('guard', 'guard', { app: 'guard' })

checkTable(webhookDrain, [
  {
    title: 'nobody allows evictions',
    snapshot: [guard, webhook(['pods/eviction'])],
    verdict: 'block',
    subject: 'ValidatingWebhookConfiguration/guard',
    words: ['fails closed for evictions', 'no ready pod'],
  },
  {
    title: 'nobody lets nodes in',
    snapshot: [guard, webhook(['nodes'])],
    verdict: 'block',
    subject: 'ValidatingWebhookConfiguration/guard',
    words: ['the registration of nodes'],
  },
  { title: 'one that fails open', snapshot: [guard, webhook(['nodes'], 'Ignore')], verdict: 'pass' },
  { title: 'one about other things', snapshot: [guard, webhook(['configmaps'])], verdict: 'pass' },
  {
    title: 'all of its pods on one node that goes',
    snapshot: [guard, webhook(['pods/eviction']), backend(firstOfApp, firstOfApp)],
    verdict: 'warn',
    subject: 'ValidatingWebhookConfiguration/guard',
    words: [`all of its 2 pods run on ${firstOfApp}`],
  },
  { title: 'on two nodes', snapshot: [guard, webhook(['pods/eviction']), backend(firstOfApp, secondOfApp)], verdict: 'pass' },
  {
    title: 'a Service that says nothing about its pods',
    snapshot: [service('guard', 'guard'), webhook(['nodes'])],
    verdict: 'unknown',
    subject: 'ValidatingWebhookConfiguration/guard',
  },
  noGroupRow,
])
