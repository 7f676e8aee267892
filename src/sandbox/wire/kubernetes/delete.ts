import type { StoredObject } from '../../contract.ts'
import type { WireAnswer } from '../message.ts'
import { objectText } from './object-text.ts'
import { currentObject } from './read.ts'
import type { ApiRequest, Body } from './request.ts'
import { isDryRun, jsonBody, named, recordAt } from './request.ts'
import { detailsOf, jsonAnswer } from './status.ts'
import { assertUnchanged } from './write.ts'

/** Deletes an object: a pod gracefully, by the world's rules; everything else at once. */
export function deleteObject(api: ApiRequest): WireAnswer {
  const options = api.request.body.length === 0 ? {} : jsonBody(api)
  const current = currentObject(api)
  assertUnchanged(api, current, { metadata: recordAt(options, 'preconditions') })
  if (isDryRun(api, options)) return jsonAnswer(200, objectText(api.target.kind, current))
  return api.target.kind.kind === 'Pod' ? deletePod(api, current, options) : deleteAtOnce(api, current)
}

function deletePod(api: ApiRequest, pod: StoredObject, options: Body): WireAnswer {
  const { namespace, name } = named(api)
  const { world } = api.wire
  const seconds = options.gracePeriodSeconds ?? api.request.query.get('gracePeriodSeconds')
  world.deletePod(namespace ?? '', name, seconds === null || seconds === undefined ? undefined : Number(seconds))
  return jsonAnswer(200, objectText(api.target.kind, world.store.get('Pod', namespace, name) ?? pod))
}

function deleteAtOnce(api: ApiRequest, { metadata }: StoredObject): WireAnswer {
  const { kind } = api.target
  api.wire.world.store.remove(kind.kind, metadata.namespace, metadata.name)
  const details = { ...detailsOf(kind, metadata.name), uid: metadata.uid }
  return jsonAnswer(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details })
}
