import { formatMinor, minorsAhead, parseMinor } from '../../../model/kubernetes-minor.ts'
import type { WireError } from '../../contract.ts'
import type { ClusterUpdateDeps } from './cluster-update.ts'
import { supportOf } from './cluster-versions.ts'
import { invalidParameter, invalidRequest, invalidState } from './eks-errors.ts'
import { ROLLBACK_WINDOW } from './insights.ts'
import { managedGroups } from './node-group/context.ts'

/** Addresses that the control plane's interfaces need in the subnets (EKS user guide, "update-cluster"). */
const FREE_ADDRESSES = 5
const ZONES = 2
/** A kubelet may be three minors older than the API server (https://kubernetes.io/releases/version-skew-policy/). */
const SKEW = 3

/** Throws what EKS answers to an upgrade that it does not begin. */
export function refuseUpgrade(deps: ClusterUpdateDeps, version: string, force: boolean): void {
  refuseUnknownMinor(deps, version)
  if (distance(version, deps.controlPlane.version) !== 1) throw unsupportedStep(deps, version)
  refuseLaggingGroups(deps, version)
  refuseWithoutAddresses(deps)
  deps.insights.refresh()
  if (force || deps.controlPlane.spec.upgradeInsights === 'advice') return
  // An UNKNOWN blocks a rollback; that it lets an upgrade pass is our assumption.
  if (!deps.insights.statuses('UPGRADE_READINESS', version).includes('ERROR')) return
  throw invalidState(
    'Upgrade readiness issues detected. Call the EKS ListInsights API to view upgrade blocking issues detected by EKS. Pass the force flag to override upgrade readiness errors and proceed with upgrade.',
    about(deps),
  )
}

/** Throws what EKS answers to a rollback that it does not begin; the words are ours (user guide, "rollback-cluster"). */
export function refuseRollback(deps: ClusterUpdateDeps, version: string, force: boolean): void {
  refuseUnknownMinor(deps, version)
  const { controlPlane, timeline, insights } = deps
  const { upgraded, spec, settings } = controlPlane
  const refuse = (why: string) => invalidRequest(`Cannot roll back cluster ${deps.cluster.name} to ${version}: ${why}`, about(deps))
  if (upgraded === undefined) throw refuse(`the cluster was not upgraded in place to ${controlPlane.version}.`)
  if (timeline.now() - upgraded.at > ROLLBACK_WINDOW) throw refuse('the upgrade completed more than 7 days ago.')
  if (upgraded.by === 'end-of-extended-support') throw refuse('EKS upgraded it at the end of extended support.')
  if (supportOf(version, timeline.now()) === 'EXTENDED_SUPPORT' && settings.supportType === 'STANDARD') {
    throw refuse('the version is in extended support, and the upgrade policy of the cluster is STANDARD.')
  }
  if (spec.featuresSince !== undefined && (distance(version, spec.featuresSince) ?? 0) < 0) {
    throw refuse(`the cluster uses features that need ${spec.featuresSince}.`)
  }
  refuseWithoutAddresses(deps)
  insights.refresh()
  if (force) return
  // ERROR and UNKNOWN block, WARNING does not (same page).
  if (!insights.statuses('ROLLBACK_READINESS', version).some((status) => status === 'ERROR' || status === 'UNKNOWN')) return
  throw invalidState(
    'Rollback readiness issues detected. Call the EKS ListInsights API to view rollback blocking issues detected by EKS. Pass the force flag to override rollback readiness errors and proceed with rollback.',
    about(deps),
  )
}

function about({ cluster }: ClusterUpdateDeps): { clusterName: string } {
  return { clusterName: cluster.name }
}

function distance(to: string, from: string): number | undefined {
  const [a, b] = [parseMinor(to), parseMinor(from)]
  return a === undefined || b === undefined ? undefined : minorsAhead(a, b)
}

/** A minor that is not out, not known, or out of support altogether (text: rancher/rancher#27777). */
function refuseUnknownMinor(deps: ClusterUpdateDeps, version: string): void {
  const support = supportOf(version, deps.timeline.now())
  if (support === undefined || support === 'UNSUPPORTED') throw invalidParameter('unsupported Kubernetes version', about(deps))
}

/** Text: terraform-aws-modules/terraform-aws-eks#2607. */
function unsupportedStep(deps: ClusterUpdateDeps, version: string): WireError {
  return invalidParameter(`Unsupported Kubernetes minor version update from ${deps.controlPlane.version} to ${version}`, about(deps))
}

/**
 * Managed groups that would fall out of the skew policy. Until October 2023 EKS wanted them to match
 * (awsdocs/amazon-eks-user-guide#475, whose words these are); that it still refuses beyond the policy is our assumption.
 */
function refuseLaggingGroups(deps: ClusterUpdateDeps, version: string): void {
  const lagging = managedGroups(deps.groups).filter(({ current }) => (distance(version, current.image.kubernetesVersion) ?? 0) > SKEW)
  if (lagging.length === 0) return
  const target = parseMinor(version)
  const floor = target === undefined ? version : formatMinor({ ...target, minor: target.minor - SKEW })
  const names = lagging.map(({ spec }) => spec.name).join(', ')
  throw invalidParameter(
    `Nodegroups ${names} must be updated to match cluster version ${floor} before updating cluster version`,
    about(deps),
  )
}

/** Text: elastic-ipfs/infrastructure#221; that two zones suffice: clowdhaus/eksup#24. */
function refuseWithoutAddresses(deps: ClusterUpdateDeps): void {
  const { subnets, controlPlane } = deps
  const roomy = new Set<string>()
  const short: string[] = []
  for (const id of controlPlane.settings.subnetIds) {
    const free = subnets.free(id)
    if (free >= FREE_ADDRESSES) roomy.add(subnets.get(id)?.zone ?? id)
    else short.push(`${id} Free IPs: ${free}`)
  }
  if (roomy.size >= ZONES || short.length === 0) return
  throw invalidRequest(
    `Provided subnets ${short.join(' ')} , need at least ${FREE_ADDRESSES} IPs in each subnet to be free for this operation`,
    about(deps),
  )
}
