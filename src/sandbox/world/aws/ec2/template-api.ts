import { type AwsHandlers, WireError } from '../../../contract.ts'
import { type FilterFields, filtered, type Input, textOf, textsOf } from '../answers.ts'
import type { Ec2Api, Ec2Deps } from '../ec2-api.ts'
import type { Template } from '../launch-templates.ts'
import { paged } from './answers.ts'
import { templateOf, versionOf } from './template-data.ts'
import { describeTemplate, describeTemplateVersion, type VersionRow } from './template-description.ts'
import { templateWriteHandlers } from './template-write-api.ts'

/** Operations on launch templates. */
export function templateHandlers(deps: Ec2Api): AwsHandlers {
  return {
    DescribeLaunchTemplates: (input) => describeTemplates(deps, input),
    DescribeLaunchTemplateVersions: (input) => describeTemplateVersions(deps, input),
    ...templateWriteHandlers(deps),
  }
}

function describeTemplates(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const ids = textsOf(input, 'LaunchTemplateIds')
  const names = textsOf(input, 'LaunchTemplateNames')
  const named = [...ids.map((id) => deps.templates.find({ id })), ...names.map((name) => deps.templates.find({ name }))]
  const fields: FilterFields<Template> = { 'launch-template-name': ({ name }) => [name] }
  const found = filtered(named.length > 0 ? named : deps.templates.all(), input, fields)
  return paged(input, found, 'LaunchTemplates', describeTemplate)
}

function describeTemplateVersions(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const id = textOf(input, 'LaunchTemplateId')
  const name = textOf(input, 'LaunchTemplateName')
  const wanted = textsOf(input, 'Versions')
  if (id === undefined && name === undefined) {
    if (wanted.length === 0)
      throw new WireError(400, 'MissingParameter', 'Either a launch template or versions such as $Latest must be given.')
    const every = deps.templates.all().flatMap((template) => wanted.flatMap((text) => versionRow(deps, template, text)))
    return paged(input, every, 'LaunchTemplateVersions', (row) => describeTemplateVersion(deps, row, input.ResolveAlias === true))
  }
  const template = templateOf(deps, input)
  const rows =
    wanted.length > 0
      ? wanted.map((text) => ({ template, version: versionOf(deps, template, text) }))
      : [...template.versions].reverse().map((version) => ({ template, version }))
  return paged(input, rows, 'LaunchTemplateVersions', (row) => describeTemplateVersion(deps, row, input.ResolveAlias === true))
}

function versionRow(deps: Ec2Deps, template: Template, text: string): readonly VersionRow[] {
  const version = deps.templates.version(template, text)
  return version === undefined ? [] : [{ template, version }]
}
