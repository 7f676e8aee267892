import fc from 'fast-check'

/**
 * Every fault there is, with a `where` and parameters that fit the small world of `story.ts`: for tests that ask nothing of a fault
 * but that it strikes the same way each time.
 */

type Spec = Readonly<Record<string, unknown>>

const NODES: readonly Spec[] = [{ launchedLater: true }, { share: 0.5 }, { group: 'canary' }, {}]
const PODS: readonly Spec[] = [
  { namespace: 'shop' },
  { namespace: 'kube-system', workload: 'coredns' },
  { launchedLater: true, share: 0.5 },
]
const REQUESTS: readonly Spec[] = [
  { service: 'eks' },
  { service: 'kubernetes' },
  { service: 'autoscaling' },
  { service: 'ec2' },
  { mutating: true },
  {},
]
const PLACES: readonly Spec[] = [{ group: 'canary' }, { zone: '*a' }, {}]
const EVERYWHERE: readonly Spec[] = [{}]

/**
 * The places of each fault, and what it cannot do without, several where it has several forms. Faults of requests come by chance: always
 * there, nothing would ever begin.
 */
const FAULTS: Readonly<Record<string, { readonly where: readonly Spec[]; readonly rest?: Spec | readonly Spec[] }>> = {
  'addon-crashloop': { where: NODES },
  'addon-degraded': { where: [{ addon: 'vpc-cni' }, { addon: 'coredns' }], rest: { code: 'AccessDenied' } },
  'alarm-sounds': { where: [{ alarm: '*' }] },
  'api-server-away': { where: EVERYWHERE, rest: { when: { from: '3m', every: '15m', lasting: '20s' } } },
  'capacity-shortage': { where: PLACES, rest: { when: { from: '1m', to: '20m' } } },
  'clock-skew': { where: REQUESTS },
  'conflict-storm': { where: REQUESTS, rest: { chance: 0.1 } },
  'container-exits': { where: PODS },
  'control-plane-patched-by-eks': { where: EVERYWHERE },
  'control-plane-update-fails': { where: EVERYWHERE },
  'control-plane-update-stalls': { where: EVERYWHERE },
  'cut-connection': { where: REQUESTS, rest: { chance: 0.05 } },
  'cut-watch': {
    where: [{ service: 'kubernetes' }],
    rest: ['cut', 'cut-within'].map((fate) => ({ fate, chance: 0.3 })),
  },
  'eviction-blocked': { where: [{ budget: '*/*' }], rest: { when: { from: '5m', to: '40m' } } },
  'expired-token': { where: REQUESTS, rest: { chance: 0.02 } },
  forbidden: { where: [{ operation: 'Describe*' }, { operation: 'UpdateNodegroupVersion' }], rest: { when: { from: '4m', to: '10m' } } },
  'host-trouble': { where: NODES, rest: { trouble: 'no-bpf-fs' } },
  html: { where: REQUESTS, rest: { chance: 0.03 } },
  'image-gone': { where: EVERYWHERE, rest: { when: { from: '1m', to: '15m' } } },
  'instance-health': { where: NODES.slice(1), rest: { when: { from: '5m', to: '12m' } } },
  'instance-metadata-stale': { where: NODES },
  'ip-rules-removed': { where: PODS },
  'ipam-hang': { where: NODES },
  'kubelet-misreports': { where: NODES, rest: { when: { from: '2m', to: '12m' } } },
  'kubelet-silent': { where: [{ group: 'app-1', share: 0.5 }], rest: { when: { from: '3m', to: '9m' } } },
  latency: { where: REQUESTS, rest: { chance: 0.2 } },
  'mac-address-policy': { where: PODS },
  'node-agent-denies': { where: PODS },
  'node-group-degraded': { where: [{ group: 'canary' }, { group: '*' }], rest: { code: 'AsgInstanceLaunchFailures' } },
  'node-group-update-stalls': { where: [{ group: 'canary' }], rest: { when: { from: '2m', to: '30m' } } },
  'node-never-joins': { where: NODES },
  'nodes-cordoned': { where: [{ group: 'canary' }, { launchedLater: true }] },
  'object-gone': { where: [{ name: '*', namespace: 'shop' }], rest: { kind: 'PodDisruptionBudget', when: { from: '3m', to: '20m' } } },
  'rbac-lacks-verb': {
    where: [{ user: '*' }],
    rest: { verbs: ['patch'], resources: ['nodes'], when: { from: '2m', to: '10m' } },
  },
  'resource-controller-away': { where: NODES },
  'restarted-before': { where: [{ namespace: 'shop' }, { namespace: 'kube-system' }] },
  'role-lacks-action': { where: [{ role: 'aws-node' }], rest: { actions: ['ec2:DescribeNetworkInterfaces'] } },
  'rolling-restart': { where: [{ namespace: 'shop' }, { namespace: 'monitoring' }], rest: { when: { from: '6m' } } },
  'server-error': { where: REQUESTS, rest: { chance: 0.05 } },
  'service-network-late': { where: NODES, rest: { by: '2m' } },
  'slow-boot': { where: PLACES },
  'snat-rules-removed': { where: PODS },
  'spot-interruption': { where: EVERYWHERE, rest: { when: { from: '3m', to: '4m' } } },
  'stale-read': { where: [{ service: 'kubernetes' }], rest: { chance: 0.3 } },
  'subnet-exhausted': { where: [{ zone: '*a' }, {}], rest: { when: { from: '1m', to: '25m' } } },
  throttling: { where: REQUESTS, rest: { chance: 0.2 } },
  truncated: { where: REQUESTS, rest: { chance: 0.03 } },
  'vcpu-quota': { where: EVERYWHERE, rest: { vcpus: 8, when: { from: '1m', to: '25m' } } },
  'webhook-answers': { where: [{ webhook: '*' }], rest: { behaviour: 'deny' } },
  'workload-edited': {
    where: [{ namespace: 'kube-system', workload: 'aws-node' }],
    rest: { container: 'aws-node', env: { WARM_ENI_TARGET: '2' }, when: { from: '2m', to: '20m' } },
  },
}

export const FAULT_NAMES: readonly string[] = Object.keys(FAULTS)

/** The n-th fault of the table, begun anew behind its end, and sometimes another one: the seeds from 1 on have had each of them. */
export function faultsOf(seed: number): readonly Spec[] {
  const named = (name: string) => {
    const { where = [], rest = {} } = FAULTS[name] ?? {}
    return fc
      .tuple(fc.constantFrom(...where), fc.constantFrom(...[rest].flat()))
      .map(([place, form]) => ({ fault: name, where: place, ...form }))
  }
  const first = FAULT_NAMES[(seed - 1) % FAULT_NAMES.length] ?? ''
  const others = fc.constantFrom(...FAULT_NAMES.filter((name) => name !== first)).chain(named)
  const both = fc.tuple(named(first), fc.array(others, { maxLength: 1 })).map(([one, more]) => [one, ...more])
  return fc.sample(both, { seed, numRuns: 1 })[0] ?? []
}
