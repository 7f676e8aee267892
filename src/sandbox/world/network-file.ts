import { z } from 'zod'
import { globMatches } from '../../model/glob.ts'
import type { NetworkSpec } from './network-spec.ts'
import type { SubnetSpec } from './world-spec.ts'

const bucket = z.strictObject({ burst: z.number().int().min(0), refill: z.number().min(0) })
const address = z.string().regex(/^\d+\.\d+\.\d+\.\d+$/, 'expected an IPv4 address')
const count = z.number().int().min(0)
const securityGroups = z.array(z.string().regex(/^sg-[0-9a-z]+$/, 'expected a security group id')).min(1)
const labels = z.strictObject({ matchLabels: z.record(z.string(), z.string()).optional() })

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
  /** Others hold so much, once everything of the beginning runs, that so many addresses are left. */
  crowded: z.array(z.strictObject({ subnet: z.string(), free: count })).default([]),
  /** Others hold one address of every block of sixteen that is still whole then. */
  fragmented: z.array(z.strictObject({ subnet: z.string() })).default([]),
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
 * A network with the ids of its subnets, each named as the world file does, by its id or by its zone; what may hold for several takes a pattern.
 * Throws Error, with `who` wants it, for one that the world does not have.
 */
export function networkOf(who: string, parsed: z.output<typeof networkSchema>, subnets: readonly SubnetSpec[]): NetworkSpec {
  const idOf = (key: string, wanted: string): string => {
    const found = subnets.find(({ id, name }) => name === wanted || id === wanted) ?? subnets.find(({ zone }) => zone === wanted)
    if (found === undefined) throw new Error(`${who}.${key}: there is no subnet ${wanted}`)
    return found.id
  }
  const idsOf = (key: string, pattern: string): readonly string[] => {
    const found = subnets.filter(({ id, name = id, zone }) => [id, name, zone].some((each) => globMatches(pattern, each)))
    if (found.length === 0) throw new Error(`${who}.${key}: there is no subnet ${pattern}`)
    return found.map(({ id }) => id)
  }
  const { requestBuckets, reservations, strays, leaked, crowded, fragmented, eniConfigs, securityGroupPolicies } = parsed
  return {
    ...(requestBuckets === undefined ? {} : { requestBuckets }),
    reservations: reservations.map(({ subnet, ...rest }) => ({ ...rest, subnetId: idOf('reservations', subnet) })),
    strays: strays.flatMap(({ subnet, addresses }) => addresses.map((each) => ({ subnetId: idOf('strays', subnet), address: each }))),
    leaked: leaked.flatMap(({ subnet, ...rest }) => idsOf('leaked', subnet).map((subnetId) => ({ ...rest, subnetId }))),
    crowded: crowded.flatMap(({ subnet, free }) => idsOf('crowded', subnet).map((subnetId) => ({ subnetId, free }))),
    fragmented: fragmented.flatMap(({ subnet }) => idsOf('fragmented', subnet)),
    eniConfigs: eniConfigs.map(({ name, subnet, securityGroups: groups = [] }) => ({
      name,
      subnetId: idOf('eniConfigs', subnet),
      securityGroups: groups,
    })),
    securityGroupPolicies: securityGroupPolicies.map(({ podSelector, serviceAccountSelector, ...rest }) => ({
      ...rest,
      ...(podSelector === undefined ? {} : { podSelector }),
      ...(serviceAccountSelector === undefined ? {} : { serviceAccountSelector }),
    })),
  }
}
