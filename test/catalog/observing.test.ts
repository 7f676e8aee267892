import { describe, expect, it } from 'vitest'
import { outlookFor } from '../../src/catalog/observing.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { ClusterSnapshot } from '../../src/model/snapshot.ts'
import { API_VERSION } from '../../src/model/snapshot.ts'

/** What is said of nodes that others move. */

interface Pool {
  readonly terms?: readonly object[]
  readonly budgets?: readonly object[]
  readonly expireAfter?: string
  readonly classKind?: string
}

function cluster(...items: readonly object[]): ClusterSnapshot {
  const kubernetes = { items: items as readonly KubernetesObject[] }
  return { apiVersion: API_VERSION, kind: 'ClusterSnapshot', capturedAt: '2026-09-22T18:00:00Z', aws: {}, kubernetes } as ClusterSnapshot
}

function pool({ terms = [{ alias: 'al2023@latest' }], budgets = [], expireAfter, classKind = 'EC2NodeClass' }: Pool = {}): ClusterSnapshot {
  const template = { spec: { nodeClassRef: { kind: classKind, name: 'main' }, ...(expireAfter && { expireAfter }) } }
  return cluster(
    { kind: 'NodePool', metadata: { name: 'default' }, spec: { template, disruption: { budgets } } },
    { kind: 'EC2NodeClass', metadata: { name: 'main' }, spec: { amiSelectorTerms: terms } },
  )
}

const NO_DRIFT = { nodes: '0', reasons: ['Drifted'] }

const CASES: readonly {
  readonly title: string
  readonly name: string
  readonly snapshot: ClusterSnapshot
  readonly happens: RegExp
  readonly person: RegExp
}[] = [
  {
    title: 'an alias follows',
    name: 'karpenter:default',
    snapshot: pool(),
    happens: /^Karpenter replaces its nodes as drifted.*al2023@latest/,
    person: /nodeclaims/,
  },
  {
    title: 'a pinned alias follows too',
    name: 'karpenter:default',
    snapshot: pool({ terms: [{ alias: 'al2023@v20260901' }] }),
    happens: /al2023@v20260901 follows the control plane's minor, a pinned release too/,
    person: /nodeclaims/,
  },
  {
    title: 'an AMI by id stays',
    name: 'karpenter:default',
    snapshot: pool({ terms: [{ id: 'ami-1' }] }),
    happens: /^nothing: EC2NodeClass main selects its AMI by id, name or tag/,
    person: /name an AMI of 1\.33: kubectl edit ec2nodeclass main/,
  },
  {
    title: 'a budget keeps drift at 0, and the other budgets stay in the patch',
    name: 'karpenter:default',
    snapshot: pool({ budgets: [NO_DRIFT, { nodes: '20%' }] }),
    happens: /^nothing yet: .*a budget keeps `Drifted` at 0/,
    person: /let them drift: kubectl patch nodepool default .*"budgets":\[\{"nodes":"20%"\}\]/,
  },
  {
    title: 'nodes that expire go whatever the budgets say',
    name: 'karpenter:default',
    snapshot: pool({ terms: [{ id: 'ami-1' }], expireAfter: '720h' }),
    happens: /each node ends 720h after it came, whatever the budgets say/,
    person: /kubectl edit/,
  },
  {
    title: 'a class that was not read is unknown',
    name: 'karpenter:default',
    snapshot: cluster(),
    happens: /is not known/,
    person: /kubectl get nodepool default/,
  },
  {
    title: 'Auto Mode follows by itself',
    name: 'auto-mode:default',
    snapshot: pool({ classKind: 'NodeClass' }),
    happens: /^EKS replaces its nodes by itself.*21 days/,
    person: /do-not-disrupt/,
  },
  {
    title: 'Fargate needs new pods',
    name: 'fargate:all',
    snapshot: cluster({
      kind: 'Pod',
      metadata: { namespace: 'shop', name: 'web-7d9f-x', ownerReferences: [{ kind: 'ReplicaSet', name: 'web-7d9f' }] },
      spec: { nodeName: 'node-1' },
    }),
    happens: /^nothing to pods that run/,
    person: /kubectl rollout restart -n shop deployment\/web$/,
  },
  {
    title: 'hybrid nodes are their owner’s',
    name: 'hybrid:all',
    snapshot: cluster(),
    happens: /^nothing: these machines are your own/,
    person: /on each of node-1, drained: nodeadm upgrade 1\.33/,
  },
]

describe('nodes that others move', () => {
  it.each(CASES)('are told of: $title', ({ name, snapshot, happens, person }) => {
    const outlook = outlookFor(name, { minor: '1.33', behind: ['node-1'], snapshot })
    expect(outlook.happens).toMatch(happens)
    expect(outlook.person).toMatch(person)
  })
})
