import { type AwsHandlers, WireError } from '../../../contract.ts'
import { type Input, recordOf, required, textOf, textsOf } from '../answers.ts'
import type { Ec2Api, Ec2Deps } from '../ec2-api.ts'
import type { NewTemplateVersion } from '../launch-templates.ts'
import { dataOf, tagsFor, templateOf, versionOf } from './template-data.ts'
import { describeTemplate, describeTemplateVersion } from './template-description.ts'

/** Operations that make, change and delete launch templates. */
export function templateWriteHandlers(deps: Ec2Api): AwsHandlers {
  const operations: AwsHandlers = {
    CreateLaunchTemplate: (input) => create(deps, input),
    CreateLaunchTemplateVersion: (input) => createVersion(deps, input),
    ModifyLaunchTemplate: (input) => modify(deps, input),
    DeleteLaunchTemplateVersions: (input) => deleteVersions(deps, input),
    DeleteLaunchTemplate(input) {
      const template = templateOf(deps, input)
      deps.templates.remove(template)
      return { LaunchTemplate: describeTemplate(template) }
    },
  }
  return Object.fromEntries(
    Object.entries(operations).map(([name, act]) => [name, (input: Record<string, unknown>) => deps.once(name, input, () => act(input))]),
  )
}

function missing(member: string): WireError {
  return new WireError(400, 'MissingParameter', `The request must contain the parameter ${member}`)
}

function create(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const name = required(input, 'LaunchTemplateName', () => missing('LaunchTemplateName'))
  const data = recordOf(input, 'LaunchTemplateData')
  if (data === undefined) throw missing('LaunchTemplateData')
  if (deps.templates.all().some((each) => each.name === name)) {
    throw new WireError(400, 'InvalidLaunchTemplateName.AlreadyExistsException', 'Launch template name already in use.')
  }
  const template = deps.templates.create(name, tagsFor('launch-template', input))
  deps.templates.addVersion(template, newVersion(data, textOf(input, 'VersionDescription')))
  return { LaunchTemplate: describeTemplate(template) }
}

/** Data of the source version, overlaid by what is given (API reference, CreateLaunchTemplateVersion). */
function createVersion(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const template = templateOf(deps, input)
  const data = recordOf(input, 'LaunchTemplateData')
  if (data === undefined) throw missing('LaunchTemplateData')
  const source = textOf(input, 'SourceVersion')
  const from = source === undefined ? {} : dataOf(versionOf(deps, template, source))
  const version = deps.templates.addVersion(template, newVersion({ ...from, ...data }, textOf(input, 'VersionDescription')))
  return { LaunchTemplateVersion: describeTemplateVersion(deps, { template, version }, input.ResolveAlias === true) }
}

function newVersion(given: Input, description: string | undefined): NewTemplateVersion {
  const { ImageId, InstanceType, ...data } = given
  return {
    ...(typeof ImageId === 'string' ? { imageId: ImageId } : {}),
    ...(typeof InstanceType === 'string' ? { instanceType: InstanceType } : {}),
    ...(description === undefined ? {} : { description }),
    data,
  }
}

function modify(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const template = templateOf(deps, input)
  const wanted = required(input, 'DefaultVersion', () => missing('DefaultVersion'))
  template.defaultVersion = versionOf(deps, template, wanted).number
  return { LaunchTemplate: describeTemplate(template) }
}

/** Each version for itself; the default one cannot be deleted (API reference, DeleteLaunchTemplateVersions). */
function deleteVersions(deps: Ec2Deps, input: Input): Record<string, unknown> {
  const template = templateOf(deps, input)
  const wanted = textsOf(input, 'Versions')
  if (wanted.length === 0) throw missing('LaunchTemplateVersion')
  const done: Record<string, unknown>[] = []
  const failed: Record<string, unknown>[] = []
  for (const text of wanted) {
    const version = deps.templates.version(template, text)
    const row = { LaunchTemplateId: template.id, LaunchTemplateName: template.name, VersionNumber: version?.number ?? Number(text) }
    if (version === undefined) {
      failed.push({ ...row, ResponseError: { Code: 'launchTemplateVersionDoesNotExist', Message: `Version ${text} does not exist.` } })
    } else if (version.number === template.defaultVersion) {
      failed.push({ ...row, ResponseError: { Code: 'unexpectedError', Message: `Version ${text} is the default version.` } })
    } else {
      template.versions.splice(template.versions.indexOf(version), 1)
      done.push(row)
    }
  }
  return { SuccessfullyDeletedLaunchTemplateVersions: done, UnsuccessfullyDeletedLaunchTemplateVersions: failed }
}
