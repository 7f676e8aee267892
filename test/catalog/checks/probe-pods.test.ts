import { probePods } from '../../../src/catalog/checks/probe-pods.ts'
import type { KubernetesObject } from '../../../src/model/kubernetes.ts'
import { checkTable } from '../../support/check-table.ts'
import { addObjects, healthyPlan, type SnapshotChange } from '../../support/snapshot-builder.ts'

const policy = { namespace: 'shop', name: 'probe', labels: { probe: 'yes' } }
const planWith = (options: object) => {
  const [first, ...waves] = healthyPlan().waves
  const gates = [{ kind: 'network-proof', options: { namespace: 'probes', image: 'busybox:1.36', ...options } }]
  return { waves: first === undefined ? [] : [{ ...first, gates }, ...waves] }
}

const taken =
  (...namespaces: readonly string[]): SnapshotChange =>
  (snapshot) => ({
    ...snapshot,
    kubernetes: { ...snapshot.kubernetes, dryRuns: namespaces.map((namespace) => ({ subject: `kubernetes:probe/${namespace}` })) },
  })

const refusedWith =
  (message: string): SnapshotChange =>
  (snapshot) => ({
    ...snapshot,
    unavailable: [...(snapshot.unavailable ?? []), { source: 'kubernetes:probe/probes', reason: 'Forbidden', message }],
  })

const object = (kind: string, spec: object) =>
  addObjects({ apiVersion: 'v1', kind, metadata: { name: 'web', namespace: 'shop' }, spec } as KubernetesObject)
const selecting = object('SecurityGroupPolicy', { podSelector: { matchLabels: { probe: 'yes' } } })

checkTable(probePods, [
  { title: 'the dry run was taken', plan: planWith({}), snapshot: [taken('probes')], verdict: 'pass', words: ['in probes'] },
  {
    title: 'a policy refuses it',
    plan: planWith({}),
    snapshot: [refusedWith('pods "serin-probe" is forbidden: violates PodSecurity "restricted:latest"')],
    verdict: 'unknown',
    subject: 'Namespace/probes',
    words: ['would be refused', 'PodSecurity'],
  },
  {
    title: 'there is no such namespace',
    plan: planWith({}),
    snapshot: [refusedWith('namespaces "probes" not found')],
    verdict: 'unknown',
    subject: 'Namespace/probes',
    remedy: 'kubectl create namespace probes',
  },
  {
    title: 'a webhook that is away refuses it',
    plan: planWith({}),
    snapshot: [refusedWith('Internal error occurred: failed calling webhook "pods.example.com": no endpoints available')],
    verdict: 'unknown',
    subject: 'Namespace/probes',
    remedy: 'Bring back the webhook that it names',
  },
  {
    title: 'who took the snapshot may only read',
    plan: planWith({}),
    snapshot: [refusedWith('pods is forbidden: User "ci" cannot create resource "pods" in API group "" in the namespace "probes"')],
    verdict: 'warn',
    subject: 'Namespace/probes',
    words: ['may not make pods'],
    remedy: 'serin permissions --apply --plan PLAN --only rbac',
  },
  { title: 'a snapshot without the plan', plan: planWith({}), verdict: 'warn', subject: 'Namespace/probes', words: ['was not asked'] },
  {
    title: 'labels that a SecurityGroupPolicy selects',
    plan: planWith({ securityGroupPolicy: policy }),
    snapshot: [taken('probes', 'shop'), selecting],
    verdict: 'pass',
  },
  {
    title: 'labels that none selects',
    plan: planWith({ securityGroupPolicy: policy }),
    snapshot: [taken('probes', 'shop')],
    verdict: 'unknown',
    subject: 'Namespace/shop',
    words: ['no interface of its own'],
  },
  {
    title: 'labels that a Service selects too: it would count the probe among its pods',
    plan: planWith({ securityGroupPolicy: policy }),
    snapshot: [taken('probes', 'shop'), selecting, object('Service', { selector: { probe: 'yes' } })],
    verdict: 'warn',
    subject: 'Service/shop/web',
  },
])
