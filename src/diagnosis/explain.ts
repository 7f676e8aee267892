import type { Match, Signature } from '../catalog/signatures/definition.ts'

/** A signature that was found, and the cause that explains it, if one does. */
export interface Finding {
  readonly signature: Signature
  readonly match: Match
  readonly explainedBy?: string
}

/**
 * What follows from what: a symptom on nodes or pods of a cause that explains it is no cause of its own. Where it reaches
 * further than its causes do, the rest of it stands for itself.
 */
export function explained(findings: readonly Finding[]): readonly Finding[] {
  return findings.flatMap((finding) => {
    const causes = findings.filter((other) => explains(other, finding, findings))
    const [first] = causes
    if (first === undefined) return [finding]
    const rest = remainder(finding.match, causes)
    const consequence = { ...finding, explainedBy: first.signature.code }
    return rest === undefined ? [consequence] : [{ ...finding, match: rest }, consequence]
  })
}

function explains(cause: Finding, symptom: Finding, findings: readonly Finding[]): boolean {
  if (cause === symptom || cause.signature.explains?.includes(symptom.signature.code) !== true) return false
  // Of two that explain one another the one with a cause of its own is the symptom.
  if (symptom.signature.explains?.includes(cause.signature.code) === true) return findings.indexOf(cause) < findings.indexOf(symptom)
  return overlap(cause.match, symptom.match)
}

function overlap(one: Match, other: Match): boolean {
  if (one.nodes.length === 0 || other.nodes.length === 0)
    return one.pods.some((pod) => other.pods.includes(pod)) || other.nodes.length + other.pods.length === 0
  return one.nodes.some((node) => other.nodes.includes(node))
}

/** The part of a symptom on nodes that no cause has; undefined when the causes cover it. */
function remainder(match: Match, causes: readonly Finding[]): Match | undefined {
  const covered = new Set(causes.flatMap((cause) => cause.match.nodes))
  const nodes = match.nodes.filter((node) => !covered.has(node))
  if (nodes.length === 0 || match.nodes.length === 0) return undefined
  const subjects = new Set([...covered].map(({ name }) => `Node/${name}`))
  const evidence = match.evidence.filter(({ subject }) => !subjects.has(subject))
  const pods = match.pods.filter(({ node }) => node === undefined || !covered.has(node))
  return evidence.some(({ subject }) => subject.startsWith('Node/') || subject.startsWith('Pod/'))
    ? { ...match, nodes, pods, evidence }
    : undefined
}
