import { describe, expect, it } from 'vitest'
import { formatAddonVersion } from '../../src/model/addon-version.ts'
import { hopPath } from '../../src/plan/hops.ts'

/** Newest versions of each line as EKS lists them for 1.33. */
const LISTED = [
  'v1.23.2-eksbuild.1',
  'v1.22.4-eksbuild.3',
  'v1.22.3-eksbuild.1',
  'v1.21.2-eksbuild.2',
  'v1.21.1-eksbuild.8',
  'v1.20.5-eksbuild.1',
  'v1.20.4-eksbuild.3',
  'v1.19.6-eksbuild.7',
  'v1.19.6-eksbuild.1',
  'v1.19.4-eksbuild.1',
  'v1.18.6-eksbuild.1',
  'v1.18.3-eksbuild.3',
]

const path = (installed: string, target: string, bad: readonly string[] = [], listed = LISTED) =>
  hopPath({ installed, target, listed, knownBad: (version) => bad.includes(formatAddonVersion(version)) })

describe('the way of the VPC CNI', () => {
  it.each([
    {
      title: 'up, one minor at a time, skipping the patches of the line it is on',
      from: 'v1.18.3-eksbuild.3',
      to: 'v1.21.2-eksbuild.2',
      hops: ['v1.19.6-eksbuild.7', 'v1.20.5-eksbuild.1', 'v1.21.2-eksbuild.2'],
    },
    {
      title: 'down, the same way',
      from: 'v1.21.2-eksbuild.2',
      to: 'v1.18.3-eksbuild.3',
      hops: ['v1.20.5-eksbuild.1', 'v1.19.6-eksbuild.7', 'v1.18.3-eksbuild.3'],
    },
    { title: 'to the next minor', from: 'v1.20.4-eksbuild.2', to: 'v1.21.1-eksbuild.8', hops: ['v1.21.1-eksbuild.8'] },
    { title: 'within one line', from: 'v1.22.3-eksbuild.1', to: 'v1.22.4-eksbuild.3', hops: ['v1.22.4-eksbuild.3'] },
    { title: 'back within one line', from: 'v1.22.4-eksbuild.3', to: 'v1.22.3-eksbuild.1', hops: ['v1.22.3-eksbuild.1'] },
    { title: 'to another build of the same patch', from: 'v1.19.6-eksbuild.1', to: 'v1.19.6-eksbuild.7', hops: ['v1.19.6-eksbuild.7'] },
    { title: 'nowhere, when it is there', from: 'v1.22.4-eksbuild.3', to: 'v1.22.4-eksbuild.3', hops: [] },
    {
      title: 'from a version that is not listed',
      from: 'v1.20.0-eksbuild.9',
      to: 'v1.22.4-eksbuild.3',
      hops: ['v1.21.2-eksbuild.2', 'v1.22.4-eksbuild.3'],
    },
    {
      title: 'to a target that is not listed (a check says so)',
      from: 'v1.20.4-eksbuild.3',
      to: 'v1.22.9-eksbuild.1',
      hops: ['v1.21.2-eksbuild.2', 'v1.22.9-eksbuild.1'],
    },
  ])('$title', ({ from, to, hops }) => {
    expect(path(from, to)).toEqual({ kind: 'path', hops })
  })

  it('does not stop on a version that is known to be bad', () => {
    expect(path('v1.18.6-eksbuild.1', 'v1.20.5-eksbuild.1', ['v1.19.6-eksbuild.7'])).toEqual({
      kind: 'path',
      hops: ['v1.19.6-eksbuild.1', 'v1.20.5-eksbuild.1'],
    })
  })

  it('does not avoid the target itself: the plan named it', () => {
    expect(path('v1.20.5-eksbuild.1', 'v1.21.2-eksbuild.2', ['v1.21.2-eksbuild.2'])).toMatchObject({ hops: ['v1.21.2-eksbuild.2'] })
  })

  it.each([
    {
      title: 'a line is not listed',
      from: 'v1.16.0-eksbuild.1',
      to: 'v1.18.6-eksbuild.1',
      bad: [],
      because: 'no version of the 1.17 line is listed',
    },
    {
      title: 'a line is bad throughout',
      from: 'v1.20.5-eksbuild.1',
      to: 'v1.22.4-eksbuild.3',
      bad: ['v1.21.2-eksbuild.2', 'v1.21.1-eksbuild.8'],
      because: 'every listed version of the 1.21 line is known to be bad',
    },
    { title: 'a version cannot be read', from: 'latest', to: 'v1.22.4-eksbuild.3', bad: [], because: 'latest is not a version' },
    { title: 'the majors differ', from: 'v1.22.4-eksbuild.3', to: 'v2.0.0-eksbuild.1', bad: [], because: 'differ in the major version' },
  ])('does not exist when $title', ({ from, to, bad, because }) => {
    const answer = path(from, to, bad)
    expect(answer.kind).toBe('no-path')
    expect(answer.kind === 'no-path' && answer.because).toContain(because)
  })
})
