import { instantOf, iso } from '../../model/instant.ts'
import { ROLLBACK_WINDOW } from '../../model/rollback-window.ts'
import type { CheckDefinition, CheckFinding } from './definition.ts'
import { noStepUp } from './reading/control-plane.ts'
import { foundOr } from './reading/verdicts.ts'

/** The step does not give up the way back of the one before it. */
export const earlierUpgrade: CheckDefinition = {
  code: 'EARLIER_UPGRADE',
  title: 'No earlier upgrade of the control plane could still be taken back',
  severity: 'warn',
  waivable: true,
  needs: ['eks:ListUpdates'],
  notApplicable: noStepUp,
  prevents: 'Two upgrades in one week: EKS takes back the last one only, so what the first one broke stays broken.',
  remedy: 'Wait until the earlier upgrade has proven itself for its 7 days.',
  source: 'https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html',
  evaluate: ({ snapshot, plan, now }) => {
    const found = (snapshot.aws.updates ?? []).flatMap(({ type, status, createdAt, nodegroupName, addonName }): readonly CheckFinding[] => {
      const at = instantOf(createdAt)
      const ofCluster = nodegroupName === undefined && addonName === undefined
      if (type !== 'VersionUpdate' || status !== 'Successful' || !ofCluster || at === undefined || now - at >= ROLLBACK_WINDOW) return []
      const message = `The control plane was upgraded at ${iso(at)}; that can be taken back until ${iso(at + ROLLBACK_WINDOW)}, and not any more after this step.`
      return [{ verdict: 'warn', subject: `Cluster/${plan.cluster.name}`, message }]
    })
    return foundOr(found.slice(0, 1), plan, 'No upgrade of the control plane is less than 7 days old.')
  },
}
