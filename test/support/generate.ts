import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ANSWERS } from '../../src/catalog/answers.ts'
import { CHECKS } from '../../src/catalog/checks/registry.ts'
import { GATES } from '../../src/catalog/gates/registry.ts'
import { SIGNATURES } from '../../src/catalog/signatures/registry.ts'
import type { WayBackRow } from '../../src/catalog/strategies/definition.ts'
import { STRATEGIES } from '../../src/catalog/strategies/registry.ts'
import { OTHER_WAYS_BACK } from '../../src/catalog/ways-back.ts'
import { EXIT_MEANINGS } from '../../src/cli/exit-codes.ts'
import { EXIT } from '../../src/errors/catalogue.ts'
import { planJsonSchema } from '../../src/plan/json-schema.ts'
import { documentSchema } from '../../src/report/documents.ts'

/** Writes the files that are made from the catalogue; with --check it only says which of them are stale, and fails. */

const ROOT = join(import.meta.dirname, '..', '..')
const NOTE = '<!-- Made by `npm run generate` from the catalogue; edit there. -->\n'

const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n')
}

const ABOUT_CHECKS = `A check that cannot see what it needs says *unknown*, never *pass*. \`serin explain CODE\` prints the same.

A plan may accept a finding for a while, and raise what only warns. It can lower nothing, and there is no \`--force\`:

\`\`\`yaml
waivers: # one code, one subject; has to last until the forecast end of the run. \`verdict: unknown\` accepts what could not be read
  - { code: PDB_ALLOWS_NONE, subject: PodDisruptionBudget/shop/db, owner: lena, reason: moved by hand first, expires: 2027-01-31 }
severities:
  NAKED_PODS: block
  WAIVER_EXPIRED: block
\`\`\`

Waivers that are past their day or match nothing are findings themselves (WAIVER_EXPIRED, WAIVER_UNUSED); every use stands in the journal and in the
report.`

function checksPage(): string {
  const parts = CHECKS.map((check) =>
    [
      `## ${check.code}`,
      '',
      `${check.title}. ${check.severity === 'block' ? 'May block' : 'Warns'}; ${check.waivable ? 'can be waived' : 'cannot be waived'}.`,
      '',
      `- **Prevents:** ${check.prevents}`,
      `- **What to do:** ${check.remedy}`,
      `- **Needs:** ${check.needs.map((need) => `\`${need}\``).join(', ') || 'nothing beyond the plan'}`,
      `- **Source:** ${check.source}`,
      '',
    ].join('\n'),
  )
  return `# Checks\n\n${NOTE}\n${ABOUT_CHECKS}\n\n${parts.join('\n')}`
}

function gatesPage(): string {
  const parts = GATES.map((gate) =>
    [
      `## ${gate.kind}`,
      '',
      `${gate.summary} Judges ${gate.appliesTo.join(' and ')}.`,
      '',
      `- **Passes:** ${gate.rule.pass}`,
      `- **Fails:** ${gate.rule.fail}`,
      `- **Unknown:** ${gate.rule.unknown}`,
      `- **Source:** ${gate.source}`,
      '',
    ].join('\n'),
  )
  return `# Gates\n\n${NOTE}\nGates compare nodes that the run changed with nodes it has not touched. Only "new ones fail, untouched ones do not" takes anything back.\nEvery gate of a batch is watched on while it soaks.\n\n${parts.join('\n')}`
}

function failuresPage(): string {
  const rows = ANSWERS.map((row) => [`\`${row.cause}\``, row.seen, row.answer, row.why, row.person])
  return `# Failures and their answers\n\n${NOTE}\nThe cause decides the answer, not the gate that noticed it.\n\n${table(['Cause', 'Seen', 'Answer', 'Why', 'What a person does'], rows)}`
}

function signaturesPage(): string {
  const rows = SIGNATURES.map(({ code, title, explains = [], needs, source }) => [
    code,
    title,
    explains.join(', '),
    needs.map((need) => `\`${need}\``).join(', '),
    source,
  ])
  return `# Signatures of network failures\n\n${NOTE}\n\`serin diagnose\` looks for these. What another explains on the same nodes or pods is told as its consequence.\n\n${table(['Code', 'What', 'Explains', 'Needs', 'Source'], rows)}`
}

function rollbackPage(): string {
  const cells = ({ what, image, minor, call, restrictions, otherwise }: WayBackRow) => [what, image, minor, call, restrictions, otherwise]
  const head = ['What', 'Earlier image', 'Earlier minor', 'Call', 'Restrictions', 'Otherwise']
  const rows = [...STRATEGIES.flatMap(({ waysBack }) => waysBack), ...OTHER_WAYS_BACK].map(cells)
  const strategies = STRATEGIES.map(({ kind, rollback, source }) => `- **${kind}**: ${rollback} (${source})`)
  return `# What can be taken back\n\n${NOTE}\n${ROLLBACK_RULES}\n\n${table(head, rows)}\nBy strategy:\n\n${strategies.join('\n')}\n`
}

const ROLLBACK_RULES = `The way back is derived from the journal: from what was really done. vpc-cni goes first, so that whatever the way back launches is
the combination that ran before; then node groups, the failed batch first, then the smallest; then settings, sizes and what
was left behind. It is a rollout: gated, addresses and budgets asked again, stopped with 21 at the first step that fails, with the
calls to finish by hand; \`serin rollback RUN\` tries again.

A desired size is never lowered to restore it: that would end nodes without asking any budget. An inflated one is named at the end.

\`serin plan PLAN --rehearse-rollback\` fails every step once on a simulated cluster made from the snapshot, and says of each whether
everything came back exactly, and how long it took. Before every step WAY_BACK_OPEN looks whether the way back is still there.`

function exitCodesPage(): string {
  const rows = EXIT_MEANINGS.map(({ name, when, next }) => [String(EXIT[name]), `\`${name}\``, when, next])
  return `# Exit codes\n\n${NOTE}\nFrozen: pipelines branch on them. \`plan --detailed-exitcode\` answers 0 for nothing to do, 2 for changes and 1 for a usage error, as Terraform does.\n\n${table(['Code', 'Name', 'When', 'Next'], rows)}`
}

const FILES: Readonly<Record<string, () => string>> = {
  'plans/schema.json': () => json(planJsonSchema()),
  'docs/checks.md': checksPage,
  'docs/gates.md': gatesPage,
  'docs/failures.md': failuresPage,
  'docs/rollback.md': rollbackPage,
  'docs/exit-codes.md': exitCodesPage,
  'docs/signatures.md': signaturesPage,
  'docs/schemas/snapshot.json': () => json(documentSchema('snapshot')),
  'docs/schemas/itinerary.json': () => json(documentSchema('itinerary')),
  'docs/schemas/preflight.json': () => json(documentSchema('preflight')),
  'docs/schemas/events.json': () => json(documentSchema('events')),
}

function isStale(file: string, text: string): boolean {
  const path = join(ROOT, file)
  return !existsSync(path) || readFileSync(path, 'utf8') !== text
}

function write(file: string, text: string): void {
  mkdirSync(dirname(join(ROOT, file)), { recursive: true })
  writeFileSync(join(ROOT, file), text)
  console.log(`wrote ${file}`)
}

const stale = Object.entries(FILES)
  .map(([file, make]) => ({ file, text: make() }))
  .filter(({ file, text }) => isStale(file, text))

if (process.argv.includes('--check')) {
  for (const { file } of stale) console.error(`${file} is stale: npm run generate`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const { file, text } of stale) write(file, text)
}
