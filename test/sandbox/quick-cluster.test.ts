import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { connectCluster } from '../../src/adapters/connect.ts'
import { openObserver } from '../../src/engine/observe.ts'
import { perform } from '../../src/engine/perform.ts'
import type { Action } from '../../src/model/command.ts'
import { MINUTE, type Millis, SECOND } from '../../src/model/instant.ts'
import { KEEP_FROM_AUTOSCALER, KEPT, RETIRED } from '../../src/model/kubernetes.ts'
import type { NewGroup } from '../../src/model/replacement.ts'
import type { GroupFacts, NodeFacts, Seen } from '../../src/model/seen.ts'
import type { ClusterPorts } from '../../src/ports/ports.ts'
import { connectInProcess } from '../../src/sandbox/in-process.ts'
import { openWorld } from '../../src/sandbox/world/open.ts'
import { scenario } from '../scenarios/self-managed.ts'
import type { GroupChoice, QuickChoice } from '../support/quick/choice.ts'
import { QuickCluster } from '../support/quick/cluster.ts'
import { RELEASES } from '../support/quick/groups.ts'
import { quickPorts } from '../support/quick/ports.ts'
import { Watch } from '../support/quick/watch.ts'
import { NOW } from '../support/seen-builder.ts'

/**
 * The quick cluster is held to the sandbox: the same deeds, through the same performing, leave the same picture once the dust has
 * settled. What names, ids and moments are is left out: the quick one has paces of its own.
 */

const [MANAGED, OWN] = ['app-1', 'asg:app-2']

/** One of the two clusters: two managed nodes, two of a self-managed group, three pods on each that a budget guards. */
interface Side {
  readonly does: (action: Action, again?: boolean) => Promise<string>
  readonly passes: (span: Millis) => Promise<void>
  readonly picture: () => Promise<Seen>
  /** What a new group beside one of the two is made of. */
  readonly made: (group: string) => Promise<NewGroup>
  readonly template: () => Promise<string>
  readonly close: () => void
}

interface Trouble {
  /** Budgets that allow nothing, or new nodes that never join. */
  readonly budget?: 0
  readonly joins?: false
}

const GROUP: Omit<GroupChoice, 'kind'> = {
  ...{ nodes: 2, spare: 2, zones: 1, maxUnavailable: 1, surge: 1, minimal: false, zoneByZone: false, suspended: false },
  ...{ protectsNew: false, first: 'plain' },
}

function quickSide({ budget, joins }: Trouble): Side {
  const pods = { pods: 3, budget: budget ?? 1, grace: 30 * SECOND }
  const choice: QuickChoice = {
    ...{
      seed: 1,
      groups: [
        { ...GROUP, kind: 'managed' },
        { ...GROUP, kind: 'self' },
      ],
      lost: 0,
      others: [],
      deaths: [],
      person: 'leaves',
    },
    workloads: [
      { ...pods, home: 0 },
      { ...pods, home: 1 },
    ],
    fate: { kind: joins === false ? 'never-joins' : 'well', share: joins === false ? 1 : 0 },
    plan: {
      ...{ canary: false, batch: 1, gated: true, soak: 0, approval: false, consents: true, share: 1, blocked: 'force' },
      rollback: { canary: 'hold', waves: 'hold', grace: 0 },
    },
  }
  const cluster = new QuickCluster(choice, NOW)
  const ports = quickPorts(cluster, new Watch(cluster), async (_name, act) => await act()) as ClusterPorts
  return {
    does: doing(ports, () => cluster.now),
    passes: async (span) => cluster.timers.advanceTo(cluster.now + span),
    picture: async () => cluster.seen(cluster.now),
    made: async (group) =>
      group === MANAGED
        ? { kind: 'managed', settings: { nodeRole: 'r', subnets: [], tags: {} } }
        : { kind: 'self-managed', settings: { Tags: [] }, hooksOf: 'app-2' },
    template: async () => 'lt-app-2',
    close: () => {},
  }
}

const workloadOf = (home: string, budget: number) =>
  `  - { kind: Deployment, namespace: shop, name: ${home}, replicas: 3, cpu: 100m, nodeSelector: { home: ${home} }, budget: { maxUnavailable: ${budget} }, gracePeriodSeconds: 30 }`

