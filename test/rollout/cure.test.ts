import { describe, expect, it } from 'vitest'
import { selfManagedOf } from '../../src/engine/apply.ts'
import type { Diagnosis, DiagnosisReport } from '../../src/model/diagnosis.ts'
import {
  EXCLUDE_FROM_BALANCERS_LABEL,
  instanceIdOf,
  type KubernetesObject,
  NODEGROUP_LABEL,
  type Node,
  type Pod,
} from '../../src/model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../src/model/snapshot.ts'
import { cureItinerary } from '../../src/rollout/cure/batches.ts'
import { chooseCure, DEFAULT_POLICY } from '../../src/rollout/cure/choose.ts'
import { healthyPlan, healthySnapshot } from '../support/snapshot-builder.ts'

const NODES = objectsOf<Node>(healthySnapshot(), 'Node')
const NAMES = NODES.map(({ metadata }) => metadata.name)

function diagnosed(
  cure: 'rotate-nodes' | 'recreate-pods',
  over: Partial<Diagnosis>,
  remedy: Partial<Diagnosis['remedy']> = {},
): DiagnosisReport {
  const cause: Diagnosis = {
    code: 'F06',
    title: 'state on the host',
    confidence: 0.9,
    likelihood: 'likely',
    nodes: [],
    pods: [],
    evidence: [],
    against: [],
    blast: '',
    source: '',
    ...over,
    remedy: { disposition: 'automatic', text: '', commands: ['first this'], cure, ...remedy },
  }
  return { capturedAt: '', cluster: 'shop', diagnoses: [cause], allocations: [], considered: [], unclassified: [], collect: [], unread: [] }
}

/** The healthy cluster, each group behind an Auto Scaling group that has its instances. */
function cluster(change: { readonly status?: string; readonly objects?: readonly KubernetesObject[] } = {}): ClusterSnapshot {
  const snapshot = healthySnapshot()
  const groups = [...new Set(NODES.map(({ metadata }) => metadata.labels?.[NODEGROUP_LABEL] ?? ''))]
  const instances = (group: string) =>
    NODES.filter(({ metadata }) => metadata.labels?.[NODEGROUP_LABEL] === group).map((node) => ({ InstanceId: instanceIdOf(node) ?? '' }))
  return {
    ...snapshot,
    aws: {
      ...snapshot.aws,
      nodegroups: groups.map((nodegroupName) => ({
        nodegroupName,
        status: change.status ?? 'ACTIVE',
        resources: { autoScalingGroups: [{ name: `eks-${nodegroupName}` }] },
      })),
      autoScalingGroups: groups.map((group) => ({ AutoScalingGroupName: `eks-${group}`, Instances: instances(group) })),
    },
    kubernetes: { ...snapshot.kubernetes, items: [...(snapshot.kubernetes.items ?? []), ...(change.objects ?? [])] },
  }
}

const pod = (name: string, owner?: { readonly kind: string; readonly name: string }): Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', uid: `uid-${name}`, ...(owner && { ownerReferences: [{ ...owner, controller: true }] }) },
  spec: { nodeName: NAMES[0] ?? '' },
})

