import { type ReachableQuestion, sourceOf } from '../../model/outside.ts'
import type { ClusterSnapshot } from '../../model/snapshot.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { Pass } from './pass.ts'

/** Asks whomever gates are going to ask (nobody in a rehearsal), without their tokens: a snapshot may be taken where nobody has read the plan yet. */
export async function reachOutside(
  { outside }: ClusterPorts,
  pass: Pass,
  questions: readonly ReachableQuestion[],
): Promise<ClusterSnapshot['outside']> {
  if (questions.length === 0) return undefined
  if (outside === undefined) return []
  const reached = await Promise.all(
    questions.map(async (question) => {
      const subject = sourceOf(question)
      const read = await pass.read(subject, async () => ({ answer: await outside.reach(question) }))
      return read === undefined ? [] : [{ subject, ...(read.answer && { answer: read.answer }) }]
    }),
  )
  return reached.flat()
}
