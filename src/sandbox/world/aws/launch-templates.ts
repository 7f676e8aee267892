import type { Instant } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import { WireError } from '../../contract.ts'
import type { LaunchTemplateSpec } from '../world-spec.ts'

export interface Template {
  readonly id: string
  readonly name: string
  readonly createdAt: Instant
  defaultVersion: number
  readonly versions: TemplateVersion[]
}

export interface TemplateVersion {
  readonly number: number
  readonly imageId?: string
  readonly instanceType?: string
  readonly createdAt: Instant
}

export interface LaunchTemplates {
  get(id: string): Template | undefined
  /** By id or name. Throws the EC2 error when there is none. */
  find(reference: { readonly id?: string; readonly name?: string }): Template
  all(): readonly Template[]
  /** A template of EKS's own, such as `eks-<uuid>`. */
  create(name: string): Template
  addVersion(template: Template, data: { readonly imageId?: string; readonly instanceType?: string }): TemplateVersion
  /** A number, `$Latest` or `$Default`. Undefined when there is no such version. */
  version(template: Template, text: string): TemplateVersion | undefined
}

export function createLaunchTemplates(specs: readonly LaunchTemplateSpec[], now: () => Instant, seed: number): LaunchTemplates {
  const byId = new Map<string, Template>()
  for (const spec of specs) byId.set(spec.id, openTemplate(spec, now()))

  function find({ id, name }: { readonly id?: string; readonly name?: string }): Template {
    const found = id === undefined ? [...byId.values()].find((each) => each.name === name) : byId.get(id)
    if (found !== undefined) return found
    if (id !== undefined)
      throw new WireError(400, 'InvalidLaunchTemplateId.NotFound', `The specified launch template, with template ID ${id}, does not exist.`)
    throw new WireError(
      400,
      'InvalidLaunchTemplateName.NotFoundException',
      `The specified launch template, with template name ${name}, does not exist.`,
    )
  }

  function create(name: string): Template {
    const template: Template = { id: `lt-${keyedId(17, seed, 'template', name)}`, name, createdAt: now(), defaultVersion: 1, versions: [] }
    byId.set(template.id, template)
    return template
  }

  function addVersion(template: Template, data: { readonly imageId?: string; readonly instanceType?: string }): TemplateVersion {
    const version: TemplateVersion = { ...data, number: template.versions.length + 1, createdAt: now() }
    template.versions.push(version)
    return version
  }

  return { get: (id) => byId.get(id), find, all: () => [...byId.values()], create, addVersion, version: versionOf }
}

function openTemplate(spec: LaunchTemplateSpec, now: Instant): Template {
  const versions = spec.versions.map(({ instanceType, image }, index) => ({
    number: index + 1,
    createdAt: now,
    ...(instanceType === undefined ? {} : { instanceType }),
    ...(image === undefined ? {} : { imageId: image.imageId }),
  }))
  return { id: spec.id, name: spec.name, createdAt: now, defaultVersion: spec.defaultVersion, versions }
}

function versionOf(template: Template, text: string): TemplateVersion | undefined {
  if (text === '$Latest') return template.versions.at(-1)
  const number = text === '$Default' ? template.defaultVersion : Number(text)
  return template.versions.find((version) => version.number === number)
}
