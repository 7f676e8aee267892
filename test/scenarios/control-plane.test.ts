import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../src/journal/event.ts'
import { DAY, HOUR } from '../../src/model/instant.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { notAsBefore } from '../../src/rollout/as-it-was.ts'
import type { RehearsalSettings } from '../support/rehearsal.ts'
import { begin, eventsOf, goOn, heldFor, letTimePass, lookAround, outcomeOf, readable, withStory } from './story.ts'

/** A control plane that the plan moves: plan + world + faults -> journal. */

const plan = 'control-plane'

const fault = (text: string) => ({
  name: 'fault',
  text: `apiVersion: serin.dev/v1alpha1\nkind: Scenario\nmetadata: { name: fault, summary: one fault }\nfaults:\n  - ${text}\n`,
})

/** The step alone: neither add-ons nor nodes move with it. */
const stepAlone = (plan: UpgradePlan): UpgradePlan => ({
  ...plan,
  target: { ...plan.target, kubernetesVersion: undefined, images: 'keep' },
})

/** The run is open and waits for a yes when the control plane has moved and baked. */
const approvedCanary = (plan: UpgradePlan): UpgradePlan => ({ ...plan, ...(plan.canary && { canary: { ...plan.canary, approval: {} } }) })

const approvedWaves = (plan: UpgradePlan): UpgradePlan => ({ ...plan, waves: plan.waves.map((wave) => ({ ...wave, approval: {} })) })

