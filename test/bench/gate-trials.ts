/** How a shipped scenario is played for the bench of gates, and what is expected of it. */
export interface Trial {
  /** With the gate for Ready nodes, with network-proof beside it, with all. */
  readonly expected: readonly [ready: Outcome, proof: Outcome, all: Outcome]
  /** Why that is so: what catches it, or why nothing has to. */
  readonly why: string
  /** vpc-cni goes to this version as the run's first step. */
  readonly cniTo?: string
  /** Whether the nodes of a group are replaced too, where vpc-cni moves; else they are. */
  readonly nodes?: true
  readonly resolveConflicts?: 'NONE' | 'PRESERVE'
  /** The SecurityGroupPolicy by which network-proof has a second probe on each node. */
  readonly policy?: { readonly namespace: string; readonly name: string; readonly labels: Readonly<Record<string, string>> }
  readonly soak?: string
  /** What the world has beside what the scenario brings. */
  readonly world?: object
}

/** `caught`: a gate stops the run; `stopped`: something else does; `any`: it comes and goes, and is on untouched nodes too. */
export type Outcome = 'caught' | 'stopped' | 'passed' | 'any'

type More = Omit<Trial, 'expected' | 'why'>

const by =
  (...expected: Trial['expected']) =>
  (why: string, more: More = {}): Trial => ({ expected, why, ...more })

/** aws-node is not Ready. */
const byAny = by('caught', 'caught', 'caught')
/** aws-node is Ready, and pods have no network. */
const byProof = by('passed', 'caught', 'caught')
/** Nor does a probe notice. */
const byOthers = by('passed', 'passed', 'caught')
const harmless = by('passed', 'passed', 'passed')
/** The step itself comes not to its end. */
const byStep = by('stopped', 'stopped', 'stopped')

const GUARDED = { policy: { namespace: 'signature', name: 'guarded', labels: { probe: 'yes' } } }
const OWN_POLICY = {
  policy: { namespace: 'shop', name: 'probe', labels: { probe: 'yes' } },
  world: {
    network: {
      securityGroupPolicies: [
        { namespace: 'shop', name: 'probe', podSelector: { matchLabels: { probe: 'yes' } }, groupIds: ['sg-0a1b2c3d4e5f60718'] },
      ],
    },
  },
}
/** More than the first interface of each node has addresses for. */
const MANY = { workloads: [{ kind: 'Deployment', namespace: 'shop', name: 'many', replicas: 110, cpu: '10m', memory: '16Mi' }] }

const NO_NODES = 'EKS gets no new nodes, and nothing is changed'
const REQUESTS = 'harmless: requests that fail are made again'

