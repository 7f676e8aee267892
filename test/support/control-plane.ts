import type { EksUpdate, Insight } from '../../src/model/aws.ts'
import { HOUR } from '../../src/model/instant.ts'
import type { ControlPlaneIntent } from '../../src/model/intent.ts'
import type { KubernetesObject } from '../../src/model/kubernetes.ts'
import { changeAws, type SnapshotChange } from './snapshot-builder.ts'

/** The control plane of the healthy cluster on its way from 1.33 to 1.34. */
export function aStep(parts: Partial<ControlPlaneIntent> = {}): ControlPlaneIntent {
  return {
    ...{ baseline: '1.33', target: '1.34', changes: true, autoMode: false, gates: [], soak: HOUR, approval: false },
    wayBack: { exists: 'yes', how: 'eks:UpdateClusterVersion to 1.33' },
    ...parts,
  }
}

/** The same on its way back. */
export const BACK = aStep({ baseline: '1.34', target: '1.33' })

/** The one insight of the healthy cluster, otherwise. */
export function theInsight(parts: Partial<Insight>): SnapshotChange {
  return (snapshot) => changeAws({ insights: snapshot.aws.insights?.map((each) => ({ ...each, ...parts })) })(snapshot)
}

/** An update of the control plane to 1.34 that has ended well. */
export function upgradedAt(createdAt: string, parts: Partial<EksUpdate> = {}): SnapshotChange {
  const params = [{ type: 'Version', value: '1.34' }]
  return changeAws({ updates: [{ id: 'u-1', type: 'VersionUpdate', status: 'Successful', params, createdAt, ...parts }] })
}

/** A Karpenter pool and its EC2NodeClass. */
export function aPool(terms: readonly object[], budgets: readonly object[] = []): readonly KubernetesObject[] {
  const nodeClassRef = { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name: 'default' }
  return [
    {
      ...{ apiVersion: 'karpenter.sh/v1', kind: 'NodePool', metadata: { name: 'general' } },
      spec: { template: { spec: { nodeClassRef } }, disruption: { budgets } },
    } as KubernetesObject,
    {
      ...{ apiVersion: 'karpenter.k8s.aws/v1', kind: 'EC2NodeClass', metadata: { name: 'default' } },
      spec: { amiSelectorTerms: terms },
    } as KubernetesObject,
  ]
}

/** The listing of the CoreDNS that the healthy cluster has. */
export const CORE_DNS_LISTED: SnapshotChange = (snapshot) => {
  const compatibilities = ['1.33', '1.34', '1.35', '1.36'].map((clusterVersion) => ({ clusterVersion }))
  const listing = { addonName: 'coredns', addonVersions: [{ addonVersion: 'v1.12.1-eksbuild.2', compatibilities }] }
  return changeAws({ addonVersions: [...(snapshot.aws.addonVersions ?? []), listing] })(snapshot)
}
