import { describe, expect, it } from 'vitest'
import { STRATEGIES } from '../../../src/catalog/strategies/registry.ts'
import { notAsBefore } from '../../../src/rollout/as-it-was.ts'
import { rehearse } from '../../support/rehearsal.ts'
import { scenario } from '../self-managed.ts'
import { GATES, MOVED, ONLY, STILL, stage } from './stages.ts'

/**
 * Every row of docs/rollback.md that a strategy acts on, an earlier image and an earlier minor, in a world where EKS takes the
 * earlier minor of a managed group and in one where it refuses it: what goes back comes back exactly, what is refused is left
 * with the call to make.
 */

interface Row {
  /** As the strategy calls it. */
  readonly what: string
  readonly cell: 'image' | 'minor'
  /** The group as the world has it. */
  readonly group: string
  readonly settings: string
  /** How it ends where EKS refuses the earlier minor of managed groups. */
  readonly strict: 'rolledBack' | 'failed'
}

const SIZE = 'name: moved, size: { min: 1, max: 3, desired: 2 }'
const OWN = `${SIZE}, form: self-managed`
const NUMBER = 'launchTemplateVersion: 2'

const ROWS: readonly Row[] = [
  {
    ...{ what: 'Managed group, EKS-optimised AMI', cell: 'image', settings: '', strict: 'rolledBack' },
    group: `${SIZE}, kubernetesVersion: "1.33", releaseVersion: "1.33.8-20260815"`,
  },
  {
    ...{ what: 'Managed group, EKS-optimised AMI', cell: 'minor', settings: '', strict: 'failed' },
    group: `${SIZE}, kubernetesVersion: "1.32"`,
  },
  {
    ...{ what: 'Managed group, launch template without an AMI', cell: 'image', settings: NUMBER, strict: 'rolledBack' },
    group: `${SIZE}, kubernetesVersion: "1.33", form: template, launchTemplate: { name: plain, version: 1 }`,
  },
  {
    ...{ what: 'Managed group, launch template without an AMI', cell: 'minor', settings: NUMBER, strict: 'failed' },
    group: `${SIZE}, kubernetesVersion: "1.32", form: template, launchTemplate: { name: plain, version: 1 }`,
  },
  {
    ...{ what: 'Managed group, launch template with its own AMI', cell: 'minor', settings: NUMBER, strict: 'rolledBack' },
    group: `${SIZE}, form: custom-ami, launchTemplate: { name: workers, version: 1 }`,
  },
  {
    ...{ what: 'Self-managed group, launch template by number', cell: 'minor', settings: NUMBER, strict: 'rolledBack' },
    group: `${OWN}, selfManaged: { launchTemplate: { name: workers, version: 1 } }`,
  },
  {
    ...{ what: 'Self-managed group, mixed instances', cell: 'minor', settings: NUMBER, strict: 'rolledBack' },
    group: `${OWN}, selfManaged: { launchTemplate: { name: workers, version: 1 }, mixed: { onDemandBase: 1 } }`,
  },
]

/** Rows and cells that other tests play, where the world or the plan has to be another one. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'Managed group, launch template with its own AMI / image': 'the minor is the image: the same call, the row above',
  'Self-managed group, launch template by number / image': 'the minor is the image: the same call, the row above',
  'Self-managed group, mixed instances / image': 'the minor is the image: the same call, the row above',
  'Self-managed group, `$Latest` or `$Default` / image': 'test/scenarios/self-managed.test.ts',
  'Self-managed group, `$Latest` or `$Default` / minor': 'test/scenarios/self-managed.test.ts',
  'Self-managed group, launch configuration / image': 'test/scenarios/self-managed-groups.test.ts',
  'Self-managed group, launch configuration / minor': 'test/scenarios/self-managed-groups.test.ts',
  'Managed or self-managed group, replaced by a new one / image': 'test/scenarios/replacement-group.test.ts',
  'Managed or self-managed group, replaced by a new one / minor': 'test/scenarios/replacement-group.test.ts',
}

it('has every cell of every strategy, here or named', () => {
  const acting = STRATEGIES.filter(({ fits }) => fits !== 'observed')
  const cells = acting.flatMap(({ waysBack }) => waysBack.flatMap(({ what }) => [`${what} / image`, `${what} / minor`]))
  expect([...ROWS.map(({ what, cell }) => `${what} / ${cell}`), ...Object.keys(ELSEWHERE)].sort()).toEqual([...cells].sort())
})

function stageOf({ group, settings }: Row) {
  const name = group.includes('self-managed') ? 'asg:moved' : 'moved'
  const own = settings === '' ? '' : `nodeGroups: [{ match: "${name}", ${settings} }]\n`
  const target = 'target: { kubernetesVersion: "1.33", images: latest }'
  const waves = `waves: [{ name: moved, nodeGroups: ["${name}"], gates: node }, { name: later, nodeGroups: [later], gates: node }]`
  return stage([`${group}, ${MOVED}`, LATER, STILL], `${target}\n${waves}`, `${GATES}${ONLY}${own}`)
}

/** It fails when the other one has passed: what EKS is in the middle of goes back by itself, whatever it would refuse later. */
const LATER = 'name: later, size: { min: 1, max: 2, desired: 1 }, kubernetesVersion: "1.32"'
const BAD = scenario('bad', '{ fault: ipam-hang, where: { group: later, launchedLater: true } }')

describe.each(ROWS)('$what, an earlier $cell', (row) => {
  it.each(['lenient', 'strict'] as const)('in the %s world', async (minorDowngrade) => {
    const { exit, start, end, ending } = await rehearse({ ...stageOf(row), scenarios: [BAD], minorDowngrade })
    expect(exit, JSON.stringify(ending).slice(0, 400)).toBe(minorDowngrade === 'lenient' ? 'rolledBack' : row.strict)
    if (exit === 'rolledBack') expect(notAsBefore(start, end)).toEqual([])
    else expect(ending).toMatchObject({ outcome: { byHand: [expect.stringContaining('eks:UpdateNodegroupVersion moved')] } })
  })
})
