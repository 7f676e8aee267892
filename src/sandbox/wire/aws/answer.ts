import type { Instant } from '../../../model/instant.ts'
import { WireError } from '../../contract.ts'
import type { Intervention } from '../../levers.ts'
import type { WireAnswer, WireRequest } from '../message.ts'
import { CUT } from '../message.ts'
import { isSkewed, serverDate, serverNow, signingTime, stamp } from '../skew.ts'
import type { Wire } from '../wire.ts'
import { HTML_PAGE } from '../wire.ts'
import { commonHeaders, errorAnswer, isJson, jsonError, notImplemented, referenceAnswer, successAnswer } from './answers.ts'
import type { Asked } from './route.ts'
import { route } from './route.ts'
import { misfits } from './strict.ts'

type KnownAsked = Extract<Asked, { known: true }>

/**
 * Answers one request to any AWS service of the world.
 * @throws Error when a handler fails otherwise than by WireError, or, in strict mode, gives what the SDK's schema does not have.
 */
export async function answerAws(wire: Wire, request: WireRequest): Promise<WireAnswer | typeof CUT> {
  const asked = await routed(request)
  if (!asked.known) return answerUnknown(wire, asked)
  const { service, operation, input } = asked
  const resource = resourceOf(input)
  const mutating = !/^(Describe|List|Get|Simulate)/.test(operation.name)
  const { requestId, intervention } = wire.admit({ service: service.id, operation: operation.name, resource, mutating, input })
  const { answer, updateId } = await met(wire, request, asked, requestId, intervention)
  const status = answer === CUT ? CUT : answer.status
  wire.record({
    service: service.id,
    operation: operation.name,
    resource,
    status,
    requestId,
    ...(updateId === undefined ? {} : { updateId }),
  })
  return answer
}

/** A request that cannot be decoded is refused in words. */
async function routed(request: WireRequest): Promise<Asked> {
  try {
    return await route(request)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return { known: false, service: 'unknown service', operation: `${request.method} ${request.path}`, form: 'json', refusal: error }
  }
}

function answerUnknown(wire: Wire, asked: Extract<Asked, { known: false }>): WireAnswer {
  const { service, operation, form, refusal } = asked
  const { requestId } = wire.admit({ service, operation, resource: '', mutating: false, input: operation })
  const answer = refusal === undefined ? notImplemented(form, service, operation, requestId) : jsonError('restJson1', refusal, requestId)
  wire.record({ service, operation, resource: '', status: answer.status, requestId })
  return answer
}

interface Met {
  readonly answer: WireAnswer | typeof CUT
  readonly updateId?: string
}

async function met(wire: Wire, request: WireRequest, asked: KnownAsked, requestId: string, fault: Intervention | undefined): Promise<Met> {
  const lag = fault?.kind === 'stale' ? fault.lag : 0
  const answered = (): Met => wire.world.asReadersSee(lag, () => handled(wire, asked, requestId))
  switch (fault?.kind) {
    case 'html':
      return { answer: { status: fault.status, headers: commonHeaders('text/html', requestId), body: HTML_PAGE } }
    case 'error':
    case 'cut': {
      const effect = fault.when === 'after' ? answered() : undefined
      return { answer: fault.kind === 'cut' ? CUT : errorAnswer(asked.service, faultOf(fault), requestId), updateId: effect?.updateId }
    }
    case 'slow': {
      if (fault.when === 'before') await wire.wait(fault.delay)
      const slow = answered()
      if (fault.when === 'after') await wire.wait(fault.delay)
      return slow
    }
    case 'truncated': {
      const whole = answered()
      return whole.answer === CUT ? whole : { ...whole, answer: { ...whole.answer, truncated: true } }
    }
    case 'skewed':
      return skewed(fault.ahead, request, asked, requestId, answered)
    default:
      return answered()
  }
}

/** AWS takes signatures that are at most five minutes off, and says what time it is; the SDK learns from that. */
const TOLERANCE = 5 * 60_000

