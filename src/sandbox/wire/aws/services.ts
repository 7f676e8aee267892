import type { AwsHandlers, World } from '../../contract.ts'
import type { ErrorSchema, OperationSchema } from './schema.ts'
import { errorsOf, operationsOf } from './schema.ts'

export type Protocol = 'restJson1' | 'awsQuery' | 'ec2Query' | 'awsJson1_0' | 'awsJson1_1'

/** How one AWS service speaks, and who answers for it. */
export interface Service {
  /** As fault selectors and the audit name it. */
  readonly id: string
  readonly protocol: Protocol
  readonly namespace: string
  readonly operations: ReadonlyMap<string, OperationSchema>
  readonly errors: readonly ErrorSchema[]
  readonly handlers: (world: World) => AwsHandlers
}

interface ServiceRow {
  readonly id: string
  readonly protocol: Protocol
  readonly namespace: string
  readonly handlers: (world: World) => AwsHandlers
  /** Loading a client is expensive (client-ec2: 165 ms, 70 MB), so it waits until its service is asked. */
  readonly load: () => Promise<Readonly<Record<string, unknown>>>
}

const ROWS = {
  eks: {
    id: 'eks',
    protocol: 'restJson1',
    namespace: '',
    handlers: (world) => world.eks,
    load: () => import('@aws-sdk/client-eks'),
  },
  autoScaling: {
    id: 'autoscaling',
    protocol: 'awsQuery',
    namespace: 'http://autoscaling.amazonaws.com/doc/2011-01-01/',
    handlers: (world) => world.autoScaling,
    load: () => import('@aws-sdk/client-auto-scaling'),
  },
  sts: {
    id: 'sts',
    protocol: 'awsQuery',
    namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
    handlers: (world) => world.sts,
    load: () => import('@aws-sdk/client-sts'),
  },
  iam: {
    id: 'iam',
    protocol: 'awsQuery',
    namespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
    handlers: (world) => world.iam,
    load: () => import('@aws-sdk/client-iam'),
  },
  ec2: {
    id: 'ec2',
    protocol: 'ec2Query',
    namespace: 'http://ec2.amazonaws.com/doc/2016-11-15/',
    handlers: (world) => world.ec2,
    load: () => import('@aws-sdk/client-ec2'),
  },
  ssm: {
    id: 'ssm',
    protocol: 'awsJson1_1',
    namespace: '',
    handlers: (world) => world.ssm,
    load: () => import('@aws-sdk/client-ssm'),
  },
  serviceQuotas: {
    id: 'servicequotas',
    protocol: 'awsJson1_1',
    namespace: '',
    handlers: (world) => world.serviceQuotas,
    load: () => import('@aws-sdk/client-service-quotas'),
  },
  cloudWatch: {
    id: 'cloudwatch',
    protocol: 'awsJson1_0',
    namespace: '',
    handlers: (world) => world.cloudWatch,
    load: () => import('@aws-sdk/client-cloudwatch'),
  },
} as const satisfies Record<string, ServiceRow>

export type ServiceName = keyof typeof ROWS

/** Services of the JSON protocols, by the first part of the target of their requests. */
export const TARGETS: Readonly<Record<string, ServiceName>> = {
  AmazonSSM: 'ssm',
  ServiceQuotasV20190624: 'serviceQuotas',
  GraniteServiceVersion20100801: 'cloudWatch',
}

/** Services of the query protocols, by the `Version` of their requests. */
export const QUERY_VERSIONS: Readonly<Record<string, ServiceName>> = {
  '2011-01-01': 'autoScaling',
  '2011-06-15': 'sts',
  '2010-05-08': 'iam',
  '2016-11-15': 'ec2',
}

const loaded = new Map<ServiceName, Promise<Service>>()

export function serviceOf(name: ServiceName): Promise<Service> {
  const kept = loaded.get(name)
  if (kept !== undefined) return kept
  const service = openService(ROWS[name])
  loaded.set(name, service)
  return service
}

async function openService(row: ServiceRow): Promise<Service> {
  const exports = await row.load()
  const { id, protocol, namespace, handlers } = row
  return { id, protocol, namespace, handlers, operations: operationsOf(exports), errors: errorsOf(exports) }
}
