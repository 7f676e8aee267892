import type { IamPrincipal, PolicyEvaluation } from '../../model/iam.ts'
import type { GroupIntent } from '../../model/intent.ts'
import { RUN_ACTIONS } from '../knowledge/run-permissions.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { changingGroups, changingManaged } from './reading/nodes.ts'
import { denialsOf, principalsFor, shortName, tellDenial } from './reading/principals.ts'
import { foundOr } from './reading/verdicts.ts'

/** Whoever starts the run is allowed its AWS calls to the end, not only the first. */
export const callerActions: CheckDefinition = {
  code: 'CALLER_ACTIONS',
  title: 'The caller is allowed every AWS action that this run and its way back take',
  severity: 'block',
  waivable: true,
  needs: ['sts:GetCallerIdentity', 'autoscaling:DescribeAutoScalingGroups', 'iam:GetRole', 'iam:SimulatePrincipalPolicy'],
  notApplicable: ({ intent }) => (nothingMoves(intent) ? 'Nothing changes in this run.' : undefined),
  prevents:
    'AccessDenied in the middle of a run, when the add-on has moved and the node groups cannot: mixed versions, and a way back that is denied too.',
  remedy: '`serin permissions --apply --plan PLAN` prints the policy; run with credentials that have it.',
  source: 'https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html',
  evaluate: (input) => {
    const { snapshot, plan } = input
    const subject = `Cluster/${plan.cluster.name}`
    const [caller] = principalsFor(snapshot, 'caller')
    const arn = snapshot.aws.callerIdentity?.Arn ?? '(not said)'
    if (caller === undefined) {
      const message = `The policies of ${arn} cannot be simulated: IAM does that for roles and users only.`
      return [{ verdict: 'unknown', subject, message }]
    }
    const needed = neededActions(input)
    return foundOr(judge(caller, needed, input), plan, `${shortName(caller.Arn)} is allowed ${needed.join(', ')}.`)
  },
}

function nothingMoves({ addons, groups, controlPlane }: CheckInput['intent']): boolean {
  return controlPlane?.changes !== true && addons.every(({ hops }) => hops.length === 0) && groups.every(({ changes }) => !changes)
}

function neededActions({ intent }: CheckInput): readonly string[] {
  const addons = intent.addons.filter(({ hops }) => hops.length > 0)
  const groups = changingManaged(intent)
  const own = changingGroups(intent).filter((group) => !groups.includes(group))
  return [
    ...(intent.controlPlane?.changes ? RUN_ACTIONS.controlPlane : []),
    ...(addons.length > 0 ? RUN_ACTIONS.addons : []),
    ...(addons.some(({ baseline }) => baseline.serviceAccountRoleArn !== undefined) ? RUN_ACTIONS.addonRoles : []),
    ...(groups.length > 0 ? [...RUN_ACTIONS.nodeGroups, ...RUN_ACTIONS.autoScalingGroups] : []),
    ...(own.length > 0 ? RUN_ACTIONS.selfManaged : []),
    ...replacing(groups, RUN_ACTIONS.replacements),
    ...replacing(own, RUN_ACTIONS.selfManagedReplacements),
    ...([...groups, ...own].some(({ target }) => target.launchTemplate !== undefined) ? RUN_ACTIONS.launchTemplates : []),
  ]
}

function replacing(groups: readonly GroupIntent[], actions: readonly string[]): readonly string[] {
  return groups.some(({ replacement }) => replacement !== undefined) ? [...actions, ...RUN_ACTIONS.autoscalerTags] : []
}

function judge(caller: IamPrincipal, needed: readonly string[], input: CheckInput): readonly CheckFinding[] {
  const evaluations = (caller.evaluations ?? []).filter((evaluation) => isAboutThisRun(evaluation, input))
  return denialsOf(caller, needed, evaluations).map((denial) => ({
    verdict: denial.verdict,
    subject: `Cluster/${input.plan.cluster.name}`,
    message: `${shortName(caller.Arn)} ${denial.verdict === 'block' ? 'is not allowed' : 'may not be allowed'} what this run does: ${tellDenial(denial)}. The run, or its way back, would end in the middle.`,
  }))
}

/** Simulated on every group and add-on of the cluster; those that stay do not matter. */
function isAboutThisRun({ EvalResourceName = '*' }: PolicyEvaluation, { intent }: CheckInput): boolean {
  const [, kind, name] = /:(nodegroup|addon)\/[^/]+\/([^/]+)\//.exec(EvalResourceName) ?? []
  if (kind === 'nodegroup') return changingGroups(intent).some((group) => group.name === name)
  return kind !== 'addon' || intent.addons.some((addon) => addon.name === name && addon.hops.length > 0)
}
