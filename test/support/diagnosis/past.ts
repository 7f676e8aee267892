import { instantOf, iso, MINUTE } from '../../../src/model/instant.ts'
import type { KubernetesEvent, KubernetesObject, Node, Pod } from '../../../src/model/kubernetes.ts'
import type { Draw } from './draw.ts'

/** What was wrong and is over, and what waits for other reasons: the very words of causes that are not there, said by those who say them. */

const SANDBOX =
  'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "0123456789abcdef": plugin type="aws-cni" name="aws-cni" failed (add): add cmd: '

interface Words {
  readonly reason: string
  readonly message: string
  readonly by: string
}

/** About pods that have come up since. */
const OF_PODS: readonly Words[] = [
  { reason: 'FailedCreatePodSandBox', message: `${SANDBOX}failed to assign an IP address to container`, by: 'kubelet' },
  {
    reason: 'FailedCreatePodSandBox',
    message: `${SANDBOX}Error received from AddNetwork gRPC call: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: dial tcp 127.0.0.1:50051: connect: connection refused"`,
    by: 'kubelet',
  },
  { reason: 'FailedCreatePodSandBox', message: `${SANDBOX}failed to setup network policy`, by: 'kubelet' },
  {
    reason: 'BranchAllocationFailed',
    message: 'failed to allocate branch ENI to pod: creating network interface, RequestLimitExceeded: Request limit exceeded.',
    by: 'vpc-resource-controller',
  },
  {
    reason: 'Unhealthy',
    message:
      'Readiness probe failed: Get "http://10.0.0.7:8080/healthz": context deadline exceeded (Client.Timeout exceeded while awaiting headers)',
    by: 'kubelet',
  },
]

/** About pods of aws-node and nodes that are gone. */
const OF_GONE: readonly (Words & { readonly kind: 'Pod' | 'Node' })[] = [
  {
    kind: 'Pod',
    reason: 'MissingIAMPermissions',
    message:
      'Unauthorized operation: failed to call ec2:DescribeSubnets due to missing permissions. Please refer https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/iam-policy.md to attach relevant policy to IAM role',
    by: 'aws-node',
  },
  {
    kind: 'Pod',
    reason: 'Unhealthy',
    message: 'Liveness probe failed: timeout: failed to connect service ":50051" within 5s',
    by: 'kubelet',
  },
  {
    kind: 'Node',
    reason: 'TrunkENICreationFailed',
    message:
      'Failed to create trunk interface: Error Code: UnauthorizedOperation: Please verify the cluster IAM role has AmazonEKSVPCResourceController policy',
    by: 'vpc-resource-controller',
  },
  {
    kind: 'Node',
    reason: 'Unsupported',
    message: 'The instance type t3.large is not supported for trunk interface (Security Group for Pods)',
    by: 'vpc-resource-controller',
  },
]

/** Why a pod is in ContainerCreating that the CNI has nothing to do with. */
const OTHER_WAITS: readonly Words[] = [
  { reason: 'FailedMount', message: 'MountVolume.SetUp failed for volume "config": configmap "feature-flags" not found', by: 'kubelet' },
  {
    reason: 'FailedAttachVolume',
    message: 'Multi-Attach error for volume "pvc-1" Volume is already used by pod(s) ledger-0',
    by: 'attachdetach-controller',
  },
  {
    reason: 'FailedCreatePodSandBox',
    message:
      'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to get sandbox image "registry.k8s.io/pause:3.10": failed to pull image "registry.k8s.io/pause:3.10": i/o timeout',
    by: 'kubelet',
  },
  {
    reason: 'FailedCreatePodSandBox',
    message:
      'Failed to create pod sandbox: rpc error: code = Unknown desc = failed to create containerd task: failed to create shim task: mkdir /run/containerd: no space left on device',
    by: 'kubelet',
  },
]

/** @returns objects beside those of the snapshot */
export function pastAndBeside(draw: Draw, items: readonly KubernetesObject[], capturedAt: string): readonly KubernetesObject[] {
  const now = instantOf(capturedAt) ?? 0
  return [...overByNow(draw, items, now), ...waitingForOthers(draw, items, now)]
}

function overByNow(draw: Draw, items: readonly KubernetesObject[], now: number): readonly KubernetesEvent[] {
  if (!draw.chance('past', 0.5)) return []
  const well = items.filter((item): item is Pod => item.kind === 'Pod' && isWell(item as Pod))
  const pods = draw.shuffled('past-pods', well).slice(0, draw.whole('past-count', 0, 3))
  const own = pods.map((pod, nth) => {
    const started = instantOf(pod.status?.startTime) ?? now
    const at = Math.min(started + 20_000, now - MINUTE)
    return eventOf(draw.pick(`past-words/${nth}`, OF_PODS), `past.${nth}`, { kind: 'Pod', ...named(pod) }, at)
  })
  const gone = draw.shuffled('past-gone', OF_GONE).slice(0, draw.whole('gone-count', 0, 2))
  return [
    ...own,
    ...gone.map((words, nth) => {
      const about =
        words.kind === 'Pod' ? { namespace: 'kube-system', name: `aws-node-g0ne${nth}` } : { name: `ip-10-9-9-${nth}.ec2.internal` }
      return eventOf(
        words,
        `gone.${nth}`,
        { kind: words.kind, uid: `uid-of-gone-${nth}`, ...about },
        now - draw.whole(`gone-age/${nth}`, 3, 50) * MINUTE,
      )
    }),
  ]
}

function isWell({ metadata, spec, status }: Pod): boolean {
  const ready = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')
  return metadata.namespace !== 'kube-system' && spec?.hostNetwork !== true && ready === true && metadata.deletionTimestamp === undefined
}

function waitingForOthers(draw: Draw, items: readonly KubernetesObject[], now: number): readonly KubernetesObject[] {
  if (!draw.chance('other-waits', 0.4)) return []
  const nodes = items.filter((item): item is Node => item.kind === 'Node')
  if (nodes.length === 0) return []
  return Array.from({ length: draw.whole('other-wait-count', 1, 3) }, (_none, nth) => {
    const since = now - draw.whole(`other-wait-since/${nth}`, 3, 40) * MINUTE
    const metadata = { namespace: 'reports', name: `report-${nth}`, uid: `uid-report-${nth}`, creationTimestamp: iso(since) }
    const pod = {
      ...{ apiVersion: 'v1', kind: 'Pod', metadata },
      spec: { nodeName: draw.pick(`other-wait-node/${nth}`, nodes).metadata.name, containers: [{ name: 'report', image: 'report:1' }] },
      status: {
        ...{ phase: 'Pending', startTime: iso(since) },
        conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: iso(since) }],
        containerStatuses: [{ name: 'report', ready: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } }],
      },
    } as unknown as Pod
    const told = eventOf(
      draw.pick(`other-wait-words/${nth}`, OTHER_WAITS),
      `other-wait.${nth}`,
      { kind: 'Pod', ...named(pod) },
      now - 10_000,
    )
    return [pod, told]
  }).flat()
}

function named({ metadata: { namespace, name, uid } }: Pod) {
  return { namespace, name, ...(uid !== undefined && { uid }) }
}

function eventOf({ reason, message, by }: Words, id: string, about: Readonly<Record<string, unknown>>, at: number): KubernetesEvent {
  return {
    ...{ apiVersion: 'v1', kind: 'Event', metadata: { name: id, namespace: about.namespace ?? 'default' }, involvedObject: about },
    ...{ reason, message, type: 'Warning', count: 4, source: { component: by }, firstTimestamp: iso(at - 40_000), lastTimestamp: iso(at) },
  } as KubernetesEvent
}
