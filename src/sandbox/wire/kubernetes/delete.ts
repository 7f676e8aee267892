import type { StoredObject } from '../../contract.ts'
import type { WireAnswer } from '../message.ts'
import { objectText } from './object-text.ts'
import { currentObject, selectedObjects } from './read.ts'
import type { ApiRequest, Body } from './request.ts'
import { isDryRun, jsonBody, recordAt } from './request.ts'
import { detailsOf, jsonAnswer } from './status.ts'
import { assertUnchanged, writingOf } from './write.ts'

/** Deletes an object: a pod gracefully, by the world's rules; everything else at once, or when its finalizers are gone. */
export function deleteObject(api: ApiRequest): WireAnswer {
  const options = optionsOf(api)
  const current = currentObject(api)
  assertUnchanged(api, current, { metadata: recordAt(options, 'preconditions') })
  const left = removed(api, current, options)
  if (left !== undefined) return jsonAnswer(200, objectText(api.target.kind, left))
  const details = { ...detailsOf(api.target.kind, current.metadata.name), uid: current.metadata.uid }
  return jsonAnswer(200, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details })
}

/** Deletes what a list request would answer, and answers it as it was. */
export function deleteCollection(api: ApiRequest): WireAnswer {
  const options = optionsOf(api)
  const { kind } = api.target
  const objects = selectedObjects(api)
  for (const object of objects) removed(api, object, options)
  const metadata = { resourceVersion: String(api.wire.world.store.version()) }
  return jsonAnswer(200, { kind: `${kind.kind}List`, apiVersion: objects[0]?.apiVersion ?? 'v1', metadata, items: objects })
}

function optionsOf(api: ApiRequest): Body {
  return api.request.body.length === 0 ? {} : jsonBody(api)
}

/** What is left of the object after its deletion, if anything. */
function removed(api: ApiRequest, object: StoredObject, options: Body): StoredObject | undefined {
  const { world } = api.wire
  const { namespace, name } = object.metadata
  const policy = options.propagationPolicy ?? api.request.query.get('propagationPolicy')
  const orphan = policy === 'Orphan' || options.orphanDependents === true
  const writing = { ...writingOf(api), dryRun: isDryRun(api, options), orphan, foreground: policy === 'Foreground' }
  if (object.kind !== 'Pod') return world.api.remove(writing, object.kind, namespace, name)
  world.api.admit(writing, 'DELETE', object)
  if (writing.dryRun) return object
  const seconds = options.gracePeriodSeconds ?? api.request.query.get('gracePeriodSeconds')
  world.deletePod(namespace ?? '', name, seconds === null || seconds === undefined ? undefined : Number(seconds))
  return world.store.get('Pod', namespace, name) ?? object
}
