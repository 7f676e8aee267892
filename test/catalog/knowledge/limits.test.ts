import { describe, expect, it } from 'vitest'
import { branchInterfacesOf } from '../../../src/catalog/knowledge/branch-interfaces.ts'
import { cniKnowsFamily, familyKnownSince } from '../../../src/catalog/knowledge/cni-instance-families.ts'
import { vcpuQuotaOf } from '../../../src/catalog/knowledge/vcpu-quotas.ts'
import { parseAddonVersion } from '../../../src/model/addon-version.ts'

describe('branch interfaces', () => {
  it.each([
    ['m5.large', 9],
    ['m6i.large', 9],
    ['m8i.large', 9],
    ['c5.4xlarge', 54],
    ['t3.large', 0],
    ['t4g.2xlarge', 0],
    ['i4i.large', 0],
    ['m5.gigantic', undefined],
    ['zz9.large', undefined],
  ])('%s: %s', (type, branches) => expect(branchInterfacesOf(type)).toBe(branches))
})

describe('instance families of the CNI', () => {
  it.each([
    ['v1.20.1-eksbuild.3', 'm8i', false],
    ['v1.20.2-eksbuild.1', 'm8i', true],
    ['v1.19.6-eksbuild.7', 'm8i', false],
    ['v1.19.2', 'i8g', true],
    ['v1.18.6-eksbuild.1', 'i8g', false],
    ['v1.21.2-eksbuild.2', 'c8in', true],
    ['v1.22.0-eksbuild.1', 'c8in', false],
    ['v1.22.1-eksbuild.1', 'c8in', true],
    ['v1.18.0-eksbuild.1', 'm5', true],
    ['v1.23.0-eksbuild.1', 'zz9', undefined],
  ])('%s and %s: %s', (version, family, known) => {
    const parsed = parseAddonVersion(version)
    expect(parsed && cniKnowsFamily(parsed, family)).toBe(known)
  })

  it('says since when', () => expect([familyKnownSince('m5'), familyKnownSince('m9g')]).toEqual(['v1.18.0', 'v1.23.0']))
})

describe('vCPU quotas', () => {
  it.each([
    ['m5.large', 'on-demand', 'L-1216C47A'],
    ['im4gn.large', 'on-demand', 'L-1216C47A'],
    ['t3.small', 'spot', 'L-34B43A08'],
    ['g5.xlarge', 'on-demand', 'L-DB2E81BA'],
    ['p4d.24xlarge', 'spot', 'L-7212CCBC'],
    ['inf2.xlarge', 'on-demand', 'L-1945791B'],
    ['mac2.metal', 'on-demand', undefined],
  ] as const)('%s %s: %s', (type, market, code) => expect(vcpuQuotaOf(type, market)?.code).toBe(code))
})
