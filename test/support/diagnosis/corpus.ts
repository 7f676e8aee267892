import { connectForReading } from '../../../src/adapters/connect.ts'
import { captureSnapshot } from '../../../src/engine/capture.ts'
import type { ClusterSnapshot } from '../../../src/model/snapshot.ts'
import { connectInProcess } from '../../../src/sandbox/in-process.ts'
import { ADDON_RECIPES } from './addon-recipes.ts'
import { AWS_NODE_RECIPES } from './aws-node-recipes.ts'
import { DECOYS } from './decoys.ts'
import { type Draw, drawsOf } from './draw.ts'
import { drawGround, type Wish } from './ground.ts'
import { readNodeLogs } from './node-logs.ts'
import { disturbed, NOISE } from './noise.ts'
import { GUARDED_RECIPES, POD_RECIPES } from './pod-recipes.ts'
import type { Recipe } from './recipe.ts'
import { openStage } from './stage.ts'

/** One world of the corpus: what was planted, and what a snapshot of it shows. */
export interface Case {
  readonly seed: number
  readonly name: string
  readonly truth: readonly string[]
  readonly snapshot: ClusterSnapshot
}

export const RECIPES: readonly Recipe[] = [...AWS_NODE_RECIPES, ...ADDON_RECIPES, ...GUARDED_RECIPES, ...POD_RECIPES]

/** Causes that may stand in one world and do not hide one another: neither keeps the other from showing. */
const PAIRS: readonly (readonly [string, string])[] = [
  ['F01', 'P22'],
  ['F06', 'F17'],
  ['F20', 'P22'],
  ['F04', 'P22'],
  ['F17', 'P22'],
  ['F09', 'P22'],
  ['F21', 'P13'],
  ['F21', 'F06'],
  ['F20', 'F17'],
  ['P22', 'P02 throttled'],
  ['P23', 'F17'],
  ['P16', 'P22'],
  ['P05', 'P22'],
  ['P12', 'P22'],
  ['P20', 'P22'],
]

const named = (name: string): Recipe => {
  const found = RECIPES.find((recipe) => recipe.name === name)
  if (found === undefined) throw new Error(`no recipe ${name}`)
  return found
}

/** What is planted in the world of a seed: of ten worlds six have one cause, one has two, three none. */
function planted(seed: number): readonly Recipe[] {
  const slot = seed % 10
  const turn = Math.floor(seed / 10)
  if (slot < 6) return [RECIPES[(6 * turn + slot) % RECIPES.length] as Recipe]
  if (slot === 6) return (PAIRS[turn % PAIRS.length] as readonly [string, string]).map(named)
  return [DECOYS[(3 * turn + slot) % DECOYS.length] as Recipe]
}

/**
 * Seeds by what they are for: signatures were written on the first half, and nobody looked at the worlds of the other. Of
 * that one, one part gave the confidences, and what is reported of them is measured on the rest.
 */
export const SEEDS = { seen: 0, calibration: 7_000_000, held: 8_000_000 } as const

export async function caseOf(seed: number): Promise<Case> {
  return await played(drawsOf(seed), planted(seed))
}

/** A world with these recipes, played and captured as `serin snapshot` does. */
async function played(draw: Draw, recipes: readonly Recipe[]): Promise<Case> {
  const ground = drawGround(draw, together(recipes.map(({ wish }) => wish?.(draw) ?? {})))
  const scenarios = recipes.map(({ scenario }) => scenario?.(draw, ground) ?? {})
  const stage = openStage(draw, ground, draw.chance('noise', 0.4) ? [...scenarios, NOISE] : scenarios)
  for (const { act } of recipes) act?.(stage)
  const nodeLogs = readNodeLogs(stage, !ground.stdout && recipes.some(({ inLogOnly }) => inLogOnly))
  const { transport, clock } = connectInProcess(stage.world)
  const ports = await connectForReading({ cluster: ground.cluster, region: ground.region, transport, clock })
  const snapshot = await captureSnapshot(ports, ground.cluster)
  return {
    seed: draw.seed,
    name: recipes.map(({ name }) => name).join(' + '),
    truth: recipes.flatMap(({ truth }) => truth),
    snapshot: disturbed(draw, { ...snapshot, ...(nodeLogs.length > 0 && { nodeLogs }) }),
  }
}

/** What all of them ask for; versions that each of them accepts. */
function together(wishes: readonly Wish[]): Wish {
  const merged: Record<string, unknown> = {}
  for (const [key, value] of wishes.flatMap((wish) => Object.entries(wish))) {
    const before = merged[key]
    if (key === 'cni' && Array.isArray(before)) merged[key] = before.filter((version) => (value as readonly unknown[]).includes(version))
    else merged[key] = isRecord(before) && isRecord(value) ? { ...before, ...value } : value
  }
  return merged
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
