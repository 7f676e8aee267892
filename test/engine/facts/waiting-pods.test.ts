import { describe, expect, it } from 'vitest'
import { waitingPods } from '../../../src/engine/facts/waiting-pods.ts'
import { instantOf } from '../../../src/model/instant.ts'
import type { KubernetesEvent, Pod } from '../../../src/model/kubernetes.ts'
import { aPodEvent, aPodObject, aWaitingPodObject } from '../../support/objects.ts'

const CNI =
  'Failed to create pod sandbox: plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container'
const event = (reason: string, message: string, time?: string) => aPodEvent('web-9', reason, message, time)
const waiting = (reason: string) => ({ containerStatuses: [{ name: 'web', state: { waiting: { reason } } }] })

function newStyle(reason: string, note: string): KubernetesEvent {
  return {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e', namespace: 'shop' },
    regarding: { kind: 'Pod', namespace: 'shop', name: 'web-9', uid: 'uid-web-9' },
    reason,
    note,
    eventTime: '2026-11-23T09:55:00.000000Z',
  }
}

interface Row {
  readonly title: string
  readonly pod?: Pod
  readonly events: readonly KubernetesEvent[]
  readonly cause: string
}

const rows: readonly Row[] = [
  { title: 'the plugin failed, old event style', events: [event('FailedCreatePodSandBox', CNI)], cause: 'cni' },
  { title: 'the plugin failed, new event style', events: [newStyle('FailedCreatePodSandBox', CNI)], cause: 'cni' },
  { title: 'the text under another reason', events: [event('Warning', 'failed to assign an IP address to container')], cause: 'cni' },
  { title: 'the network of the node is not ready', events: [event('NetworkNotReady', 'network is not ready')], cause: 'cni' },
  { title: 'silence while containers are created', events: [], cause: 'cni' },
  {
    title: 'silence, but a claim may still be attached',
    pod: aWaitingPodObject('web-9', { spec: { nodeName: 'n', volumes: [{ name: 'd', persistentVolumeClaim: { claimName: 'd' } }] } }),
    events: [],
    cause: 'unknown',
  },
  {
    title: 'kubelet has not looked at it',
    pod: aWaitingPodObject('web-9', { status: { phase: 'Pending', containerStatuses: [] } }),
    events: [],
    cause: 'unknown',
  },
  {
    title: 'the pause image cannot be pulled',
    events: [event('FailedCreatePodSandBox', 'failed to get sandbox image "pause:3.10"')],
    cause: 'image',
  },
  { title: 'a volume is not mounted', events: [event('FailedMount', 'timed out waiting for the condition')], cause: 'volume' },
  { title: 'a volume is attached elsewhere', events: [event('FailedAttachVolume', 'Multi-Attach error')], cause: 'volume' },
  { title: 'a large image is being pulled, so the sandbox stands', events: [event('Pulling', 'Pulling image "big"')], cause: 'image' },
  {
    title: 'the image cannot be pulled, by status',
    pod: aWaitingPodObject('web-9', { status: waiting('ImagePullBackOff') }),
    events: [],
    cause: 'image',
  },
  {
    title: 'first the volume, now the plugin',
    events: [event('FailedMount', 'x', '2026-11-23T09:51:00Z'), event('FailedCreatePodSandBox', CNI)],
    cause: 'cni',
  },
  {
    title: 'first the plugin, now the image',
    events: [event('FailedCreatePodSandBox', CNI, '2026-11-23T09:51:00Z'), event('Pulling', 'x')],
    cause: 'image',
  },
  {
    title: 'the event is about a predecessor of the same name',
    pod: aWaitingPodObject('web-9', { metadata: { uid: 'successor' }, status: { containerStatuses: [] } }),
    events: [event('FailedCreatePodSandBox', CNI)],
    cause: 'unknown',
  },
]

