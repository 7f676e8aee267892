import { MINUTE, type Millis } from '../../../../model/instant.ts'
import { WireError } from '../../../contract.ts'
import { type Addon, type AddonUpdateDeps, shortOfReplicas } from '../addons.ts'

/** About so often EKS puts its managed fields back (EKS best practices, "vpc-cni"). */
const REAPPLY: Millis = 15 * MINUTE
/** Our assumptions: how often EKS looks at an add-on, and how long one may lack replicas before it reads DEGRADED. */
const LOOK_AGAIN: Millis = MINUTE
const PATIENCE: Millis = 10 * MINUTE

/** What EKS does for add-ons by itself from now on. */
export function keepAddons(deps: AddonUpdateDeps, addons: ReadonlyMap<string, Addon>): void {
  every(deps, LOOK_AGAIN, 'addons/look', () => {
    for (const addon of addons.values()) refresh(deps, addon)
  })
  every(deps, REAPPLY, 'addons/reapply', () => {
    for (const { name, status } of addons.values()) if (status !== 'DELETING' && !deps.apiServer.isAway()) putBack(deps, name)
  })
}

function every({ timeline }: AddonUpdateDeps, span: Millis, key: string, action: () => void): void {
  const next = () =>
    timeline.after(span, key, () => {
      action()
      next()
    })
  next()
}

/** What admission refuses stays as it is until the next time. */
function putBack({ cluster }: AddonUpdateDeps, addon: string): void {
  try {
    cluster.reapplyAddon(addon)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
  }
}

/** An ACTIVE add-on that lacks replicas for long turns DEGRADED; a DEGRADED one that has them all turns ACTIVE. */
function refresh(deps: AddonUpdateDeps, addon: Addon): void {
  if (addon.status !== 'ACTIVE' && addon.status !== 'DEGRADED') return
  const { desired, available } = deps.cluster.addonHealth(addon.name)
  const now = deps.timeline.now()
  if (available >= desired) {
    delete addon.shortSince
    addon.status = 'ACTIVE'
    addon.issues = []
    return
  }
  addon.shortSince ??= now
  if (now - addon.shortSince < PATIENCE) return
  addon.status = 'DEGRADED'
  addon.issues = [shortOfReplicas(deps, addon)]
}
