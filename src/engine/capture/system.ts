import { CNI_DEFINITIONS } from '../../catalog/knowledge/cni-access.ts'
import type { KubernetesObject } from '../../model/kubernetes.ts'
import type { ClusterSnapshot, HeldLease } from '../../model/snapshot.ts'
import { type Kubernetes, RESOURCES, type Resource } from '../../ports/kubernetes.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { Pass } from './pass.ts'

type Found = Pick<ClusterSnapshot['kubernetes'], 'definitions' | 'kubeProxyMode' | 'awsNodeRole'> & Pick<ClusterSnapshot, 'lease'>

const SYSTEM = 'kube-system'
const ROLE_ANNOTATION = 'eks.amazonaws.com/role-arn'
const RUN_ANNOTATION = 'serin.dev/run'

/** Single objects of which only a word or two matter: no more of them goes into a snapshot. */
export async function readSystem({ kubernetes }: ClusterPorts, pass: Pass): Promise<Found> {
  const one = <T>(source: string, resource: Resource, name: string, read: (object: KubernetesObject | undefined) => T) =>
    pass.read(source, async () => ({ value: read(await find(kubernetes, resource, name)) }))
  const [definitions, mode, role, lease] = await Promise.all([
    pass.read('kubernetes:customresourcedefinitions', () => definitionsOf(kubernetes)),
    one('kubernetes:kube-proxy-config', RESOURCES.configMaps, 'kube-proxy-config', modeOf),
    one('kubernetes:serviceaccounts', RESOURCES.serviceAccounts, 'aws-node', roleOf),
    one('kubernetes:serin-lease', RESOURCES.leases, 'serin', leaseOf),
  ])
  return {
    ...(definitions === undefined ? {} : { definitions }),
    ...(mode === undefined ? {} : { kubeProxyMode: mode.value }),
    ...(role === undefined ? {} : { awsNodeRole: role.value }),
    ...(lease === undefined ? {} : { lease: lease.value }),
  }
}

function find(kubernetes: Kubernetes, resource: Resource, name: string): Promise<KubernetesObject | undefined> {
  return kubernetes.get(resource, resource.namespaced ? SYSTEM : undefined, name)
}

async function definitionsOf(kubernetes: Kubernetes): Promise<readonly string[]> {
  const found = await Promise.all(CNI_DEFINITIONS.map((name) => find(kubernetes, RESOURCES.definitions, name)))
  return found.flatMap((object) => object?.metadata.name ?? [])
}

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>
}

function modeOf(object: ConfigMap | undefined): string | null {
  if (object === undefined) return null
  return /^mode:\s*["']?([A-Za-z]*)/m.exec(object.data?.config ?? '')?.[1] ?? ''
}

function roleOf(object: KubernetesObject | undefined): string | null {
  return object?.metadata.annotations?.[ROLE_ANNOTATION] ?? null
}

interface LeaseObject extends KubernetesObject {
  readonly spec?: { readonly holderIdentity?: string; readonly renewTime?: string; readonly leaseDurationSeconds?: number }
}

function leaseOf(object: LeaseObject | undefined): HeldLease | null {
  const { holderIdentity: holder, renewTime, leaseDurationSeconds } = object?.spec ?? {}
  if (!holder) return null
  const run = object?.metadata.annotations?.[RUN_ANNOTATION]
  return {
    holder,
    ...(renewTime === undefined ? {} : { renewedAt: renewTime }),
    ...(leaseDurationSeconds === undefined ? {} : { durationSeconds: leaseDurationSeconds }),
    ...(run === undefined ? {} : { run }),
  }
}
