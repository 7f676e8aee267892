import { availableParallelism, cpus, totalmem } from 'node:os'
import { diagnosisAccuracy, diagnosisConfidence, diagnosisConfusion, diagnosisSize } from './diagnosis.ts'
import { forecastError } from './forecast.ts'
import { gatesCaught } from './gates.ts'
import { monitorMemory } from './monitor.ts'
import { planStartUp } from './plan-start.ts'
import { preflightCost } from './preflight.ts'
import { haltsOf } from './rollout/halts.ts'
import { rolloutCalls, rolloutFleet, rolloutGroups, rolloutOverhead } from './rollout.ts'
import { folding, ticking } from './run-state.ts'
import { sandboxOpening, sandboxSizes, sandboxStarts, sandboxTransports, sandboxWatch } from './sandbox.ts'
import { snapshotCost } from './snapshot.ts'

/**
 * `npm run bench -- [NAME...]`: what things cost against one another, from one run on this machine; `sandbox` stands for
 * all that begin so, `gates:f02` for a part of one. Ratios tell whether a shape is right; the times are those of this machine and are never asserted.
 */

interface Bench {
  readonly name: string
  readonly about: string
  /** Rows of the table, the first of them its head. */
  readonly rows: (only?: string) => Promise<readonly (readonly string[])[]>
}

const BENCHES: readonly Bench[] = [
  { name: 'sandbox-sizes', about: 'a rehearsal by size of the cluster, 20 pods per node; exponent 1 is linear', rows: sandboxSizes },
  {
    name: 'sandbox-opening',
    about: 'opening a world by size, processor time; pods anywhere, and spread as charts do',
    rows: sandboxOpening,
  },
  { name: 'sandbox-starts', about: 'what somebody waits for who starts something', rows: sandboxStarts },
  { name: 'sandbox-transports', about: 'the same reads in process and over loopback', rows: sandboxTransports },
  { name: 'sandbox-watch', about: 'a change of a pod until every watcher has read it', rows: sandboxWatch },
  { name: 'fold', about: 'folding a journal of 60,000 events into a state nested by batch, and into a flat record', rows: folding },
  { name: 'tick', about: 'one decision at 5,000 nodes on facts made once, and the scan of pods that gates would need', rows: ticking },
  {
    name: 'preflight',
    about: 'every check on a snapshot file, thirty pods to a node',
    rows: preflightCost,
  },
  {
    name: 'snapshot',
    about: '`serin snapshot` of a sandbox, twenty pods to a node; to beat: 1,000 nodes in 500 MiB, no request per node or pod',
    rows: snapshotCost,
  },
  {
    name: 'diagnosis-accuracy',
    about: 'what is diagnosed in 800 worlds with planted causes, and in worlds without any',
    rows: diagnosisAccuracy,
  },
  { name: 'diagnosis-confusion', about: 'what was taken for what', rows: diagnosisConfusion },
  { name: 'diagnosis-confidence', about: 'what the confidence of a diagnosis is worth', rows: diagnosisConfidence },
  { name: 'diagnosis-size', about: 'a diagnosis by size of the cluster, thirty pods to a node; exponent 1 is linear', rows: diagnosisSize },
  { name: 'forecast', about: 'forecasts of generated worlds against what the sandbox then does', rows: forecastError },
  {
    name: 'monitor',
    about: 'a week of `serin monitor` on 1,000 nodes with 20,000 pods, the API server away for ten minutes a day; the heap is to stay flat',
    rows: monitorMemory,
  },
  {
    name: 'gates',
    about:
      'what stops a run in each shipped scenario, pre-flight waived: the gates for Ready nodes, network-proof beside, all gates; and the nodes that were changed by then (`gates:f02,p17` plays these alone; about three minutes of two cores)',
    rows: gatesCaught,
  },
  {
    name: 'rollout-overhead',
    about:
      'a self-managed group node by node, heavy-tail drains: wall ÷ lower bound beside two rivals; minutes of the wall by what they went to',
    rows: rolloutOverhead,
  },
  { name: 'rollout-calls', about: 'what the same runs asked of AWS and the API server, per node', rows: rolloutCalls },
  { name: 'rollout-groups', about: 'managed groups of unequal sizes in batches of three: wall ÷ lower bound', rows: rolloutGroups },
  { name: 'rollout-halts', about: 'nodes that each signature exposes before the run stops', rows: haltsOf },
  { name: 'rollout-fleet', about: 'a fleet in one run, thirty pods to a node; exponent 1 is linear', rows: rolloutFleet },
  { name: 'plan', about: '`serin plan --snapshot FILE`, from the start of the process to its end', rows: planStartUp },
]

function printed(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_head, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows.map((row) => `  ${row.map((cell, column) => padded(cell, column, widths)).join('  ')}`).join('\n')
}

/** Words before and behind figures stand at the left. */
function padded(cell: string, column: number, widths: readonly number[]): string {
  if (column === widths.length - 1 && column > 5) return cell
  return column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)
}

const [wanted, only] = [process.argv.slice(2).map((argument) => argument.split(':')[0] ?? ''), process.argv[2]?.split(':')[1]]
const isMeant = (name: string, by: string): boolean => name === by || name.startsWith(`${by}-`)
const unknown = wanted.filter((by) => !BENCHES.some(({ name }) => isMeant(name, by)))
if (unknown.length > 0) {
  console.error(`no bench ${unknown.join(', ')}; there are ${BENCHES.map(({ name }) => name).join(', ')}`)
  process.exit(2)
}
const chosen = BENCHES.filter(({ name }) => wanted.length === 0 || wanted.some((by) => isMeant(name, by)))
const memory = Math.round(totalmem() / 2 ** 30)
console.log(`${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${memory} GiB, Node ${process.version}`)
for (const { name, about, rows } of chosen) console.log(`\n${name}: ${about}\n${printed(await rows(only))}`)
