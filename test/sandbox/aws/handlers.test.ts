import { describe, expect, it } from 'vitest'
import { call, openShipped, refusalOf } from './world-driver.ts'

describe('AWS handlers', () => {
  it.each([
    { name: '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/release_version', value: '1.33.9-20260915' },
    {
      name: '/aws/service/ami-windows-latest/Windows_Server-2022-English-Core-EKS_Optimized-1.33',
      value: expect.stringMatching(/^\{"image_id":"ami-\w+","release_version":"1.33-2026.09.15"\}$/),
    },
    { name: '/aws/service/bottlerocket/aws-k8s-1.33-nvidia/arm64/latest/image_version', value: '1.36.0' },
  ])('recommends the newest release out on the day of the world: $name', ({ name, value }) => {
    const { Parameter } = call<{ Parameter: { Value: string } }>(openShipped('quickstart').ssm, 'GetParameter', { Name: name })
    expect(Parameter.Value).toEqual(value)
  })

  it('knows no parameter of a minor that does not exist', () => {
    const ask = () =>
      call(openShipped('quickstart').ssm, 'GetParameter', {
        Name: '/aws/service/eks/optimized-ami/1.99/amazon-linux-2023/x86_64/standard/recommended/image_id',
      })
    expect(refusalOf(ask)).toMatchObject({ status: 400, code: 'ParameterNotFound' })
  })

  it('answers only for its own cluster', () => {
    const ask = () => call(openShipped('quickstart').eks, 'ListNodegroups', { clusterName: 'other' })
    expect(refusalOf(ask)).toMatchObject({ status: 404, code: 'ResourceNotFoundException', message: 'No cluster found for name: other.' })
  })

  it('resolves $Latest and $Default to numbers', () => {
    type Versions = { LaunchTemplateVersions: { VersionNumber: number }[] }
    const { LaunchTemplateVersions } = call<Versions>(openShipped('large').ec2, 'DescribeLaunchTemplateVersions', {
      LaunchTemplateName: 'atlas-edge',
      Versions: ['$Latest', '$Default'],
    })
    expect(LaunchTemplateVersions.map(({ VersionNumber }) => VersionNumber)).toEqual([8, 7])
  })
})
