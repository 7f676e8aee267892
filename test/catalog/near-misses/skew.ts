import { kubeletSkew } from '../../../src/catalog/checks/kubelet-skew.ts'
import type { Node } from '../../../src/model/kubernetes.ts'
import type { NearMiss } from '../../support/near-miss.ts'
import { changeObject, nodeNames } from '../../support/snapshot-builder.ts'

const [appNode = ''] = nodeNames('app-a')

const kubelet = (version: string) =>
  changeObject<Node>('Node', appNode, (node) => ({
    ...node,
    status: { ...node.status, nodeInfo: { ...node.status?.nodeInfo, kubeletVersion: version } },
  }))

/** Versions of what stands beside each other. */
export const SKEW: readonly NearMiss[] = [
  {
    check: kubeletSkew,
    title: 'four minors behind, not three',
    fires: { snapshot: [kubelet('v1.29.9-eks-1')] },
    silent: { snapshot: [kubelet('v1.30.9-eks-1')] },
  },
]
