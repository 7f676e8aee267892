import { afterAll, describe, expect, it } from 'vitest'
import { captureSnapshot } from '../../src/engine/capture.ts'
import { prepare } from '../../src/engine/prepare.ts'
import type { Finding } from '../../src/model/finding.ts'
import { MINUTE } from '../../src/model/instant.ts'
import type { KubernetesObject, Pod } from '../../src/model/kubernetes.ts'
import { RESOURCES } from '../../src/ports/kubernetes.ts'
import { openSimulation } from '../support/rehearsal.ts'

/** A policy rewrites pods on UPDATE while security groups for pods are in use (aws/amazon-vpc-cni-k8s#2814). */
describe('incident-2', async () => {
  const simulation = openSimulation({ plan: 'quickstart', scenarios: ['signatures/p01'] })
  const { world, plan } = simulation
  const ports = await simulation.connect()
  afterAll(() => simulation.close())

  const found = async (): Promise<readonly Finding[]> => {
    const { preflight } = prepare(plan, await captureSnapshot(ports, plan.cluster.name, {}))
    return preflight.findings.filter(({ code }) => code === 'POD_UPDATE_WEBHOOK')
  }
  const startedAnew = () => {
    const pods = () => world.store.list('Pod').filter(({ metadata }) => metadata.namespace === 'shop') as unknown as readonly Pod[]
    for (const { metadata } of pods()) world.deletePod('shop', metadata.name, 0)
    world.timeline.advanceTo(world.timeline.now() + 10 * MINUTE)
    return new Set(pods().map(({ status }) => status?.phase))
  }

  it('is blocked before anything moves, with the policy, its rule and the exclusion', async () => {
    const [finding] = await found()
    expect(finding).toMatchObject({ verdict: 'block', subject: 'ClusterPolicy/restrict-seccomp' })
    expect(finding?.message).toContain('profile-of-bound-pods')
    expect(finding?.message).toMatch(/A dry run of such an update of shop\/\S+ was refused: .*pod updates may not change fields/)
    expect(finding?.remedy).toContain('kubectl patch clusterpolicy restrict-seccomp --type=json')
  })

  it('is what it says: pods that are started anew stay without an address', () => {
    expect(startedAnew()).toEqual(new Set(['Pending']))
  })

  it('is over once the printed exclusion is applied', async () => {
    const [finding] = await found()
    const [, patch = ''] = /-p '(.*?)'`/.exec(finding?.remedy ?? '') ?? []
    await ports.kubernetes.patch<KubernetesObject>(RESOURCES.kyvernoPolicies, undefined, 'restrict-seccomp', 'json', JSON.parse(patch))
    expect(startedAnew()).toEqual(new Set(['Running']))
    const [cleared] = await found()
    expect(cleared).toMatchObject({ verdict: 'pass', message: expect.stringContaining('dry runs of such an update') })
  })
})
