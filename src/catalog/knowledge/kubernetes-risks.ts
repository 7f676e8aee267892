import type { GroupIntent } from '../../model/intent.ts'
import type { Node } from '../../model/kubernetes.ts'

/** A change of a Kubernetes minor that stops nodes which an older minor bore. Read on 2026-11-20 from the source of each row. */
export interface RiskRow {
  /** The first minor with it. */
  readonly minor: string
  readonly problem: string
  readonly remedy: string
  readonly source: string
  readonly concerns: (group: GroupIntent, nodes: readonly Node[]) => boolean
}

/** EKS's own images of a minor have what it needs; an image of one's own may not. */
const ownImage = ({ form }: GroupIntent) => form === 'custom-ami'
const somewhere = (nodes: readonly Node[], member: 'osImage' | 'containerRuntimeVersion', pattern: RegExp) =>
  nodes.some(({ status }) => pattern.test(status?.nodeInfo?.[member] ?? ''))

export const KUBERNETES_RISKS: readonly RiskRow[] = [
  {
    minor: '1.35',
    problem: 'its kubelet does not start on cgroup v1, which the nodes of now have',
    remedy: 'Build the image on a system with cgroup v2, such as AL2023 or Ubuntu 22.04.',
    source: 'https://kubernetes.io/docs/concepts/architecture/cgroups/',
    concerns: (group, nodes) =>
      ownImage(group) && somewhere(nodes, 'osImage', /^(Amazon Linux 2$|Ubuntu 20\.|Red Hat Enterprise Linux.* 8\.)/),
  },
  {
    minor: '1.36',
    problem: 'its kubelet is not supported with containerd 1, which the nodes of now have',
    remedy: 'Build the image with containerd 2.',
    source: 'https://kubernetes.io/blog/2025/12/17/kubernetes-v1-35-release/',
    concerns: (group, nodes) => ownImage(group) && somewhere(nodes, 'containerRuntimeVersion', /^containerd:\/\/1\./),
  },
]