/** Every shipped scenario, by its name. */
export const TRIALS: Readonly<Record<string, Trial>> = {
  f01: byAny('aws-node restarts'),
  f02: byAny('aws-node restarts; `permissions` names the action', { cniTo: 'v1.22.1-eksbuild.2' }),
  f03: byAny('aws-node restarts; `permissions` names the action', { cniTo: 'v1.22.4-eksbuild.3' }),
  f04: byAny('aws-node restarts'),
  f05: byAny('aws-node restarts; `kube-proxy` says whose fault it is'),
  f06: byAny('aws-node restarts', { cniTo: 'v1.21.2-eksbuild.2' }),
  f07: harmless('heals by itself within the time that new nodes have: one restart at boot is no failure'),
  f08: byAny('aws-node restarts'),
  f09: byAny('the init containers of aws-node are not done'),
  f10: byAny('aws-node restarts'),
  f11: byAny('aws-node restarts'),
  f12: byAny('aws-node restarts; `permissions` names the action'),
  f13: byAny('aws-node restarts'),
  f14: byAny('aws-node restarts'),
  f15: byAny('aws-node restarts'),
  f16: byAny('aws-node restarts'),
  f17: byAny('the node agent is a container of aws-node, and restarts'),
  f18: harmless('every node had that node agent before the run, and pods have their network; pre-flight refuses to go there (CNI_SOCKET)'),
  f19: byAny('aws-node restarts', { cniTo: 'v1.22.4-eksbuild.3' }),
  f20: byStep('EKS refuses the update before anything rolls', { cniTo: 'v1.22.4-eksbuild.3', resolveConflicts: 'NONE' }),
  f21: byStep('EKS refuses the update before anything rolls', { cniTo: 'v1.22.4-eksbuild.3' }),
  p01: byOthers(
    'pods wait at "branch created"; the policy leaves a probe alone, since it has the profile already that is added to others',
    {
      policy: { namespace: 'shop', name: 'everything', labels: { app: 'probe' } },
    },
  ),
  p02: byProof('new nodes get no trunk: the second probe finds no place', GUARDED),
  p03: byProof('new nodes get no trunk: the second probe finds no place', GUARDED),
  p04: byProof('no type has a trunk, so that nothing is proven of pods with interfaces of their own', GUARDED),
  p05: byProof('new nodes get no trunk: the second probe finds no place', OWN_POLICY),
  p06: byProof('no address is left for a probe, on untouched nodes neither'),
  p07: by('stopped', 'caught', 'caught')('probes, and pods of a DaemonSet, get no address; later EKS gets no further node'),
  p08: by('passed', 'any', 'caught')('pods get no address until old nodes have given blocks back; a probe may come after that'),
  p09: byProof('cordoned nodes cannot be probed, which proves nothing'),
  p10: byAny('aws-node restarts', { cniTo: 'v1.21.2-eksbuild.2' }),
  p11: byProof('probes get no address: the plugin on the host is of another version', { cniTo: 'v1.21.2-eksbuild.2' }),
  p12: byProof('the policy agent is not there: no new pod gets a network'),
  p13: byProof('the policy agent lets nothing through'),
  p14: by('passed', 'any', 'any')('names resolve by turns on every node: what is seen holds, and takes nothing back'),
  p15: byProof('the second round of a probe, minutes later, reaches nothing'),
  p16: byProof('probes reach nothing'),
  p17: byOthers('pods lose the network they had, and new ones get another: `ipamd-metrics` counts the dropped interface', {
    soak: '25m',
    world: MANY,
  }),
  p18: harmless('pods that cannot be taken down go with the nodes that are replaced'),
  p19: by(
    'stopped',
    'caught',
    'caught',
  )('its one free address is too little for new nodes; names that do not resolve by turns come with branch interfaces only'),
  p20: byStep('new nodes never turn Ready'),
  p21: byProof('new nodes get no trunk: the second probe finds no place', GUARDED),
  p22: harmless('addresses are held and there are enough left; pre-flight counts them, `addresses-left` looks at what follows'),
  p23: harmless('branch interfaces stay behind and are collected later', GUARDED),
  p24: harmless('untouched nodes deny the same, so that it is not asked for'),
  'addon-crashloop': byAny('aws-node restarts', { cniTo: 'v1.22.4-eksbuild.3' }),
  'alarm-rings': harmless('what an alarm says is asked by `cloudwatch-alarm`, which none of these plans names'),
  'api-flaky': harmless(REQUESTS),
  'api-server-away': harmless(REQUESTS),
  'capacity-shortage': byStep(NO_NODES),
  'clock-skew': harmless(REQUESTS),
  'conflict-storm': harmless(REQUESTS),
  'control-plane-patched': harmless(REQUESTS),
  'cut-watch': harmless(REQUESTS),
  'expired-token': by('passed', 'stopped', 'stopped')('credentials end after twelve minutes: the run stays open for `resume`'),
  forbidden: byStep('the update is refused'),
  'image-gone': byStep(NO_NODES),
  'instance-health': harmless('groups replace what fails its status checks'),
  'ipam-hang': byAny('aws-node restarts', { cniTo: 'v1.21.2-eksbuild.2', nodes: true }),
  'kube-proxy-crashloop': byProof('probes resolve no name; `kube-proxy` says why'),
  'kubelet-silent': byAny('nodes are not Ready'),
  latency: harmless(REQUESTS),
  'node-never-joins': byStep('new nodes never join'),
  noise: harmless('nothing of it has to do with the nodes that are replaced'),
  'pod-eviction-failure': harmless('begins with the third group, and there is one here'),
  'proxy-page': harmless(REQUESTS),
  'removed-api-object': byStep('pre-flight: the plan goes to a minor that this control plane does not have'),
  'slow-boot': byStep('new nodes do not join in time'),
  'snat-gone': byProof('probes reach nothing outside of the VPC'),
  'spot-interruption': harmless('no group has Spot Instances'),
  'stale-aws': harmless(REQUESTS),
  'stale-read': harmless(REQUESTS),
  'subnet-exhausted': byStep(NO_NODES),
  'subnet-exhausted-midrun': harmless('begins with the second group, and there is one here'),
  throttled: harmless(REQUESTS),
  truncated: harmless(REQUESTS),
  'vcpu-quota': byStep(NO_NODES),
  'webhook-blocks-aws-node': byStep('new nodes never turn Ready'),
}
