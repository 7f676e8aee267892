/**
 * The quotas of EC2 that count vCPUs, and which instance families each is about.
 * Families and names: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html; codes as
 * `aws service-quotas list-service-quotas --service-code ec2` prints them. Read on 2026-08-20.
 */
export interface VcpuQuota {
  readonly code: string
  readonly name: string
}

interface Bucket {
  readonly families: readonly string[]
  readonly name: string
  readonly onDemand: string
  readonly spot: string
}

const BUCKETS: readonly Bucket[] = [
  {
    families: ['a', 'c', 'd', 'h', 'i', 'im', 'is', 'm', 'r', 't', 'z'],
    name: 'Standard (A, C, D, H, I, M, R, T, Z)',
    onDemand: 'L-1216C47A',
    spot: 'L-34B43A08',
  },
  { families: ['g', 'gr', 'vt'], name: 'G and VT', onDemand: 'L-DB2E81BA', spot: 'L-3819A6DF' },
  { families: ['p'], name: 'P', onDemand: 'L-417A185B', spot: 'L-7212CCBC' },
  { families: ['inf'], name: 'Inf', onDemand: 'L-1945791B', spot: 'L-B5D1601B' },
  { families: ['trn'], name: 'Trn', onDemand: 'L-2C3B7624', spot: 'L-6B0D517C' },
  { families: ['x'], name: 'X', onDemand: 'L-7295265B', spot: 'L-E3A00192' },
  { families: ['f'], name: 'F', onDemand: 'L-74FC7D96', spot: 'L-88CF9481' },
  { families: ['dl'], name: 'DL', onDemand: 'L-6E869C2A', spot: 'L-85EED4F7' },
]

/** The quota that an instance counts against, or undefined for a family that this table does not know. */
export function vcpuQuotaOf(instanceType: string, market: 'on-demand' | 'spot'): VcpuQuota | undefined {
  const [family = ''] = /^[a-z]+/.exec(instanceType) ?? []
  const bucket = BUCKETS.find(({ families }) => families.includes(family))
  if (bucket === undefined) return undefined
  return market === 'spot'
    ? { code: bucket.spot, name: `All ${bucket.name} Spot Instance Requests` }
    : { code: bucket.onDemand, name: `Running On-Demand ${bucket.name} instances` }
}
