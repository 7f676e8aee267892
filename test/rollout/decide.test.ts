import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/model/instant.ts'
import type { Seen } from '../../src/model/seen.ts'
import type { RunRequest } from '../../src/ports/run-record.ts'
import { everyGroup, healthyPlan } from '../support/snapshot-builder.ts'
import { aTale, preflightEvent, replaced, type Tale } from '../support/tale.ts'

const lena = (kind: RunRequest['kind'], over: Partial<RunRequest> = {}): RunRequest => ({
  id: `req-${kind}`,
  kind,
  by: 'lena',
  at: 0,
  ...over,
})

/** The first add-on hop rolled out: every node runs the new version. */
function hopDone(tale: Tale, version: string): void {
  const fresh = (seen: Seen): Partial<Seen> => ({
    addons: {
      ...seen.addons,
      'vpc-cni': { name: 'vpc-cni', status: 'ACTIVE', health: [], spec: { ...seen.addons['vpc-cni']?.spec, version } },
    },
    awsNode: seen.awsNode && { ...seen.awsNode, version, updated: seen.awsNode.desired, available: seen.awsNode.desired },
    groups: Object.fromEntries(
      Object.entries(seen.groups).map(([name, group]) => [
        name,
        {
          ...group,
          nodes: group.nodes.map((node) => ({
            ...node,
            lastAddressAt: tale.now,
            awsNode: node.awsNode && {
              ...node.awsNode,
              uid: `${node.awsNode.uid}-${version}`,
              version,
              boundAt: tale.now,
              containers: node.awsNode.containers.map((c) => ({ ...c, startedAt: tale.now, restarts: 0 })),
            },
          })),
        },
      ]),
    ),
    updates: { ...seen.updates, [`u-${version}`]: { id: `u-${version}`, status: 'Successful' } },
  })
  tale.world(fresh)
}

/** Drives the tale through a hop: intended, accepted, rolled out, gates and soak passed. */
function passHop(tale: Tale, version: string): void {
  tale.answer(tale.decide(), { kind: 'accepted', updateId: `u-${version}` })
  tale.passes(1)
  hopDone(tale, version)
  for (
    let turn = 0;
    turn < 60 &&
    !tale.events.some(
      (event) =>
        event.type === 'batch-passed' && tale.state.batches[event.batch]?.steps[`${event.batch}/vpc-cni`]?.updateId === `u-${version}`,
    );
    turn++
  ) {
    tale.decide()
    tale.passes(1)
  }
  tale.happens(preflightEvent('clear'))
}

/** A tale that stands before its canary, both hops proven. */
function beforeCanary(over: Parameters<typeof aTale>[0] = {}): Tale {
  const tale = aTale({ intent: { addons: [] }, ...over })
  return tale
}

function updateCanary(tale: Tale): void {
  tale.answer(tale.decide(), { kind: 'accepted', updateId: 'u-canary' })
}

/** A canary of two node groups that are in flight together. */
function twoAtOnce(): Parameters<typeof aTale>[0] {
  const { canary } = healthyPlan()
  if (canary === undefined) throw new Error('the healthy plan has no canary')
  const groups = everyGroup({ phase: 'canary' }).groups.filter(({ name }) => name.startsWith('app-'))
  return { plan: { canary: { ...canary, nodeGroups: ['app-*'], batch: 2 }, waves: [] }, intent: { addons: [], groups } }
}

function canaryNodes(tale: Tale) {
  return tale.seen.groups.canary?.nodes ?? []
}

/** EKS ended the canary's update well: all nodes new. */
function canaryReplaced(tale: Tale): void {
  const spec = tale.itinerary.batches.flatMap(({ steps }) => steps).find((step) => 'group' in step && step.group === 'canary')
  if (spec?.kind !== 'nodegroup-update') throw new Error('no canary step')
  tale.group('canary', (group) => ({ spec: spec.after, nodes: replaced(group.nodes, tale.now) }))
  tale.world((seen) => ({ updates: { ...seen.updates, 'u-canary': { id: 'u-canary', status: 'Successful' } } }))
}

