import { readFileSync } from 'node:fs'
import type { UpgradePlan } from '../../src/model/plan.ts'
import { loadPlan } from '../../src/plan/load.ts'
import type { OpenedWorld } from '../../src/sandbox/world/open.ts'
import { call } from '../sandbox/aws/world-driver.ts'
import type { RehearsalSettings } from '../support/rehearsal.ts'

/** The plan for Auto Scaling groups that EKS does not manage, and its cluster, with what a test changes of them. */

export const PLAN: RehearsalSettings = { plan: 'self-managed' }

/** A scenario of these faults, each in YAML's flow style. */
export function scenario(name: string, ...faults: readonly string[]): { readonly name: string; readonly text: string } {
  const lines = faults.map((fault) => `  - ${fault}`).join('\n')
  return {
    name,
    text: `apiVersion: serin.dev/v1alpha1\nkind: Scenario\nmetadata: { name: ${name}, summary: for a test }\nfaults:\n${lines}\n`,
  }
}

/** Without the managed group and the soaks, which other tests are about. */
export function only(change: Partial<UpgradePlan['nodeGroups'][number]> = {}): RehearsalSettings['change'] {
  return (plan) => ({
    ...plan,
    canary: plan.canary && { ...plan.canary, soak: 0 },
    waves: plan.waves.filter(({ name }) => name === 'billing').map((wave) => ({ ...wave, soak: 0 })),
    exclude: [{ nodeGroups: ['system'], optional: false, reason: 'not in this test' }],
    rollback: { ...plan.rollback, waves: 'automatic', grace: 0 },
    nodeGroups: plan.nodeGroups.map((settings) => ({ ...settings, ...change })),
  })
}

const SOURCE = 'selfManaged: { launchTemplate: { name: workers, version: 1 } }'

/** The same cluster, its self-managed groups launching from this instead: `{ launchConfiguration: true }`. */
export function launchingFrom(selfManaged: string, edit: (world: string) => string = (world) => world): Pick<RehearsalSettings, 'plan'> {
  const world = readFileSync('plans/worlds/self-managed.yaml', 'utf8').replaceAll(SOURCE, `selfManaged: ${selfManaged}`)
  return { plan: { plan: loadPlan({ read: (path) => readFileSync(path, 'utf8') }, 'plans/self-managed.yaml').plan, world: edit(world) } }
}

/** Only the canary group, of two nodes. */
export function canaryOnly(settings: Partial<UpgradePlan['nodeGroups'][number]> = {}): RehearsalSettings['change'] {
  return (plan) => {
    const { canary, exclude, ...rest } = only(settings)?.(plan) ?? plan
    return {
      ...rest,
      canary,
      waves: [],
      exclude: [...exclude, { nodeGroups: ['asg:billing'], optional: false, reason: 'not in this test' }],
    }
  }
}

/** An Auto Scaling call about one group by somebody else than Serin. */
export function othersCall(world: OpenedWorld, operation: string, input: Readonly<Record<string, unknown>>): unknown {
  return call(world.autoScaling, operation, { AutoScalingGroupName: 'canary', ...input })
}
