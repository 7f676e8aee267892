import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runInSandbox } from '../../src/sandbox/shell.ts'
import { node, pod, START, tinyWorld } from './wire/tiny-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'serin-shell-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function world() {
  const apiServer = { endpoint: '', certificateAuthorityData: '' }
  const namespaces = ['default', 'shop'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }))
  const arn = 'arn:aws:eks:eu-west-1:111122223333:cluster/shop'
  return tinyWorld({
    objects: [...namespaces, node('n1'), node('n2'), pod('web-0', 'n1'), pod('web-1', 'n2')],
    setApiServer: (endpoint, certificateAuthorityData) => Object.assign(apiServer, { endpoint, certificateAuthorityData }),
    eks: {
      DescribeCluster: () => ({
        cluster: {
          name: 'shop',
          arn,
          status: 'ACTIVE',
          endpoint: apiServer.endpoint,
          certificateAuthority: { data: apiServer.certificateAuthorityData },
        },
      }),
      DescribeNodegroup: ({ nodegroupName }) => ({ nodegroup: { nodegroupName, status: 'ACTIVE', createdAt: new Date(START) } }),
      ListNodegroups: ({ nextToken }) => (nextToken === undefined ? { nodegroups: ['a'], nextToken: 'more' } : { nodegroups: ['b'] }),
    },
    autoScaling: { DescribeAutoScalingGroups: () => ({ AutoScalingGroups: [{ AutoScalingGroupName: 'asg-a', MinSize: 1 }] }) },
    ec2: { DescribeSubnets: () => ({ Subnets: [{ SubnetId: 'subnet-1', AvailableIpAddressCount: 5 }] }) },
    sts: { GetCallerIdentity: () => ({ Account: '111122223333', Arn: 'arn:aws:iam::111122223333:user/a', UserId: 'U' }) },
  })
}

/** Runs a shell script in the sandbox; what it prints comes from a file, since the command inherits the real output. */
async function script(text: string, env: Record<string, string> = {}): Promise<{ code: number; output: string; audit: readonly string[] }> {
  const output = join(folder, 'output')
  const audit = join(folder, 'audit.ndjson')
  rmSync(audit, { force: true })
  const command = ['bash', '-c', `exec >${output} 2>&1; ${text}`]
  const code = await runInSandbox(world(), command, { speed: 1, audit, env: { ...process.env, ...env } })
  return { code, output: readFileSync(output, 'utf8'), audit: existsSync(audit) ? readFileSync(audit, 'utf8').trim().split('\n') : [] }
}

describe('a command in the sandbox', () => {
  it.each([
    { title: 'its own code', command: ['bash', '-c', 'exit 7'], code: 7 },
    { title: '128 + N when a signal ended it', command: ['bash', '-c', 'kill -TERM $$'], code: 143 },
    { title: '127 when there is no such program', command: ['serin-no-such-program'], code: 127 },
  ])('returns $title', async ({ command, code }) => {
    expect(await runInSandbox(world(), command, { speed: 1, env: process.env })).toBe(code)
  })

  it.each([
    { title: 'SIGTERM', signal: 'TERM', code: 9 },
    { title: 'SIGINT without a terminal', signal: 'INT', code: 9 },
  ])('is sent on $title', async ({ signal, code }) => {
    const command = ['bash', '-c', `trap 'kill $!; exit 9' ${signal}; sleep 30 & kill -${signal} $PPID; wait`]
    expect(await runInSandbox(world(), command, { speed: 1, env: process.env })).toBe(code)
  })

  it('is led to the world and away from everything of the user', async () => {
    const foreign = {
      AWS_PROFILE: 'prod',
      AWS_SESSION_TOKEN: 't',
      AWS_ENDPOINT_URL_EKS: 'https://real',
      KUBECONFIG: '/real',
      ALL_PROXY: 'socks://real',
    }
    const { output } = await script('env; cat $AWS_CONFIG_FILE $AWS_SHARED_CREDENTIALS_FILE', foreign)
    const env = Object.fromEntries(output.split('\n').map((line) => line.split(/=(.*)/s)))
    expect(env).toMatchObject({
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_PAGER: '',
      NO_PROXY: '127.0.0.1,localhost',
    })
    expect(env.AWS_ENDPOINT_URL).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(env.SERIN_SANDBOX_CLOCK).toMatch(new RegExp(`^${START},\\d+,1$`))
    expect(env).not.toHaveProperty('AWS_PROFILE')
    expect(env).not.toHaveProperty('AWS_SESSION_TOKEN')
    expect(env).not.toHaveProperty('AWS_ENDPOINT_URL_EKS')
    expect(env).not.toHaveProperty('ALL_PROXY')
    expect(env.KUBECONFIG).toMatch(/serin-sandbox-/)
    expect(existsSync(env.KUBECONFIG ?? '')).toBe(false)
  })
})

