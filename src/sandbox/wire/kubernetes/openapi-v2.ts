import type { ObjectStore } from '../../contract.ts'
import { kindsServed } from '../../world/kubernetes/api/custom-kinds.ts'
import type { ServedKind } from '../../world/kubernetes/api/kinds.ts'
import { apiVersionOf } from '../../world/kubernetes/api/kinds.ts'
import type { WireAnswer, WireRequest } from '../message.ts'
import { message } from './protobuf/fields.ts'

/** Clients ask for `…v2@v1.0+protobuf`; the answer's type has a dot, since no parser of types takes the other (kube-openapi, pkg/handler). */
const TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

/**
 * OpenAPI v2, which kubectl before 1.29 asks for first: the PATCH of every kind with the parameters it takes, without the schemas,
 * which stand in OpenAPI v3. Field numbers: github.com/google/gnostic, openapiv2/OpenAPIv2.proto. Undefined for every other path.
 */
export function openApiV2Answer(store: ObjectStore, request: WireRequest): WireAnswer | undefined {
  if (request.path !== '/openapi/v2') return undefined
  const info = message([1, 'Kubernetes'], [2, 'sandbox'])
  const paths = message(
    ...kindsServed(store).all.map((kind): [number, Buffer] => [2, message([1, pathOf(kind)], [2, message([8, patchOf(kind)])])]),
  )
  const document = message([1, '2.0'], [2, info], [8, paths])
  return { status: 200, headers: { 'content-type': TYPE }, body: document }
}

function pathOf(kind: ServedKind): string {
  const root = kind.group === '' ? '/api' : '/apis'
  return `${root}/${apiVersionOf(kind)}/${kind.namespaced ? 'namespaces/{namespace}/' : ''}${kind.plural}/{name}`
}

function patchOf({ group, version, kind }: ServedKind): Buffer {
  const parameters = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name): [number, Buffer] => [
    8,
    message([1, message([2, message([3, message([2, 'query'], [4, name])])])]),
  ])
  const value = JSON.stringify({ group, version, kind })
  const extension = message([1, 'x-kubernetes-group-version-kind'], [2, message([2, value])])
  return message(...parameters, [13, extension])
}