function skewed(ahead: number, request: WireRequest, { service }: KnownAsked, requestId: string, answered: () => Met): Met {
  const signed = signingTime(request.headers['x-amz-date'] ?? request.query.get('X-Amz-Date'))
  const refused = signed !== undefined && isSkewed(signed, ahead, TOLERANCE)
  const { answer, ...rest } = refused ? { answer: errorAnswer(service, wrongTime(service.id, signed, ahead), requestId) } : answered()
  return answer === CUT ? { answer } : { ...rest, answer: { ...answer, headers: { ...answer.headers, date: serverDate(ahead) } } }
}

function wrongTime(service: string, signed: Instant, ahead: number): WireError {
  if (service === 'ec2') return new WireError(400, 'RequestExpired', 'Request has expired.')
  const code = ['eks', 'ssm', 'servicequotas', 'cloudwatch'].includes(service) ? 'InvalidSignatureException' : 'SignatureDoesNotMatch'
  const now = serverNow(ahead)
  const [limit, words] =
    ahead > 0 ? [now - TOLERANCE, 'expired: %s is now earlier than'] : [now + TOLERANCE, 'not yet current: %s is still later than']
  const sum = `${stamp(now)} ${ahead > 0 ? '-' : '+'} 5 min.`
  return new WireError(403, code, `Signature ${words.replace('%s', stamp(signed))} ${stamp(limit)} (${sum})`)
}

function faultOf(intervention: Extract<Intervention, { kind: 'error' }>): WireError {
  return new WireError(intervention.status, intervention.code, intervention.message)
}

function handled(wire: Wire, asked: KnownAsked, requestId: string): Met {
  const { service, operation, input } = asked
  const handler = service.handlers(wire.world)[operation.name]
  if (handler === undefined) {
    const form = isJson(service.protocol) ? 'json' : 'xml'
    return { answer: notImplemented(form, service.id, operation.name, requestId) }
  }
  try {
    requireAllowed(wire, service.id, operation.name)
    const output = handler(input)
    if (wire.strict) assertFits(operation.name, misfits(operation.output(), output))
    const answer = wire.references === undefined ? successAnswer : referenceAnswer
    return { answer: answer(service, operation, output, requestId), updateId: updateIdOf(output) }
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return { answer: errorAnswer(service, error, requestId) }
  }
}

/** What a scenario takes away from the role of whoever asks. STS asks nobody who one is. */
function requireAllowed({ world }: Wire, service: string, operation: string): void {
  if (service === 'sts' || world.faults.effects('iam/denied', { role: 'caller', action: `${service}:${operation}` }).length === 0) return
  const [status, code] = DENIALS[service] ?? [403, 'AccessDeniedException']
  throw new WireError(status, code, `User is not authorized to perform: ${service}:${operation}`)
}

const DENIALS: Readonly<Record<string, readonly [status: number, code: string]>> = {
  ec2: [403, 'UnauthorizedOperation'],
  autoscaling: [403, 'AccessDenied'],
  iam: [403, 'AccessDenied'],
  ssm: [400, 'AccessDeniedException'],
}

function assertFits(operation: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`the sandbox's answer to ${operation} does not fit the SDK's schema: ${problems.join('; ')}`)
}

/** Members that name what an operation is about, the most telling first. */
const NAMING = [
  'nodegroupName',
  'addonName',
  'updateId',
  'clusterName',
  'name',
  'AutoScalingGroupName',
  'AutoScalingGroupNames',
  'LaunchTemplateId',
  'LaunchTemplateName',
  'InstanceId',
  'InstanceIds',
  'SubnetIds',
  'NetworkInterfaceIds',
  'InstanceTypes',
  'RoleName',
  'PolicySourceArn',
  'PolicyArn',
  'Name',
  'Names',
  'AlarmNames',
] as const

/** The name of what a request is about, as fault selectors and the audit see it; lists joined by commas. */
function resourceOf(input: Readonly<Record<string, unknown>>): string {
  for (const member of NAMING) {
    const value = input[member]
    if (typeof value === 'string') return value
    if (Array.isArray(value) && value.length > 0) return value.map(String).join(',')
  }
  return ''
}

function updateIdOf(output: Readonly<Record<string, unknown>>): string | undefined {
  const update = output.update
  if (typeof update !== 'object' || update === null || !('id' in update)) return undefined
  return typeof update.id === 'string' ? update.id : undefined
}
