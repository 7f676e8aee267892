/** Variables of aws-node that a version begins or ceases to heed. Read on 2026-11-20 from README.md, CHANGELOG.md and cmd/aws-vpc-cni/main.go of each release. */
export interface VariableRow {
  readonly variable: string
  /** The first version that treats it otherwise. */
  readonly version: string
  /** Values concerned; any without. */
  readonly value?: RegExp
  /** Of versions from there on. */
  readonly change: string
}

const README = 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/README.md#cni-configuration-variables'

export const CNI_VARIABLES_SOURCE = README

/** Newest first. A default that changes nothing is left out by `value`. */
export const CNI_VARIABLES: readonly VariableRow[] = [
  {
    variable: 'ENABLE_MULTI_NIC',
    version: '1.20.0',
    value: /^true$/,
    change: 'pods get interfaces on every network card that their annotation asks for',
  },
  {
    variable: 'ENABLE_IMDS_ONLY_MODE',
    version: '1.19.6',
    value: /^true$/,
    change: 'ipamd makes no EC2 calls at all, so no addresses are added to a node',
  },
  {
    variable: 'ENABLE_SUBNET_DISCOVERY',
    version: '1.18.0',
    value: /^true$/,
    change: 'further interfaces may be made in any subnet of the zone with the tag kubernetes.io/role/cni',
  },
  { variable: 'POD_MTU', version: '1.16.4', change: 'it sets the MTU of pods' },
  {
    variable: 'IP_COOLDOWN_PERIOD',
    version: '1.15.0',
    value: /^(?!30$)/,
    change: 'it sets how long an address rests before the next pod gets it',
  },
  {
    variable: 'AWS_VPC_K8S_CNI_CONFIGURE_RPFILTER',
    version: '1.15.1',
    change: 'it is heeded no longer: the init container sets rp_filter by itself',
  },
  { variable: 'ENABLE_NFTABLES', version: '1.13.0', value: /^true$/, change: 'it is heeded no longer: aws-node follows the kubelet' },
  {
    variable: 'DISABLE_LEAKED_ENI_CLEANUP',
    version: '1.13.0',
    value: /^true$/,
    change: 'nobody sweeps up interfaces that dead nodes leave behind',
  },
  { variable: 'AWS_MANAGE_ENIS_NON_SCHEDULABLE', version: '1.12.6', value: /^true$/, change: 'ipamd adds addresses to cordoned nodes too' },
]
