import { describe, expect, it } from 'vitest'
import { NO_MEMORY, type StepInput, type StepMemory } from '../../../src/catalog/steps/definition.ts'
import { replaceNodes } from '../../../src/catalog/steps/replace-nodes.ts'
import type { BoundPod } from '../../../src/model/bound-pod.ts'
import type { Action } from '../../../src/model/command.ts'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { Baseline, ReplaceStep } from '../../../src/model/itinerary.ts'
import type { GroupFacts, MemberFacts, NodeFacts, Seen } from '../../../src/model/seen.ts'
import { aGroup, aNode, aSeen, NOW } from '../../support/seen-builder.ts'

/** One picture, one memory: what the replacement of a self-managed group does next. */

const GROUP = 'asg:workers'
const ZONES = ['a', 'b', 'c']
const template = (version: string) => ({ id: 'lt-1', version })

const STEP: ReplaceStep = {
  kind: 'replace-nodes',
  id: 'wave/workers/1/asg:workers',
  title: 'workers',
  group: GROUP,
  autoScalingGroup: 'workers',
  before: { launchTemplate: template('1'), launch: { kind: 'template', ...template('1') } },
  after: { launchTemplate: template('2'), launch: { kind: 'template', ...template('2') } },
  nodes: 3,
  nodeClass: 'm5',
  zones: ZONES,
  pace: { maxUnavailable: 0, surge: 1, drainTimeout: 15 * MINUTE, blocked: { kind: 'hold' } },
  timeout: 60 * MINUTE,
  wayBack: { exists: 'yes', how: '' },
  forecast: { expected: 0, back: 0, exposed: { nodes: 0, pods: 0, minutes: 0 } },
}

/** `old-1` is the first node of the former template; `new-1` of the target's. */
function node(name: string, over: Partial<NodeFacts> = {}): NodeFacts {
  return aNode({ name, instanceId: `i-${name}`, group: GROUP, pods: [], volumes: [], ...over })
}

function pod(name: string, over: Partial<BoundPod> = {}): BoundPod {
  const key = `shop/${name}`
  return {
    key,
    namespace: 'shop',
    name,
    uid: `uid-${name}`,
    owner: 'ReplicaSet/shop/web',
    ready: true,
    running: true,
    grace: 30 * SECOND,
    finalizers: [],
    ...over,
  }
}

interface Situation {
  readonly nodes: readonly NodeFacts[]
  readonly desired?: number
  readonly memory?: Partial<StepMemory>
  readonly step?: Partial<ReplaceStep>
  readonly seen?: Partial<Pick<Seen, 'budgets' | 'subnets' | 'throttled' | 'unavailable'>>
  readonly scaling?: Partial<NonNullable<GroupFacts['autoScaling']>>
  readonly proven?: (node: NodeFacts) => boolean
  readonly finishing?: boolean
  readonly subnets?: readonly string[]
  /** By node; in service where it is not told. */
  readonly lifecycles?: Readonly<Record<string, string>>
}

function inputOf(situation: Situation): StepInput<ReplaceStep> {
  const { nodes, desired = nodes.length, memory, step, seen, scaling, proven, finishing } = situation
  const { subnets = ['subnet-1'], lifecycles = {} } = situation
  const members = nodes.map(
    ({ instanceId = '', name, zone }, index): MemberFacts => ({
      instanceId,
      lifecycle: lifecycles[name] ?? 'InService',
      protected: name.startsWith('new'),
      zone: zone ?? ZONES[index % 3],
      template: template(name.startsWith('new') ? '2' : '1'),
    }),
  )
  const sizes = { min: 1, max: 10, desired }
  const launched = { launchTemplate: template('2'), launch: { kind: 'template' as const, ...template('2') } }
  const autoScaling = {
    name: 'workers',
    sizes,
    launchFailures: [],
    unjoined: [],
    members,
    suspended: ['AZRebalance'],
    hooks: [],
    ...scaling,
  }
  const baseline: Baseline = {
    takenAt: '',
    addons: {},
    cordoned: [],
    excludedFromBalancers: [],
    groups: {
      [GROUP]: {
        spec: STEP.before,
        sizes: { min: 1, max: 10, desired: 3 },
        updateSettings: {},
        nodes: ['old-1', 'old-2', 'old-3'],
        scaling: { suspended: [], protected: [], protectsNew: false },
      },
    },
  }
  return {
    step: { ...STEP, ...step },
    seen: aSeen({
      groups: [aGroup({ name: GROUP, spec: launched, sizes, autoScaling, nodes, subnets })],
      budgets: [],
      subnets: { 'subnet-1': { zone: 'a', free: 900 } },
      ...seen,
    }),
    now: NOW,
    acceptedAt: NOW - MINUTE,
    baseline,
    memory: { ...NO_MEMORY, ...memory },
    proven: proven ?? (() => true),
    ...(finishing && { finishing }),
  }
}

