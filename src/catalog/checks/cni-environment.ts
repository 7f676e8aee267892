import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { CNI } from './reading/addons.ts'
import { awsNodeDaemonSet, awsNodeEnvironment } from './reading/pool-settings.ts'
import { foundOr } from './reading/verdicts.ts'

type Environment = (name: string) => string | undefined

/** Values with which aws-node refuses to start, or starts into something else than was meant. Sources: cmd/aws-vpc-cni/main.go, README.md of the CNI. */
const RULES: readonly {
  readonly variable: string
  readonly verdict: 'block' | 'warn'
  readonly wrong: (env: Environment) => string | undefined
}[] = [
  {
    variable: 'WARM_PREFIX_TARGET',
    verdict: 'block',
    wrong: (env) => {
      const targets = ['WARM_PREFIX_TARGET', 'WARM_IP_TARGET', 'MINIMUM_IP_TARGET'].map((name) => env(name) ?? '0')
      return env('ENABLE_PREFIX_DELEGATION') === 'true' && targets.every((value) => Number(value) === 0)
        ? 'prefix delegation is on and all of WARM_PREFIX_TARGET, WARM_IP_TARGET and MINIMUM_IP_TARGET are 0: aws-node exits at its start'
        : undefined
    },
  },
  {
    variable: 'NETWORK_POLICY_ENFORCING_MODE',
    verdict: 'block',
    wrong: (env) =>
      unless(env('NETWORK_POLICY_ENFORCING_MODE'), /^(standard|strict)$/, 'is neither standard nor strict: aws-node exits at its start'),
  },
  {
    variable: 'ENABLE_IPv6',
    verdict: 'block',
    wrong: (env) =>
      (env('ENABLE_IPv4') ?? 'true') === env('ENABLE_IPv6')
        ? `ENABLE_IPv4 and ENABLE_IPv6 are both ${env('ENABLE_IPv6')}: exactly one must be true`
        : undefined,
  },
  { variable: 'AWS_VPC_ENI_MTU', verdict: 'block', wrong: (env) => between(env('AWS_VPC_ENI_MTU'), 576, 9001) },
  { variable: 'POD_MTU', verdict: 'block', wrong: (env) => between(env('POD_MTU'), 576, 9001) },
  {
    variable: 'AWS_VPC_K8S_CNI_VETHPREFIX',
    verdict: 'block',
    wrong: (env) =>
      unless(env('AWS_VPC_K8S_CNI_VETHPREFIX'), /^(?!(eth|lo$|vlan)).{1,4}$/, 'is longer than four characters or one of eth, vlan and lo'),
  },
  {
    variable: 'MINIMUM_IP_TARGET',
    verdict: 'warn',
    wrong: (env) =>
      env('MINIMUM_IP_TARGET') !== undefined && (env('WARM_IP_TARGET') ?? '0') === '0'
        ? `only MINIMUM_IP_TARGET (${env('MINIMUM_IP_TARGET')}) is set: a node never takes more addresses than that, whatever runs on it`
        : undefined,
  },
]

/** aws-node's environment is one that it starts with. */
export const cniEnvironment: CheckDefinition = {
  code: 'CNI_ENVIRONMENT',
  title: 'aws-node has no environment value that keeps it from starting',
  severity: 'block',
  waivable: true,
  needs: ['kubernetes:daemonsets'],
  notApplicable,
  prevents: 'aws-node that exits on every node after the add-on moved, because PRESERVE kept a value that it refuses.',
  remedy:
    'Correct the value in the configuration of the add-on (`configurationValues` → `env`), or by `kubectl -n kube-system set env ds/aws-node NAME=VALUE`.',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#cni-configuration-variables',
  evaluate: ({ snapshot, plan }) => {
    const daemonSet = awsNodeDaemonSet(snapshot)
    const variables = daemonSet === undefined ? [] : awsNodeEnvironment(daemonSet)
    const value: Environment = (name) => variables.find((entry) => entry.name === name)?.value
    const found = RULES.flatMap(({ variable, verdict, wrong }): CheckFinding[] => {
      const why = wrong(value)
      return why === undefined ? [] : [{ verdict, subject: `DaemonSet/kube-system/aws-node`, message: `${variable}: ${why}.` }]
    })
    return foundOr(found, plan, `${variables.length} environment values of aws-node, none that it refuses.`)
  },
}

function unless(value: string | undefined, right: RegExp, why: string): string | undefined {
  return value === undefined || value === '' || right.test(value) ? undefined : `"${value}" ${why}`
}

function between(value: string | undefined, low: number, high: number): string | undefined {
  if (value === undefined || value === '') return undefined
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN
  return number >= low && number <= high ? undefined : `"${value}" is not a number from ${low} to ${high}`
}

function notApplicable({ snapshot, intent }: CheckInput): string | undefined {
  if (awsNodeDaemonSet(snapshot) === undefined) return undefined
  const moves = intent.addons.some(({ name, hops }) => name === CNI && hops.length > 0)
  return moves || intent.groups.some(({ changes }) => changes) ? undefined : 'aws-node starts nowhere anew in this run.'
}
