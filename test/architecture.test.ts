import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, sep } from 'node:path'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '..')
const SRC = join(ROOT, 'src')

/** Each rung imports only from rungs above it. Decisions are made of events, so the journal stands before the rollout. */
const STAIRCASE = [
  ['model', 'errors'],
  ['forecast'],
  ['catalog', 'ports'],
  ['plan'],
  ['preflight', 'diagnosis'],
  ['journal'],
  ['rollout'],
  ['engine'],
  ['report', 'adapters', 'sandbox'],
  ['cli'],
  ['index.ts'],
]

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))
const textOf = (file: string) => readFileSync(join(SRC, file), 'utf8')
const folderOf = (file: string) => file.split(sep)[0] ?? ''
const rungOf = (folder: string) => STAIRCASE.findIndex((rung) => rung.includes(folder))

interface Import {
  readonly from: string
  readonly to: string
}

/** Every relative import of the sources, static and dynamic, as files relative to `src`. */
const imports: readonly Import[] = files.flatMap((from) =>
  [...textOf(from).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map((match) => ({
    from,
    to: relative(SRC, join(SRC, dirname(from), match[1] ?? '')),
  })),
)

function isAllowed({ from, to }: Import): boolean {
  const [here, there] = [folderOf(from), folderOf(to)]
  if (here === there) return true
  if (here === 'sandbox') return there === 'model'
  if (here === 'errors') return there === 'model'
  return rungOf(there) < rungOf(here)
}

/** The linter with the project's rules on a file of `src/model` that exists only for the question. */
function openProbe(config: string): (text: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'serin-lint-'))
  mkdirSync(join(folder, 'src', 'model'), { recursive: true })
  writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...JSON.parse(config), $schema: undefined, vcs: { enabled: false } }))
  return (text) => {
    writeFileSync(join(folder, 'src', 'model', 'probe.ts'), text)
    const { stdout, stderr } = spawnSync(join(ROOT, 'node_modules', '.bin', 'biome'), ['lint', 'src'], { cwd: folder, encoding: 'utf8' })
    return stdout + stderr
  }
}

describe('the architecture', () => {
  it('is looked at: the walker sees the files and their imports', () => {
    expect(files.length).toBeGreaterThan(100)
    expect(imports.length).toBeGreaterThan(500)
  })

  it('has a place on the staircase for every folder', () => {
    expect([...new Set(files.map(folderOf))].filter((folder) => rungOf(folder) < 0)).toEqual([])
  })

  it('imports only from rungs above; the sandbox, being the other side of the wire, only from model', () => {
    expect(imports.filter((one) => !isAllowed(one)).map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  })

  it('imports only files that exist', () => {
    const known = new Set(files)
    expect(imports.filter(({ to }) => to.endsWith('.ts') && !known.has(to)).map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
  })

  it('keeps every file within 300 lines', () => {
    const large = files.map((file) => ({ file, lines: textOf(file).trimEnd().split('\n').length })).filter(({ lines }) => lines > 300)
    expect(large).toEqual([])
  })

  it.each(['checks', 'gates', 'steps', 'strategies'])('lists every file of catalog/%s that defines one in the registry', (kind) => {
    const folder = join('catalog', kind)
    const defining = files.filter(
      (file) => dirname(file) === folder && /:\s*\w+Definition\b[^=\n]*=/.test(textOf(file)) && !file.endsWith('registry.ts'),
    )
    const registry = textOf(join(folder, 'registry.ts'))
    expect(defining.length).toBeGreaterThan(0)
    expect(defining.filter((file) => !registry.includes(`./${relative(folder, file)}`))).toEqual([])
  })

  it('is watched by a linter that sees the files and refuses a step the wrong way', () => {
    const config = readFileSync(join(ROOT, 'biome.json'), 'utf8')
    for (const folder of STAIRCASE.flat()) if (!folder.endsWith('.ts')) expect(config).toContain(`"src/${folder}/**"`)
    const probe = openProbe(config)
    expect(probe("import { GATES } from '../catalog/gates/registry.ts'\nexport const probe = GATES\n")).toContain('noRestrictedImports')
    expect(probe('export const probe = Date.now()\n')).toContain('noRestrictedGlobals')
    expect(probe('export const probe = Math.random()\n')).toContain('noJsRestrictedProperties')
    expect(probe('export const probe = 1\n')).toContain('Checked 1 file')
  })

  it('runs its tests on the Node that the project brings with it', () => {
    expect(process.versions.node.split('.')[0]).toBe('24')
  })
})