describe('the cause for which a pod waits', () => {
  it.each(rows)('$title: $cause', ({ pod = aWaitingPodObject('web-9'), events, cause }) => {
    expect(waitingPods([pod], () => events)).toMatchObject([{ name: 'web-9', cause }])
  })

  it.each([
    { title: 'nobody took it up', reasons: [], reached: 'bound', stoppedBy: undefined },
    {
      title: 'nobody took it up, and the CNI is asked in vain',
      reasons: ['FailedCreatePodSandBox'],
      reached: 'bound',
      stoppedBy: /no event/,
    },
    { title: 'the controller saw it', reasons: ['SecurityGroupRequested'], reached: 'requested', stoppedBy: undefined },
    {
      title: 'EC2 refuses the interface',
      reasons: ['SecurityGroupRequested', 'BranchAllocationFailed'],
      reached: 'requested',
      stoppedBy: /^BranchAllocationFailed: as it is/,
    },
    {
      title: 'the annotation is refused',
      reasons: ['SecurityGroupRequested', 'BranchENIAnnotationFailed', 'FailedCreatePodSandBox'],
      reached: 'branch created',
      stoppedBy: /^BranchENIAnnotationFailed/,
    },
    { title: 'it was given one', reasons: ['SecurityGroupRequested', 'ResourceAllocated'], reached: 'annotated', stoppedBy: undefined },
  ])('a pod with an interface of its own has come so far: $title, $reached', ({ reasons, reached, stoppedBy }) => {
    const limits = { 'vpc.amazonaws.com/pod-eni': '1' }
    const pod = aWaitingPodObject('web-9', {
      spec: { containers: [{ name: 'web', resources: { limits } }] },
      status: waiting('ContainerCreating'),
    })
    const events = reasons.map((reason, minute) => ({
      ...event(reason, 'as it is', `2026-11-23T09:5${minute}:00Z`),
      type: reason.includes('Failed') ? 'Warning' : 'Normal',
    }))
    const [found] = waitingPods([pod], () => events)
    expect(found?.allocation).toMatchObject({ own: true, reached })
    if (stoppedBy === undefined) expect(found?.allocation?.stoppedBy).toBeUndefined()
    else expect(found?.allocation?.stoppedBy).toMatch(stoppedBy)
  })

  const guarded = aWaitingPodObject('web-9', {
    spec: { containers: [{ name: 'web', resources: { limits: { 'vpc.amazonaws.com/pod-eni': '1' } } }] },
    status: waiting('ContainerCreating'),
  })
  it.each([
    {
      title: 'may not have its trunk',
      node: ['TrunkENICreationFailed'],
      pod: [],
      stoppedBy: /^TrunkENICreationFailed on its node: as it is/,
    },
    {
      title: 'has none, which is told as if all were well',
      node: ['NodeTrunkFailedInit'],
      pod: [],
      stoppedBy: /^NodeTrunkFailedInit on its node/,
    },
    { title: 'got it in the end', node: ['TrunkENICreationFailed', 'NodeTrunkInitiated'], pod: [], stoppedBy: undefined },
    { title: 'has trouble of another kind', node: ['NodeNotReady'], pod: [], stoppedBy: undefined },
    {
      title: 'had no trunk at first, and the controller has taken the pod up',
      node: ['TrunkENICreationFailed'],
      pod: ['BranchAllocationFailed'],
      stoppedBy: /^BranchAllocationFailed: as it is/,
    },
  ])('looks at the node of a pod that nobody took up: it $title', ({ node, pod, stoppedBy }) => {
    const told = (reasons: readonly string[]) =>
      reasons.map((reason, minute) => ({ ...event(reason, 'as it is', `2026-11-23T09:5${minute}:00Z`), type: 'Warning' }))
    const [found] = waitingPods([guarded], () => told(pod), told(node))
    if (stoppedBy === undefined) expect(found?.allocation?.stoppedBy).toBeUndefined()
    else expect(found?.allocation?.stoppedBy).toMatch(stoppedBy)
  })

  it('is not asked of a pod that waits for its volume', () => {
    expect(waitingPods([aWaitingPodObject()], () => [event('FailedMount', 'no volume')])[0]?.allocation).toBeUndefined()
  })

  it('carries the text of the event and since when the pod is bound', () => {
    expect(waitingPods([aWaitingPodObject()], () => [event('FailedCreatePodSandBox', CNI)])).toEqual([
      {
        namespace: 'shop',
        name: 'web-9',
        uid: expect.any(String),
        owner: 'web-abc',
        boundAt: instantOf('2026-11-23T09:50:00Z'),
        cause: 'cni',
        message: CNI,
        allocation: { own: false, reached: 'requested', stoppedBy: CNI },
      },
    ])
  })

  it.each([
    { title: 'has an address', pod: aPodObject() },
    { title: 'is on the network of its node', pod: aWaitingPodObject('w', { spec: { nodeName: 'n', hostNetwork: true } }) },
    { title: 'has ended', pod: aWaitingPodObject('w', { status: { phase: 'Failed' } }) },
    { title: 'is being deleted', pod: aWaitingPodObject('w', { metadata: { deletionTimestamp: '2026-11-23T09:59:00Z' } }) },
    { title: 'is bound to no node', pod: aWaitingPodObject('w', { spec: { nodeName: undefined } }) },
  ])('a pod that $title does not wait', ({ pod }) => {
    expect(waitingPods([pod], () => [])).toEqual([])
  })
})
