import { parse } from 'yaml'
import { type Instant, MINUTE, type Millis, SECOND } from '../../../model/instant.ts'
import { type ClusterSide, type Faults, type Timeline, WireError } from '../../contract.ts'
import type { Entered, PhaseOf } from '../faults/when.ts'
import type { WorldAddonSpec } from '../world-spec.ts'
import type { ApiServerLever } from './control-plane.ts'
import { type Environment, type IpamdSettings, ipamdSettings } from './ipamd/settings.ts'
import type { Update } from './updates.ts'

export interface AddonIssue {
  readonly code: string
  readonly message: string
  readonly resourceIds: readonly string[]
}

export type AddonStatus = 'CREATING' | 'ACTIVE' | 'CREATE_FAILED' | 'UPDATING' | 'UPDATE_FAILED' | 'DEGRADED' | 'DELETING' | 'DELETE_FAILED'

/** An EKS add-on: what EKS last applied, and how it fares. */
export interface Addon {
  readonly name: string
  version: string
  configurationValues: string | undefined
  serviceAccountRoleArn: string | undefined
  podIdentityAssociations: readonly string[]
  tags: Readonly<Record<string, string>>
  status: AddonStatus
  issues: readonly AddonIssue[]
  /** Since when it has been short of replicas while nothing was done to it. */
  shortSince?: Instant
  readonly createdAt: Instant
  modifiedAt: Instant
}

export function openAddon(spec: WorldAddonSpec, now: Instant): Addon {
  return {
    name: spec.name,
    version: spec.version,
    configurationValues: spec.configurationValues,
    serviceAccountRoleArn: spec.serviceAccountRoleArn,
    podIdentityAssociations: spec.podIdentityAssociations ?? [],
    tags: {},
    status: 'ACTIVE',
    issues: [],
    createdAt: now,
    modifiedAt: now,
  }
}

/** What an update sets; what is undefined stays as it was, but the role: without one the node's is used (EKS API reference, UpdateAddon). */
export interface AddonChange {
  readonly version: string
  readonly configurationValues: string | undefined
  readonly serviceAccountRoleArn: string | undefined
  readonly podIdentityAssociations: readonly string[] | undefined
  readonly resolveConflicts: ConflictMode
}

type ConflictMode = NonNullable<Parameters<ClusterSide['applyAddon']>[3]>

/**
 * Our assumptions: how soon EKS applies, how often it looks, and how long it keeps a failing add-on in UPDATING.
 * Nobody outside knows the last: one report says an hour and a half to two (aws/aws-network-policy-agent#91).
 */
const APPLY: Millis = 5 * SECOND
const LOOK_AGAIN: Millis = 10 * SECOND
const GIVE_UP: Millis = 20 * MINUTE

export interface AddonUpdateDeps {
  readonly timeline: Timeline
  readonly cluster: Pick<ClusterSide, 'applyAddon' | 'addonHealth' | 'removeAddon' | 'reapplyAddon'>
  readonly apiServer: Pick<ApiServerLever, 'isAway'>
  readonly faults: Faults
  readonly entered: Entered
}

/** How an operation on an add-on ends. */
interface Course {
  readonly mode: ConflictMode
  /** What EKS adopts once its objects are applied. */
  readonly adopt: () => void
  readonly entered: (phase: PhaseOf<'eks:UpdateAddon'>) => void
  readonly end: (issues: readonly AddonIssue[]) => void
}

/** Begins an update that was accepted. It cannot be cancelled; until it ends, another is refused. */
export function beginAddonUpdate(deps: AddonUpdateDeps, addon: Addon, change: AddonChange, update: Update): void {
  const entered = (phase?: PhaseOf<'eks:UpdateAddon'>) => deps.entered('eks:UpdateAddon', addon.name, phase)
  const end = (issues: readonly AddonIssue[]) => {
    entered()
    settle(deps, addon, issues.length === 0 ? 'ACTIVE' : 'UPDATE_FAILED', issues)
    update.status = issues.length === 0 ? 'Successful' : 'Failed'
    update.errors = issues.map(({ code, message, resourceIds }) => ({ errorCode: code, errorMessage: message, resourceIds }))
  }
  settle(deps, addon, 'UPDATING', addon.issues)
  applyLater(deps, addon, change, { mode: change.resolveConflicts, adopt: () => adopt(addon, change), entered, end })
}

/** Begins a creation that was accepted. An add-on that lacks replicas is DEGRADED in the end, any other trouble is CREATE_FAILED. */
export function beginAddonCreation(deps: AddonUpdateDeps, addon: Addon, mode: ConflictMode): void {
  const end = (issues: readonly AddonIssue[]) => {
    const short = issues.some(({ code }) => code === 'InsufficientNumberOfReplicas')
    settle(deps, addon, issues.length === 0 ? 'ACTIVE' : short ? 'DEGRADED' : 'CREATE_FAILED', issues)
  }
  settle(deps, addon, 'CREATING', [])
  applyLater(deps, addon, addon, { mode, adopt: () => {}, entered: () => {}, end })
}

/** Begins a deletion that was accepted; `gone` is called when nothing is left of the add-on for EKS. */
export function beginAddonDeletion(deps: AddonUpdateDeps, addon: Addon, preserve: boolean, gone: () => void): void {
  settle(deps, addon, 'DELETING', [])
  deps.timeline.after(APPLY, `addon/${addon.name}/delete`, () => {
    const refusal = attempt(() => deps.cluster.removeAddon(addon.name, preserve))
    if (refusal === undefined) gone()
    else settle(deps, addon, 'DELETE_FAILED', [refusal])
  })
}

