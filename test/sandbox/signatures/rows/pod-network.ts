import { expect } from 'vitest'
import { HOUR, MINUTE } from '../../../../src/model/instant.ts'
import type { WorkloadObject } from '../../../../src/sandbox/world/kubernetes/objects.ts'
import { GUARDED, HOWEVER_MANY } from '../guarded.ts'
import { networkFindings } from '../pod-network.ts'
import type { SignatureRow } from '../row.ts'
import type { Stage } from '../stage.ts'

/** The scenario's own pods are made anew. */
function replacePods(stage: Stage): void {
  for (const { metadata } of stage.pods('signature')) stage.world.deletePod('signature', metadata.name, undefined)
  stage.pass(4 * MINUTE)
}

/** The scenario's own Deployment grows. */
function scaleUp({ world, pass }: Stage): void {
  if (world.store.get('Deployment', 'signature', 'many') === undefined) return
  world.store.update('Deployment', 'signature', 'many', (current) => ({
    ...current,
    spec: { ...(current as WorkloadObject).spec, replicas: 9 },
  }))
  pass(4 * MINUTE)
}

const launchNodes = (stage: Stage) => stage.launchNodes()

/** Longer than the hour in which ipamd would sweep. */
function launchAndWait(stage: Stage): void {
  stage.launchNodes()
  stage.pass(HOUR)
}

const row = (
  code: string,
  title: string,
  act: SignatureRow['act'],
  evidence: readonly unknown[],
  rest: Partial<SignatureRow> = {},
): SignatureRow => ({
  code,
  title,
  act,
  look: networkFindings,
  evidence,
  ...rest,
})

/** The same of a row with guarded pods, of which there may be more. */
const guarded: typeof row = (code, title, act, evidence, rest = {}) => {
  const indifferent = { ...GUARDED.indifferent, 'world.workloads.0.replicas': HOWEVER_MANY, ...rest.indifferent }
  return row(code, title, act, evidence, { ...GUARDED, ...rest, indifferent })
}

const NO_ADDRESS =
  'Warning FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox ID: plugin type="aws-cni" name="aws-cni" failed (add): add cmd: failed to assign an IP address to container'

interface Where {
  readonly cordoned?: boolean
  readonly interfaces?: string
  /** What all nodes have; the same as this one unless said otherwise. */
  readonly elsewhere?: readonly string[]
  readonly free?: number | 'many'
  readonly blocks?: 'some' | 'none'
}

/** A pod without an address, on a node of a subnet that has plenty unless said otherwise. */
function withoutAddress(pod: string, asksForInterface: string, where: Where = {}, ...events: readonly string[]): unknown {
  const { cordoned = false, interfaces = 'none', elsewhere = [interfaces], free = 'many', blocks = 'some' } = where
  return {
    pod,
    phase: 'Pending',
    asksForInterface,
    annotated: false,
    node: { cordoned, interfaces, elsewhere, subnet: { free, blocks } },
    events: [...events, NO_ADDRESS],
  }
}

const NO_TRUNK = {
  interfaces: 'none',
  events: [
    'Normal NodeTrunkFailedInit: The node failed initializing trunk interface',
    'Warning TrunkENICreationFailed: Failed to create trunk interface: Error Code: UnauthorizedOperation: Please verify the cluster IAM role has AmazonEKSVPCResourceController policy',
  ],
}

/** An interface that nothing uses any more, with ipamd's tags. */
function leftBehind(addresses: unknown): unknown {
  const tags = ['cluster.k8s.amazonaws.com/name', 'eks:eni:owner', 'node.k8s.amazonaws.com/createdAt', 'node.k8s.amazonaws.com/instance_id']
  return { left: 'aws-K8S-INSTANCE', addresses, tags }
}

