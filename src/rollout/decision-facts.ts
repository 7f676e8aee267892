import { canonicalJson } from '../model/canonical-json.ts'
import type { Intent } from '../model/intent.ts'
import type { UpgradePlan } from '../model/plan.ts'

/**
 * What the digest covers: everything a person says yes to. Versions, image and template numbers, the set of groups and
 * how they are updated, add-on configuration, gates, waivers, severities. Sizes, addresses, budgets and health change by themselves
 * and are checked again instead.
 */
export function decisionFacts(plan: UpgradePlan, intent: Intent): Readonly<Record<string, unknown>> {
  return {
    cluster: plan.cluster,
    clusterMinor: intent.clusterMinor,
    addons: Object.fromEntries(
      intent.addons.map(({ name, baseline, hops, resolveConflicts, gates, soak }) => [
        name,
        { baseline, hops, resolveConflicts, gates, soak },
      ]),
    ),
    ...(intent.controlPlane && { controlPlane: { ...intent.controlPlane, wayBack: intent.controlPlane.wayBack.exists } }),
    groups: Object.fromEntries(
      intent.groups.map((group) => [
        group.name,
        {
          phase: group.phase,
          wave: group.wave,
          strategy: group.strategy,
          form: group.form,
          baseline: group.baseline,
          target: group.target,
          changes: group.changes,
          maxUnavailable: group.maxUnavailable,
          updateStrategy: group.updateStrategy,
          ...(group.force && { force: true }),
          ...(group.pace && { blocked: group.pace.blocked }),
          ...(group.replacement && { replacement: group.replacement }),
          ...(group.pace?.zoneByZone && { zoneByZone: true }),
          ...(group.pace?.order && { order: group.pace.order }),
          ...(group.after && { after: group.after }),
          ...(group.neverWith && { neverWith: group.neverWith }),
        },
      ]),
    ),
    ...(intent.observed && { observed: intent.observed.map(({ name, wave, minor }) => ({ name, wave, minor })) }),
    excluded: intent.excluded,
    canary: plan.canary,
    waves: plan.waves,
    window: plan.window,
    rollback: plan.rollback,
    accept: plan.accept,
    waivers: plan.waivers,
    severities: plan.severities ?? {},
  }
}

/** The facts in which two itineraries differ, one line each: `groups.app-a.baseline.releaseVersion: "a" → "b"`. */
export function differences(before: unknown, after: unknown, path = ''): readonly string[] {
  if (isRecord(before) && isRecord(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
    return keys.flatMap((key) => differences(before[key], after[key], path === '' ? key : `${path}.${key}`))
  }
  if (Array.isArray(before) && Array.isArray(after) && before.length === after.length) {
    return before.flatMap((item, index) => differences(item, after[index], `${path}[${index}]`))
  }
  const [was, is] = [before, after].map((value) => (value === undefined ? 'absent' : canonicalJson(value)))
  return was === is ? [] : [`${path}: ${was} → ${is}`]
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
