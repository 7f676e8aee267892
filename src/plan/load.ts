import { CODES } from '../catalog/codes.ts'
import { GATES } from '../catalog/gates/registry.ts'
import { STRATEGIES } from '../catalog/strategies/registry.ts'
import type { PlanProblem, UpgradePlan } from '../model/plan.ts'
import { type PlanFiles, readMerged } from './base.ts'
import { buildPlan } from './build.ts'
import { gateMistakes } from './gate-rules.ts'
import { applyInputs } from './inputs.ts'
import type { PlanKinds } from './kinds.ts'
import { type Located, type Path, type Place, placeOf, plainOf } from './located.ts'
import { type Mistake, planInvalid, problemAt } from './problem.ts'
import { planMistakes } from './rules.ts'
import { planSchema } from './schema.ts'
import { schemaProblems } from './schema-problems.ts'

/** A plan that is valid in itself; whether its groups exist is `matchNodeGroups`. */
export interface LoadedPlan {
  readonly plan: UpgradePlan
  readonly file: string
  /** Where a part of the plan stands, in the file that said it; for a part that was not written, the nearest one above. */
  readonly locate: (path: Path) => Place
}

const KINDS: PlanKinds = { gates: GATES, strategies: STRATEGIES, checks: CODES }

/**
 * Reads a plan with its base and inputs, and checks all of it at once.
 * @throws SerinError PLAN_INVALID with every mistake (`details.problems` as lines, `details.located` as data);
 * FILE_UNREADABLE when the plan itself cannot be read.
 */
export function loadPlan(files: PlanFiles, file: string, kinds: PlanKinds = KINDS): LoadedPlan {
  const merged = readMerged(files, file)
  const root = merged.root
  if (!root) throw planInvalid(file, merged.problems)
  const { root: filled, problems } = applyInputs({ ...merged, root })
  const schema = planSchema(kinds)
  const parsed = schema.safeParse(plainOf(filled))
  const all = [...problems, ...locateMistakes(filled, [...planMistakes(filled), ...gateMistakes(filled, kinds)])]
  if (!parsed.success) all.push(...schemaProblems(schema, parsed.error.issues, filled))
  if (!parsed.success || all.length > 0) throw planInvalid(file, all)
  return { plan: buildPlan(parsed.data, kinds), file, locate: (path) => placeOf(filled, path) }
}

/** Gives mistakes their places in the files. */
function locateMistakes(root: Located, mistakes: readonly Mistake[]): PlanProblem[] {
  return mistakes.map(({ path, message, remedy }) => problemAt(placeOf(root, path), path, message, remedy))
}
