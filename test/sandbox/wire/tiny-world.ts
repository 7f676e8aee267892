import type { KubernetesObject } from '../../../src/model/kubernetes.ts'
import type { AwsHandlers, Faults, World } from '../../../src/sandbox/contract.ts'
import { createApiServer } from '../../../src/sandbox/world/kubernetes/api/api-server.ts'
import { createBackends } from '../../../src/sandbox/world/kubernetes/api/webhook-backends.ts'
import { createStore } from '../../../src/sandbox/world/kubernetes/store.ts'
import { createTimeline } from '../../../src/sandbox/world/timeline.ts'

export const START = Date.UTC(2026, 0, 5, 8)

/** A world of a few objects without controllers: what the wire servers say of it is all there is. */
export function tinyWorld(parts: Partial<World> & { objects?: readonly (KubernetesObject & Record<string, unknown>)[] } = {}): World {
  const timeline = createTimeline(START)
  const store = createStore(timeline, 1)
  for (const object of parts.objects ?? []) store.create(object)
  const backends = createBackends(parts.faults ?? NO_FAULTS)
  return {
    name: 'tiny',
    api: createApiServer({ timeline, store, seed: 1, backends, hasNamespace: () => true }),
    seed: 1,
    scenarios: [],
    cluster: { name: 'shop', region: 'eu-west-1', accountId: '111122223333', kubernetesVersion: () => '1.33' },
    timeline,
    store,
    faults: NO_FAULTS,
    eks: {},
    autoScaling: {},
    ec2: {},
    sts: {},
    iam: {},
    ssm: {},
    serviceQuotas: {},
    cloudWatch: {},
    apiServer: { isAway: () => false, onBreak: () => () => {} },
    asReadersSee: (_lag, ask) => ask(),
    setApiServer() {},
    kubeletSilentSince: () => undefined,
    evict(namespace, pod, { dryRun }) {
      if (!dryRun) store.remove('Pod', namespace, pod)
      return { evicted: true }
    },
    logs: (_namespace, pod, container) => (pod === 'web-0' ? `first line of ${container}\nsecond line\nthird line\n` : undefined),
    deletePod(namespace, pod) {
      store.remove('Pod', namespace, pod)
    },
    ...parts,
  }
}

export const NO_FAULTS: Faults = { effects: () => [], onRequest: () => undefined, onChange: () => {} }

export function handlers(entries: AwsHandlers): AwsHandlers {
  return entries
}

export function node(name: string, rest: Record<string, unknown> = {}): KubernetesObject & Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'eks.amazonaws.com/nodegroup': 'app-a' } },
    spec: { providerID: `aws:///eu-west-1a/i-${name}` },
    status: { conditions: [{ type: 'Ready', status: 'True' }], nodeInfo: { kubeletVersion: 'v1.33.5-eks-113cf36' } },
    ...rest,
  }
}

export function pod(name: string, nodeName: string, rest: Record<string, unknown> = {}): KubernetesObject & Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'shop', labels: { app: name.replace(/-\d+$/, '') } },
    spec: { nodeName, containers: [{ name: 'main', image: 'example.com/web:1' }] },
    status: {
      phase: 'Running',
      podIP: '10.0.0.9',
      containerStatuses: [{ name: 'main', ready: true, restartCount: 0, state: { running: {} } }],
    },
    ...rest,
  }
}

export function lease(name: string, renewTime: string): KubernetesObject & Record<string, unknown> {
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: { name, namespace: 'kube-system' },
    spec: { holderIdentity: 'me', leaseDurationSeconds: 30, renewTime },
  }
}
