import { namedBy } from '../../../src/engine/capture/named-by-plan.ts'
import { captureSnapshot } from '../../../src/engine/capture.ts'
import { prepare } from '../../../src/engine/prepare.ts'
import type { Ending } from '../../../src/engine/session.ts'
import { SECOND } from '../../../src/model/instant.ts'
import type { Step } from '../../../src/model/itinerary.ts'
import { notAsBefore } from '../../../src/rollout/as-it-was.ts'
import { openSimulation } from '../../support/rehearsal.ts'
import { scenario } from '../self-managed.ts'
import { begin, goOn, letTimePass, lookAround, withStory } from '../story.ts'
import type { Stage } from './stages.ts'

/** The first step of each kind that the stage's plan takes. */
export async function stepsOf(stage: Stage): Promise<readonly Step[]> {
  const simulation = openSimulation(stage)
  try {
    const snapshot = await captureSnapshot(await simulation.connect(), simulation.plan.cluster.name, namedBy(simulation.plan))
    const steps = prepare(simulation.plan, snapshot).itinerary.batches.flatMap((batch) => batch.steps)
    return [...new Map(steps.toReversed().map((step) => [step.kind, step])).values()].toReversed()
  } finally {
    simulation.close()
  }
}

export interface End {
  readonly exit: string
  /** Why it ended so, or is held. */
  readonly because: string
  /** What is not as it was, without names that are drawn and without values. */
  readonly remains: readonly string[]
}

/** How a run ends that meets this fault; approvals are given, nothing else is. */
export async function endOf(stage: Stage, fault: string): Promise<End> {
  return await withStory({ ...stage, scenarios: [scenario('fault', fault)] }, async (story) => {
    let ending: Ending = await begin(story)
    while (ending.kind === 'open' && ending.because.includes('approves it')) ending = await goOn(story, 'approve')
    // Readers of AWS hear of the last change some seconds after it.
    letTimePass(story, 5 * SECOND)
    const differences = notAsBefore(story.start, await lookAround(story))
    const remains = [...new Set(differences.map(subjectOf))].sort()
    if (ending.kind === 'open') return { exit: ending.exit, because: ending.because, remains }
    return { exit: ending.outcome.exit, because: ending.outcome.summary, remains }
  })
}

/** `version of node group moved` */
function subjectOf(difference: string): string {
  return difference
    .replace(/ was .*$/s, '')
    .replace(/eks-(\w+)-[0-9a-f-]{36}/, 'eks-$1')
    .replace(/ip-[\d-]+\.\S+/, 'a node')
}
