import { al2Image } from '../../../src/catalog/checks/al2-image.ts'
import { autoscalerList } from '../../../src/catalog/checks/autoscaler-list.ts'
import { canarySize } from '../../../src/catalog/checks/canary-size.ts'
import { groupDrift } from '../../../src/catalog/checks/group-drift.ts'
import { groupTarget } from '../../../src/catalog/checks/group-target.ts'
import { imageDeprecated } from '../../../src/catalog/checks/image-deprecated.ts'
import { imageUsable } from '../../../src/catalog/checks/image-usable.ts'
import { infrastructureAsCode } from '../../../src/catalog/checks/infrastructure-as-code.ts'
import { instanceRefresh } from '../../../src/catalog/checks/instance-refresh.ts'
import { nodeClasses } from '../../../src/catalog/checks/node-classes.ts'
import { nodeRepair } from '../../../src/catalog/checks/node-repair.ts'
import { nodegroupActive } from '../../../src/catalog/checks/nodegroup-active.ts'
import { nodegroupUpdate } from '../../../src/catalog/checks/nodegroup-update.ts'
import { nodesCordoned } from '../../../src/catalog/checks/nodes-cordoned.ts'
import { nodesReadyNow } from '../../../src/catalog/checks/nodes-ready-now.ts'
import { otherOperators } from '../../../src/catalog/checks/other-operators.ts'
import { pinnedToGroup } from '../../../src/catalog/checks/pinned-to-group.ts'
import { serinOnNode } from '../../../src/catalog/checks/serin-on-node.ts'
import { suspendedProcesses } from '../../../src/catalog/checks/suspended-processes.ts'
import { updateWidth } from '../../../src/catalog/checks/update-width.ts'
import { warmPool } from '../../../src/catalog/checks/warm-pool.ts'
import { wayBackOpen } from '../../../src/catalog/checks/way-back-open.ts'
import type { AutoScalingGroup } from '../../../src/model/aws.ts'
import type { GroupIntent } from '../../../src/model/intent.ts'
import { IMAGE_LABEL, type KubernetesObject, type Node } from '../../../src/model/kubernetes.ts'
import { autoScalingGroupName, GROUPS } from '../../support/healthy-cluster.ts'
import type { NearMiss } from '../../support/near-miss.ts'
import { autoscalerOf, givesWay } from '../../support/replaced-group.ts'
import {
  addObjects,
  changeAws,
  changeGroup,
  changeObject,
  changePods,
  healthyGroupIntent,
  nodeNames,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'

const [appNode = ''] = nodeNames('app-a')
const [dataNode = ''] = nodeNames('data')

const intentOf = (name: string, parts: Partial<GroupIntent>) => ({
  groups: GROUPS.map((group) => healthyGroupIntent(group, group.name === name ? parts : {})),
})

const scaling =
  (parts: Partial<AutoScalingGroup>): SnapshotChange =>
  (snapshot) =>
    changeAws({
      autoScalingGroups: snapshot.aws.autoScalingGroups?.map((each) =>
        each.AutoScalingGroupName === autoScalingGroupName('app-a') ? { ...each, ...parts } : each,
      ),
    })(snapshot)

const suspended = (ProcessName: string) => scaling({ SuspendedProcesses: [{ ProcessName }] })
const update = (status: string) => changeAws({ updates: [{ id: 'u-1', type: 'VersionUpdate', nodegroupName: 'app-a', status }] })
const refresh = (Status: string) => changeAws({ instanceRefreshes: [{ AutoScalingGroupName: autoScalingGroupName('app-a'), Status }] })
const node = (change: (each: Node) => Node) => changeObject<Node>('Node', appNode, change)

const asksFor = (key: string, value: string) =>
  changePods('web', (pod) => ({ ...pod, spec: { ...pod.spec, nodeSelector: { [key]: value } } }))

const autoscaler = (replicas: number) =>
  addObjects({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cluster-autoscaler', namespace: 'kube-system' },
    spec: {
      replicas,
      template: { spec: { containers: [{ name: 'a', image: 'registry.k8s.io/autoscaling/cluster-autoscaler:v1.33.0' }] } },
    },
  } as KubernetesObject)

const customAmi = intentOf('app-a', { form: 'custom-ami', target: { imageId: 'ami-own' }, baseline: { imageId: 'ami-own' } })
const own = (State: string) => ({ snapshot: [changeAws({ images: [{ ImageId: 'ami-own', State }] })], intent: customAmi })
const ending = (DeprecationTime: string) => ({
  snapshot: [changeAws({ images: [{ ImageId: 'ami-own', DeprecationTime }] })],
  intent: customAmi,
})

const runningOn =
  (on: string): SnapshotChange =>
  (snapshot) => ({ ...snapshot, takenFrom: { namespace: 'tools', pod: 'serin', node: on } })
const withoutData = intentOf('data', { changes: false })

const pinned = intentOf('app-a', { baseline: { launchTemplate: { id: 'lt-1', version: '6' } } })
const template = (VersionNumber: number) => changeAws({ launchTemplateVersions: [{ LaunchTemplateId: 'lt-1', VersionNumber }] })

/** Node groups and what stands behind them. */
export const NODE_GROUPS: readonly NearMiss[] = [
  { check: nodegroupActive, title: 'EKS still updates the group', fires: { snapshot: [changeGroup('app-a', { status: 'UPDATING' })] } },
  {
    check: nodegroupUpdate,
    title: 'the last update goes on',
    fires: { snapshot: [update('InProgress')] },
    silent: { snapshot: [update('Successful')] },
  },
  {
    check: suspendedProcesses,
    title: 'Launch is suspended, not AZRebalance',
    fires: { snapshot: [suspended('Launch')] },
    silent: { snapshot: [suspended('AZRebalance')] },
  },
  {
    check: instanceRefresh,
    title: 'the last instance refresh goes on',
    fires: { snapshot: [refresh('InProgress')] },
    silent: { snapshot: [refresh('Successful')] },
  },
  {
    check: wayBackOpen,
    title: 'the launch template version that the group came from was deleted',
    fires: { snapshot: [template(7)], intent: pinned },
    silent: { snapshot: [template(6)], intent: pinned },
  },
  { check: warmPool, title: 'there is a warm pool', fires: { snapshot: [scaling({ WarmPoolConfiguration: { PoolState: 'Stopped' } })] } },
  {
    check: nodeRepair,
    title: 'node auto repair is on',
    fires: { snapshot: [changeGroup('app-a', { nodeRepairConfig: { enabled: true } })] },
    silent: { snapshot: [changeGroup('app-a', { nodeRepairConfig: { enabled: false } })] },
  },
  {
    check: groupDrift,
    title: 'one node has another image',
    fires: {
      snapshot: [
        node((each) => ({ ...each, metadata: { ...each.metadata, labels: { ...each.metadata.labels, [IMAGE_LABEL]: 'ami-old' } } })),
      ],
    },
  },
  {
    check: otherOperators,
    title: 'the autoscaler is not scaled to zero',
    fires: { snapshot: [autoscaler(1)] },
    silent: { snapshot: [autoscaler(0)] },
  },
  {
    check: autoscalerList,
    title: 'the list names the very group that gives way',
    fires: { snapshot: [autoscalerOf(`--nodes=1:8:${autoScalingGroupName('app-a')}`)], intent: givesWay('app-a', 'app-c') },
    silent: { snapshot: [autoscalerOf(`--nodes=1:8:${autoScalingGroupName('app-b')}`)], intent: givesWay('app-a', 'app-c') },
  },
  {
    check: pinnedToGroup,
    title: 'the pod asks for the group by name, not by what it runs',
    fires: { snapshot: [asksFor('eks.amazonaws.com/nodegroup', 'app-a')], intent: givesWay('app-a', 'another') },
    silent: { snapshot: [asksFor('eks.amazonaws.com/nodegroup', 'app-a')], intent: givesWay('app-a', 'app-a') },
  },
  {
    check: infrastructureAsCode,
    title: 'the tag says Terraform',
    fires: { snapshot: [changeGroup('app-a', { tags: { ManagedBy: 'terraform' } })] },
    silent: { snapshot: [changeGroup('app-a', { tags: { ManagedBy: 'the platform team' } })] },
  },
  {
    check: groupTarget,
    title: 'one minor above the control plane',
    fires: { intent: intentOf('app-a', { target: { version: '1.34' } }) },
    silent: { intent: intentOf('app-a', { target: { version: '1.33' } }) },
  },
  { check: al2Image, title: 'the image type is Amazon Linux 2', fires: { intent: intentOf('app-a', { amiType: 'AL2_x86_64' }) } },
  { check: imageUsable, title: 'the custom AMI is still being copied', fires: own('pending'), silent: own('available') },
  {
    check: imageDeprecated,
    title: 'the custom AMI is past its end by a second',
    fires: ending('2026-11-23T09:59:59.000Z'),
    silent: ending('2026-11-23T10:00:01.000Z'),
  },
  {
    check: updateWidth,
    title: 'five of five nodes may go, not four',
    fires: { intent: intentOf('app-a', { maxUnavailable: 5 }) },
    silent: { intent: intentOf('app-a', { maxUnavailable: 4 }) },
  },
  {
    check: nodesReadyNow,
    title: 'one node is not Ready',
    fires: {
      snapshot: [
        node((each) => ({
          ...each,
          status: { ...each.status, conditions: each.status?.conditions?.map((one) => ({ ...one, status: 'False' })) },
        })),
      ],
    },
  },
  {
    check: nodesCordoned,
    title: 'one node is cordoned',
    fires: { snapshot: [node((each) => ({ ...each, spec: { ...each.spec, unschedulable: true } }))] },
  },
  {
    check: serinOnNode,
    title: 'it runs on a node of the plan',
    fires: { snapshot: [runningOn(appNode)], intent: withoutData },
    silent: { snapshot: [runningOn(dataNode)], intent: withoutData },
  },
  {
    check: canarySize,
    title: 'three nodes of twenty, not two',
    fires: { intent: intentOf('canary', { nodes: 3 }) },
    silent: { intent: intentOf('canary', { nodes: 2 }) },
  },
  {
    check: nodeClasses,
    title: 'one group is of another class',
    fires: { intent: intentOf('data', { nodeClass: 'AL2023_ARM_64_STANDARD arm64 m7g' }) },
  },
]
