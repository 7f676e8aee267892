import type { PoolSettings } from '../../../forecast/addresses.ts'
import type { Workload } from '../../../model/kubernetes.ts'
import { type ClusterSnapshot, objectsOf } from '../../../model/snapshot.ts'
import type { CheckFinding, CheckInput } from '../definition.ts'
import { noGroupChanges } from './nodes.ts'

export function awsNodeDaemonSet(snapshot: ClusterSnapshot): Workload | undefined {
  return objectsOf<Workload>(snapshot, 'DaemonSet').find(
    ({ metadata }) => metadata.namespace === 'kube-system' && metadata.name === 'aws-node',
  )
}

/** Environment of the container aws-node, as its DaemonSet has it. */
export function awsNodeEnvironment(daemonSet: Workload): readonly { readonly name: string; readonly value?: string }[] {
  const containers = daemonSet.spec?.template?.spec?.containers ?? []
  return containers.find((container) => container.name === 'aws-node')?.env ?? []
}

/** A variable of aws-node; undefined where it, or aws-node, is not there. */
export function awsNodeVariable(snapshot: ClusterSnapshot, name: string): string | undefined {
  const daemonSet = awsNodeDaemonSet(snapshot)
  return daemonSet && awsNodeEnvironment(daemonSet).find((entry) => entry.name === name)?.value
}

/** How aws-node takes addresses here, from the environment of its DaemonSet. */
export function poolSettings(snapshot: ClusterSnapshot, daemonSet: Workload): PoolSettings {
  const env = awsNodeEnvironment(daemonSet)
  const value = (name: string) => env.find((entry) => entry.name === name)?.value
  return {
    ipFamily: snapshot.aws.cluster?.kubernetesNetworkConfig?.ipFamily === 'ipv6' ? 'ipv6' : 'ipv4',
    prefixDelegation: value('ENABLE_PREFIX_DELEGATION') === 'true',
    customNetworking: value('AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG') === 'true',
    podEni: value('ENABLE_POD_ENI') === 'true',
    warmInterfaces: wholeNumber(value('WARM_ENI_TARGET')),
    warmPrefixes: wholeNumber(value('WARM_PREFIX_TARGET')),
    warmAddresses: wholeNumber(value('WARM_IP_TARGET')) || undefined,
    minimumAddresses: wholeNumber(value('MINIMUM_IP_TARGET')) || undefined,
  }
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
}

/** Why a feature of aws-node is not in use, or undefined when it is, or when that is not known. */
export function unlessUsed(unused: (settings: PoolSettings) => string | undefined): (input: CheckInput) => string | undefined {
  return (input) => {
    const nothing = noGroupChanges(input)
    const daemonSet = awsNodeDaemonSet(input.snapshot)
    if (nothing !== undefined || daemonSet === undefined) return nothing
    return unused(poolSettings(input.snapshot, daemonSet))
  }
}

/** What is said of a cluster whose aws-node is there; without it nothing takes addresses of subnets, and SUBNET_ADDRESSES says so. */
export function withAwsNode(
  input: CheckInput,
  judge: (daemonSet: Workload, settings: PoolSettings) => readonly CheckFinding[],
): readonly CheckFinding[] {
  const daemonSet = awsNodeDaemonSet(input.snapshot)
  if (daemonSet !== undefined) return judge(daemonSet, poolSettings(input.snapshot, daemonSet))
  return [{ verdict: 'pass', subject: `Cluster/${input.plan.cluster.name}`, message: 'There is no aws-node DaemonSet here.' }]
}
