import type { AwsHandlers } from '../../contract.ts'
import { type AddonApiDeps, shownAddon } from './addon/context.ts'
import { describeAddon, describeConfiguration, describeVersions } from './addon/describe.ts'
import { createAddon, deleteAddon, updateAddon } from './addon/lifecycle.ts'
import type { Addon } from './addons.ts'
import { numberOf, pageOf, textOf } from './answers.ts'
import { invalidParameter } from './eks-errors.ts'
import { createTokens } from './tokens.ts'

/** The add-on operations of EKS, in SDK shapes. */
export function addonHandlers(deps: AddonApiDeps): AwsHandlers {
  const creating = { ...deps, creations: createTokens<Addon>() }
  return {
    ListAddons(input) {
      const names = deps.shown.addons
        .all()
        .map(({ name }) => name)
        .sort()
      const page = pageOf(names, textOf(input, 'nextToken'), numberOf(input, 'maxResults') ?? 100, () => invalidParameter('Invalid token'))
      return { addons: page.items, nextToken: page.next }
    },
    DescribeAddon: (input) => ({ addon: describeAddon(deps, shownAddon(deps, input)) }),
    DescribeAddonVersions: (input) => describeVersions(deps, input),
    DescribeAddonConfiguration: (input) => describeConfiguration(deps, input),
    CreateAddon: (input) => createAddon(creating, input),
    UpdateAddon: (input) => updateAddon(deps, input),
    DeleteAddon: (input) => deleteAddon(deps, input),
  }
}
