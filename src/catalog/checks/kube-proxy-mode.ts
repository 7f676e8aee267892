import { compareMinors, parseMinor } from '../../model/kubernetes-minor.ts'
import type { CheckDefinition, CheckFinding, CheckInput } from './definition.ts'
import { drainedNodes } from './reading/nodes.ts'
import { awsNodeVariable } from './reading/pool-settings.ts'
import { foundOr } from './reading/verdicts.ts'
import { count, names } from './reading/wording.ts'

const IPVS_DEPRECATED = { major: 1, minor: 35 }
/** nftables mode asks for a kernel of 5.13: https://kubernetes.io/docs/reference/networking/virtual-ips/#proxy-mode-nftables */
const NFTABLES_KERNEL = [5, 13] as const

/** kube-proxy runs in a mode that its version and the nodes have. */
export const kubeProxyMode: CheckDefinition = {
  code: 'KUBE_PROXY_MODE',
  title: 'kube-proxy runs in a mode that the nodes have and that has a future',
  severity: 'warn',
  waivable: true,
  needs: ['eks:DescribeCluster', 'kubernetes:nodes', 'kubernetes:kube-proxy-config'],
  prevents:
    'Nodes without Service addresses, on which aws-node hangs at its start: kube-proxy ends in a mode that the kernel does not have, or that its next version has dropped.',
  remedy:
    'Choose iptables: `aws eks update-addon --cluster-name CLUSTER --addon-name kube-proxy --configuration-values \'{"mode":"iptables"}\'`, then replace the nodes.',
  source: 'https://github.com/kubernetes/enhancements/issues/5495',
  evaluate: (input) => {
    const mode = input.snapshot.kubernetes.kubeProxyMode
    if (mode === null || mode === undefined)
      return foundOr([], input.plan, 'There is no configuration of kube-proxy: something else programs Services here.')
    return foundOr(
      [...ipvs(input, mode), ...nftables(input, mode)],
      input.plan,
      `kube-proxy runs in mode ${mode || 'iptables (its default)'}.`,
    )
  },
}

const SUBJECT = 'DaemonSet/kube-system/kube-proxy'

function ipvs({ snapshot }: CheckInput, mode: string): readonly CheckFinding[] {
  const minor = parseMinor(snapshot.aws.cluster?.version)
  if (mode !== 'ipvs' || minor === undefined || compareMinors(minor, IPVS_DEPRECATED) < 0) return []
  const message = `kube-proxy runs in mode ipvs, which is deprecated since 1.35 and will be switched off; this cluster is at ${snapshot.aws.cluster?.version}. Defects of it are no longer mended.`
  return [{ verdict: 'warn', subject: SUBJECT, message }]
}

function nftables({ snapshot, intent }: CheckInput, mode: string): readonly CheckFinding[] {
  if (mode !== 'nftables') return []
  const old = drainedNodes(snapshot, intent).filter(({ status }) => isOlder(status?.nodeInfo?.kernelVersion))
  const kernels = `kube-proxy runs in mode nftables, which needs kernel 5.13; ${count(old.length, 'node')} of this run ${old.length === 1 ? 'has' : 'have'} an older one (${names(old.map(({ metadata }) => metadata.name))}).`
  const enforced = awsNodeVariable(snapshot, 'NETWORK_POLICY_ENFORCING_MODE')
  const bottlerocket = drainedNodes(snapshot, intent).some(({ status }) => status?.nodeInfo?.osImage?.startsWith('Bottlerocket'))
  const policies =
    'kube-proxy runs in mode nftables and network policies are enforced on Bottlerocket: Service addresses were reported to come and go there (bottlerocket-os/bottlerocket#4674).'
  return [
    ...(old.length > 0 ? [{ verdict: 'warn' as const, subject: SUBJECT, message: kernels }] : []),
    ...(enforced !== undefined && bottlerocket ? [{ verdict: 'warn' as const, subject: SUBJECT, message: policies }] : []),
  ]
}

function isOlder(kernel: string | undefined): boolean {
  const [, major = '', minor = ''] = /^(\d+)\.(\d+)/.exec(kernel ?? '') ?? []
  if (major === '') return false
  return Number(major) < NFTABLES_KERNEL[0] || (Number(major) === NFTABLES_KERNEL[0] && Number(minor) < NFTABLES_KERNEL[1])
}
