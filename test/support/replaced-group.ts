import type { Intent } from '../../src/model/intent.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import type { Replacement } from '../../src/model/replacement.ts'
import { GROUPS } from './healthy-cluster.ts'
import { addObjects, healthyGroupIntent, type SnapshotChange } from './snapshot-builder.ts'

/** A group of the healthy cluster that gives way to a new one; the other groups stay as they are. */
export function givesWay(name: string, to: string): Pick<Intent, 'groups'> {
  const replacement: Replacement = {
    ...{ group: to, share: 1, soak: 0, keep: 0, consent: {} },
    made: { kind: 'managed', settings: { nodeRole: 'role', subnets: [], tags: {} } },
  }
  return { groups: GROUPS.map((group) => healthyGroupIntent(group, group.name === name ? { replacement } : { changes: false })) }
}

/** Cluster Autoscaler, as a snapshot keeps it: with the groups that it is told by name. */
export function autoscalerOf(...args: readonly string[]): SnapshotChange {
  const containers = [{ name: 'autoscaler', image: 'registry.k8s.io/autoscaling/cluster-autoscaler:v1.33.0', args }]
  const spec = { replicas: 1, template: { spec: { containers } } }
  return addObjects({
    kind: 'Deployment',
    metadata: { name: 'cluster-autoscaler', namespace: 'kube-system' },
    spec,
  } as unknown as KubernetesObject)
}
