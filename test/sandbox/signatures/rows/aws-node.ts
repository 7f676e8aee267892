import { MINUTE } from '../../../../src/model/instant.ts'
import type { SignatureRow } from '../row.ts'
import { sickNodes } from '../sick-nodes.ts'
import type { Stage } from '../stage.ts'
import { backOff, EVERYWHERE, ends, hung, ipamd, missing, POLLING, probing, refused, STARTED, serving } from './hung.ts'

const launch = (stage: Stage) => stage.launchNodes()
const WAITING = { ready: false, restarts: 0, state: 'PodInitializing' }
const M8I = { instanceType: 'm8i.large' }

/** Signatures of an aws-node that does not become Ready. */
export const AWS_NODE_ROWS: readonly SignatureRow[] = [
  row('F01', 'some new nodes hang, and nothing says why', launch, [hung('other b')]),
  row('F02', 'every updated node names the action that the role lacks', update('v1.22.1-eksbuild.2'), [
    hung('other a', { ready: 'True', events: [missing('ec2:DescribeSecurityGroups')] }),
  ]),
  row('F03', 'an IPv6 cluster names ec2:DescribeSubnets', update('v1.23.1-eksbuild.1'), [
    hung('other a', {
      ready: 'True',
      address: 'unix:///var/run/aws-node/ipamd.sock',
      events: [missing('ec2:DescribeSubnets')],
      log: [ipamd(`Initialization failure: checking to exclude configured subnet, error: ${refused('DescribeSubnets')}`)],
    }),
  ]),
  row('F04', 'the agent that hands out credentials is down on the same nodes', launch, [
    hung('other a', {
      credentials: 'AWS_CONTAINER_CREDENTIALS_FULL_URI',
      notReady: { 'eks-pod-identity-agent': { 'eks-pod-identity-agent': ends(1) } },
    }),
  ]),
  row(
    'F05',
    'kube-proxy is down on the same nodes',
    launch,
    ['other a', 'app b', 'other b'].map((place) =>
      hung(place as 'app b', {
        log: [ipamd('Unable to reach API Server, Get "https://172.20.0.1:443/version": dial tcp 172.20.0.1:443: i/o timeout')],
        notReady: { 'kube-proxy': { 'kube-proxy': ends(1) } },
      }),
    ),
  ),
  row('F06', 'old nodes hang after a restart in place, new ones are well', restartAndLaunch, [
    hung('app b', { ready: 'True' }),
    hung('other b', { ready: 'True' }),
  ]),
  row(
    'F07',
    'new nodes hang for minutes, then serve',
    launch,
    EVERYWHERE.map((place) =>
      serving(place, {
        log: POLLING,
        containers: { 'aws-node': { ready: true, restarts: 1, state: 'Running', exitCode: 2, exitReason: 'Error' } },
        events: probing().slice(0, 3),
      }),
    ),
    { outside: { 'faults.0.by': '1s' } },
  ),
  row(
    'F08',
    'new nodes of one zone hang at their first call to EC2',
    launch,
    (['app a', 'other a'] as const).map((place) =>
      hung(place, {
        log: [
          ipamd(
            'Initialization failure: ipamd init: failed to retrieve attached ENIs info: operation error EC2: DescribeNetworkInterfaces, exceeded maximum number of attempts, 3, i/o timeout',
          ),
        ],
      }),
    ),
    { outside: { 'faults.0.trouble': 'iptables-unusable' } },
  ),
  row(
    'F09',
    'the init container fails, before ipamd',
    launch,
    EVERYWHERE.map((place) => ({
      ...hung(place, { containers: { 'aws-vpc-cni-init': ends(1), 'aws-node': WAITING, 'aws-eks-nodeagent': WAITING } }),
      log: [],
      initLog: [
        'level=info msg="Copying CNI plugin binaries ..."',
        'level=info msg="Copied all CNI plugin binaries to /host/opt/cni/bin"',
        'level=error msg="Failed to get primary IF" error="Failed to get primary MAC from IMDS: request canceled, context deadline exceeded"',
      ],
      events: [backOff('aws-vpc-cni-init'), { ...STARTED, message: 'Started container aws-vpc-cni-init' }],
    })),
    { outside: { 'faults.0.trouble': 'iptables-unusable' } },
  ),
  row(
    'F10',
    'the client of ipamd may not watch a kind',
    launch,
    EVERYWHERE.map((place) =>
      hung(place, {
        log: [
          ipamd(
            'Failed to watch *v1alpha1.CNINode: failed to list *v1alpha1.CNINode: cninodes.vpcresources.k8s.aws is forbidden: User "system:serviceaccount:kube-system:aws-node" cannot list resource "cninodes" in API group "vpcresources.k8s.aws" at the cluster scope',
          ),
        ],
      }),
    ),
  ),
  row(
    'F11',
    'ipamd panics on a new instance family',
    launch,
    EVERYWHERE.map((place) =>
      hung(place, {
        ...M8I,
        log: [
          'panic: runtime error: index out of range [0] with length 0',
          'goroutine 1 [running]:',
          'github.com/aws/amazon-vpc-cni-k8s/pkg/ipamd.(*IPAMContext).markUnmanagedNetworkCards(...)',
        ],
      }),
    ),
  ),
  row(
    'F12',
    'nobody knows the limits of a new instance family',
    launch,
    EVERYWHERE.map((place) =>
      hung(place, {
        ...M8I,
        log: [
          ipamd('Failed to get ENI limits from file:vpc_ip_limits or EC2 for m8i.large'),
          ipamd(`Initialization failure: Failed calling DescribeInstanceTypes for \`m8i.large\`: ${refused('DescribeInstanceTypes')}`),
        ],
        events: [missing('ec2:DescribeInstanceTypes')],
      }),
    ),
  ),
  row(
    'F13',
    'the host network cannot be set up on an image of its own',
    launch,
    EVERYWHERE.map((place) =>
      hung(place, {
        exitCode: 137,
        containers: { 'aws-eks-nodeagent': undefined },
        log: [
          ipamd(
            "Initialization failure: ipamd init: failed to set up host network: host network setup: failed to create iptables: can't initialize iptables table `nat'",
          ),
        ],
      }),
    ),
    { outside: { 'faults.0.trouble': 'no-bpf-fs' } },
  ),
  row(
    'F14',
    'new nodes of a zone without ENIConfig get no interface for pods',
    launch,
    (['app a', 'other a'] as const).map((place) =>
      hung(place, { log: [ipamd('Initialization failure: Failed to attach any ENIs for custom networking')] }),
    ),
    {
      indifferent: {
        'world.network.eniConfigs.0': 'an ENIConfig that never was is missed like one that was taken away',
        'world.network.eniConfigs.1': 'the zone without it stays without it, whatever another has',
        'world.addons.vpc-cni.configuration.env.ENI_CONFIG_LABEL_DEF': 'without the label no zone has one, this one neither',
      },
    },
  ),
  row(
    'F15',
    'custom networking and security groups for pods at once, in one version',
    launch,
    EVERYWHERE.map((place) =>
      hung(place, {
        log: [
          ipamd(
            'Initialization failure: Failed to add feature custom networking into CNINode: no matches for kind "CNINode" in version "vpcresources.k8s.aws/v1alpha1"',
          ),
        ],
      }),
    ),
    {
      indifferent: {
        'world.network.eniConfigs.0': 'the nodes of the other zone show it still',
        'world.network.eniConfigs.1': 'the nodes of the other zone show it still',
      },
    },
  ),
  row(
    'F16',
    'every node says what is wrong with the configuration',
    restart,
    EVERYWHERE.map((place) =>
      hung(place, {
        ready: 'True',
        log: [
          ipamd('IPv4 and IPv6 are both enabled. VPC CNI currently does not support dual stack mode'),
          ipamd('Initialization failure: ipamd: failed to validate configuration'),
        ],
      }),
    ),
  ),
  row(
    'F17',
    'the node agent crash-loops, aws-node beside it is well',
    launch,
    EVERYWHERE.map((place) =>
      serving(place, {
        containers: { 'aws-eks-nodeagent': ends(1) },
        agentLog: [
          '{"level":"info","msg":"Starting network policy agent"}',
          '{"level":"error","msg":"unable to init network policy agent: failed to mount BPF filesystem: no such device"}',
        ],
        events: [backOff('aws-eks-nodeagent'), { ...STARTED, message: 'Started container aws-eks-nodeagent' }],
      }),
    ),
    { outside: { 'faults.0.trouble': 'iptables-unusable' } },
  ),
  row(
    'F18',
    'the node agent asks for ipamd for ever',
    (stage) => stage.pass(10 * MINUTE),
    EVERYWHERE.map((place) => serving(place, { agentLog: ['Failed to connect to ipamd'] })),
    { outside: { 'faults.0.tag': 'v1.4.2-eksbuild.1' } },
  ),
]

function row(
  code: string,
  title: string,
  act: SignatureRow['act'],
  evidence: readonly unknown[],
  rest: Partial<SignatureRow> = {},
): SignatureRow {
  return { code, title, act, look: sickNodes, evidence, ...rest }
}

function update(version: string): SignatureRow['act'] {
  return (stage) => {
    stage.updateCni(version)
    stage.pass(5 * MINUTE)
  }
}

function restart(stage: Stage): void {
  stage.restartAwsNodes()
  stage.pass(5 * MINUTE)
}

function restartAndLaunch(stage: Stage): void {
  stage.restartAwsNodes()
  stage.launchNodes()
}
