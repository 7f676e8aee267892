import { describe, expect, it } from 'vitest'
import { knownInterfaceLimits } from '../../../src/catalog/knowledge/instance-types.ts'

describe('network limits without DescribeInstanceTypes', () => {
  it.each([
    { type: 't3.small', interfaces: 3, addressesPerInterface: 4 },
    { type: 't3a.small', interfaces: 2, addressesPerInterface: 4 },
    { type: 'm5.large', interfaces: 3, addressesPerInterface: 10 },
    { type: 'm5.xlarge', interfaces: 4, addressesPerInterface: 15 },
    { type: 'm4.4xlarge', interfaces: 8, addressesPerInterface: 30 },
    { type: 'm8i.large', interfaces: 3, addressesPerInterface: 20 },
    { type: 'm7i-flex.8xlarge', interfaces: 8, addressesPerInterface: 30 },
    { type: 'p3dn.24xlarge', interfaces: 15, addressesPerInterface: 50 },
  ])('$type: $interfaces x $addressesPerInterface', ({ type, ...limits }) => {
    expect(knownInterfaceLimits(type)).toEqual(limits)
  })

  it.each(['zz9.large', 'm5.teraxlarge', 'm5', ''])('does not guess %j', (type) => {
    expect(knownInterfaceLimits(type)).toBeUndefined()
  })
})
