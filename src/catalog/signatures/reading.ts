import { compareAddonVersions, parseAddonVersion } from '../../model/addon-version.ts'
import { POD_SECURITY_GROUPS } from '../../model/allocation.ts'
import { formatDuration } from '../../model/instant.ts'
import { about, says, type Weighed } from './definition.ts'
import type { ClusterFacts, EventFact, NodeFact, PodFact } from './facts.ts'

/** Readings that several signatures share. */

/** Whether a version is at least another, builds left aside; one that cannot be read is neither. */
export function atLeast(version: string | undefined, floor: string): boolean {
  const [a, b] = [parseAddonVersion(version), parseAddonVersion(floor)]
  return a !== undefined && b !== undefined && compareAddonVersions({ ...a, build: undefined }, b) >= 0
}

export function isBefore(version: string | undefined, bound: string): boolean {
  return parseAddonVersion(version) !== undefined && !atLeast(version, bound)
}

export function isBetween(version: string | undefined, first: string, last: string): boolean {
  const [a, b] = [parseAddonVersion(version), parseAddonVersion(last)]
  return atLeast(version, first) && a !== undefined && b !== undefined && compareAddonVersions({ ...a, build: undefined }, b) <= 0
}

/** The line of a node's aws-node log that a pattern is found in. */
function logLine(node: NodeFact, pattern: RegExp, container = 'aws-node'): string | undefined {
  return lastStarts(node.awsNode?.log(container) ?? '').find((line) => pattern.test(line))
}

/** Of ipamd's words those since its last start but one: the last may have begun just now, and what was before that is over. */
function lastStarts(text: string): readonly string[] {
  const lines = text.split('\n')
  const since = lines.flatMap((line, at) => (/Starting L-IPAMD/.test(line) ? [at] : [])).at(-2) ?? 0
  return lines.filter((line, at) => at >= since || !line.startsWith(OF_IPAMD))
}

/** How ipamd begins its lines (pkg/utils/logger/zaplogger.go); what the container says beside is of its last two runs. */
const OF_IPAMD = '{"level"'

/** Words by version: cmd/aws-k8s-agent/main.go, pkg/k8sapi/k8sutils.go of amazon-vpc-cni-k8s. */
const REACHED = /Successful communication with the Cluster|API server connectivity established/

/** Whether ipamd says that it did reach the API server when it last started: then it is not what it waits for. */
export function reachedApiServer(node: NodeFact): boolean {
  return logLine(node, REACHED) !== undefined
}

/** ipamd.log is a file on the node, of which a few are read: of such a node nobody knows what it says. */
export function isUnread(node: NodeFact): boolean {
  return lastOfIpamd(node) === undefined
}

/** Nodes whose CNINode does not ask for a trunk interface, or that have none. */
export function notSignedUp(nodes: readonly NodeFact[]): readonly Weighed[] {
  return nodes.flatMap((node) => {
    const { cniNode } = node
    if (cniNode === undefined || cniNode.includes(POD_SECURITY_GROUPS)) return []
    const lacks = `its CNINode lacks ${POD_SECURITY_GROUPS}: aws-node has not asked for a trunk`
    return [says(1, about(node), cniNode === 'none' ? 'has no CNINode' : lacks)]
  })
}

/** Two nodes on which the same aws-node hangs, both launched or both restarted in place. */
export function hangAlike(one: NodeFact, other: NodeFact): boolean {
  return isHanging(one) && isHanging(other) && one.awsNode?.version === other.awsNode?.version && isFresh(one) === isFresh(other)
}

/** Evidence of the nodes whose log has a line, the line word for word. */
export function logEvidence(nodes: readonly NodeFact[], pattern: RegExp, container = 'aws-node'): readonly Weighed[] {
  return nodes.flatMap((node) => {
    const line = logLine(node, pattern, container)
    return line === undefined ? [] : [says(4, about(node), quoted(line, container))]
  })
}

/** The last that ipamd wrote, where its log was read. */
export function lastOfIpamd({ awsNode }: NodeFact): string | undefined {
  const line = awsNode
    ?.log('aws-node')
    .split('\n')
    .findLast((each) => each.startsWith(OF_IPAMD))
  return line && quoted(line, 'aws-node')
}

