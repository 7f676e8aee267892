import { basename } from 'node:path'
import { expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { namedWorld } from '../../src/cli/worlds.ts'

const io = { cwd: '/work', fileExists: (path: string) => path === '/work/mine', readFile: (path: string) => path } as unknown as Io

it.each([
  { title: 'no world', world: undefined, reads: /plans\/worlds\/quickstart\.yaml$/ },
  { title: 'the name of a shipped one', world: 'small', reads: /plans\/worlds\/small\.yaml$/ },
  { title: 'a file', world: 'mine', reads: /^\/work\/mine$/ },
  { title: 'a file that is not there: it is the one that is missed', world: 'worlds/nope.yaml', reads: /^\/work\/worlds\/nope\.yaml$/ },
])('a sandbox for $title', ({ world, reads }) => {
  const opened = namedWorld(io, { ...(world !== undefined && { world }) } as never, 'quickstart')
  expect(opened.world).toMatch(reads)
  expect(basename(opened.worldFile ?? '')).toBe(basename(opened.world ?? ''))
})