describe('what may be cured', () => {
  it('is so many nodes as the plan allows, each with the group that launches another', () => {
    const { rotations, left } = chooseCure(diagnosed('rotate-nodes', { nodes: NAMES.slice(0, 2) }), cluster(), {
      ...DEFAULT_POLICY,
      maxNodes: 1,
      maxShare: 1,
    })
    expect(rotations).toMatchObject([{ node: NAMES[0], autoScalingGroup: expect.stringMatching(/^eks-/), code: 'F06' }])
    expect(left).toEqual([{ what: `Node/${NAMES[1]}`, because: 'the plan allows 1 nodes at most' }])
  })

  it.each([
    {
      title: 'more nodes than the share that a cure may touch',
      nodes: NAMES,
      change: {},
      because: /are more than the plan lets a cure touch/,
    },
    {
      title: 'a node of a group that EKS is updating',
      nodes: NAMES.slice(0, 1),
      change: { status: 'UPDATING' },
      because: /EKS is updating its group/,
    },
  ])('is not $title', ({ nodes, change, because }) => {
    const { rotations, left } = chooseCure(diagnosed('rotate-nodes', { nodes }), cluster(change), DEFAULT_POLICY)
    expect(rotations).toEqual([])
    expect(left[0]?.because).toMatch(because)
  })

  it('is pods that somebody makes anew, and not those of Jobs unless that is asked for', () => {
    const objects = [pod('web-1', { kind: 'ReplicaSet', name: 'web' }), pod('naked'), pod('load-1', { kind: 'Job', name: 'load' })]
    const report = diagnosed('recreate-pods', { pods: ['shop/web-1', 'shop/naked', 'shop/load-1'] })
    const names = (jobs: boolean) => chooseCure(report, cluster({ objects }), { ...DEFAULT_POLICY, jobs }).pods.map(({ name }) => name)
    expect({ without: names(false), with: names(true) }).toEqual({ without: ['web-1'], with: ['web-1', 'load-1'] })
  })

  it('is nothing of a cause that would come back at once: what has to be done first is said', () => {
    const objects = [pod('web-1', { kind: 'ReplicaSet', name: 'web' })]
    const report = diagnosed('recreate-pods', { code: 'P01', pods: ['shop/web-1'] }, { blockedUntil: 'a policy refuses them' })
    const { pods, first } = chooseCure(report, cluster({ objects }), DEFAULT_POLICY)
    expect({ pods, first }).toEqual({ pods: [], first: [{ code: 'P01', because: 'a policy refuses them', commands: ['first this'] }] })
  })
})

describe('a node that is cordoned and out of load balancers', () => {
  const [group = ''] = NODES.flatMap(({ metadata }) => metadata.labels?.[NODEGROUP_LABEL] ?? [])
  const cordoned = (labels: Record<string, string>, taint?: string): Node => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'n1', labels: { [EXCLUDE_FROM_BALANCERS_LABEL]: 'true', ...labels } },
    spec: { unschedulable: true, ...(taint && { taints: [{ key: taint, effect: 'NoSchedule' }] }) },
  })
  const managed = { [NODEGROUP_LABEL]: group }
  it.each([
    { title: 'is what EKS left, in a managed group', node: cordoned(managed), nodes: ['n1'], left: 0 },
    { title: 'is not, outside of managed groups', node: cordoned({}), nodes: [], left: 0 },
    ...['aws-node-termination-handler/spot-itn', 'ToBeDeletedByClusterAutoscaler', 'karpenter.sh/disrupted'].map((taint) => ({
      title: `is left to a person with the taint ${taint}`,
      node: cordoned(managed, taint),
      nodes: [],
      left: 1,
    })),
    {
      title: 'is left to a person with the label of the termination handler',
      node: cordoned({ ...managed, 'aws-node-termination-handler/event-id': 'e' }),
      nodes: [],
      left: 1,
    },
  ])('$title', ({ node, nodes, left }) => {
    const { leftovers } = chooseCure(diagnosed('rotate-nodes', {}), cluster({ objects: [node] }), DEFAULT_POLICY)
    expect({ nodes: leftovers.nodes, left: leftovers.left?.length }).toEqual({ nodes, left })
  })
})

it('a run that only cures reads the self-managed groups of its nodes and of what was left behind', () => {
  const rotation = { node: 'n1', instanceId: 'i-1', group: 'asg:workers', autoScalingGroup: 'workers', nodes: 3, code: 'F06', because: '' }
  const cure = { rotations: [rotation], pods: [], leftovers: { groups: ['asg:billing', 'app-a'], nodes: ['n2'] }, left: [], first: [] }
  const itinerary = cureItinerary(healthyPlan(), cure, DEFAULT_POLICY, [], healthySnapshot())
  expect([...selfManagedOf(itinerary)].sort()).toEqual(['billing', 'workers'])
})
