import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRunFolder } from '../../src/adapters/journal-file/run-folder.ts'
import type { Io } from '../../src/cli/io.ts'
import { type Typed, type } from './fake-io.ts'
import { openSimulation, type RehearsalSettings, type Simulation } from './rehearsal.ts'

/** A command line whose cluster is a simulated one in this process: the real commands, engine and adapters, in virtual time. */
export interface SimulatedCli {
  /** Types a command; files that earlier commands wrote are there. `by` is who types it. */
  readonly type: (line: readonly string[], change?: Partial<Io> & { readonly by?: string; readonly home?: string }) => Promise<Typed>
  readonly files: Record<string, string>
  readonly simulation: Simulation
  readonly close: () => void
}

export function openSimulatedCli(settings: RehearsalSettings, given: Readonly<Record<string, string>> = {}): SimulatedCli {
  const simulation = openSimulation(settings)
  const root = mkdtempSync(join(tmpdir(), 'serin-cli-'))
  const files: Record<string, string> = { ...given }
  return {
    files,
    simulation,
    async type(line, { by = 'lena', home = 'here', ...change } = {}) {
      const folder = createRunFolder(join(root, home, 'runs'), false)
      const typed = await type(line, {
        files,
        cwd: process.cwd(),
        env: { SERIN_HOME: join(root, home), SERIN_USER: by },
        identity: `${by}@here/1`,
        reach: async () => ({ ...(await simulation.connect()), folder }),
        ...change,
      })
      Object.assign(files, typed.written)
      return typed
    },
    close() {
      simulation.close()
      rmSync(root, { recursive: true, force: true })
    },
  }
}