/** The words of a line; ipamd writes JSON, into its own file or into the log of its container. */
function quoted(line: string, container: string): string {
  const [, message] = (container === 'aws-node' && /"msg":"((?:[^"\\]|\\.)*)"/.exec(line)) || []
  const [from, words] = message === undefined ? [`log of ${container}`, line] : ['ipamd.log', message.replace(/\\"/g, '"')]
  return `${from}: ${words.slice(0, 300)}`
}

/** What ipamd says by an event that it may not do, by the action. */
export function missingActions(node: NodeFact): readonly { readonly action: string; readonly event: EventFact }[] {
  return (node.awsNode?.events ?? []).flatMap((event) => {
    const action = /failed to call (ec2:\w+)/.exec(event.text)?.[1]
    return event.reason === 'MissingIAMPermissions' && action !== undefined ? [{ action, event }] : []
  })
}

/** An action that ipamd.log says was refused, where that log can be read. */
export function refusedOperation(node: NodeFact): string | undefined {
  const line = logLine(node, /operation error EC2: \w+.*UnauthorizedOperation|DescribeInstanceTypes for .*UnauthorizedOperation/)
  return /operation error EC2: (\w+)/.exec(line ?? '')?.[1]
}

/** Why a node's aws-node counts as failing, in words. */
export function standing({ awsNode }: NodeFact, now: number): string {
  const main = awsNode?.containers.find(({ name }) => name === 'aws-node')
  const exit = main?.lastExit === undefined ? '' : `, last exit ${main.lastExit.code}`
  return `aws-node is not ready for ${formatDuration(now - (awsNode?.createdAt ?? now))}, ${main?.restarts ?? 0} restarts${exit}`
}

export function isHanging(node: NodeFact): boolean {
  return node.awsNode?.state === 'hung'
}

/** What is common to these nodes and to no other: the group, the zone, the instance type. */
export function commonScope(
  nodes: readonly NodeFact[],
  others: readonly NodeFact[],
  member: 'group' | 'zone' | 'instanceType',
): string | undefined {
  const values = new Set(nodes.map((node) => node[member]))
  const [value] = values
  return values.size === 1 && value !== undefined && others.every((node) => node[member] !== value) ? value : undefined
}

/** Nodes that joined after, or little before, the pods on them: they were launched, not only restarted. */
export function isFresh({ createdAt, awsNode }: NodeFact): boolean {
  return awsNode !== undefined && awsNode.createdAt - createdAt < 5 * 60_000
}

export function podsOn(pods: readonly PodFact[], nodes: readonly NodeFact[]): readonly PodFact[] {
  const names = new Set(nodes.map(({ name }) => name))
  return pods.filter(({ node }) => node !== undefined && names.has(node.name))
}

export function nodesOf(pods: readonly PodFact[]): readonly NodeFact[] {
  return [...new Map(pods.flatMap(({ node }) => (node === undefined ? [] : [[node.name, node] as const]))).values()]
}

/** `a, b and 3 more`. */
export function few(names: readonly string[], most = 3): string {
  return names.length <= most ? names.join(', ') : `${names.slice(0, most).join(', ')} and ${names.length - most} more`
}

/** ipamd waits for the API server without end up to v1.19.3, later only where a feature needs it (cmd/aws-k8s-agent/main.go). */
export function needsApiServer({ cni }: ClusterFacts, node: NodeFact): boolean {
  const features = ['ENABLE_POD_ENI', 'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG', 'ANNOTATE_POD_IP'].some((name) => cni.env[name] === 'true')
  return features || !atLeast(node.awsNode?.version ?? cni.version, '1.19.4')
}

export function enabled({ cni }: ClusterFacts, name: string): boolean {
  return cni.env[name] === 'true'
}

/** Nodes that evidence speaks of. */
export function atSubjects(nodes: readonly NodeFact[], evidence: readonly Weighed[]): readonly NodeFact[] {
  const subjects = new Set(evidence.map(({ subject }) => subject))
  return nodes.filter((node) => subjects.has(about(node)))
}