const worldOf = (budget: number) => `
apiVersion: serin.dev/v1alpha1
kind: World
metadata: { name: quick }
clock: { start: "2026-09-29T19:30:00Z" }
cluster: { name: shop, region: eu-central-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets:
  - { name: nodes-a, zone: eu-central-1a, cidr: 10.0.0.0/22, used: 40 }
launchTemplates:
  - { name: workers, versions: [{ instanceType: m5.large, image: { kubernetesVersion: "1.32" } }, { instanceType: m5.large, image: { kubernetesVersion: "1.33" } }] }
nodeGroups:
  - { name: app-1, instanceTypes: [m5.large], subnets: [nodes-a], size: { min: 0, max: 4, desired: 2 }, kubernetesVersion: "1.32", releaseVersion: "1.32.9-20260815", update: { maxUnavailable: 1 }, labels: { home: app-1 } }
  - { name: app-2, form: self-managed, instanceTypes: [m5.large], subnets: [nodes-a], size: { min: 0, max: 4, desired: 2 }, selfManaged: { launchTemplate: { name: workers, version: 1 } }, labels: { home: app-2 } }
addons:
  - { name: kube-proxy, version: v1.33.5-eksbuild.2 }
  - { name: vpc-cni, version: v1.20.4-eksbuild.2 }
workloads:
${workloadOf('app-1', budget)}
${workloadOf('app-2', budget)}
`

async function sandboxSide({ budget, joins }: Trouble): Promise<Side> {
  const scenarios = joins === false ? [scenario('never', '{ fault: node-never-joins, where: { launchedLater: true } }')] : []
  const world = openWorld({ world: worldOf(budget ?? 1), scenarios })
  const { transport, clock, settle } = connectInProcess(world, {})
  const home = mkdtempSync(join(tmpdir(), 'serin-quick-'))
  const ports = await connectCluster({
    ...{ cluster: 'shop', region: 'eu-central-1', transport, clock },
    identity: 'tester',
    runFolder: home,
  })
  settle(ports.caches)
  const observer = openObserver(ports, 'shop', {
    ...{
      selfManaged: ['app-2', 'app-2-new'],
      replacing: [MANAGED, OWN, `${MANAGED}-new`, `${OWN}-new`],
      updatingEvery: 0,
      refreshEvery: 0,
    },
  })
  const updates = new Set<string>()
  const picture = async () => {
    const names = [MANAGED, OWN, ...(await ports.eks.listNodegroups('shop')).filter((name) => name.endsWith('-new')), `${OWN}-new`]
    for (const id of await ports.eks.listUpdates('shop', { nodegroup: MANAGED })) updates.add(id)
    await observer.plainRead()
    const wanted = { groups: [...new Set(names)], addons: [], logsOf: [], updates: [...updates].map((id) => ({ id, nodegroup: MANAGED })) }
    return await observer.picture(wanted)
  }
  const template = async () => (await picture()).groups[OWN]?.spec.launchTemplate?.id ?? ''
  return {
    does: doing(ports, () => clock.now()),
    passes: async (span) => await clock.sleepUntil(clock.now() + span),
    picture,
    template,
    made: async (group) => {
      const { nodeRole = '', subnets = [] } = await ports.eks.describeNodegroup('shop', MANAGED)
      if (group === MANAGED) return { kind: 'managed', settings: { nodeRole, subnets, tags: {}, labels: { home: 'app-1' } } }
      const launch = { LaunchTemplate: { LaunchTemplateId: await template(), Version: '2' } }
      return { kind: 'self-managed', settings: { Tags: [], VPCZoneIdentifier: subnets.join(','), ...launch }, hooksOf: 'app-2' }
    },
    close: () => {
      void observer.stop()
      rmSync(home, { recursive: true, force: true })
    },
  }
}

function doing(ports: ClusterPorts, now: () => number): Side['does'] {
  let count = 0
  return async (action, again = false) => {
    count += again ? 0 : 1
    const result = await perform(ports, 'shop', { id: `c-${count}`, step: 's', action }, now(), again)
    return result.kind
  }
}

/** What a run can tell apart, without names and moments. */
function shapeOf(seen: Seen) {
  const groups = Object.values(seen.groups).filter(({ name }) => [MANAGED, OWN, `${MANAGED}-new`, `${OWN}-new`].includes(name))
  return {
    groups: Object.fromEntries(groups.map((group) => [group.name, { ...groupShape(group), pods: podsOn(group, seen) }])),
    budgets: Object.fromEntries(
      seen.budgets
        .filter(({ key }) => key.startsWith('shop/'))
        .map(({ disruptionsAllowed, currentHealthy, desiredHealthy }, index) => [
          index,
          { disruptionsAllowed, currentHealthy, desiredHealthy },
        ]),
    ),
    updates: Object.values(seen.updates).map(({ status, errors = [] }) => [status, ...errors.map(({ errorCode }) => errorCode)]),
  }
}

/** Guarded pods on the nodes of a group. */
function podsOn({ nodes }: GroupFacts, { budgets }: Seen): number {
  const names = new Set<string | undefined>(nodes.map(({ name }) => name))
  return budgets.flatMap(({ key, pods }) => (key.startsWith('shop/') ? pods.filter(({ node }) => names.has(node)) : [])).length
}

