import { describe, expect, it } from 'vitest'
import { excludesOf } from '../../../src/engine/facts/affinity.ts'
import { nodeFacts } from '../../../src/engine/facts/node.ts'
import { instantOf } from '../../../src/model/instant.ts'
import type { Affinity, Condition, KubernetesEvent, Node, NodeRequirement, Workload } from '../../../src/model/kubernetes.ts'
import { aNodeObject, anAwsNodePod, aPodObject, aWaitingPodObject, aWorkloadObject } from '../../support/objects.ts'

const NO_EVENTS = (): readonly KubernetesEvent[] => []
const at = (time: string) => instantOf(`2026-11-23T${time}Z`)
const withConditions = (conditions: readonly Condition[]): Node => aNodeObject('n1', { status: { conditions } })

describe('facts of a node', () => {
  it('reads identity, version and labels', () => {
    expect(nodeFacts(aNodeObject(), [], NO_EVENTS)).toMatchObject({
      name: 'ip-10-0-1-7',
      instanceId: 'i-0123456789abcdef0',
      group: 'app-a',
      zone: 'eu-central-1a',
      kubeletMinor: '1.33',
      image: 'ami-1',
      createdAt: at('09:00:00'),
      ready: 'True',
      readySince: at('09:02:00'),
    })
  })

  const ready = (status: string): Condition => ({ type: 'Ready', status, message: 'because' })
  it.each([
    { title: 'Ready stands first', conditions: [ready('True'), { type: 'DiskPressure', status: 'False' }], expected: 'True' },
    {
      title: 'Ready stands last, after conditions that are False',
      conditions: [{ type: 'DiskPressure', status: 'False' }, ready('True')],
      expected: 'True',
    },
    {
      title: 'another condition is True, Ready is not',
      conditions: [{ type: 'MemoryPressure', status: 'True' }, ready('False')],
      expected: 'False',
    },
    { title: 'Ready is Unknown', conditions: [ready('Unknown')], expected: 'Unknown' },
    { title: 'Ready has a value nobody knows', conditions: [ready('Perhaps')], expected: 'Unknown' },
    { title: 'there is no Ready condition', conditions: [], expected: 'Unknown' },
  ])('takes conditions by name: $title', ({ conditions, expected }) => {
    expect(nodeFacts(withConditions(conditions), [], NO_EVENTS).ready).toBe(expected)
  })

  it('sees cordons, balancer labels, deletion and our taints, and leaves foreign taints alone', () => {
    const node = aNodeObject('n1', {
      metadata: {
        name: 'n1',
        deletionTimestamp: '2026-11-23T10:00:00Z',
        labels: { 'node.kubernetes.io/exclude-from-external-load-balancers': '' },
      },
      spec: {
        unschedulable: true,
        taints: [
          { key: 'serin.dev/failing', effect: 'NoSchedule' },
          { key: 'dedicated', effect: 'NoSchedule' },
        ],
      },
    })
    expect(nodeFacts(node, [], NO_EVENTS)).toMatchObject({
      cordoned: true,
      excludedFromBalancers: true,
      deleting: true,
      ourTaints: ['serin.dev/failing'],
    })
  })
})

describe('what a node has been through and carries', () => {
  it('counts a loss of Ready once although kubelet and the node controller both report it', () => {
    const loss = (component: string, count: number): KubernetesEvent => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: component },
      involvedObject: { kind: 'Node', name: 'ip-10-0-1-7' },
      reason: 'NodeNotReady',
      source: { component },
      count,
      lastTimestamp: '2026-11-23T09:30:00Z',
    })
    const factsAfter = (events: readonly KubernetesEvent[]) => nodeFacts(aNodeObject(), [], () => events)
    expect(factsAfter([loss('kubelet', 1), loss('node-controller', 1)]).readyLost).toBe(1)
    expect(factsAfter([loss('kubelet', 1), loss('node-controller', 2)]).readyLost).toBe(2)
    expect(factsAfter([{ ...loss('kubelet', 5), lastTimestamp: '2026-11-23T08:59:00Z' }]).readyLost).toBe(0)
  })

  it('counts what a drain would evict: no DaemonSet, no mirror pod, nothing that has ended', () => {
    const mirror = aPodObject('etcd', { metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' }, ownerReferences: [] } })
    const done = aPodObject('job', { status: { phase: 'Succeeded' } })
    expect(nodeFacts(aNodeObject(), [aPodObject(), anAwsNodePod(), mirror, done], NO_EVENTS).evictablePods).toBe(1)
  })

  it('takes the address time of a pod from its sandbox, and none from containers that restarted', () => {
    const restarted = aPodObject('old', {
      status: {
        phase: 'Running',
        podIP: '10.0.1.9',
        conditions: [],
        containerStatuses: [{ name: 'web', restartCount: 1, state: { running: { startedAt: '2026-11-23T09:59:00Z' } } }],
      },
    })
    const facts = nodeFacts(aNodeObject(), [aPodObject(), restarted, aWaitingPodObject(), anAwsNodePod()], NO_EVENTS)
    expect(facts).toMatchObject({ addressedPods: 2, lastAddressAt: at('09:05:02') })
  })
})

