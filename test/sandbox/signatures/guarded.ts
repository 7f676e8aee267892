import type { SignatureRow } from './row.ts'

/** What rows with security groups for pods have in common: `securityGroupPolicies.0` of their scenario guards the pods of a namespace. */
const POLICY = 'world.network.securityGroupPolicies.0'

/** Near misses of such a row. */
export const GUARDED = {
  outside: { [`${POLICY}.groupIds`]: ['sg-00000000000000000'] },
  indifferent: {
    [`${POLICY}.name`]: 'what a policy is called decides nothing',
    [`${POLICY}.groupIds`]: 'one security group does as well as another',
  },
} satisfies Partial<SignatureRow>

export const HOWEVER_MANY = 'however many there are, each meets the same'
