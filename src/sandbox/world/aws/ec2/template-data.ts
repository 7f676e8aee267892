import { WireError } from '../../../contract.ts'
import { type Input, recordsOf, textOf } from '../answers.ts'
import type { TemplateReference } from '../instances.ts'
import type { LaunchTemplates, Template, TemplateVersion } from '../launch-templates.ts'

interface TemplateDeps {
  readonly templates: LaunchTemplates
}

/** The template that a request names by id or name. Throws the EC2 error when there is none. */
export function templateOf({ templates }: TemplateDeps, input: Input): Template {
  const id = textOf(input, 'LaunchTemplateId')
  const name = textOf(input, 'LaunchTemplateName')
  if (id === undefined && name === undefined)
    throw new WireError(400, 'MissingParameter', 'The request must contain the parameter LaunchTemplateId')
  return templates.find({ ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }) })
}

/** A version by its number, `$Latest` or `$Default`. Throws the EC2 error when there is none. */
export function versionOf({ templates }: TemplateDeps, template: Template, text: string): TemplateVersion {
  const version = templates.version(template, text)
  if (version !== undefined) return version
  const message = `Could not find the specified version ${text} for the launch template with ID ${template.id}.`
  throw new WireError(400, 'InvalidLaunchTemplateId.VersionNotFound', message)
}

/** Launch template data in SDK shape. */
export function dataOf({ data, imageId, instanceType }: TemplateVersion): Record<string, unknown> {
  return {
    ...data,
    ...(imageId === undefined ? {} : { ImageId: imageId }),
    ...(instanceType === undefined ? {} : { InstanceType: instanceType }),
  }
}

/** What a launch takes from a template that it names, in its default version unless told otherwise (API reference, LaunchTemplateSpecification). */
export function launchedFrom(
  deps: TemplateDeps,
  named: Input | undefined,
): { readonly template?: TemplateReference; readonly data: Record<string, unknown> } {
  if (named === undefined) return { data: {} }
  const template = templateOf(deps, named)
  const version = versionOf(deps, template, textOf(named, 'Version') ?? '$Default')
  return { template: { id: template.id, version: version.number }, data: dataOf(version) }
}

/** The tags that TagSpecifications has for a type of resource. */
export function tagsFor(resourceType: string, input: Input): Readonly<Record<string, string>> {
  const specified = recordsOf(input, 'TagSpecifications').filter((each) => textOf(each, 'ResourceType') === resourceType)
  return Object.fromEntries(specified.flatMap((each) => recordsOf(each, 'Tags').map(({ Key, Value }) => [String(Key), String(Value)])))
}
