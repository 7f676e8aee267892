import type { IpamdCounts } from '../../model/ipamd.ts'

const NAMES = {
  awscni_total_ip_addresses: 'total',
  awscni_assigned_ip_addresses: 'assigned',
  awscni_no_available_ip_addresses: 'unanswered',
  awscni_force_removed_enis: 'droppedInterfaces',
} as const satisfies Readonly<Record<string, keyof IpamdCounts>>

const SERIES = /^(awscni_\w+)(?:\{([^}]*)\})?\s+(\S+)/

/**
 * What of ipamd's metrics matters, from the text that it serves on port 61678. Undefined where there is no metric of its own: something
 * else answered. Names: https://github.com/aws/amazon-vpc-cni-k8s/blob/master/utils/prometheusmetrics/prometheusmetrics.go
 */
export function ipamdCounts(text: string): IpamdCounts | undefined {
  const series = text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = SERIES.exec(line) ?? []
    return name === undefined || Number.isNaN(Number(value)) ? [] : [{ name, labels, value: Number(value) }]
  })
  if (series.length === 0) return undefined
  const plain = series.flatMap(({ name, value }) => (name in NAMES ? [[NAMES[name as keyof typeof NAMES], value] as const] : []))
  const requests = series.filter(({ name }) => name === 'awscni_ec2api_req_count').map(({ value }) => value)
  const refused = series.filter(({ name }) => name === 'awscni_aws_api_error_count')
  const refusals = refused.map(({ labels, value }) => [`${labelIn(labels, 'api')} ${labelIn(labels, 'error')}`, value] as const)
  const byFunction = (...names: readonly string[]) => {
    const counted = series.filter(({ name }) => names.includes(name)).map(({ labels, value }) => [labelIn(labels, 'fn'), value] as const)
    return counted.length === 0 ? undefined : Object.fromEntries(counted)
  }
  const failedCalls = byFunction('awscni_ec2api_error_count')
  const failures = byFunction('awscni_ipamd_error_count', 'awscni_pod_eni_error_count')
  const asked = requests.length > 0 && { requests: requests.reduce((sum, value) => sum + value, 0) }
  return {
    ...Object.fromEntries(plain),
    ...asked,
    refusals: Object.fromEntries(refusals),
    ...(failedCalls && { failedCalls }),
    ...(failures && { failures }),
  }
}

function labelIn(labels: string, name: string): string {
  return new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? ''
}
