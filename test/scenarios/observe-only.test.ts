import { describe, expect, it } from 'vitest'
import { HOUR } from '../../src/model/instant.ts'
import { loadPlan } from '../../src/plan/load.ts'
import type { RehearsalSettings } from '../support/rehearsal.ts'
import { begin, eventsOf, goOn, heldFor, letTimePass, outcomeOf, withStory } from './story.ts'

/** Nodes that no group launches: it is said what becomes of them, and they are watched and gated, never touched. */

const WORLD = `
apiVersion: serin.dev/v1alpha1
kind: World
metadata: { name: mixed }
clock: { start: "2026-09-22T18:00:00Z" }
seed: 1
cluster: { name: mixed, region: eu-west-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets: [{ name: nodes-a, zone: eu-west-1a, cidr: 10.40.0.0/22, used: 20 }]
nodeGroups:
  - { name: app, instanceTypes: [m5.large], size: { min: 1, max: 4, desired: 2 }, subnets: [nodes-a] }
otherNodes:
  - { name: default, kind: karpenter, count: 2, instanceType: m5.large, kubernetesVersion: "1.32", subnets: [nodes-a] }
  - { name: shop-floor, kind: hybrid, count: 2, kubernetesVersion: "1.32" }
addons:
  - { name: kube-proxy, version: v1.33.5-eksbuild.2 }
  - { name: vpc-cni, version: v1.20.4-eksbuild.2 }
  - { name: coredns, version: v1.12.4-eksbuild.1 }
workloads:
  - { kind: Deployment, namespace: shop, name: web, replicas: 6, cpu: 300m, memory: 256Mi }
`

const PLAN = `
apiVersion: serin.dev/v1alpha1
kind: UpgradePlan
metadata: { name: watch }
cluster: { name: mixed, region: eu-west-1, accountId: "111122223333" }
target: { images: keep }
waves:
  - { name: pools, nodeGroups: ["karpenter:*", "hybrid:all"], gates: [nodes-ready], soak: 5m }
  - { name: rest, nodeGroups: ["*"] }
nodeGroups:
  - { match: "karpenter:default", strategy: observe-only, timeout: 2h }
rollback: { waves: automatic, grace: 0s }
`

function settings(upgraded?: string, fault?: string): RehearsalSettings {
  const world =
    upgraded === undefined ? WORLD : WORLD.replaceAll('kubernetesVersion: "1.32"', `kubernetesVersion: "1.32", upgradedAfter: ${upgraded}`)
  const { plan } = loadPlan({ read: () => PLAN }, 'plan.yaml')
  const text = `apiVersion: serin.dev/v1alpha1\nkind: Scenario\nmetadata: { name: told, summary: for a test }\nfaults:\n  - ${fault}\n`
  return { plan: { plan, world }, ...(fault !== undefined && { scenarios: [{ name: 'told', text }] }) }
}

describe('nodes that others move', () => {
  it('are told of before the run: what happens by itself, and what a person has to do', async () => {
    await withStory(settings(), async ({ prepared: { itinerary } }) => {
      const steps = itinerary.batches.flatMap((batch) => batch.steps)
      expect(steps.map(({ id }) => id)).toEqual(['wave/pools/watched/karpenter:default', 'wave/pools/watched/hybrid:all'])
      expect(steps).toMatchObject([
        { person: expect.stringContaining('kubectl get nodepool default') },
        { happens: 'nothing: these machines are your own', person: expect.stringContaining('nodeadm upgrade 1.33') },
      ])
    })
  })

  it('are waited for, gated once they have come, and never touched', async () => {
    await withStory(settings('40m'), async (story) => {
      const outcome = outcomeOf(await begin(story))
      expect(outcome.exit).toBe('ok')
      expect(eventsOf(story.journal, 'command-intended')).toEqual([])
      const passed = eventsOf(story.journal, 'gate-judged').filter(({ judgement }) => judgement.verdict === 'pass')
      expect(passed.map(({ gate, judgement }) => `${gate}: ${judgement.reason}`)).toEqual([
        expect.stringMatching(/^nodes-ready: 4 nodes with the target have been Ready/),
      ])
    })
  })

  it('hold the run when they do not come in time, with what there is to do, and it goes on when they have', async () => {
    await withStory(settings('3h'), async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      expect(heldFor(story.journal)).toMatchObject({ cause: 'update-overdue' })
      expect(heldFor(story.journal)?.message).toContain('kubectl get nodepool default')
      letTimePass(story, HOUR)
      expect(outcomeOf(await goOn(story, 'resume')).exit).toBe('ok')
    })
  })

  it('that fail hold the run and take nothing back, whatever the plan says of waves', async () => {
    await withStory(settings('40m', '{ fault: kubelet-silent, where: { group: shop-floor }, when: { from: 41m } }'), async (story) => {
      expect(await begin(story)).toMatchObject({ kind: 'open', exit: 'held' })
      expect(eventsOf(story.journal, 'rollback-started')).toEqual([])
      expect(eventsOf(story.journal, 'command-intended')).toEqual([])
    })
  })
})
