import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GATES } from '../../src/catalog/gates/registry.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { type Rehearsal, type RehearsalSettings, rehearse } from '../support/rehearsal.ts'
import { type Outcome, TRIALS, type Trial } from './gate-trials.ts'

/**
 * Every shipped scenario, played while the nodes of a group are replaced or vpc-cni moves: judged by the nodes and aws-node being Ready,
 * with network-proof beside, and by every gate that looks at the cluster. Whatever pre-flight says against it is waived.
 */

const SCENARIOS = join(import.meta.dirname, '../../plans/scenarios')

const WORLD = `
apiVersion: serin.dev/v1alpha1
kind: World
metadata: { name: gates }
clock: { start: "2026-09-29T19:30:00Z" }
cluster: { name: gates, region: eu-central-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets:
  - { name: nodes-a, zone: eu-central-1a, cidr: 10.0.0.0/23 }
  - { name: nodes-b, zone: eu-central-1b, cidr: 10.0.2.0/23 }
nodeGroups:
  - { name: canary, instanceTypes: [m5.large], size: { min: 1, max: 8, desired: 4 }, kubernetesVersion: "1.32", subnets: [nodes-a, nodes-b], update: { maxUnavailable: 2 } }
  - { name: other, instanceTypes: [m6i.large], size: { min: 1, max: 8, desired: 4 }, kubernetesVersion: "1.32", subnets: [nodes-a, nodes-b] }
addons:
  - { name: kube-proxy, version: v1.33.5-eksbuild.2 }
  - { name: vpc-cni, version: v1.21.1-eksbuild.7 }
  - { name: coredns, version: v1.12.4-eksbuild.1 }
workloads:
  - { kind: Deployment, namespace: shop, name: web, replicas: 6, budget: { maxUnavailable: 2 } }
`

function planText(gates: readonly string[], { cniTo, nodes, resolveConflicts = 'PRESERVE', soak = '1m' }: Trial): string {
  const moves = nodes === true || cniTo === undefined
  const addon = `addons: [{ name: vpc-cni, version: ${cniTo}, resolveConflicts: ${resolveConflicts}, gates: cni, soak: 1m }]`
  const target = [moves ? 'kubernetesVersion: "1.33", images: latest' : 'images: keep', ...(cniTo === undefined ? [] : [addon])]
  const ofAddon = gates.filter((gate) => !OF_NODES.has(gate))
  return `
apiVersion: serin.dev/v1alpha1
kind: UpgradePlan
metadata: { name: gates }
cluster: { name: gates, region: eu-central-1, accountId: "111122223333" }
target: { ${target.join(', ')} }
gates: { node: [${gates.join(', ')}]${cniTo === undefined ? '' : `, cni: [${ofAddon.join(', ')}]`} }
${moves ? `canary: { nodeGroups: [canary], gates: node, soak: ${soak} }\nexclude: [{ nodeGroups: [other], reason: untouched }]` : ''}
`
}

const READY = ['nodes-ready', 'aws-node']
const proof = ({ policy }: Trial) =>
  `network-proof: { namespace: default, image: "busybox:1.36", reach: ["sts.eu-central-1.amazonaws.com:443"]${policy === undefined ? '' : `, securityGroupPolicy: ${JSON.stringify(policy)}`} }`
/** The others that ask nobody outside: the gate that is named first is the one that noticed it. */
const OTHERS = [
  'kube-proxy',
  'permissions',
  'ipam',
  'ipamd-metrics',
  'networking-ready',
  'stuck-pods',
  'workloads',
  'addresses-left',
  'throttling',
]
/** Of nodes that are replaced. */
const OF_NODES = new Set(['nodes-ready', 'workloads'])

/** The names of all shipped scenarios; those of signatures stand in a folder of their own. */
export function shippedScenarios(): readonly string[] {
  const files = (folder: string) =>
    readdirSync(join(SCENARIOS, folder)).flatMap((file) => (file.endsWith('.yaml') ? [join(folder, file.replace('.yaml', ''))] : []))
  return [...files('signatures').toSorted(), ...files('.').toSorted()]
}

const nameOf = (scenario: string) => scenario.replace('signatures/', '')

