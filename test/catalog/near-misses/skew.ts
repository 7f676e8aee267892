import { al2Image } from '../../../src/catalog/checks/al2-image.ts'
import { groupTarget } from '../../../src/catalog/checks/group-target.ts'
import { knownRiskyTarget } from '../../../src/catalog/checks/known-risky-target.ts'
import { kubeProxyHealthy } from '../../../src/catalog/checks/kube-proxy-healthy.ts'
import { kubeProxyMode } from '../../../src/catalog/checks/kube-proxy-mode.ts'
import { kubeProxySkew } from '../../../src/catalog/checks/kube-proxy-skew.ts'
import { kubeletSkew } from '../../../src/catalog/checks/kubelet-skew.ts'
import { untouchedNodes } from '../../../src/catalog/checks/untouched-nodes.ts'
import type { GroupIntent } from '../../../src/model/intent.ts'
import type { KubernetesObject, Node, Pod } from '../../../src/model/kubernetes.ts'
import { GROUPS, nodesOfGroups } from '../../support/healthy-cluster.ts'
import { appPod } from '../../support/healthy-kubernetes.ts'
import type { NearMiss } from '../../support/near-miss.ts'
import {
  addObjects,
  changeCluster,
  changeObject,
  healthyGroupIntent,
  nodeNames,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'

const [appNode = ''] = nodeNames('app-a')

const kubelet = (version: string) =>
  changeObject<Node>('Node', appNode, (node) => ({
    ...node,
    status: { ...node.status, nodeInfo: { ...node.status?.nodeInfo, kubeletVersion: version } },
  }))

const osImage = (image: string) =>
  changeObject<Node>('Node', appNode, (node) => ({
    ...node,
    status: { ...node.status, nodeInfo: { ...node.status?.nodeInfo, osImage: image } },
  }))

const mode =
  (kubeProxyMode: string): SnapshotChange =>
  (snapshot) => ({ ...snapshot, kubernetes: { ...snapshot.kubernetes, kubeProxyMode } })

const appA = (parts: Partial<GroupIntent>) => ({
  groups: GROUPS.map((group) => healthyGroupIntent(group, group.name === 'app-a' ? parts : {})),
})
const ownImage = appA({ form: 'custom-ami', target: { version: '1.35' } })

const proxy = (tag: string) =>
  addObjects({
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'kube-proxy', namespace: 'kube-system' },
    spec: { template: { spec: { containers: [{ name: 'kube-proxy', image: `registry/eks/kube-proxy:${tag}` }] } } },
  } as KubernetesObject)

/** A kube-proxy on every node; on the first, which is of the canary, ready or not. */
const proxies = (first: boolean) =>
  addObjects(
    ...nodesOfGroups(GROUPS).map(({ name, index }): Pod => {
      const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'kube-proxy', uid: 'ds-kube-proxy' }
      const pod = appPod('kube-system', `kube-proxy-${index}`, { 'k8s-app': 'kube-proxy' }, name, owner)
      const statuses = pod.status?.containerStatuses?.map((each) => (index === 0 ? { ...each, ready: first } : each))
      return { ...pod, status: { ...pod.status, containerStatuses: statuses } }
    }),
  )

const alone = (compute: string) =>
  addObjects({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'n', labels: { 'eks.amazonaws.com/compute-type': compute } } })

/** Versions of what stands beside each other. */
export const SKEW: readonly NearMiss[] = [
  {
    check: kubeletSkew,
    title: 'four minors behind, not three',
    fires: { snapshot: [kubelet('v1.29.9-eks-1')] },
    silent: { snapshot: [kubelet('v1.30.9-eks-1')] },
  },
  {
    check: kubeProxySkew,
    title: 'four minors behind, not three',
    fires: { snapshot: [proxy('v1.29.15-minimal-eksbuild.62')] },
    silent: { snapshot: [proxy('v1.30.14-minimal-eksbuild.54')] },
  },
  {
    check: kubeProxyHealthy,
    title: 'kube-proxy on a node of the canary',
    fires: { snapshot: [proxies(false)] },
    silent: { snapshot: [proxies(true)] },
  },
  {
    check: kubeProxyMode,
    title: 'the mode on a minor that deprecates it',
    fires: { snapshot: [changeCluster({ version: '1.35' }), mode('ipvs')] },
    silent: { snapshot: [changeCluster({ version: '1.35' }), mode('iptables')] },
  },
  {
    check: groupTarget,
    title: 'one minor ahead of the control plane',
    fires: { intent: appA({ target: { version: '1.34' } }) },
    silent: { intent: appA({ target: { version: '1.33' } }) },
  },
  {
    check: al2Image,
    title: 'the last minor with Amazon Linux 2',
    fires: { intent: appA({ amiType: 'AL2_x86_64', target: { version: '1.33' } }) },
    silent: { intent: appA({ amiType: 'AL2_x86_64', target: { version: '1.32' } }) },
  },
  {
    check: knownRiskyTarget,
    title: 'a system with cgroup v1',
    fires: { snapshot: [osImage('Ubuntu 20.04.6 LTS')], intent: ownImage },
    silent: { snapshot: [osImage('Ubuntu 22.04.4 LTS')], intent: ownImage },
  },
  {
    check: untouchedNodes,
    title: 'what a node in no group is',
    fires: { snapshot: [alone('ec2')] },
    silent: { snapshot: [alone('fargate')] },
  },
]
