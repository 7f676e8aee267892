import { availableParallelism, cpus, totalmem } from 'node:os'
import { planStartUp } from './plan-start.ts'
import { rehearsalCost } from './rehearsal-cost.ts'
import { folding, ticking } from './run-state.ts'

/**
 * `npm run bench [NAME]`: what things cost against one another, from one run on this machine. Ratios tell whether a shape
 * is right; the times are those of this machine and are never asserted.
 */

interface Bench {
  readonly name: string
  readonly about: string
  /** Rows of the table, the first of them its head. */
  readonly rows: () => Promise<readonly (readonly string[])[]>
}

const BENCHES: readonly Bench[] = [
  { name: 'rehearsal', about: 'a rehearsal by size of the cluster; exponent 1 is linear', rows: rehearsalCost },
  { name: 'fold', about: 'folding a journal of 60,000 events into a state nested by batch, and into a flat record', rows: folding },
  { name: 'tick', about: 'one decision at 5,000 nodes on facts made once, and the scan of pods that gates would need', rows: ticking },
  { name: 'plan', about: '`serin plan --snapshot FILE`, from the start of the process to its end', rows: planStartUp },
]

function printed(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_head, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  return rows
    .map(
      (row) =>
        `  ${row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  ')}`,
    )
    .join('\n')
}

const wanted = process.argv[2]
const chosen = BENCHES.filter(({ name }) => wanted === undefined || name === wanted)
if (chosen.length === 0) {
  console.error(`no bench ${wanted}; there are ${BENCHES.map(({ name }) => name).join(', ')}`)
  process.exitCode = 2
}
const memory = Math.round(totalmem() / 2 ** 30)
console.log(`${availableParallelism()} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${memory} GiB, Node ${process.version}`)
for (const { name, about, rows } of chosen) console.log(`\n${name}: ${about}\n${printed(await rows())}`)
