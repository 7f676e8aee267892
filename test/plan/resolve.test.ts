import { describe, expect, it } from 'vitest'
import type { EksNodegroup } from '../../src/model/aws.ts'
import { HOUR } from '../../src/model/instant.ts'
import type { GroupIntent } from '../../src/model/intent.ts'
import type { ClusterSnapshot } from '../../src/model/snapshot.ts'
import { releaseParameter } from '../../src/plan/release-version.ts'
import { resolveIntent } from '../../src/plan/resolve.ts'
import { changeAddon, changeAws, changeGroup, healthySnapshot, type SnapshotChange } from '../support/snapshot-builder.ts'
import { changed, HEALTHY, planOf, withLines } from './plan-text.ts'

const TEMPLATE = 'lt-0f1e2d3c4b5a69788'
const versions: SnapshotChange = changeAws({
  launchTemplateVersions: [
    { LaunchTemplateId: TEMPLATE, LaunchTemplateName: 'web', VersionNumber: 6, LaunchTemplateData: { ImageId: 'ami-6' } },
    {
      LaunchTemplateId: TEMPLATE,
      LaunchTemplateName: 'web',
      VersionNumber: 7,
      DefaultVersion: true,
      LaunchTemplateData: { ImageId: 'ami-7' },
    },
    { LaunchTemplateId: TEMPLATE, LaunchTemplateName: 'web', VersionNumber: 8, LaunchTemplateData: { ImageId: 'ami-8' } },
  ],
})
const template = (version: string): Partial<EksNodegroup> => ({ launchTemplate: { id: TEMPLATE, name: 'web', version } })
const custom = (version: string): Partial<EksNodegroup> => ({
  ...template(version),
  amiType: 'CUSTOM',
  version: '1.32',
  releaseVersion: `ami-${version}`,
})
const settings = (text: string) => withLines('nodeGroups:', `  - { match: app-a, ${text} }`)

function resolve(text: string, ...changes: readonly SnapshotChange[]) {
  return resolveIntent(planOf(text), healthySnapshot(...changes))
}

/** The group `app-a`, on which these tests try everything. */
function groupOf(text: string, ...changes: readonly SnapshotChange[]): GroupIntent {
  const group = resolve(text, ...changes).groups.find((each) => each.name === 'app-a')
  if (!group) throw new Error('the plan has no group app-a')
  return group
}

const messages = (text: string, ...changes: readonly SnapshotChange[]) =>
  resolve(text, ...changes).problems.map((each) => `${each.verdict} ${each.subject}: ${each.message}`)

describe('a node group', () => {
  it('comes in the order canary, waves, name', () => {
    expect(resolve(HEALTHY).groups.map((each) => `${each.wave}/${each.name}`)).toEqual([
      'canary/canary',
      'app/app-a',
      'app/app-b',
      'rest/batch',
      'rest/data',
    ])
    expect(resolve(HEALTHY).problems).toEqual([])
  })

  it('of an optimised AMI moves by version and release', () => {
    expect(groupOf(HEALTHY)).toMatchObject({
      form: 'optimised',
      baseline: { version: '1.32', releaseVersion: '1.32.9-20251002' },
      target: { version: '1.33', releaseVersion: '1.33.5-20261105' },
      changes: true,
      wayBack: { exists: 'disputed' },
    })
  })

  it('with a template keeps its number and moves by version and release in one call', () => {
    expect(groupOf(HEALTHY, versions, changeGroup('app-a', template('7')))).toMatchObject({
      form: 'template',
      baseline: { launchTemplate: { id: TEMPLATE, name: 'web', version: '7' } },
      target: { version: '1.33', releaseVersion: '1.33.5-20261105', launchTemplate: { id: TEMPLATE, name: 'web', version: '7' } },
    })
  })

  it('with a custom AMI moves by template number alone', () => {
    const group = groupOf(settings('launchTemplateVersion: 8'), versions, changeGroup('app-a', custom('7')))
    expect(group).toMatchObject({ form: 'custom-ami', changes: true, wayBack: { exists: 'yes' } })
    expect(group.baseline).toEqual({ launchTemplate: { id: TEMPLATE, name: 'web', version: '7' }, imageId: 'ami-7' })
    expect(group.target).toEqual({ launchTemplate: { id: TEMPLATE, name: 'web', version: '8' }, imageId: 'ami-8' })
  })

  it('with a custom AMI and no other template version stays, or blocks when its nodes lag behind the plan', () => {
    const images = changed('  kubernetesVersion: "1.33"\n', '')
    const group = groupOf(images, versions, changeGroup('app-a', custom('7')))
    expect(group).toMatchObject({ changes: false, unchangedBecause: expect.stringContaining('launch template brings the AMI') })
    expect(messages(HEALTHY, versions, changeGroup('app-a', custom('7')))).toEqual([
      'block NodeGroup/app-a: Its nodes run 1.32 from a custom AMI, and the plan names no launch template version that brings 1.33',
    ])
  })
})

