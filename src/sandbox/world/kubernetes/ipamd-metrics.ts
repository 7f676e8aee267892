import type { PoolFigures } from '../../network-contract.ts'

type Metric = readonly [name: string, kind: 'gauge' | 'counter', help: string, value: (figures: PoolFigures) => number]

/** Names and help of utils/prometheusmetrics/prometheusmetrics.go in amazon-vpc-cni-k8s: those whose values the world knows. */
const METRICS: readonly Metric[] = [
  ['awscni_assigned_ip_addresses', 'gauge', 'The number of IP addresses assigned to pods', ({ assigned }) => assigned],
  ['awscni_eni_allocated', 'gauge', 'The number of ENIs allocated', ({ interfaces }) => interfaces],
  [
    'awscni_eni_max',
    'gauge',
    'The maximum number of ENIs that can be attached to the instance, accounting for unmanaged ENIs',
    ({ mostInterfaces }) => mostInterfaces,
  ],
  [
    'awscni_force_removed_enis',
    'counter',
    'The number of ENIs force removed while they had assigned pods',
    ({ forcedOut }) => forcedOut.interfaces,
  ],
  [
    'awscni_force_removed_ips',
    'counter',
    'The number of IPs force removed while they had assigned pods',
    ({ forcedOut }) => forcedOut.addresses,
  ],
  [
    'awscni_ip_max',
    'gauge',
    'The maximum number of IP addresses that can be allocated to the instance',
    ({ mostAddresses }) => mostAddresses,
  ],
  [
    'awscni_no_available_ip_addresses',
    'counter',
    'The number of pod IP assignments that fail due to no available IP addresses',
    ({ unanswered }) => unanswered,
  ],
  // By function in truth; only their sum is known here.
  ['awscni_ec2api_req_count', 'counter', 'The number of requests made to EC2 APIs by CNI', ({ requests }) => requests],
  ['awscni_total_ip_addresses', 'gauge', 'The total number of IP addresses', ({ total }) => total],
  ['awscni_total_ipv4_prefixes', 'gauge', 'The total number of IPv4 prefixes', ({ prefixes }) => prefixes],
]

/** What ipamd answers on `:61678/metrics`, in the text format of Prometheus. */
export function ipamdMetrics(figures: PoolFigures): string {
  return `${failures(figures)}${plainMetrics(figures)}`
}

/** Without a failure there is no series, and so no line at all. */
function failures({ errors, failedCalls, failures }: PoolFigures): string {
  const byFunction = ([name, count]: readonly [string, number]) => [`fn="${name}"`, count] as const
  const byError = [...errors].map(([key, count]) => {
    const [api, error] = key.split(' ')
    return [`api="${api}",error="${error}"`, count] as const
  })
  return [
    series('awscni_aws_api_error_count', 'The number of times AWS API returns an error', byError),
    series('awscni_ec2api_error_count', 'The number of errors from making EC2 API request by CNI', [...failedCalls].map(byFunction)),
    series('awscni_ipamd_error_count', 'The number of errors encountered in ipamd', [...failures].map(byFunction)),
  ].join('')
}

function series(name: string, help: string, counts: readonly (readonly [labels: string, count: number])[]): string {
  if (counts.length === 0) return ''
  const lines = [...counts].sort().map(([labels, count]) => `${name}{${labels}} ${count}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} counter\n${lines.join('')}`
}

function plainMetrics(figures: PoolFigures): string {
  return METRICS.map(([name, kind, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${name} ${value(figures)}\n`).join('')
}
