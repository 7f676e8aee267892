import { describe, expect, it } from 'vitest'
import { MINUTE } from '../../src/model/instant.ts'
import { PROBE_LABELS } from '../../src/model/probe.ts'
import { Crash, type CrashPoint, type Effects, liveOn, openSite, type Site } from '../support/crash.ts'
import { CRASH_PLAN, CRASH_WORLD } from '../support/crash-world.ts'

/** A driver dies in the middle of probing: nothing of its pods is left once the run goes on, nor when nobody ever goes on. */

const PROOF = '{ namespace: default, image: "busybox:1.36", lasting: 1m }'
const CLUSTER = {
  plan: CRASH_PLAN.replace('[nodes-ready, aws-node,', `[nodes-ready, network-proof: ${PROOF}, aws-node,`),
  world: CRASH_WORLD,
}
/** The longest deadline of a probe, what a finished Job is kept for, and some minutes. */
const GONE_AFTER = 45 * MINUTE

/** Jobs and pods of probes that stand in the cluster. */
function probesIn({ world }: Site): readonly string[] {
  const objects = [...world.store.list('Job'), ...world.store.list('Pod')]
  return objects.filter(({ metadata }) => metadata.labels?.[PROBE_LABELS.role]).map(({ kind, metadata }) => `${kind}/${metadata.name}`)
}

async function live(site: Site, life: number, point: CrashPoint | undefined, effects: Effects = []): Promise<string> {
  const ports = await site.driver('here', point, effects)
  try {
    return await liveOn(site, ports, life)
  } catch (error) {
    await ports.caches.stop()
    if (!(error instanceof Crash)) throw error
    return 'died'
  }
}

/** Effects of a run that nobody disturbs, counted from 1. */
async function calm(): Promise<Effects> {
  const effects: Effects = []
  const site = await openSite([], CLUSTER)
  expect(await live(site, 0, undefined, effects)).toBe('ok')
  expect(probesIn(site)).toEqual([])
  site.close()
  return effects
}

const effects = await calm()
const places = ['kubernetes.create', 'kubernetes.remove'].flatMap((name) => {
  const all = effects.flatMap((effect, index) => (effect === name ? [index + 1] : []))
  const chosen = name === 'kubernetes.create' ? [0, Math.floor(all.length / 2)] : [Math.floor(all.length / 2)]
  return chosen
    .map((index) => all[index] ?? 0)
    .flatMap((nth) =>
      (['before', 'after'] as const).map((moment) => ({ title: `${moment} ${name}, effect ${nth}`, point: { nth, moment } })),
    )
})

describe('a driver that dies while it probes the network', () => {
  it.each(places)('$title: resumed, the run ends well and no probe is left', async ({ point }) => {
    const site = await openSite([], CLUSTER)
    expect(await live(site, 0, point)).toBe('died')
    expect(await live(site, 1, undefined)).toBe('ok')
    expect(probesIn(site)).toEqual([])
    site.close()
  })

  it.each(places.filter(({ title }) => title.includes('create')))(
    '$title: with nobody to resume it, its probes end and go by themselves',
    async ({ point }) => {
      const site = await openSite([], CLUSTER)
      expect(await live(site, 0, point)).toBe('died')
      site.world.timeline.advanceTo(site.world.timeline.now() + GONE_AFTER)
      expect(probesIn(site)).toEqual([])
      site.close()
    },
  )
})
