import { describe, expect, it } from 'vitest'
import { diagnose } from '../../src/diagnosis/diagnose.ts'
import { prepare } from '../../src/engine/prepare.ts'
import { MINUTE } from '../../src/model/instant.ts'
import type { PodDisruptionBudget } from '../../src/model/kubernetes.ts'
import type { GateSpec, UpgradePlan } from '../../src/model/plan.ts'
import { diagnosisText } from '../../src/report/diagnosis-text.ts'
import { CONDITIONS } from '../../src/report/monitor/conditions.ts'
import { METRICS } from '../../src/report/monitor/metrics.ts'
import { PLAIN } from '../../src/report/style.ts'
import { eventsOf } from '../scenarios/story.ts'
import { caseOf, RECIPES, SEEDS } from '../support/diagnosis/corpus.ts'
import { type RehearsalSettings, rehearse } from '../support/rehearsal.ts'
import { openSimulatedCli } from '../support/simulated-cli.ts'
import {
  awsNodeEnv,
  changeAws,
  changeCluster,
  changeNodes,
  changeObject,
  healthyPlan,
  healthySnapshot,
  type SnapshotChange,
} from '../support/snapshot-builder.ts'

/**
 * The two incidents of the VPC CNI that Serin exists for (aws/amazon-vpc-cni-k8s#3224 and #2814), and what each of their lessons asks.
 * Here each is shown once, by its name; the details are tested where they are built.
 */

function found(code: string, changes: readonly SnapshotChange[] = [], plan: Partial<UpgradePlan> = {}) {
  const { findings } = prepare(healthyPlan(plan), healthySnapshot(...changes)).preflight
  return findings
    .filter((finding) => finding.code === code)
    .map(({ verdict, message, remedy = '' }) => ({ verdict, words: `${message} ${remedy}` }))
}

const scenario = (faults: readonly object[], world: object = {}) => ({
  name: 'case',
  text: JSON.stringify({ apiVersion: 'serin.dev/v1alpha1', kind: 'Scenario', metadata: { name: 'case', summary: 'case' }, world, faults }),
})

const played = async (settings: Partial<RehearsalSettings>) => await rehearse({ plan: 'incident-1', ...settings })

