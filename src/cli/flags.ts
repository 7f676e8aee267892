import { numberParser } from '@stricli/core'

/** Flags that several commands share, said once. */

export const OUTPUT_ALIAS = { o: 'output' } as const

export const text = (input: string): string => input

/** `-o`, with the forms that fit the command. */
export function outputFlag<const Form extends string>(forms: readonly Form[], standard: Form) {
  return { kind: 'enum', values: forms, default: standard, brief: 'Form of the output' } as const
}

export function optionalText(brief: string, placeholder: string) {
  return { kind: 'parsed', parse: text, optional: true, brief, placeholder } as const
}

export function switchFlag(brief: string) {
  return { kind: 'boolean', default: false, withNegated: false, brief } as const
}

export const scenarioFlag = {
  kind: 'parsed',
  parse: text,
  optional: true,
  variadic: true,
  brief: 'A scenario file, or the name of a shipped one (`--list-scenarios` names them); may be given several times',
  placeholder: 'file|name',
} as const

export const seedFlag = {
  kind: 'parsed',
  parse: numberParser,
  optional: true,
  brief: 'Seed of every random draw in the world (default: what the world says)',
  placeholder: 'n',
} as const

export const refreshInsightsFlag = switchFlag('Have EKS compute its insights anew first; takes up to a minute')

export const regionFlag = optionalText('AWS Region (default: AWS_REGION)', 'region')
export const clusterFlag = optionalText('Name of the cluster', 'name')

export const planArgument = { brief: 'The plan, a YAML file', parse: text, placeholder: 'plan' } as const
export const runArgument = { brief: 'The run (default: the newest)', parse: text, placeholder: 'run', optional: true } as const
