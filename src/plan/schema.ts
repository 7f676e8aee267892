import { z } from 'zod'
import { isTimeZone, parseOpening } from '../forecast/window.ts'
import { isDay } from '../model/day.ts'
import { parseLabelSelector } from '../model/label-selector.ts'
import { API_VERSION } from '../model/snapshot.ts'
import { didYouMean } from './did-you-mean.ts'
import { type GateKind, listableGates, type PlanKinds } from './kinds.ts'
import { replacement } from './replacement-schema.ts'
import { diagnosis, remediation } from './schema-curing.ts'
import { approval, duration, glob, globs, pattern, percentage, release, says, shown, strict, text } from './schema-parts.ts'
import { target } from './schema-target.ts'

/** `$Latest`, `$Default` or a number; written with or without quotes. */
const templateVersion = z
  .union([
    z.int().min(1),
    pattern(/^(\d+|\$Latest|\$Default)$/, 'is not a launch template version', 'Write a number, `$Latest` or `$Default`.'),
  ])
  .transform(String)

const metadata = strict({
  name: text.describe('Names the plan in reports and run names.'),
  annotations: z.record(z.string(), z.string()).default({}).describe('Free text for people, such as a ticket number.'),
})

const cluster = strict({
  name: pattern(/^[0-9A-Za-z][\w-]{0,99}$/, 'is not an EKS cluster name', 'Letters, digits, `-` and `_`, at most 100.').describe(
    'Name of the EKS cluster.',
  ),
  region: pattern(/^[a-z]{2}(-[a-z]+)+-\d$/, 'is not an AWS Region', 'For example `eu-central-1`.').describe('AWS Region of the cluster.'),
  accountId: pattern(/^\d{12}$/, 'is not an AWS account id', 'Twelve digits in quotes: `"111122223333"`.').describe(
    'AWS account of the cluster; a run against any other account is refused.',
  ),
  kubeconfigContext: text.optional().describe('Use the credentials of this kubeconfig context instead of a token made from the AWS ones.'),
})

const batch = z
  .union([z.int().min(1), percentage, z.literal('growing')])
  .default(1)
  .describe('Groups in flight together: a number, a percentage of the wave, or `growing`: one, then two, then four.')
const optional = z.boolean().default(false).describe('No error when a glob matches nothing.')
function entry(gateUse: z.ZodType, soak: number) {
  return {
    nodeGroups: globs.describe('Names or globs; `*` alone means every group that no other entry names.'),
    optional,
    batch,
    gates: gateUse.optional().describe('Gates after every batch: a name from `gates`, or a list.'),
    soak: duration.default(soak).describe('Time that must be seen passing after every batch.'),
    approval,
  }
}

function wave(gateUse: z.ZodType) {
  const name = pattern(
    /^(?!canary$)[a-z0-9][a-z0-9-]{0,62}$/,
    'is not a wave name',
    'Lower-case letters, digits and `-`; `canary` is taken.',
  )
  return strict({ name: name.describe('Names the wave in reports and commands.'), ...entry(gateUse, 0) })
}

const skipped = strict({ skip: z.int().min(1).describe('How many nodes of a group may stay as they are; they are named at the end.') })
const forced = strict({ forceAfter: duration.describe('Pods that still stand after this time are deleted past their budgets.') })

function settings(strategies: readonly string[]) {
  return strict({
    match: glob.describe('The first entry whose glob matches a group counts.'),
    optional: optional.optional(),
    strategy: z.enum(strategies).optional().describe('How the group is upgraded.'),
    updateStrategy: z
      .enum(['DEFAULT', 'MINIMAL'])
      .optional()
      .describe('DEFAULT launches first; MINIMAL drains first and needs no extra capacity.'),
    maxUnavailable: z
      .union([z.int().min(1).max(100), percentage])
      .optional()
      .describe(
        'Nodes that may be away at a time; a share is rounded up. For self-managed groups: beyond what `surge` brings, none when absent.',
      ),
    surge: z
      .union([z.int().min(0).max(100), percentage])
      .optional()
      .describe(
        'Self-managed groups: nodes launched ahead beside the old ones; as many as `maxUnavailable`, at least 1, when absent. Replacement groups: old nodes drained at a time; 10% when absent.',
      ),
    drainTimeout: duration.optional().describe('Groups that Serin drains itself: how long one node may take; 15m when absent.'),
    launchConfiguration: text.optional().describe('Self-managed groups: the launch configuration to move to.'),
    replacement: replacement.optional().describe('Strategy `replacement-group`: the group that takes over from it.'),
    alone: z.boolean().optional().describe('Never in flight together with another group.'),
    after: globs.optional().describe('Groups by name or glob that have to be through before these begin: ingress before what it serves.'),
    neverWith: globs
      .optional()
      .describe('Groups by name or glob with which these are never in flight together; their own name keeps them apart from each other.'),
    zoneByZone: z
      .boolean()
      .optional()
      .describe(
        'Self-managed groups: all nodes of one zone before those of the next. EKS takes the nodes of its own groups in an order of its own.',
      ),
    timeout: duration.optional().describe('After this time Serin holds and goes on watching; EKS cannot be stopped.'),
    releaseVersion: release.optional().describe('AMI release of these groups instead of `target.images`.'),
    launchTemplateVersion: templateVersion.optional().describe('Launch template version to move to; the only way to move a custom AMI.'),
    pinLaunchTemplate: z.boolean().optional().describe('Replace `$Latest` by the number the nodes run, so that there is a way back.'),
    whenEmpty: z.enum(['skip', 'update', 'scale-one']).optional().describe('What to do with a group without nodes; `skip` when absent.'),
    evictionBlocked: z
      .union([z.enum(['hold', 'force']), skipped, forced])
      .optional()
      .describe(
        'When a node cannot be drained in time. `hold` (default): a person decides. Managed groups also `force`: EKS deletes pods past their budgets after its 15 minutes. Self-managed groups also `skip: N`: so many nodes may stay as they are; `forceAfter: 30m`: pods are deleted past their budgets.',
      ),
  })
}

