import { parseAddonVersion } from '../../../model/addon-version.ts'
import type { Container, PodSpec } from '../../../model/kubernetes.ts'
import { probeAddress } from './aws-node-pod.ts'
import { atLeast } from './version-floor.ts'

/** The account that holds the EKS add-on images in most Regions. */
const REGISTRY_ACCOUNT = '602401143452'

type IpFamily = 'ipv4' | 'ipv6'

const TOLERATE_ALL = [{ operator: 'Exists' }]

const LINUX_NODES = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [
        {
          matchExpressions: [
            { key: 'kubernetes.io/os', operator: 'In', values: ['linux'] },
            { key: 'kubernetes.io/arch', operator: 'In', values: ['amd64', 'arm64'] },
            { key: 'eks.amazonaws.com/compute-type', operator: 'NotIn', values: ['fargate', 'hybrid', 'auto'] },
          ],
        },
      ],
    },
  },
}

function imageOf(region: string, repository: string, version: string): string {
  return `${REGISTRY_ACCOUNT}.dkr.ecr.${region}.amazonaws.com/${repository}:${version}`
}

/** Which node agent EKS ships with a CNI version: newest pair that is not newer. Source: config/master/aws-k8s-cni.yaml at the CNI's tags. */
const AGENTS: readonly (readonly [cni: string, agent: string])[] = [
  ['v1.14.0', 'v1.0.2'],
  ['v1.15.0', 'v1.0.4'],
  ['v1.16.0', 'v1.0.7'],
  ['v1.16.4', 'v1.0.8'],
  ['v1.17.1', 'v1.1.0'],
  ['v1.18.3', 'v1.1.2'],
  ['v1.18.6', 'v1.1.4'],
  ['v1.19.0', 'v1.1.5'],
  ['v1.19.2', 'v1.1.6'],
  ['v1.19.3', 'v1.2.0'],
  ['v1.19.5', 'v1.2.1'],
  ['v1.19.6', 'v1.2.2'],
  ['v1.20.0', 'v1.2.3'],
  ['v1.20.1', 'v1.2.4'],
  ['v1.20.4', 'v1.2.7'],
  ['v1.21.0', 'v1.3.0'],
  ['v1.21.1', 'v1.3.1'],
  ['v1.21.2', 'v1.3.5'],
  ['v1.22.3', 'v1.3.7'],
  ['v1.22.4', 'v1.4.0'],
  ['v1.23.0', 'v1.4.1'],
  ['v1.23.1', 'v1.4.2'],
]

function agentOf(cniVersion: string): string | undefined {
  const version = parseAddonVersion(cniVersion)
  return AGENTS.findLast(([cni]) => atLeast(version, cni))?.[1]
}

/** Defaults of the manifest, with the version that brought a variable. Source: config/master/aws-k8s-cni.yaml and README.md of the CNI. */
const CNI_ENVIRONMENT: readonly (readonly [name: string, value: string, since?: string])[] = [
  ['ADDITIONAL_ENI_TAGS', '{}'],
  ['ANNOTATE_POD_IP', 'false'],
  ['AWS_VPC_CNI_NODE_PORT_SUPPORT', 'true'],
  ['AWS_VPC_ENI_MTU', '9001'],
  ['AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG', 'false'],
  ['AWS_VPC_K8S_CNI_EXTERNALSNAT', 'false'],
  ['AWS_VPC_K8S_CNI_LOGLEVEL', 'DEBUG'],
  ['AWS_VPC_K8S_CNI_LOG_FILE', '/host/var/log/aws-routed-eni/ipamd.log'],
  ['AWS_VPC_K8S_CNI_RANDOMIZESNAT', 'prng'],
  ['AWS_VPC_K8S_CNI_VETHPREFIX', 'eni'],
  ['AWS_VPC_K8S_PLUGIN_LOG_FILE', '/var/log/aws-routed-eni/plugin.log'],
  ['AWS_VPC_K8S_PLUGIN_LOG_LEVEL', 'DEBUG'],
  ['DISABLE_INTROSPECTION', 'false'],
  ['DISABLE_METRICS', 'false'],
  ['DISABLE_NETWORK_RESOURCE_PROVISIONING', 'false'],
  ['ENABLE_IMDS_ONLY_MODE', 'false', 'v1.19.6'],
  ['ENABLE_IPv4', 'true'],
  ['ENABLE_IPv6', 'false'],
  ['ENABLE_MULTI_NIC', 'false', 'v1.20.0'],
  ['ENABLE_POD_ENI', 'false'],
  ['ENABLE_PREFIX_DELEGATION', 'false'],
  ['ENABLE_SUBNET_DISCOVERY', 'true', 'v1.18.0'],
  ['NETWORK_POLICY_ENFORCING_MODE', 'standard', 'v1.17.1'],
  ['WARM_ENI_TARGET', '1'],
  ['WARM_PREFIX_TARGET', '1'],
]

/** What EKS sets in an IPv6 cluster: https://docs.aws.amazon.com/eks/latest/userguide/cni-ipv6.html */
const IPV6_ENVIRONMENT = { ENABLE_IPv4: 'false', ENABLE_IPv6: 'true', ENABLE_PREFIX_DELEGATION: 'true' }

