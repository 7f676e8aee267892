import { globSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse, parseAllDocuments } from 'yaml'
import { COMMANDS } from '../../src/cli/commands.ts'
import { EXIT_MEANINGS } from '../../src/cli/exit-codes.ts'
import { topics } from '../../src/cli/explain.ts'
import { failureReport } from '../../src/cli/failure.ts'
import { EXIT } from '../../src/errors/catalogue.ts'
import { SerinError } from '../../src/errors/serin-error.ts'
import { PLAIN } from '../../src/report/style.ts'
import { type } from '../support/fake-io.ts'

function sourcesOf(folder: string): string {
  return globSync(`${folder}/**/*.ts`)
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
}

const QUICKSTART = 'plans/quickstart.yaml'

describe('exit codes', () => {
  it('are frozen: pipelines branch on them', () => {
    expect(EXIT).toEqual({
      ok: 0,
      defect: 1,
      usage: 2,
      blocked: 10,
      inconclusive: 11,
      rolledBack: 20,
      rollbackFailed: 21,
      failed: 22,
      partlyDone: 23,
      held: 30,
      deadline: 31,
      denied: 40,
      unavailable: 41,
      locked: 50,
      journal: 51,
      stale: 52,
      interrupted: 130,
      terminated: 143,
    })
  })

  it('are each explained', () => {
    expect(EXIT_MEANINGS.map((row) => row.name)).toEqual(Object.keys(EXIT))
  })
})

describe('help', () => {
  it('lists every command of the product', async () => {
    const { exit, stdout } = await type(['--help'])
    expect(exit).toBe(0)
    for (const name of Object.keys(COMMANDS)) expect(stdout).toContain(`  ${name} `)
  })

  it.each(Object.keys(COMMANDS))('of %s shows examples and fits 100 columns', async (name) => {
    const { exit, stdout } = await type([name, '--help'])
    expect(exit).toBe(0)
    expect(stdout).toContain('EXAMPLES')
    expect(stdout.slice(stdout.indexOf('EXAMPLES'))).toContain(`serin ${name}`)
  })
})

describe('usage errors', () => {
  it.each([
    ['an unknown command', ['upgrade'], 'upgrade'],
    ['an unknown flag', ['validate', QUICKSTART, '--fast'], 'fast'],
    ['a missing plan', ['validate'], 'plan'],
    ['an unknown form', ['validate', QUICKSTART, '-o', 'xml'], 'xml'],
    ['a file that is not there', ['validate', 'nowhere.yaml'], 'nowhere.yaml'],
    ['flags that exclude each other', ['permissions', '--read', '--apply'], 'exclude'],
    ['no terminal and no --yes', ['apply', QUICKSTART], '--yes'],
    ['a scenario that does not exist', ['rehearse', QUICKSTART, '--scenario', 'ipam-hangs'], 'ipam-hang'],
    ['a command without a cluster', ['snapshot'], '--cluster'],
    ['an unknown code', ['explain', 'SUBNET_ADRESSES'], 'SUBNET_ADDRESSES'],
  ])('exit 2, name %s and say that nothing was changed', async (_title, line, named) => {
    const { exit, stdout, stderr } = await type(line, { fileExists: (path) => path.endsWith('worlds/quickstart.yaml') })
    expect(exit).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain(named)
    expect(stderr).toContain('Nothing was changed')
  })

  it('exit 1 with plan --detailed-exitcode, where 2 means changes', async () => {
    expect((await type(['plan', 'nowhere.yaml', '--detailed-exitcode'])).exit).toBe(1)
    expect((await type(['plan', '--detailed-exitcode', '--fast'])).exit).toBe(1)
  })
})

describe('validate', () => {
  it('says in one line that a plan is valid', async () => {
    const { exit, stdout } = await type(['validate', QUICKSTART])
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: '✓ Plan quickstart for cluster shop is valid: 1 add-on, a canary, 2 waves.\n' })
  })

  it('names a mistake with line and column, on stderr', async () => {
    const { exit, stdout, stderr } = await type(['validate', '/p.yaml'], { files: { '/p.yaml': 'kind: UpgradePlan\nclutser: {}\n' } })
    expect(exit).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toContain('/p.yaml:2:1')
    expect(stderr).toContain('The plan is not valid (PLAN_INVALID)')
  })
})

describe('schema', () => {
  it.each(['plan', 'snapshot', 'itinerary', 'events'])('prints the JSON Schema of %s', async (name) => {
    const { exit, stdout } = await type(['schema', name])
    expect(exit).toBe(0)
    expect(JSON.parse(stdout)).toHaveProperty('$schema')
  })
})