describe('a launch template', () => {
  it.each([
    { title: 'a number', setting: 'launchTemplateVersion: "6"', number: '6' },
    { title: '$Latest', setting: 'launchTemplateVersion: $Latest', number: '8' },
    { title: '$Default', setting: 'launchTemplateVersion: $Default', number: '7' },
    { title: 'its own', setting: 'timeout: 1h', number: '7' },
  ])('is taken from $title as the exact version $number', ({ setting, number }) => {
    const group = groupOf(settings(setting), versions, changeGroup('app-a', template('7')))
    expect(group.target.launchTemplate?.version).toBe(number)
  })

  it('followed by $Latest has no way back, and the plan must accept that by name', () => {
    const group = groupOf(HEALTHY, versions, changeGroup('app-a', template('$Latest')))
    expect(group.target.launchTemplate?.version).toBe('8')
    expect(group.wayBack).toMatchObject({ exists: 'none', acceptToken: 'no-way-back/app-a' })
  })

  it('that looks its image up at launch has no way back', () => {
    const looksUp = changeAws({
      launchTemplateVersions: [7, 8].map((VersionNumber) => ({
        LaunchTemplateId: TEMPLATE,
        VersionNumber,
        LaunchTemplateData: { ImageId: 'resolve:ssm:/shop/ami' },
      })),
    })
    expect(groupOf(settings('launchTemplateVersion: 8'), looksUp, changeGroup('app-a', custom('7'))).wayBack.exists).toBe('none')
  })
})

describe('an AMI release', () => {
  it.each([
    {
      title: 'same minor, newer release: back by release',
      minor: undefined,
      images: 'latest',
      target: '1.32.9-20261105',
      changes: true,
      back: 'yes',
    },
    {
      title: 'same minor, kept release: nothing to do',
      minor: undefined,
      images: 'keep',
      target: '1.32.9-20251002',
      changes: false,
      back: 'yes',
    },
    {
      title: 'same minor, a release by name',
      minor: undefined,
      images: '1.32.8-20250801',
      target: '1.32.8-20250801',
      changes: true,
      back: 'yes',
    },
    {
      title: 'next minor, a release by name: back is disputed',
      minor: '1.33',
      images: '1.33.4-20261001',
      target: '1.33.4-20261001',
      changes: true,
      back: 'disputed',
    },
  ])('$title', ({ minor, images, target, changes, back }) => {
    const text = changed(
      '  kubernetesVersion: "1.33"\n  images: latest',
      `${minor ? `  kubernetesVersion: "${minor}"\n` : ''}  images: ${images}`,
    )
    const release = { Name: releaseParameter('AL2023_x86_64_STANDARD', '1.32'), Value: '1.32.9-20261105' }
    const group = groupOf(text, (snapshot) =>
      changeAws({ ssmParameters: [...(snapshot.aws.ssmParameters ?? []).filter((each) => each.Name !== release.Name), release] })(snapshot),
    )
    expect(group.target.releaseVersion).toBe(target)
    expect(group.changes).toBe(changes)
    expect(group.wayBack.exists).toBe(back)
  })

  it('of `latest` is never below the one that runs', () => {
    const text = changed('  kubernetesVersion: "1.33"\n', '')
    const older = changeAws({ ssmParameters: [{ Name: releaseParameter('AL2023_x86_64_STANDARD', '1.32'), Value: '1.32.7-20250301' }] })
    expect(groupOf(text, older)).toMatchObject({ changes: false, target: { releaseVersion: '1.32.9-20251002' } })
  })
})

