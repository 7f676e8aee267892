import type { IAMClient } from '@aws-sdk/client-iam'
import { isSerinError } from '../../errors/serin-error.ts'
import type { PolicyEvaluation, PolicyStatement } from '../../model/iam.ts'
import type { Iam, Simulation } from '../../ports/iam.ts'
import { type AwsCaller, allPages, plain, present, withMembers } from '../aws-call.ts'
import { malformed } from '../aws-error.ts'
import { refuseEmpty } from '../refuse-empty.ts'
import type { ClientSettings } from '../transport.ts'

type Sdk = typeof import('@aws-sdk/client-iam')
interface Loaded {
  readonly sdk: Sdk
  readonly client: IAMClient
}
type Ask = <T>(operation: string, send: (loaded: Loaded) => Promise<T>) => Promise<T>

/** AWS IAM over the SDK client, loaded at the first call. */
export function createIam(settings: ClientSettings, caller: AwsCaller): Iam {
  let loading: Promise<Loaded> | undefined
  const load = (): Promise<Loaded> => {
    loading ??= import('@aws-sdk/client-iam').then((sdk) => ({ sdk, client: settings.prepared(new sdk.IAMClient(settings)) }))
    return loading
  }
  const ask: Ask = async (operation, send) => {
    const loaded = await load()
    return await caller.read(operation, () => send(loaded))
  }
  return {
    role: (name) => readRole(ask, name),
    statementsOf: async (role) => {
      const documents = await Promise.all([attachedDocuments(ask, role), inlineDocuments(ask, role)])
      return documents.flat().flatMap(({ operation, text }) => statementsIn(operation, text))
    },
    simulate: (question) => simulate(ask, question),
  }
}

async function readRole(ask: Ask, RoleName: string): ReturnType<Iam['role']> {
  try {
    return await ask('iam:GetRole', async ({ sdk, client }) => {
      const { Role } = await client.send(new sdk.GetRoleCommand({ RoleName }))
      const { Arn, AssumeRolePolicyDocument } = withMembers('iam:GetRole', Role, 'Arn')
      return { arn: present('iam:GetRole', 'Arn', Arn), trustedServices: trusted('iam:GetRole', AssumeRolePolicyDocument ?? '%7B%7D') }
    })
  } catch (error) {
    if (isSerinError(error, 'REMOTE_NOT_FOUND')) return undefined
    throw error
  }
}

interface Document {
  readonly operation: string
  readonly text: string
}

async function attachedDocuments(ask: Ask, RoleName: string): Promise<readonly Document[]> {
  const attached = await allPages('iam:ListAttachedRolePolicies', (Marker) =>
    ask('iam:ListAttachedRolePolicies', async ({ sdk, client }) => {
      const answer = await client.send(new sdk.ListAttachedRolePoliciesCommand({ RoleName, Marker }))
      return { items: present('iam:ListAttachedRolePolicies', 'AttachedPolicies', answer.AttachedPolicies), next: answer.Marker }
    }),
  )
  return await Promise.all(attached.map(({ PolicyArn = '' }) => documentOf(ask, PolicyArn)))
}

async function documentOf(ask: Ask, PolicyArn: string): Promise<Document> {
  const VersionId = await ask('iam:GetPolicy', async ({ sdk, client }) => {
    const { Policy } = await client.send(new sdk.GetPolicyCommand({ PolicyArn }))
    return present('iam:GetPolicy', 'DefaultVersionId', Policy?.DefaultVersionId)
  })
  const operation = 'iam:GetPolicyVersion'
  return await ask(operation, async ({ sdk, client }) => {
    const { PolicyVersion } = await client.send(new sdk.GetPolicyVersionCommand({ PolicyArn, VersionId }))
    return { operation, text: present(operation, 'Document', PolicyVersion?.Document) }
  })
}

async function inlineDocuments(ask: Ask, RoleName: string): Promise<readonly Document[]> {
  const names = await allPages('iam:ListRolePolicies', (Marker) =>
    ask('iam:ListRolePolicies', async ({ sdk, client }) => {
      const answer = await client.send(new sdk.ListRolePoliciesCommand({ RoleName, Marker }))
      return { items: present('iam:ListRolePolicies', 'PolicyNames', answer.PolicyNames), next: answer.Marker }
    }),
  )
  const operation = 'iam:GetRolePolicy'
  const read = (PolicyName: string) =>
    ask(operation, async ({ sdk, client }) => {
      const { PolicyDocument } = await client.send(new sdk.GetRolePolicyCommand({ RoleName, PolicyName }))
      return { operation, text: present(operation, 'PolicyDocument', PolicyDocument) }
    })
  return await Promise.all(names.map(read))
}

/** With several resources the answer is per resource inside each action, with one it is the action's own. */
async function simulate(ask: Ask, { principal, actions, resources, context = {} }: Simulation): Promise<readonly PolicyEvaluation[]> {
  const operation = 'iam:SimulatePrincipalPolicy'
  refuseEmpty(operation, actions)
  const question = {
    PolicySourceArn: principal,
    ActionNames: [...actions],
    ...(resources === undefined ? {} : { ResourceArns: [...resources] }),
    ContextEntries: Object.entries(context).map(([ContextKeyName, value]) => ({
      ContextKeyName,
      ContextKeyType: 'string' as const,
      ContextKeyValues: [value],
    })),
  }
  const results = await allPages(operation, (Marker) =>
    ask(operation, async ({ sdk, client }) => {
      const answer = await client.send(new sdk.SimulatePrincipalPolicyCommand({ ...question, Marker }))
      return { items: present(operation, 'EvaluationResults', answer.EvaluationResults), next: answer.Marker }
    }),
  )
  return results.flatMap((result) => {
    const {
      EvalActionName,
      EvalDecision,
      EvalResourceName,
      ResourceSpecificResults = [],
    } = withMembers(operation, result, 'EvalActionName', 'EvalDecision')
    const own = { EvalActionName: EvalActionName ?? '', EvalDecision: EvalDecision ?? '' }
    if (ResourceSpecificResults.length === 0) return [plain({ ...own, EvalResourceName })]
    return ResourceSpecificResults.map((each) =>
      plain({ ...own, EvalResourceName: each.EvalResourceName, EvalDecision: each.EvalResourceDecision ?? own.EvalDecision }),
    )
  })
}

interface RawStatement {
  readonly Effect?: string
  readonly Action?: string | readonly string[]
  readonly NotAction?: string | readonly string[]
  readonly Principal?: { readonly Service?: string | readonly string[] } | string
}

/** Documents come URL-encoded. A single statement, action or service may stand without its list. */
function rawStatements(operation: string, text: string): readonly RawStatement[] {
  try {
    const { Statement = [] } = JSON.parse(decodeURIComponent(text)) as { readonly Statement?: RawStatement | readonly RawStatement[] }
    return asList(Statement)
  } catch {
    throw malformed(operation, 'policy document in JSON')
  }
}

function statementsIn(operation: string, text: string): readonly PolicyStatement[] {
  return rawStatements(operation, text).map(({ Effect = '', Action, NotAction }) => ({
    Effect,
    ...(Action === undefined ? {} : { Action: asList(Action) }),
    ...(NotAction === undefined ? {} : { NotAction: asList(NotAction) }),
  }))
}

function trusted(operation: string, text: string): readonly string[] {
  return rawStatements(operation, text).flatMap(({ Effect, Principal }) =>
    Effect === 'Allow' && typeof Principal === 'object' && Principal.Service !== undefined ? asList(Principal.Service) : [],
  )
}

function asList<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T]
}
