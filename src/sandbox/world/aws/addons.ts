import { parse } from 'yaml'
import { type Instant, MINUTE, type Millis, SECOND } from '../../../model/instant.ts'
import type { ClusterSide, Faults, Timeline } from '../../contract.ts'
import type { WorldAddonSpec } from '../world-spec.ts'
import { type Environment, type IpamdSettings, ipamdSettings } from './ipamd/settings.ts'
import type { Update } from './updates.ts'

export interface AddonIssue {
  readonly code: string
  readonly message: string
  readonly resourceIds: readonly string[]
}

/** An EKS add-on: what EKS last applied, and how it fares. */
export interface Addon {
  readonly name: string
  version: string
  configurationValues: string | undefined
  serviceAccountRoleArn: string | undefined
  podIdentityAssociations: readonly string[]
  status: 'ACTIVE' | 'UPDATING' | 'UPDATE_FAILED'
  issues: readonly AddonIssue[]
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
}

/**
 * Our assumptions: how soon EKS applies, how often it looks, and how long it keeps a failing add-on in UPDATING.
 * Nobody outside knows the last: one report says an hour and a half to two (aws/aws-network-policy-agent#91).
 */
const APPLY: Millis = 5 * SECOND
const LOOK_AGAIN: Millis = 10 * SECOND
const GIVE_UP: Millis = 20 * MINUTE

export interface AddonUpdateDeps {
  readonly timeline: Timeline
  readonly cluster: Pick<ClusterSide, 'applyAddon' | 'addonHealth'>
  readonly faults: Faults
}

/** Begins an update that was accepted. It cannot be cancelled; until it ends, another is refused. */
export function beginAddonUpdate(deps: AddonUpdateDeps, addon: Addon, change: AddonChange, update: Update): void {
  const { timeline } = deps
  const deadline = timeline.now() + GIVE_UP
  addon.status = 'UPDATING'
  addon.modifiedAt = timeline.now()
  timeline.after(APPLY, `addon/${addon.name}/apply`, () => {
    const [hindrance] = deps.faults.effects('addon/update', {
      addon: addon.name,
      resolveConflicts: paramOf(update, 'ResolveConflicts') ?? 'NONE',
    })
    if (hindrance !== undefined) {
      finish(deps, addon, update, 'Failed', [hindrance])
      return
    }
    adopt(addon, change)
    deps.cluster.applyAddon(addon.name, addon.version, addon.configurationValues)
    timeline.after(LOOK_AGAIN, `addon/${addon.name}/look`, () => look(deps, addon, update, deadline))
  })
}

function paramOf({ params }: Update, type: string): string | undefined {
  return params.find((param) => param.type === type)?.value
}

function adopt(addon: Addon, change: AddonChange): void {
  addon.version = change.version
  addon.configurationValues = change.configurationValues ?? addon.configurationValues
  addon.serviceAccountRoleArn = change.serviceAccountRoleArn
  addon.podIdentityAssociations = change.podIdentityAssociations ?? addon.podIdentityAssociations
}

function look(deps: AddonUpdateDeps, addon: Addon, update: Update, deadline: Instant): void {
  const { desired, updated, available } = deps.cluster.addonHealth(addon.name)
  if (updated >= desired && available >= desired) finish(deps, addon, update, 'Successful', [])
  else if (deps.timeline.now() >= deadline) finish(deps, addon, update, 'Failed', [shortOfReplicas(deps, addon)])
  else deps.timeline.after(LOOK_AGAIN, `addon/${addon.name}/look`, () => look(deps, addon, update, deadline))
}

/** aws/amazon-vpc-cni-k8s#3704 shows this issue code with counts and waiting reasons. */
function shortOfReplicas({ cluster }: AddonUpdateDeps, { name }: Addon): AddonIssue {
  const { desired, available, waiting } = cluster.addonHealth(name)
  const reasons = waiting.length > 0 ? ` Pods are waiting because: ${[...new Set(waiting)].join(', ')}.` : ''
  const message = `The add-on is unhealthy because ${available}/${desired} pods are available.${reasons}`
  return { code: 'InsufficientNumberOfReplicas', message, resourceIds: [] }
}

function finish(
  { timeline }: AddonUpdateDeps,
  addon: Addon,
  update: Update,
  status: 'Successful' | 'Failed',
  issues: readonly AddonIssue[],
): void {
  addon.status = status === 'Successful' ? 'ACTIVE' : 'UPDATE_FAILED'
  addon.issues = issues
  addon.modifiedAt = timeline.now()
  update.status = status
  update.errors = issues.map(({ code, message, resourceIds }) => ({ errorCode: code, errorMessage: message, resourceIds }))
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
