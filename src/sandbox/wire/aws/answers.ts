import type { WireError } from '../../contract.ts'
import type { WireAnswer } from '../message.ts'
import { encodeJson, encodeXml, escapeXml } from './encode.ts'
import { outputAsRead } from './references.ts'
import type { ErrorSchema, OperationSchema } from './schema.ts'
import type { Protocol, Service } from './services.ts'

/** A successful answer in the protocol of the service. */
export function successAnswer(service: Service, operation: OperationSchema, output: unknown, requestId: string): WireAnswer {
  const shape = operation.output()
  if (isJson(service.protocol)) {
    const status = operation.traits.http?.[2] ?? 200
    return jsonAnswer(service.protocol, status, requestId, encodeJson(shape, output) ?? {})
  }
  const content = shape.kind === 'unit' ? '' : encodeXml(shape, output)
  return xmlAnswer(200, requestId, successDocument(service, operation, content, requestId))
}

function successDocument(service: Service, operation: OperationSchema, content: string, requestId: string): string {
  const open = `<${operation.name}Response xmlns="${service.namespace}">`
  const close = `</${operation.name}Response>`
  if (service.protocol === 'ec2Query') return `${open}<requestId>${requestId}</requestId>${content}${close}`
  const result = operation.output().kind === 'unit' ? '' : `<${operation.name}Result>${content}</${operation.name}Result>`
  return `${open}${result}<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>${close}`
}

/** The same for readers in the same process: the output itself, and the text only when somebody asks for it. */
export function referenceAnswer(service: Service, operation: OperationSchema, output: unknown, requestId: string): WireAnswer {
  const read = outputAsRead(operation.output(), output)
  const status = isJson(service.protocol) ? (operation.traits.http?.[2] ?? 200) : 200
  return {
    status,
    headers: commonHeaders(CONTENT_TYPES[service.protocol] ?? XML, requestId),
    output: read,
    get body() {
      return successAnswer(service, operation, read, requestId).body
    },
  }
}

/** An error in the protocol of the service. Auto Scaling's codes lose the `Fault` of their exception's name. */
export function errorAnswer(service: Service, error: WireError, requestId: string): WireAnswer {
  if (isJson(service.protocol)) return jsonError(service.protocol, error, requestId)
  const code = queryCode(service.errors, error.code)
  const content = `<Code>${escapeXml(code)}</Code><Message>${escapeXml(error.message)}</Message>`
  if (service.protocol === 'ec2Query') {
    return xmlAnswer(
      error.status,
      requestId,
      `<Response><Errors><Error>${content}</Error></Errors><RequestID>${requestId}</RequestID></Response>`,
    )
  }
  const type = error.status < 500 ? 'Sender' : 'Receiver'
  const body = `<ErrorResponse xmlns="${service.namespace}"><Error><Type>${type}</Type>${content}</Error><RequestId>${requestId}</RequestId></ErrorResponse>`
  return xmlAnswer(error.status, requestId, body)
}

/** 501 for what the sandbox does not have, in a form the asker can read. */
export function notImplemented(form: 'json' | 'xml', service: string, operation: string, requestId: string): WireAnswer {
  const message = `the sandbox does not implement ${operation} (${service})`
  if (form === 'json') {
    return jsonAnswer('restJson1', 501, requestId, { __type: 'NotImplemented', message }, { 'x-amzn-errortype': 'NotImplemented' })
  }
  const error = `<Error><Type>Receiver</Type><Code>NotImplemented</Code><Message>${escapeXml(message)}</Message></Error>`
  return xmlAnswer(501, requestId, `<ErrorResponse>${error}<RequestId>${requestId}</RequestId></ErrorResponse>`)
}

function queryCode(errors: readonly ErrorSchema[], code: string): string {
  return errors.find((error) => error.name === code)?.traits.awsQueryError?.[0] ?? code
}

/** An error of a JSON protocol. */
export function jsonError(protocol: Protocol, error: WireError, requestId: string): WireAnswer {
  const body = { __type: error.code, message: error.message, ...error.extra }
  return jsonAnswer(protocol, error.status, requestId, body, { 'x-amzn-errortype': error.code })
}

const CONTENT_TYPES: Readonly<Partial<Record<Protocol, string>>> = {
  restJson1: 'application/json',
  awsJson1_0: 'application/x-amz-json-1.0',
  awsJson1_1: 'application/x-amz-json-1.1',
}

const XML = 'text/xml'

/** Whether the service answers in JSON; the others do in XML. */
export function isJson(protocol: Protocol): boolean {
  return CONTENT_TYPES[protocol] !== undefined
}

function jsonAnswer(
  protocol: Protocol,
  status: number,
  requestId: string,
  body: unknown,
  headers: Record<string, string> = {},
): WireAnswer {
  return { status, headers: { ...commonHeaders(CONTENT_TYPES[protocol] ?? XML, requestId), ...headers }, body: JSON.stringify(body) }
}

function xmlAnswer(status: number, requestId: string, body: string): WireAnswer {
  return { status, headers: commonHeaders(XML, requestId), body: `<?xml version="1.0" encoding="UTF-8"?>\n${body}` }
}

/** The date is real time, whatever the world's: the SDK corrects its signing clock from it. */
export function commonHeaders(contentType: string, requestId: string): Record<string, string> {
  return { 'content-type': contentType, 'x-amzn-requestid': requestId, date: new Date().toUTCString() }
}
