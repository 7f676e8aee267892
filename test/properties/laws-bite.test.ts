import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/event.ts'
import type { Action } from '../../src/model/command.ts'
import { KEEP_FROM_AUTOSCALER, RETIRED } from '../../src/model/kubernetes.ts'
import { quickChoice } from '../support/quick/arbitrary.ts'
import { type QuickChoice, STILL } from '../support/quick/choice.ts'
import type { QuickCluster } from '../support/quick/cluster.ts'
import { QUICK_LAWS, type QuickLawName } from '../support/quick/laws.ts'
import { runBroken, type Sabotage } from '../support/quick/run.ts'

/** A law that nothing can break holds nothing: each decision that is broken here breaks its law within a few random clusters. */

interface Breakage {
  readonly title: string
  readonly law: QuickLawName
  readonly broken: Sabotage
  /** What a case has to be like for the breakage to show. */
  readonly where?: (choice: QuickChoice) => QuickChoice
}

/** What the run means to do is done otherwise. */
function doing(change: (action: Action, cluster: QuickCluster) => readonly Action[]): Sabotage {
  return (decision, cluster) => {
    if (decision.kind !== 'record') return decision
    const events = decision.events.flatMap((event): readonly RunEvent[] => {
      if (event.type !== 'command-intended') return [event]
      const actions = change(event.command.action, cluster)
      return actions.map((action, index) => ({ ...event, command: { ...event.command, id: `${event.command.id}/${index}`, action } }))
    })
    return { kind: 'record', events: events.length === 0 ? [{ type: 'waiting-ended', on: 'nothing' }] : events }
  }
}

/** What the run is about to record is recorded otherwise, or left out. */
function recording(change: (event: RunEvent) => readonly RunEvent[]): Sabotage {
  return (decision) => (decision.kind === 'record' ? { kind: 'record', events: decision.events.flatMap(change) } : decision)
}

/** Such actions are left out, and the step counts as done without them. */
const never = (left: (action: Action) => boolean): Sabotage =>
  recording((event) => {
    if (event.type !== 'command-intended' || !left(event.command.action)) return [event]
    const { step } = event.command
    const nothing: Action = { kind: 'annotate-node', node: 'nowhere', key: 'nothing' }
    return [
      step.endsWith('/tidy') || step === 'back/tidy/step'
        ? { ...event, command: { ...event.command, action: nothing } }
        : { type: 'step-done', step },
    ]
  })

const serving = ({ machines }: QuickCluster, group: string) =>
  machines.of(group).filter(({ cordoned, joinedAt }) => joinedAt !== undefined && !cordoned)
const ofGroup = ({ machines }: QuickCluster, node: string) => machines.all.get(node)?.group ?? ''
const calm = (choice: QuickChoice): QuickChoice => ({ ...choice, lost: 0, others: [], deaths: [], fate: { kind: 'well', share: 0 } })
const many = (choice: QuickChoice): QuickChoice => ({
  ...calm(choice),
  groups: choice.groups.map((group) => ({ ...group, nodes: 4, first: 'plain' })),
})
const zoned = (choice: QuickChoice): QuickChoice => ({
  ...many(choice),
  groups: choice.groups.map((group) => ({
    ...group,
    kind: 'self',
    nodes: 4,
    zones: 3,
    zoneByZone: true,
    maxUnavailable: 2,
    first: 'plain',
  })),
  plan: { ...choice.plan, blocked: 'hold' },
})
const unforced = (choice: QuickChoice): QuickChoice => ({ ...many(choice), plan: { ...choice.plan, blocked: 'hold' } })

