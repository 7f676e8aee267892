import { supportEnds } from '../catalog/knowledge/kubernetes-lifetimes.ts'
import { DAY, instantOf, iso } from '../model/instant.ts'
import type { ControlPlaneIntent, IntentProblem, WayBack } from '../model/intent.ts'
import { formatMinor, minorsAhead, parseMinor } from '../model/kubernetes-minor.ts'
import type { UpgradePlan } from '../model/plan.ts'
import { ROLLBACK_WINDOW } from '../model/rollback-window.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import { clusterMinorOf } from './addon-listing.ts'

/** What the plan means for the control plane; no intent where it leaves it alone or its version is not known. */
export function resolveControlPlane(
  plan: UpgradePlan,
  snapshot: ClusterSnapshot,
): { readonly intent?: ControlPlaneIntent; readonly problems: readonly IntentProblem[] } {
  const wanted = plan.target.controlPlane
  const baseline = clusterMinorOf(snapshot)
  if (wanted === undefined || baseline === undefined) return { problems: [] }
  const { version: target, gates, soak, approval, nodesBackWithin } = wanted
  const autoMode = snapshot.aws.cluster?.computeConfig?.enabled === true
  const intent: ControlPlaneIntent = {
    ...{ baseline, target, changes: target !== baseline, autoMode, gates, soak, approval },
    ...(autoMode && { nodesBackWithin: nodesBackWithin ?? EKS_GIVES_NODES }),
    wayBack: wayBackTo(baseline, snapshot),
  }
  return { intent, problems: wrongStep(plan.cluster.name, baseline, target) }
}

/** `rollbackConfig.timeoutMinutes` when it is not said: https://docs.aws.amazon.com/eks/latest/APIReference/API_RollbackConfig.html */
const EKS_GIVES_NODES = DAY / 2

/** EKS upgrades a control plane one minor at a time: https://docs.aws.amazon.com/eks/latest/userguide/update-cluster.html */
function wrongStep(cluster: string, baseline: string, target: string): readonly IntentProblem[] {
  const [from, to] = [parseMinor(baseline), parseMinor(target)]
  const distance = from && to ? minorsAhead(to, from) : undefined
  if (distance === undefined || distance === 0 || distance === 1) return []
  const subject = `Cluster/${cluster}`
  const message = `The control plane is at ${baseline}, and the plan wants it at ${target}`
  const next = from && formatMinor({ ...from, minor: from.minor + 1 })
  const remedy =
    distance < 0
      ? 'A plan takes no control plane down: `serin rollback RUN` does, within 7 days of its upgrade, or `aws eks update-cluster-version` by hand.'
      : `It goes one minor at a time: write \`version: "${next}"\`, and plan the minors after it as runs of their own.`
  return [{ subject, verdict: 'block', message, remedy }]
}

/** https://docs.aws.amazon.com/eks/latest/userguide/rollback-cluster.html */
function wayBackTo(baseline: string, { aws, capturedAt }: ClusterSnapshot): WayBack {
  const how = `eks:UpdateClusterVersion to ${baseline}`
  const ends = supportEnds(baseline)
  const standard = aws.cluster?.upgradePolicy?.supportType === 'STANDARD'
  if (!standard || ends === undefined || ends.standard > (instantOf(capturedAt) ?? 0) + ROLLBACK_WINDOW) return { exists: 'yes', how }
  return {
    exists: 'none',
    how:
      `standard support of ${baseline} ends on ${iso(ends.standard).slice(0, 10)}, and under the upgrade policy STANDARD EKS takes no cluster back into extended support; ` +
      'first `aws eks update-cluster-config --upgrade-policy supportType=EXTENDED`, which costs more, opens it',
    acceptToken: 'no-way-back/control-plane',
  }
}
