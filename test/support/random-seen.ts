import fc from 'fast-check'
import type { EksUpdate } from '../../src/model/aws.ts'
import type { CommandResult } from '../../src/model/command.ts'
import type { GroupFacts, NodeFacts, Seen } from '../../src/model/seen.ts'
import type { RunRequest } from '../../src/ports/run-record.ts'
import { replaced, type Tale } from './tale.ts'

/** What may happen between two decisions: anything that an adapter could report, whether or not a cluster would do it. */
export type Happening = (tale: Tale, turn: number) => void

const share = fc.double({ min: 0, max: 1, noNaN: true })

type NodeChange = (node: NodeFacts, now: number) => Partial<NodeFacts>
type GroupChange = (group: GroupFacts, now: number) => Partial<GroupFacts>
type SeenChange = (seen: Seen) => Partial<Seen>

const nodeChange = fc.constantFrom<NodeChange>(
  () => ({ ready: 'False' }),
  () => ({ ready: 'Unknown' }),
  (_node, now) => ({ ready: 'True', readySince: now }),
  () => ({ cordoned: true, excludedFromBalancers: true }),
  () => ({ cordoned: false, excludedFromBalancers: false }),
  () => ({ deleting: true }),
  () => ({ awsNode: undefined }),
  () => ({ ourTaints: ['serin.dev/aws-node-failing'] }),
  () => ({ ourTaints: [] }),
  ({ awsNode }, now) => ({
    awsNode: awsNode && {
      ...awsNode,
      containers: awsNode.containers.map((one) => ({ ...one, ready: false, restarts: 4, startedAt: now })),
    },
  }),
  ({ awsNode }, now) => ({ awsNode: awsNode && { ...awsNode, uid: `${awsNode.uid}+`, boundAt: now } }),
  (_node, now) => ({ waitingPods: [{ namespace: 'shop', name: 'web', boundAt: now - 200_000, cause: 'cni' }], addressedPods: 0 }),
  () => ({ kubeletMinor: undefined, image: undefined, readySince: undefined, awsNode: undefined, zone: undefined }),
)

const groupChange: fc.Arbitrary<GroupChange> = fc.oneof(
  fc.constantFrom<GroupChange>(
    () => ({ status: 'UPDATING' }),
    () => ({ status: 'ACTIVE' }),
    () => ({ status: 'DEGRADED', health: [{ code: 'IamRoleNotFound', message: 'gone' }] }),
    (group) => ({ status: 'ACTIVE', spec: { version: '1.33', releaseVersion: group.spec.releaseVersion } }),
    (group, now) => ({ status: 'ACTIVE', nodes: replaced(group.nodes, now), spec: { version: '1.33', releaseVersion: '1.33.5-20261105' } }),
    (group) => ({ nodes: group.nodes.slice(1) }),
    () => ({ nodes: [] }),
    () => ({ updateConfig: { maxUnavailable: 2, updateStrategy: 'MINIMAL' } }),
  ),
  fc.tuple(nodeChange, share).map(([change, some]) => (group: GroupFacts, now: number) => ({
    nodes: group.nodes.map((node, index) => (index < some * group.nodes.length + 1 ? { ...node, ...change(node, now) } : node)),
  })),
)

const seenChange = fc.constantFrom<SeenChange>(
  (seen) => ({ unavailable: [{ source: 'kubernetes:pods', reason: '403', since: seen.now }] }),
  (seen) => ({ unavailable: [{ source: 'eks:DescribeUpdate', reason: '500', since: seen.now }] }),
  () => ({ unavailable: [] }),
  () => ({ lease: 'unknown' }),
  () => ({ lease: 'held' }),
  () => ({ throttled: 7 }),
  () => ({ addons: {} }),
  () => ({ awsNode: undefined }),
  () => ({ groups: {} }),
  (seen) => ({ plainReadAt: seen.now }),
  (seen) => ({ workloads: seen.workloads.map((workload) => ({ ...workload, available: 0 })) }),
  (seen) => ({ addons: Object.fromEntries(Object.entries(seen.addons).map(([name, addon]) => [name, { ...addon, status: 'UPDATING' }])) }),
)

const updateEnd = fc.constantFrom<Partial<EksUpdate>>(
  { status: 'InProgress' },
  { status: 'Successful' },
  { status: 'Cancelled' },
  { status: 'SomethingNew' },
  { status: 'Failed', errors: [] },
  ...['PodEvictionFailure', 'NodeCreationFailure', 'InsufficientFreeAddresses', 'AccessDenied', 'NeverSeen'].map((errorCode) => ({
    status: 'Failed',
    errors: [{ errorCode }],
  })),
)

const asked = fc.record({
  kind: fc.constantFrom<RunRequest['kind']>('approve', 'accept', 'hold', 'rollback', 'abandon', 'resume'),
  by: fc.constantFrom('lena', 'olu'),
  gate: fc.constantFrom(undefined, 'ipam'),
})

/** What is asked of a run in one turn, if anything. */
export const requestArbitrary = fc.option(asked, { nil: undefined, freq: 8 })

export const resultArbitrary = fc.constantFrom<CommandResult>(
  { kind: 'accepted', updateId: 'u-1' },
  { kind: 'accepted', updateId: 'u-2' },
  { kind: 'accepted' },
  { kind: 'deferred', code: 'ResourceInUseException', message: 'busy' },
  { kind: 'unsettled', code: 'REMOTE_THROTTLED', message: 'slow down' },
  { kind: 'refused', code: 'InvalidParameterException', message: 'no' },
  { kind: 'moot' },
)

export const happeningArbitrary: fc.Arbitrary<Happening> = fc.oneof(
  fc.constantFrom(1 / 6, 1, 5, 20, 120).map(
    (minutes): Happening =>
      (tale) =>
        tale.passes(minutes),
  ),
  fc.tuple(fc.nat(), groupChange).map(
    ([which, change]): Happening =>
      (tale) => {
        const names = Object.keys(tale.seen.groups)
        const name = names[which % Math.max(1, names.length)]
        if (name !== undefined) tale.group(name, (group) => change(group, tale.now))
      },
  ),
  seenChange.map(
    (change): Happening =>
      (tale) =>
        tale.world(change),
  ),
  fc.tuple(fc.constantFrom('u-1', 'u-2'), updateEnd).map(
    ([id, end]): Happening =>
      (tale) => {
        tale.world((seen) => ({ updates: { ...seen.updates, [id]: { id, ...end } } }))
      },
  ),
)
