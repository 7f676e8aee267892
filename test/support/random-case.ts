import fc from 'fast-check'
import type { UpgradePlan } from '../../src/model/plan.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { faultArbitrary } from './random-faults.ts'

/** Random small clusters, plans for them, faults that meet them and people who answer: everything a run depends on. */

export interface RandomCase {
  readonly seed: number
  readonly world: Readonly<Record<string, unknown>>
  readonly plan: Readonly<Record<string, unknown>>
  readonly faults: readonly Readonly<Record<string, unknown>>[]
  readonly minorDowngrade: 'strict' | 'lenient'
  readonly person: Person
}

/** What the person on call does when the run holds for another reason than an approval. */
export type Person = 'leaves' | 'resumes' | 'resumes-elsewhere' | 'rolls-back' | 'abandons'

const ZONES = ['a', 'b', 'c'] as const

interface GroupChoice {
  readonly desired: number
  readonly spare: number
  readonly form: 'optimised' | 'template' | 'custom-ami'
  readonly zones: number
  readonly maxUnavailable: number
  readonly updateStrategy: 'DEFAULT' | 'MINIMAL'
}

const groupChoice = fc.record<GroupChoice>({
  desired: fc.integer({ min: 1, max: 4 }),
  spare: fc.integer({ min: 0, max: 2 }),
  form: fc.constantFrom('optimised', 'optimised', 'template', 'custom-ami'),
  zones: fc.integer({ min: 1, max: 3 }),
  maxUnavailable: fc.integer({ min: 1, max: 2 }),
  updateStrategy: fc.constantFrom('DEFAULT', 'DEFAULT', 'MINIMAL'),
})

function groupOf(name: string, choice: GroupChoice): Readonly<Record<string, unknown>> {
  const { desired, spare, form, zones, maxUnavailable, updateStrategy } = choice
  return {
    name,
    form,
    instanceTypes: ['m5.large'],
    size: { min: 1, max: desired + spare, desired },
    ...(form !== 'custom-ami' && { kubernetesVersion: '1.32' }),
    ...(form !== 'optimised' && { launchTemplate: { name: form, version: 1 } }),
    subnets: ZONES.slice(0, zones).map((zone) => `nodes-${zone}`),
    update: { maxUnavailable, updateStrategy },
  }
}

/** One budget in sixteen allows nothing, which pre-flight refuses. */
const budget = fc.oneof(
  { weight: 6, arbitrary: fc.constant(undefined) },
  { weight: 9, arbitrary: fc.constantFrom({ maxUnavailable: 1 }, { maxUnavailable: 2 }, { minAvailable: '50%' }) },
  { weight: 1, arbitrary: fc.constant({ maxUnavailable: 0 }) },
)

const workload = fc.record({
  kind: fc.constantFrom('Deployment', 'Deployment', 'StatefulSet'),
  namespace: fc.constant('shop'),
  replicas: fc.integer({ min: 2, max: 5 }),
  budget,
})

const worldArbitrary = fc.record({
  canary: groupChoice,
  others: fc.array(groupChoice, { minLength: 1, maxLength: 3 }),
  workloads: fc.array(workload, { maxLength: 3 }),
  cni: fc.constantFrom('v1.20.4-eksbuild.2', 'v1.21.2-eksbuild.2', 'v1.22.4-eksbuild.3'),
  narrow: fc.constantFrom(false, false, false, true),
})

type WorldChoice = typeof worldArbitrary extends fc.Arbitrary<infer Choice> ? Choice : never

/** A pod on the pod network of every node: without one, nothing proves a new node. */
const AGENT = { kind: 'DaemonSet', namespace: 'monitoring', name: 'agent', cpu: '20m' }

function worldOf({ canary, others, workloads, cni, narrow }: WorldChoice): Readonly<Record<string, unknown>> {
  return {
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'World',
    metadata: { name: 'random' },
    clock: { start: '2026-09-29T19:30:00Z' },
    cluster: { name: 'shop', region: 'eu-central-1', accountId: '111122223333', kubernetesVersion: '1.33' },
    subnets: ZONES.map((zone, index) => ({
      name: `nodes-${zone}`,
      zone: `eu-central-1${zone}`,
      cidr: narrow ? `10.0.${index}.0/25` : `10.0.${index * 4}.0/22`,
      used: 20,
    })),
    launchTemplates: [
      { name: 'template', versions: [{}] },
      { name: 'custom-ami', versions: [{ image: { kubernetesVersion: '1.32' } }, { image: { kubernetesVersion: '1.33' } }] },
    ],
    nodeGroups: [groupOf('canary', canary), ...others.map((choice, index) => groupOf(`app-${index + 1}`, choice))],
    addons: [
      { name: 'kube-proxy', version: 'v1.33.5-eksbuild.2' },
      { name: 'vpc-cni', version: cni, configuration: { env: { WARM_ENI_TARGET: '1' } } },
      { name: 'coredns', version: 'v1.12.4-eksbuild.1' },
    ],
    workloads: [
      AGENT,
      ...workloads.map(({ budget, ...rest }, index) => ({ ...rest, name: `work-${index + 1}`, cpu: '100m', ...(budget && { budget }) })),
    ],
  }
}

