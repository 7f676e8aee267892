import type { Failure } from '../model/failure.ts'
import type { NodeFacts } from '../model/seen.ts'
import type { Context } from './context.ts'
import { subjectsOf } from './subjects.ts'

/**
 * New nodes that never join speak against what was changed only while untouched nodes are well. Where those fail as
 * well, what was changed is not what broke, and going back would launch more nodes into the same trouble.
 */
export function unlessUntouchedFail(context: Context, failure: Failure): Failure {
  if (failure.cause !== 'nodes-never-join') return failure
  const gap = context.seen.unavailable.find(({ source }) => source === 'kubernetes:nodes' || source === 'kubernetes:pods')
  if (gap !== undefined) {
    return {
      ...failure,
      cause: 'evidence-missing',
      message: `${failure.message}; whether untouched nodes are well cannot be read (${gap.source}: ${gap.reason})`,
    }
  }
  const failing = failingUntouched(context)
  if (failing.length === 0) return failure
  const names = failing.map(({ name }) => name).join(', ')
  return {
    ...failure,
    cause: 'control-fails-too',
    message: `${failure.message}; but untouched nodes fail too: ${names}. Look for what they share`,
    evidence: [...failure.evidence, ...failing.map(({ name }) => ({ subject: `Untouched node ${name}`, says: 'fails too' }))],
  }
}

/** Nodes that this run has not touched, that were well when the batch began and are not now. */
function failingUntouched({ batch, batchState, itinerary, state, seen }: Context): readonly NodeFacts[] {
  const { baseline } = batchState
  if (batch === undefined || baseline === undefined) return []
  const { controls } = subjectsOf(batch, itinerary, state, seen, baseline)
  return controls.filter((node) => {
    const before = baseline.nodes[node.name]
    const readyLost = before?.ready === 'True' && node.ready !== 'True'
    const awsNodeLost = before?.awsNodeReady === true && node.awsNode?.containers.some(({ ready }) => !ready) === true
    return before?.uid === node.uid && (readyLost || awsNodeLost)
  })
}