describe('the numbers of a node group', () => {
  it.each([
    { title: 'the plan sets a number', setting: 'maxUnavailable: 3', group: {}, count: 3 },
    { title: 'the plan sets a share', setting: 'maxUnavailable: 50%', group: {}, count: 3 },
    { title: 'a share never rounds to zero', setting: 'maxUnavailable: 1%', group: {}, count: 1 },
    { title: 'the group has a number', setting: 'timeout: 1h', group: { updateConfig: { maxUnavailable: 2 } }, count: 2 },
    { title: 'the group has a share', setting: 'timeout: 1h', group: { updateConfig: { maxUnavailablePercentage: 40 } }, count: 2 },
    { title: 'nobody says anything', setting: 'timeout: 1h', group: { updateConfig: {} }, count: 1 },
  ])('gives up $count of 5 nodes at a time when $title', ({ setting, group, count }) => {
    expect(groupOf(settings(setting), changeGroup('app-a', group)).maxUnavailable).toBe(count)
  })

  it('surges by two nodes per zone or by maxUnavailable, and not at all under MINIMAL', () => {
    expect(groupOf(HEALTHY)).toMatchObject({ zones: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'], surge: 6 })
    expect(groupOf(settings('maxUnavailable: 9')).surge).toBe(9)
    expect(groupOf(settings('updateStrategy: MINIMAL'))).toMatchObject({ surge: 0, updateStrategy: 'MINIMAL' })
  })

  it('counts its nodes and the pods that a drain would evict', () => {
    expect(groupOf(HEALTHY)).toMatchObject({ nodes: 5, pods: 12, sizes: { desired: 5 } })
  })

  it.each([
    { whenEmpty: 'skip', changes: false },
    { whenEmpty: 'update', changes: true },
    { whenEmpty: 'scale-one', changes: true },
  ])('without nodes and whenEmpty $whenEmpty changes: $changes', ({ whenEmpty, changes }) => {
    const emptied: SnapshotChange = (snapshot) => ({
      ...snapshot,
      kubernetes: {
        ...snapshot.kubernetes,
        items: (snapshot.kubernetes.items ?? []).filter((item) => item.metadata.labels?.['eks.amazonaws.com/nodegroup'] !== 'app-a'),
      },
    })
    const group = groupOf(
      settings(`whenEmpty: ${whenEmpty}`),
      emptied,
      changeGroup('app-a', { scalingConfig: { minSize: 0, maxSize: 3, desiredSize: 0 } }),
    )
    expect(group).toMatchObject({ nodes: 0, changes, whenEmpty })
  })

  it('takes its time-out from the plan, or as long as its drains may take', () => {
    expect(groupOf(settings('timeout: 3h')).timeout).toBe(3 * HOUR)
    expect(groupOf(HEALTHY).timeout).toBeGreaterThanOrEqual(HOUR)
  })
})

describe('what cannot be resolved', () => {
  it.each([
    {
      title: 'the release is not in the snapshot',
      change: changeAws({ ssmParameters: [] }),
      says: 'unknown NodeGroup/app-a: Its AMI release is not known: the SSM parameter',
    },
    {
      title: 'no release is published for its image',
      change: changeGroup('app-a', { amiType: 'A_TYPE_OF_NEXT_YEAR' }),
      says: 'block NodeGroup/app-a: Its AMI release is not known: no latest release is published',
    },
    {
      title: 'its template version does not exist',
      change: both(versions, changeGroup('app-a', template('9'))),
      says: 'block NodeGroup/app-a: Its launch template is not known: launch template web has no version 9',
    },
    {
      title: 'the groups could not be read',
      change: changeAws({ nodegroups: undefined }),
      says: 'unknown Cluster/shop: The node groups could not be read',
    },
    {
      title: 'the cluster could not be read',
      change: changeAws({ cluster: undefined }),
      says: "unknown Cluster/shop: The control plane's version could not be read",
    },
    {
      title: 'a group is missing',
      change: changeAws({ nodegroups: [] }),
      says: 'block Plan/canary.nodeGroups[0]: There is no node group `canary`',
    },
  ])('is never guessed: $title', ({ change, says }) => {
    expect(messages(HEALTHY, change).some((each) => each.startsWith(says))).toBe(true)
  })
})

describe('an add-on', () => {
  const addon = (text: string, ...changes: readonly SnapshotChange[]) => resolve(text, ...changes).addons[0]
  const exactly = (version: string) => changed('version: recommended', `version: ${version}`)

  it.each([
    {
      title: 'recommended: the default of the cluster minor, one CNI minor per hop',
      text: HEALTHY,
      hops: ['v1.21.2-eksbuild.2', 'v1.22.4-eksbuild.3'],
    },
    { title: 'exactly a version in between', text: exactly('v1.21.2-eksbuild.2'), hops: ['v1.21.2-eksbuild.2'] },
    { title: 'exactly the installed one', text: exactly('v1.20.4-eksbuild.2'), hops: [] },
  ])('moves to $title', ({ text, hops }) => {
    expect(addon(text)?.hops).toEqual(hops)
    expect(addon(text)?.wayBack.exists).toBe('yes')
  })

  it('is never moved below what is installed, unless the plan names the version', () => {
    const newer = changeAddon('vpc-cni', { addonVersion: 'v1.22.4-eksbuild.3' })
    expect(addon(exactly('v1.20.4-eksbuild.2'), newer)?.hops).toEqual(['v1.21.2-eksbuild.2', 'v1.20.4-eksbuild.2'])
    const older = (snapshot: ClusterSnapshot) => ({
      ...snapshot,
      aws: { ...snapshot.aws, addonVersions: relabelled(snapshot, 'v1.21.2-eksbuild.2') },
    })
    expect(addon(HEALTHY, newer, older)).toMatchObject({ target: 'v1.22.4-eksbuild.3', hops: [] })
  })

  it('re-sends its settings', () => {
    expect(addon(HEALTHY)?.baseline).toMatchObject({
      version: 'v1.20.4-eksbuild.2',
      serviceAccountRoleArn: expect.any(String),
      configurationValues: expect.any(String),
    })
  })

  it('whose version EKS no longer lists goes forward, but has no way back', () => {
    const unlisted = changeAddon('vpc-cni', { addonVersion: 'v1.20.4-eksbuild.99' })
    expect(addon(HEALTHY, unlisted)).toMatchObject({
      hops: ['v1.21.2-eksbuild.2', 'v1.22.4-eksbuild.3'],
      wayBack: { exists: 'none', acceptToken: 'no-way-back/vpc-cni' },
    })
  })

  it.each([
    {
      title: 'is not an EKS add-on',
      change: changeAws({ addons: [] }),
      says: 'block Addon/vpc-cni: vpc-cni is not installed as an EKS add-on',
    },
    {
      title: 'could not be read',
      change: changeAws({ addons: undefined }),
      says: 'unknown Addon/vpc-cni: The installed add-ons could not be read',
    },
    {
      title: 'has no listing',
      change: changeAws({ addonVersions: undefined }),
      says: 'unknown Addon/vpc-cni: The versions that EKS lists for vpc-cni could not be read',
    },
  ])('that $title is a problem, not a guess', ({ change, says }) => {
    expect(messages(HEALTHY, change)).toContain(says)
  })

  it('that is to become a version not listed is a problem', () => {
    expect(messages(exactly('v1.21.9-eksbuild.1'))).toContain('block Addon/vpc-cni: v1.21.9-eksbuild.1 of vpc-cni is not listed for 1.33')
  })
})

describe('the SSM parameter of a release', () => {
  it.each([
    ['AL2023_x86_64_STANDARD', '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/standard/recommended/release_version'],
    ['AL2023_ARM_64_STANDARD', '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/arm64/standard/recommended/release_version'],
    ['AL2023_x86_64_NVIDIA', '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/nvidia/recommended/release_version'],
    ['AL2023_x86_64_NEURON', '/aws/service/eks/optimized-ami/1.33/amazon-linux-2023/x86_64/neuron/recommended/release_version'],
    ['BOTTLEROCKET_x86_64', '/aws/service/bottlerocket/aws-k8s-1.33/x86_64/latest/image_version'],
    ['BOTTLEROCKET_ARM_64_NVIDIA_FIPS', '/aws/service/bottlerocket/aws-k8s-1.33-nvidia-fips/arm64/latest/image_version'],
    ['WINDOWS_CORE_2022_x86_64', '/aws/service/ami-windows-latest/Windows_Server-2022-English-Core-EKS_Optimized-1.33'],
    ['CUSTOM', undefined],
    ['', undefined],
  ])('of %s is %s', (amiType, parameter) => {
    expect(releaseParameter(amiType, '1.33')).toBe(parameter)
  })
})

function both(...changes: readonly SnapshotChange[]): SnapshotChange {
  return (snapshot) => changes.reduce((changed, change) => change(changed), snapshot)
}

/** The listing with another default version of the VPC CNI. */
function relabelled(snapshot: ClusterSnapshot, recommended: string) {
  return snapshot.aws.addonVersions?.map((listing) => ({
    ...listing,
    addonVersions: listing.addonVersions?.map((info) => ({
      ...info,
      compatibilities: info.compatibilities?.map((each) => ({ ...each, defaultVersion: info.addonVersion === recommended })),
    })),
  }))
}
