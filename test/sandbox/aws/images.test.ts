import { describe, expect, it } from 'vitest'
import { createImages } from '../../../src/sandbox/world/aws/images.ts'

const images = createImages({ start: Date.UTC(2026, 8, 29), region: 'eu-west-1', templates: [], extra: [] })

describe('images', () => {
  it.each([
    { amiType: 'AL2023_x86_64_STANDARD', minor: '1.33', release: '1.33.9-20260915', osImage: 'Amazon Linux 2023.26.20260915' },
    { amiType: 'AL2023_x86_64_NEURON', minor: '1.33', release: '1.33.9-20260915', osImage: 'Amazon Linux 2023.26.20260915' },
    { amiType: 'AL2_x86_64', minor: '1.32', release: '1.32.5-20251115', osImage: 'Amazon Linux 2' },
    { amiType: 'AL2_ARM_64', minor: '1.33', release: undefined, osImage: undefined },
    { amiType: 'BOTTLEROCKET_ARM_64_FIPS', minor: '1.33', release: '1.36.0', osImage: 'Bottlerocket OS 1.36.0 (aws-k8s-1.33)' },
    { amiType: 'AL2023_x86_64_STANDARD', minor: '1.99', release: undefined, osImage: undefined },
  ])('the newest of $amiType for $minor is $release', ({ amiType, minor, release, osImage }) => {
    const [newest] = images.releases(amiType, minor)
    expect(newest?.release).toBe(release)
    expect(newest?.osImage).toBe(osImage)
    if (newest !== undefined) expect(images.get(newest.imageId)).toBe(newest)
  })

  it('are found by an id that nobody asked a release of', () => {
    const fresh = createImages({ start: Date.UTC(2026, 8, 29), region: 'eu-west-1', templates: [], extra: [] })
    const [wanted] = images.releases('BOTTLEROCKET_x86_64', '1.30')
    expect(fresh.get(wanted?.imageId ?? '')).toEqual(wanted)
    expect(fresh.get('ami-0')).toBeUndefined()
  })
})
