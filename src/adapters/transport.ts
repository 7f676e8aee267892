import type { EKSClientConfig } from '@aws-sdk/client-eks'
import type { Dispatcher } from 'undici'

/**
 * Where the bytes go. Everything is optional: without it the AWS clients find their endpoint and credentials as every
 * AWS tool does, and Kubernetes is reached over TLS at the address that DescribeCluster gives.
 */
export interface Transport {
  /** Answers AWS requests in process. */
  readonly awsRequestHandler?: EKSClientConfig['requestHandler']
  readonly awsEndpoint?: string
  readonly awsCredentials?: EKSClientConfig['credentials']
  /** Signs in place of the SDK. */
  readonly awsSigner?: EKSClientConfig['signer']
  /** Gives a client of AWS what it needs of this transport beyond its configuration. */
  readonly awsClient?: <Client extends object>(client: Client) => Client
  /** Answers Kubernetes requests, watches included, in process. */
  readonly dispatcher?: Dispatcher
  /** How answers of Kubernetes are asked for and read; JSON when it does not say. */
  readonly kubernetesForm?: AnswerForm
}

/** `decode` throws a SyntaxError for what is not in this form. */
export interface AnswerForm {
  readonly accept: string
  readonly decode: (text: string) => unknown
}

const CONNECT_TIMEOUT = 5_000
const REQUEST_TIMEOUT = 20_000

/** What all AWS clients share of their configuration. */
export interface ClientSettings {
  readonly region: string
  readonly maxAttempts: number
  readonly endpoint?: string
  readonly credentials?: EKSClientConfig['credentials']
  readonly signer?: EKSClientConfig['signer']
  readonly requestHandler: NonNullable<EKSClientConfig['requestHandler']>
  readonly logger: NonNullable<EKSClientConfig['logger']>
  /** To be done to each client when it is made. */
  readonly prepared: <Client extends object>(client: Client) => Client
}

/**
 * Says nothing, and has no `info`: while a logger has one, the SDK copies every input and answer for it, also when nobody
 * reads them (`logger?.info?.({…})` in loggerMiddleware of @aws-sdk/core), which for long answers costs as much as decoding.
 */
const SILENT = { debug: nothing, warn: nothing, error: nothing } as unknown as ClientSettings['logger']

function nothing(): void {}

/**
 * One attempt per call: retries are ours, seen and budgeted. `throwOnRequestTimeout` is needed because
 * `requestTimeout` alone only logs.
 */
export function clientSettings(region: string, transport: Transport = {}): ClientSettings {
  return {
    region,
    maxAttempts: 1,
    logger: SILENT,
    prepared: transport.awsClient ?? ((client) => client),
    ...(transport.awsEndpoint === undefined ? {} : { endpoint: transport.awsEndpoint }),
    ...(transport.awsCredentials === undefined ? {} : { credentials: transport.awsCredentials }),
    ...(transport.awsSigner === undefined ? {} : { signer: transport.awsSigner }),
    requestHandler: transport.awsRequestHandler ?? {
      connectionTimeout: CONNECT_TIMEOUT,
      requestTimeout: REQUEST_TIMEOUT,
      throwOnRequestTimeout: true,
    },
  }
}
