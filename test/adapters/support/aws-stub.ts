import { AutoScalingClient } from '@aws-sdk/client-auto-scaling'
import { EKSClient } from '@aws-sdk/client-eks'
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import { SSMClient } from '@aws-sdk/client-ssm'
import { STSClient } from '@aws-sdk/client-sts'
import { type AwsCaller, createAwsCaller } from '../../../src/adapters/aws-call.ts'
import { createRetrier, createThrottleCount } from '../../../src/adapters/retry.ts'
import { clientSettings } from '../../../src/adapters/transport.ts'
import { type FakeClock, fakeClock } from './fake-clock.ts'

/** What the wire says: a status with a body, or an error of the socket. */
export type Answer =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | { readonly fails: string }

export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, unknown>>
  readonly body: string
}

/** Real SDK clients over a handler that answers with the bytes it is given: the last answer again and again. */
export function awsStub(...answers: readonly (Answer | ((asked: Asked) => Answer))[]) {
  const asked: Asked[] = []
  const clock: FakeClock = fakeClock()
  const throttles = createThrottleCount()
  const requestHandler = {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request: { method: string; path: string; query: Record<string, unknown>; body?: unknown }) {
      const one = {
        method: request.method,
        path: request.path,
        query: request.query,
        body: textOf(request.body),
      }
      const given = answers[Math.min(asked.length, answers.length - 1)] ?? {}
      asked.push(one)
      const answer = typeof given === 'function' ? given(one) : given
      if ('fails' in answer) throw Object.assign(new Error('socket hang up'), { code: answer.fails })
      const { status = 200, headers = {}, body = '{}' } = answer
      return { response: { statusCode: status, headers: { 'x-amzn-requestid': 'request-1', ...headers }, body: Buffer.from(body) } }
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
    destroy() {},
  }
  const settings = clientSettings('eu-central-1', {
    awsEndpoint: 'http://aws.invalid',
    awsCredentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'example' },
    awsRequestHandler: requestHandler as never,
  })
  const caller: AwsCaller = createAwsCaller(createRetrier(clock, throttles))
  return {
    asked,
    clock,
    throttles,
    caller,
    settings,
    eks: new EKSClient(settings),
    autoScaling: new AutoScalingClient(settings),
    sts: new STSClient(settings),
    ssm: new SSMClient(settings),
    quotas: new ServiceQuotasClient(settings),
  }
}

function textOf(body: unknown): string {
  return body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body ?? '')
}

export const json = (value: unknown, status = 200): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
})
export const xml = (body: string, status = 200): Answer => ({ status, headers: { 'content-type': 'text/xml' }, body })
export const html = (status: number): Answer => ({
  status,
  headers: { 'content-type': 'text/html' },
  body: '<html><body>Please sign in</body></html>',
})
/** An error as EKS words it. */
export const eksError = (status: number, type: string, message = 'as it is'): Answer => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
  body: JSON.stringify({ message }),
})
/** An error as Auto Scaling and STS word it. */
export const queryError = (status: number, code: string): Answer =>
  xml(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>m</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
    status,
  )
/** An error as EC2 words it. */
export const ec2Error = (status: number, code: string): Answer =>
  xml(`<Response><Errors><Error><Code>${code}</Code><Message>m</Message></Error></Errors><RequestID>r</RequestID></Response>`, status)