function groupShape({ status, spec, sizes, autoScaling, nodes, madeBy, updateConfig }: GroupFacts) {
  return {
    ...{ status, madeBy, release: spec.releaseVersion, launches: spec.launchTemplate?.version, sizes, scaling: autoScaling?.sizes },
    pace: updateConfig.maxUnavailable,
    suspended: autoScaling?.suspended,
    members: autoScaling?.members?.map(({ lifecycle, protected: kept, template }) => `${lifecycle} ${kept} ${template?.version}`).sort(),
    nodes: nodes.map(nodeShape).sort(),
  }
}

function nodeShape({
  ready,
  cordoned,
  excludedFromBalancers,
  retired,
  kept,
  keptFromAutoscaler,
  ourTaints,
  kubeletMinor,
}: NodeFacts): string {
  const marks = { cordoned, excludedFromBalancers, retired, kept, keptFromAutoscaler }
  const set = Object.entries(marks).flatMap(([mark, is]) => (is === true ? [mark] : []))
  return [kubeletMinor, ready, ...set, ...ourTaints].join(' ')
}

/** A deed on one side, and what it answered. */
type Deed = (side: Side) => Promise<unknown>

const nodesOf = async (side: Side, group: string) =>
  [...((await side.picture()).groups[group]?.nodes ?? [])].sort((a, b) => a.createdAt - b.createdAt)
const onNode =
  (group: string, nth: number, action: (node: NodeFacts) => Action): Deed =>
  async (side) => {
    const node = (await nodesOf(side, group)).at(nth)
    return node === undefined ? 'no node' : await side.does(action(node))
  }
const onPods =
  (group: string, kind: 'evict-pod' | 'delete-pod'): Deed =>
  async (side) => {
    const busy = (await nodesOf(side, group)).find(({ cordoned }) => cordoned)
    const pods = (busy?.pods ?? []).filter(({ stays }) => stays === undefined)
    const answers: string[] = []
    for (const { namespace, name: pod, uid } of pods) answers.push(await side.does({ kind, namespace, pod, uid, node: busy?.name ?? '' }))
    // How many pods are on it is the scheduler's; of a budget of one there is one that may go.
    return [answers.includes('accepted'), answers.filter((answer) => answer !== 'accepted' && answer !== 'held')]
  }
const does =
  (action: Action): Deed =>
  (side) =>
    side.does(action)
const passes =
  (span: Millis): Deed =>
  (side) =>
    side.passes(span)

const autoScalingGroup = 'app-2'
const retire = onNode(OWN, 0, ({ name: node }) => ({ kind: 'retire-node', node }))
const end = (decrement: boolean) =>
  onNode(OWN, 0, ({ name: node, instanceId = '' }) => ({ kind: 'terminate-instance', autoScalingGroup, instanceId, decrement, node }))
const raise: Deed = async (side) => {
  const id = await side.template()
  const launch = { kind: 'template' as const, id, version: '2' }
  return await side.does({ kind: 'update-scaling-group', autoScalingGroup, change: { launch, desired: 3, raisedBy: 1 } })
}
const update = does({ kind: 'update-nodegroup-version', group: MANAGED, spec: { ...RELEASES['2'] } })
const create =
  (group: string): Deed =>
  async (side) =>
    await side.does({
      ...{ kind: 'create-group', group: `${group}-new`, replaces: group, run: 'r', made: await side.made(group) },
      sizes: { min: 1, max: 3, desired: 1 },
    })
const remove =
  (group: string): Deed =>
  async (side) => {
    const arn = (await side.picture()).groups[`${group}-new`]?.arn ?? ''
    return await side.does({ kind: 'delete-group', group: `${group}-new`, arn, run: 'r' })
  }
const mark = (key: string, value?: string) =>
  onNode(OWN, 0, ({ name: node }) => ({ kind: 'annotate-node', node, key, ...(value !== undefined && { value }) }))

