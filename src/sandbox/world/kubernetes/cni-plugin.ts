import { parseAddonVersion } from '../../../model/addon-version.ts'
import type { ObjectStore } from '../../contract.ts'
import { cniVersionOf, isAwsNode } from './aws-node-pod.ts'
import { environmentOfPod } from './ipamd-node.ts'
import type { NodeRun } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { isTerminating } from './objects.ts'
import { atLeast } from './version-floor.ts'

/**
 * What the CNI plugin on a node's host says, beside what ipamd says about addresses. The plugin is the binary that
 * aws-node last installed there. Words: cmd/routed-eni-cni-plugin/cni.go and pkg/ipamd/rpc_handler.go of
 * github.com/aws/amazon-vpc-cni-k8s.
 */

/** ipamd does not answer. It listened on a port up to v1.22, on a socket from v1.23.0. */
export function ipamdAway(run: NodeRun): string {
  const cause = isBefore(run.cniBinary, 'v1.23.0')
    ? 'dial tcp 127.0.0.1:50051: connect: connection refused'
    : 'dial unix /var/run/aws-node/ipamd.sock: connect: no such file or directory'
  return `Error received from AddNetwork gRPC call: rpc error: code = Unavailable desc = connection error: desc = "transport: Error while dialing: ${cause}"`
}

/** The plugin is of another version than ipamd: it wants exactly its own (github.com/aws/amazon-vpc-cni-k8s/pull/1139). */
export function wrongClient({ cniBinary, ipamdVersion }: NodeRun): string | undefined {
  if (cniBinary === undefined || ipamdVersion === undefined || bare(cniBinary) === bare(ipamdVersion)) return undefined
  const because = `wrong client version "${bare(cniBinary)}" (!= "${bare(ipamdVersion)}")`
  return `Error received from AddNetwork gRPC call: rpc error: code = FailedPrecondition desc = ${because}`
}

/**
 * The node agent has to answer for every pod where an enforcing mode is set: in strict mode since v1.17.1, in any since
 * v1.19.3. Source: README.md of amazon-vpc-cni-k8s, NETWORK_POLICY_ENFORCING_MODE.
 */
export function policyRefused(store: ObjectStore, run: NodeRun): string | undefined {
  const awsNode = awsNodeOn(store, run.machine.nodeName)
  if (!awsNode) return undefined
  const mode = environmentOfPod(awsNode).NETWORK_POLICY_ENFORCING_MODE ?? ''
  const asked = mode !== '' && !isBefore(cniVersionOf(awsNode), mode === 'strict' ? 'v1.17.1' : 'v1.19.3')
  const agent = awsNode.status?.containerStatuses?.find(({ name }) => name === 'aws-eks-nodeagent')
  return asked && agent?.state?.running === undefined ? 'failed to setup network policy' : undefined
}

/**
 * Pods that v1.12.1 or newer set up cannot be taken down by a plugin before v1.11.5 or between v1.12.0 and it
 * (github.com/aws/amazon-vpc-cni-k8s/issues/2321).
 */
export function deletionRefused(setUpBy: string | undefined, run: NodeRun): string | undefined {
  const isNew = setUpBy !== undefined && !isBefore(setUpBy, 'v1.12.1')
  const cannot = isBefore(run.cniBinary, 'v1.11.5') || (isBefore(run.cniBinary, 'v1.12.1') && !isBefore(run.cniBinary, 'v1.12.0'))
  return isNew && cannot ? 'failed to delete with prevResult: malformed vlanID in prevResult: 0' : undefined
}

export function awsNodeOn(store: ObjectStore, node: string): PodObject | undefined {
  return (store.podsOnNode(node) as readonly PodObject[]).find((pod) => isAwsNode(pod) && !isTerminating(pod))
}

/** A version that nobody knows is before nothing. */
function isBefore(version: string | undefined, bound: string): boolean {
  return parseAddonVersion(version) !== undefined && !atLeast(version, bound)
}

function bare(version: string): string {
  return /^v\d+\.\d+\.\d+/.exec(version)?.[0] ?? version
}