describe('before anything moves', () => {
  it('pre-flight is evaluated first', () => {
    expect(aTale({ preflight: 'none' }).decide()).toMatchObject({ kind: 'inspect', what: 'preflight' })
  })

  it('a blocked pre-flight ends the run with exit 10 and nothing intended', () => {
    const tale = aTale({ preflight: 'blocked' })
    expect(tale.decide()).toMatchObject({ kind: 'finished', outcome: { exit: 'blocked', changed: [] } })
    expect(tale.types()).not.toContain('command-intended')
  })

  it('nothing begins while nodes and pods cannot be read', () => {
    const tale = aTale()
    tale.world(() => ({ unavailable: [{ source: 'kubernetes:pods', reason: '503', since: tale.now }] }))
    expect(tale.decide()).toMatchObject({ kind: 'wait', because: expect.stringContaining('kubernetes:pods') })
  })

  it('outside the window nothing is tried again either', () => {
    const window = { timeZone: 'UTC', open: ['Mon 09:00-11:00'], freezes: [], atClose: 'hold' as const }
    const tale = aTale({ plan: { window }, intent: { addons: [] } })
    tale.answer(tale.decide(), { kind: 'accepted', updateId: 'u-canary' })
    tale.world((seen) => ({
      updates: { ...seen.updates, 'u-canary': { id: 'u-canary', status: 'Failed', errors: [{ errorCode: 'PodEvictionFailure' }] } },
    }))
    tale.decide()
    tale.passes(120)
    expect(tale.decide({ requests: [{ id: 'r', kind: 'resume', by: 'lena', at: 0 }] })).toMatchObject({ kind: 'hold', exit: 'deadline' })
  })

  it('outside the window the run stops with exit 31', () => {
    const tale = aTale({ plan: { window: { timeZone: 'UTC', open: ['Sun 01:00-02:00'], freezes: [], atClose: 'hold' } } })
    expect(tale.decide()).toMatchObject({ kind: 'hold', exit: 'deadline' })
  })

  it('nothing begins for two minutes after an API throttled, and it is said why', () => {
    const tale = aTale()
    tale.world(() => ({ throttling: { since: tale.now, lastAt: tale.now, says: 'Request limit exceeded.' } }))
    expect(tale.decide()).toMatchObject({ kind: 'wait', because: expect.stringContaining('pace is lowered, as an API throttles (Request') })
    tale.passes(2)
    expect(tale.decide()).toMatchObject({ kind: 'perform', commands: [{ step: 'addon/vpc-cni/1/vpc-cni' }] })
  })

  it('an add-on that goes back does not wait for an API that throttles', () => {
    const tale = aTale()
    passHop(tale, 'v1.21.2-eksbuild.2')
    tale.world(() => ({ throttling: { since: tale.now, lastAt: tale.now, says: 'Request limit exceeded.' } }))
    tale.decide({ requests: [lena('rollback')] })
    expect(tale.decide()).toMatchObject({
      kind: 'perform',
      commands: [{ action: { kind: 'update-addon', spec: { version: 'v1.20.4-eksbuild.2' } } }],
    })
  })

  it.each([
    { throttledAgo: 3, groups: ['app-a'] },
    { throttledAgo: 20, groups: ['app-a', 'app-b'] },
  ])('of two node groups at once, those that begin after throttling $throttledAgo min ago: $groups', ({ throttledAgo, groups }) => {
    const tale = aTale(twoAtOnce())
    const at = tale.now - throttledAgo * MINUTE
    tale.world(() => ({ throttling: { since: at, lastAt: at, says: 'Request limit exceeded.' } }))
    const decision = tale.decide()
    const begun = decision.kind === 'perform' ? decision.commands.map(({ action }) => 'group' in action && action.group) : decision
    expect(begun).toEqual(groups)
  })

  it('the world is looked at more seldom while calls of its own are throttled', () => {
    const tale = aTale()
    tale.answer(tale.decide(), { kind: 'accepted', updateId: 'u-1' })
    const next = () => {
      const decision = tale.decide()
      return decision.kind === 'wait' ? decision.until - tale.now : decision
    }
    const usual = next()
    tale.world(() => ({ throttled: 1 }))
    expect(next()).toBe(3 * Number(usual))
  })

  it('the intent is journalled before the command is sent, with a derived id', () => {
    const tale = aTale()
    const decision = tale.decide()
    expect(decision).toMatchObject({ kind: 'perform', commands: [{ step: 'addon/vpc-cni/1/vpc-cni', action: { kind: 'update-addon' } }] })
    expect(tale.types().slice(-2)).toEqual(['batch-started', 'command-intended'])
    const again = aTale()
    expect(again.decide()).toEqual(decision)
  })
})