describe('incident 1: aws-node hangs on some nodes', () => {
  it('test CNI compatibility before the upgrade, in a small place first', async () => {
    const { target } = healthyPlan()
    const addons = target.addons.map((addon) => ({ ...addon, version: 'v1.22.99-eksbuild.1' }))
    expect(found('ADDON_LISTED')[0]).toMatchObject({ verdict: 'pass' })
    expect(found('ADDON_LISTED', [], { target: { ...target, addons } })[0]).toMatchObject({ verdict: 'block' })
    const { prepared } = await played({})
    const phases = prepared.itinerary.batches.map(({ phase }) => phase)
    expect(phases.lastIndexOf('addon')).toBeLessThan(phases.indexOf('canary'))
    expect(phases.lastIndexOf('canary')).toBeLessThan(phases.indexOf('wave'))
  })

  it('roll nodes in batches: each stands behind gates of its own', async () => {
    const { prepared } = await played({})
    const moving = prepared.itinerary.batches.filter(({ phase }) => phase !== 'addon')
    expect(moving.length).toBeGreaterThan(3)
    for (const { gates } of moving)
      expect(gates.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['aws-node', 'ipam', 'stuck-pods']))
  })

  const CAUSES = Array.from({ length: 15 }, (_, nth) => `F${String(nth + 2).padStart(2, '0')}`)
  it.each(CAUSES)('possible causes are told apart by evidence, on the nodes that show it: %s', async (code) => {
    const place = RECIPES.findIndex(({ truth }) => truth[0] === code)
    const { snapshot } = await caseOf(SEEDS.seen + 10 * Math.floor(place / 6) + (place % 6))
    const [first] = diagnose(snapshot).diagnoses
    expect(first).toMatchObject({ code, evidence: expect.arrayContaining([expect.objectContaining({ says: expect.any(String) })]) })
    expect(first?.nodes.length).toBeGreaterThan(0)
  })

  it('rotate the affected nodes, within a bound: beyond it none is touched, and the line stops', async () => {
    const bound = { onFailureOf: ['aws-node'], maxNodes: 1, maxShare: 1, maxPods: 10, podsAtOnce: 5, jobs: false, within: 20 * MINUTE }
    const change = (plan: UpgradePlan): UpgradePlan => ({
      ...plan,
      remediation: bound,
      target: { addons: plan.target.addons, images: 'keep' },
    })
    const some = scenario([{ fault: 'ipam-hang', where: { launchedLater: false, cniChanged: true, share: 0.5 } }])
    const { exit, journal } = await played({ plan: 'quickstart', scenarios: [some], change })
    const uncured = eventsOf(journal, 'diagnosed').find((event) => event.uncured !== undefined)?.uncured
    expect(uncured).toMatch(/the plan allows 1 nodes at most/)
    const ended = eventsOf(journal, 'command-intended').filter(({ command }) => command.action.kind === 'terminate-instance')
    expect({ exit, few: ended.length <= 1 }).toEqual({ exit: 'rolledBack', few: true })
  })

  it('verify on the new node: aws-node is stable, IPAM answers, pods get addresses, resolve, and reach the API server and other nodes', async () => {
    const proof: GateSpec = {
      kind: 'network-proof',
      options: {
        namespace: 'default',
        image: 'busybox:1.36',
        lasting: '1m',
        reach: [],
        sample: 10,
        resolve: 'kubernetes.default.svc.cluster.local',
      },
    }
    const change = (plan: UpgradePlan): UpgradePlan => ({
      ...plan,
      canary: plan.canary && { ...plan.canary, gates: [...plan.canary.gates, proof] },
    })
    const { exit, journal } = await played({ change })
    expect(exit).toBe('ok')
    const passed = eventsOf(journal, 'gate-judged').filter(({ batch, judgement }) => batch === 'canary/1' && judgement.verdict === 'pass')
    expect(passed.map(({ gate }) => gate)).toEqual(expect.arrayContaining(['aws-node', 'ipam', 'stuck-pods', 'network-proof']))
    const proven = passed.find(({ gate }) => gate === 'network-proof')?.judgement.reason ?? ''
    for (const check of ['address', 'dns', 'api', 'pod/eu-central-1a']) expect(proven).toContain(check)
  })

  it('alert on aws-node readiness, and before the addresses run out', () => {
    expect(CONDITIONS.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['SerinAwsNodeNotReady', 'SerinSubnetRunsDry', 'SerinSubnetNearlyEmpty']),
    )
    expect(METRICS.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['serin_aws_node_ready', 'serin_subnet_addresses_free', 'serin_subnet_time_to_empty_seconds']),
    )
  })

  it('check security groups and the path to the endpoints of AWS', () => {
    expect(found('CONTROL_PLANE_NETWORK', [changeAws({ securityGroups: [{ GroupId: 'sg-0control' }] })])).toMatchObject([
      { verdict: 'block' },
    ])
    const closed = changeCluster({ resourcesVpcConfig: { endpointPublicAccess: false, endpointPrivateAccess: false } })
    expect(found('ENDPOINT_ACCESS', [closed])).not.toMatchObject([{ verdict: 'pass' }])
  })
})

