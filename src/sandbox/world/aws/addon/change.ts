import { minorLine, parseAddonVersion } from '../../../../model/addon-version.ts'
import { keyedId } from '../../../../model/keyed.ts'
import { configurationProblem } from '../addon-schema.ts'
import type { Addon, AddonChange } from '../addons.ts'
import { type Input, recordsOf, textOf } from '../answers.ts'
import { invalidParameter } from '../eks-errors.ts'
import { type AddonApiDeps, about, isListed } from './context.ts'

/** What a request asks of an add-on, or the refusal that listing, rules and schema demand. */
export function changeOf(deps: AddonApiDeps, addon: Pick<Addon, 'name' | 'version'>, input: Input): AddonChange {
  const version = textOf(input, 'addonVersion') ?? addon.version
  refuseUnlisted(deps, addon, version)
  refuseLeap(deps, addon, version)
  const configurationValues = textOf(input, 'configurationValues')
  const problem = configurationValues === undefined ? undefined : configurationProblem(addon.name, version, configurationValues)
  if (problem !== undefined) throw invalidParameter(problem, about(deps, addon))
  return {
    version,
    configurationValues,
    serviceAccountRoleArn: textOf(input, 'serviceAccountRoleArn'),
    podIdentityAssociations: associationsOf(deps, addon, input),
    resolveConflicts: modeOf(input),
  }
}

function refuseUnlisted(deps: AddonApiDeps, addon: Pick<Addon, 'name' | 'version'>, version: string): void {
  if (version === addon.version || isListed(deps, addon.name, version)) return
  throw invalidParameter('Addon version specified is not supported', about(deps, addon))
}

/** The rule that the API once enforced (awsdocs/amazon-eks-user-guide#672, hashicorp/terraform-provider-aws#39182). */
function refuseLeap(deps: AddonApiDeps, addon: Pick<Addon, 'name' | 'version'>, version: string): void {
  if (deps.options.cniOneMinor !== 'strict' || addon.name !== 'vpc-cni') return
  const [from, to] = [parseAddonVersion(addon.version), parseAddonVersion(version)]
  if (from === undefined || to === undefined || minorLine(from) === minorLine(to)) return
  if (from.major === to.major && Math.abs(from.minor - to.minor) === 1) return
  throw invalidParameter('Updating VPC-CNI can only go up or down 1 minor version at a time', about(deps, addon))
}

function associationsOf(deps: AddonApiDeps, addon: Pick<Addon, 'name' | 'version'>, input: Input): readonly string[] | undefined {
  if (input.podIdentityAssociations === undefined) return undefined
  const { region, accountId, name } = deps.cluster
  return recordsOf(input, 'podIdentityAssociations').map((association) => {
    const id = keyedId(
      17,
      deps.seed,
      'association',
      addon.name,
      textOf(association, 'serviceAccount') ?? '',
      textOf(association, 'roleArn') ?? '',
    )
    return `arn:aws:eks:${region}:${accountId}:podidentityassociation/${name}/a-${id}`
  })
}

/** Without a word NONE is meant (API reference, UpdateAddon). */
function modeOf(input: Input): AddonChange['resolveConflicts'] {
  const mode = textOf(input, 'resolveConflicts')
  return mode === 'OVERWRITE' || mode === 'PRESERVE' ? mode : 'NONE'
}