/** Which of the tools are installed; what is not is said aloud, so that a green run does not hide it. */
const installed = (program: string): boolean => spawnSync('bash', ['-c', `command -v ${program}`]).status === 0
const tools = { kubectl: installed('kubectl'), aws: installed('aws'), curl: installed('curl') }

beforeAll(() => {
  for (const [tool, there] of Object.entries(tools))
    if (!there) console.warn(`SKIPPED: ${tool} is not installed, its tests in the sandbox do not run`)
})

describe.skipIf(!tools.kubectl)('kubectl in the sandbox', () => {
  it.each([
    { title: 'get', command: 'kubectl get nodes,pods -A', prints: [/node\/n1 +Ready +<none>/, /shop +pod\/web-0 +1\/1 +Running/] },
    { title: 'get -o wide', command: 'kubectl get pods -n shop -o wide', prints: [/web-1 .* 10\.0\.0\.9 +n2/] },
    { title: 'describe', command: 'kubectl describe node n1', prints: [/HolderIdentity: +n1/, /Non-terminated Pods: +\(1 in total\)/] },
    { title: 'drain', command: 'kubectl drain n1 --force', prints: [/pod\/web-0 evicted/, /node\/n1 drained/] },
    { title: 'auth can-i', command: 'kubectl auth can-i delete pods', prints: [/^yes$/m] },
    { title: 'auth whoami', command: 'kubectl auth whoami', prints: [/serin-sandbox/] },
    { title: 'version', command: 'kubectl version', prints: [/Server Version: v1\.33\.\d+-eks-/] },
    { title: 'logs', command: 'kubectl logs -n shop web-0 --tail 1', prints: [/^third line$/m] },
    { title: 'explain', command: 'kubectl explain pod.spec.containers.image', prints: [/FIELD: image <string>/] },
    { title: 'wait', command: 'kubectl wait node/n1 --for=condition=Ready --timeout=5s', prints: [/condition met/] },
    {
      title: 'apply',
      command: `f='{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1"}}'; echo "$f" | kubectl apply -f - && echo "$f" | kubectl apply -f - && echo "\${f/1\\"\\}/2\\"\\}}" | kubectl diff -f -; kubectl delete cm c`,
      prints: [/configmap\/c created/, /configmap\/c unchanged/, /^\+ {2}a: "2"/m, /deleted/],
    },
  ])('$title', async ({ command, prints }) => {
    const { output } = await script(command)
    for (const pattern of prints) expect(output).toMatch(pattern)
  })
})

describe.skipIf(!tools.aws)('the AWS CLI in the sandbox', () => {
  it.each([
    {
      title: 'eks describe-nodegroup',
      command: 'aws eks describe-nodegroup --cluster-name shop --nodegroup-name a --query nodegroup.status',
      prints: /"ACTIVE"/,
    },
    {
      title: 'eks list-nodegroups, paginated',
      command: 'aws eks list-nodegroups --cluster-name shop --output text',
      prints: /NODEGROUPS\ta\nNODEGROUPS\tb/,
    },
    { title: 'autoscaling', command: 'aws autoscaling describe-auto-scaling-groups', prints: /"asg-a"/ },
    { title: 'ec2', command: 'aws ec2 describe-subnets', prints: /"AvailableIpAddressCount": 5/ },
    { title: 'an operation that is not there', command: 'aws ec2 describe-vpcs', prints: /the sandbox does not implement DescribeVpcs/ },
    {
      title: 'without AWS_ENDPOINT_URL, through the proxy',
      command: 'env -u AWS_ENDPOINT_URL aws sts get-caller-identity',
      prints: /"111122223333"/,
    },
  ])('$title', async ({ command, prints }) => {
    expect((await script(command)).output).toMatch(prints)
  })

  it.skipIf(!tools.kubectl)('writes a kubeconfig with which kubectl works', async () => {
    const { output } = await script(
      'export KUBECONFIG=$(mktemp); aws eks update-kubeconfig --name shop && kubectl get nodes; rm $KUBECONFIG',
    )
    expect(output).toMatch(/n1 +Ready/)
  })
})

describe.skipIf(!tools.curl)('everything else', () => {
  it('is outside the sandbox', async () => {
    const { code, output } = await script('curl -sS http://example.com; curl -sS https://example.com')
    expect(output).toMatch(/outside the sandbox/)
    expect(output).toMatch(/403/)
    expect(code).not.toBe(0)
  })

  it('each request leaves a line in the audit', async () => {
    const { audit } = await script('curl -sS $AWS_ENDPOINT_URL/clusters/shop')
    expect(audit.map((line) => JSON.parse(line))).toMatchObject([
      { service: 'eks', operation: 'DescribeCluster', resource: 'shop', status: 200 },
    ])
  })
})