describe('incident 2: pods stuck in ContainerCreating', () => {
  const SHOP = 'plans/quickstart.yaml'
  const stuck = () => {
    const cli = openSimulatedCli({ plan: 'quickstart', scenarios: ['signatures/p01'] })
    const { world } = cli.simulation
    for (const { metadata } of world.store.list('Pod').filter(({ metadata: { namespace } }) => namespace === 'shop'))
      world.deletePod('shop', metadata.name, 0)
    world.timeline.advanceTo(world.timeline.now() + 10 * MINUTE)
    return cli
  }

  it('exclude CNI-related fields from policy engines: who rewrites pods is found, and the exclusion printed', async () => {
    const cli = stuck()
    const { exit, stdout } = await cli.type(['preflight', SHOP, '-o', 'json'])
    cli.close()
    expect(exit).toBe(10)
    expect(stdout).toContain('kubectl patch clusterpolicy restrict-seccomp --type=json')
  })

  it('start nodes in batches: as many at a time as the requests to EC2 and the addresses of the subnets allow', () => {
    const wide = (maxUnavailable: number): Partial<UpgradePlan> => ({ nodeGroups: [{ match: 'app-a', maxUnavailable } as never] })
    expect(found('REQUEST_BUCKETS', [], wide(1))).toMatchObject([{ verdict: 'pass' }])
    expect(found('REQUEST_BUCKETS', [], wide(60))[0]).toMatchObject({
      verdict: 'warn',
      words: expect.stringContaining('AttachNetworkInterface'),
    })
    const few = (snapshot: Parameters<SnapshotChange>[0]) =>
      changeAws({ subnets: snapshot.aws.subnets?.map((subnet) => ({ ...subnet, AvailableIpAddressCount: 10 })) })(snapshot)
    expect(found('SUBNET_ADDRESSES', [few]).map(({ verdict }) => verdict)).toContain('block')
  })

  it('bound pods per node by the addresses that it has', () => {
    const allows = (pods: string) =>
      changeNodes((node) => ({ ...node, status: { ...node.status, capacity: { ...node.status?.capacity, pods } } }))
    expect(found('MAX_PODS', [allows('29')])).toMatchObject([{ verdict: 'pass' }])
    expect(found('MAX_PODS', [allows('110')])[0]).toMatchObject({ verdict: 'warn', words: expect.stringContaining('without an address') })
  })

  it('watch the API: throttling lowers the pace before it fails anything', async () => {
    const { exit, journal } = await played({ plan: 'quickstart', scenarios: ['throttled'] })
    expect(exit).toBe('ok')
    expect(eventsOf(journal, 'rollback-started')).toEqual([])
  })

  it('alert on pods stuck in ContainerCreating', () => {
    expect(CONDITIONS.find(({ name }) => name === 'SerinPodsWithoutAddress')?.expr).toContain('serin_stuck_pods')
  })

  it('find stuck workloads and say why, before they are made anew', async () => {
    const cli = stuck()
    const { exit, stdout } = await cli.type(['remediate', SHOP])
    cli.close()
    expect({ exit, stdout }).toEqual({
      exit: 10,
      stdout: expect.stringMatching(/First, by a person[\s\S]*P01[\s\S]*kubectl patch clusterpolicy/),
    })
  })

  it('PodDisruptionBudgets: what has none and what allows none is told, and the drain is rehearsed', () => {
    const none = changeObject<PodDisruptionBudget>('PodDisruptionBudget', 'web', (budget) => ({
      ...budget,
      status: { ...budget.status, disruptionsAllowed: 0, currentHealthy: 6, desiredHealthy: 6 },
    }))
    expect(found('PDB_ALLOWS_NONE', [none]).map(({ verdict }) => verdict)).toContain('block')
    expect(found('REPLICAS_TOGETHER').length).toBeGreaterThan(0)
    expect(found('DRAIN_BLOCKED').length).toBeGreaterThan(0)
  })

  it('pre-allocate: what is taken ahead of need is told, with its cost in addresses', () => {
    expect(found('WARM_ADDRESSES')[0]).toMatchObject({
      verdict: 'pass',
      words: expect.stringMatching(/WARM_ENI_TARGET=1: \d+ nodes keep \d+ addresses/),
    })
    expect(found('WARM_ADDRESSES', [awsNodeEnv('WARM_IP_TARGET', '1')])).toMatchObject([{ verdict: 'warn' }])
  })

  it("a finer state machine: each pod's allocation is shown as a state, up to where it stopped", async () => {
    const cli = stuck()
    const { stdout } = await cli.type(['diagnose', SHOP, '-o', 'json'])
    const report = JSON.parse(stdout)
    cli.close()
    expect(report.allocations.length).toBeGreaterThan(3)
    const refused = expect.stringMatching(/^BranchENIAnnotationFailed: failed to annotate pod with branch ENI details/)
    expect(report.allocations[0]).toMatchObject({
      pod: expect.stringContaining('shop/'),
      own: true,
      reached: 'branch created',
      stoppedBy: refused,
    })
    expect(diagnosisText(report, PLAIN)).toMatch(/requested\s+→\s+branch\s+created,\s+not\s+annotated/)
  })
})
