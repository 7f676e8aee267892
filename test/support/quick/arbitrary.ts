import fc from 'fast-check'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import type { Death, GroupChoice, OtherChoice, PlanChoice, QuickChoice, WorkloadChoice } from './choice.ts'

/** Random quick clusters, plans, troubles, people and deaths of drivers. */

const group = fc.record<GroupChoice>({
  kind: fc.constantFrom('managed', 'self', 'self', 'managed-replaced', 'self-replaced'),
  nodes: fc.integer({ min: 1, max: 4 }),
  spare: fc.integer({ min: 0, max: 2 }),
  zones: fc.constantFrom(1, 1, 2, 3),
  maxUnavailable: fc.integer({ min: 0, max: 2 }),
  surge: fc.integer({ min: 0, max: 2 }),
  minimal: fc.boolean(),
  zoneByZone: fc.boolean(),
  suspended: fc.boolean(),
  protectsNew: fc.constantFrom(false, false, false, true),
  first: fc.constantFrom('plain', 'plain', 'plain', 'cordoned', 'tainted', 'kept', 'excluded', 'protected'),
})

const workload = fc.record<WorkloadChoice>(
  {
    pods: fc.integer({ min: 1, max: 4 }),
    budget: fc.constantFrom(1, 1, 1, 2, 0),
    grace: fc.constantFrom(5 * SECOND, 30 * SECOND, 2 * MINUTE),
    home: fc.integer({ min: 0, max: 2 }),
  },
  { requiredKeys: ['pods', 'grace'] },
)

const plan = fc.record<PlanChoice>({
  canary: fc.boolean(),
  batch: fc.constantFrom<PlanChoice['batch']>(1, 2, 3, 'growing'),
  gated: fc.constantFrom(true, true, true, false),
  soak: fc.constantFrom(0, MINUTE, 5 * MINUTE),
  approval: fc.constantFrom(false, false, true),
  consents: fc.constantFrom(true, true, false),
  share: fc.integer({ min: 1, max: 3 }),
  blocked: fc.constantFrom('hold', 'hold', 'skip', 'force'),
  rollback: fc.record({
    canary: fc.constantFrom('automatic', 'automatic', 'hold'),
    waves: fc.constantFrom('automatic', 'automatic', 'failed-batch', 'hold'),
    grace: fc.constantFrom(0, 2 * MINUTE),
  }),
})

const HOUR_AND_A_HALF = 90 * 60

const other = fc.record<OtherChoice>({
  at: fc.integer({ min: 0, max: HOUR_AND_A_HALF }).map((seconds) => seconds * SECOND),
  nth: fc.integer({ min: 0, max: 59 }),
  does: fc.constantFrom(
    ...([
      'grow',
      'grow',
      'grow',
      'cordon',
      'cordon',
      'uncordon',
      'taint',
      'not-ready',
      'freeze-budgets',
      'no-capacity',
      'throttle',
    ] as const),
    ...(['blind', 'api-away', 'all-fail', 'hold', 'rollback', 'abandon'] as const),
  ),
})

const death = fc.record<Death>({
  nth: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 250 })),
  moment: fc.constantFrom('before', 'after'),
  elsewhere: fc.boolean(),
  pause: fc.constantFrom(20 * SECOND, MINUTE, 10 * MINUTE, 60 * MINUTE),
})

export const quickChoice: fc.Arbitrary<QuickChoice> = fc.record({
  seed: fc.integer({ min: 1, max: 1_000_000 }),
  groups: fc.array(group, { minLength: 1, maxLength: 3 }),
  workloads: fc.array(workload, { maxLength: 3 }),
  plan,
  fate: fc.record({ kind: fc.constantFrom('well', 'well', 'hangs', 'hangs', 'silent', 'never-joins'), share: fc.constantFrom(0.3, 1) }),
  lost: fc.constantFrom(0, 0, 0.03, 0.15),
  others: fc.array(other, { maxLength: 4 }),
  deaths: fc.array(death, { maxLength: 3 }),
  person: fc.constantFrom('resumes', 'resumes', 'leaves', 'rolls-back', 'abandons'),
})
