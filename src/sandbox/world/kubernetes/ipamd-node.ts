import type { Container } from '../../../model/kubernetes.ts'
import type { Machine, ObjectStore, StoredObject } from '../../contract.ts'
import type { EniPlace, IpamdNode } from '../../network-contract.ts'
import type { NodeObject, PodObject, WorkloadObject } from './objects.ts'

const AWS_NODE_CONTAINER = 'aws-node'
const EXTERNAL_LABEL = 'vpc.amazonaws.com/externalEniConfig'
const DEFAULT_KEY = 'k8s.amazonaws.com/eniConfig'
const CORDON_TAINT = 'node.kubernetes.io/unschedulable'

type Environment = Readonly<Record<string, string>>

const environments = new WeakMap<object, Environment>()

/** What ipamd reads of the API and of its own container, and whether its node reaches EC2, always as it stands now. */
export function ipamdNode(
  store: ObjectStore,
  machine: Machine,
  environment: Environment,
  reachesAws: IpamdNode['reachesAws'] = () => true,
): IpamdNode {
  const node = () => store.get('Node', undefined, machine.nodeName) as NodeObject | undefined
  return {
    maxPods: machine.maxPods,
    environment,
    isUnschedulable: () => node()?.spec?.taints?.some(({ key, effect }) => key === CORDON_TAINT && effect === 'NoSchedule') ?? false,
    reachesAws,
    eniConfig: () => eniConfigOf(store, node(), machine, environment),
  }
}

/** Environment of the aws-node container of a pod, or of a DaemonSet's template. */
function environmentOfAwsNode(containers: readonly Container[] | undefined): Environment {
  const list = containers?.find(({ name }) => name === AWS_NODE_CONTAINER)?.env
  if (list === undefined) return {}
  const known = environments.get(list)
  if (known !== undefined) return known
  const environment = Object.fromEntries(list.map(({ name, value }) => [name, value ?? '']))
  environments.set(list, environment)
  return environment
}

export function environmentOfPod(pod: PodObject): Environment {
  return environmentOfAwsNode(pod.spec?.containers)
}

/** Environment of the aws-node that runs on a node, else of the one that is to run there. */
export function environmentOnNode(store: ObjectStore, node: string): Environment {
  const pod = (store.podsOnNode(node) as readonly PodObject[]).find(({ metadata }) => metadata.labels?.['k8s-app'] === AWS_NODE_CONTAINER)
  return pod === undefined ? environmentOfDaemonSet(store) : environmentOfPod(pod)
}

export function environmentOfDaemonSet(store: ObjectStore): Environment {
  const daemonSet = store.get('DaemonSet', 'kube-system', 'aws-node') as WorkloadObject | undefined
  return environmentOfAwsNode(daemonSet?.spec?.template?.spec?.containers)
}

/** Name of the ENIConfig of a node. Source: pkg/eniconfig/eniconfig.go of amazon-vpc-cni-k8s. */
export function eniConfigName(
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>>,
  environment: Environment,
): string {
  const annotation = environment.ENI_CONFIG_ANNOTATION_DEF || DEFAULT_KEY
  const label = environment.ENI_CONFIG_LABEL_DEF || DEFAULT_KEY
  return labels[EXTERNAL_LABEL] ?? annotations[annotation] ?? labels[label] ?? 'default'
}

function eniConfigOf(store: ObjectStore, node: NodeObject | undefined, machine: Machine, environment: Environment): EniPlace | undefined {
  const { labels = machine.labels, annotations = {} } = node?.metadata ?? {}
  return eniPlaceOf(store, eniConfigName(labels, annotations, environment))
}

/** What an ENIConfig says; undefined when there is none of the name. */
export function eniPlaceOf(store: ObjectStore, name: string): EniPlace | undefined {
  const found = store.get('ENIConfig', undefined, name) as EniConfigObject | undefined
  const { subnet, securityGroups = [] } = found?.spec ?? {}
  return subnet === undefined ? undefined : { subnetId: subnet, securityGroups }
}

interface EniConfigObject extends StoredObject {
  readonly spec?: { readonly subnet?: string; readonly securityGroups?: readonly string[] }
}
