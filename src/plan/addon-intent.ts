import { compareAddonVersions, parseAddonVersion } from '../model/addon-version.ts'
import type { EksAddon } from '../model/aws.ts'
import type { AddonIntent, AddonSpec, IntentProblem, WayBack } from '../model/intent.ts'
import type { AddonTarget } from '../model/plan.ts'
import { type ClusterSnapshot, whyUnavailable } from '../model/snapshot.ts'
import { type AddonOffer, clusterMinorOf, notToStopOn, offerOf } from './addon-listing.ts'
import { type HopAnswer, hopPath } from './hops.ts'

/** What the plan means for one add-on; no intent when its present state is not known. */
export interface ResolvedAddon {
  readonly intent?: AddonIntent
  readonly problems: readonly IntentProblem[]
}

/** @param next the minor that the control plane is to go to after the add-ons, where it is */
export function resolveAddon(wanted: AddonTarget, snapshot: ClusterSnapshot, next?: string): ResolvedAddon {
  const installed = snapshot.aws.addons?.find((each) => each.addonName === wanted.name)
  const version = installed?.addonVersion
  if (!installed || version === undefined) return { problems: [notInstalled(wanted.name, snapshot)] }
  const offer = offerOf(snapshot, wanted.name, next)
  const aim = aimOf(wanted, version, offer, snapshot, next)
  const path = aim.target === undefined ? undefined : wayTo(wanted.name, version, aim.target, offer, snapshot)
  const problems = [...aim.problems, ...problemsOfPath(wanted.name, path)]
  const hops = path?.kind === 'path' ? path.hops : []
  return {
    intent: {
      name: wanted.name,
      baseline: specOf(installed, version),
      target: aim.target ?? version,
      hops,
      resolveConflicts: wanted.resolveConflicts,
      gates: wanted.gates,
      soak: wanted.soak,
      wayBack: wayBackTo(wanted.name, version, hops, offerOf(snapshot, wanted.name), snapshot),
      ...(next !== undefined && !offer?.versions.includes(version) && { backAfterControlPlane: true as const }),
    },
    problems,
  }
}

function specOf(addon: EksAddon, version: string): AddonSpec {
  const { configurationValues, serviceAccountRoleArn, podIdentityAssociations } = addon
  return { version, configurationValues, serviceAccountRoleArn, podIdentityAssociations }
}

function notInstalled(name: string, snapshot: ClusterSnapshot): IntentProblem {
  const subject = `Addon/${name}`
  if (snapshot.aws.addons === undefined || whyUnavailable(snapshot, 'eks:DescribeAddon')) {
    return {
      subject,
      verdict: 'unknown',
      message: 'The installed add-ons could not be read',
      remedy: 'Allow eks:ListAddons and eks:DescribeAddon.',
    }
  }
  return {
    subject,
    verdict: 'block',
    message: `${name} is not installed as an EKS add-on`,
    remedy: `Serin moves EKS add-ons only: let EKS take over the self-managed ${name}, or leave it out of the plan.`,
  }
}

interface Aim {
  readonly target?: string
  readonly problems: readonly IntentProblem[]
}

/** `recommended` and `latest` never go below what is installed; an exact version may. */
function aimOf(
  wanted: AddonTarget,
  installed: string,
  offer: AddonOffer | undefined,
  snapshot: ClusterSnapshot,
  next: string | undefined,
): Aim {
  const subject = `Addon/${wanted.name}`
  const own = clusterMinorOf(snapshot) ?? 'the cluster'
  const minor = next === undefined ? own : `both ${own} and ${next}`
  if (!offer) {
    const message = `The versions that EKS lists for ${wanted.name} could not be read`
    return { problems: [{ subject, verdict: 'unknown', message, remedy: 'Allow eks:DescribeAddonVersions.' }] }
  }
  if (wanted.version !== 'recommended' && wanted.version !== 'latest') return exactAim(wanted, offer, subject, minor)
  const found =
    wanted.version === 'latest' ? offer.versions[0] : (offer.recommended ?? (next === undefined ? undefined : offer.versions[0]))
  if (found === undefined) {
    const message = `EKS lists no ${wanted.version === 'latest' ? '' : 'default '}version of ${wanted.name} for ${minor}`
    return { problems: [{ subject, verdict: 'block', message, remedy: 'Name a full version in the plan.' }] }
  }
  return { target: isOlder(found, installed) ? installed : found, problems: [] }
}

function exactAim(wanted: AddonTarget, offer: AddonOffer, subject: string, minor: string): Aim {
  const target = wanted.version.startsWith('v') ? wanted.version : `v${wanted.version}`
  if (offer.versions.includes(target)) return { target, problems: [] }
  const message = `${target} of ${wanted.name} is not listed for ${minor}`
  const remedy = `Listed are ${offer.versions.slice(0, 5).join(', ')}${offer.versions.length > 5 ? ', …' : ''}.`
  return { target, problems: [{ subject, verdict: 'block', message, remedy }] }
}

function isOlder(a: string, b: string): boolean {
  const [first, second] = [parseAddonVersion(a), parseAddonVersion(b)]
  return first !== undefined && second !== undefined && compareAddonVersions(first, second) < 0
}

/** The VPC CNI goes one minor at a time; every other add-on goes there at once. */
function wayTo(name: string, from: string, to: string, offer: AddonOffer | undefined, snapshot: ClusterSnapshot): HopAnswer {
  if (name !== 'vpc-cni') return { kind: 'path', hops: from === to ? [] : [to] }
  const scope = { ipFamily: snapshot.aws.cluster?.kubernetesNetworkConfig?.ipFamily, kubernetes: clusterMinorOf(snapshot) }
  return hopPath({ installed: from, target: to, listed: offer?.versions ?? [], knownBad: (version) => notToStopOn(version, scope) })
}

function problemsOfPath(name: string, path: HopAnswer | undefined): readonly IntentProblem[] {
  if (path?.kind !== 'no-path') return []
  return [{ subject: `Addon/${name}`, verdict: 'block', message: `There is no way to the target: ${path.because}`, remedy: path.remedy }]
}

/** Going back needs the baseline to be listed for the cluster's minor now, and for the VPC CNI a listed stop on every minor between. */
function wayBackTo(
  name: string,
  baseline: string,
  hops: readonly string[],
  offer: AddonOffer | undefined,
  snapshot: ClusterSnapshot,
): WayBack {
  const call = `eks:UpdateAddon ${name} to`
  const target = hops.at(-1)
  if (target === undefined) return { exists: 'yes', how: 'nothing moves' }
  const acceptToken = `no-way-back/${name}`
  if (!offer?.versions.includes(baseline)) {
    return { exists: 'none', how: `EKS no longer lists ${baseline} for this cluster, so it cannot be installed again`, acceptToken }
  }
  const back = wayTo(name, target, baseline, offer, snapshot)
  if (back.kind === 'no-path') return { exists: 'none', how: `No path back to ${baseline}: ${back.because}`, acceptToken }
  return { exists: 'yes', how: `${call} ${back.hops.join(', then ')}` }
}
