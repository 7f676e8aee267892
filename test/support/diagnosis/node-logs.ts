import { probePod } from '../../../src/engine/probe-job.ts'
import { HOUR, type Instant, iso, SECOND } from '../../../src/model/instant.ts'
import { NODE_LOG, PROBE_CONTAINER } from '../../../src/model/probe.ts'
import type { NodeLog } from '../../../src/model/snapshot.ts'
import { logReader } from '../../../src/rollout/log-readers.ts'
import type { Draw } from './draw.ts'
import type { Stage } from './stage.ts'

/** Of so many worlds ipamd.log was read, on so many nodes at most: nobody reads all of them. */
const READ = 0.5
const MOST_NODES = 3
/** Where nothing is wrong with aws-node somebody may still have read it on a node. */
const READ_IN_VAIN = 0.2

/**
 * ipamd.log of some nodes on which aws-node is not ready, as `serin diagnose --node-logs` reads it, with what else stands in such a file.
 * @param isNeeded whether the cause stands nowhere else
 */
export function readNodeLogs(stage: Stage, isNeeded: boolean): readonly NodeLog[] {
  const { world, draw } = stage
  if (!isNeeded && !draw.chance('deep', READ)) return []
  const chosen = nodesToRead(stage)
  const specs = chosen.map(({ node }, nth) =>
    logReader({ namespace: 'default', image: 'busybox:1.36', maxNodes: MOST_NODES }, node, {
      run: 'corpus',
      batch: 'diagnose',
      epoch: 0,
      id: `${nth}`,
    }),
  )
  for (const spec of specs) world.store.create({ ...probePod(spec) })
  if (specs.length > 0) stage.pass(30 * SECOND)
  const logs = specs.map(({ name, namespace }) => world.logs(namespace, name, PROBE_CONTAINER, false) ?? '')
  for (const { name, namespace } of specs) world.deletePod(namespace, name, 0)
  return chosen.flatMap(({ node, since }, nth): NodeLog[] => {
    const text = logs[nth] ?? ''
    // A reader that did not come to run has read nothing.
    return text === '' ? [] : [{ node, file: NODE_LOG.file, text: amidstOthers(draw, node, text, since) }]
  })
}

function nodesToRead({ pods, draw }: Stage): readonly { readonly node: string; readonly since: Instant }[] {
  const all = pods('kube-system').flatMap(({ metadata, spec, status }) => {
    const node = spec?.nodeName
    if (metadata.labels?.['k8s-app'] !== 'aws-node' || node === undefined || metadata.deletionTimestamp !== undefined) return []
    const serves = status?.containerStatuses?.some(({ name, ready }) => name === 'aws-node' && ready)
    return [{ node, since: Date.parse(metadata.creationTimestamp ?? ''), serves }]
  })
  const sick = all.filter(({ serves }) => !serves)
  if (sick.length === 0) return draw.chance('deep-in-vain', READ_IN_VAIN) ? draw.shuffled('deep-healthy', all).slice(0, 1) : []
  return draw.shuffled('deep-nodes', sick).slice(0, draw.whole('deep-count', 1, MOST_NODES))
}

/** What ipamd said in earlier lives, of causes that are over (words of pkg/ipamd, pkg/awsutils and pkg/k8sapi of amazon-vpc-cni-k8s). */
const LONG_AGO = [
  'Unable to reach API Server, Get "https://172.20.0.1:443/version": dial tcp 172.20.0.1:443: i/o timeout',
  'Initialization failure: Failed to attach any ENIs for custom networking',
  'Initialization failure: ipamd init: failed to retrieve attached ENIs info: operation error EC2: DescribeNetworkInterfaces, exceeded maximum number of attempts, 3, i/o timeout',
  'operation error EC2: DescribeSubnets, https response error StatusCode: 403, api error UnauthorizedOperation: You are not authorized to perform this operation.',
  'Failed to watch *v1alpha1.CNINode: failed to list *v1alpha1.CNINode: cninodes.vpcresources.k8s.aws is forbidden: User "system:serviceaccount:kube-system:aws-node" cannot list resource "cninodes" in API group "vpcresources.k8s.aws" at the cluster scope',
  "ipamd init: failed to set up host network: host network setup: failed to create iptables: can't initialize iptables table `nat'",
  'Force removing eni eni-0123456789abcdef0 with 7 assigned pods',
  'Failed to get ENI limits from file:vpc_ip_limits or EC2 for m8i.large',
]

const SERVED = 'Serving RPC Handler version v1.17.1 on 127.0.0.1:50051'

/** What any ipamd says all the time. */
const CHATTER = [
  'IP pool stats: Total IPs/Prefixes = 18/0, AssignedIPs/CooldownIPs: 4/0, c.maxIPsPerENI = 9',
  'Reconciling ENI/IP pool info because time since last 1m0.4s > 1m0s',
  'Starting to reconcile ENI/IP pool info',
  'Prefix target is 0, current IPs: 18',
]

const REACHED = /"msg":"(?:Successful communication with the Cluster|API server connectivity established)/

/** Earlier lives before it, chatter between its lines, and a first try in vain before the API server was reached. */
function amidstOthers(draw: Draw, node: string, text: string, since: Instant): string {
  const line = (at: Instant, level: string, message: string) =>
    `{"level":"${level}","ts":"${iso(at)}","caller":"ipamd/ipamd.go:${draw.whole(message, 90, 2400)}","msg":${JSON.stringify(message)}}`
  const before = draw.shuffled(`long-ago/${node}`, LONG_AGO).slice(0, draw.whole(`lives/${node}`, 0, 4))
  const began = since - draw.whole(`age/${node}`, 2, 90) * HOUR
  const earlier =
    before.length === 0
      ? []
      : [...before.map((words, nth) => line(began + nth * 7 * SECOND, 'error', words)), line(began + 60 * SECOND, 'info', SERVED)]
  const inVain = draw.chance(`in-vain/${node}`, 0.4)
  const own = text.trimEnd().split('\n')
  const reached = own.findLastIndex((each) => REACHED.test(each))
  const now = own.flatMap((each, nth) => {
    const at = Date.parse(/"ts":"([^"]+)"/.exec(each)?.[1] ?? '')
    if (nth === reached && inVain && at >= since) return [line(at, 'error', LONG_AGO[0] ?? ''), each]
    return draw.chance(`chatter/${node}/${nth}`, 0.2) && at >= since
      ? [each, line(at, 'debug', draw.pick(`words/${node}/${nth}`, CHATTER))]
      : [each]
  })
  return [...earlier, ...now].join('\n')
}
