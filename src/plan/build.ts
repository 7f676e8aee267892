import { parseFreezeBound } from '../forecast/window.ts'
import type { GateSpec, GroupSettings, PlanWave, UpgradePlan } from '../model/plan.ts'
import { defaultGates, type GatedPhase, type PlanKinds } from './kinds.ts'
import type { ParsedPlan } from './schema.ts'

type ParsedGates = string | readonly (string | Readonly<Record<string, unknown>>)[] | undefined
type ParsedEntry = NonNullable<ParsedPlan['canary']>

/** The plan as the rest of the program reads it: defaults filled in, names of gate lists resolved. Expects a plan without mistakes. */
export function buildPlan(parsed: ParsedPlan, kinds: PlanKinds): UpgradePlan {
  const gatesOf = gateResolver(parsed, kinds)
  const { metadata, cluster, rollback, remediation, diagnosis, accept, waivers, severities, notify, exclude } = parsed
  return {
    metadata,
    cluster,
    target: targetOf(parsed, gatesOf),
    canary: parsed.canary && waveOf('canary', parsed.canary, gatesOf),
    waves: parsed.waves.map((wave) => waveOf(wave.name, wave, gatesOf)),
    nodeGroups: parsed.nodeGroups as readonly GroupSettings[],
    nodes: parsed.nodes as NonNullable<UpgradePlan['nodes']>,
    exclude,
    window: windowOf(parsed),
    rollback,
    remediation: { ...remediation, maxShare: Number(remediation.maxShare.replace('%', '')) / 100 },
    diagnosis,
    accept,
    waivers,
    severities: severities as UpgradePlan['severities'],
    notify,
  }
}

type GatesOf = (gates: unknown, phase: GatedPhase) => readonly GateSpec[]

function gateResolver(parsed: ParsedPlan, kinds: PlanKinds): GatesOf {
  const named = parsed.gates as Readonly<Record<string, ParsedGates>>
  return (gates, phase) => {
    const used = gates as ParsedGates
    const list = typeof used === 'string' ? named[used] : used
    const items = Array.isArray(list) ? list : defaultGates(kinds, phase)
    return items.map((item) => gateSpec(item, kinds))
  }
}

function gateSpec(item: string | Readonly<Record<string, unknown>>, kinds: PlanKinds): GateSpec {
  if (typeof item !== 'string') {
    const [kind = '', options] = Object.entries(item).find(([, value]) => value !== undefined) ?? []
    return { kind, options: (options ?? {}) as GateSpec['options'] }
  }
  const definition = kinds.gates.find((gate) => gate.kind === item)
  return { kind: item, options: (definition?.options.parse({}) ?? {}) as GateSpec['options'] }
}

/** Images are `latest` when a minor is named, else they stay. */
function targetOf(parsed: ParsedPlan, gatesOf: GatesOf): UpgradePlan['target'] {
  const { kubernetesVersion, images, addons, controlPlane } = parsed.target
  return {
    kubernetesVersion,
    images: images ?? (kubernetesVersion === undefined ? 'keep' : 'latest'),
    addons: addons.map((addon) => ({ ...addon, gates: gatesOf(addon.gates, 'addon') })),
    ...(controlPlane && {
      controlPlane: {
        ...controlPlane,
        gates: gatesOf(controlPlane.gates, 'control-plane'),
        approval: controlPlane.approval === true ? {} : controlPlane.approval,
      },
    }),
  }
}

function waveOf(name: string, entry: ParsedEntry, gatesOf: GatesOf): PlanWave {
  return {
    name,
    nodeGroups: entry.nodeGroups,
    optional: entry.optional,
    batch: entry.batch as PlanWave['batch'],
    gates: gatesOf(entry.gates, 'nodes'),
    soak: entry.soak,
    approval: entry.approval === true ? {} : entry.approval,
  }
}

function windowOf(parsed: ParsedPlan): UpgradePlan['window'] {
  if (!parsed.window) return undefined
  const { timeZone, open, freezes, atClose } = parsed.window
  const spans = freezes.map(({ from, to, reason }) => ({
    from: parseFreezeBound(from, timeZone, 'from') ?? 0,
    to: parseFreezeBound(to, timeZone, 'to') ?? 0,
    reason,
  }))
  return { timeZone, open, freezes: spans, atClose }
}
