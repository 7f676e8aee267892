import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../src/model/instant.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import { PROBE_LABELS } from '../../src/model/probe.ts'
import { runReport } from '../../src/report/run-report.ts'
import type { World } from '../../src/sandbox/contract.ts'
import { type RehearsalSettings, rehearse } from '../support/rehearsal.ts'
import { openSimulatedCli } from '../support/simulated-cli.ts'
import { eventsOf } from './story.ts'

/**
 * aws-node hangs with the same two lines whatever the cause; the reason stands in ipamd.log, a file on the node. Where the plan allows
 * it, a short-lived pod reads it.
 */

const NODE_LOGS = { namespace: 'default', image: 'busybox:1.36', maxNodes: 2 }
/** kube-proxy of new nodes leads nowhere, and looks well: what v1.18.3 waits for stands in its own log only. */
const SILENT = { fault: 'service-network-late', where: { launchedLater: true } }

function scenario(faults: readonly object[], world: object = {}) {
  const metadata = { name: 'case', summary: 'case' }
  return { name: 'case', text: JSON.stringify({ apiVersion: 'serin.dev/v1alpha1', kind: 'Scenario', metadata, world, faults }) }
}

const allowed = (plan: UpgradePlan): UpgradePlan => ({ ...plan, diagnosis: { nodeLogs: NODE_LOGS } })

async function played(faults: readonly object[], change: NonNullable<RehearsalSettings['change']>, world?: object) {
  return await rehearse({ plan: 'incident-1', scenarios: [scenario(faults, world)], change })
}

/** Pods and Jobs of Serin's own that stand in the cluster. */
function leftIn({ store }: World): readonly string[] {
  const all = [...store.list('Job'), ...store.list('Pod')]
  return all.filter(({ metadata }) => metadata.labels?.[PROBE_LABELS.role]).map(({ kind, metadata }) => `${kind}/${metadata.name}`)
}

describe('ipamd.log in a run', () => {
  it('is not read unless the plan allows it: the hang is told, and not why', async () => {
    const { journal } = await played([SILENT], (plan) => plan)
    expect(eventsOf(journal, 'diagnosed')[0]?.causes[0]?.code).toBe('F01')
  })

  it('says why, in the words of the version, and its readers are gone in the end', async () => {
    const run = await played([SILENT], allowed)
    const { journal, prepared, ending } = run
    expect(eventsOf(journal, 'diagnosed')[0]?.causes[0]).toMatchObject({ code: 'F05', likelihood: 'certain' })
    expect(eventsOf(journal, 'diagnosed')[0]?.causes[0]?.evidence[0]?.says).toContain(
      'ipamd.log: Unable to reach API Server, Get "https://',
    )
    const actions = eventsOf(journal, 'command-intended').map(({ command: { action } }) => action)
    const made = actions.flatMap((action) => (action.kind === 'create-probe' ? [action.probe.name] : []))
    expect(made.length).toBeGreaterThan(0)
    expect(actions.flatMap((action) => (action.kind === 'remove-probe' ? [action.probe] : [])).toSorted()).toEqual(made.toSorted())
    if (ending === undefined) throw new Error('there was no run')
    expect(runReport(prepared.itinerary, ending.state, journal).diagnosis[0]).toContain('F05, certain')
  })

  it.each([
    {
      title: 'the Pod Security level of the namespace',
      faults: [],
      world: {
        objects: [
          {
            apiVersion: 'v1',
            kind: 'Namespace',
            metadata: { name: 'guarded', labels: { 'pod-security.kubernetes.io/enforce': 'baseline' } },
          },
        ],
      },
      namespace: 'guarded',
      because: /is forbidden: violates PodSecurity "baseline:latest": host namespaces \(hostNetwork=true\), hostPath volumes/,
    },
    { title: 'a namespace that is not there', faults: [], namespace: 'nowhere', because: /namespaces "nowhere" not found/ },
    {
      title: 'a right that is missing',
      faults: [{ fault: 'forbidden', where: { service: 'kubernetes', operation: 'create', resource: 'jobs*' } }],
      namespace: 'default',
      because: /cannot create resource "jobs"/,
    },
  ])('is unknown where $title forbids it: that is said, and the run goes its way', async ({ faults, world, namespace, because }) => {
    const change = (plan: UpgradePlan): UpgradePlan => ({ ...plan, diagnosis: { nodeLogs: { ...NODE_LOGS, namespace } } })
    const { journal, exit } = await played([SILENT, ...faults], change, world)
    const [told] = eventsOf(journal, 'probe-reported')
    expect(told).toMatchObject({
      logOf: expect.stringContaining('ip-'),
      report: { kind: 'unusable', says: expect.stringMatching(because) },
    })
    expect({ cause: eventsOf(journal, 'diagnosed')[0]?.causes[0]?.code, exit }).toEqual({ cause: 'F01', exit: 'rolledBack' })
  })
})

