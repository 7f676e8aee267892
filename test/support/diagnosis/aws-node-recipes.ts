import { MINUTE } from '../../../src/model/instant.ts'
import { CNI, TRUNK_TYPES } from './ground.ts'
import { type Recipe, someNewNodes } from './recipe.ts'
import type { Stage } from './stage.ts'

const launch = (stage: Stage) => stage.launch()
const IN_TIME = { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'true', ENI_CONFIG_LABEL_DEF: 'topology.kubernetes.io/zone' }
const UP_TO_20 = [...CNI.old, 'v1.19.6-eksbuild.7', 'v1.20.0-eksbuild.1', 'v1.20.1-eksbuild.3'] as const

/** Settings that keep aws-node from starting, from pkg/ipamd and cmd/aws-vpc-cni of amazon-vpc-cni-k8s. */
const CONTRADICTIONS: readonly Readonly<Record<string, string>>[] = [
  { ENABLE_IPv6: 'true' },
  { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '0' },
  { NETWORK_POLICY_ENFORCING_MODE: 'permissive' },
  { AWS_VPC_K8S_CNI_VETHPREFIX: 'network' },
  { POD_MTU: 'jumbo' },
]

/**
 * Causes that keep aws-node from becoming Ready. Where the API shows nothing but the hang unless ipamd.log goes to the
 * container's log (F10, F13, rules of kube-proxy gone stale), it does, or
 * somebody has read the file.
 */
