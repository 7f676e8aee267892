import { type AwsHandlers, type Faults, WireError } from '../../contract.ts'
import { textOf } from './answers.ts'
import type { Instances } from './instances.ts'

/** What an account without trouble may run of each; our assumption. */
const PLENTY = 20_000

/** vCPU quotas of EC2 by code, with the bucket of instance families each is about (Service Quotas, service code `ec2`). */
const VCPU_QUOTAS: Readonly<Record<string, { readonly bucket: string; readonly name: string }>> = {
  'L-1216C47A': { bucket: 'standard', name: 'Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances' },
  'L-34B43A08': { bucket: 'standard', name: 'All Standard (A, C, D, H, I, M, R, T, Z) Spot Instance Requests' },
  'L-DB2E81BA': { bucket: 'g', name: 'Running On-Demand G and VT instances' },
  'L-3819A6DF': { bucket: 'g', name: 'All G and VT Spot Instance Requests' },
  'L-417A185B': { bucket: 'p', name: 'Running On-Demand P instances' },
  'L-7212CCBC': { bucket: 'p', name: 'All P Spot Instance Requests' },
  'L-7295265B': { bucket: 'x', name: 'Running On-Demand X instances' },
  'L-E3A00192': { bucket: 'x', name: 'All X Spot Instance Requests' },
}

/** vCPU quotas count per bucket: the standard families together, the others each for itself (EC2 user guide, "instance quotas"). */
export function bucketOf(type: string): string {
  const [family = ''] = /^(?:[a-z]+)/.exec(type) ?? []
  return /^(a|c|d|h|i|im|is|m|r|t|z)$/.test(family) ? 'standard' : family
}

/** Quotas as they are enforced at launches: by faults, and otherwise not at all. */
export function quotaHandlers({ faults, instances }: { readonly faults: Faults; readonly instances: Instances }): AwsHandlers {
  return {
    GetServiceQuota(input) {
      const [ServiceCode, QuotaCode = ''] = [textOf(input, 'ServiceCode'), textOf(input, 'QuotaCode')]
      const quota = ServiceCode === 'ec2' ? VCPU_QUOTAS[QuotaCode] : undefined
      if (quota === undefined)
        throw new WireError(404, 'NoSuchResourceException', `The request failed because the specified quota ${QuotaCode} does not exist.`)
      const types = [...new Set(instances.all().map(({ type }) => type))].filter((type) => bucketOf(type) === quota.bucket)
      const limits = types.flatMap((instanceType) => faults.effects('ec2/vcpu-quota', { instanceType }))
      return {
        Quota: {
          ServiceCode,
          ServiceName: 'Amazon EC2',
          QuotaCode,
          QuotaName: quota.name,
          Value: Math.min(PLENTY, ...limits),
          Unit: 'None',
        },
      }
    },
  }
}
