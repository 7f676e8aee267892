import type { Intent, WayBack } from '../../model/intent.ts'
import type { UpgradePlan } from '../../model/plan.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { changingGroups } from './reading/nodes.ts'

/** Every step can be taken back, or the plan accepts by name that it cannot. */
export const wayBack: CheckDefinition = {
  code: 'WAY_BACK',
  title: 'Every step has a way back, or the plan accepts that it has none',
  severity: 'block',
  waivable: false,
  needs: [],
  prevents: 'Finding out after a failed gate that what was changed cannot be changed back.',
  remedy: 'Add the token to `accept` in the plan, or choose a step that has a way back.',
  source: 'https://docs.aws.amazon.com/eks/latest/best-practices/rollback-cluster-upgrades.html',
  evaluate: ({ intent, plan }) => {
    const steps = stepsOf(intent)
    const found = [...steps.flatMap(({ subject, back }) => judge(subject, back, plan.accept)), ...needless(steps, plan)]
    if (found.length > 0) return found
    return [{ verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message: `All ${steps.length} changes have a way back.` }]
  },
}

function stepsOf(intent: Intent): readonly { readonly subject: string; readonly back: WayBack }[] {
  const addons = intent.addons.filter((addon) => addon.hops.length > 0)
  return [
    ...addons.map((addon) => ({ subject: `Addon/${addon.name}`, back: addon.wayBack })),
    ...changingGroups(intent).map((group) => ({ subject: `NodeGroup/${group.name}`, back: group.wayBack })),
  ]
}

function judge(subject: string, back: WayBack, accepted: readonly string[]): readonly CheckFinding[] {
  if (back.exists === 'yes') return []
  if (back.exists === 'disputed') {
    const message = `The way back is disputed: AWS's own pages disagree whether it is allowed. It would be ${sentence(back.how)}`
    return [{ verdict: 'warn', subject, message, remedy: 'Rehearse both worlds, and be ready to replace the nodes by a new group.' }]
  }
  const token = tokenOf(subject, back)
  const isAccepted = accepted.includes(token)
  const message = `There is no way back: ${sentence(back.how)}${isAccepted ? ` The plan accepts it (${token}).` : ''}`
  return [
    {
      verdict: isAccepted ? 'warn' : 'block',
      subject,
      message,
      remedy: isAccepted ? 'Nothing to do.' : `Add \`${token}\` to \`accept\` in the plan.`,
    },
  ]
}

/** What the plan accepts although nothing needs it: a slip, or left over from another day. */
function needless(steps: ReturnType<typeof stepsOf>, { accept, cluster }: UpgradePlan): readonly CheckFinding[] {
  const needed = steps.filter(({ back }) => back.exists === 'none').map(({ subject, back }) => tokenOf(subject, back))
  return accept
    .filter((token) => !needed.includes(token))
    .map((token) => ({
      verdict: 'warn',
      subject: `Cluster/${cluster.name}`,
      message: `The plan accepts ${token}, which no step of this run needs.`,
      remedy: 'Take it out of `accept`.',
    }))
}

function tokenOf(subject: string, back: WayBack): string {
  return back.acceptToken ?? `no-way-back/${subject.split('/').slice(1).join('/')}`
}

/** Ends with exactly one full stop. */
function sentence(text: string): string {
  return `${text.replace(/\.+$/, '')}.`
}
