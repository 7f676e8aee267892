import { isoMicro, SECOND } from '../../../model/instant.ts'
import { keyedUuid } from '../../../model/keyed.ts'
import type { StoredObject, World } from '../../contract.ts'
import type { Target } from './target.ts'

const RENEWAL = 10 * SECOND
const NAMESPACE = 'kube-node-lease'

/**
 * The Lease by which a kubelet tells that it lives, made up when somebody asks: storing the renewals of every node
 * every ten seconds would be most of what happens in a world.
 */
export function nodeLease(world: World, target: Target): StoredObject | undefined {
  if (target.kind.kind !== 'Lease' || target.namespace !== NAMESPACE || target.name === undefined) return undefined
  const node = world.store.get('Node', undefined, target.name)
  return node === undefined ? undefined : leaseOf(world, node)
}

/** Those of all nodes, when a list includes their namespace. */
export function nodeLeases(world: World, { kind, namespace }: Target): readonly StoredObject[] {
  if (kind.kind !== 'Lease' || (namespace !== undefined && namespace !== NAMESPACE)) return []
  return world.store.list('Node').map((node) => leaseOf(world, node))
}

function leaseOf(world: World, node: StoredObject): StoredObject {
  const { name, creationTimestamp, uid } = node.metadata
  return {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: {
      name,
      namespace: NAMESPACE,
      uid: keyedUuid(world.seed, 'node-lease', uid),
      resourceVersion: node.metadata.resourceVersion,
      creationTimestamp,
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime: renewTime(world, node) },
  }
}

/** The last multiple of ten seconds, or the last one before its kubelet fell silent. */
function renewTime(world: World, { metadata }: StoredObject): string {
  const last = world.kubeletSilentSince(metadata.name) ?? world.timeline.now()
  return isoMicro(last - (last % RENEWAL))
}