describe('an answer to a command', () => {
  it.each([
    {
      title: 'a conflict is waited out and tried again',
      result: { kind: 'deferred', code: 'ResourceInUseException', message: 'busy' } as const,
      minutes: 1,
    },
    {
      title: 'throttling is waited out and tried again',
      result: { kind: 'unsettled', code: 'REMOTE_THROTTLED', message: 'slow down' } as const,
      minutes: 1,
    },
  ])('$title', ({ result, minutes }) => {
    const tale = aTale()
    const first = tale.decide()
    tale.answer(first, result)
    expect(tale.decide().kind).toBe('wait')
    tale.passes(minutes)
    expect(tale.decide()).toEqual(first)
  })

  it.each([
    {
      title: 'throttled beyond the budget',
      result: { kind: 'unsettled', code: 'REMOTE_THROTTLED', message: 'slow down' } as const,
      minutes: 25,
      cause: 'throttled',
    },
    {
      title: 'busy beyond the time-out',
      result: { kind: 'deferred', code: 'ResourceInUseException', message: 'busy' } as const,
      minutes: 70,
      cause: 'update-overdue',
    },
  ])('$title: hold', ({ result, minutes, cause }) => {
    const tale = aTale()
    tale.answer(tale.decide(), result)
    tale.passes(minutes)
    expect(tale.decide()).toMatchObject({ kind: 'hold', exit: 'held' })
    expect(tale.state.hold?.cause).toBe(cause)
  })

  it('the first hop refused: nothing changed, exit 10', () => {
    const tale = aTale()
    tale.answer(tale.decide(), { kind: 'refused', code: 'InvalidParameterException', message: 'no such version' })
    expect(tale.decide()).toMatchObject({ kind: 'finished', outcome: { exit: 'blocked', changed: [] } })
  })

  it('a later hop refused: hold on the last proven hop', () => {
    const tale = aTale()
    passHop(tale, 'v1.21.2-eksbuild.2')
    tale.answer(tale.decide(), { kind: 'refused', code: 'InvalidParameterException', message: 'no such version' })
    expect(tale.decide()).toMatchObject({ kind: 'hold' })
    expect(tale.state.hold?.cause).toBe('addon-refused')
  })
})

describe('a canary', () => {
  it('that passes its gates and its soak is followed by pre-flight and the first wave', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    tale.passes(10)
    canaryReplaced(tale)
    tale.passes(5)
    expect(tale.decide()).toMatchObject({ kind: 'wait', because: expect.stringContaining('soak') })
    tale.passes(31)
    expect(tale.decide()).toMatchObject({ kind: 'inspect', what: 'preflight' })
    tale.happens(preflightEvent('clear'))
    expect(tale.decide()).toMatchObject({ kind: 'perform', commands: [{ action: { group: 'app-a' } }] })
  })

  it('a blocked pre-flight in mid-run holds', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    canaryReplaced(tale)
    tale.passes(5)
    tale.decide()
    tale.passes(31)
    tale.decide()
    tale.happens(preflightEvent('blocked'))
    expect(tale.decide()).toMatchObject({ kind: 'hold', exit: 'held' })
    expect(tale.state.hold?.cause).toBe('preflight')
  })

  it('does not count as passed while the wave behind it waits: no second group starts', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    tale.passes(1)
    tale.decide()
    expect(tale.events.filter((event) => event.type === 'command-intended')).toHaveLength(1)
  })
})