const ROWS: readonly { readonly title: string; readonly deeds: readonly Deed[]; readonly trouble?: Trouble }[] = [
  { title: 'nothing is done', deeds: [passes(5 * MINUTE)] },
  { title: 'a node is retired', deeds: [retire, passes(MINUTE)] },
  {
    title: 'a node is retired and put back, mark by mark',
    deeds: [
      ...[retire, onNode(OWN, 0, ({ name: node }) => ({ kind: 'uncordon', node }))],
      ...[
        onNode(OWN, 0, ({ name: node }) => ({ kind: 'include-in-balancers', node })),
        mark(RETIRED),
        mark(KEEP_FROM_AUTOSCALER),
        passes(MINUTE),
      ],
    ],
  },
  { title: 'a node is emptied as far as its budget allows', deeds: [retire, onPods(OWN, 'evict-pod'), passes(5 * MINUTE)] },
  { title: 'a node is emptied, and kept', deeds: [retire, ...turns(), mark(RETIRED, KEPT), passes(MINUTE)] },
  { title: 'a budget allows nothing', deeds: [retire, onPods(OWN, 'evict-pod'), passes(5 * MINUTE)], trouble: { budget: 0 } },
  { title: 'pods are deleted past a budget', deeds: [retire, onPods(OWN, 'delete-pod'), passes(5 * MINUTE)], trouble: { budget: 0 } },
  { title: 'a node is replaced', deeds: [retire, ...turns(), end(false), passes(6 * MINUTE)] },
  { title: 'a node goes without another', deeds: [retire, ...turns(), end(true), passes(6 * MINUTE)] },
  {
    title: 'an instance that is not there is ended',
    deeds: [does({ kind: 'terminate-instance', autoScalingGroup, instanceId: 'i-00000000000000001', decrement: false }), passes(MINUTE)],
  },
  { title: 'a group is raised, and launches from another template', deeds: [raise, passes(6 * MINUTE)] },
  { title: 'what is raised never joins', deeds: [raise, passes(6 * MINUTE)], trouble: { joins: false } },
  {
    title: 'processes are suspended and resumed',
    deeds: [
      does({ kind: 'suspend-processes', autoScalingGroup, processes: ['AZRebalance'] }),
      passes(MINUTE),
      does({ kind: 'resume-processes', autoScalingGroup, processes: ['AZRebalance'] }),
      passes(2 * MINUTE),
    ],
  },
  {
    title: 'instances are protected',
    deeds: [
      onNode(OWN, 0, ({ instanceId = '' }) => ({ kind: 'protect-instances', autoScalingGroup, instanceIds: [instanceId], protect: true })),
      passes(MINUTE),
    ],
  },
  { title: 'a node is avoided', deeds: [onNode(OWN, 0, ({ name: node }) => ({ kind: 'avoid-node', node, avoid: true })), passes(MINUTE)] },
  { title: 'a managed group is updated', deeds: [update, passes(60 * MINUTE)] },
  { title: 'a managed group is updated, twice by one token', deeds: [update, does2(), passes(60 * MINUTE)] },
  { title: 'a managed group is updated, and a budget allows nothing', deeds: [update, passes(60 * MINUTE)], trouble: { budget: 0 } },
  { title: 'a managed group is updated, and its nodes never join', deeds: [update, passes(60 * MINUTE)], trouble: { joins: false } },
  {
    title: 'update settings of a managed group are changed',
    deeds: [
      does({ kind: 'update-nodegroup-config', group: MANAGED, settings: { maxUnavailable: 2, updateStrategy: 'DEFAULT' } }),
      passes(3 * MINUTE),
    ],
  },
  {
    title: 'a managed group is scaled up',
    deeds: [does({ kind: 'scale-nodegroup', group: MANAGED, sizes: { min: 1, max: 4, desired: 3, raisedBy: 1 } }), passes(8 * MINUTE)],
  },
  { title: 'a managed group is made', deeds: [create(MANAGED), passes(10 * MINUTE)] },
  { title: 'a managed group is made and deleted', deeds: [create(MANAGED), passes(10 * MINUTE), remove(MANAGED), passes(30 * MINUTE)] },
  { title: 'a managed group is made, and its nodes never join', deeds: [create(MANAGED), passes(40 * MINUTE)], trouble: { joins: false } },
  { title: 'a self-managed group is made', deeds: [create(OWN), passes(10 * MINUTE)] },
  { title: 'a self-managed group is made and deleted', deeds: [create(OWN), passes(10 * MINUTE), remove(OWN), passes(10 * MINUTE)] },
]

/** Evictions until nothing is left on the node. */
function turns(): readonly Deed[] {
  const silently: Deed = async (side) => void (await onPods(OWN, 'evict-pod')(side))
  return [1, 2, 3].flatMap(() => [silently, passes(2 * MINUTE)])
}

function does2(): Deed {
  return (side) => side.does({ kind: 'update-nodegroup-version', group: MANAGED, spec: { ...RELEASES['2'] } }, true)
}

async function played(side: Side, deeds: readonly Deed[]) {
  const answers: unknown[] = []
  try {
    for (const deed of deeds) answers.push(await deed(side))
    return { answers, shape: shapeOf(await side.picture()) }
  } finally {
    side.close()
  }
}

describe('the quick cluster', () => {
  it.each(ROWS)('is as the sandbox is when $title', async ({ deeds, trouble = {} }) => {
    expect(await played(quickSide(trouble), deeds)).toEqual(await played(await sandboxSide(trouble), deeds))
  })
})
