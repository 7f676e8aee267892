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
  /** `both`: the minor is the image's, so it is one call. */
  readonly cell: 'image' | 'minor' | 'both'
  /** The group as the world has it. */
  readonly group: string
  readonly settings: string
  /** A group beside it that the plan leaves out. */
  readonly beside?: string
  /** How it ends where EKS refuses the earlier minor of managed groups. */
  readonly strict: 'rolledBack' | 'failed'
}

const SIZE = 'name: moved, size: { min: 1, max: 3, desired: 2 }'
const OWN = `${SIZE}, form: self-managed`
const NUMBER = 'launchTemplateVersion: 2'

/** Another group, of which only the launch configuration is wanted. */
const NEXT =
  'name: next, form: self-managed, size: { min: 0, max: 1, desired: 0 }, selfManaged: { launchConfiguration: true }, kubernetesVersion: "1.33"'

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
    ...{ what: 'Managed group, launch template with its own AMI', cell: 'both', settings: NUMBER, strict: 'rolledBack' },
    group: `${SIZE}, form: custom-ami, launchTemplate: { name: workers, version: 1 }`,
  },
  {
    ...{ what: 'Self-managed group, launch template by number', cell: 'both', settings: NUMBER, strict: 'rolledBack' },
    group: `${OWN}, selfManaged: { launchTemplate: { name: workers, version: 1 } }`,
  },
  {
    ...{ what: 'Self-managed group, mixed instances', cell: 'both', settings: NUMBER, strict: 'rolledBack' },
    group: `${OWN}, selfManaged: { launchTemplate: { name: workers, version: 1 }, mixed: { onDemandBase: 1 } }`,
  },
  {
    ...{ what: 'Self-managed group, `$Latest` or `$Default`', cell: 'both', settings: 'launchTemplateVersion: 1', strict: 'rolledBack' },
    group: `${OWN}, selfManaged: { launchTemplate: { name: turned, version: $Latest } }`,
  },
  {
    ...{ what: 'Self-managed group, launch configuration', cell: 'both', settings: 'launchConfiguration: next-configuration' },
    ...{ strict: 'rolledBack', beside: NEXT },
    group: `${OWN}, selfManaged: { launchConfiguration: true }, kubernetesVersion: "1.32"`,
  },
  {
    ...{ what: 'Managed or self-managed group, replaced by a new one', cell: 'both', strict: 'rolledBack' },
    settings: `strategy: replacement-group, ${NUMBER}, replacement: { name: fresh, share: 1, soak: 1m, keep: 1m }`,
    group: `${OWN}, selfManaged: { launchTemplate: { name: workers, version: 1 } }`,
  },
]

it('has every cell of every strategy', () => {
  const acting = STRATEGIES.filter(({ fits }) => fits !== 'observed')
  const cells = acting.flatMap(({ waysBack }) => waysBack.flatMap(({ what }) => [`${what} / image`, `${what} / minor`]))
  const played = ROWS.flatMap(({ what, cell }) => (cell === 'both' ? [`${what} / image`, `${what} / minor`] : [`${what} / ${cell}`]))
  expect(played.sort()).toEqual([...cells].sort())
})

function stageOf({ group, settings, beside }: Row) {
  const name = group.includes('self-managed') ? 'asg:moved' : 'moved'
  const own = settings === '' ? '' : `nodeGroups: [{ match: "${name}", ${settings} }]\n`
  const target = 'target: { kubernetesVersion: "1.33", images: latest }'
  const waves = `waves: [{ name: moved, nodeGroups: ["${name}"], gates: node }, { name: later, nodeGroups: [later], gates: node }]`
  const left = beside === undefined ? ONLY : ONLY.replace('[still]', '[still, "asg:next"]')
  return stage([`${group}, ${MOVED}`, LATER, STILL, ...(beside ? [beside] : [])], `${target}\n${waves}`, `${GATES}${left}${own}`)
}

/** It fails when the other one has passed: what EKS is in the middle of goes back by itself, whatever it would refuse later. */
const LATER = 'name: later, size: { min: 1, max: 2, desired: 1 }, kubernetesVersion: "1.32"'
const BAD = scenario('bad', '{ fault: ipam-hang, where: { group: later, launchedLater: true } }')

describe.each(ROWS)('$what, an earlier image or minor ($cell)', (row) => {
  it.each(['lenient', 'strict'] as const)('in the %s world', async (minorDowngrade) => {
    const { exit, start, end, ending } = await rehearse({ ...stageOf(row), scenarios: [BAD], minorDowngrade })
    expect(exit, JSON.stringify(ending).slice(0, 400)).toBe(minorDowngrade === 'lenient' ? 'rolledBack' : row.strict)
    if (exit === 'rolledBack') expect(notAsBefore(start, end)).toEqual([])
    else expect(ending).toMatchObject({ outcome: { byHand: [expect.stringContaining('eks:UpdateNodegroupVersion moved')] } })
  })
})