describe('a failure and its answer', () => {
  const failed =
    (code: string, message = '') =>
    (seen: Seen): Partial<Seen> => ({
      updates: { ...seen.updates, 'u-canary': { id: 'u-canary', status: 'Failed', errors: [{ errorCode: code, errorMessage: message }] } },
    })

  it.each([
    { title: 'eviction blocked', code: 'PodEvictionFailure', cause: 'eviction-blocked' },
    { title: 'no addresses', code: 'InsufficientFreeAddresses', cause: 'no-capacity' },
    { title: 'another reason', code: 'AccessDenied', cause: 'update-failed' },
  ])('$title: hold', ({ code, cause }) => {
    const tale = beforeCanary()
    updateCanary(tale)
    tale.world(failed(code))
    expect(tale.decide()).toMatchObject({ kind: 'hold', exit: 'held' })
    expect(tale.state.hold?.cause).toBe(cause)
    expect(tale.types()).not.toContain('rollback-started')
  })

  it('eviction blocked: what EKS left cordoned is uncordoned first, what was cordoned before stays', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    const [left] = canaryNodes(tale)
    tale.group('canary', (group) => ({
      nodes: group.nodes.map((node) => (node === left ? { ...node, cordoned: true, excludedFromBalancers: true } : node)),
    }))
    tale.world(failed('PodEvictionFailure'))
    expect(tale.decide()).toMatchObject({
      kind: 'perform',
      commands: [{ action: { kind: 'uncordon', node: left?.name } }, { action: { kind: 'include-in-balancers' } }],
    })
  })

  it('nodes that never join: back after the grace period, cleaning up only, since EKS went back by itself', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    tale.world(failed('NodeCreationFailure'))
    expect(tale.decide()).toMatchObject({ kind: 'wait' })
    expect(tale.types()).toContain('rollback-started')
    tale.passes(11)
    expect(tale.decide()).toMatchObject({ kind: 'finished', outcome: { exit: 'rolledBack' } })
    expect(tale.events.filter((event) => event.type === 'command-intended')).toHaveLength(1)
  })

  it.each(['False', 'Unknown'] as const)(
    'nodes never join while untouched ones are Ready=%s: hold, what was changed did not break',
    (ready) => {
      const tale = beforeCanary()
      updateCanary(tale)
      tale.group('app-a', (group) => ({ nodes: group.nodes.map((node) => ({ ...node, ready })) }))
      tale.world(failed('NodeCreationFailure'))
      expect(tale.decide()).toMatchObject({ kind: 'hold', because: expect.stringContaining('untouched nodes fail too') })
      expect(tale.state.hold?.cause).toBe('control-fails-too')
      expect(tale.types()).not.toContain('rollback-started')
    },
  )

  it('the same in a wave holds by default, and a person may say rollback', () => {
    const tale = beforeCanary({
      plan: { canary: undefined },
      intent: { addons: [], groups: aTale().itinerary.source.intent.groups.filter(({ name }) => name === 'app-a') },
    })
    tale.answer(tale.decide(), { kind: 'accepted', updateId: 'u-canary' })
    tale.world(failed('NodeCreationFailure'))
    expect(tale.decide()).toMatchObject({ kind: 'hold' })
    tale.decide({ requests: [lena('rollback')] })
    expect(tale.types()).toContain('rollback-started')
  })

  it('aws-node fails on new nodes, not on others: confirmed by a plain read, then back', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    tale.passes(8)
    tale.group('canary', (group) => ({
      nodes: [
        ...group.nodes,
        ...replaced(group.nodes, tale.now - 7 * 60_000, { ready: 'False' }).map((node) => ({
          ...node,
          lastAddressAt: undefined,
          addressedPods: 0,
          awsNode: node.awsNode && {
            ...node.awsNode,
            containers: node.awsNode.containers.map((c) => ({ ...c, ready: false, restarts: 3 })),
          },
        })),
      ],
    }))
    expect(tale.decide()).toMatchObject({ kind: 'inspect', what: 'plain-read' })
    tale.world(() => ({ plainReadAt: tale.now }))
    expect(tale.decide()).toMatchObject({ kind: 'wait', because: expect.stringContaining('grace') })
    expect(tale.state.back?.failure.cause).toBe('networking-fails')
  })

  it('new and untouched nodes fail alike: unknown, so hold after its budget, never back', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    tale.passes(8)
    canaryReplaced(tale)
    const broken = (seen: Seen): Partial<Seen> => ({
      groups: Object.fromEntries(
        Object.entries(seen.groups).map(([name, group]) => [
          name,
          {
            ...group,
            nodes: group.nodes.map((node) => ({
              ...node,
              awsNode: node.awsNode && {
                ...node.awsNode,
                containers: node.awsNode.containers.map((c) => ({ ...c, ready: false, restarts: c.restarts + 5 })),
              },
            })),
          },
        ]),
      ),
    })
    tale.passes(7)
    tale.world(broken)
    for (let minute = 0; minute < 20 && tale.state.hold === undefined; minute++) {
      tale.decide()
      tale.passes(1)
      tale.world(() => ({ plainReadAt: tale.now }))
    }
    expect(tale.state.hold?.cause).toBe('evidence-missing')
    expect(tale.types()).not.toContain('rollback-started')
  })

  it('an update still in progress at its time-out: hold, for it cannot be cancelled', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    tale.group('canary', () => ({ status: 'UPDATING' }))
    tale.passes(95)
    tale.decide()
    expect(tale.state.hold?.cause).toBe('update-overdue')
  })
})

