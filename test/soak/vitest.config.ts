import { defineConfig } from 'vitest/config'

/** What takes too long for every change, and the random checks of `npm test` from a seed that is new each time: `npm run soak`. */
export default defineConfig({
  test: {
    include: [
      'test/soak/**/*.test.ts',
      'test/**/{properties,conservation,churn,node-order,hostile}.test.ts',
      'test/properties/**/*.test.ts',
    ],
    env: { SERIN_SEED: process.env.SERIN_SEED ?? String(Date.now() % 2 ** 31) },
    setupFiles: ['test/support/seeded.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
    pool: 'forks',
    isolate: false,
  },
})