const selector = z
  .string()
  .refine(
    (written) => parseLabelSelector(written) !== undefined,
    says('is not a label selector', 'Write it as `kubectl get nodes -l` takes it: `role=db`, `role!=db`, `zone in (a, b)`.'),
  )
const selectors = z.array(selector).min(1, 'The list of selectors is empty\nName at least one, or remove the key.')

const nodeOrder = strict({
  match: selector.describe('Labels of the nodes that it speaks of, as `kubectl get nodes -l` takes them.'),
  optional: optional.optional(),
  after: selectors.optional().describe('Nodes by label that have to be replaced before these begin: ingress before databases.'),
  neverWith: selectors
    .optional()
    .describe('Nodes by label with which these are never drained at the same time; their own selector keeps them apart from each other.'),
})

const exclusion = strict({
  nodeGroups: globs.describe('Groups that the run leaves alone.'),
  optional,
  reason: text.describe('Why; printed in every report.'),
})

const bound = pattern(
  /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})?)?$/,
  'is neither a day nor a time',
  'Write a day (`2026-12-18`) or a time (`2026-12-18T18:00`) in the time zone of the window.',
)

function notATimeZone({ input }: { readonly input?: unknown }): string {
  const hint = didYouMean(String(input), Intl.supportedValuesOf('timeZone'))
  return `${shown(input)} is not a time zone\n${hint}Write a name of the IANA database, such as \`Europe/Zurich\` or \`UTC\`.`
}

const window = strict({
  timeZone: z.string().refine(isTimeZone, { error: notATimeZone }).describe('IANA name, `Europe/Zurich`.'),
  open: z
    .array(
      z
        .string()
        .refine(
          (line) => parseOpening(line) !== undefined,
          says('is not an opening time', 'Write `Tue 21:00-05:00`, `Mon-Fri 20:00-23:00` or `daily 01:00-04:00`.'),
        ),
    )
    .min(1, 'The window never opens\nName at least one opening, or remove the window.')
    .describe('`Tue 21:00-05:00`, `Mon-Fri 20:00-23:00`, `daily 01:00-04:00`; an end before the start is the next day.'),
  freezes: z
    .array(
      strict({
        from: bound.describe('First day or time.'),
        to: bound.describe('Last day (included) or time.'),
        reason: text.describe('Why; printed while frozen.'),
      }),
    )
    .default([])
    .describe('Spans in which nothing starts.'),
  atClose: z.enum(['hold', 'finish-wave']).default('hold').describe('`hold`: stop at the next safe point with exit 31.'),
})

const rollback = strict({
  addon: z.enum(['last-proven-hop', 'hold']).default('last-proven-hop').describe('Answer to a failed add-on hop.'),
  controlPlane: z
    .enum(['hold', 'automatic'])
    .default('hold')
    .describe('Answer to a control plane under which the cluster is not as well as before; there is nothing untouched to compare with.'),
  canary: z.enum(['automatic', 'hold']).default('automatic').describe('Answer to a failed canary.'),
  waves: z.enum(['hold', 'failed-batch', 'automatic']).default('hold').describe('Answer to a failed batch of a wave.'),
  grace: duration.default(600_000).describe('Time in which a person may say hold before the way back begins; 10m when absent.'),
})

const token = pattern(
  /^no-way-back\/.+$/,
  'is not a point of no return',
  'Write the token that `serin plan` prints, such as `no-way-back/vpc-cni`.',
)

