import { MINUTE } from '../../../src/model/instant.ts'
import type { BlockedAnswer, GroupIntent, GroupSpec, Intent, ObservedPool, ReplacePace } from '../../../src/model/intent.ts'
import type { Itinerary } from '../../../src/model/itinerary.ts'
import type { KubernetesObject } from '../../../src/model/kubernetes.ts'
import { NODEGROUP_LABEL } from '../../../src/model/kubernetes.ts'
import type { GateSpec, PlanWave, UpgradePlan } from '../../../src/model/plan.ts'
import type { Replacement } from '../../../src/model/replacement.ts'
import type { ClusterSnapshot } from '../../../src/model/snapshot.ts'
import { recordBaseline } from '../../../src/rollout/baseline.ts'
import { nodeBatches } from '../../../src/rollout/compile.ts'
import { healthyPlan } from '../snapshot-builder.ts'
import { aTale } from '../tale.ts'
import { type GroupChoice, groupName, POOL, type QuickChoice } from './choice.ts'
import type { QuickCluster } from './cluster.ts'
import { nodegroupOf, type QuickGroup, RELEASES, scalingGroupOf } from './groups.ts'

/** What a plan for a quick cluster means there, put together by the product's own batches and strategies. */

const WHOLE = aTale().itinerary
const GATES: readonly GateSpec[] = ['nodes-ready', 'aws-node'].map((kind) => ({ kind, options: {} }))
const BLOCKED: Readonly<Record<QuickChoice['plan']['blocked'], BlockedAnswer>> = {
  hold: { kind: 'hold' },
  skip: { kind: 'skip', atMost: 1 },
  force: { kind: 'force', after: 5 * MINUTE },
}

export function itineraryOf(cluster: QuickCluster): Itinerary {
  const { choice } = cluster
  const { window: _window, ...rest } = WHOLE
  const [intent, plan, snapshot] = [intentOf(cluster), planOf(choice), snapshotOf(cluster)]
  return {
    ...rest,
    source: { plan, intent },
    batches: nodeBatches(plan, intent, snapshot, { stages: [] }),
    untouched: [],
    baseline: recordBaseline(snapshot, intent),
    rollback: plan.rollback,
  }
}

function planOf({ groups, plan }: QuickChoice): UpgradePlan {
  const { canary, batch, gated, soak, approval, rollback } = plan
  const gates = gated ? GATES : []
  const wave = (name: string): PlanWave => ({ name, nodeGroups: ['*'], optional: true, batch, gates, soak, approval: approval && {} })
  const nodeGroups = groups.map((each, index) => ({ match: groupName(each, index), maxUnavailable: Math.max(1, each.maxUnavailable) }))
  return healthyPlan({
    ...(canary ? { canary: { ...wave('canary'), batch: 1, approval: false } } : { canary: undefined }),
    waves: [wave('rest')],
    nodeGroups,
    rollback: { addon: 'hold', ...rollback },
  })
}

function intentOf({ groups, choice }: QuickCluster): Intent {
  const inPlan = choice.groups.flatMap((each, index) => {
    const group = groups.all.get(groupName(each, index))
    return group === undefined ? [] : [groupIntent(each, index, group, choice)]
  })
  const names = ['floor-1', 'floor-2']
  const pool: ObservedPool = {
    ...{ name: POOL, phase: 'wave', wave: 'rest', minor: '1.33', there: names, behind: names },
    ...{ happens: 'nothing', person: 'upgrades them', timeout: 3 * 60 * MINUTE },
  }
  return { clusterMinor: '1.33', addons: [], groups: inPlan, observed: [pool], excluded: [], problems: [] }
}

function specOf({ managed, template }: Pick<QuickGroup, 'managed' | 'template'>, version: string): GroupSpec {
  if (managed) return { ...RELEASES[version] }
  return { launchTemplate: { id: template, version }, launch: { kind: 'template', id: template, version } }
}

