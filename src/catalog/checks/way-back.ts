import { type Instant, iso } from '../../model/instant.ts'
import type { Intent, WayBack } from '../../model/intent.ts'
import type { UpgradePlan } from '../../model/plan.ts'
import { supportEnds } from '../knowledge/kubernetes-lifetimes.ts'
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
  evaluate: ({ intent, plan, now }) => {
    const steps = stepsOf(intent)
    const ends = deadlines(intent)
    const found = [
      ...steps.flatMap(({ subject, back }) => judge(subject, back, plan.accept)),
      ...ends.flatMap((deadline) => over(deadline, now)),
      ...needless(steps, plan),
    ]
    if (found.length > 0) return found
    return [
      { verdict: 'pass', subject: `Cluster/${plan.cluster.name}`, message: `All ${steps.length} changes have a way back${until(ends)}.` },
    ]
  },
}

function stepsOf(intent: Intent): readonly { readonly subject: string; readonly back: WayBack }[] {
  const addons = intent.addons.filter((addon) => addon.hops.length > 0)
  return [
    ...addons.map((addon) => ({ subject: `Addon/${addon.name}`, back: addon.wayBack })),
    ...(intent.controlPlane?.changes ? [{ subject: 'Cluster/control-plane', back: intent.controlPlane.wayBack }] : []),
    ...changingGroups(intent).map((group) => ({ subject: `NodeGroup/${group.name}`, back: group.wayBack })),
  ]
}

interface Deadline {
  readonly subject: string
  readonly minor: string
  readonly ends: Instant
}

/** Nodes go back to their minor only while EKS has images of it: to the end of its extended support. */
function deadlines(intent: Intent): readonly Deadline[] {
  return changingGroups(intent).flatMap(({ name, baseline, target }) => {
    const ends = baseline.version === target.version ? undefined : supportEnds(baseline.version)
    return ends === undefined ? [] : [{ subject: `NodeGroup/${name}`, minor: baseline.version ?? '', ends: ends.extended }]
  })
}

function over({ subject, minor, ends }: Deadline, now: Instant): readonly CheckFinding[] {
  if (now < ends) return []
  const message = `The way back leads to Kubernetes ${minor}, which EKS has supported until ${iso(ends).slice(0, 10)}: it may take no nodes back to that.`
  return [{ verdict: 'warn', subject, message, remedy: 'Be ready to go forward instead, or to replace the nodes by a new group.' }]
}

function until(ends: readonly Deadline[]): string {
  const days = new Map(ends.map(({ minor, ends: end }) => [minor, iso(end).slice(0, 10)]))
  return [...days].map(([minor, day]) => `; that to nodes of ${minor} until ${day}, when EKS ends its support`).join('')
}

function judge(subject: string, back: WayBack, accepted: readonly string[]): readonly CheckFinding[] {
  if (back.exists === 'yes') return []
  if (back.exists === 'disputed') {
    const message = `The way back is disputed: AWS's own pages disagree whether it is allowed. It would be ${sentence(back.how)}`
    const remedy =
      'Rehearse it both ways (`serin rehearse PLAN --minor-downgrade strict`, and `lenient`), and be ready to replace the nodes by a new group.'
    return [{ verdict: 'warn', subject, message, remedy }]
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
