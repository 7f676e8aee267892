import { afterAll, describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/model/instant.ts'
import type { KubernetesObject, Pod } from '../../src/model/kubernetes.ts'
import { RESOURCES } from '../../src/ports/kubernetes.ts'
import type { RehearsalSettings } from '../support/rehearsal.ts'
import { openSimulatedCli } from '../support/simulated-cli.ts'

const PLAN = 'plans/quickstart.yaml'

function opened(settings: Omit<RehearsalSettings, 'plan'>) {
  const cli = openSimulatedCli({ plan: 'quickstart', ...settings })
  afterAll(() => cli.close())
  return cli
}

/** A policy rewrites pods on UPDATE while security groups for pods are in use (aws/amazon-vpc-cni-k8s#2814). */
describe('pods that a webhook keeps from their branch interfaces', async () => {
  const cli = opened({ scenarios: ['signatures/p01'] })
  const { world } = cli.simulation
  const pods = () => world.store.list('Pod').filter(({ metadata }) => metadata.namespace === 'shop') as unknown as readonly Pod[]
  const stuck = () => pods().filter(({ status }) => status?.phase === 'Pending').length
  for (const { metadata } of pods()) world.deletePod('shop', metadata.name, 0)
  world.timeline.advanceTo(world.timeline.now() + 10 * MINUTE)

  it('are told by their cause, and not by what follows from it', async () => {
    const { exit, stdout } = await cli.type(['diagnose', PLAN, '-o', 'json'])
    expect(exit).toBe(10)
    const [first] = JSON.parse(stdout).diagnoses
    expect(first).toMatchObject({ code: 'P01', nodes: expect.any(Array), remedy: { disposition: 'person' } })
  })

  it('are left alone, and the exclusion is printed that has to come first', async () => {
    const before = stuck()
    const { exit, stderr } = await cli.type(['remediate', PLAN, '--yes'])
    expect(exit).toBe(10)
    expect(stderr).toContain('kubectl patch clusterpolicy restrict-seccomp --type=json')
    expect(stuck()).toBe(before)
  })

  it('are made anew once it is applied, and start', async () => {
    const before = stuck()
    expect(before).toBeGreaterThan(3)
    const { stderr } = await cli.type(['remediate', PLAN])
    const told = (await cli.type(['remediate', PLAN])).stdout
    const [, patch = ''] = /-p '(.*?)'/.exec(told) ?? []
    const ports = await cli.simulation.connect()
    await ports.kubernetes.patch<KubernetesObject>(RESOURCES.kyvernoPolicies, undefined, 'restrict-seccomp', 'json', JSON.parse(patch))
    expect(stderr).toContain('Nothing was changed')
    const { exit, stdout } = await cli.type(['remediate', PLAN, '--yes'])
    expect(stdout).toContain('stuck pods')
    expect({ exit, stuck: stuck() }).toEqual({ exit: 0, stuck: 0 })
  })
})
