import { describe, expect, it } from 'vitest'
import { seenFromSnapshot } from '../../../src/engine/facts/snapshot.ts'
import type { ClusterSnapshot } from '../../../src/model/snapshot.ts'
import { aNodeObject, anAwsNodePod, aPodObject } from '../../support/objects.ts'
import { NOW } from '../../support/seen-builder.ts'

const snapshot: ClusterSnapshot = {
  apiVersion: 'serin.dev/v1alpha1',
  kind: 'ClusterSnapshot',
  capturedAt: '2026-11-23T09:59:00Z',
  aws: {
    nodegroups: [{ nodegroupName: 'app-a', status: 'ACTIVE', resources: { autoScalingGroups: [{ name: 'asg' }] } }],
    autoScalingGroups: [{ AutoScalingGroupName: 'asg', MaxSize: 4 }],
    addons: [{ addonName: 'vpc-cni', status: 'ACTIVE', addonVersion: 'v1.19.0-eksbuild.1' }],
    updates: [{ id: 'u1', status: 'Successful' }],
  },
  kubernetes: { items: [aNodeObject(), anAwsNodePod(), aPodObject(), aNodeObject('x', { metadata: { name: 'x' } })] },
  logs: [
    { namespace: 'kube-system', pod: 'aws-node-ip-10-0-1-7', container: 'aws-node', previous: true, text: 'old' },
    { namespace: 'kube-system', pod: 'aws-node-ip-10-0-1-7', container: 'aws-node', text: 'new' },
  ],
  unavailable: [{ source: 'ec2:DescribeSubnets', reason: 'UnauthorizedOperation' }],
}

describe('the picture that a snapshot shows', () => {
  const seen = seenFromSnapshot(snapshot, NOW)

  it('has the groups with their nodes, and the others', () => {
    expect(seen.groups['app-a']?.nodes.map((node) => node.name)).toEqual(['ip-10-0-1-7'])
    expect(seen.groups['app-a']?.autoScaling?.sizes.max).toBe(4)
    expect(seen.otherNodes.map((node) => node.name)).toEqual(['x'])
  })

  it('has add-ons, updates, and the current log of aws-node', () => {
    expect(seen.addons['vpc-cni']?.status).toBe('ACTIVE')
    expect(seen.updates.u1?.status).toBe('Successful')
    expect(seen.groups['app-a']?.nodes[0]?.awsNode?.log).toMatchObject({ text: 'new' })
  })

  it('is a plain read of the time it was taken, with the same gaps', () => {
    expect(seen).toMatchObject({ now: NOW, plainReadAt: NOW - 60_000, lease: 'unknown' })
    expect(seen.unavailable).toEqual([{ source: 'ec2:DescribeSubnets', reason: 'UnauthorizedOperation', since: NOW - 60_000 }])
  })

  it('of an empty snapshot is empty', () => {
    expect(seenFromSnapshot({ ...snapshot, aws: {}, kubernetes: {} }, NOW)).toMatchObject({ groups: {}, otherNodes: [], workloads: [] })
  })
})
