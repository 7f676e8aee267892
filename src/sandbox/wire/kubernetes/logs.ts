import { isRecord } from '../../record.ts'
import type { WireAnswer } from '../message.ts'
import { currentObject } from './read.ts'
import type { ApiRequest } from './request.ts'
import { named, recordAt } from './request.ts'
import { fail, textAnswer } from './status.ts'

/** GET pods/NAME/log: the text of one container, the last `tailLines` of it. */
export function podLog(api: ApiRequest): WireAnswer {
  const { namespace = '', name } = named(api)
  const { query } = api.request
  const container = chosenContainer(api)
  const text = api.wire.world.logs(namespace, name, container, query.get('previous') === 'true')
  if (text === undefined) {
    const instance = query.get('previous') === 'true' ? 'previous terminated container' : 'container'
    return fail(400, 'BadRequest', `${instance} "${container}" in pod "${name}" not found`)
  }
  return textAnswer(200, tail(text, query.get('tailLines')), 'text/plain')
}

function chosenContainer(api: ApiRequest): string {
  const pod = currentObject(api)
  const spec = recordAt(pod, 'spec')
  const all = containerNames(spec, 'containers')
  const asked = api.request.query.get('container')
  if (asked === null) {
    if (all.length === 1 && all[0] !== undefined) return all[0]
    return fail(400, 'BadRequest', `a container name must be specified for pod ${pod.metadata.name}, choose one of: [${all.join(' ')}]`)
  }
  if ([...all, ...containerNames(spec, 'initContainers')].includes(asked)) return asked
  return fail(400, 'BadRequest', `container ${asked} is not valid for pod ${pod.metadata.name}`)
}

function containerNames(spec: Record<string, unknown>, member: string): readonly string[] {
  const list = spec[member]
  return Array.isArray(list) ? list.filter(isRecord).map((container) => String(container.name)) : []
}

function tail(text: string, lines: string | null): string {
  if (lines === null) return text
  const all = text.split('\n')
  const closed = all.at(-1) === '' ? 1 : 0
  return all.slice(Math.max(0, all.length - closed - Number(lines))).join('\n')
}
