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
  return `${apiErrors(figures)}${plainMetrics(figures)}`
}

/** Without a refusal there is no series, and so no line at all. */
function apiErrors({ errors }: PoolFigures): string {
  if (errors.size === 0) return ''
  const name = 'awscni_aws_api_error_count'
  const series = [...errors].sort().map(([key, count]) => {
    const [api, error] = key.split(' ')
    return `${name}{api="${api}",error="${error}"} ${count}\n`
  })
  return `# HELP ${name} The number of times AWS API returns an error\n# TYPE ${name} counter\n${series.join('')}`
}

function plainMetrics(figures: PoolFigures): string {
  return METRICS.map(([name, kind, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${name} ${value(figures)}\n`).join('')
}