describe('a control plane that moves', () => {
  it('comes after the add-ons and before the nodes, which stay behind while it bakes', async () => {
    await withStory({ plan }, async (story) => {
      expect(story.prepared.preflight).toMatchObject({ verdict: 'clear' })
      expect(outcomeOf(await begin(story))).toMatchObject({ exit: 'ok', byHand: [] })
      const passed = readable(story.journal).filter((line) => line.startsWith('batch-passed'))
      expect(passed.map((line) => line.slice('batch-passed '.length))).toEqual([
        'addon/kube-proxy/1',
        'addon/vpc-cni/1',
        'control-plane',
        'canary/1',
        'wave/rest/1',
      ])
      expect((await lookAround(story)).aws.cluster).toMatchObject({ version: '1.34', status: 'ACTIVE' })
    })
  })

  it('is written down with the last moment at which it can be taken back, counted from its intent', async () => {
    await withStory({ plan, change: stepAlone }, async (story) => {
      outcomeOf(await begin(story))
      const intended = story.journal.find(
        ({ event }) => event.type === 'command-intended' && event.command.action.kind === 'update-control-plane',
      )
      expect(eventsOf(story.journal, 'way-back-until')).toEqual([
        { type: 'way-back-until', step: 'control-plane/update', until: (intended?.at ?? 0) + 7 * DAY },
      ])
    })
  })

  it('whose intent was journalled and never sent begins only in the next window', async () => {
    const window = { timeZone: 'UTC', open: ['Tue 17:00-20:00', 'Wed 17:00-20:00'], freezes: [], atClose: 'hold' } as const
    await withStory({ plan, change: (given) => ({ ...stepAlone(given), window }) }, async (story) => {
      const isUpgrade = (event: RunEvent) => event.type === 'command-intended' && event.command.action.kind === 'update-control-plane'
      expect(await begin(story, isUpgrade)).toMatchObject({ kind: 'open', exit: 'terminated' })
      letTimePass(story, 6 * HOUR)
      expect(await goOn(story, 'resume')).toMatchObject({ kind: 'open', exit: 'deadline' })
      expect(eventsOf(story.journal, 'command-answered').at(-1)?.result).toEqual({ kind: 'moot', unbegun: true })
      expect((await lookAround(story)).aws.cluster).toMatchObject({ version: '1.33', status: 'ACTIVE' })

      letTimePass(story, 18 * HOUR)
      expect(outcomeOf(await goOn(story, 'resume'))).toMatchObject({ exit: 'ok' })
      const upgrades = eventsOf(story.journal, 'command-intended').filter(isUpgrade)
      expect(new Set(upgrades.map(({ command }) => command.id)).size).toBe(2)
    })
  })

  it('is not begun where an insight about the target is in error', async () => {
    await withStory(withControlPlane('{ insights: [{ name: Kubelet version skew, status: ERROR }] }'), async ({ prepared }) => {
      expect(prepared.preflight).toMatchObject({ verdict: 'blocked' })
      expect(blocking(prepared.preflight.findings)).toEqual(['CONTROL_PLANE_INSIGHTS Insight/Kubelet version skew'])
    })
  })

  it('is not begun where a Karpenter pool would drift, and the patch that keeps it from that is printed', async () => {
    const drifting = onWorld((world) => world.replace('[{ nodes: "0", reasons: [Drifted] }, { nodes: 10% }]', '[{ nodes: 10% }]'))
    await withStory(drifting, async ({ prepared }) => {
      expect(blocking(prepared.preflight.findings)).toEqual(['KARPENTER_DRIFT NodePool/general'])
      expect(prepared.preflight.findings.find(({ code }) => code === 'KARPENTER_DRIFT')?.remedy).toContain(
        `kubectl patch nodepool general --type merge -p '{"spec":{"disruption":{"budgets":[{"nodes":"10%"},{"nodes":"0","reasons":["Drifted"]}]}}}'`,
      )
    })
  })

  it('ends failed where EKS ends it so, and goes on when it is tried again', async () => {
    const scenarios = [fault('{ fault: control-plane-update-fails, when: { to: 1h } }')]
    await withStory({ plan, change: stepAlone, scenarios }, async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      expect(heldFor(story.journal)).toMatchObject({ cause: 'update-failed', at: 'control-plane/update' })
      letTimePass(story, HOUR)
      expect(outcomeOf(await goOn(story, 'resume'))).toMatchObject({ exit: 'ok' })
      expect((await lookAround(story)).aws.cluster?.version).toBe('1.34')
    })
  })

  it('is waited for while EKS patches it by itself, though it reads ACTIVE', async () => {
    const scenarios = [fault('{ fault: control-plane-patched-by-eks, when: { to: 50m } }')]
    await withStory({ plan, change: stepAlone, scenarios }, async (story) => {
      expect(outcomeOf(await begin(story))).toMatchObject({ exit: 'ok' })
      expect(readable(story.journal)).toContain('command-answered deferred')
    })
  })

  it('is unknown, not lost, while the API server is away for long', async () => {
    const scenarios = [fault('{ fault: api-server-away, when: { from: 25m, to: 33m } }')]
    await withStory({ plan, change: stepAlone, scenarios }, async (story) => {
      expect(outcomeOf(await begin(story))).toMatchObject({ exit: 'ok' })
      expect(readable(story.journal)).toContain('gate-judged control-plane control-plane unknown')
    })
  })

  it('holds when the API server does not come back, and goes on when it has', async () => {
    const scenarios = [fault('{ fault: api-server-away, when: { from: 25m, to: 2h } }')]
    await withStory({ plan, change: stepAlone, scenarios }, async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      expect(heldFor(story.journal)).toMatchObject({ cause: 'evidence-missing', at: 'control-plane' })
      letTimePass(story, 2 * HOUR)
      expect(outcomeOf(await goOn(story, 'resume'))).toMatchObject({ exit: 'ok' })
      expect(eventsOf(story.journal, 'rollback-started')).toEqual([])
    })
  })

  it('holds when it has not ended in an hour, and is watched to its end', async () => {
    const scenarios = [fault('{ fault: control-plane-update-stalls, when: { to: 3h } }')]
    await withStory({ plan, change: stepAlone, scenarios }, async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      expect(heldFor(story.journal)).toMatchObject({ cause: 'update-overdue' })
      letTimePass(story, 3 * HOUR)
      expect(outcomeOf(await goOn(story, 'resume'))).toMatchObject({ exit: 'ok' })
    })
  })
})

