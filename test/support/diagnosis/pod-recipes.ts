import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { WorkloadObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { call } from '../../sandbox/aws/world-driver.ts'
import { policyEngine } from './addon-recipes.ts'
import { CNI, TRUNK_TYPES } from './ground.ts'
import { guarded, type Recipe, someNewNodes } from './recipe.ts'
import { type Stage, WATCHED } from './stage.ts'

const launch = (stage: Stage) => stage.launch()
const POD_ENI = { env: { ENABLE_POD_ENI: 'true' }, types: TRUNK_TYPES }

function remade(stage: Stage): void {
  stage.replacePods('guarded')
  stage.pass(stage.draw.whole('wait', 3, 9) * MINUTE)
}

function watchThenLaunch(stage: Stage): void {
  stage.watch()
  stage.launch()
}

function updateThenWatch(stage: Stage): void {
  stage.updateCni('v1.21.2-eksbuild.2')
  stage.pass(4 * MINUTE)
  stage.watch()
  stage.pass(stage.draw.whole('wait', 3, 6) * MINUTE)
}

const RESOURCE_WEBHOOK = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: 'vpc-resource-mutating-webhook' },
  webhooks: [
    {
      name: 'mpod.vpc.k8s.aws',
      admissionReviewVersions: ['v1'],
      clientConfig: { url: 'https://127.0.0.1:23443/mutate-v1-pod' },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
      failurePolicy: 'Ignore',
      sideEffects: 'None',
    },
  ],
}

const KYVERNO = {
  apiVersion: 'kyverno.io/v1',
  kind: 'ClusterPolicy',
  metadata: { name: 'add-defaults' },
  spec: {
    rules: [
      {
        name: 'profile-of-bound-pods',
        match: { any: [{ resources: { kinds: ['Pod'] } }] },
        preconditions: { all: [{ key: "{{ request.object.spec.nodeName || '' }}", operator: 'NotEquals', value: '' }] },
        mutate: {
          patchStrategicMerge: {
            spec: { containers: [{ '(name)': '*', '+(securityContext)': { seccompProfile: { type: 'RuntimeDefault' } } }] },
          },
        },
      },
    ],
  },
}

