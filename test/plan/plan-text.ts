import { isSerinError } from '../../src/errors/serin-error.ts'
import type { PlanProblem, UpgradePlan } from '../../src/model/plan.ts'
import type { PlanFiles } from '../../src/plan/base.ts'
import { type LoadedPlan, loadPlan } from '../../src/plan/load.ts'

/** A plan without mistakes; tests change one piece of it. */
export const HEALTHY = `apiVersion: serin.dev/v1alpha1
kind: UpgradePlan
metadata: { name: shop-1-33 }
cluster: { name: shop, region: eu-central-1, accountId: "111122223333" }
target:
  kubernetesVersion: "1.33"
  images: latest
  addons:
    - { name: vpc-cni, version: recommended, gates: cni }
gates:
  cni: [aws-node, stuck-pods]
  node: [nodes-ready, aws-node]
canary: { nodeGroups: [canary], gates: node, soak: 5m }
waves:
  - { name: app, nodeGroups: ["app-*"], gates: node }
  - { name: rest, nodeGroups: ["*"] }
`

/** The healthy plan with one piece of text in place of another, which must be there. */
export function changed(from: string, to: string): string {
  if (!HEALTHY.includes(from)) throw new Error(`the healthy plan has no ${JSON.stringify(from)}`)
  return HEALTHY.replace(from, () => to)
}

/** The healthy plan with more lines at its end. */
export function withLines(...lines: readonly string[]): string {
  return `${HEALTHY}${lines.join('\n')}\n`
}

export function filesOf(files: Readonly<Record<string, string>>): PlanFiles {
  return {
    read: (path) => {
      const text = files[path]
      if (text === undefined) throw new Error(`ENOENT: no such file, open '${path}'`)
      return text
    },
  }
}

export function load(text: string): LoadedPlan {
  return loadPlan(filesOf({ 'plan.yaml': text }), 'plan.yaml')
}

export function planOf(text: string): UpgradePlan {
  return load(text).plan
}

/** Every mistake in a set of files; empty when the plan loads. Anything but PLAN_INVALID is thrown on. */
export function problemsIn(files: Readonly<Record<string, string>>, file = 'plan.yaml'): readonly PlanProblem[] {
  try {
    loadPlan(filesOf(files), file)
    return []
  } catch (error) {
    if (isSerinError(error, 'PLAN_INVALID')) return error.details.located ?? []
    throw error
  }
}

/** `12:5 waves[0].soak: message. remedy` for each mistake. */
export function linesOf(problems: readonly PlanProblem[]): readonly string[] {
  return problems.map((each) => `${each.line}:${each.column} ${each.path}: ${each.message}. ${each.remedy}`)
}
