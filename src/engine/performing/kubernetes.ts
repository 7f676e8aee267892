import { isSerinError } from '../../errors/serin-error.ts'
import { AWS_NODE } from '../../model/aws-node.ts'
import type { CommandResult } from '../../model/command.ts'
import {
  EXCLUDE_FROM_BALANCERS_LABEL,
  KEEP_FROM_AUTOSCALER,
  LEAVING_TAINT,
  type Node,
  RETIRED,
  type Taint,
} from '../../model/kubernetes.ts'
import { type Kubernetes, RESOURCES } from '../../ports/kubernetes.ts'
import { ACCEPTED, type Senders, unlessGone } from './sender.ts'

type Kind =
  | 'cordon'
  | 'retire-node'
  | 'uncordon'
  | 'exclude-from-balancers'
  | 'include-in-balancers'
  | 'annotate-node'
  | 'label-node'
  | 'taint-node'
  | 'avoid-node'
  | 'remove-taint'
  | 'set-aws-node-env'
  | 'evict-pod'
  | 'delete-pod'

/** What is done to nodes, pods and aws-node through the Kubernetes API. All of it may be sent twice. */
export const KUBERNETES_SENDERS: Senders<Kind> = {
  cordon: ({ ports }, { node }) => patchNode(ports.kubernetes, node, { spec: { unschedulable: true } }),
  'retire-node': ({ ports }, { node }) =>
    patchNode(ports.kubernetes, node, {
      metadata: { labels: { [EXCLUDE_FROM_BALANCERS_LABEL]: 'true' }, annotations: { [RETIRED]: 'true', [KEEP_FROM_AUTOSCALER]: 'true' } },
      spec: { unschedulable: true },
    }),
  uncordon: ({ ports }, { node }) => patchNode(ports.kubernetes, node, { spec: { unschedulable: null } }),
  'exclude-from-balancers': ({ ports }, { node }) => patchLabel(ports.kubernetes, node, EXCLUDE_FROM_BALANCERS_LABEL, 'true'),
  'include-in-balancers': ({ ports }, { node }) => patchLabel(ports.kubernetes, node, EXCLUDE_FROM_BALANCERS_LABEL, undefined),
  'annotate-node': ({ ports }, { node, key, value = null }) =>
    patchNode(ports.kubernetes, node, { metadata: { annotations: { [key]: value } } }),
  'label-node': ({ ports }, { node, key, value }) => patchLabel(ports.kubernetes, node, key, value),
  'taint-node': ({ ports }, { node, key }) => taint(ports.kubernetes, node, { key, effect: 'NoSchedule' }),
  'remove-taint': ({ ports }, { node, key }) => untaint(ports.kubernetes, node, key),
  'avoid-node': ({ ports }, { node, avoid }) =>
    avoid
      ? taint(ports.kubernetes, node, { key: LEAVING_TAINT, effect: 'PreferNoSchedule' })
      : untaint(ports.kubernetes, node, LEAVING_TAINT),
  'set-aws-node-env': async ({ ports: { kubernetes } }, { env }) => {
    const container = { name: AWS_NODE.container, env: Object.entries(env).map(([name, value]) => ({ name, value })) }
    const body = { spec: { template: { spec: { containers: [container] } } } }
    await kubernetes.patch(RESOURCES.daemonSets, AWS_NODE.namespace, AWS_NODE.daemonSet, 'strategic', body)
    return ACCEPTED
  },
  'evict-pod': async ({ ports }, { namespace, pod, uid }) => {
    const answer = await ports.kubernetes.evict(namespace, pod, uid)
    if (answer.kind === 'held') return { kind: 'held', code: answer.by, message: answer.message }
    return answer.kind === 'gone' ? { kind: 'moot' } : ACCEPTED
  },
  'delete-pod': async ({ ports }, { namespace, pod, uid }) => {
    try {
      return await unlessGone(() => ports.kubernetes.remove(RESOURCES.pods, namespace, pod, { uid }))
    } catch (error) {
      // The name belongs to another pod by now.
      if (isSerinError(error, 'REMOTE_CONFLICT')) return { kind: 'moot' }
      throw error
    }
  },
}

function patchNode(kubernetes: Kubernetes, node: string, body: unknown): Promise<CommandResult> {
  return unlessGone(() => kubernetes.patch(RESOURCES.nodes, undefined, node, 'merge', body))
}

function patchLabel(kubernetes: Kubernetes, node: string, key: string, value: string | undefined): Promise<CommandResult> {
  return patchNode(kubernetes, node, { metadata: { labels: { [key]: value ?? null } } })
}

async function taint(kubernetes: Kubernetes, node: string, wanted: Taint): Promise<CommandResult> {
  const current = await kubernetes.get<Node>(RESOURCES.nodes, undefined, node)
  const taints = current?.spec?.taints ?? []
  return current === undefined || taints.some(({ key }) => key === wanted.key)
    ? ACCEPTED
    : patchTaints(kubernetes, current, [...taints, wanted])
}

async function untaint(kubernetes: Kubernetes, node: string, unwanted: string): Promise<CommandResult> {
  const current = await kubernetes.get<Node>(RESOURCES.nodes, undefined, node)
  if (current === undefined) return ACCEPTED
  const taints = current.spec?.taints ?? []
  return patchTaints(
    kubernetes,
    current,
    taints.filter(({ key }) => key !== unwanted),
  )
}

/** The list of taints is replaced as a whole, so the patch carries the version it was read at: whoever was faster wins, and we look again. */
function patchTaints(kubernetes: Kubernetes, { metadata }: Node, taints: readonly Taint[]): Promise<CommandResult> {
  return patchNode(kubernetes, metadata.name, { metadata: { resourceVersion: metadata.resourceVersion }, spec: { taints } })
}
