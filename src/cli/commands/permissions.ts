import { alarmsNamed } from '../../catalog/gates/cloudwatch-alarm.ts'
import { ipamdMetrics } from '../../catalog/gates/ipamd-metrics.ts'
import { gatesOf } from '../../catalog/gates/named.ts'
import { probePlaces } from '../../catalog/gates/probing/options.ts'
import { throttling } from '../../catalog/gates/throttling.ts'
import type { UpgradePlan } from '../../model/plan.ts'
import { replacesGroups } from '../../plan/replacement.ts'
import { jsonText } from '../../report/json.ts'
import { clusterRole, METRICS_ROLE, probeRole } from '../cluster-roles.ts'
import { command } from '../command.ts'
import { loadPlanFile } from '../documents.ts'
import { optionalText, switchFlag } from '../flags.ts'
import { type Io, OK, usage } from '../io.ts'
import { ANY, iamPolicy, type Scope } from '../permissions.ts'

interface Flags {
  readonly read: boolean
  readonly apply: boolean
  readonly plan?: string
  readonly only?: 'iam' | 'rbac'
}

export const permissions = command<Flags, []>({
  text: {
    brief: 'Print the IAM policy and the ClusterRole that Serin needs',
    description:
      'Prints what Serin calls, as an IAM policy and as Kubernetes roles: for reading alone (--read: snapshot, preflight, plan) or for a run (--apply, the default). With --plan the policy is limited to the account, Region, cluster, groups and add-ons of the plan. Reads no cluster.',
    examples: [
      'serin permissions --read',
      'serin permissions --apply --plan plans/quickstart.yaml',
      'serin permissions --only rbac | kubectl apply -f -',
    ],
  },
  parameters: {
    flags: {
      read: switchFlag('Only what reading needs'),
      apply: switchFlag('What a run needs, reading included (default)'),
      plan: optionalText('Limit the policy to this plan', 'plan'),
      only: { kind: 'enum', values: ['iam', 'rbac'], optional: true, brief: 'Print only one of the two, as a file' },
    },
  },
  run(io, flags) {
    if (flags.read && flags.apply) throw usage('--read and --apply exclude each other; --apply contains --read')
    const kind = flags.read ? 'read' : 'apply'
    const plan = flags.plan ? loadPlanFile(io, flags.plan).plan : undefined
    const scope = plan ? scopeOf(plan) : ANY
    const more = plan === undefined || kind === 'read' ? [] : rolesFor(plan)
    printBoth(io, jsonText(iamPolicy(kind, scope)), [clusterRole(kind), ...more].join(''), flags.only)
    return OK
  },
})

/** What single gates need, and a log that is read through a pod. */
function rolesFor(plan: UpgradePlan): readonly string[] {
  const places = [...probePlaces(plan), ...(plan.diagnosis?.nodeLogs ? [plan.diagnosis.nodeLogs] : [])]
  const probes = places.map(({ namespace }) => probeRole(namespace))
  return [...new Set(probes), ...metricsRole(plan)]
}

/** `throttling` judges without it too, and the right is a wide one: a person may put it in. */
function metricsRole(plan: UpgradePlan): readonly string[] {
  if (gatesOf(plan, ipamdMetrics.kind).length > 0) return [METRICS_ROLE]
  if (gatesOf(plan, throttling.kind).length === 0) return []
  return [`# With this the gate \`throttling\` sees the counters of ipamd too:\n${METRICS_ROLE.replaceAll(/^(?=.)/gm, '# ')}`]
}

function printBoth(io: Io, policy: string, role: string, only: Flags['only']): void {
  if (only !== 'rbac') io.stdout.write(only ? policy : `# IAM policy\n${policy}`)
  if (only !== 'iam') io.stdout.write(only ? role : `\n# Kubernetes roles\n${role}`)
}

/** Globs of a plan are globs of IAM too; an entry that leaves any group out still names them all. */
function scopeOf(plan: UpgradePlan): Scope {
  const { name, region, accountId } = plan.cluster
  const partition = region.startsWith('cn-') ? 'aws-cn' : region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
  const groups = [...(plan.canary?.nodeGroups ?? []), ...plan.waves.flatMap((wave) => wave.nodeGroups)]
  const addons = plan.target.addons.map((addon) => addon.name)
  // vpc-cni is read whatever the plan moves: every gate looks at aws-node.
  return {
    partition,
    region,
    account: accountId,
    cluster: name,
    groups: unique(groups),
    addons: unique(['vpc-cni', ...addons]),
    alarms: alarmsNamed(plan).length > 0,
    controlPlane: plan.target.controlPlane !== undefined,
    replaces: replacesGroups(plan),
  }
}

function unique(names: readonly string[]): readonly string[] {
  return names.includes('*') ? ['*'] : [...new Set(names)]
}
