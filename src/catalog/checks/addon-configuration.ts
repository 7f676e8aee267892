import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import draft6 from 'ajv/dist/refs/json-schema-draft-06.json' with { type: 'json' }
import { parse } from 'yaml'
import type { AddonIntent } from '../../model/intent.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { names } from './reading/wording.ts'

/** The configuration values are valid under the schema of every version that they will be sent with. */
export const addonConfiguration: CheckDefinition = {
  code: 'ADDON_CONFIGURATION',
  title: 'Configuration values are valid for every hop and for the way back',
  severity: 'block',
  waivable: true,
  needs: ['eks:DescribeAddonConfiguration'],
  notApplicable: ({ intent }) => (configured(intent.addons).length === 0 ? 'No add-on of this run has configuration values.' : undefined),
  prevents: 'Schemas change between versions and are closed: UpdateAddon is refused in the middle of the hops, or on the way back.',
  remedy: 'Compare with `aws eks describe-addon-configuration --addon-name NAME --addon-version VERSION`, then mend the values.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/issues/2173',
  evaluate: ({ snapshot, intent, plan }) => {
    const found = configured(intent.addons).flatMap((addon) => judgeAddon(snapshot, addon))
    if (found.length > 0) return found
    const message = 'The values are valid under the schema of every hop and of the installed version.'
    return [{ verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message }]
  },
}

function configured(addons: readonly AddonIntent[]): readonly AddonIntent[] {
  return addons.filter((addon) => addon.hops.length > 0 && (addon.baseline.configurationValues ?? '').trim() !== '')
}

function judgeAddon(snapshot: ClusterSnapshot, addon: AddonIntent): readonly CheckFinding[] {
  const values = readValues(addon.baseline.configurationValues ?? '')
  if (values === undefined) {
    const message = `The configuration values of ${addon.name} are neither JSON nor YAML.`
    return [{ verdict: 'block', subject: `Addon/${addon.name}`, message }]
  }
  return [addon.baseline.version, ...addon.hops].flatMap((version) => judgeVersion(snapshot, addon, version, values))
}

/** EKS takes JSON and YAML, and YAML contains JSON. */
function readValues(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: parse(text) ?? {} }
  } catch {
    return undefined
  }
}

function judgeVersion(
  snapshot: ClusterSnapshot,
  addon: AddonIntent,
  version: string,
  values: { readonly value: unknown },
): readonly CheckFinding[] {
  const subject = `Addon/${addon.name}`
  const remedy = `Compare with \`aws eks describe-addon-configuration --addon-name ${addon.name} --addon-version ${version}\`, then mend the values.`
  const validate = validatorFor(snapshot, addon.name, version)
  if (typeof validate === 'string') return [{ verdict: 'unknown', subject, message: validate, remedy }]
  if (validate(values.value)) return []
  const consequence = version === addon.baseline.version ? 'the way back to it would be refused' : 'UpdateAddon would be refused'
  const errors = names((validate.errors ?? []).map(describeError))
  return [
    { verdict: 'block', subject, message: `The values are not valid for ${addon.name} ${version}: ${errors}; ${consequence}.`, remedy },
  ]
}

/** The compiled schema of a version, or why there is none. */
function validatorFor({ aws }: ClusterSnapshot, addon: string, version: string): ValidateFunction | string {
  const found = aws.addonConfigurations?.find((entry) => entry.addonName === addon && entry.addonVersion === version)
  if (found?.configurationSchema === undefined) return `The schema of ${addon} ${version} was not read, so its values could not be checked.`
  try {
    return compiled(found.configurationSchema)
  } catch (error) {
    return `The schema of ${addon} ${version} cannot be used: ${error instanceof Error ? error.message : String(error)}.`
  }
}

/** Pre-flight is made again before each batch, and compiling takes longer than everything else in this check. */
const validators = new Map<string, ValidateFunction>()
const KEPT_VALIDATORS = 50

function compiled(schema: string): ValidateFunction {
  const known = validators.get(schema)
  if (known !== undefined) return known
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true, logger: false })
  ajv.addMetaSchema(draft6)
  const validate = ajv.compile(JSON.parse(schema))
  if (validators.size >= KEPT_VALIDATORS) validators.clear()
  validators.set(schema, validate)
  return validate
}

function describeError(error: ErrorObject): string {
  const at = error.instancePath.replaceAll('/', '.') || ''
  if (error.keyword === 'additionalProperties') return `$${at}.${error.params.additionalProperty} is not defined in the schema`
  return `$${at} ${error.message ?? 'is not valid'}`
}