function groupIntent(choice: GroupChoice, index: number, group: QuickGroup, { plan }: QuickChoice): GroupIntent {
  const { kind, nodes, zones, maxUnavailable, surge, minimal, zoneByZone } = choice
  const replaced = kind.endsWith('replaced')
  const pace: ReplacePace = {
    ...{
      maxUnavailable,
      surge: maxUnavailable === 0 ? Math.max(1, surge) : surge,
      drainTimeout: 10 * MINUTE,
      blocked: BLOCKED[plan.blocked],
    },
    ...(zoneByZone && kind === 'self' && { zoneByZone: true as const }),
  }
  const strategy = replaced ? 'replacement-group' : kind === 'self' ? 'drain-and-replace' : 'managed-in-place'
  return {
    ...{
      name: group.name,
      phase: plan.canary && index === 0 ? 'canary' : 'wave',
      wave: plan.canary && index === 0 ? 'canary' : 'rest',
      strategy,
    },
    ...{ form: group.managed ? 'optimised' : 'self-managed', amiType: 'AL2023_x86_64_STANDARD', baseline: specOf(group, '1') },
    ...{
      target: specOf(group, '2'),
      changes: true,
      nodes,
      pods: nodes * 2,
      zones: group.zones,
      subnets: group.zones.map((zone) => `s-${zone}`),
    },
    ...{ instanceTypes: ['m5.large'], autoScalingGroup: group.scalingName, arn: group.arn, maxUnavailable: Math.max(1, maxUnavailable) },
    ...{ surge: minimal ? 0 : 2 * zones, updateStrategy: minimal ? 'MINIMAL' : 'DEFAULT', timeout: 60 * MINUTE },
    sizes: { min: group.min, max: group.max, desired: group.desired },
    ...(strategy !== 'managed-in-place' && { pace }),
    ...(replaced && { alone: true as const, replacement: replacementOf(group, plan) }),
    ...(plan.blocked === 'force' && group.managed && { force: true as const }),
    ...{ wayBack: { exists: 'yes', how: '' }, nodeClass: 'm5' },
  }
}

function replacementOf(group: QuickGroup, { share, soak }: QuickChoice['plan']): Replacement {
  const made: Replacement['made'] = group.managed
    ? { kind: 'managed', settings: { nodeRole: 'r', subnets: [], tags: {} } }
    : { kind: 'self-managed', settings: { Tags: [] }, hooksOf: group.scalingName }
  return { group: `${group.name}-new`, made, share, soak, keep: 2 * MINUTE, consent: {} }
}

/** As far as what "as it was" means is read from it. */
function snapshotOf({ groups, machines }: QuickCluster): ClusterSnapshot {
  const all = [...groups.all.values()]
  const nodes = [...machines.all.values()].map((machine): KubernetesObject => {
    const group = groups.all.get(machine.group)
    const annotations = Object.fromEntries(machine.annotations)
    const labels = Object.fromEntries([
      ...[...machine.labels].map((label) => [label, 'true']),
      ['eks.amazonaws.com/nodegroup-image', `ami-${machine.version}`],
      ...(group?.managed ? [[NODEGROUP_LABEL, group.name]] : []),
    ])
    const spec = { unschedulable: machine.cordoned, providerID: `aws:///a/${machine.id}` }
    return { apiVersion: 'v1', kind: 'Node', metadata: { name: machine.name, uid: machine.id, labels, annotations }, spec } as never
  })
  return {
    ...{ apiVersion: 'serin.dev/v1alpha1', kind: 'ClusterSnapshot', capturedAt: '2026-11-23T10:00:00Z' },
    aws: {
      nodegroups: all.flatMap((group) => (group.managed ? [nodegroupOf(group)] : [])),
      autoScalingGroups: all.map((group) => scalingGroupOf(group, machines)),
    },
    kubernetes: { items: nodes },
  } as never
}