const TABLE: readonly Breakage[] = [
  {
    ...{ title: 'two more nodes are taken out with each', law: 'group', where: many },
    broken: doing((action, cluster) => {
      if (action.kind !== 'retire-node') return [action]
      const more = serving(cluster, ofGroup(cluster, action.node)).filter(({ name }) => name !== action.node)
      return [action, ...more.slice(0, 2).map(({ name }): Action => ({ kind: 'retire-node', node: name }))]
    }),
  },
  {
    ...{ title: 'with each node one of another zone is taken out', law: 'zone', where: zoned },
    broken: doing((action, cluster) => {
      if (action.kind !== 'retire-node') return [action]
      const zone = cluster.machines.all.get(action.node)?.zone
      const other = serving(cluster, ofGroup(cluster, action.node)).find((each) => each.zone !== zone && each.version === '1')
      return other === undefined ? [action] : [action, { kind: 'retire-node', node: other.name }]
    }),
  },
  {
    ...{ title: 'pods are deleted and not evicted', law: 'budget', where: unforced },
    broken: doing((action) => [action.kind === 'evict-pod' ? { ...action, kind: 'delete-pod' } : action]),
  },
  {
    ...{ title: 'a node of a group that the plan leaves out is cordoned too', law: 'strangers' },
    broken: doing((action, cluster) =>
      action.kind === 'annotate-node' || action.kind === 'retire-node'
        ? [action, ...cluster.machines.of(STILL).map(({ name }): Action => ({ kind: 'cordon', node: name }))]
        : [action],
    ),
  },
  {
    ...{ title: 'nodes are ended and not taken out first', law: 'emptied', where: many },
    broken: doing((action, cluster) => {
      const machine = action.kind === 'retire-node' ? cluster.machines.all.get(action.node) : undefined
      const group = cluster.groups.all.get(machine?.group ?? '')
      if (machine === undefined || group === undefined) return [action]
      return [{ kind: 'terminate-instance', autoScalingGroup: group.scalingName, instanceId: machine.id, decrement: false }]
    }),
  },
  {
    ...{ title: 'a group is sized down before it is updated', law: 'sizes', where: many },
    broken: doing((action) =>
      action.kind === 'update-nodegroup-version'
        ? [{ kind: 'scale-nodegroup', group: action.group, sizes: { min: 0, max: 2, desired: 2 } }, action]
        : [action],
    ),
  },
  {
    ...{ title: 'zones are let be balanced as soon as a node has gone', law: 'balance', where: zoned },
    broken: doing((action) =>
      action.kind === 'terminate-instance'
        ? [
            { ...action, decrement: true },
            { kind: 'resume-processes', autoScalingGroup: action.autoScalingGroup, processes: ['AZRebalance'] },
          ]
        : [action],
    ),
  },
  {
    ...{ title: 'an old group is deleted although nobody has agreed', law: 'deletion', where: calm },
    broken: (decision, cluster) => {
      if (decision.kind !== 'record') return decision
      const events = decision.events.flatMap((event): readonly RunEvent[] => {
        if (event.type !== 'command-intended' || event.command.action.kind !== 'retire-node') return [event]
        const group = cluster.groups.all.get(ofGroup(cluster, event.command.action.node))
        if (group === undefined) return [event]
        return [{ ...event, command: { ...event.command, action: { kind: 'delete-group', group: group.name, arn: group.arn } } }]
      })
      return { kind: 'record', events }
    },
  },
  {
    ...{ title: 'EKS is told to take five nodes at a time', law: 'pace', where: calm },
    broken: doing((action, cluster) => {
      const group = action.kind === 'update-nodegroup-version' ? cluster.groups.all.get(action.group) : undefined
      if (group !== undefined) group.updateConfig = { ...group.updateConfig, maxUnavailable: 5 }
      return [action]
    }),
  },
  {
    ...{ title: 'a run that could go on waits for ever', law: 'ends' },
    broken: (decision, { now }) =>
      decision.kind === 'finished' || decision.kind === 'hold' ? { kind: 'wait', until: now + 1_000, because: '' } : decision,
  },
  {
    ...{ title: 'a run gives up what nothing keeps from going on', law: 'calm', where: calm },
    broken: (decision, { now, begin }) =>
      decision.kind === 'wait' && now - begin > 120_000 ? { kind: 'hold', because: 'enough', resumeWith: '', exit: 'held' } : decision,
  },
  {
    ...{ title: 'approvals are not waited for', law: 'turn', where: (choice) => ({ ...choice, plan: { ...choice.plan, approval: true } }) },
    broken: (decision, cluster) =>
      decision.kind === 'hold' && decision.because.includes('approves it') ? { kind: 'record', events: startOf(cluster) } : decision,
  },
  {
    ...{ title: 'a run goes back at the first soak', law: 'cause', where: calm },
    broken: recording((event) =>
      event.type === 'batch-passed'
        ? [
            {
              ...{ type: 'rollback-started', scope: 'everything', batches: [], notBefore: 0 },
              failure: { cause: 'networking-fails', at: event.batch, message: 'it feels wrong', evidence: [], nodes: [] },
            },
          ]
        : [event],
    ),
  },
  {
    ...{ title: 'a step counts as done when it has begun', law: 'versions', where: many },
    broken: recording((event) => (event.type === 'command-intended' ? [event, { type: 'step-done', step: event.command.step }] : [event])),
  },
  {
    ...{ title: 'suspended processes are not resumed', law: 'settings', where: many },
    broken: never(({ kind }) => kind === 'resume-processes'),
  },
  {
    ...{ title: 'every node goes without another in its place', law: 'growth', where: many },
    broken: doing((action) => [action.kind === 'terminate-instance' ? { ...action, decrement: true } : action]),
  },
  {
    ...{ title: 'nodes stay kept from the autoscaler', law: 'marks', where: many },
    broken: never(
      (action) => action.kind === 'annotate-node' && action.value === undefined && [RETIRED, KEEP_FROM_AUTOSCALER].includes(action.key),
    ),
  },
]

function startOf(_cluster: QuickCluster): readonly RunEvent[] {
  const baseline = { takenAt: 0, nodes: {}, workloads: {} }
  return ['canary/1', 'wave/rest/1', 'wave/rest/2', 'wave/rest/3', 'wave/rest/watched'].map((batch) => ({
    type: 'batch-started',
    batch,
    baseline,
  }))
}

const MOST_CASES = 60

it('has a breakage for every law', () => {
  expect(TABLE.map(({ law }) => law).sort()).toEqual(Object.keys(QUICK_LAWS).sort())
})

it.each(TABLE)('finds it when $title', { timeout: 60_000 }, async ({ law, broken, where = (choice) => choice }) => {
  for (const choice of fc.sample(quickChoice, { numRuns: MOST_CASES, seed: 7 })) {
    const trace = await runBroken(where(choice), broken)
    if (QUICK_LAWS[law].broken(trace).length > 0) return
  }
  throw new Error(`the law "${QUICK_LAWS[law].title}" holds in ${MOST_CASES} cases that break it`)
})
