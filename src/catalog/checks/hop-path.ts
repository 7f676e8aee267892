import { type AddonVersion, parseAddonVersion } from '../../model/addon-version.ts'
import type { AddonIntent } from '../../model/intent.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { CNI } from './reading/addons.ts'

/** vpc-cni moves by one minor at a time, up and, over the same versions, down. */
export const hopPath: CheckDefinition = {
  code: 'HOP_PATH',
  title: 'vpc-cni moves one minor at a time, there and back',
  severity: 'block',
  waivable: true,
  needs: [],
  notApplicable: ({ intent }) =>
    intent.addons.some((addon) => addon.name === CNI && addon.hops.length > 0) ? undefined : 'vpc-cni does not move in this run.',
  prevents:
    'EKS has refused jumps ("can only go up or down 1 minor version at a time"): a run would stop half way, or a way back would be closed.',
  remedy: 'Name a version that can be reached, or one in between: `aws eks describe-addon-versions --addon-name vpc-cni`.',
  source: 'https://docs.aws.amazon.com/eks/latest/best-practices/vpc-cni.html',
  evaluate: ({ intent }) => {
    const cni = intent.addons.filter((addon) => addon.name === CNI && addon.hops.length > 0)
    const found = cni.flatMap(judgePath)
    if (found.length > 0) return found
    return cni.map((addon) => ({
      verdict: 'pass',
      subject: `Addon/${CNI}`,
      message: `${pathOf(addon).join(' -> ')}; back over the same versions.`,
    }))
  },
}

const pathOf = (addon: AddonIntent) => [addon.baseline.version, ...addon.hops]

function judgePath(addon: AddonIntent): readonly CheckFinding[] {
  const path = pathOf(addon)
  const jumps = path.slice(1).flatMap((to, place) => judgeHop(path[place] ?? '', to))
  const last = path.at(-1)
  if (last === addon.target) return jumps
  const message = `The path ends at ${last}, not at the target ${addon.target}.`
  return [...jumps, { verdict: 'block', subject: `Addon/${CNI}`, message }]
}

function judgeHop(from: string, to: string): readonly CheckFinding[] {
  const subject = `Addon/${CNI}`
  const [before, after] = [parseAddonVersion(from), parseAddonVersion(to)]
  if (!before || !after) return [{ verdict: 'unknown', subject, message: `${from} -> ${to}: not versions that can be compared.` }]
  if (distance(before, after) <= 1) return []
  const message = `${from} -> ${to} is more than one minor: EKS may refuse it, and the way back as well.`
  return [{ verdict: 'block', subject, message }]
}

/** Minors between two versions, in either direction; another major is too far. */
function distance(one: AddonVersion, other: AddonVersion): number {
  return one.major === other.major ? Math.abs(one.minor - other.minor) : Number.POSITIVE_INFINITY
}
