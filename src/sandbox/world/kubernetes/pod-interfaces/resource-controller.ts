import type { Instant } from '../../../../model/instant.ts'
import type { Machine, StoreEvent } from '../../../contract.ts'
import { nodePlace } from '../../node-place.ts'
import type { EventRecorder } from '../events.ts'
import type { Ground } from '../ground.ts'
import type { Nodes } from '../nodes.ts'
import type { PodObject } from '../objects.ts'
import { Branches } from './branches.ts'
import { createDeleteQueue } from './delete-queue.ts'
import { createTrunkKeeper } from './trunks.ts'

/** The VPC resource controller, which EKS runs beside the API server: trunks of nodes and branch interfaces of pods. */
export interface ResourceController {
  handle(event: StoreEvent): void
  /** ipamd of a node serves. */
  served(machine: Machine, environment: Readonly<Record<string, string>>): void
  /** Until when nodes take a pod for one that had its address before, and its packets to cluster addresses are lost. */
  mistakenUntil(pod: PodObject): Instant | undefined
}

export function createResourceController(ground: Ground, nodes: Nodes, events: EventRecorder): ResourceController {
  const { trunkCalls: calls } = ground
  if (calls === undefined) return { handle() {}, served() {}, mistakenUntil: () => undefined }
  const queue = createDeleteQueue(ground, calls)
  const isAway = (node: string): boolean => {
    const run = ground.beginning() ? undefined : nodes.get(node)
    const place = run && nodePlace(run.machine, ground.cniVersion(), run.launchedLater)
    return place !== undefined && ground.faults.effects('resource-controller/away', place).length > 0
  }
  const trunks = createTrunkKeeper({ ground, events, calls, isAway, opened: (node) => branches.trunkOpened(node) })
  const branches = new Branches({ ground, events, calls, trunks, queue, isAway })

  function nodeGone(node: string): void {
    const trunk = trunks.get(node)
    if (trunk !== undefined) queue.forget(trunk)
    branches.nodeGone(node)
    trunks.forget(node)
    if (ground.store.get('CNINode', undefined, node) !== undefined) ground.store.remove('CNINode', undefined, node)
  }

  return {
    handle(event) {
      branches.handle(event)
      if (event.type === 'DELETED' && event.object.kind === 'Node') nodeGone(event.object.metadata.name)
    },
    mistakenUntil: (pod) => branches.mistakenUntil(pod),
    served(machine, environment) {
      if (environment.ENABLE_POD_ENI === 'true') trunks.enable(machine, environment)
    },
  }
}