const waiver = strict({
  code: pattern(
    /^[A-Z][A-Z0-9_]*$/,
    'is not the code of a check',
    'Codes look like `PDB_ALLOWS_NONE`; `serin explain` lists them.',
  ).describe('The check that is waived.'),
  subject: text.describe('The one subject it is waived for, as the finding prints it: `PodDisruptionBudget/shop/db`.'),
  owner: text.describe('Who answers for it.'),
  reason: text.describe('Why it is accepted.'),
  expires: z
    .string()
    .refine(isDay, says('is not a day', 'Write the last day on which the waiver counts: `2027-01-31`.'))
    .describe('The last day (UTC) on which it counts.'),
  verdict: z.enum(['block', 'unknown']).default('block').describe('`unknown` accepts evidence that could not be read.'),
})

/** A key for each code, so that editors complete it; the one value says that severities only rise. */
function severities(checks: PlanKinds['checks']) {
  const raised = z.literal(
    'block',
    says('is no severity that a plan can give', 'Severities are raised, never lowered: write `block`. To accept a finding, waive it.'),
  )
  return strict(Object.fromEntries(checks.map(({ code, title }) => [code, raised.optional().describe(title)])))
}

const notification = strict({
  webhook: strict({
    urlFrom: pattern(
      /^env:[A-Za-z_]\w*$/,
      'does not name an environment variable',
      'Secrets never stand in a plan: write `env:NAME`.',
    ).describe('`env:NAME`: the environment variable that has the URL.'),
  }),
  on: z
    .array(z.enum(['opened', 'held', 'approval-needed', 'rollback-started', 'finished']))
    .min(1, 'The list of occasions is empty\nName at least one, or remove the key.')
    .default(['held', 'approval-needed', 'rollback-started', 'finished'])
    .describe('When to send.'),
})

/** One gate of a list: a kind, or a map of one kind to its options. */
function gateItem(kinds: readonly GateKind[]) {
  const names = kinds.map((gate) => gate.kind)
  const withOptions = Object.fromEntries(kinds.map((gate) => [gate.kind, gate.options.optional().describe(gate.summary)]))
  return z.union([z.enum(names), strict(withOptions)])
}

/** The schema of a merged plan, with the kinds of gates and strategies that exist. Strict: unknown keys are errors. */
export function planSchema(kinds: PlanKinds) {
  const gateList = z
    .array(gateItem(listableGates(kinds.gates)))
    .min(1, 'The list of gates is empty\nName at least one gate, or leave the key out for the default gates.')
  const gateUse = z.union([z.string(), gateList])
  return strict({
    apiVersion: z.literal(API_VERSION).describe('Version of this format.'),
    kind: z.literal('UpgradePlan').describe('What this document is.'),
    metadata: metadata.describe('Name and annotations.'),
    cluster: cluster.describe('The cluster, and the identity it must have.'),
    target: target(gateUse).describe('What the cluster is to become; at least one part.'),
    gates: z.record(z.string(), gateList).default({}).describe('Lists of gates, named once and used by name.'),
    canary: strict({ ...entry(gateUse, 900_000) })
      .optional()
      .describe('The groups that go first; no wave catches them.'),
    waves: z.array(wave(gateUse)).default([]).describe('Ordered sets of groups that share gates.'),
    nodeGroups: z
      .array(settings(kinds.strategies.map((each) => each.kind)))
      .default([])
      .describe('Settings by glob, first match wins.'),
    nodes: z
      .array(nodeOrder)
      .default([])
      .describe('When single nodes may be taken out of service beside others; inside a group only where Serin drains it node by node.'),
    exclude: z.array(exclusion).default([]).describe('Groups that the run leaves alone, with a reason.'),
    window: window.optional().describe('When anything may start.'),
    rollback: rollback.prefault({}).describe('What goes back by itself, by phase.'),
    remediation: remediation(listableGates(kinds.gates).map(({ kind }) => kind))
      .prefault({})
      .describe('How far Serin may go in curing what it diagnosed.'),
    diagnosis: diagnosis.prefault({}).describe('What a diagnosis may do beyond reading the APIs.'),
    accept: z.array(token).default([]).describe('Points of no return taken on purpose.'),
    waivers: z.array(waiver).default([]).describe('Findings accepted, each with an owner, a reason and a last day.'),
    severities: severities(kinds.checks)
      .default({})
      .describe('Checks by code whose warnings block, and whose gaps in the evidence make the run inconclusive: `NAKED_PODS: block`.'),
    notify: z.array(notification).default([]).describe('Webhooks to tell.'),
  })
}

type PlanSchema = ReturnType<typeof planSchema>
export type ParsedPlan = z.output<PlanSchema>
