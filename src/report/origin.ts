import type { ClusterSnapshot } from '../model/snapshot.ts'

/** What a document was made from; printed with everything, so that a rehearsal is never taken for the real thing. */
export interface Origin {
  readonly plan: string
  readonly cluster: string
  readonly region?: string
  readonly capturedAt: string
  readonly sandbox?: ClusterSnapshot['sandbox']
}

/** `cluster shop in eu-central-1, as seen at 2026-11-23T10:00:00Z`. */
export function originSentence(origin: Origin): string {
  return `cluster ${origin.cluster}${origin.region ? ` in ${origin.region}` : ''}, as seen at ${origin.capturedAt}`
}

/** What the rehearsal took for granted, because no snapshot tells it. Empty for a real cluster. */
export function assumptionsOf({ sandbox }: Origin): readonly string[] {
  return sandbox?.assumptions ?? []
}

/** `Simulated: world quickstart, seed 1, no scenario`, or undefined for a real cluster. */
export function sandboxSentence(sandbox: Origin['sandbox']): string | undefined {
  if (!sandbox) return undefined
  const scenarios = sandbox.scenarios.length > 0 ? `scenarios ${sandbox.scenarios.join(', ')}` : 'no scenario'
  return `Simulated: world ${sandbox.world}, seed ${sandbox.seed}, ${scenarios}.`
}