describe('people', () => {
  it('an approval is waited for; the one who started cannot give it when a role is named', () => {
    const waves = aTale().itinerary.source.plan.waves.map((wave) => ({ ...wave, approval: { role: 'sre' } }))
    const tale = beforeCanary({
      plan: { canary: undefined, waves },
      intent: { addons: [], groups: aTale().itinerary.source.intent.groups.filter(({ name }) => name === 'app-a') },
    })
    expect(tale.decide()).toMatchObject({ kind: 'hold', exit: 'held', because: expect.stringContaining('approves') })
    expect(tale.decide({ requests: [lena('approve')] }).kind).toBe('hold')
    expect(tale.decide({ requests: [lena('approve', { id: 'other', by: 'olu' })] }).kind).toBe('perform')
  })

  it('hold takes effect when what EKS works on has ended; until then nothing new begins', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    expect(tale.decide({ requests: [lena('hold')] })).toMatchObject({
      kind: 'wait',
      because: expect.stringContaining('lena asked to hold'),
    })
    tale.passes(10)
    canaryReplaced(tale)
    expect(tale.decide()).toMatchObject({ kind: 'hold', because: expect.stringContaining('lena') })
  })

  it('a rollback is not overruled by a hold, whichever was typed first', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    tale.decide({ requests: [lena('rollback', { at: 1 }), lena('hold', { at: 2 })] })
    expect(tale.types()).toContain('rollback-started')
  })

  it('a hold in the grace period stops the way back; resuming then means forward', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    tale.world((seen) => ({
      updates: { ...seen.updates, 'u-canary': { id: 'u-canary', status: 'Failed', errors: [{ errorCode: 'NodeCreationFailure' }] } },
    }))
    tale.decide()
    expect(tale.decide({ requests: [lena('hold')] })).toMatchObject({ kind: 'hold' })
    tale.decide({ requests: [lena('resume')] })
    expect(tale.state.back).toBeUndefined()
  })

  it('resume tries the failed step again under another token', () => {
    const tale = beforeCanary()
    const first = tale.decide()
    tale.answer(first, { kind: 'accepted', updateId: 'u-canary' })
    tale.world((seen) => ({
      updates: { ...seen.updates, 'u-canary': { id: 'u-canary', status: 'Failed', errors: [{ errorCode: 'PodEvictionFailure' }] } },
    }))
    tale.decide()
    expect(tale.decide({ requests: [lena('resume')] })).toMatchObject({ kind: 'inspect', what: 'preflight' })
    tale.happens(preflightEvent('clear'))
    const second = tale.decide()
    if (first.kind !== 'perform' || second.kind !== 'perform') throw new Error(`expected commands, got ${second.kind}`)
    expect(second.commands[0]?.action).toEqual(first.commands[0]?.action)
    expect(second.commands[0]?.id).not.toBe(first.commands[0]?.id)
  })

  it.each([
    ['the batch that was about to begin', undefined, 'accepted'],
    ['a batch by its name', 'canary/1', 'accepted'],
    ['a step of a batch that has not begun', 'canary/1/canary', undefined],
    ['something the run does not have', 'canary/one', undefined],
  ])('accept of %s never makes the journal unreadable', (_title, step, status) => {
    const tale = beforeCanary()
    tale.decide({ requests: [lena('accept', { step, reason: 'done by hand' })] })
    const accepted = Object.values(tale.state.batches).filter((batch) => batch.status === 'accepted')
    expect(accepted.map((batch) => batch.status)).toEqual(status === undefined ? [] : [status])
  })

  it('what is accepted by hand is done from then on, and not since the run was opened', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    tale.passes(30)
    const step = 'canary/1/canary'
    tale.happens({ type: 'accepted-by-hand', at: step, by: 'lena', reason: 'done by hand' })
    expect(tale.state.batches['canary/1']?.steps[step]?.doneAt).toBe(tale.now)
  })

  it('what is accepted by hand passes the gates of its batch like what the run did itself', () => {
    const tale = beforeCanary()
    tale.answer(tale.decide(), { kind: 'unsettled', code: 'REMOTE_UNAVAILABLE', message: 'no answer' })
    tale.happens({ type: 'accepted-by-hand', at: 'canary/1/canary', by: 'lena', reason: 'updated it in the console' })
    expect(tale.decide()).not.toMatchObject({ kind: 'record', events: [{ type: 'batch-passed' }] })
    expect(tale.types()).not.toContain('batch-passed')
  })

  it.each(['rollback', 'abandon'] as const)('%s opens a hold that was entered over a command without a clear answer', (door) => {
    const tale = beforeCanary()
    tale.answer(tale.decide(), { kind: 'unsettled', code: 'REMOTE_UNAVAILABLE', message: 'no answer' })
    tale.passes(25)
    expect(tale.decide()).toMatchObject({ kind: 'hold' })
    tale.decide({ requests: [lena(door, { reason: 'enough' })] })
    expect(tale.types()).toContain(door === 'abandon' ? 'run-finished' : 'rollback-started')
  })

  it('abandon ends the run and says what stays', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    expect(tale.decide({ requests: [lena('abandon', { reason: 'wrong plan' })] })).toMatchObject({
      kind: 'finished',
      outcome: { exit: 'failed', abandoned: true, summary: expect.stringContaining('wrong plan') },
    })
  })

  it('--until canary stops before the waves', () => {
    const tale = beforeCanary({
      plan: { canary: undefined },
      intent: { addons: [], groups: aTale().itinerary.source.intent.groups.filter(({ name }) => name === 'app-a') },
    })
    expect(tale.decide({ until: 'canary' })).toMatchObject({ kind: 'hold', because: expect.stringContaining('canary') })
  })

  it('after an interrupt a command that met a conflict is not sent again, and one that may have got through is settled first', () => {
    const conflict = beforeCanary()
    conflict.answer(conflict.decide(), { kind: 'deferred', code: 'ResourceInUseException', message: 'busy' })
    conflict.passes(6)
    expect(conflict.decide({ stopping: true })).toMatchObject({ kind: 'hold', exit: 'interrupted' })
    const unclear = beforeCanary()
    unclear.answer(unclear.decide(), { kind: 'unsettled', code: 'REMOTE_UNAVAILABLE', message: 'no answer' })
    expect(unclear.decide({ stopping: true })).toMatchObject({ kind: 'wait', because: expect.stringContaining('not known yet') })
    unclear.passes(1)
    expect(unclear.decide({ stopping: true })).toMatchObject({ kind: 'perform' })
  })

  it('an interrupt starts nothing new', () => {
    expect(aTale().decide({ stopping: true })).toMatchObject({ kind: 'hold', exit: 'interrupted' })
  })
})

