import type { UpgradePlan } from '../../model/plan.ts'
import { jsonText } from '../../report/json.ts'
import { count } from '../../report/layout.ts'
import { glyph } from '../../report/style.ts'
import { command } from '../command.ts'
import { loadPlanFile } from '../documents.ts'
import { OUTPUT_ALIAS, outputFlag, planArgument } from '../flags.ts'
import { OK, styleFor } from '../io.ts'

interface Flags {
  readonly output: 'table' | 'json'
}

export const validate = command<Flags, [plan: string]>({
  text: {
    brief: 'Check a plan without a cluster',
    description:
      'Reads a plan with its base and inputs and names every mistake with file, line, column and remedy. Reads no cluster. Exit 0 valid, 2 not valid. With -o json the plan is printed as Serin understands it: defaults filled in, durations in milliseconds.',
    examples: ['serin validate plans/quickstart.yaml', 'serin validate plans/clusters/pay-prod-eu.yaml -o json'],
  },
  parameters: {
    flags: { output: outputFlag(['table', 'json'], 'table') },
    aliases: OUTPUT_ALIAS,
    positional: { kind: 'tuple', parameters: [planArgument] },
  },
  run(io, flags, path) {
    const { plan } = loadPlanFile(io, path)
    io.stdout.write(flags.output === 'json' ? jsonText(plan) : `${glyph(styleFor(io, 'stdout'), 'pass')} ${sentenceOf(plan)}\n`)
    return OK
  },
})

function sentenceOf(plan: UpgradePlan): string {
  const parts = [
    plan.target.addons.length > 0 && count(plan.target.addons.length, 'add-on'),
    plan.canary && 'a canary',
    count(plan.waves.length, 'wave'),
  ].filter(Boolean)
  return `Plan ${plan.metadata.name} for cluster ${plan.cluster.name} is valid: ${parts.join(', ')}.`
}