/** @param only names of scenarios, with commas between them; all unless said */
export async function gatesCaught(only?: string): Promise<readonly (readonly string[])[]> {
  const chosen = shippedScenarios().filter((scenario) => only === undefined || only.split(',').includes(nameOf(scenario)))
  const rows: string[][] = [
    ['scenario', 'pre-flight', 'Ready only', 'nodes', 'with network-proof', 'nodes', 'with all', 'nodes', '', 'why'],
  ]
  let unexpected = 0
  for (const [nth, scenario] of chosen.entries()) {
    process.stderr.write(`\r${nth + 1} of ${chosen.length}: ${nameOf(scenario).padEnd(30)}`)
    const trial = TRIALS[nameOf(scenario)]
    if (trial === undefined) throw new Error(`${scenario}: say in test/bench/gate-trials.ts what is expected of it`)
    const all: Told[] = []
    for (const gates of [READY, [...READY, proof(trial)], [...READY, proof(trial), ...OTHERS]]) all.push(await told(scenario, gates, trial))
    const fits = all.every(({ outcome }, index) => trial.expected[index] === 'any' || trial.expected[index] === outcome)
    if (!fits) unexpected++
    const cells = all.flatMap(({ outcome, says, exposed }) => [outcome === 'stopped' ? `(${says})` : says, exposed])
    const verdict = fits ? 'as expected' : `EXPECTED ${trial.expected.join(' ')}`
    rows.push([nameOf(scenario), all[0]?.preflight ?? '', ...cells, verdict, trial.why])
  }
  process.stderr.write('\n')
  if (unexpected > 0) process.exitCode = 1
  return [...rows, [`${chosen.length - unexpected} of ${chosen.length} as expected`]]
}

interface Told {
  /** Checks of pre-flight that had to be waived. */
  readonly preflight: string
  readonly outcome: Exclude<Outcome, 'any'>
  /** The gate that stopped the run, or what else did. */
  readonly says: string
  /** New nodes, or those with the new aws-node, by then. */
  readonly exposed: string
}

async function told(scenario: string, gates: readonly string[], trial: Trial): Promise<Told> {
  const { plan } = loadPlan({ read: () => planText(gates, trial) }, 'gates.yaml')
  const text = readFileSync(join(SCENARIOS, `${scenario}.yaml`), 'utf8')
  let [most, exposed] = [0, undefined as number | undefined]
  const settings = (waivers: UpgradePlan['waivers']): RehearsalSettings => ({
    plan: { plan: { ...plan, waivers }, world: WORLD },
    scenarios: [{ name: scenario, text }, ...(trial.world === undefined ? [] : [{ name: 'beside', text: beside(trial.world) }])],
    watch: (seen) => {
      const nodes = Object.values(seen.groups).flatMap((group) => group.nodes)
      most = nodes.filter(({ kubeletMinor, awsNode }) => kubeletMinor === '1.33' || awsNode?.version === trial.cniTo).length
    },
    onEvent: ({ event }) => {
      if (event.type === 'batch-failed' || event.type === 'hold-entered') exposed ??= most
    },
  })
  try {
    const first = await rehearse(settings([]))
    const against = first.ending === undefined ? waived(first) : []
    const run = against.length === 0 ? first : await rehearse(settings(against))
    const preflight = against.length === 0 ? '-' : [...new Set(against.map(({ code }) => code))].join(' ')
    return { preflight, ...stoppedBy(run), exposed: run.exit === 'ok' ? '-' : String(exposed ?? 0) }
  } catch (error) {
    return { preflight: '-', outcome: 'stopped', says: (error as Error).message.slice(0, 30), exposed: String(most) }
  }
}

function beside(world: object): string {
  return JSON.stringify({
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'Scenario',
    metadata: { name: 'beside', summary: 'of the bench' },
    world,
  })
}

function waived({ prepared }: Rehearsal): UpgradePlan['waivers'] {
  return prepared.preflight.findings.flatMap(({ verdict, code, subject, wouldBlock }) =>
    verdict === 'block' || (verdict === 'unknown' && wouldBlock)
      ? [{ code, subject, owner: 'bench', reason: 'to see what the gates make of it', expires: '2027-12-31', verdict }]
      : [],
  )
}

const KINDS: ReadonlySet<string> = new Set(GATES.map(({ kind }) => kind))

/** A gate's name stands at the beginning of what it says. */
function stoppedBy({ journal, exit }: Rehearsal): Pick<Told, 'outcome' | 'says'> {
  for (const { event } of journal) {
    const held = event.type === 'hold-entered'
    if (!held && event.type !== 'batch-failed') continue
    const [says = ''] = (held ? event.because : event.failure.message).split(/[:(]/)
    const back = journal.some(({ event: { type } }) => type === 'rollback-started')
    if (KINDS.has(says)) return { outcome: 'caught', says: `${says}, ${back ? 'taken back' : 'held'}` }
    return { outcome: 'stopped', says: says.trim().split(' ').slice(0, 4).join(' ') }
  }
  return exit === 'ok' ? { outcome: 'passed', says: 'passed' } : { outcome: 'stopped', says: exit }
}