describe('the end', () => {
  it('a way back that failed is tried again once for each time that somebody asks', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    const outcome = { exit: 'rollbackFailed', summary: 'stuck', changed: [], takenBack: [], untouched: [], byHand: [] } as const
    tale.happens({ type: 'run-finished', outcome })
    const requests = [lena('rollback')]
    tale.decide({ requests })
    expect(tale.types().filter((type) => type === 'rollback-started')).toHaveLength(1)
    tale.happens({ type: 'run-finished', outcome })
    expect(tale.decide({ requests })).toMatchObject({ kind: 'finished', outcome: { exit: 'rollbackFailed' } })
  })

  it('a group that EKS has taken back by itself is back, although no node changed that gates could judge', () => {
    const tale = beforeCanary()
    tale.answer(tale.decide(), { kind: 'accepted', updateId: 'u-canary' })
    tale.group('canary', () => ({ spec: { version: '1.33', releaseVersion: 'half way' } }))
    tale.passes(1)
    expect(tale.decide({ requests: [lena('rollback')] })).toMatchObject({ kind: 'inspect', what: 'preflight' })
    tale.happens(preflightEvent('clear'))
    tale.answer(tale.decide(), { kind: 'accepted', updateId: 'u-back' })
    tale.group('canary', () => ({ spec: tale.itinerary.baseline.groups.canary?.spec ?? {} }))
    tale.world((seen) => ({ updates: { ...seen.updates, 'u-back': { id: 'u-back', status: 'Successful' } } }))
    tale.decide()
    expect(tale.state.batches['back/canary/1/canary']?.status).toBe('passed')
  })

  it('a group that EKS is still busy with is waited for before it goes back', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    tale.group('canary', () => ({ status: 'UPDATING' }))
    expect(tale.decide({ requests: [lena('rollback')] })).toMatchObject({ kind: 'wait', because: expect.stringContaining('still busy') })
  })

  it('a way back without room for its new nodes is asked for it again within minutes, and then stops for a person', () => {
    const tale = beforeCanary()
    updateCanary(tale)
    tale.group('canary', () => ({ spec: { version: '1.33', releaseVersion: 'half way' } }))
    tale.decide({ requests: [lena('rollback')] })
    tale.happens(preflightEvent('blocked'))
    expect(tale.decide()).toMatchObject({ kind: 'wait', because: expect.stringContaining('canary') })
    tale.passes(1)
    expect(tale.decide()).toMatchObject({ kind: 'inspect', what: 'preflight' })
    tale.happens(preflightEvent('blocked'))
    tale.passes(4)
    expect(tale.decide()).toMatchObject({
      kind: 'finished',
      outcome: { exit: 'rollbackFailed', summary: expect.stringContaining('SUBNET_ADDRESSES') },
    })
  })

  it('a change whose answer was lost goes back too, although the command is no longer wanted', () => {
    const groups = aTale().itinerary.source.intent.groups.map((group) =>
      group.name === 'canary' ? { ...group, maxUnavailable: 2 } : group,
    )
    const tale = aTale({ plan: { nodeGroups: [{ match: 'canary', maxUnavailable: 2 }] }, intent: { addons: [], groups } })
    const settings = tale.decide()
    tale.answer(settings, { kind: 'unsettled', code: 'REMOTE_UNAVAILABLE', message: 'cut off' })
    tale.group('canary', () => ({ updateConfig: { maxUnavailable: 2, updateStrategy: 'DEFAULT' } }))
    tale.passes(1)
    tale.answer(tale.decide(), { kind: 'accepted', updateId: 'u-canary' })
    tale.decide({ requests: [lena('rollback')] })
    expect(tale.state.back?.batches.map(({ id }) => id)).toContain('back/canary/1/canary/settings')
  })

  it('nothing to do is a success', () => {
    const tale = aTale({ intent: { addons: [], groups: [] } })
    expect(tale.decide()).toMatchObject({ kind: 'finished', outcome: { exit: 'ok', summary: expect.stringContaining('nothing to do') } })
  })
})