/** Causes that keep addresses from pods although aws-node is Ready, as far as security groups for pods are concerned. */
export const GUARDED_RECIPES: readonly Recipe[] = [
  {
    name: 'P01',
    truth: ['P01'],
    wish: () => POD_ENI,
    scenario: (draw) => ({ world: { ...guarded(draw), objects: [RESOURCE_WEBHOOK, KYVERNO] } }),
    act: remade,
  },
  {
    name: 'P01 webhook',
    truth: ['P01'],
    wish: () => POD_ENI,
    scenario: (draw) => {
      const name = draw.pick('engine', ['otel-injection', 'agents-operator', 'feature-flags'])
      return {
        world: { ...guarded(draw), objects: policyEngine(name, ['pods'], ['CREATE', 'UPDATE'], 'Mutating') },
        faults: [{ fault: 'webhook-answers', where: { webhook: `${name}.policies.example.com` }, behaviour: 'rewrite-pod-spec' }],
      }
    },
    act: remade,
  },
  {
    name: 'P02',
    truth: ['P02'],
    wish: () => POD_ENI,
    scenario: (draw) => ({
      world: guarded(draw),
      faults: [
        {
          fault: 'role-lacks-action',
          where: { role: 'cluster' },
          actions: [draw.pick('action', ['ec2:CreateNetworkInterface', 'ec2:AssociateTrunkInterface'])],
        },
      ],
    }),
    act: remade,
  },
  {
    name: 'P02 throttled',
    truth: ['P02'],
    wish: () => POD_ENI,
    scenario: (draw) => {
      const { network, ...rest } = guarded(draw) as { network: object }
      return { world: { ...rest, network: { ...network, requestBuckets: { AssociateTrunkInterface: { burst: 0, refill: 0 } } } } }
    },
    act: remade,
  },
  {
    name: 'P03',
    truth: ['P03'],
    wish: () => POD_ENI,
    scenario: (draw) => ({ world: guarded(draw), faults: [{ fault: 'resource-controller-away' }] }),
    act: remade,
  },
  {
    name: 'P04',
    truth: ['P04'],
    wish: () => ({ ...POD_ENI, types: ['t3.large', 't3.xlarge'] }),
    scenario: (draw) => ({ world: guarded(draw) }),
    act: launch,
  },
  {
    name: 'P04 full',
    truth: ['P04'],
    wish: () => ({ env: POD_ENI.env, types: ['m5.large', 'm6i.large'], nodesPerGroup: [1, 1] }),
    scenario: (draw, ground) => ({ world: guarded(draw, 'Deployment', {}, 9 * ground.groups.length + draw.whole('over', 1, 4)) }),
    act: (stage) => stage.pass(8 * MINUTE),
  },
  {
    name: 'P05',
    truth: ['P05'],
    wish: () => POD_ENI,
    scenario: () => ({ faults: [{ fault: 'role-lacks-action', where: { role: 'cluster' }, actions: ['ec2:CreateNetworkInterface'] }] }),
    act: launch,
  },
  {
    name: 'P19',
    truth: ['P19'],
    wish: () => POD_ENI,
    scenario: () => ({
      world: {
        network: {
          crowded: [{ subnet: '*', free: 1 }],
          securityGroupPolicies: [
            { namespace: WATCHED, name: 'guarded', podSelector: { matchLabels: { app: 'once' } }, groupIds: ['sg-0123456789abcdef0'] },
          ],
        },
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
    act: askOneAfterTheOther,
  },
  {
    name: 'P21',
    truth: ['P21'],
    wish: () => POD_ENI,
    scenario: (draw, ground) => ({
      world: guarded(draw, 'DaemonSet'),
      faults: [{ fault: 'resource-controller-away', where: someNewNodes(draw, ground, ['all', 'group']) }],
    }),
    act: launch,
  },
  {
    name: 'P23',
    truth: ['P23'],
    wish: () => POD_ENI,
    scenario: (draw) => ({ world: guarded(draw, 'Deployment', { gracePeriodSeconds: 0 }) }),
    act: remade,
  },
]

/** Each begins when nothing of the one before is left at EC2; every other one waits longer. */
function askOneAfterTheOther(stage: Stage): void {
  const node = (stage.world.store.list('Node')[0]?.metadata as { name?: string } | undefined)?.name ?? ''
  for (let nth = 0; nth < 5; nth++) {
    stage.runOnce(`once-${nth}`, 'nslookup kubernetes.default', node)
    passUntil(stage, () =>
      stage
        .pods(WATCHED)
        .every(({ metadata, status }) => metadata.name.startsWith('idle-') || (status?.phase !== 'Pending' && status?.phase !== 'Running')),
    )
    passUntil(stage, () => branchesOf(stage) === 0)
    stage.pass(nth % 2 === 0 ? 0 : MINUTE)
  }
}

function branchesOf({ world }: Stage): number {
  const Filters = [{ Name: 'interface-type', Values: ['branch'] }]
  return call<{ NetworkInterfaces: unknown[] }>(world.ec2, 'DescribeNetworkInterfaces', { Filters }).NetworkInterfaces.length
}

/** A minute and a half at most. */
function passUntil(stage: Stage, holds: () => boolean): void {
  for (let second = 0; second < 90 && !holds(); second++) stage.pass(SECOND)
}

/** Causes that keep addresses from pods, or traffic from pods that have one. */
export const POD_RECIPES: readonly Recipe[] = [
  {
    name: 'P06',
    truth: ['P06'],
    wish: (draw) => ({ env: { MINIMUM_IP_TARGET: draw.pick('target', ['2', '3']) }, nodesPerGroup: [1, 1] }),
    scenario: () => ({ world: { workloads: [{ kind: 'Deployment', namespace: 'dense', name: 'many', replicas: 0, cpu: '10m' }] } }),
    act(stage) {
      const replicas = 6 * stage.ground.groups.length + stage.draw.whole('many', 3, 8)
      stage.world.store.update('Deployment', 'dense', 'many', (current) => ({
        ...current,
        spec: { ...(current as WorkloadObject).spec, replicas },
      }))
      stage.pass(stage.draw.whole('wait', 4, 10) * MINUTE)
    },
  },
  {
    name: 'P07',
    truth: ['P07'],
    scenario: (draw, ground) => {
      const everywhere = draw.chance('everywhere', 0.5)
      const crowded = { subnet: everywhere ? '*' : ground.zones[0], free: everywhere ? draw.whole('free', 0, 2) : 3 }
      return { world: { network: { crowded: [crowded] }, workloads: [{ kind: 'DaemonSet', namespace: 'agents', name: 'everywhere' }] } }
    },
    act: launch,
  },
  {
    name: 'P08',
    truth: ['P08'],
    wish: () => ({ env: { ENABLE_PREFIX_DELEGATION: 'true' } }),
    scenario: () => ({
      world: { network: { fragmented: [{ subnet: '*' }] }, workloads: [{ kind: 'DaemonSet', namespace: 'agents', name: 'everywhere' }] },
    }),
    act: launch,
  },
  {
    name: 'P09',
    truth: ['P09'],
    scenario: (draw, ground) => ({
      world: { workloads: [{ kind: 'DaemonSet', namespace: 'agents', name: 'everywhere' }] },
      faults: [{ fault: 'nodes-cordoned', where: someNewNodes(draw, ground, ['all', 'group']) }],
    }),
    act: launch,
  },
  {
    name: 'P10',
    truth: ['P10'],
    wish: () => ({ cni: ['v1.21.1-eksbuild.7', 'v1.20.4-eksbuild.2'] }),
    scenario: () => ({ faults: [{ fault: 'ipam-hang', where: { launchedLater: false, cniChanged: true } }] }),
    act: updateThenWatch,
  },
  {
    name: 'P11',
    truth: ['P11'],
    wish: () => ({ cni: ['v1.21.1-eksbuild.7', 'v1.20.4-eksbuild.2'] }),
    scenario: () => ({ faults: [{ fault: 'host-trouble', trouble: 'cni-binary-kept', where: { launchedLater: false } }] }),
    act: updateThenWatch,
  },
  {
    name: 'P12',
    truth: ['P12'],
    wish: () => ({ cni: [...CNI.middle, ...CNI.late], configuration: { nodeAgent: { enabled: false } } }),
    act(stage) {
      stage.restartAwsNodes()
      stage.pass(MINUTE)
      stage.watch()
      stage.pass(stage.draw.whole('wait', 3, 8) * MINUTE)
    },
  },
  {
    name: 'P13',
    truth: ['P13'],
    wish: () => ({ cni: ['v1.21.1-eksbuild.7'], configuration: { enableNetworkPolicy: 'true' } }),
    scenario: (draw, ground) => ({ faults: [{ fault: 'node-agent-denies', where: someNewNodes(draw, ground, ['all', 'group']) }] }),
    act: watchThenLaunch,
  },
  {
    name: 'P14',
    truth: ['P14'],
    wish: () => ({ configuration: { enableNetworkPolicy: 'true' }, addons: { 'kube-proxy': { configuration: { mode: 'nftables' } } } }),
    act: askForNames,
  },
  {
    name: 'P15',
    truth: ['P15'],
    scenario: (draw, ground) => ({
      faults: [
        { fault: 'ip-rules-removed', where: someNewNodes(draw, ground, ['all', 'group']), after: draw.pick('after', ['4m', '5m', '6m']) },
      ],
    }),
    act(stage) {
      stage.watch()
      stage.launch({ wait: 16 * MINUTE })
    },
  },
  {
    name: 'P16',
    truth: ['P16'],
    wish: () => ({ cni: ['v1.19.6-eksbuild.7', ...CNI.old] }),
    scenario: (draw, ground) => ({ faults: [{ fault: 'mac-address-policy', where: someNewNodes(draw, ground, ['all', 'group']) }] }),
    act: watchThenLaunch,
  },
  {
    name: 'P17',
    truth: ['P17'],
    wish: () => ({ types: ['m5.large', 'm6i.large'], nodesPerGroup: [1, 1] }),
    scenario: () => ({ faults: [{ fault: 'instance-metadata-stale', where: { launchedLater: true }, when: { from: '20m' } }] }),
    act(stage) {
      stage.launch({ wait: 12 * MINUTE })
      stage.watch(12 * stage.world.store.list('Node').length)
      stage.pass(14 * MINUTE)
    },
  },
  {
    name: 'P18',
    truth: ['P18'],
    wish: () => ({ cni: ['v1.12.6-eksbuild.2', 'v1.13.4-eksbuild.1'] }),
    scenario: () => ({
      faults: [
        {
          fault: 'workload-edited',
          where: { namespace: 'kube-system', workload: 'aws-node' },
          container: 'aws-node',
          tag: 'v1.11.4-eksbuild.1',
        },
      ],
    }),
    act(stage) {
      stage.pass(6 * MINUTE)
      for (const namespace of stage.ground.namespaces) stage.replacePods(namespace)
      stage.pass(stage.draw.whole('wait', 3, 6) * MINUTE)
    },
  },
  {
    name: 'P20',
    truth: ['P20'],
    wish: (draw) => ({
      configuration: {
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: draw.pick('label', ['cni', 'network', 'pool']), operator: 'In', values: ['vpc'] }] },
              ],
            },
          },
        },
      },
    }),
    act: launch,
  },
  {
    name: 'P22',
    truth: ['P22'],
    scenario: (draw, ground) => ({
      world: {
        network: {
          leaked: [
            {
              subnet: draw.pick('leaky', ['*', ground.zones[0] ?? '']),
              count: draw.whole('leaked', 2, 6),
              secondary: draw.pick('held', [4, 9]),
            },
          ],
        },
      },
    }),
    act: launch,
  },
  {
    name: 'P24',
    truth: ['P24'],
    wish: () => ({
      cni: [...CNI.middle, ...CNI.late],
      configuration: { enableNetworkPolicy: 'true' },
      env: { NETWORK_POLICY_ENFORCING_MODE: 'strict' },
    }),
    act: askForNames,
  },
]

function askForNames(stage: Stage): void {
  for (let nth = 0; nth < 10; nth++) {
    stage.runOnce(`once-${nth}`, 'nslookup kubernetes.default')
    stage.pass(20 * SECOND)
  }
  stage.pass(MINUTE)
}
