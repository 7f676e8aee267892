import type { WireError } from '../../contract.ts'
import type { WireRequest } from '../message.ts'
import { decodeForm, decodeJson, decodeRest, formTree } from './decode.ts'
import type { OperationSchema } from './schema.ts'
import type { Service } from './services.ts'
import { QUERY_VERSIONS, serviceOf, TARGETS } from './services.ts'

type Structure = Record<string, unknown>

/** What a request asks for: an operation with its input, or something no schema or service here knows. */
export type Asked =
  | { readonly known: true; readonly service: Service; readonly operation: OperationSchema; readonly input: Structure }
  | {
      readonly known: false
      readonly service: string
      readonly operation: string
      readonly form: 'json' | 'xml'
      readonly refusal?: WireError
    }

/**
 * Finds out which service and operation a request means: by `x-amz-target` for the JSON protocols, by `Version` and
 * `Action` for the query protocols, by method and path for EKS.
 */
export async function route(request: WireRequest): Promise<Asked> {
  const target = request.headers['x-amz-target']
  if (target !== undefined) return routeTarget(target, request)
  const form = formOf(request)
  if (form.get('Action') !== null) return routeForm(form, signedFor(request))
  return routePath(request)
}

async function routeTarget(target: string, request: WireRequest): Promise<Asked> {
  const [prefix = '', name = ''] = target.split('.')
  const known = TARGETS[prefix]
  if (known === undefined) return { known: false, service: prefix, operation: name, form: 'json' }
  const service = await serviceOf(known)
  const operation = service.operations.get(name)
  if (operation === undefined) return { known: false, service: service.id, operation: name, form: 'json' }
  return { known: true, service, operation, input: decodeJson(operation.input(), request.body.toString()) }
}

/** The form fields of a query request; a presigned GET carries them in its query. */
function formOf(request: WireRequest): URLSearchParams {
  const form = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded')
  return form ? new URLSearchParams(request.body.toString()) : request.query
}

async function routeForm(form: URLSearchParams, signed: string | undefined): Promise<Asked> {
  const action = form.get('Action') ?? ''
  const name = QUERY_VERSIONS[form.get('Version') ?? '']
  if (name === undefined) return { known: false, service: signed ?? `Version ${form.get('Version')}`, operation: action, form: 'xml' }
  const service = await serviceOf(name)
  const operation = service.operations.get(action)
  if (operation === undefined) return { known: false, service: service.id, operation: action, form: 'xml' }
  return { known: true, service, operation, input: decodeForm(operation.input(), formTree(form), service.protocol) }
}

/** Services whose clients read errors as XML although they ask by path. */
const READ_XML: ReadonlySet<string> = new Set(['s3', 's3express', 'route53', 'cloudfront', 's3-outposts'])

/** The service that a request was signed for: `Credential=AKIA…/20260929/eu-central-1/s3/aws4_request`. */
function signedFor({ headers }: WireRequest): string | undefined {
  return /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(headers.authorization ?? '')?.[1]
}

async function routePath(request: WireRequest): Promise<Asked> {
  const signed = signedFor(request) ?? 'eks'
  const asked = `${request.method} ${request.path}`
  if (signed !== 'eks') return { known: false, service: signed, operation: asked, form: READ_XML.has(signed) ? 'xml' : 'json' }
  const service = await serviceOf('eks')
  const segments = request.path.split('/').slice(1)
  const candidates = [...service.operations.values()].filter((operation) => pathFits(operation, request.method, segments))
  const operation = candidates.sort((a, b) => labelCount(a) - labelCount(b))[0]
  if (operation === undefined) return { known: false, service: 'unknown service', operation: asked, form: 'json' }
  return { known: true, service, operation, input: decodeRest(operation, segments, request) }
}

const templates = new WeakMap<OperationSchema, readonly string[]>()

/** The segments of an operation's path template, `{label}` where a member goes. */
function templateOf(operation: OperationSchema): readonly string[] {
  const known = templates.get(operation)
  if (known !== undefined) return known
  const template = (operation.traits.http?.[1] ?? '').split('/').slice(1)
  templates.set(operation, template)
  return template
}

function pathFits(operation: OperationSchema, method: string, segments: readonly string[]): boolean {
  if (operation.traits.http?.[0] !== method) return false
  const template = templateOf(operation)
  return template.length === segments.length && template.every((part, at) => part.startsWith('{') || part === segments[at])
}

function labelCount(operation: OperationSchema): number {
  return templateOf(operation).filter((part) => part.startsWith('{')).length
}
