import type { Instant } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import { WireError } from '../../contract.ts'
import type { LaunchTemplateSpec } from '../world-spec.ts'

export interface Template {
  readonly id: string
  readonly name: string
  readonly createdAt: Instant
  defaultVersion: number
  /** Ascending; numbers of versions that were deleted do not come again. */
  readonly versions: TemplateVersion[]
  /** The highest number ever given. */
  issued: number
  readonly tags: Readonly<Record<string, string>>
}

export interface TemplateVersion {
  readonly number: number
  /** An AMI, or `resolve:ssm:` and the name of a parameter. */
  readonly imageId?: string
  readonly instanceType?: string
  readonly createdAt: Instant
  readonly description?: string
  /** Launch template data in SDK shape, of which the sandbox acts on AMI and type only. */
  readonly data?: Readonly<Record<string, unknown>>
}

export type NewTemplateVersion = Pick<TemplateVersion, 'imageId' | 'instanceType' | 'description' | 'data'>

export interface LaunchTemplates {
  get(id: string): Template | undefined
  /** By id or name. Throws the EC2 error when there is none. */
  find(reference: { readonly id?: string; readonly name?: string }): Template
  all(): readonly Template[]
  create(name: string, tags?: Readonly<Record<string, string>>): Template
  remove(template: Template): void
  addVersion(template: Template, data: NewTemplateVersion): TemplateVersion
  /** A number, `$Latest` or `$Default`. Undefined when there is no such version. */
  version(template: Template, text: string): TemplateVersion | undefined
}

export function createLaunchTemplates(specs: readonly LaunchTemplateSpec[], now: () => Instant, seed: number): LaunchTemplates {
  const byId = new Map<string, Template>()
  for (const spec of specs) byId.set(spec.id, openTemplate(spec, now()))

  function create(name: string, tags: Readonly<Record<string, string>> = {}): Template {
    const id = freeId(byId, seed, name)
    const template: Template = { id, name, createdAt: now(), defaultVersion: 1, versions: [], issued: 0, tags }
    byId.set(template.id, template)
    return template
  }

  function addVersion(template: Template, data: NewTemplateVersion): TemplateVersion {
    template.issued += 1
    const version: TemplateVersion = { ...data, number: template.issued, createdAt: now() }
    template.versions.push(version)
    return version
  }

  const remove = ({ id }: Template): void => void byId.delete(id)
  const all = (): readonly Template[] => [...byId.values()]
  return {
    get: (id) => byId.get(id),
    find: (reference) => findTemplate(all(), reference),
    all,
    create,
    remove,
    addVersion,
    version: versionOf,
  }
}

/** The template of an id or name among others. Throws the EC2 error when there is none. */
export function findTemplate(templates: readonly Template[], { id, name }: { readonly id?: string; readonly name?: string }): Template {
  const found = templates.find((each) => (id === undefined ? each.name === name : each.id === id))
  if (found !== undefined) return found
  if (id !== undefined)
    throw new WireError(400, 'InvalidLaunchTemplateId.NotFound', `The specified launch template, with template ID ${id}, does not exist.`)
  throw new WireError(
    400,
    'InvalidLaunchTemplateName.NotFoundException',
    `The specified launch template, with template name ${name}, does not exist.`,
  )
}

/** A template as it is now. */
export function copyTemplate(template: Template): Template {
  return { ...template, versions: [...template.versions] }
}

/** By name; a name that is used again while its template is there gets another id. */
function freeId(taken: ReadonlyMap<string, Template>, seed: number, name: string): string {
  const first = `lt-${keyedId(17, seed, 'template', name)}`
  return taken.has(first) ? `lt-${keyedId(17, seed, 'template', name, taken.size)}` : first
}

function openTemplate(spec: LaunchTemplateSpec, now: Instant): Template {
  const versions = spec.versions.map(({ instanceType, image, imageId = image?.imageId }, index) => ({
    number: index + 1,
    createdAt: now,
    ...(instanceType === undefined ? {} : { instanceType }),
    ...(imageId === undefined ? {} : { imageId }),
  }))
  const { id, name, defaultVersion } = spec
  return { id, name, createdAt: now, defaultVersion, versions, issued: versions.length, tags: {} }
}

function versionOf(template: Template, text: string): TemplateVersion | undefined {
  if (text === '$Latest') return template.versions.at(-1)
  const number = text === '$Default' ? template.defaultVersion : Number(text)
  return template.versions.find((version) => version.number === number)
}
