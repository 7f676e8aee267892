import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ms, timed } from './measure.ts'
import { worldOf } from './sandbox-world.ts'
import { WEIGHED, weightIn } from './weighed.ts'

const ROOT = join(import.meta.dirname, '../..')
const SERIN = join(ROOT, 'bin/serin.js')
const SIZES = [100, 1_000]

/** `serin snapshot` of a sandbox over loopback, by size of the cluster; memory and processor are the snapshot's own. */
export async function snapshotCost(): Promise<readonly (readonly string[])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'serin-bench-'))
  const [world, audit, file] = ['world.json', 'audit.ndjson', 'snapshot.json'].map((name) => join(folder, name)) as [string, string, string]
  const rows: string[][] = [['nodes', 'pods', 'snapshot', 'time with the sandbox', 'cpu', 'peak memory', 'requests', 'most of one list']]
  try {
    for (const nodes of SIZES) {
      writeFileSync(world, worldOf(nodes))
      writeFileSync(audit, '')
      let stderr = ''
      const took = await timed(() => {
        const inner = [
          process.execPath,
          '--import',
          WEIGHED,
          SERIN,
          'snapshot',
          '--cluster',
          'bench',
          '--region',
          'eu-central-1',
          '-o',
          file,
        ]
        const args = [SERIN, 'sandbox', '--world', world, '--audit', audit, '--', ...inner]
        stderr = String(spawnSync(process.execPath, args, { cwd: ROOT, maxBuffer: 2 ** 28 }).stderr)
      })
      const asked = readFileSync(audit, 'utf8').trimEnd().split('\n').map(subjectOf)
      const [[list, pages] = ['', []]] = [...Map.groupBy(asked, (each) => each)].toSorted(([, a], [, b]) => b.length - a.length)
      const { mebibytes, cpuMs } = weightIn(stderr)
      const size = `${Math.round(statSync(file).size / 2 ** 20)} MiB`
      rows.push([
        String(nodes),
        String(20 * nodes),
        size,
        ms(took),
        ms(cpuMs),
        `${mebibytes} MiB`,
        String(asked.length),
        `${pages.length} ${list}`,
      ])
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return rows
}

function subjectOf(line: string): string {
  const { service, operation, resource } = JSON.parse(line) as { service: string; operation: string; resource: string }
  return `${service}:${operation} ${resource}`
}
