import { type Millis, SECOND } from '../../../model/instant.ts'
import { nodePlace } from '../node-place.ts'
import type { Ground } from './ground.ts'
import type { NodeRun, Nodes } from './nodes.ts'

/** nodeIPPoolReconcileInterval in pkg/ipamd/ipamd.go of amazon-vpc-cni-k8s. */
const INTERVAL: Millis = 60 * SECOND

export interface IpamdReconciler {
  /** ipamd of a node answers. */
  serves(node: string): void
}

interface Reports {
  /** ipamd of a node writes a line into its log. */
  readonly said: (node: string, line: string) => void
  /** Pods of a node may be cut off from now on. */
  readonly changed: (node: string) => void
}

/**
 * Once a minute ipamd compares what it knows with the metadata of its instance. As nothing comes of it while that is true, it is
 * played only from when the metadata of a node turns stale until it is whole again.
 */
export function createIpamdReconciler(ground: Ground, nodes: Nodes, { said, changed }: Reports): IpamdReconciler {
  const { faults, network, timeline } = ground
  const behind = new Set<string>()

  function isStale({ machine, launchedLater }: NodeRun): boolean {
    return faults.effects('instance/metadata', nodePlace(machine, ground.cniVersion(), launchedLater)).length > 0
  }

  function lookIn(delay: Millis, node: string): void {
    const key = `k8s/ipamd-reconcile/${node}`
    timeline.cancel(key)
    timeline.after(delay, key, () => look(node))
  }

  function look(node: string): void {
    const run = nodes.get(node)
    if (!run?.ipamdServes) return
    const stale = isStale(run)
    const line = network.reconcile(run.machine.instanceId, stale)
    if (line !== undefined) {
      said(node, line)
      changed(node)
    }
    if (stale) behind.add(node)
    else behind.delete(node)
    if (stale) lookIn(INTERVAL, node)
  }

  faults.onChange((levers) => {
    if (!levers.has('instance/metadata')) return
    for (const { machine } of nodes.all()) lookIn(ground.span(0, INTERVAL, 'ipamd-reconcile', machine.nodeName), machine.nodeName)
  })

  return {
    serves(node) {
      const run = nodes.get(node)
      if (run && (behind.has(node) || isStale(run))) lookIn(INTERVAL, node)
    },
  }
}
