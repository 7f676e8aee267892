import { about, says } from '../catalog/signatures/definition.ts'
import type { ClusterFacts, NodeFact } from '../catalog/signatures/facts.ts'
import { hangAlike, isUnread } from '../catalog/signatures/reading.ts'
import type { Finding } from './explain.ts'

/**
 * ipamd.log is read on a few nodes of many. What it says there holds for the others on which the same aws-node hangs alike and of which
 * nobody knows more, unless it says different things on different nodes.
 */
export function withUnread(findings: readonly Finding[], { hung }: ClusterFacts): readonly Finding[] {
  const causes = findings.filter(({ signature }) => signature.explains?.includes('F01') === true)
  const logged = causes.filter(({ match }) => loggedNodes(match).length > 0)
  const [only] = logged
  if (only === undefined || logged.length > 1) return findings
  const known = new Set(causes.flatMap(({ match }) => match.nodes))
  const [model] = loggedNodes(only.match)
  const alike = hung.filter((node) => model !== undefined && !known.has(node) && isUnread(node) && hangAlike(node, model))
  if (model === undefined || alike.length === 0) return findings
  const evidence = alike.map((node) => says(1, about(node), `aws-node hangs as on ${model.name}; its ipamd.log was not read`))
  const match = { ...only.match, nodes: [...only.match.nodes, ...alike], evidence: [...only.match.evidence, ...evidence] }
  return findings.map((finding) => (finding === only ? { ...finding, match } : finding))
}

/** Nodes of whose ipamd.log a line is among the evidence. */
function loggedNodes({ nodes, evidence }: Finding['match']): readonly NodeFact[] {
  const subjects = new Set(evidence.flatMap(({ subject, says: text }) => (text.startsWith('ipamd.log: ') ? [subject] : [])))
  return nodes.filter((node) => subjects.has(about(node)))
}