describe('facts of aws-node', () => {
  const factsOf = (pod: ReturnType<typeof anAwsNodePod>) => nodeFacts(aNodeObject(), [aPodObject(), pod], NO_EVENTS).awsNode

  it('reads version, revision and times per container', () => {
    expect(factsOf(anAwsNodePod())).toMatchObject({
      version: 'v1.19.0-eksbuild.1',
      revision: 'rev-1',
      boundAt: at('09:01:00'),
      readyChangedAt: at('09:01:30'),
      initDone: true,
      containers: [
        { name: 'aws-node', ready: true, running: true, startedAt: at('09:01:10'), restarts: 0 },
        { name: 'aws-eks-nodeagent', ready: true },
      ],
    })
  })

  it('sees init containers that are not done although the pod counts as Ready', () => {
    const pod = anAwsNodePod('ip-10-0-1-7', {
      status: {
        phase: 'Pending',
        conditions: [{ type: 'Ready', status: 'True' }],
        initContainerStatuses: [{ name: 'aws-vpc-cni-init', ready: false, state: { running: { startedAt: '2026-11-23T09:01:00Z' } } }],
        containerStatuses: [],
      },
    })
    const facts = factsOf(pod)
    expect(facts?.initDone).toBe(false)
    expect(facts?.containers.map(({ name, ready, running }) => ({ name, ready, running }))).toEqual([
      { name: 'aws-node', ready: false, running: false },
      { name: 'aws-eks-nodeagent', ready: false, running: false },
    ])
  })

  it.each([
    { title: 'failed', state: { terminated: { exitCode: 1 } }, done: false },
    { title: 'ended well', state: { terminated: { exitCode: 0 } }, done: true },
    { title: 'has not begun', state: { waiting: { reason: 'PodInitializing' } }, done: false },
  ])('an init container that $title: done is $done', ({ state, done }) => {
    expect(
      factsOf(anAwsNodePod('ip-10-0-1-7', { status: { initContainerStatuses: [{ name: 'aws-vpc-cni-init', state }] } }))?.initDone,
    ).toBe(done)
  })

  it('tells why a container waits and how it ended last', () => {
    const status = {
      name: 'aws-node',
      ready: false,
      restartCount: 3,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 2, reason: 'Error', startedAt: '2026-11-23T09:58:00Z' } },
    }
    const facts = factsOf(anAwsNodePod('ip-10-0-1-7', { status: { containerStatuses: [status] } }))
    expect(facts?.containers[0]).toEqual({
      name: 'aws-node',
      ready: false,
      running: false,
      restarts: 3,
      waitingReason: 'CrashLoopBackOff',
      lastExit: 'Error (exit 2)',
      startedAt: at('09:58:00'),
    })
  })

  it('takes the new pod while the old one is still terminating', () => {
    const old = anAwsNodePod('a', { metadata: { uid: 'old', deletionTimestamp: '2026-11-23T10:00:00Z' } })
    const fresh = anAwsNodePod('b', { metadata: { uid: 'new' } })
    expect(nodeFacts(aNodeObject(), [old, fresh], NO_EVENTS).awsNode?.uid).toBe('new')
  })

  it('is undefined where there is no such pod; a namesake of another namespace is none', () => {
    const namesake = aPodObject('x', { metadata: { labels: { 'k8s-app': 'aws-node' }, ownerReferences: [] } })
    expect(nodeFacts(aNodeObject(), [namesake], NO_EVENTS).awsNode).toBeUndefined()
  })
})

describe('nodes that the aws-node DaemonSet leaves out', () => {
  const labelled = (labels: Record<string, string>, os = 'linux'): Node =>
    aNodeObject('n', { metadata: { name: 'n', labels }, status: { nodeInfo: { operatingSystem: os } } })
  const COMPUTE = 'eks.amazonaws.com/compute-type'

  it.each([
    { title: 'linux', node: labelled({}), why: undefined },
    { title: 'Windows', node: labelled({}, 'windows'), why: 'runs Windows' },
    { title: 'Fargate', node: labelled({ [COMPUTE]: 'fargate' }), why: 'is Fargate' },
    { title: 'hybrid', node: labelled({ [COMPUTE]: 'hybrid' }), why: 'is a hybrid node' },
    { title: 'Auto Mode', node: labelled({ [COMPUTE]: 'auto' }), why: 'is run by EKS Auto Mode' },
  ])('by its manifest, where the DaemonSet was not read: $title', ({ node, why }) => {
    expect(nodeFacts(node, [], NO_EVENTS).awsNodeExcluded).toBe(why)
  })

  const required = (matchExpressions: readonly NodeRequirement[]) => ({
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } },
  })
  const daemonSet = (affinity: Affinity): Workload =>
    aWorkloadObject('DaemonSet', 'aws-node', { spec: { template: { spec: { affinity } } } })

  it.each([
    { title: 'In, fits', expression: { key: 'pool', operator: 'In', values: ['a', 'b'] }, excluded: false },
    { title: 'In, does not fit', expression: { key: 'pool', operator: 'In', values: ['b'] }, excluded: true },
    { title: 'NotIn, label absent', expression: { key: COMPUTE, operator: 'NotIn', values: ['fargate'] }, excluded: false },
    { title: 'NotIn, fits not', expression: { key: 'pool', operator: 'NotIn', values: ['a'] }, excluded: true },
    { title: 'Exists', expression: { key: 'gpu', operator: 'Exists' }, excluded: true },
    { title: 'DoesNotExist', expression: { key: 'gpu', operator: 'DoesNotExist' }, excluded: false },
  ])('by its own affinity: $title', ({ expression, excluded }) => {
    const why = excludesOf(daemonSet(required([expression])))(labelled({ pool: 'a' }))
    expect(why !== undefined).toBe(excluded)
  })
})
