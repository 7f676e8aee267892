import { groupDrift } from '../../../src/catalog/checks/group-drift.ts'
import { imageDeprecated } from '../../../src/catalog/checks/image-deprecated.ts'
import { imageUsable } from '../../../src/catalog/checks/image-usable.ts'
import { instanceRefresh } from '../../../src/catalog/checks/instance-refresh.ts'
import { nodeRepair } from '../../../src/catalog/checks/node-repair.ts'
import { updateWidth } from '../../../src/catalog/checks/update-width.ts'
import { warmPool } from '../../../src/catalog/checks/warm-pool.ts'
import type { Image } from '../../../src/model/aws.ts'
import type { GroupIntent } from '../../../src/model/intent.ts'
import { IMAGE_LABEL, type Node, TEMPLATE_VERSION_LABEL } from '../../../src/model/kubernetes.ts'
import { checkTable } from '../../support/check-table.ts'
import { autoScalingGroupName, IMAGES } from '../../support/healthy-cluster.ts'
import {
  changeAws,
  changeGroup,
  changeObject,
  everyGroup,
  healthyGroupIntent,
  nodeNames,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'

const [firstOfApp = ''] = nodeNames('app-a')
const noGroupRow = { title: 'no group changes', intent: everyGroup({ changes: false }), verdict: 'pass' } as const
const only = (name: string, nodes: number, parts: Partial<GroupIntent>) => ({ groups: [healthyGroupIntent({ name, nodes }, parts)] })

const refresh = (Status: string) =>
  changeAws({
    instanceRefreshes: [{ InstanceRefreshId: 'r-1', AutoScalingGroupName: autoScalingGroupName('app-a'), Status, PercentageComplete: 40 }],
  })

checkTable(instanceRefresh, [
  {
    title: 'one that goes on',
    snapshot: [refresh('InProgress')],
    verdict: 'block',
    subject: 'NodeGroup/app-a',
    words: ['r-1 of app-a is InProgress, 40 % done', 'without draining'],
  },
  { title: 'one that bakes', snapshot: [refresh('Baking')], verdict: 'block', subject: 'NodeGroup/app-a' },
  { title: 'one that ended', snapshot: [refresh('Successful')], verdict: 'pass' },
  {
    title: 'one of a group that stays',
    snapshot: [refresh('InProgress')],
    intent: only('data', 4, {}),
    verdict: 'pass',
  },
  noGroupRow,
])

const pool: SnapshotChange = (snapshot) =>
  changeAws({
    autoScalingGroups: snapshot.aws.autoScalingGroups?.map((each) =>
      each.AutoScalingGroupName === autoScalingGroupName('app-a')
        ? { ...each, WarmPoolConfiguration: { PoolState: 'Stopped' }, WarmPoolSize: 3 }
        : each,
    ),
  })(snapshot)

checkTable(warmPool, [
  {
    title: 'a pool of stopped instances',
    snapshot: [pool],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['3 instances (Stopped)', 'old image'],
  },
  noGroupRow,
])

const repaired = (name: string, enabled = true) => changeGroup(name, { nodeRepairConfig: { enabled } })

checkTable(nodeRepair, [
  {
    title: 'on for two groups',
    snapshot: [repaired('app-a'), repaired('data')],
    verdict: 'warn',
    words: ['on for app-a, data', 'while a gate still judges'],
  },
  { title: 'off', snapshot: [repaired('app-a', false)], verdict: 'pass' },
  noGroupRow,
])

const labelled = (label: string, value: string) =>
  changeObject<Node>('Node', firstOfApp, (node) => ({
    ...node,
    metadata: { ...node.metadata, labels: { ...node.metadata.labels, [label]: value } },
  }))
const template = changeGroup('app-a', { launchTemplate: { id: 'lt-1', version: '4' } })

checkTable(groupDrift, [
  {
    title: 'one node of another image',
    snapshot: [labelled(IMAGE_LABEL, 'ami-old')],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['have 2 images', `ami-old on ${firstOfApp}`],
  },
  {
    title: 'one node of another template version',
    snapshot: [template, labelled(TEMPLATE_VERSION_LABEL, '3')],
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['names version 4', 'came from 3'],
  },
  { title: 'of the same', snapshot: [template, labelled(TEMPLATE_VERSION_LABEL, '4')], verdict: 'pass' },
  {
    title: 'a group that follows $Latest',
    snapshot: [changeGroup('app-a', { launchTemplate: { id: 'lt-1', version: '$Latest' } }), labelled(TEMPLATE_VERSION_LABEL, '3')],
    verdict: 'pass',
  },
  noGroupRow,
])

checkTable(updateWidth, [
  {
    title: 'all nodes together',
    intent: only('app-a', 5, { maxUnavailable: 5 }),
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['5 nodes, and all of them may be drained together'],
  },
  { title: 'all but one', intent: only('app-a', 5, { maxUnavailable: 4 }), verdict: 'pass' },
  {
    title: 'the only node, with MINIMAL',
    intent: only('app-a', 1, { updateStrategy: 'MINIMAL', surge: 0 }),
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['for some minutes it has none'],
  },
  { title: 'the only node, with another beside it', intent: only('app-a', 1, {}), verdict: 'pass' },
  { title: 'no nodes', intent: only('app-a', 0, { whenEmpty: 'update' }), verdict: 'pass' },
  noGroupRow,
])

const image = (ImageId: string, parts: Partial<Image> = {}): SnapshotChange => {
  const made = { ImageId, OwnerId: '444455556666', State: 'available', ...parts }
  return (snapshot) => changeAws({ images: [...(snapshot.aws.images ?? []), made] })(snapshot)
}
const custom = only('app-a', 5, {
  form: 'custom-ami',
  amiType: 'CUSTOM',
  baseline: { launchTemplate: { id: 'lt-1', version: '1' }, imageId: 'ami-before' },
  target: { launchTemplate: { id: 'lt-1', version: '2' }, imageId: 'ami-after' },
})

checkTable(
  imageUsable,
  [
    {
      title: 'both shared',
      snapshot: [image('ami-before'), image('ami-after')],
      intent: custom,
      verdict: 'pass',
      words: ['there and back'],
    },
    {
      title: 'the new one is not shared',
      snapshot: [image('ami-before')],
      intent: custom,
      verdict: 'block',
      subject: 'NodeGroup/app-a',
      words: ['ami-after, which app-a is to run', 'gone, or not shared'],
    },
    {
      title: 'the old one is gone',
      snapshot: [image('ami-after')],
      intent: custom,
      verdict: 'warn',
      subject: 'NodeGroup/app-a',
      words: ['ami-before', 'no way back'],
    },
    {
      title: 'one that is still being copied',
      snapshot: [image('ami-before'), image('ami-after', { State: 'pending' })],
      intent: custom,
      verdict: 'block',
      subject: 'NodeGroup/app-a',
      words: ['is pending, not available'],
    },
    { title: 'only images of EKS', verdict: 'pass', words: ['No node group of the run has a custom AMI'] },
    {
      title: 'a template that was not read',
      intent: only('app-a', 5, { form: 'custom-ami', target: {}, baseline: {} }),
      verdict: 'unknown',
      subject: 'NodeGroup/app-a',
    },
  ],
  { snapshot: [image('ami-before'), image('ami-after')], intent: custom },
)

const ended =
  (DeprecationTime: string): SnapshotChange =>
  (snapshot) =>
    changeAws({
      images: snapshot.aws.images?.map((each) => (each.ImageId === IMAGES['1.32']?.ami ? { ...each, DeprecationTime } : each)),
    })(snapshot)

checkTable(imageDeprecated, [
  {
    title: 'the running image is past its end',
    snapshot: [ended('2026-11-23T09:59:00.000Z')],
    intent: only('app-a', 5, {}),
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['runs, and would go back to', 'deprecated since 2026-11-23'],
  },
  { title: 'one that ends later', snapshot: [ended('2026-11-23T10:01:00.000Z')], verdict: 'pass' },
  {
    title: 'Amazon Linux 2',
    intent: only('app-a', 5, { amiType: 'AL2_x86_64' }),
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['Amazon Linux 2', '2025-11-26'],
  },
  {
    title: 'a custom AMI past its end',
    snapshot: [image('ami-after', { DeprecationTime: '2026-01-01T00:00:00.000Z' })],
    intent: custom,
    verdict: 'warn',
    subject: 'NodeGroup/app-a',
    words: ['which app-a is to run'],
  },
  noGroupRow,
])