describe('the way back of a control plane', () => {
  it('is one call while the nodes are left behind', async () => {
    await withStory({ plan, change: approvedCanary }, async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      const back = outcomeOf(await goOn(story, 'rollback'))
      expect(back).toMatchObject({ exit: 'rolledBack' })
      expect(notAsBefore(story.start, await lookAround(story))).toEqual([])
    })
  })

  it('follows the nodes, and add-ons that fit the former minor alone come after it', async () => {
    const scenarios = [fault('{ fault: ipam-hang, where: { group: canary, kubeletMinor: "1.34" } }')]
    await withStory({ plan, scenarios }, async (story) => {
      expect(outcomeOf(await begin(story))).toMatchObject({ exit: 'rolledBack' })
      expect(eventsOf(story.journal, 'rollback-started')[0]?.batches.map(({ id }) => id)).toEqual([
        'back/addon/kube-proxy/1/kube-proxy',
        'back/canary/1/canary',
        'back/control-plane/update',
        'back/addon/vpc-cni/1/vpc-cni',
        'back/aws-node-fields',
        'back/tidy',
      ])
      expect(notAsBefore(story.start, await lookAround(story))).toEqual([])
    })
  })

  it('is left to a person where EKS takes no node back to its minor, with the calls that are left to make', async () => {
    await withStory({ plan, minorDowngrade: 'strict', change: approvedWaves }, async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      const outcome = outcomeOf(await goOn(story, 'rollback'))
      expect(outcome).toMatchObject({ exit: 'failed', takenBack: ['kube-proxy: v1.33.5-eksbuild.2 → v1.33.10-eksbuild.29'] })
      expect(outcome.byHand).toEqual([
        expect.stringMatching(/^canary back to 1.33 .*: eks:UpdateNodegroupVersion canary version=1.33/),
        'control plane back to 1.33: eks:UpdateClusterVersion version=1.33',
        expect.stringMatching(/^vpc-cni back to v1.17.1-eksbuild.1: eks:UpdateAddon vpc-cni/),
      ])
      const refusals = eventsOf(story.journal, 'batch-failed').map(({ failure }) => failure.message)
      expect(refusals).toContainEqual(expect.stringMatching(/would not take the control plane back: ROLLBACK_INSIGHTS .*kubelet/i))
      expect((await lookAround(story)).aws.cluster?.version).toBe('1.34')
    })
  })

  it.each([
    { door: 'resume', exit: 'rolledBack', sent: 1, minor: '1.33' },
    { door: 'abandon', exit: 'failed', sent: 0, minor: '1.34' },
  ] as const)('intended and never sent is only looked for; $door hours later ends $exit', async ({ door, exit, sent, minor }) => {
    await withStory({ plan, change: approvedCanary }, async (story) => {
      await begin(story)
      const isRollback = (event: RunEvent) =>
        event.type === 'command-intended' && event.command.action.kind === 'update-control-plane' && event.command.action.goesBack === true
      expect(await goOn(story, 'rollback', {}, undefined, isRollback)).toMatchObject({ kind: 'open', exit: 'terminated' })
      letTimePass(story, 5 * HOUR)

      const from = story.journal.length
      expect(outcomeOf(await goOn(story, door, { machine: 'another' })).exit).toBe(exit)
      const told = readable(story.journal.slice(from))
      expect(told).toContain('command-answered moot')
      expect(told.filter((line) => line === 'command-intended back/control-plane/update/step update-control-plane')).toHaveLength(sent)
      // Whether EKS is ready to take it back was asked anew.
      expect(told.filter((line) => line === 'preflight-evaluated clear')).toHaveLength(sent)
      expect((await lookAround(story)).aws.cluster?.version).toBe(minor)
    })
  })

  it('takes the nodes of Auto Mode back first, which `hold` cancels and `resume` begins anew', async () => {
    const auto = withControlPlane('{ autoMode: { nodeRollback: 40m } }')
    await withStory({ ...auto, change: approvedCanary }, async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      const ports = await story.simulation.connect('onlooker')
      const asked = goOn(story, 'rollback', {}, async ({ event }) => {
        if (event.type !== 'command-answered' || event.result.kind !== 'accepted' || event.result.updateId === undefined) return
        if (!readable(story.journal).some((line) => line.startsWith('command-intended back/control-plane'))) return
        const at = ports.clock.now()
        if (!readable(story.journal).includes('hold-left resume')) await ports.records.request({ id: 'stop', kind: 'hold', by: 'max', at })
      })
      expect(await asked).toMatchObject({ kind: 'open', exit: 'held' })
      expect(readable(story.journal)).toContain('command-intended back/control-plane/update/step cancel-rollback')
      expect(outcomeOf(await goOn(story, 'resume'))).toMatchObject({ exit: 'rolledBack' })
      expect(notAsBefore(story.start, await lookAround(story))).toEqual([])
    })
  })

  it('is gone after 7 days: the run holds before it goes on', async () => {
    await withStory({ plan, change: approvedCanary }, async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      letTimePass(story, 8 * DAY)
      const ending = await goOn(story, 'approve')
      expect(ending).toMatchObject({ kind: 'open', exit: 'held' })
      expect(ending.kind === 'open' && ending.because).toMatch(/WAY_BACK_OPEN .*control plane that EKS takes back to 1.33/)
    })
  })
})

/** The shipped plan on the shipped world, with something in it said otherwise. */
function onWorld(change: (world: string) => string): RehearsalSettings {
  const read = (path: string) => readFileSync(path, 'utf8')
  return { plan: { plan: loadPlan({ read }, 'plans/control-plane.yaml').plan, world: change(read('plans/worlds/control-plane.yaml')) } }
}

const withControlPlane = (parts: string) => onWorld((world) => `${world}\ncontrolPlane: ${parts}\n`)

function blocking(findings: readonly { readonly verdict: string; readonly code: string; readonly subject: string }[]): readonly string[] {
  return findings.filter(({ verdict }) => verdict === 'block').map(({ code, subject }) => `${code} ${subject}`)
}