describe('explain', () => {
  it('explains every code that is listed', async () => {
    const { stdout } = await type(['explain'])
    for (const topic of topics()) {
      expect(stdout).toContain(topic.code)
      expect((await type(['explain', topic.code])).exit, topic.code).toBe(0)
    }
  })

  it('says of a check what it prevents and where the rule comes from', async () => {
    const { stdout } = await type(['explain', 'subnet_addresses'])
    expect(stdout).toContain('What it prevents: ')
    expect(stdout).toContain('Source: https://')
  })
})

describe('permissions', () => {
  const policyOf = async (...line: string[]) => JSON.parse((await type(['permissions', '--only', 'iam', ...line])).stdout)
  const actionsOf = (policy: { Statement: { Action: string[] }[] }) => policy.Statement.flatMap((statement) => statement.Action)

  it('for reading hold no action that changes anything', async () => {
    const actions = actionsOf(await policyOf('--read'))
    expect(actions.filter((action) => !/:(Describe|List|Get|Simulate)|:StartInsightsRefresh$/.test(action))).toEqual([])
  })

  it('for a run add exactly the changes Serin makes', async () => {
    const reading = actionsOf(await policyOf('--read'))
    const added = actionsOf(await policyOf('--apply')).filter((action) => !reading.includes(action))
    expect([...new Set(added)].sort()).toEqual([
      'autoscaling:CompleteLifecycleAction',
      'autoscaling:CreateAutoScalingGroup',
      'autoscaling:CreateOrUpdateTags',
      'autoscaling:DeleteAutoScalingGroup',
      'autoscaling:DeleteTags',
      'autoscaling:ResumeProcesses',
      'autoscaling:SetInstanceProtection',
      'autoscaling:SuspendProcesses',
      'autoscaling:TerminateInstanceInAutoScalingGroup',
      'autoscaling:UpdateAutoScalingGroup',
      'ec2:CreateTags',
      'ec2:RunInstances',
      'eks:CancelUpdate',
      'eks:CreateNodegroup',
      'eks:DeleteNodegroup',
      'eks:TagResource',
      'eks:UpdateAddon',
      'eks:UpdateClusterVersion',
      'eks:UpdateNodegroupConfig',
      'eks:UpdateNodegroupVersion',
      'iam:PassRole',
    ])
  })

  it('hold the upgrade of the control plane only for a plan that moves it', async () => {
    const allowed = async (plan: string) => actionsOf(await policyOf('--plan', plan)).includes('eks:UpdateClusterVersion')
    expect(await allowed('plans/control-plane.yaml')).toBe(true)
    expect(await allowed('plans/small.yaml')).toBe(false)
  })

  it('make and delete no group unless the plan replaces groups', async () => {
    const made = (actions: readonly string[]) =>
      actions.filter((action) => /(Create|Delete)(Nodegroup|AutoScalingGroup)/.test(action)).sort()
    expect(made(actionsOf(await policyOf('--apply', '--plan', 'plans/quickstart.yaml')))).toEqual([])
    expect(made(actionsOf(await policyOf('--apply', '--plan', 'plans/replacement-group.yaml')))).toEqual([
      'autoscaling:CreateAutoScalingGroup',
      'autoscaling:DeleteAutoScalingGroup',
      'eks:CreateNodegroup',
      'eks:DeleteNodegroup',
    ])
  })

  it('name every call that the adapters make, and no call that they do not make', async () => {
    const services = { account: 'ssm', 'auto-scaling': 'autoscaling', 'cloud-watch': 'cloudwatch', ec2: 'ec2', eks: 'eks', iam: 'iam' }
    const called = Object.entries(services).flatMap(([folder, service]) =>
      [...sourcesOf(`src/adapters/${folder}`).matchAll(/new (?:sdk\.)?(\w+)Command\(/g)].map((match) => `${service}:${match[1]}`),
    )
    const actions = actionsOf(await policyOf('--apply'))
    // Anybody may ask who they are; these are checked by EKS on behalf of the caller.
    const elsewhere = ['iam:PassRole', 'ec2:RunInstances', 'ec2:CreateTags', 'eks:TagResource']
    const asked = called
      .filter((call) => call !== 'ssm:GetCallerIdentity')
      .map((call) => (call === 'ssm:GetServiceQuota' ? 'servicequotas:GetServiceQuota' : call))
    expect([...new Set([...asked, ...elsewhere])].sort()).toEqual([...new Set(actions)].sort())
  })

  it('let a run write its Lease, its record, nodes and the settings of aws-node, let pods go, ask what somebody may, and nothing else', async () => {
    const { stdout } = await type(['permissions', '--only', 'rbac'])
    const rules = parseAllDocuments(stdout).flatMap((document) => document.toJS().rules as { resources: string[]; verbs: string[] }[])
    const writes = rules.filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)))
    expect(writes.map(({ resources, verbs }) => `${resources}: ${verbs}`).sort()).toEqual([
      'configmaps: get,create,update',
      'daemonsets: patch',
      'leases: get,create,update',
      'nodes: patch',
      'pods/eviction: create',
      'pods: delete',
      'selfsubjectaccessreviews,subjectaccessreviews: create',
    ])
  })

  it('are limited to the cluster of a plan', async () => {
    const { Statement } = await policyOf('--plan', QUICKSTART)
    expect(JSON.stringify(Statement)).toContain('arn:aws:eks:eu-central-1:111122223333:cluster/shop')
  })

  it.each([
    { plan: 'large', reads: true },
    { plan: 'small', reads: false },
  ])('let alarms be read where gates name some: $plan, $reads', async ({ plan, reads }) => {
    const actions = actionsOf(await policyOf('--read', '--plan', `plans/${plan}.yaml`))
    expect(actions.includes('cloudwatch:DescribeAlarms')).toBe(reads)
  })

  it.each([
    { gates: ['nodes-ready', 'ipamd-metrics'], line: /^ {4}resources: \[pods\/proxy\]$/m },
    { gates: ['nodes-ready', 'throttling'], line: /^# {5}resources: \[pods\/proxy\]$/m },
    { gates: ['nodes-ready'], line: /^(?![\s\S]*pods\/proxy)/ },
  ])('let pods of kube-system be asked only where a gate of the plan cannot do without: $gates', async ({ gates, line }) => {
    const plan = parse(readFileSync(QUICKSTART, 'utf8'))
    const text = JSON.stringify({ ...plan, gates: { ...plan.gates, proof: gates } })
    const { stdout } = await type(['permissions', '--only', 'rbac', '--plan', 'plan.yaml'], { readFile: () => text })
    expect(stdout).toMatch(line)
  })

  it('print the roles of Kubernetes as YAML', async () => {
    const { stdout } = await type(['permissions', '--only', 'rbac'])
    expect(stdout).toContain('kind: ClusterRole')
    expect(stdout).not.toContain('secrets')
  })
})

