import type { Machine, StoreEvent } from '../../../contract.ts'
import type { EventRecorder } from '../events.ts'
import type { Ground } from '../ground.ts'
import { Branches } from './branches.ts'
import { createDeleteQueue } from './delete-queue.ts'
import { createTrunkKeeper } from './trunks.ts'

/** The VPC resource controller, which EKS runs beside the API server: trunks of nodes and branch interfaces of pods. */
export interface ResourceController {
  handle(event: StoreEvent): void
  /** ipamd of a node serves. */
  served(machine: Machine, environment: Readonly<Record<string, string>>): void
}

export function createResourceController(ground: Ground, events: EventRecorder): ResourceController {
  const { trunkCalls: calls } = ground
  if (calls === undefined) return { handle() {}, served() {} }
  const queue = createDeleteQueue(ground, calls)
  const trunks = createTrunkKeeper(ground, events, calls, (node) => branches.trunkOpened(node))
  const branches = new Branches({ ground, events, calls, trunks, queue })

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
    served(machine, environment) {
      if (environment.ENABLE_POD_ENI === 'true') trunks.enable(machine, environment)
    },
  }
}
