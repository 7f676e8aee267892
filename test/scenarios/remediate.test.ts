import { afterAll, describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/model/instant.ts'
import type { KubernetesObject, Pod } from '../../src/model/kubernetes.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import { RESOURCES } from '../../src/ports/kubernetes.ts'
import { type RehearsalSettings, rehearse } from '../support/rehearsal.ts'
import { openSimulatedCli } from '../support/simulated-cli.ts'
import { eventsOf } from './story.ts'

const PLAN = 'plans/quickstart.yaml'

function opened(settings: Omit<RehearsalSettings, 'plan'>) {
  const cli = openSimulatedCli({ plan: 'quickstart', ...settings })
  afterAll(() => cli.close())
  return cli
}

/** A policy rewrites pods on UPDATE while security groups for pods are in use (aws/amazon-vpc-cni-k8s#2814). */
describe('pods that a webhook keeps from their branch interfaces', async () => {
  const cli = opened({ scenarios: ['signatures/p01'] })
  const { world } = cli.simulation
  const pods = () => world.store.list('Pod').filter(({ metadata }) => metadata.namespace === 'shop') as unknown as readonly Pod[]
  const stuck = () => pods().filter(({ status }) => status?.phase === 'Pending').length
  for (const { metadata } of pods()) world.deletePod('shop', metadata.name, 0)
  world.timeline.advanceTo(world.timeline.now() + 10 * MINUTE)

  it('are told by their cause, and not by what follows from it', async () => {
    const { exit, stdout } = await cli.type(['diagnose', PLAN, '-o', 'json'])
    expect(exit).toBe(10)
    const [first] = JSON.parse(stdout).diagnoses
    expect(first).toMatchObject({ code: 'P01', nodes: expect.any(Array), remedy: { disposition: 'person' } })
  })

  it('are left alone, and the exclusion is printed that has to come first', async () => {
    const before = stuck()
    const { exit, stderr } = await cli.type(['remediate', PLAN, '--yes'])
    expect(exit).toBe(10)
    expect(stderr).toContain('kubectl patch clusterpolicy restrict-seccomp --type=json')
    expect(stuck()).toBe(before)
  })

  it('are made anew once it is applied, and start', async () => {
    const before = stuck()
    expect(before).toBeGreaterThan(3)
    const { stderr } = await cli.type(['remediate', PLAN])
    const told = (await cli.type(['remediate', PLAN])).stdout
    const [, patch = ''] = /-p '(.*?)'/.exec(told) ?? []
    const ports = await cli.simulation.connect()
    await ports.kubernetes.patch<KubernetesObject>(RESOURCES.kyvernoPolicies, undefined, 'restrict-seccomp', 'json', JSON.parse(patch))
    expect(stderr).toContain('Nothing was changed')
    const { exit, stdout } = await cli.type(['remediate', PLAN, '--yes'])
    expect(stdout).toContain('stuck pods')
    expect({ exit, stuck: stuck() }).toEqual({ exit: 0, stuck: 0 })
  })
})

/** So many that pre-flight would block an upgrade. */
describe('nodes on which aws-node hangs since it was restarted', async () => {
  const fault = { fault: 'ipam-hang', where: { group: 'app-a', launchedLater: false, share: 0.34 } }
  const metadata = { name: 'ill', summary: 'ill' }
  const text = JSON.stringify({ apiVersion: 'serin.dev/v1alpha1', kind: 'Scenario', metadata, faults: [fault] })
  const cli = opened({ scenarios: [{ name: 'ill', text }] })
  const { world } = cli.simulation
  for (const { metadata } of world.store.list('Pod').filter(({ metadata: { name } }) => name.startsWith('aws-node-')))
    world.deletePod('kube-system', metadata.name, 0)
  world.timeline.advanceTo(world.timeline.now() + 10 * MINUTE)

  it('keep an upgrade from beginning, and not the cure', async () => {
    expect((await cli.type(['preflight', PLAN])).stdout).toContain('AWS_NODE_HEALTHY')
    const { exit, stdout } = await cli.type(['remediate', PLAN, '--yes'])
    expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringContaining('node 2/2: passed') })
  })
})

describe('a run that pre-flight would not have let begin', () => {
  const waived = (code: string, subject: string) => ({
    code,
    subject,
    owner: 'lena',
    reason: 'to see it fail',
    expires: '2027-01-31',
    verdict: 'block' as const,
  })
  const WAIVERS = [
    waived('POD_UPDATE_WEBHOOK', 'ClusterPolicy/restrict-seccomp'),
    ...['cart', 'checkout', 'search', 'web'].map((name) => waived('DRAIN_BLOCKED', `PodDisruptionBudget/shop/${name}`)),
  ]

  it('stops at the canary with the policy as its cause, and goes nowhere: whatever is started anew is stuck everywhere', async () => {
    const change = (plan: UpgradePlan): UpgradePlan => ({ ...plan, waivers: WAIVERS, target: { ...plan.target, addons: [] } })
    const { exit, journal } = await rehearse({ plan: 'quickstart', scenarios: ['signatures/p01'], change })
    expect({ exit, batches: eventsOf(journal, 'batch-started').map(({ batch }) => batch) }).toEqual({ exit: 'held', batches: ['canary/1'] })
    expect(eventsOf(journal, 'diagnosed').map(({ causes }) => causes.map(({ code }) => code))).toEqual([['P01']])
    const [hold] = eventsOf(journal, 'hold-entered')
    expect(hold?.because).toContain('Likeliest cause: P01, certain')
    expect(hold?.failure?.diagnosis?.[0]?.remedy.commands[0]).toContain('kubectl patch clusterpolicy restrict-seccomp')
  })
})