describe('a failure', () => {
  it('that Serin raised says what happened, what was not changed and what to do', () => {
    const error = new SerinError('REMOTE_DENIED', 'not allowed', { operation: 'eks:DescribeCluster', requestId: 'r-7' })
    const { text, exit } = failureReport(error, {}, PLAIN)
    expect(exit).toBe(40)
    expect(text).toContain('eks:DescribeCluster, request r-7')
    expect(text).toContain('Nothing was changed.')
    expect(text).toContain('→ `serin permissions`')
  })

  it('with an open run says that it is open and how to go on', () => {
    const { text } = failureReport(new SerinError('REMOTE_UNAVAILABLE', 'gone'), { run: 'r-1' }, PLAIN)
    expect(text).toContain('Run r-1 is open')
    expect(text).toContain('serin resume r-1')
  })

  it('that nobody foresaw is called a bug, with stack, cause and journal', () => {
    const error = new TypeError('x is not a function', { cause: new Error('deeper') })
    const { text, exit } = failureReport(error, { run: 'r-1', journal: '/j/journal.ndjson' }, PLAIN)
    expect(exit).toBe(1)
    expect(text).toMatch(/this is a bug in Serin[\s\S]*TypeError[\s\S]*caused by Error: deeper[\s\S]*\/j\/journal\.ndjson/)
  })
})

describe('colours', () => {
  const coloured = async (env: Record<string, string>, terminal: boolean) => {
    const isTerminal = { stdin: terminal, stdout: terminal, stderr: terminal }
    return (await type(['validate', QUICKSTART], { env, isTerminal })).stdout.includes('\u001b[')
  }

  it.each([
    ['on a terminal', {}, true, true],
    ['not elsewhere', {}, false, false],
    ['not with NO_COLOR', { NO_COLOR: '1' }, true, false],
    ['elsewhere with FORCE_COLOR', { FORCE_COLOR: '1' }, false, true],
    ['not on a dumb terminal', { TERM: 'dumb' }, true, false],
  ])('are shown %s', async (_title, env, terminal, shown) => {
    expect(await coloured(env as Record<string, string>, terminal)).toBe(shown)
  })
})