export const AWS_NODE_RECIPES: readonly Recipe[] = [
  {
    name: 'F01',
    truth: ['F01'],
    scenario: (draw) => ({ faults: [{ fault: 'ipam-hang', where: { launchedLater: true, share: draw.pick('share', [0.3, 0.5, 0.6]) } }] }),
    act: launch,
  },
  {
    name: 'F02',
    truth: ['F02'],
    wish: () => ({ cni: ['v1.21.1-eksbuild.7', 'v1.21.2-eksbuild.2'] }),
    scenario: () => ({ faults: [{ fault: 'role-lacks-action', where: { role: 'aws-node' }, actions: ['ec2:DescribeSecurityGroups'] }] }),
    act(stage) {
      stage.updateCni('v1.22.1-eksbuild.2')
      stage.pass(stage.draw.whole('wait', 4, 20) * MINUTE)
    },
  },
  {
    name: 'F02 at boot',
    truth: ['F02'],
    scenario: (draw) => ({
      faults: [
        {
          fault: 'role-lacks-action',
          where: { role: 'aws-node' },
          actions: [draw.pick('action', ['ec2:DescribeNetworkInterfaces', 'ec2:CreateTags'])],
        },
      ],
    }),
    act: launch,
  },
  {
    name: 'F03',
    truth: ['F03'],
    wish: () => ({ cni: [...CNI.late] }),
    scenario: () => ({
      world: { cluster: { ipFamily: 'ipv6' } },
      faults: [{ fault: 'role-lacks-action', where: { role: 'aws-node' }, actions: ['ec2:DescribeSubnets'] }],
    }),
    act: launch,
  },
  {
    name: 'F04',
    truth: ['F04'],
    scenario: (draw, ground) => ({
      world: {
        addons: {
          'vpc-cni': { podIdentityAssociations: ['arn:aws:eks:eu-central-1:111122223333:podidentityassociation/x/a-0123456789abcdef0'] },
          'eks-pod-identity-agent': { version: 'v1.3.10-eksbuild.3' },
        },
      },
      faults: [
        {
          fault: 'container-exits',
          where: {
            namespace: 'kube-system',
            workload: 'eks-pod-identity-agent',
            ...someNewNodes(draw, ground, ['all', 'share', 'group', 'zone']),
          },
        },
      ],
    }),
    act: launch,
  },
  {
    name: 'F05',
    truth: ['F05'],
    wish: () => ({ cni: [...CNI.old] }),
    scenario: (draw, ground) => ({
      faults: [
        {
          fault: 'container-exits',
          where: { namespace: 'kube-system', workload: 'kube-proxy', ...someNewNodes(draw, ground, ['share', 'share', 'group']) },
        },
      ],
    }),
    act: launch,
  },
  {
    name: 'F05 stale rules',
    truth: ['F05'],
    inLogOnly: true,
    wish: () => ({ cni: [...CNI.old] }),
    scenario: (draw, ground) => ({ faults: [{ fault: 'service-network-late', where: someNewNodes(draw, ground, ['share']) }] }),
    act: launch,
  },
  {
    name: 'F06',
    truth: ['F06'],
    wish: () => ({ nodesPerGroup: [2, 2] }),
    scenario: (draw) => ({ faults: [{ fault: 'ipam-hang', where: { launchedLater: false, share: draw.pick('share', [0.6, 0.7, 0.8]) } }] }),
    act(stage) {
      stage.restartAwsNodes()
      stage.launch()
    },
  },
  {
    name: 'F07',
    truth: ['F07'],
    wish: () => ({ cni: [...CNI.old] }),
    scenario: (draw) => ({
      faults: [{ fault: 'service-network-late', where: { launchedLater: true }, by: draw.pick('by', ['2m', '150s', '3m']) }],
    }),
    act: launch,
  },
  {
    name: 'F08',
    truth: ['F08'],
    wish: () => ({ cni: [...CNI.middle, ...CNI.late] }),
    scenario: (draw, ground) => ({
      faults: [{ fault: 'host-trouble', where: someNewNodes(draw, ground, ['zone']), trouble: 'aws-unreachable' }],
    }),
    act: launch,
  },
  {
    name: 'F09',
    truth: ['F09'],
    scenario: (draw, ground) => ({
      faults: [{ fault: 'host-trouble', where: someNewNodes(draw, ground, ['all', 'group']), trouble: 'imds-blocked' }],
    }),
    act: launch,
  },
  {
    name: 'F10',
    truth: ['F10'],
    inLogOnly: true,
    scenario: (draw) => ({
      faults: [
        {
          fault: 'rbac-lacks-verb',
          where: { user: 'system:serviceaccount:kube-system:aws-node' },
          verbs: [draw.pick('verb', ['list', 'watch'])],
          resources: [draw.pick('resource', ['cninodes', 'eniconfigs', 'nodes'])],
        },
      ],
    }),
    act: launch,
  },
  {
    name: 'F11',
    truth: ['F11'],
    wish: () => ({ cni: ['v1.20.0-eksbuild.1', 'v1.20.1-eksbuild.3'] }),
    scenario: (draw, ground) => ({ world: { nodeGroups: { [draw.pick('new-family', ground.groups)]: { instanceTypes: ['m8i.large'] } } } }),
    act: launch,
  },
  {
    name: 'F12',
    truth: ['F12'],
    wish: () => ({ cni: [...UP_TO_20] }),
    scenario: (draw, ground) => ({
      world: { nodeGroups: { [draw.pick('new-family', ground.groups)]: { instanceTypes: ['m8i.large'] } } },
      faults: [{ fault: 'role-lacks-action', where: { role: 'aws-node' }, actions: ['ec2:DescribeInstanceTypes'] }],
    }),
    act: launch,
  },
  {
    name: 'F13',
    truth: ['F13'],
    inLogOnly: true,
    wish: () => ({ cni: ['v1.11.4-eksbuild.1', 'v1.12.0-eksbuild.1'] }),
    scenario: (draw, ground) => ({
      faults: [{ fault: 'host-trouble', where: someNewNodes(draw, ground, ['all', 'group']), trouble: 'iptables-unusable' }],
    }),
    act: launch,
  },
  {
    name: 'F14',
    truth: ['F14'],
    wish: () => ({ env: IN_TIME }),
    scenario: (draw, ground) => ({
      world: { network: { eniConfigs: ground.zones.map((name) => ({ name, subnet: name })) } },
      faults: [{ fault: 'object-gone', kind: 'ENIConfig', where: { name: draw.pick('gone', ground.zones) } }],
    }),
    act: launch,
  },
  {
    name: 'F15',
    truth: ['F15'],
    wish: () => ({ cni: ['v1.19.4-eksbuild.1'], types: TRUNK_TYPES, env: { ...IN_TIME, ENABLE_POD_ENI: 'true' } }),
    scenario: (_draw, ground) => ({ world: { network: { eniConfigs: ground.zones.map((name) => ({ name, subnet: name })) } } }),
    act: launch,
  },
  {
    name: 'F16',
    truth: ['F16'],
    wish: (draw) => ({ env: draw.pick('contradiction', CONTRADICTIONS), cni: [...CNI.middle, ...CNI.late] }),
    act(stage) {
      if (stage.draw.chance('in-place', 0.5)) stage.restartAwsNodes()
      stage.launch()
    },
  },
  {
    name: 'F17',
    truth: ['F17'],
    scenario: (draw, ground) => ({
      faults: [{ fault: 'host-trouble', where: someNewNodes(draw, ground, ['all', 'group']), trouble: 'no-bpf-fs' }],
    }),
    act: launch,
  },
  {
    name: 'F17 panic',
    truth: ['F17'],
    scenario: (draw, ground) => ({
      faults: [
        {
          fault: 'container-exits',
          where: { namespace: 'kube-system', workload: 'aws-node', ...someNewNodes(draw, ground, ['all', 'group', 'share']) },
          container: 'aws-eks-nodeagent',
          code: 2,
          log: ['panic: runtime error: invalid memory address or nil pointer dereference', 'main.configureeBPFProbes(...)'],
        },
      ],
    }),
    act: launch,
  },
  {
    name: 'F18',
    truth: ['F18'],
    wish: () => ({ cni: ['v1.23.1-eksbuild.1'] }),
    scenario: (draw) => ({
      faults: [
        {
          fault: 'workload-edited',
          where: { namespace: 'kube-system', workload: 'aws-node' },
          container: 'aws-eks-nodeagent',
          tag: draw.pick('agent', ['v1.3.7-eksbuild.1', 'v1.3.2-eksbuild.1', 'v1.2.4-eksbuild.1']),
        },
      ],
    }),
    act: (stage) => stage.pass(stage.draw.whole('wait', 8, 12) * MINUTE),
  },
]
