import { addonsOnBothMinors } from '../../../src/catalog/checks/addons-on-both-minors.ts'
import { controlPlaneInsights } from '../../../src/catalog/checks/control-plane-insights.ts'
import { earlierUpgrade } from '../../../src/catalog/checks/earlier-upgrade.ts'
import { karpenterDrift } from '../../../src/catalog/checks/karpenter-drift.ts'
import { rollbackInsights } from '../../../src/catalog/checks/rollback-insights.ts'
import { aPool, aStep, BACK, CORE_DNS_LISTED, theInsight, upgradedAt } from '../../support/control-plane.ts'
import type { NearMiss } from '../../support/near-miss.ts'
import { addObjects } from '../../support/snapshot-builder.ts'

const step = { controlPlane: aStep() }
const going = (category: string, status: string) =>
  theInsight({ category, kubernetesVersion: category === 'ROLLBACK_READINESS' ? '1.33' : '1.34', insightStatus: { status } })
const drifting = (reason: string) => addObjects(...aPool([{ alias: 'al2023@latest' }], [{ nodes: '0', reasons: [reason] }]))

/** A control plane that is about to move. */
export const CONTROL_PLANE_STEP: readonly NearMiss[] = [
  {
    check: controlPlaneInsights,
    title: 'the status of an insight about the target',
    fires: { snapshot: [going('UPGRADE_READINESS', 'ERROR')], intent: step },
    silent: { snapshot: [going('UPGRADE_READINESS', 'PASSING')], intent: step },
  },
  {
    check: rollbackInsights,
    title: 'an insight about the way back that is in error, not one that warns',
    fires: { snapshot: [going('ROLLBACK_READINESS', 'ERROR')], intent: { controlPlane: BACK } },
    silent: { snapshot: [going('ROLLBACK_READINESS', 'WARNING')], intent: { controlPlane: BACK } },
  },
  {
    check: addonsOnBothMinors,
    title: 'a target that the add-ons are not listed for',
    fires: { snapshot: [CORE_DNS_LISTED], intent: { controlPlane: aStep({ target: '1.36' }) } },
    silent: { snapshot: [CORE_DNS_LISTED], intent: { controlPlane: aStep({ target: '1.35' }) } },
  },
  {
    check: karpenterDrift,
    title: 'a budget of zero for another reason',
    fires: { snapshot: [drifting('Empty')], intent: step },
    silent: { snapshot: [drifting('Drifted')], intent: step },
  },
  {
    check: earlierUpgrade,
    title: 'an upgrade one second less than 7 days ago',
    fires: { snapshot: [upgradedAt('2026-11-16T10:00:01Z')], intent: step },
    silent: { snapshot: [upgradedAt('2026-11-16T10:00:00Z')], intent: step },
  },
]