const kept = { keptFromAutoscaler: true }
const old = (...numbers: readonly number[]) => numbers.map((number) => node(`old-${number}`))
const closed = (number: number) => node(`old-${number}`, { cordoned: true })
const fresh = (...numbers: readonly number[]) => numbers.map((number) => node(`new-${number}`, kept))

function told(situation: Situation): readonly string[] {
  return replaceNodes.actions(inputOf(situation)).map(wordOf)
}

function wordOf(action: Action): string {
  if (action.kind === 'terminate-instance') return `terminate ${action.instanceId}${action.decrement ? ', one smaller' : ''}`
  if (action.kind === 'update-scaling-group') return `desired ${action.change.desired}`
  if ('pod' in action) return `${action.kind} ${action.pod}`
  return 'node' in action ? `${action.kind} ${action.node}` : action.kind
}

const DRAINING = { 'old-1': NOW - MINUTE }

/** Old nodes by the seconds that their drains take. */
const drainsOf = (...graces: readonly number[]) =>
  graces.map((seconds, index) => node(`old-${index + 1}`, { pods: [pod(`web-${index + 1}`, { grace: seconds * SECOND })] }))

const LEAVING = pod('web-1', { goingSince: NOW - SECOND })
const FOUR_SLOTS = { pace: { ...STEP.pace, surge: 4 } }
const TWO_ZONES = { zones: ['a', 'b'], pace: { ...STEP.pace, surge: 2 } }

/** Four nodes and two more in two zones: in `a` the first old one and two new ones, all that it is to have; in `b` the other two and one new one. */
function uneven(...[first, ...others]: readonly NodeFacts[]): readonly NodeFacts[] {
  const inZone = (zone: string) => (each: NodeFacts) => ({ ...each, zone })
  return [...[...(first ? [first] : []), ...fresh(1, 2)].map(inZone('a')), ...[...others, ...fresh(3)].map(inZone('b'))]
}

