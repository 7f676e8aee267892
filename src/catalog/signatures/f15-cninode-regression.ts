import { about, automatic, matched, type Signature, says } from './definition.ts'
import { enabled, isBetween, isHanging, logEvidence } from './reading.ts'

/** v1.19.4 with custom networking and security groups for pods at once. */
export const cniNodeRegression: Signature = {
  code: 'F15',
  title: 'vpc-cni v1.19.4 fails at its CNINode with custom networking and security groups for pods at once',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/CHANGELOG.md',
  explains: ['F01', 'F19', 'P10', 'P20'],
  needs: ['kubernetes:pods', 'kubernetes:daemonsets'],
  match(facts) {
    const both = enabled(facts, 'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG') && enabled(facts, 'ENABLE_POD_ENI')
    const hanging = facts.hung.filter((node) => isHanging(node) && isBetween(node.awsNode?.version, '1.19.4', '1.19.4'))
    if (!both || hanging.length === 0) return undefined
    const configured = hanging.filter(({ eniConfig = '' }) => facts.eniConfigs?.includes(eniConfig) !== false)
    return matched({
      nodes: configured,
      evidence: [
        ...configured.map((node) =>
          says(3, about(node), 'hangs with v1.19.4, custom networking and security groups for pods: mended in v1.19.5'),
        ),
        ...logEvidence(configured, /into CNINode|no matches for kind \\?"CNINode/),
      ],
    })
  },
  remedy: () => automatic('Go on to v1.19.5 or back to v1.19.3.', undefined),
}