const soak = fc.constantFrom('1m', '3m')

const planArbitrary = fc.record({
  addon: fc.boolean(),
  soak,
  batch: fc.constantFrom<number | string>(1, 2, '50%'),
  first: fc.boolean(),
  approval: fc.constantFrom<boolean | { role: string }>(false, false, true, { role: 'release' }),
  maxUnavailable: fc.constantFrom(undefined, 1, 2, '50%'),
  updateStrategy: fc.constantFrom(undefined, undefined, 'MINIMAL', 'DEFAULT'),
  rollback: fc.record({
    addon: fc.constantFrom('last-proven-hop', 'last-proven-hop', 'hold'),
    canary: fc.constantFrom('automatic', 'automatic', 'hold'),
    waves: fc.constantFrom('hold', 'failed-batch', 'automatic'),
    grace: fc.constantFrom('0s', '2m'),
  }),
})

type PlanChoice = typeof planArbitrary extends fc.Arbitrary<infer Choice> ? Choice : never

function planOf(choice: PlanChoice, world: WorldChoice): Readonly<Record<string, unknown>> {
  const { addon, soak: span, batch, first, approval, maxUnavailable, updateStrategy, rollback } = choice
  const custom = [world.canary, ...world.others].some(({ form }) => form === 'custom-ami')
  const names = ['canary', ...world.others.map((_choice, index) => `app-${index + 1}`)]
  const brought = names.filter((_name, index) => [world.canary, ...world.others][index]?.form === 'custom-ami')
  const settings = { ...(maxUnavailable !== undefined && { maxUnavailable }), ...(updateStrategy && { updateStrategy }) }
  return {
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'UpgradePlan',
    metadata: { name: 'random' },
    cluster: { name: 'shop', region: 'eu-central-1', accountId: '111122223333' },
    target: {
      kubernetesVersion: '1.33',
      images: 'latest',
      ...(addon && { addons: [{ name: 'vpc-cni', version: 'recommended', gates: 'cni', soak: span }] }),
    },
    gates: { cni: ['aws-node', 'stuck-pods'], node: ['nodes-ready', 'aws-node', 'ipam', 'stuck-pods', 'workloads'] },
    canary: { nodeGroups: ['canary'], gates: 'node', soak: span },
    waves: [
      ...(first ? [{ name: 'first', nodeGroups: ['app-1'], gates: 'node', soak: span, approval }] : []),
      { name: 'rest', nodeGroups: ['*'], ...(first && { optional: true }), batch, gates: 'node', approval },
    ],
    nodeGroups: [
      ...(custom ? brought.map((match) => ({ match, launchTemplateVersion: '2', ...settings })) : []),
      ...(Object.keys(settings).length > 0 ? [{ match: '*', ...settings }] : []),
    ],
    rollback,
  }
}

/** Anything that may happen: mostly runs that act, some that pre-flight stops. */
export const randomCase: fc.Arbitrary<RandomCase> = fc.record({ world: worldArbitrary, plan: planArbitrary }).chain(({ world, plan }) =>
  fc.record<RandomCase>({
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    world: fc.constant(worldOf(world)),
    plan: fc.constant(planOf(plan, world)),
    faults: fc.array(
      faultArbitrary(
        world.others.length,
        world.workloads.map(({ budget }) => budget !== undefined),
      ),
      { maxLength: 2 },
    ),
    minorDowngrade: fc.constantFrom('lenient', 'lenient', 'strict'),
    person: fc.constantFrom('leaves', 'resumes', 'resumes-elsewhere', 'rolls-back', 'abandons'),
  }),
)

/** The plan as the loader reads it. @throws SerinError PLAN_INVALID: the generator made a plan that is none. */
export function planFrom({ plan }: Pick<RandomCase, 'plan'>): UpgradePlan {
  return loadPlan({ read: () => JSON.stringify(plan) }, 'random.yaml').plan
}