describe('what the replacement does next', () => {
  it.each<{ title: string; situation: Situation; does: string[] }>([
    { title: 'a node is launched ahead before any goes', situation: { nodes: old(1, 2, 3) }, does: ['desired 4'] },
    {
      title: 'zone by zone, a node of the first zone goes, whatever its name',
      situation: {
        nodes: [node('old-1', { zone: 'b' }), node('old-2', { zone: 'a' }), ...fresh(1)],
        desired: 3,
        memory: { raised: 1 },
        step: { pace: { ...STEP.pace, zoneByZone: true } },
      },
      does: ['retire-node old-2'],
    },
    {
      title: 'by label, a node that is to come last waits, whatever its name',
      situation: {
        nodes: [node('old-1', { labels: { role: 'db' } }), ...old(2, 3), ...fresh(1)],
        memory: { raised: 1 },
        step: { pace: { ...STEP.pace, order: [{ match: 'role=db', after: ['role!=db'] }] } },
      },
      does: ['retire-node old-2'],
    },
    {
      title: 'by label, two that are kept apart do not go together',
      situation: {
        nodes: [...[1, 2, 3].map((number) => node(`old-${number}`, { labels: { role: number === 3 ? 'web' : 'db' } })), ...fresh(1, 2)],
        desired: 5,
        memory: { raised: 2, terminated: { 'i-gone': NOW - MINUTE } },
        step: { pace: { ...STEP.pace, surge: 2, order: [{ match: 'role=db', neverWith: ['role=db'] }] } },
      },
      does: ['retire-node old-1', 'retire-node old-3'],
    },
    {
      title: 'by label, where all that is left has to wait for one that is being drained, none goes',
      situation: {
        nodes: [closed(1), node('old-2', { labels: { role: 'db' } }), ...fresh(1)],
        memory: { raised: 1, draining: { 'old-1': NOW - 4 * SECOND } },
        step: { pace: { ...STEP.pace, order: [{ match: 'role=db', after: ['role!=db'] }] } },
      },
      does: [],
    },
    {
      title: 'nothing goes until the new node has proven itself',
      situation: { nodes: [...old(1, 2, 3), ...fresh(1)], memory: { raised: 1 }, proven: ({ name }) => !name.startsWith('new') },
      does: [],
    },
    {
      title: 'then the first goes out of service',
      situation: { nodes: [...old(1, 2, 3), ...fresh(1)], memory: { raised: 1 } },
      does: ['retire-node old-1'],
    },
    {
      title: 'its pods are asked to leave',
      situation: {
        nodes: [node('old-1', { pods: [pod('web-1')], cordoned: true }), ...old(2, 3), ...fresh(1)],
        memory: { raised: 1, draining: DRAINING },
      },
      does: ['evict-pod web-1'],
    },
    {
      title: 'it waits for volumes that still hang on it',
      situation: {
        nodes: [node('old-1', { volumes: ['vol-1'], cordoned: true }), ...old(2, 3), ...fresh(1)],
        memory: { raised: 1, draining: DRAINING },
      },
      does: [],
    },
    {
      title: 'empty, it is terminated, and the group replaces it',
      situation: { nodes: [closed(1), ...old(2, 3), ...fresh(1)], memory: { raised: 1, draining: DRAINING } },
      does: ['terminate i-old-1'],
    },
    {
      title: 'a picture from before it was cordoned does not show it empty: that is told once more, and no end',
      situation: { nodes: [...old(1, 2, 3), ...fresh(1)], memory: { raised: 1, draining: DRAINING } },
      does: ['retire-node old-1'],
    },
    {
      title: 'nor does one of the moment when it was: pods bound just before may be missing',
      situation: { nodes: [closed(1), ...old(2, 3), ...fresh(1)], memory: { raised: 1, draining: { 'old-1': NOW - 4 * SECOND } } },
      does: [],
    },
    {
      title: 'one zone without addresses gets no node ahead, however many the others have',
      situation: {
        nodes: old(1, 2, 3),
        seen: { subnets: { 'subnet-1': { zone: 'a', free: 3 }, 'subnet-2': { zone: 'b', free: 900 } } },
        subnets: ['subnet-1', 'subnet-2'],
      },
      does: [],
    },
    {
      title: 'nor does one whose addresses are not known: what cannot be seen has no room',
      situation: { nodes: old(1, 2, 3), seen: { subnets: {} } },
      does: [],
    },
    {
      title: 'a node that somebody puts back into service while it is drained is taken out again, and nothing is evicted until then',
      situation: {
        nodes: [node('old-1', { pods: [pod('web-1')] }), ...old(2, 3), ...fresh(1)],
        memory: { raised: 1, draining: DRAINING },
      },
      does: ['retire-node old-1'],
    },
    {
      title: 'such a node is not called empty on a picture from just after it was taken out again',
      situation: {
        nodes: [closed(1), ...old(2, 3), ...fresh(1)],
        memory: { raised: 1, draining: DRAINING, lately: { 'retire-node/old-1': NOW - 4 * SECOND } },
      },
      does: [],
    },
    {
      title: 'a size from before the last one went is not raised',
      situation: { nodes: old(1, 2, 3), memory: { terminated: { 'i-gone': NOW - SECOND } } },
      does: [],
    },
    {
      title: 'nothing is restored and no new node goes while an old one comes up',
      situation: { nodes: [...old(1), ...fresh(1, 2, 3)], memory: { raised: 1 }, lifecycles: { 'old-1': 'Pending' } },
      does: [],
    },
    {
      title: 'the last one goes without a replacement: one was launched ahead',
      situation: { nodes: [closed(1), ...fresh(1, 2, 3)], memory: { raised: 1, draining: DRAINING } },
      does: ['terminate i-old-1, one smaller'],
    },
    {
      title: 'what was told to go counts as gone, whatever the group still shows',
      situation: { nodes: [...old(1), ...fresh(1, 2, 3)], memory: { terminated: { 'i-old-1': NOW - SECOND } } },
      does: ['resume-processes', 'protect-instances', 'annotate-node new-1', 'annotate-node new-2', 'annotate-node new-3'],
    },
    {
      title: 'an API that throttles gets no new drain',
      situation: { nodes: [...old(1, 2, 3), ...fresh(1)], memory: { raised: 1 }, seen: { throttled: 2 } },
      does: [],
    },
    {
      title: 'an interrupt finishes what is half done and begins nothing',
      situation: { nodes: [...old(1, 2, 3), ...fresh(1)], memory: { raised: 1 }, finishing: true },
      does: [],
    },
    {
      title: 'full subnets get no node ahead',
      situation: { nodes: old(1, 2, 3), seen: { subnets: { 'subnet-1': { free: 3 } } }, scaling: {} },
      does: [],
    },
    {
      title: 'with maxUnavailable one goes at once',
      situation: { nodes: old(1, 2, 3), step: { pace: { ...STEP.pace, maxUnavailable: 1, surge: 0 } } },
      does: ['retire-node old-1'],
    },
    {
      title: 'an old node that is not Ready is missed by nobody, and goes first',
      situation: { nodes: [...old(1, 2), node('old-3', { ready: 'False' }), ...fresh(1)], memory: { raised: 1 } },
      does: ['retire-node old-3'],
    },
    {
      title: 'pods that cannot be read stop everything',
      situation: {
        nodes: [...old(1, 2, 3), ...fresh(1)],
        memory: { raised: 1 },
        seen: { unavailable: [{ source: 'kubernetes:pods', reason: 'away', since: NOW }] },
      },
      does: [],
    },
    {
      title: 'an instance refresh of somebody else stops everything',
      situation: { nodes: old(1, 2, 3), scaling: { refresh: 'InProgress' } },
      does: [],
    },
    {
      title: 'two nodes too many in one zone are put right before Auto Scaling does it without asking budgets',
      situation: {
        nodes: fresh(1, 2, 3).map((each) => ({ ...each, zone: 'a' })),
        scaling: {},
      },
      does: ['desired 4'],
    },
    {
      title: 'and it is one of the crowded zone that goes then, not the new one that is empty',
      situation: {
        nodes: [...fresh(1, 2, 3).map((each) => ({ ...each, zone: 'a', evictablePods: 4 })), { ...node('new-4', kept), zone: 'b' }],
        memory: { raised: 1 },
      },
      does: ['retire-node new-1'],
    },
    {
      title: 'of four slots one goes first, the easiest, and the others wait until it is through',
      situation: { nodes: [...drainsOf(30, 20, 10, 40, 50), ...fresh(1, 2, 3, 4)], memory: { raised: 4 }, step: FOUR_SLOTS },
      does: ['retire-node old-3'],
    },
    {
      title: 'then the longest drains go, each from the zone that has most left',
      situation: {
        nodes: [
          ...drainsOf(30, 20, 40, 50).map((each, index) => ({ ...each, zone: index < 3 ? 'a' : 'b' })),
          ...fresh(1, 2, 3, 4).map((each, index) => ({ ...each, zone: index < 1 ? 'a' : 'b' })),
        ],
        memory: { raised: 4, terminated: { 'i-gone': NOW - MINUTE } },
        step: { ...FOUR_SLOTS, zones: ['a', 'b'] },
      },
      does: ['retire-node old-3', 'retire-node old-1', 'retire-node old-4', 'retire-node old-2'],
    },
    {
      title: 'an emptied node whose replacement would come to a zone that has its share stays until the other zone has its own',
      situation: {
        nodes: uneven(closed(1), closed(2), ...old(3)).map((each) => (each.name === 'old-2' ? { ...each, pods: [LEAVING] } : each)),
        memory: { raised: 2, draining: { ...DRAINING, 'old-2': NOW - MINUTE } },
        step: TWO_ZONES,
      },
      does: [],
    },
    {
      title: 'but not where nothing drains there: it takes the slot that the next one needs',
      situation: { nodes: uneven(closed(1), ...old(2, 3)), memory: { raised: 2, draining: DRAINING }, step: TWO_ZONES },
      does: ['terminate i-old-1, one smaller'],
    },
    {
      title: 'one of the zone that lacks a node is replaced, and the other still stays: the new one has to show first',
      situation: {
        nodes: uneven(closed(1), closed(2), ...old(3)),
        memory: { raised: 2, draining: { ...DRAINING, 'old-2': NOW - MINUTE } },
        step: TWO_ZONES,
      },
      does: ['terminate i-old-2'],
    },
    {
      title: 'it does not stay so long that its drain would be called stuck',
      situation: {
        nodes: uneven(closed(1), ...old(2, 3)),
        memory: { raised: 2, draining: { 'old-1': NOW - 14 * MINUTE } },
        step: TWO_ZONES,
      },
      does: ['terminate i-old-1, one smaller'],
    },
    {
      title: 'none is launched ahead into a zone that has its share: it would have to go again',
      situation: { nodes: uneven(...old(1, 2, 3)).slice(1), memory: { raised: 1 }, step: TWO_ZONES },
      does: ['retire-node old-2'],
    },
    {
      title: 'which is not tried more often than there are zones: one of them may take no nodes',
      situation: {
        nodes: fresh(1, 2, 3).map((each) => ({ ...each, zone: 'a' })),
        memory: { terminated: Object.fromEntries([1, 2, 3, 4, 5, 6].map((each) => [`i-gone-${each}`, NOW - MINUTE])) },
      },
      does: ['resume-processes', 'protect-instances', 'annotate-node new-1', 'annotate-node new-2', 'annotate-node new-3'],
    },
  ])('$title', ({ situation, does }) => {
    expect(told(situation)).toEqual(does)
  })

  it('lets pods be deleted past their budgets only after the time that the plan says', () => {
    const budgets = [{ key: 'shop/web', disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, pods: [{ pod: 'shop/web-1' }] }]
    const at = (ago: number) =>
      told({
        nodes: [node('old-1', { pods: [pod('web-1')], cordoned: true }), ...old(2, 3), ...fresh(1)],
        memory: { raised: 1, draining: { 'old-1': NOW - ago } },
        seen: { budgets },
        step: { pace: { ...STEP.pace, blocked: { kind: 'force', after: 30 * MINUTE } } },
      })
    expect(at(29 * MINUTE)).toEqual([])
    expect(at(30 * MINUTE)).toEqual(['delete-pod web-1'])
  })
})