function cniEnvironment(version: string, overrides: Readonly<Record<string, string>>, ipFamily: IpFamily): Container['env'] {
  const parsed = parseAddonVersion(version)
  const defaults = CNI_ENVIRONMENT.filter(([, , since]) => since === undefined || atLeast(parsed, since))
  const bare = /^v\d+\.\d+\.\d+/.exec(version)?.[0] ?? version
  const values: Record<string, string> = { VPC_CNI_VERSION: bare }
  for (const [name, value] of defaults) values[name] = value
  Object.assign(values, ipFamily === 'ipv6' ? IPV6_ENVIRONMENT : {}, overrides)
  return Object.entries(values)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => ({ name, value }))
}

function probe(version: string, initialDelaySeconds: number): Record<string, unknown> {
  const command = ['/app/grpc-health-probe', `-addr=${probeAddress(version)}`, '-connect-timeout=5s', '-rpc-timeout=5s']
  return { exec: { command }, initialDelaySeconds, timeoutSeconds: 10, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 }
}

/** The pod of `kube-system/aws-node` at a version. */
export function awsNodePod(region: string, version: string, env: Readonly<Record<string, string>>, ipFamily: IpFamily): PodSpec {
  const agent = agentOf(version)
  const imagePullPolicy = atLeast(parseAddonVersion(version), 'v1.23.0') ? 'IfNotPresent' : 'Always'
  const container = (name: string, repository: string, tag: string, rest: object): Container => ({
    name,
    image: imageOf(region, repository, tag),
    ...{ imagePullPolicy },
    ...rest,
    resources: { requests: { cpu: '25m' } },
  })
  const main = container('aws-node', 'amazon-k8s-cni', version, {
    env: cniEnvironment(version, env, ipFamily),
    ports: [{ containerPort: 61678, name: 'metrics', protocol: 'TCP' }],
    livenessProbe: probe(version, 60),
    readinessProbe: probe(version, 1),
  })
  const args = [
    `--enable-ipv6=${ipFamily === 'ipv6'}`,
    '--enable-network-policy=false',
    '--enable-cloudwatch-logs=false',
    '--metrics-bind-addr=:8162',
  ]
  return {
    hostNetwork: true,
    ...{ priorityClassName: 'system-node-critical' },
    serviceAccountName: 'aws-node',
    terminationGracePeriodSeconds: 10,
    tolerations: TOLERATE_ALL,
    affinity: LINUX_NODES,
    initContainers: [
      container('aws-vpc-cni-init', 'amazon-k8s-cni-init', version, { env: [{ name: 'DISABLE_TCP_EARLY_DEMUX', value: 'false' }] }),
    ],
    containers:
      agent === undefined
        ? [main]
        : [main, container('aws-eks-nodeagent', 'amazon/aws-network-policy-agent', `${agent}-eksbuild.1`, { args })],
  }
}

export function kubeProxyPod(region: string, version: string): PodSpec {
  return {
    hostNetwork: true,
    ...{ priorityClassName: 'system-node-critical' },
    serviceAccountName: 'kube-proxy',
    tolerations: TOLERATE_ALL,
    affinity: LINUX_NODES,
    containers: [
      {
        name: 'kube-proxy',
        image: imageOf(region, 'eks/kube-proxy', version.replace(/-eksbuild/, '-minimal-eksbuild')),
        args: ['--v=2', '--config=/var/lib/kube-proxy-config/config'],
        resources: { requests: { cpu: '100m' } },
      },
    ],
  }
}

const COREDNS_PROBE = { timeoutSeconds: 5, periodSeconds: 10, successThreshold: 1 }

export function corednsPod(region: string, version: string): PodSpec {
  return {
    ...{ priorityClassName: 'system-cluster-critical' },
    serviceAccountName: 'coredns',
    tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
    affinity: LINUX_NODES,
    containers: [
      {
        name: 'coredns',
        image: imageOf(region, 'eks/coredns', version),
        args: ['-conf', '/etc/coredns/Corefile'],
        resources: { requests: { cpu: '100m', memory: '70Mi' }, limits: { memory: '170Mi' } },
        // Source: the add-on's own template, as the EKS user guide on CoreDNS has it.
        ...{
          livenessProbe: {
            httpGet: { path: '/health', port: 8080, scheme: 'HTTP' },
            ...COREDNS_PROBE,
            initialDelaySeconds: 60,
            failureThreshold: 5,
          },
          readinessProbe: { httpGet: { path: '/ready', port: 8181, scheme: 'HTTP' }, ...COREDNS_PROBE, failureThreshold: 3 },
        },
      },
    ],
  }
}

/** A stand-in for an add-on whose insides the sandbox does not know: one container of its name. */
export function unknownAddonPod(region: string, addon: string, version: string): PodSpec {
  const resources = { requests: { cpu: '10m', memory: '40Mi' } }
  return {
    tolerations: TOLERATE_ALL,
    affinity: LINUX_NODES,
    containers: [{ name: addon, image: imageOf(region, `eks/${addon}`, version), resources }],
  }
}

/** Agents of EKS that the node's other pods stand on: they run on the host's network, before there is another. */
export function hostAgentPod(region: string, addon: string, version: string): PodSpec {
  const [container] = unknownAddonPod(region, addon, version).containers ?? []
  return {
    hostNetwork: true,
    ...{ priorityClassName: 'system-node-critical' },
    serviceAccountName: addon,
    tolerations: TOLERATE_ALL,
    affinity: LINUX_NODES,
    containers: container === undefined ? [] : [container],
  }
}
