import { CNI_ACTIONS } from '../../catalog/knowledge/cni-actions.ts'
import { RUN_ACTIONS } from '../../catalog/knowledge/run-permissions.ts'
import type { EksAddon } from '../../model/aws.ts'
import type { IamPrincipal, IamUse, PolicyEvaluation, PolicyStatement } from '../../model/iam.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { Simulation } from '../../ports/iam.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { NamedByPlan } from './named.ts'
import type { Pass } from './pass.ts'

type Aws = ClusterSnapshot['aws']
type Question = Omit<Simulation, 'principal'>

/** Whoever acts in a run, and what IAM says about it. One that may not be asked about stands in `unavailable`. */
/** @param named what the plan moves beyond what every plan does, so that the caller has to be allowed that too */
export async function readPrincipals(ports: ClusterPorts, pass: Pass, aws: Aws, named: NamedByPlan): Promise<readonly IamPrincipal[]> {
  const [caller, cni] = await Promise.all([callerArn(ports, pass, aws), cniRoles(ports, pass, aws)])
  const uses: readonly (readonly [arn: string | undefined, use: IamUse])[] = [
    [caller, 'caller'],
    [aws.cluster?.roleArn, 'cluster'],
    ...cni.map((arn) => [arn, 'vpc-cni'] as const),
  ]
  const known = uses.flatMap(([arn, use]) => (arn === undefined ? [] : [{ arn, use }]))
  const byArn = [...Map.groupBy(known, ({ arn }) => arn)]
  return await Promise.all(
    byArn.map(([arn, all]) =>
      readPrincipal(
        ports,
        pass,
        arn,
        all.flatMap(({ use }) => questionsOf(use, aws, named)),
        all.map(({ use }) => use),
      ),
    ),
  )
}

