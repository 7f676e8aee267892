import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Schema } from '../../world/kubernetes/fields/models.ts'

/** What the Kubernetes client's declarations say of its models, which `kubectl explain` prints. */

const { resolve } = createRequire(import.meta.url)

const COMMENT = String.raw`/\*\*\n((?:\s*\*(?!/).*\n)*)\s*\*/\n`
const OF_MODEL = new RegExp(`${COMMENT}export declare class`)
const REQUIRED = /^ {4}'([^']+)': /gm
const OF_MEMBER = new RegExp(`${COMMENT}\\s*'([^']+)'\\??:`, 'g')

/** The schema of a model with the descriptions of itself and of its properties, and which of these have to be there. */
export function described(model: string, schema: Schema): Schema {
  const declarations = readFileSync(resolve(`@kubernetes/client-node/dist/gen/models/${model}.d.ts`), 'utf8')
  const members = new Map([...declarations.matchAll(OF_MEMBER)].map(([, comment = '', member = '']) => [member, textOf(comment)]))
  const properties = Object.entries((schema.properties ?? {}) as Record<string, Schema>).map(([name, property]) => {
    const description = members.get(name)
    return [name, description === undefined ? property : { description, ...property }] as const
  })
  const [, own] = OF_MODEL.exec(declarations) ?? []
  const required = [...declarations.matchAll(REQUIRED)].map(([, member]) => member)
  return {
    ...(own === undefined ? {} : { description: textOf(own) }),
    ...schema,
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
  }
}

/** The words of a comment; the generator of the client escapes quotes. */
function textOf(comment: string): string {
  const lines = comment.split('\n').map((line) => line.replace(/^\s*\* ?/, ''))
  return lines
    .join('\n')
    .trim()
    .replace(/\\(["'])/g, '$1')
}

/**
 * The name of a model among the schemas of a document: `io.k8s.api.v1.PodSpec` of `V1PodSpec`. Clients print what stands behind the last
 * dot; of the group the client's models know nothing.
 */
export function schemaId(model: string): string {
  const [, group = '', version, kind] = /^([A-Z][a-z]+)?V(\d+(?:(?:alpha|beta)\d+)?)([A-Z].*)$/.exec(model) ?? []
  if (kind === undefined) return `io.k8s.${model}`
  return ['io.k8s.api', ...(group === '' ? [] : [group.toLowerCase()]), `v${version}`, kind].join('.')
}
