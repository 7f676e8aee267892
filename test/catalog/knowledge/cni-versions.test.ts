import { describe, expect, it } from 'vitest'
import { CNI_CAUTIONS, knownBad } from '../../../src/catalog/knowledge/cni-versions.ts'
import { parseAddonVersion } from '../../../src/model/addon-version.ts'

const IPV4 = { ipFamily: 'ipv4', kubernetes: '1.33' }

function problemsOf(text: string, scope = IPV4): string {
  const version = parseAddonVersion(text)
  if (!version) throw new Error(`not a version: ${text}`)
  return knownBad(version, scope)
    .map((row) => row.problem)
    .join('; ')
}

describe('what is known against CNI versions', () => {
  it.each([
    { version: 'v1.22.1-eksbuild.2', words: 'DescribeSecurityGroups' },
    { version: 'v1.22.0-eksbuild.1', words: 'no HTTP time-out' },
    { version: 'v1.21.1-eksbuild.8', words: 'lose traffic' },
    { version: 'v1.20.5-eksbuild.1', words: 'no HTTP time-out' },
    { version: 'v1.19.4-eksbuild.1', words: 'custom networking' },
    { version: 'v1.18.3-eksbuild.3', words: 'Checking for IPAM connectivity' },
    { version: 'v1.18.3', words: 'Checking for IPAM connectivity' },
  ])('$version: $words', ({ version, words }) => {
    expect(problemsOf(version)).toContain(words)
  })

  it.each(['v1.23.1-eksbuild.1', 'v1.22.4-eksbuild.3', 'v1.21.2-eksbuild.2', 'v1.19.3-eksbuild.1', 'v1.18.5-eksbuild.1'])(
    'nothing against %s',
    (version) => {
      expect(problemsOf(version)).toBe('')
    },
  )

  it('some rows concern some clusters only', () => {
    expect(problemsOf('v1.22.4-eksbuild.3', { ...IPV4, ipFamily: 'ipv6' })).toContain('DescribeSubnets')
    expect(problemsOf('v1.16.0-eksbuild.1')).toBe('')
    expect(problemsOf('v1.16.0-eksbuild.1', { ...IPV4, kubernetes: '1.23' })).toContain('1.0.0')
  })

  it.each(CNI_CAUTIONS.map((row) => ({ title: `${row.from} to ${row.to ?? 'later'}: ${row.problem.slice(0, 40)}`, row })))(
    'row $title has bounds in order and a public source',
    ({ row }) => {
      const from = parseAddonVersion(row.from)
      expect(from).toBeDefined()
      expect(row.source).toMatch(/^https:\/\//)
      if (from) expect(knownBad(from, {}, [row])).toEqual([row])
    },
  )
})
