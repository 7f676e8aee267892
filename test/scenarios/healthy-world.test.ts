import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { prepare } from '../../src/engine/prepare.ts'
import type { PlanWave, UpgradePlan } from '../../src/model/plan.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { openSimulation } from '../support/rehearsal.ts'

const shipped = (path: string) => readFileSync(new URL(`../../plans/${path}`, import.meta.url), 'utf8')

/** Probe pods need a namespace of their own, which this world has not. */
const withoutProbes = <T extends PlanWave>(wave: T): T => ({ ...wave, gates: wave.gates.filter(({ kind }) => kind !== 'network-proof') })

/** Newer images of the same minor for the groups of the quickstart that are alike, under a version of the CNI without known troubles. */
function quietPlan(): UpgradePlan {
  const { plan } = loadPlan({ read: () => shipped('quickstart.yaml') }, 'quickstart.yaml')
  return {
    ...plan,
    target: { images: 'latest', addons: [] },
    ...(plan.canary && { canary: withoutProbes(plan.canary) }),
    waves: plan.waves.slice(0, 1).map(withoutProbes),
    nodeGroups: [],
    exclude: [{ nodeGroups: ['batch', 'data'], optional: false, reason: 'on another day' }],
  }
}

describe('a world in good health', async () => {
  const world = shipped('worlds/quickstart.yaml').replace('v1.20.4-eksbuild.2', 'v1.21.2-eksbuild.2')
  const simulation = openSimulation({ plan: { plan: quietPlan(), world } })
  const ports = await simulation.connect()
  const { preflight, intent } = prepare(simulation.plan, await captureSnapshot(ports, simulation.plan.cluster.name, {}))
  simulation.close()

  it('changes something, so that there was something to judge', () => {
    expect(intent.groups.filter(({ changes }) => changes).map(({ name }) => name)).toEqual(['canary', 'app-a', 'app-b'])
  })

  it('yields no finding above information', () => {
    expect(preflight.findings.filter(({ verdict }) => verdict !== 'pass')).toEqual([])
    expect(preflight.verdict).toBe('clear')
  })
})
