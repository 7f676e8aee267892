import { describe, expect, it } from 'vitest'
import { addonFacts, groupFacts, groupSpec, launchFailures } from '../../../src/engine/facts/aws.ts'
import { daemonSetFacts } from '../../../src/engine/facts/workloads.ts'
import type { Workload } from '../../../src/model/kubernetes.ts'
import { aWorkloadObject } from '../../support/objects.ts'
import { aNode } from '../../support/seen-builder.ts'

describe('facts of a managed group', () => {
  it('carry spec, sizes and health as EKS states them', () => {
    const nodegroup = {
      status: 'ACTIVE',
      version: '1.33',
      releaseVersion: '1.33.5-20261101',
      scalingConfig: { minSize: 1, maxSize: 5, desiredSize: 3 },
      health: { issues: [{ code: 'NodeCreationFailure' }] },
    }
    expect(groupFacts('app-a', nodegroup, [])).toMatchObject({
      status: 'ACTIVE',
      spec: { version: '1.33', releaseVersion: '1.33.5-20261101' },
      sizes: { min: 1, max: 5, desired: 3 },
      health: [{ code: 'NodeCreationFailure' }],
    })
  })

  it('takes the AMI id that EKS gives in place of a release for what it is', () => {
    const launchTemplate = { id: 'lt-1', name: 'web', version: '7' }
    expect(groupSpec({ releaseVersion: 'ami-0abc', launchTemplate })).toEqual({ imageId: 'ami-0abc', launchTemplate })
  })

  it('says UNKNOWN where EKS says nothing', () => {
    expect(groupFacts('app-a', {}, []).status).toBe('UNKNOWN')
    expect(addonFacts('vpc-cni', {})).toMatchObject({ status: 'UNKNOWN', spec: { version: 'unknown' } })
  })

  it('names instances in service that have no node, and since when', () => {
    const group = {
      AutoScalingGroupName: 'asg',
      Instances: [
        { InstanceId: 'i-joined', LifecycleState: 'InService' },
        { InstanceId: 'i-lost', LifecycleState: 'InService', AvailabilityZone: 'a' },
        { InstanceId: 'i-young', LifecycleState: 'Pending' },
      ],
    }
    const activities = [
      { Description: 'Launching a new EC2 instance: i-lost', StartTime: '2026-11-23T09:00:00Z', StatusCode: 'Successful' },
    ]
    const facts = groupFacts('app-a', { status: 'ACTIVE' }, [aNode({ instanceId: 'i-joined' })], { group, activities })
    expect(facts.autoScaling?.unjoined).toEqual([{ instanceId: 'i-lost', zone: 'a', launchedAt: Date.parse('2026-11-23T09:00:00Z') }])
  })

  it('tells failed launches from failed terminations', () => {
    const failures = launchFailures([
      {
        StatusCode: 'Failed',
        Description: 'Launching a new EC2 instance.  Status Reason: x',
        StatusMessage: 'no capacity',
        StartTime: '2026-11-23T09:00:00Z',
      },
      { StatusCode: 'Failed', Description: 'Terminating EC2 instance: i-1' },
      { StatusCode: 'Successful', Description: 'Launching a new EC2 instance: i-2' },
    ])
    expect(failures).toEqual([{ at: Date.parse('2026-11-23T09:00:00Z'), message: 'no capacity' }])
  })
})

describe('facts of the aws-node DaemonSet', () => {
  const image = 'account.dkr.ecr.eu-central-1.amazonaws.com/amazon-k8s-cni:v1.19.0-eksbuild.1'
  const main = {
    name: 'aws-node',
    image,
    env: [
      { name: 'A', value: '1' },
      { name: 'B', value: '2' },
    ],
  }
  const agent = { name: 'aws-eks-nodeagent', image: 'agent:v1' }
  const set = (containers: readonly (typeof main | typeof agent)[], rest: object = {}): Workload =>
    aWorkloadObject('DaemonSet', 'aws-node', { spec: { template: { spec: { containers, ...rest } } } })
  const digest = (workload: Workload) => daemonSetFacts(workload).templateDigest
  const plain = digest(set([main, agent]))

  it('reads how far it has rolled and which version it rolls', () => {
    const status = { observedGeneration: 4, desiredNumberScheduled: 5, updatedNumberScheduled: 3, numberAvailable: 2 }
    const workload = { ...set([main, agent]), metadata: { name: 'aws-node', generation: 4 }, status }
    expect(daemonSetFacts(workload)).toMatchObject({
      generation: 4,
      observedGeneration: 4,
      desired: 5,
      updated: 3,
      available: 2,
      version: 'v1.19.0-eksbuild.1',
    })
  })

  it('has the same digest whatever the order of containers and variables, and whatever status and labels say', () => {
    const reordered = set([agent, { ...main, env: [...main.env].reverse() }])
    expect(digest({ ...reordered, status: { numberAvailable: 9 }, metadata: { name: 'aws-node', labels: { a: 'b' } } })).toBe(plain)
  })

  it.each([
    { title: 'image', workload: set([{ ...main, image: image.replace('.0-', '.1-') }, agent]) },
    { title: 'variable', workload: set([{ ...main, env: [{ name: 'A', value: '2' }] }, agent]) },
    { title: 'image of the agent', workload: set([main, { ...agent, image: 'agent:v2' }]) },
    { title: 'toleration', workload: set([main, agent], { tolerations: [{ operator: 'Exists' }] }) },
    {
      title: 'update strategy',
      workload: { ...set([main, agent]), spec: { ...set([main, agent]).spec, updateStrategy: { type: 'OnDelete' } } },
    },
  ])('has another digest after a change of $title', ({ workload }) => {
    expect(digest(workload)).not.toBe(plain)
  })
})