/** The role behind an assumed role; a user as it is. The account itself (root) and federated users cannot be simulated. */
async function callerArn({ iam }: ClusterPorts, pass: Pass, { callerIdentity }: Aws): Promise<string | undefined> {
  const arn = callerIdentity?.Arn ?? ''
  if (/:user\//.test(arn)) return arn
  const [, partition, account, name] = /^arn:([^:]+):sts::(\d+):assumed-role\/([^/]+)\//.exec(arn) ?? []
  if (name === undefined) return undefined
  const role = await pass.read('iam:GetRole', () => iam.role(name))
  return role?.arn ?? `arn:${partition}:iam::${account}:role/${name}`
}

/** Whose credentials aws-node has: its own role's by service account or pod identity, else those of the nodes. */
async function cniRoles({ eks }: ClusterPorts, pass: Pass, aws: Aws): Promise<readonly string[]> {
  const addon = aws.addons?.find(({ addonName }) => addonName === 'vpc-cni')
  if (addon === undefined) return []
  if (addon.serviceAccountRoleArn !== undefined) return [addon.serviceAccountRoleArn]
  const ids = associationsOf(addon)
  if (ids.length > 0) {
    const cluster = aws.cluster?.name ?? ''
    const read = await pass.readEach('eks:DescribePodIdentityAssociation', ids, (id) => eks.describePodIdentityAssociation(cluster, id))
    return [...new Set(read.flatMap(({ roleArn }) => roleArn ?? []))]
  }
  return [...new Set((aws.nodegroups ?? []).flatMap(({ nodeRole }) => nodeRole ?? []))].sort()
}

function associationsOf({ podIdentityAssociations = [] }: EksAddon): readonly string[] {
  return podIdentityAssociations.flatMap((arn) => arn.split('/').at(-1) ?? [])
}

async function readPrincipal(
  { iam }: ClusterPorts,
  pass: Pass,
  arn: string,
  questions: readonly Question[],
  uses: readonly IamUse[],
): Promise<IamPrincipal> {
  const name = /:role\/(?:.*\/)?([^/]+)$/.exec(arn)?.[1]
  const role = name === undefined ? undefined : await pass.read('iam:GetRole', async () => ({ found: await iam.role(name) }))
  if (role !== undefined && role.found === undefined) return { Arn: arn, uses, missing: true }
  const evaluations = await pass.readEach('iam:SimulatePrincipalPolicy', questions, (question) =>
    iam.simulate({ principal: arn, ...question }),
  )
  const told = evaluations.flat()
  const statements = name !== undefined && told.some(isDenied) ? await readStatements(pass, () => iam.statementsOf(name)) : undefined
  return {
    Arn: arn,
    uses,
    ...(role?.found === undefined ? {} : { trustedServices: role.found.trustedServices }),
    ...(questions.length === 0 || told.length === 0 ? {} : { evaluations: told }),
    ...(statements === undefined ? {} : { statements }),
  }
}

const isDenied = ({ EvalDecision }: PolicyEvaluation) => EvalDecision === 'implicitDeny'

function readStatements(pass: Pass, read: () => Promise<readonly PolicyStatement[]>): Promise<readonly PolicyStatement[] | undefined> {
  return pass.read('iam:GetPolicyVersion', read)
}

function questionsOf(use: IamUse, aws: Aws, named: NamedByPlan): readonly Question[] {
  if (use === 'cluster') return []
  return use === 'vpc-cni' ? [{ actions: CNI_ACTIONS }] : callerQuestions(aws, named)
}

/** Groups that are yet to be made have no ARN to ask about. */
const REPLACING = [...new Set([...RUN_ACTIONS.replacements, ...RUN_ACTIONS.autoscalerTags, ...RUN_ACTIONS.selfManagedReplacements])]

/** Each action with the resources that it would be used on: policies are often limited to them. */
function callerQuestions(
  { cluster, addons = [], nodegroups = [], autoScalingGroups = [] }: Aws,
  { minors = [], replaces = false }: NamedByPlan,
): readonly Question[] {
  const groups = nodegroups.flatMap(({ nodegroupArn }) => nodegroupArn ?? [])
  const roles = addons.flatMap(({ serviceAccountRoleArn }) => serviceAccountRoleArn ?? [])
  const scaling = autoScalingGroups.flatMap(({ AutoScalingGroupARN }) => AutoScalingGroupARN ?? [])
  const managed = new Set(nodegroups.flatMap(({ resources }) => (resources?.autoScalingGroups ?? []).map(({ name }) => name)))
  const own = autoScalingGroups.flatMap(({ AutoScalingGroupName: name, AutoScalingGroupARN: arn }) =>
    managed.has(name) ? [] : (arn ?? []),
  )
  const questions: readonly Question[] = [
    { actions: RUN_ACTIONS.nodeGroups, resources: groups },
    { actions: RUN_ACTIONS.controlPlane, resources: minors.length > 0 ? [cluster?.arn ?? ''] : [] },
    { actions: RUN_ACTIONS.addons, resources: addons.flatMap(({ addonArn }) => addonArn ?? []) },
    { actions: RUN_ACTIONS.addonRoles, resources: [...new Set(roles)], context: { 'iam:PassedToService': 'eks.amazonaws.com' } },
    {
      actions: RUN_ACTIONS.autoScalingGroups,
      resources: scaling.filter((arn) => !own.includes(arn)),
      context: { 'autoscaling:ResourceTag/eks:cluster-name': cluster?.name ?? '' },
    },
    {
      actions: RUN_ACTIONS.selfManaged,
      resources: own,
      context: { [`autoscaling:ResourceTag/kubernetes.io/cluster/${cluster?.name ?? ''}`]: 'owned' },
    },
  ]
  const templates = own.length > 0 || nodegroups.some(({ launchTemplate }) => launchTemplate !== undefined)
  return [
    ...questions.filter(({ resources = [] }) => resources.length > 0),
    ...(templates ? [{ actions: RUN_ACTIONS.launchTemplates }] : []),
    ...(replaces ? [{ actions: REPLACING }] : []),
  ]
}
