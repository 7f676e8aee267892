import { z } from 'zod'
import type { NetworkSpec } from './network-spec.ts'

const bucket = z.strictObject({ burst: z.number().int().min(0), refill: z.number().min(0) })
const address = z.string().regex(/^\d+\.\d+\.\d+\.\d+$/, 'expected an IPv4 address')
const count = z.number().int().min(0)
const securityGroups = z.array(z.string().regex(/^sg-[0-9a-z]+$/, 'expected a security group id')).min(1)
const labels = z.strictObject({ matchLabels: z.record(z.string(), z.string()) })

/** An IPv6 block of a subnet. */
export const ipv6Cidr = z.string().regex(/^[0-9a-f]{1,4}(:[0-9a-f]{1,4}){3}::\/64$/, 'expected a /64 such as 2a05:d014:abc:1200::/64')

/** `network` of a world file; subnets are named, not given by id. */
export const networkSchema = z.strictObject({
  requestBuckets: z.record(z.string().regex(/^[A-Z][A-Za-z0-9]+(\/unfiltered)?$/, 'expected an EC2 action'), bucket).optional(),
  reservations: z
    .array(
      z.strictObject({
        subnet: z.string(),
        cidr: z.string().regex(/^\d+\.\d+\.\d+\.\d+\/\d\d$/, 'expected a CIDR block'),
        type: z.enum(['prefix', 'explicit']),
      }),
    )
    .default([]),
  /** Single addresses of others, which fragment a subnet. */
  strays: z.array(z.strictObject({ subnet: z.string(), addresses: z.array(address).min(1) })).default([]),
  /** Interfaces in state `available` that dead instances left behind. */
  leaked: z.array(z.strictObject({ subnet: z.string(), count, secondary: count.max(49).default(0) })).default([]),
  eniConfigs: z.array(z.strictObject({ name: z.string(), subnet: z.string(), securityGroups: securityGroups.optional() })).default([]),
  securityGroupPolicies: z
    .array(
      z.strictObject({
        namespace: z.string(),
        name: z.string(),
        podSelector: labels.optional(),
        serviceAccountSelector: labels.optional(),
        groupIds: securityGroups.max(5),
      }),
    )
    .default([]),
})

/**
 * The network of a world file with the ids of its subnets.
 * @param subnetId undefined for a name that the world does not have, which is then thrown with the key that names it.
 */
export function networkOf(
  file: string,
  parsed: z.output<typeof networkSchema>,
  subnetId: (name: string) => string | undefined,
): NetworkSpec {
  const resolve = (key: string, name: string): string => {
    const id = subnetId(name)
    if (id === undefined) throw new Error(`${file}: network.${key}: there is no subnet ${name}`)
    return id
  }
  const { requestBuckets, reservations, strays, leaked, eniConfigs, securityGroupPolicies } = parsed
  return {
    ...(requestBuckets === undefined ? {} : { requestBuckets }),
    reservations: reservations.map(({ subnet, ...rest }) => ({ ...rest, subnetId: resolve('reservations', subnet) })),
    strays: strays.flatMap(({ subnet, addresses }) => addresses.map((each) => ({ subnetId: resolve('strays', subnet), address: each }))),
    leaked: leaked.map(({ subnet, ...rest }) => ({ ...rest, subnetId: resolve('leaked', subnet) })),
    eniConfigs: eniConfigs.map(({ subnet, securityGroups: groups = [], name }) => ({
      name,
      subnetId: resolve('eniConfigs', subnet),
      securityGroups: groups,
    })),
    securityGroupPolicies: securityGroupPolicies.map(({ podSelector, serviceAccountSelector, ...rest }) => ({
      ...rest,
      ...(podSelector === undefined ? {} : { podSelector }),
      ...(serviceAccountSelector === undefined ? {} : { serviceAccountSelector }),
    })),
  }
}
