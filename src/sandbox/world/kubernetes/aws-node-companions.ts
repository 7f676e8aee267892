import type { Instant } from '../../../model/instant.ts'
import { SECOND } from '../../../model/instant.ts'
import type { ContainerTrouble, HostTrouble } from '../../levers.ts'
import { entrypointLine } from './aws-node-log.ts'
import { cniVersionOf, tagOf } from './aws-node-pod.ts'
import type { PodObject } from './objects.ts'
import { atLeast } from './version-floor.ts'

/** The containers beside aws-node in its pod: the init container, and the network policy agent. */

export const NODE_AGENT = 'aws-eks-nodeagent'
const INIT = 'aws-vpc-cni-init'

/** What a container of the pod meets on its node. Sources: cmd/aws-vpc-cni-init/main.go of amazon-vpc-cni-k8s; aws/aws-network-policy-agent#91. */
export function companionTrouble(
  container: string,
  host: (trouble: HostTrouble) => boolean,
  now: Instant,
): ContainerTrouble['fault'] | undefined {
  if (container === INIT && host('imds-blocked')) return { kind: 'exits', after: 2 * SECOND, code: 1, log: withoutMetadata(now) }
  if (container === NODE_AGENT && host('no-bpf-fs')) return { kind: 'exits', after: SECOND, code: 1, log: withoutBpf(now) }
  return undefined
}

function withoutMetadata(now: Instant): readonly string[] {
  const cause = 'Failed to get primary MAC from IMDS: request canceled, context deadline exceeded'
  return [
    entrypointLine(now, 'info', 'Copying CNI plugin binaries ...'),
    entrypointLine(now, 'info', 'Copied all CNI plugin binaries to /host/opt/cni/bin'),
    `${entrypointLine(now, 'error', 'Failed to get primary IF')} error="${cause}"`,
  ]
}

function withoutBpf(now: Instant): readonly string[] {
  return [
    `{"level":"info","ts":"${new Date(now).toISOString()}","msg":"Starting network policy agent"}`,
    `{"level":"error","ts":"${new Date(now).toISOString()}","msg":"unable to init network policy agent: failed to mount BPF filesystem: no such device"}`,
  ]
}

/**
 * What the node agent prints while it runs. From v1.4.1 it speaks to ipamd over the socket that v1.23.0 brought; with a CNI of the
 * other age it asks for ever (CHANGELOG.md of amazon-vpc-cni-k8s, v1.23.0).
 */
export function nodeAgentLog(pod: PodObject): string {
  const speaksSocket = atLeast(tagOf(pod, NODE_AGENT), 'v1.4.1')
  const listensOnSocket = atLeast(cniVersionOf(pod), 'v1.23.0')
  return speaksSocket === listensOnSocket ? '' : 'Failed to connect to ipamd\n'.repeat(3)
}
