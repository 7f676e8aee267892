import { defineConfig } from 'vitest/config'

/** What takes too long for every change: `npm run soak`. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts'],
    testTimeout: 3_600_000,
    hookTimeout: 60_000,
    pool: 'forks',
    isolate: false,
  },
})
