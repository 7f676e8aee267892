import { buildApplication, buildRouteMap, run } from '@stricli/core'
import { EXIT } from '../errors/catalogue.ts'
import { TOOL } from '../rollout/compile.ts'
import type { CliContext, Ending } from './command.ts'
import { COMMANDS } from './commands.ts'
import { failureReport } from './failure.ts'
import { type Io, styleFor } from './io.ts'

const APPLICATION = buildApplication<CliContext>(
  buildRouteMap({
    routes: COMMANDS,
    docs: {
      brief: 'Upgrades Amazon EKS: checks, a canary node group, proof that pod networking works, batches, an automatic way back.',
    },
  }),
  {
    name: 'serin',
    versionInfo: { currentVersion: TOOL },
    scanner: { caseStyle: 'allow-kebab-for-camel', allowArgumentEscapeSequence: true },
    documentation: { useAliasInUsageLine: true, onlyRequiredInUsageLine: true, disableAnsiColor: true },
  },
)

/**
 * The whole command line. Answers with the exit code and never ends the process itself.
 * @param argv what stands behind `serin`.
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const ending: Ending = { exit: EXIT.ok }
  const process = { stdout: io.stdout, stderr: io.stderr, env: {}, exitCode: undefined as number | undefined }
  await run(APPLICATION, argv, { process, io, ending })
  if (ending.thrown) return tell(ending.thrown, argv, io)
  const misunderstood = (process.exitCode ?? 0) !== 0
  return misunderstood ? notUnderstood(argv, io) : ending.exit
}

function tell(thrown: NonNullable<Ending['thrown']>, argv: readonly string[], io: Io): number {
  const report = failureReport(thrown.error, thrown.circumstances, styleFor(io, 'stderr'))
  io.stderr.write(report.text)
  return report.exit === EXIT.usage ? usageExit(argv) : report.exit
}

/** The scanner has said what is wrong; here is said that nothing happened and where to look. */
function notUnderstood(argv: readonly string[], io: Io): number {
  const name = argv[0] !== undefined && argv[0] in COMMANDS ? `${argv[0]} ` : ''
  io.stderr.write(`Nothing was changed. See \`serin ${name}--help\`.\n`)
  return usageExit(argv)
}

/** With `plan --detailed-exitcode` 2 means changes, as in Terraform, so a usage error is 1 there. */
function usageExit(argv: readonly string[]): number {
  return argv[0] === 'plan' && argv.includes('--detailed-exitcode') ? EXIT.defect : EXIT.usage
}
