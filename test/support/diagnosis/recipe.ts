import type { Draw } from './draw.ts'
import type { Ground, Wish } from './ground.ts'
import type { ScenarioData, Stage } from './stage.ts'

/** How one cause is planted in a drawn world, and what happens there. */
export interface Recipe {
  readonly name: string
  /** Codes of what is planted; none for a world in which the CNI is not to blame. */
  readonly truth: readonly string[]
  readonly wish?: (draw: Draw) => Wish
  /** Its evidence is in ipamd.log alone: that goes to the container's log, or somebody reads the file. */
  readonly inLogOnly?: true
  readonly scenario?: (draw: Draw, ground: Ground) => ScenarioData
  readonly act?: (stage: Stage) => void
}

/** New nodes: a share of them, those of one group, or those of one zone. */
export function someNewNodes(draw: Draw, ground: Ground, scopes: readonly ('all' | 'share' | 'group' | 'zone')[]): Record<string, unknown> {
  const scope = draw.pick('scope', scopes)
  const where = { launchedLater: true }
  if (scope === 'share') return { ...where, share: draw.pick('share', [0.4, 0.5, 0.6, 0.7]) }
  if (scope === 'group') return { ...where, group: draw.pick('scope-group', ground.groups) }
  return scope === 'zone' ? { ...where, zone: draw.pick('scope-zone', ground.zones) } : where
}

/** Pods that a SecurityGroupPolicy selects, in a namespace of their own. */
export function guarded(draw: Draw, kind = 'Deployment', over: object = {}, replicas = draw.whole('guarded', 2, 3)): object {
  const namespace = 'guarded'
  return {
    network: { securityGroupPolicies: [{ namespace, name: 'policy', podSelector: {}, groupIds: ['sg-0123456789abcdef0'] }] },
    workloads: [{ kind, namespace, name: 'secret', cpu: '10m', ...(kind === 'Deployment' ? { replicas } : {}), ...over }],
  }
}
