import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/sequence.ts'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/soak/**', 'node_modules/**'],
    setupFiles: ['test/support/seeded.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // No test leaves anything behind in the process, so a worker keeps the modules it has loaded for the files after.
    isolate: false,
    // All cores: by itself Vitest leaves one to nobody, which is half of a small machine.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
  },
})