describe('ipamd.log while an add-on fails, which goes on to more nodes until it goes back', () => {
  const hangs = { fault: 'service-network-late', where: { launchedLater: false, cniChanged: true, share: 0.2 } }
  /** Seconds from the failure of the add-on until it goes back, and what was found to be its cause. */
  async function answered(faults: readonly object[]) {
    const change = (plan: UpgradePlan): UpgradePlan => ({ ...allowed(plan), target: { addons: plan.target.addons, images: 'keep' } })
    const { journal } = await rehearse({ plan: 'quickstart', scenarios: [scenario([hangs, ...faults], WAITS)], change })
    const at = (type: string) => journal.find(({ event }) => event.type === type)?.at ?? 0
    const seconds = (at('rollback-started') - at('batch-failed')) / SECOND
    const [{ causes } = { causes: [] }] = eventsOf(journal, 'diagnosed')
    return { seconds, log: causes[0]?.evidence.some(({ says }) => says.startsWith('ipamd.log')) }
  }
  /** ipamd waits for the API server before it serves. */
  const WAITS = { addons: { 'vpc-cni': { configuration: { env: { ANNOTATE_POD_IP: 'true' } } } } }

  it('is read where it comes at once', async () => {
    expect(await answered([])).toEqual({ seconds: expect.toSatisfy((took: number) => took > 0 && took <= 30), log: true })
  })

  it('is done without after half a minute', async () => {
    const stuck = { fault: 'throttling', where: { service: 'kubernetes', operation: 'create', resource: 'jobs*' } }
    expect(await answered([stuck])).toEqual({ seconds: expect.toSatisfy((took: number) => took >= 30 && took <= 60), log: false })
  })
})

describe('serin diagnose --node-logs', () => {
  const PLAN = 'plans/incident-1.yaml'
  const withLogs = (files: Record<string, string>, namespace = 'default') => {
    files['/plan.yaml'] = `${readFileSync(PLAN, 'utf8')}\ndiagnosis: { nodeLogs: { namespace: ${namespace}, image: "busybox:1.36" } }\n`
    return '/plan.yaml'
  }
  const cli = openSimulatedCli({ plan: 'incident-1', scenarios: [scenario([{ fault: 'service-network-late', where: { share: 0.2 } }])] })
  afterAll(() => cli.close())
  const { world } = cli.simulation
  for (const { metadata } of world.store.list('Pod').filter(({ metadata: { name } }) => name.startsWith('aws-node-')))
    world.deletePod('kube-system', metadata.name, 0)
  world.timeline.advanceTo(world.timeline.now() + 10 * MINUTE)

  it('is refused where the plan does not allow it, with what to write', async () => {
    const { exit, stderr } = await cli.type(['diagnose', PLAN, '--node-logs'])
    expect({ exit, stderr }).toEqual({ exit: 2, stderr: expect.stringContaining('diagnosis: { nodeLogs: { namespace: serin-probes') })
  })

  it('finds the cause that the API does not show, says what it makes before it does, and leaves nothing', async () => {
    expect((await cli.type(['diagnose', PLAN])).stdout).toMatch(/1\. F0[16] /)
    const { exit, stdout, stderr } = await cli.type(['diagnose', withLogs(cli.files), '--node-logs'])
    expect({ exit, stdout }).toEqual({
      exit: 10,
      stdout: expect.stringMatching(/1\. F05 kube-proxy[\s\S]*ipamd\.log:\s+Unable\s+to\s+reach\s+API\s+Server/),
    })
    expect(stderr).toMatch(/Reading ipamd\.log on 2 of the nodes in trouble, by Jobs in default: serin-log-/)
    world.timeline.advanceTo(world.timeline.now() + MINUTE)
    expect(leftIn(world)).toEqual([])
  })

  it('names what it could not read, and tells what it knows without', async () => {
    const { stdout } = await cli.type(['diagnose', withLogs(cli.files, 'nowhere'), '--node-logs'])
    expect(stdout).toMatch(/Not read, so neither for nor against[\s\S]*node:ip-\S+\/var\/log\/aws-routed-eni\/ipamd\.log/)
    expect(stdout).toContain('namespaces "nowhere" not found')
  })
})
