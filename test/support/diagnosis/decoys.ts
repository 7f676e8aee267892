import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import { policyEngine } from './addon-recipes.ts'
import { CNI, TRUNK_TYPES } from './ground.ts'
import { guarded, type Recipe, someNewNodes } from './recipe.ts'
import type { Stage } from './stage.ts'

const launch = (stage: Stage) => stage.launch()
const decoy = (name: string, rest: Omit<Recipe, 'name' | 'truth'>): Recipe => ({ name, truth: [], ...rest })
const NEWER = [...CNI.middle, ...CNI.late]

function watchThenLaunch(stage: Stage): void {
  stage.watch()
  stage.launch()
}

const container = (workload: string, container?: string) => ({ namespace: 'kube-system', workload, ...(container && { container }) })

/** Worlds in which something else is wrong, or nothing, and in which the CNI is not to blame. */
export const DECOYS: readonly Recipe[] = [
  decoy('healthy', { act: (stage) => stage.pass(30 * MINUTE) }),
  decoy('new nodes', { act: watchThenLaunch }),
  decoy('nodes that boot just now', { act: (stage) => stage.launch({ wait: stage.draw.whole('booting', 50, 110) * SECOND }) }),
  decoy('an update that rolls just now', {
    wish: () => ({ cni: ['v1.21.1-eksbuild.7', 'v1.20.4-eksbuild.2'] }),
    act(stage) {
      stage.updateCni('v1.21.2-eksbuild.2')
      stage.pass(stage.draw.whole('rolling', 10, 100) * SECOND)
    },
  }),
  decoy('an update that is over', {
    wish: () => ({ cni: ['v1.21.1-eksbuild.7', 'v1.20.4-eksbuild.2'] }),
    act(stage) {
      stage.updateCni('v1.22.4-eksbuild.3')
      stage.pass(stage.draw.whole('over', 10, 30) * MINUTE)
      stage.launch()
    },
  }),
  decoy('aws-node is restarted by hand', {
    act(stage) {
      stage.restartAwsNodes(0.5)
      stage.pass(stage.draw.whole('since', 10, 200) * SECOND)
    },
  }),
  decoy('workloads are restarted', {
    scenario: (_draw, ground) => ({
      faults: ground.namespaces.map((namespace) => ({ fault: 'rolling-restart', where: { namespace }, when: { from: '2m' } })),
    }),
    act: (stage) => stage.pass(2 * MINUTE + stage.draw.whole('since', 1, 60) * SECOND),
  }),
  decoy('an image that cannot be pulled', {
    scenario: (_draw, ground) => ({
      world: {
        workloads: [
          {
            kind: 'DaemonSet',
            namespace: ground.namespaces[0],
            name: 'collector',
            behaviour: {
              kind: 'no-image',
              message: 'rpc error: code = NotFound desc = failed to pull and unpack image: registry.example/collector:2: not found',
            },
          },
        ],
      },
    }),
    act: launch,
  }),
  decoy('no vCPUs left', {
    scenario: () => ({ faults: [{ fault: 'vcpu-quota', vcpus: 2 }] }),
    act: launch,
  }),
  decoy('no capacity', {
    scenario: (draw, ground) => ({
      faults: [{ fault: 'capacity-shortage', where: draw.chance('zone-only', 0.5) ? { zone: ground.zones[0] } : {} }],
    }),
    act: launch,
  }),
  decoy('too little CPU', {
    scenario: (draw, ground) => ({
      world: {
        workloads: [
          { kind: 'Deployment', namespace: ground.namespaces[1], name: 'model', replicas: draw.whole('hungry', 2, 5), cpu: '30' },
        ],
      },
    }),
    act: (stage) => stage.pass(10 * MINUTE),
  }),
  decoy('a budget that allows nothing', {
    scenario: (_draw, ground) => ({
      world: {
        workloads: [
          { kind: 'Deployment', namespace: ground.namespaces[0], name: 'guard', replicas: 2, cpu: '10m', budget: { maxUnavailable: 0 } },
        ],
      },
    }),
    act(stage) {
      for (const { metadata } of stage.pods(stage.ground.namespaces[0] ?? ''))
        stage.world.evict(metadata.namespace ?? '', metadata.name, { dryRun: false })
      stage.launch()
    },
  }),
  decoy('kubelets that fall silent', {
    scenario: (draw) => ({
      faults: [{ fault: 'kubelet-silent', where: { share: draw.pick('silent', [0.3, 0.6]) }, when: { from: '3m' } }],
    }),
    act: (stage) => stage.pass(stage.draw.whole('silence', 8, 14) * MINUTE),
  }),
  decoy('an application that crashes on new nodes', {
    scenario: (draw, ground) => ({
      faults: [
        {
          fault: 'container-exits',
          where: { namespace: draw.pick('crashing', ground.namespaces) },
          code: draw.pick('code', [1, 137, 2]),
          log: ['connect ETIMEDOUT 10.0.3.7:5432', 'dial tcp 127.0.0.1:50051: connect: connection refused', 'giving up'],
        },
      ],
    }),
    act(stage) {
      for (const namespace of stage.ground.namespaces) stage.replacePods(namespace)
      stage.launch()
    },
  }),
  decoy('an application that is never ready', {
    scenario: (_draw, ground) => ({
      world: {
        workloads: [{ kind: 'DaemonSet', namespace: ground.namespaces[0], name: 'sidecar', cpu: '10m', behaviour: { kind: 'unready' } }],
      },
    }),
    act: launch,
  }),
  decoy('CoreDNS crashes', {
    scenario: () => ({ faults: [{ fault: 'container-exits', where: container('coredns'), code: 1 }] }),
    act(stage) {
      stage.replacePods('kube-system')
      stage.pass(9 * MINUTE)
    },
  }),
  decoy('kube-proxy crashes, and a newer CNI does not wait for it', {
    wish: () => ({ cni: NEWER }),
    scenario: (draw, ground) => ({
      faults: [{ fault: 'container-exits', where: { ...container('kube-proxy'), ...someNewNodes(draw, ground, ['all', 'share']) } }],
    }),
    act: launch,
  }),
  decoy('the pod identity agent crashes, and aws-node does not use it', {
    wish: () => ({ addons: { 'eks-pod-identity-agent': { version: 'v1.3.10-eksbuild.3' } } }),
    scenario: (draw, ground) => ({
      faults: [
        { fault: 'container-exits', where: { ...container('eks-pod-identity-agent'), ...someNewNodes(draw, ground, ['all', 'share']) } },
      ],
    }),
    act: launch,
  }),
  decoy('another add-on is degraded', {
    scenario: (draw) => ({
      faults: [
        {
          fault: 'addon-degraded',
          where: { addon: 'coredns' },
          code: draw.pick('issue', ['InsufficientNumberOfReplicas', 'ConfigurationConflict', 'AdmissionRequestDenied', 'AccessDenied']),
          message: 'The add-on is unhealthy because 1/2 pods are available. Pods are waiting because: CrashLoopBackOff.',
        },
      ],
    }),
    act: (stage) => stage.pass(12 * MINUTE),
  }),
  decoy('a webhook denies pods of applications', {
    scenario: () => ({
      world: { objects: policyEngine('gatekeeper', ['pods'], ['CREATE']) },
      faults: [{ fault: 'webhook-answers', where: { webhook: 'gatekeeper.policies.example.com' }, behaviour: 'deny' }],
    }),
    act(stage) {
      for (const namespace of stage.ground.namespaces) stage.replacePods(namespace)
      stage.pass(6 * MINUTE)
    },
  }),
  decoy('a webhook adds a label to pods, with security groups for pods', {
    wish: () => ({ types: TRUNK_TYPES, env: { ENABLE_POD_ENI: 'true' } }),
    scenario: (draw) => ({
      world: { ...guarded(draw), objects: policyEngine('labels', ['pods'], ['CREATE', 'UPDATE'], 'Mutating') },
      faults: [{ fault: 'webhook-answers', where: { webhook: 'labels.policies.example.com' }, behaviour: 'add-label' }],
    }),
    act(stage) {
      stage.replacePods('guarded')
      stage.launch()
    },
  }),
  decoy('strict mode, and nobody asks for anything', {
    wish: () => ({ cni: NEWER, configuration: { enableNetworkPolicy: 'true' }, env: { NETWORK_POLICY_ENFORCING_MODE: 'strict' } }),
    scenario: (_draw, ground) => ({
      faults: [{ fault: 'container-exits', where: { namespace: ground.namespaces[0] }, code: 137, reason: 'OOMKilled', after: '40s' }],
    }),
    act: launch,
  }),
  decoy('kube-proxy with nftables, and no policies', {
    wish: () => ({ addons: { 'kube-proxy': { configuration: { mode: 'nftables' } } } }),
    scenario: (_draw, ground) => ({
      faults: [{ fault: 'container-exits', where: { namespace: ground.namespaces[0] }, code: 1, after: '40s' }],
    }),
    act: launch,
  }),
  decoy('custom networking with all that it needs', {
    wish: () => ({ env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'true', ENI_CONFIG_LABEL_DEF: 'topology.kubernetes.io/zone' } }),
    scenario: (_draw, ground) => ({ world: { network: { eniConfigs: ground.zones.map((name) => ({ name, subnet: name })) } } }),
    act: watchThenLaunch,
  }),
  decoy('subnets that others share, and enough all the same', {
    wish: () => ({ types: ['m5.large', 't3.large'] }),
    scenario: (draw) => ({ world: { network: { crowded: [{ subnet: '*', free: draw.whole('free', 190, 215) }] } } }),
    act: watchThenLaunch,
  }),
  decoy('nodes that somebody cordoned', {
    scenario: (draw, ground) => ({ faults: [{ fault: 'nodes-cordoned', where: { group: draw.pick('cordoned', ground.groups) } }] }),
    act: (stage) => stage.pass(12 * MINUTE),
  }),
  decoy('security groups for pods that work, with a short cool-down', {
    wish: () => ({ types: TRUNK_TYPES, env: { ENABLE_POD_ENI: 'true' } }),
    scenario: (draw) => ({
      world: {
        ...guarded(draw),
        objects: [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
            data: { 'branch-eni-cooldown': '30' },
          },
        ],
      },
    }),
    act(stage) {
      stage.replacePods('guarded')
      stage.launch()
    },
  }),
  decoy('aws-node was restarted long ago', {
    scenario: () => ({
      faults: [{ fault: 'restarted-before', where: { namespace: 'kube-system' }, portion: 0.6, times: 4, code: 2, reason: 'Error' }],
    }),
    act: launch,
  }),
  decoy('nodes that never join', {
    scenario: (draw, ground) => ({ faults: [{ fault: 'node-never-joins', where: someNewNodes(draw, ground, ['all', 'group', 'share']) }] }),
    act: launch,
  }),
  decoy('jobs that fail', {
    act(stage) {
      for (let nth = 0; nth < 5; nth++) stage.runOnce(`job-${nth}`, 'sleep 5; exit 1')
      stage.pass(5 * MINUTE)
    },
  }),
]
