import { afterAll, describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/model/instant.ts'
import {
  conditionOf,
  EXCLUDE_FROM_BALANCERS_LABEL,
  KEEP_FROM_AUTOSCALER,
  type KubernetesObject,
  NODEGROUP_LABEL,
  type Node,
  type Pod,
  RETIRED,
} from '../../src/model/kubernetes.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import { RESOURCES } from '../../src/ports/kubernetes.ts'
import type { World } from '../../src/sandbox/contract.ts'
import { type RehearsalSettings, rehearse } from '../support/rehearsal.ts'
import { openSimulatedCli } from '../support/simulated-cli.ts'
import { eventsOf } from './story.ts'

const PLAN = 'plans/quickstart.yaml'
const SELF_MANAGED = 'plans/self-managed.yaml'

function opened(settings: Partial<RehearsalSettings>) {
  const cli = openSimulatedCli({ plan: 'quickstart', ...settings })
  afterAll(() => cli.close())
  return cli
}

function scenario(name: string, rest: object) {
  return { name, text: JSON.stringify({ apiVersion: 'serin.dev/v1alpha1', kind: 'Scenario', metadata: { name, summary: name }, ...rest }) }
}

function nodesOf({ store }: World): readonly Node[] {
  return store.list('Node') as unknown as readonly Node[]
}

/** Every aws-node is made anew in place, and has ten minutes. */
function restartAwsNodes(world: World): void {
  for (const { metadata } of world.store.list('Pod').filter(({ metadata: { name } }) => name.startsWith('aws-node-')))
    world.deletePod('kube-system', metadata.name, 0)
  world.timeline.advanceTo(world.timeline.now() + 10 * MINUTE)
}

/** Nodes whose aws-node is not Ready. */
function notReady({ store }: World): readonly string[] {
  const pods = store.list('Pod').filter(({ metadata: { name } }) => name.startsWith('aws-node-')) as unknown as readonly Pod[]
  const ready = ({ status }: Pod) => conditionOf(status?.conditions, 'Ready')?.status === 'True'
  return pods.filter((pod) => !ready(pod)).flatMap(({ spec }) => spec?.nodeName ?? [])
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
  const cli = opened({ scenarios: [scenario('ill', { faults: [fault] })] })
  restartAwsNodes(cli.simulation.world)

  it('keep an upgrade from beginning, and not the cure', async () => {
    expect((await cli.type(['preflight', PLAN])).stdout).toContain('AWS_NODE_HEALTHY')
    const { exit, stdout } = await cli.type(['remediate', PLAN, '--yes'])
    expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringContaining('node 2/2: passed') })
  })
})

/** Auto Scaling groups that EKS does not manage: whoever launched the node launches the next. */
describe('nodes of a self-managed group on which aws-node hangs since it was restarted', () => {
  const fault = { fault: 'ipam-hang', where: { group: 'billing', launchedLater: false, share: 0.34 } }
  const cli = opened({ plan: 'self-managed', scenarios: [scenario('ill', { faults: [fault] })] })
  const { world } = cli.simulation
  const billing = () => nodesOf(world).filter(({ metadata }) => metadata.labels?.workload === 'billing')
  restartAwsNodes(world)
  const before = billing().map(({ metadata }) => metadata.name)
  const sick = new Set(notReady(world))

  it('are replaced one by one by their Auto Scaling group, which keeps its size, and the others stay', async () => {
    expect(sick.size).toBeGreaterThan(0)
    const { exit, stdout } = await cli.type(['remediate', SELF_MANAGED, '--yes'])
    expect({ exit, stdout }).toMatchObject({ exit: 0, stdout: expect.stringContaining(`node ${sick.size}/${sick.size}: passed`) })
    const after = billing().map(({ metadata }) => metadata.name)
    expect(after).toHaveLength(before.length)
    expect(before.filter((name) => !after.includes(name)).toSorted()).toEqual([...sick].toSorted())
    expect(notReady(world)).toEqual([])
  })

  it('leave nothing more to cure', async () => {
    expect(await cli.type(['remediate', SELF_MANAGED])).toMatchObject({
      exit: 0,
      stderr: expect.stringContaining('there is nothing that may be cured'),
    })
  })
})

describe('what a dead run left on nodes', () => {
  const cli = opened({ plan: 'self-managed' })
  const { world } = cli.simulation
  const change = (group: string, nth: number, spec: object, metadata: object = {}): string => {
    const node = nodesOf(world).filter(({ metadata: { labels = {} } }) => (labels.workload ?? labels[NODEGROUP_LABEL]) === group)[nth]
    const name = node?.metadata.name ?? ''
    world.store.update('Node', undefined, name, (current) => {
      const { labels, annotations } = { labels: {}, annotations: {}, ...metadata } as Record<string, Record<string, string>>
      const { metadata: own } = current
      const merged = {
        ...own,
        labels: { ...own.labels, ...labels },
        annotations: { ...(own as Node['metadata']).annotations, ...annotations },
      }
      return { ...current, metadata: merged, spec: { ...(current as Node).spec, ...spec } }
    })
    return name
  }
  const OUT = { [EXCLUDE_FROM_BALANCERS_LABEL]: 'true' }
  const cordon = { unschedulable: true }
  const retired = change('billing', 0, cordon, { labels: OUT, annotations: { [RETIRED]: 'true', [KEEP_FROM_AUTOSCALER]: 'true' } })
  const tainted = change('billing', 1, { taints: [{ key: 'serin.dev/network-fails', effect: 'NoSchedule' }] })
  const ofEks = change('system', 0, cordon, { labels: OUT })
  const byHand = change('billing', 2, cordon)
  const named = (name: string) => nodesOf(world).find(({ metadata }) => metadata.name === name)

  it('is named before anything is done, and the cordon of a person is not among it', async () => {
    const { exit, stdout } = await cli.type(['remediate', SELF_MANAGED])
    expect(exit).toBe(0)
    for (const name of [retired, tainted, ofEks]) expect(stdout).toContain(name)
    expect(stdout).not.toContain(byHand)
  })

  it('is taken away, and nothing else', async () => {
    const { exit, stdout } = await cli.type(['remediate', SELF_MANAGED, '--yes'])
    expect(exit, stdout).toBe(0)
    for (const name of [retired, tainted, ofEks]) {
      const { metadata, spec } = named(name) ?? {}
      const { labels = {}, annotations = {} } = metadata ?? { name }
      expect({ cordoned: spec?.unschedulable ?? false, out: labels[EXCLUDE_FROM_BALANCERS_LABEL], mark: annotations[RETIRED] }).toEqual({
        cordoned: false,
        out: undefined,
        mark: undefined,
      })
      expect(annotations[KEEP_FROM_AUTOSCALER]).toBeUndefined()
      expect((spec?.taints ?? []).map(({ key }) => key)).toEqual([])
    }
    expect(named(byHand)?.spec?.unschedulable).toBe(true)
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
