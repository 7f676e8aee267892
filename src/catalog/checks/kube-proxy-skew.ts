import type { Workload } from '../../model/kubernetes.ts'
import { compareMinors, formatMinor, minorsAhead, parseMinor } from '../../model/kubernetes-minor.ts'
import { objectsOf } from '../../model/snapshot.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { newestMinor } from './reading/control-plane.ts'
import { foundOr } from './reading/verdicts.ts'

const SUPPORTED_BEHIND = 3

/** kube-proxy fits the API server and the kubelets beside it. */
export const kubeProxySkew: CheckDefinition = {
  code: 'KUBE_PROXY_SKEW',
  title: 'kube-proxy is at or at most three minors behind the API server',
  severity: 'block',
  waivable: true,
  needs: ['eks:DescribeCluster', 'kubernetes:daemonsets'],
  prevents:
    'aws-node that cannot reach the API server at its start: it goes through the Service address that kube-proxy programs, and one outside the skew may not.',
  remedy:
    'Move the add-on kube-proxy first: `aws eks update-addon --cluster-name CLUSTER --addon-name kube-proxy --addon-version VERSION`.',
  source: 'https://kubernetes.io/releases/version-skew-policy/#kube-proxy',
  evaluate: ({ snapshot, plan, intent }) => {
    const control = parseMinor(snapshot.aws.cluster?.version)
    const daemonSet = objectsOf<Workload>(snapshot, 'DaemonSet').find(
      ({ metadata }) => metadata.namespace === 'kube-system' && metadata.name === 'kube-proxy',
    )
    const image = daemonSet?.spec?.template?.spec?.containers?.find(({ name }) => name === 'kube-proxy')?.image
    if (image === undefined) return foundOr([], plan, 'There is no kube-proxy DaemonSet: something else programs Services here.')
    const proxy = parseMinor(/:(v?\d+\.\d+[^:]*)$/.exec(image)?.[1])
    const said = (verdict: 'block' | 'unknown', message: string): readonly CheckFinding[] => [
      { verdict, subject: 'DaemonSet/kube-system/kube-proxy', message },
    ]
    if (control === undefined || proxy === undefined)
      return said('unknown', `The image ${image} does not say which minor kube-proxy is of.`)
    if (compareMinors(proxy, control) > 0)
      return said('block', `kube-proxy is at ${formatMinor(proxy)}, newer than the control plane's ${formatMinor(control)}: not supported.`)
    const after = parseMinor(newestMinor({ intent })) ?? control
    const behind = minorsAhead(after, proxy)
    if (behind > SUPPORTED_BEHIND)
      return said(
        'block',
        `kube-proxy is at ${formatMinor(proxy)}, ${behind} minors behind the control plane's ${formatMinor(after)}; ${SUPPORTED_BEHIND} are supported.`,
      )
    return foundOr([], plan, `kube-proxy is at ${formatMinor(proxy)}, the control plane at ${formatMinor(control)}.`)
  },
}
