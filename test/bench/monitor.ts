import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { monitor } from '../../src/engine/monitor.ts'
import { DAY, MINUTE } from '../../src/model/instant.ts'
import { openSimulation } from '../support/rehearsal.ts'
import { ms } from './measure.ts'
import { planOf, worldOf } from './sandbox-world.ts'

const NODES = 1_000
const EVERY = 5 * MINUTE
const DAYS = 7

/** A simulated week of `serin monitor`, an API server that goes away every day: what the heap holds at the end of each. */
export async function monitorMemory(): Promise<readonly (readonly string[])[]> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const simulation = openSimulation({ plan: { plan: planOf(), world: worldOf(NODES) }, scenarios: [AWAY] })
  const ports = await simulation.connect()
  const began = ports.clock.now()
  const stop = new AbortController()
  const rows: string[][] = [['day', 'readings', 'not read', 'heap', 'against day 1', 'CPU per reading']]
  let [day, readings, missed, first, cpu] = [1, 0, 0, 0, process.cpuUsage()]
  const turn = (): void => {
    if (ports.clock.now() - began < day * DAY) return
    collect()
    const { user, system } = process.cpuUsage(cpu)
    const heap = process.memoryUsage().heapUsed
    first ||= heap
    rows.push([
      `${day}`,
      `${readings}`,
      `${missed}`,
      `${Math.round(heap / 2 ** 20)} MiB`,
      (heap / first).toFixed(3),
      ms((user + system) / 1_000 / readings),
    ])
    day += 1
    ;[readings, missed, cpu] = [0, 0, process.cpuUsage()]
    if (day > DAYS) stop.abort()
  }
  await monitor({
    ports,
    cluster: simulation.plan.cluster.name,
    every: EVERY,
    stop: stop.signal,
    publish: () => {
      readings += 1
      turn()
    },
    trouble: () => {
      missed += 1
      turn()
    },
  })
  simulation.close()
  return rows
}

const AWAY = {
  name: 'away',
  text: `
apiVersion: serin.dev/v1alpha1
kind: Scenario
metadata: { name: away, summary: the API server is away for ten minutes every day }
faults:
${Array.from({ length: DAYS }, (_, day) => `  - { fault: api-server-away, when: { from: ${day * 24 + 12}h, to: ${day * 24 + 12}h10m } }`).join('\n')}
`,
}