/** Signatures of pods that get no address although aws-node is Ready. */
export const POD_NETWORK_ROWS: readonly SignatureRow[] = [
  guarded('P02', 'EC2 refuses the branch interface of a pod', replacePods, [
    withoutAddress(
      'guarded',
      '1',
      { interfaces: '9' },
      'Normal SecurityGroupRequested: Pod will get the following Security Groups [sg-0123456789abcdef0]',
      'Warning BranchAllocationFailed: failed to allocate branch ENI to pod: creating network interface, operation error EC2: CreateNetworkInterface, https response error StatusCode: 403, RequestID: ID, api error UnauthorizedOperation: You are not authorized to perform this operation.',
    ),
  ]),
  guarded('P03', 'no branch, and no word from the controller', replacePods, [withoutAddress('guarded', '1', { interfaces: '9' })]),
  guarded('P04', 'no node has room for a branch', launchNodes, [
    {
      pod: 'guarded',
      phase: 'Pending',
      asksForInterface: '1',
      annotated: false,
      unschedulable: expect.stringMatching(/^0\/8 nodes are available: 8 Insufficient vpc\.amazonaws\.com\/pod-eni\./),
      // Nodes of the beginning said so long ago.
      nodes: [
        {
          type: 't3.large',
          interfaces: 'none',
          events: ['Warning Unsupported: The instance type t3.large is not supported for trunk interface (Security Group for Pods)'],
        },
        { type: 't3.large', interfaces: 'none', events: [] },
      ],
      events: ['Warning FailedScheduling'],
    },
  ]),
  row('P05', 'the controller may not create the trunk of a new node', launchNodes, [
    { type: 'm5.large', ...NO_TRUNK },
    { type: 'm6i.large', ...NO_TRUNK },
  ]),
  row('P06', 'the pool of a node is empty, its subnet is not', scaleUp, [withoutAddress('many', 'no')], {
    outside: { 'world.workloads.0.cpu': '11m' },
    indifferent: {
      'world.workloads.0.replicas': 'they are scaled up all the same',
      'world.workloads.0.cpu': 'they need no more than a node has',
    },
  }),
  {
    ...row('P07', 'a subnet has no address for nodes or pods', launchNodes, [
      {
        launch:
          "Could not launch On-Demand Instances. InsufficientFreeAddressesInSubnet - There are not enough free addresses in subnet 'SUBNET' to satisfy the requested number of instances. Launching EC2 instance failed.",
      },
      withoutAddress('everywhere', 'no', { free: 0, blocks: 'none' }),
    ]),
    outside: { 'world.network.crowded.0.free': 200 },
    indifferent: {
      'world.workloads.0': 'nodes find no address either, whatever is to run on them',
      'world.network.crowded.0.subnet': 'one full subnet shows it as well as two',
    },
  },
  row('P08', 'a subnet has addresses and no block for a prefix', launchNodes, [withoutAddress('everywhere', 'no', { blocks: 'none' })], {
    indifferent: { 'world.network.fragmented.0.subnet': 'one fragmented subnet shows it as well as two' },
  }),
  row('P09', 'pods on cordoned nodes get no address', launchNodes, [withoutAddress('everywhere', 'no', { cordoned: true })]),
  row(
    'P21',
    'pods with security groups find no place on the nodes of an upgrade',
    launchNodes,
    [
      {
        pod: 'guarded',
        phase: 'Pending',
        asksForInterface: '1',
        annotated: false,
        unschedulable: expect.stringMatching(
          /^0\/8 nodes are available: 1 Insufficient vpc\.amazonaws\.com\/pod-eni, 7 node\(s\) didn't satisfy plugin\(s\) \[NodeAffinity\]\./,
        ),
        nodes: ['m5.large', 'm6i.large'].flatMap((type) => ['9', 'none'].map((interfaces) => ({ type, interfaces, events: [] }))),
        events: ['Warning FailedScheduling'],
      },
    ],
    GUARDED,
  ),
  row('P22', 'interfaces of dead nodes hold addresses', launchAndWait, [leftBehind(10)], {
    signs: [leftBehind(expect.any(Number))],
    indifferent: {
      'world.network.leaked.0.subnet': 'one subnet shows it as well as two',
      'world.network.leaked.0.count': HOWEVER_MANY,
      'world.network.leaked.0.secondary': 'however many addresses each holds, nobody uses them',
    },
  }),
  guarded('P23', 'pods without grace leave their branches', replacePods, [{ branchesWithoutPod: 2 }], {
    signs: [{ branchesWithoutPod: expect.any(Number) }],
    indifferent: { 'world.workloads.0.name': 'what the pods are called decides nothing' },
  }),
]