function settle({ timeline }: AddonUpdateDeps, addon: Addon, status: AddonStatus, issues: readonly AddonIssue[]): void {
  addon.status = status
  addon.issues = issues
  addon.modifiedAt = timeline.now()
  delete addon.shortSince
}

type Wanted = Pick<AddonChange, 'version' | 'configurationValues'>

function applyLater(deps: AddonUpdateDeps, addon: Addon, wanted: Wanted, course: Course): void {
  const { timeline } = deps
  const deadline = timeline.now() + GIVE_UP
  course.entered('apply')
  timeline.after(APPLY, `addon/${addon.name}/apply`, () => applyNow(deps, addon, wanted, course, deadline))
}

function applyNow(deps: AddonUpdateDeps, addon: Addon, wanted: Wanted, course: Course, deadline: Instant): void {
  const { timeline, apiServer } = deps
  const key = `addon/${addon.name}/apply`
  if (apiServer.isAway() && timeline.now() < deadline)
    timeline.after(LOOK_AGAIN, key, () => applyNow(deps, addon, wanted, course, deadline))
  else if (apiServer.isAway()) course.end([UNREACHABLE])
  else {
    const refusal = applied(deps, addon, wanted, course)
    if (refusal !== undefined) {
      course.end([refusal])
      return
    }
    course.entered('rollout')
    timeline.after(LOOK_AGAIN, `addon/${addon.name}/look`, () => look(deps, addon, course, deadline))
  }
}

const UNREACHABLE = {
  code: 'ClusterUnreachable',
  message: 'Amazon EKS is unable to to communicate with your Kubernetes cluster API server.',
  resourceIds: [],
}

/** Nothing of it reached the cluster when there is an issue. */
function applied(
  { cluster }: AddonUpdateDeps,
  { name, configurationValues }: Addon,
  wanted: Wanted,
  course: Course,
): AddonIssue | undefined {
  let conflicts: readonly string[] = []
  const refusal = attempt(() => {
    conflicts = cluster.applyAddon(name, wanted.version, wanted.configurationValues ?? configurationValues, course.mode)
  })
  if (refusal !== undefined || conflicts.length > 0) return refusal ?? conflictOf(conflicts)
  course.adopt()
  return undefined
}

/** What admission refuses, in its own words. */
function attempt(action: () => void): AddonIssue | undefined {
  try {
    action()
    return undefined
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return { code: 'AdmissionRequestDenied', message: error.message, resourceIds: [] }
  }
}

/** Text: aws/amazon-vpc-cni-k8s#2150. */
function conflictOf(conflicts: readonly string[]): AddonIssue {
  const message = `Conflicts found when trying to apply. Will not continue due to resolve conflicts mode. Conflicts:\n${conflicts.join('\n')}`
  return { code: 'ConfigurationConflict', message, resourceIds: [] }
}

function adopt(addon: Addon, change: AddonChange): void {
  addon.version = change.version
  addon.configurationValues = change.configurationValues ?? addon.configurationValues
  addon.serviceAccountRoleArn = change.serviceAccountRoleArn
  addon.podIdentityAssociations = change.podIdentityAssociations ?? addon.podIdentityAssociations
}

function look(deps: AddonUpdateDeps, addon: Addon, course: Course, deadline: Instant): void {
  const { desired, updated, available } = deps.cluster.addonHealth(addon.name)
  if (updated >= desired && available >= desired) course.end([])
  else if (deps.timeline.now() >= deadline) course.end([shortOfReplicas(deps, addon)])
  else deps.timeline.after(LOOK_AGAIN, `addon/${addon.name}/look`, () => look(deps, addon, course, deadline))
}

/** aws/amazon-vpc-cni-k8s#3704 shows this issue code with counts and waiting reasons. */
export function shortOfReplicas({ cluster }: AddonUpdateDeps, { name }: Addon): AddonIssue {
  const { desired, available, waiting } = cluster.addonHealth(name)
  const reasons = waiting.length > 0 ? ` Pods are waiting because: ${[...new Set(waiting)].join(', ')}.` : ''
  const message = `The add-on is unhealthy because ${available}/${desired} pods are available.${reasons}`
  return { code: 'InsufficientNumberOfReplicas', message, resourceIds: [] }
}

/** Status and issues as DescribeAddon answers them: a fault may make a healthy add-on ail. */
export function healthOf({ faults }: AddonUpdateDeps, { name, status, issues }: Addon): Pick<Addon, 'status' | 'issues'> {
  const given = faults.effects('addon/health', { addon: name })
  return { status: status === 'ACTIVE' && given.length > 0 ? 'DEGRADED' : status, issues: [...issues, ...given] }
}

/** How ipamd works by the environment that the add-on's configuration sets. */
export function configuredIpamd(configurationValues: string | undefined): IpamdSettings {
  return ipamdSettings(environmentOf(configurationValues))
}

/** `env` of the configuration values, JSON or YAML as EKS takes both. */
function environmentOf(configurationValues: string | undefined): Environment {
  const values: unknown = parse(configurationValues ?? '')
  const env = typeof values === 'object' && values !== null && 'env' in values ? values.env : undefined
  const entries = typeof env === 'object' && env !== null ? Object.entries(env) : []
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
}
