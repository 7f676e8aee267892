import { sameJson } from '../../../model/same-json.ts'
import type { ClusterSide, StoredObject } from '../../contract.ts'
import { newWorkload, type Place, placeOf } from './addon-places.ts'
import { type AddonValues, NO_VALUES, valuesOf, withValues, writeCniConfig, writeProxyConfig } from './addon-values.ts'
import type { Writing } from './api/api-server.ts'
import { builtInKind, type ServedKind } from './api/kinds.ts'
import { notedUpdate } from './fields/ownership.ts'
import type { Ground } from './ground.ts'
import type { WorkloadObject } from './objects.ts'
import { type ConflictMode, threeWay } from './three-way.ts'

/** The user that EKS applies add-ons as (EKS user guide, "eks-add-ons": the identity of add-ons). */
const EKS = { username: 'eks:addon-manager', groups: ['system:authenticated'] }

/** What EKS puts back about every fifteen minutes (EKS best practices, "vpc-cni"); what else somebody changed stays. */
const PUT_BACK = /\.(image|livenessProbe|readinessProbe|serviceAccountName|labels|volumes|volumeMounts)\b/

export interface AddonObjects {
  apply: ClusterSide['applyAddon']
  reapply: ClusterSide['reapplyAddon']
  remove: ClusterSide['removeAddon']
  /** Where nobody applied an agent, somebody else installed it: EKS has applied nothing there. */
  install(addon: string, version: string): void
}

/** What EKS does to the objects of its add-ons. Configuration values that are not sent again stay as they were. */
export function createAddonObjects(ground: Ground): AddonObjects {
  const { store } = ground
  const configured = new Map<string, AddonValues>()
  /** The pod template that was applied last, by add-on. */
  const applied = new Map<string, object>()
  /** Add-ons whose workload somebody else installed: all of it is theirs until EKS takes it over. */
  const foreign = new Set<string>()

  function apply(
    addon: string,
    version: string,
    configurationValues: string | undefined,
    mode: ConflictMode = 'OVERWRITE',
  ): readonly string[] {
    const place = placeOf(addon)
    const values = configurationValues === undefined ? configured.get(addon) : valuesOf(configurationValues)
    const template = templateOf(ground, addon, version, values)
    const existing = store.get(place.kind, 'kube-system', place.name) as WorkloadObject | undefined
    if (existing === undefined) create(ground, place, template)
    else {
      const last = foreign.has(addon) && mode === 'NONE' ? undefined : applied.get(addon)
      const { merged, conflicts } = threeWay(last, existing.spec?.template, template, () => mode)
      if (conflicts.length > 0) return conflicts.map((path) => `${place.kind}.apps ${place.name} - .spec.template${path}`)
      write(ground, place, merged)
    }
    if (values !== undefined) configured.set(addon, values)
    if (addon === 'kube-proxy') writeProxyConfig(ground, values)
    if (addon === 'vpc-cni') writeCniConfig(ground, values)
    applied.set(addon, template)
    foreign.delete(addon)
    return []
  }

  function reapply(addon: string): void {
    const place = placeOf(addon)
    const last = applied.get(addon)
    const existing = store.get(place.kind, 'kube-system', place.name) as WorkloadObject | undefined
    if (last === undefined || foreign.has(addon)) return
    if (existing === undefined) {
      create(ground, place, last)
      return
    }
    const live = existing.spec?.template
    const { merged } = threeWay(last, live, last, (path) => (PUT_BACK.test(path) ? 'OVERWRITE' : 'PRESERVE'))
    if (!sameJson(merged, live)) write(ground, place, merged)
  }

  function remove(addon: string, preserve: boolean): void {
    const { kind, name } = placeOf(addon)
    if (!preserve && store.get(kind, 'kube-system', name)) ground.api.remove({ user: EKS }, kind, 'kube-system', name)
    configured.delete(addon)
    foreign.add(addon)
  }

  function install(addon: string, version: string): void {
    const place = placeOf(addon)
    if (store.get(place.kind, 'kube-system', place.name)) return
    const template = templateOf(ground, addon, version)
    if (addon === 'kube-proxy') writeProxyConfig(ground)
    create(ground, place, template)
    applied.set(addon, template)
    foreign.add(addon)
  }

  return { apply, reapply, remove, install }
}

function templateOf({ region, ipFamily = 'ipv4' }: Ground, addon: string, version: string, values: AddonValues = NO_VALUES): object {
  const place = placeOf(addon)
  const spec = withValues(place.pod(region, version, values.env, ipFamily), values)
  return { metadata: { labels: { ...place.label, 'app.kubernetes.io/name': place.name } }, spec }
}

/** Before time moves things are simply there; later EKS asks the API server as everybody does. */
function create(ground: Ground, place: Place, template: object): void {
  const workload = newWorkload(place, template)
  if (ground.beginning()) ground.create(workload)
  else ground.api.create(writing(ground, place), kindOf(place), workload)
}

function write(ground: Ground, place: Place, template: unknown): void {
  const change = (current: StoredObject) => ({ ...current, spec: { ...(current as WorkloadObject).spec, template } })
  if (ground.beginning()) ground.store.update(place.kind, 'kube-system', place.name, change)
  else ground.api.update(writing(ground, place), place.kind, 'kube-system', place.name, change)
}

function kindOf({ kind }: Place): ServedKind {
  const served = builtInKind(kind)
  if (served === undefined) throw new Error(`No kind ${kind} is served.`)
  return served
}

/** What EKS changes is noted as its own, as of an Apply, and is nobody else's from then on. */
function writing(ground: Ground, place: Place): Writing {
  const manager = { manager: 'eks', operation: 'Apply', subresource: undefined } as const
  return { user: EKS, owned: (current, next) => notedUpdate(kindOf(place), manager, ground.timeline.now(), current, next) }
}