describe('how it stands', () => {
  const progress = (situation: Situation) => replaceNodes.progress(inputOf(situation))
  it.each<{ title: string; situation: Situation; is: object }>([
    {
      title: 'a refresh by somebody else is a failure that holds',
      situation: { nodes: old(1, 2, 3), scaling: { refresh: 'InProgress' } },
      is: { kind: 'failed', failure: { cause: 'others-at-work' } },
    },
    {
      title: 'a drain beyond its time names pod, owner and what holds it',
      situation: {
        nodes: [node('old-1', { pods: [pod('web-1')] }), ...old(2, 3), ...fresh(1)],
        memory: { raised: 1, draining: { 'old-1': NOW - 15 * MINUTE } },
        seen: {
          budgets: [{ key: 'shop/web', disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, pods: [{ pod: 'shop/web-1' }] }],
        },
      },
      is: {
        kind: 'failed',
        failure: { cause: 'eviction-blocked', nodes: ['old-1'], evidence: [{ subject: 'PodDisruptionBudget/shop/web' }] },
      },
    },
    {
      title: 'an old one in Standby is never called replaced: a person puts it back or ends it',
      situation: { nodes: [...old(1), ...fresh(1, 2, 3)], lifecycles: { 'old-1': 'Standby' } },
      is: {
        kind: 'failed',
        failure: {
          cause: 'others-at-work',
          message: expect.stringContaining('aws autoscaling exit-standby'),
          evidence: [{ subject: 'Instance/i-old-1' }],
        },
      },
    },
    {
      title: 'an old one that comes up is waited for',
      situation: { nodes: [...old(1), ...fresh(1, 2, 3)], lifecycles: { 'old-1': 'Pending:Wait' } },
      is: { kind: 'in-progress', because: expect.stringContaining('i-old-1 (Pending:Wait)') },
    },
    {
      title: 'a node told to go is waited for, and not called replaced before it has ended',
      situation: { nodes: [...old(1), ...fresh(1, 2, 3)], memory: { terminated: { 'i-old-1': NOW } }, scaling: { suspended: [] } },
      is: { kind: 'in-progress', because: expect.stringContaining('old-1 has yet to end') },
    },
    {
      title: 'a full zone, where no node may be missing, is waited for and named',
      situation: {
        nodes: old(1, 2, 3),
        seen: { subnets: { 'subnet-1': { zone: 'a', free: 3 }, 'subnet-2': { zone: 'b', free: 900 } } },
        subnets: ['subnet-1', 'subnet-2'],
      },
      is: {
        kind: 'in-progress',
        because: expect.stringContaining('the plan lets 0 of its nodes be missing'),
        stalled: {
          within: 15 * MINUTE,
          failure: { cause: 'no-capacity', evidence: [{ subject: 'Subnet/subnet-1', says: 'has 3 free addresses in a' }] },
        },
      },
    },
    {
      title: 'subnets that cannot be read are evidence that is missing',
      situation: {
        nodes: old(1, 2, 3),
        seen: { subnets: {}, unavailable: [{ source: 'ec2:DescribeSubnets', reason: 'UnauthorizedOperation', since: NOW }] },
      },
      is: {
        kind: 'in-progress',
        stalled: {
          within: 10 * MINUTE,
          failure: { cause: 'evidence-missing', evidence: [{ subject: 'Subnet/subnet-1', says: expect.stringContaining('Unauthorized') }] },
        },
      },
    },
    {
      title: 'a full zone keeps nothing that may go before its successor',
      situation: {
        nodes: old(1, 2, 3),
        seen: { subnets: { 'subnet-1': { zone: 'a', free: 3 } } },
        step: { pace: { ...STEP.pace, maxUnavailable: 1 } },
      },
      is: { kind: 'in-progress', because: expect.not.stringContaining('missing') },
    },
    {
      title: 'launches that fail are waited for, with what Auto Scaling says of them',
      situation: {
        nodes: old(1, 2, 3),
        desired: 4,
        memory: { raised: 1 },
        scaling: { launchFailures: [{ at: NOW, message: 'InsufficientInstanceCapacity' }] },
      },
      is: { stalled: { failure: { cause: 'no-capacity', message: expect.stringContaining('InsufficientInstanceCapacity') } } },
    },
    {
      title: 'nodes that were asked for and do not even show are waited for, with the process that is suspended',
      situation: {
        nodes: old(1, 2, 3),
        desired: 4,
        memory: { raised: 1, sized: { at: NOW - 3 * MINUTE, keeps: 3 } },
        scaling: { suspended: ['Launch'] },
      },
      is: { stalled: { failure: { cause: 'no-capacity', message: expect.stringContaining('its process Launch is suspended') } } },
    },
    {
      title: 'pods that cannot be read are evidence that is missing',
      situation: { nodes: old(1, 2, 3), seen: { unavailable: [{ source: 'kubernetes:pods', reason: 'away', since: NOW }] } },
      is: { stalled: { failure: { cause: 'evidence-missing', evidence: [{ subject: 'kubernetes:pods', says: 'away' }] } } },
    },
    {
      title: 'all replaced and nothing left behind: done',
      situation: {
        nodes: ZONES.map((zone) => node(`new-${zone}`, { zone })),
        scaling: {
          suspended: [],
          members: ZONES.map((zone) => ({
            instanceId: `i-new-${zone}`,
            lifecycle: 'InService',
            protected: false,
            zone,
            template: template('2'),
          })),
        },
      },
      is: { kind: 'done' },
    },
  ])('$title', ({ situation, is }) => expect(progress(situation)).toMatchObject(is))
})
