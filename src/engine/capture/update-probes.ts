import { hasBranch, isAlive } from '../../catalog/checks/reading/pod-network.ts'
import { isSerinError } from '../../errors/serin-error.ts'
import { awsNodeEnvOf, isAwsNodeDaemonSet } from '../../model/aws-node.ts'
import type { KubernetesObject, Pod, Workload } from '../../model/kubernetes.ts'
import { redactText } from '../../model/secret-text.ts'
import type { UpdateProbe } from '../../model/snapshot.ts'
import { RESOURCES } from '../../ports/kubernetes.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { Pass } from './pass.ts'

/** Who annotates a pod with its branch interface: exclusions of webhooks name it. */
const CONTROLLER = 'eks:vpc-resource-controller'
/** One pod of each workload, and of so many workloads. */
const WORKLOADS_PROBED = 5

/**
 * What becomes of the annotation that the VPC resource controller writes, where security groups for pods are in use: a dry run
 * on the server goes through the same webhooks and policies and stores nothing. The real annotation is refused to everybody else
 * by a webhook of EKS, so another one is tried.
 */
export async function probeUpdates(
  { kubernetes }: ClusterPorts,
  pass: Pass,
  objects: readonly KubernetesObject[],
): Promise<readonly UpdateProbe[] | undefined> {
  const pods = podsToProbe(objects)
  if (pods.length === 0) return undefined
  const tryAs = async ({ metadata: { namespace = '', name } }: Pod, as: string | undefined): Promise<UpdateProbe> => {
    const probe = { namespace, pod: name, ...(as !== undefined && { as }) }
    const body = { metadata: { annotations: { 'serin.dev/probe': 'dry-run' } } }
    try {
      await kubernetes.tryPatch(RESOURCES.pods, namespace, name, body, as)
      return { ...probe, accepted: true }
    } catch (error) {
      if (!isRefusal(error)) throw error
      return { ...probe, accepted: false, message: reasonOf(error.message) }
    }
  }
  const probe = async (pod: Pod): Promise<UpdateProbe> => {
    try {
      return await tryAs(pod, CONTROLLER)
    } catch (error) {
      if (!isSerinError(error, 'REMOTE_DENIED')) throw error
      return await tryAs(pod, undefined)
    }
  }
  return await pass.readEach('kubernetes:pods/dry-run', pods, probe)
}

const LONGEST_REASON = 200

/**
 * What was said first: behind it the API server names every field that may change, and shows how the two specs differ, with
 * commands and environment of the pod.
 */
function reasonOf(message: string): string {
  const [said = ''] = message.replace(/^kubernetes:PATCH \S+: /, '').split(/\n|\bcore\.PodSpec\{|\bv1\.PodSpec\{/)
  const reason = said.replace(/(fields other than) .*/, '$1 …').trim()
  return redactText(reason.length > LONGEST_REASON ? `${reason.slice(0, LONGEST_REASON)}…` : reason)
}

/** The object that came out of admission was not valid, or a webhook said no: that is an answer. */
function isRefusal(error: unknown): error is Error {
  return isSerinError(error) && (error.details.status === 422 || /pod updates may not change|denied the request/.test(error.message))
}

function podsToProbe(objects: readonly KubernetesObject[]): readonly Pod[] {
  const daemonSet = objects.find((object) => object.kind === 'DaemonSet' && isAwsNodeDaemonSet(object as Workload)) as Workload | undefined
  if (awsNodeEnvOf(daemonSet?.spec?.template?.spec?.containers).ENABLE_POD_ENI !== 'true') return []
  const pods = objects.filter((object): object is Pod => object.kind === 'Pod').filter((pod) => hasBranch(pod) && isAlive(pod))
  const byOwner = Map.groupBy(pods, ({ metadata }) => `${metadata.namespace}/${metadata.ownerReferences?.[0]?.name ?? metadata.name}`)
  return [...byOwner.values()]
    .flatMap((all) => all.find(({ spec }) => spec?.nodeName !== undefined) ?? all[0] ?? [])
    .slice(0, WORKLOADS_PROBED)
}
