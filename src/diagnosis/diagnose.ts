import { isMatch } from '../catalog/signatures/definition.ts'
import type { ClusterFacts } from '../catalog/signatures/facts.ts'
import { SIGNATURES } from '../catalog/signatures/registry.ts'
import { allocationOf } from '../model/allocation.ts'
import type { Diagnosis, DiagnosisReport } from '../model/diagnosis.ts'
import type { ClusterSnapshot } from '../model/snapshot.ts'
import type { Evidence } from '../model/verdict.ts'
import { withUnread } from './alike.ts'
import { confidenceOf, likelihoodOf, strengthOf } from './confidence.ts'
import { explained, type Finding } from './explain.ts'
import { clusterFacts } from './facts.ts'

/**
 * What is wrong with the network of a cluster, from one snapshot: causes ranked, with what speaks for and against each.
 * Pure, and about linear in the size of the snapshot. Nothing found is an empty list, never a guess.
 */
export function diagnose(snapshot: ClusterSnapshot): DiagnosisReport {
  const facts = clusterFacts(snapshot)
  const answers = SIGNATURES.map((signature) => ({ signature, answer: signature.match(facts) }))
  const found = withUnread(
    answers.flatMap(({ signature, answer }): Finding[] => (isMatch(answer) ? [{ signature, match: answer }] : [])),
    facts,
  )
  const ranked = explained(found)
    .map((finding) => ({ finding, diagnosis: diagnosisOf(finding, facts) }))
    .sort((a, b) => rankOf(b) - rankOf(a))
  const unclassified = unclassifiedOf(facts, found)
  return {
    capturedAt: snapshot.capturedAt,
    cluster: facts.cluster,
    diagnoses: ranked.map(({ diagnosis }) => diagnosis),
    allocations: facts.stuck.map(({ key, pod, events, node }) => ({ pod: key, ...allocationOf(pod, events, node) })),
    considered: answers.flatMap(({ signature: { code, title }, answer }) =>
      answer === undefined || isMatch(answer) ? [] : [{ code, title, because: answer.rejected }],
    ),
    unclassified,
    collect: [
      ...new Set([
        ...ranked.flatMap(({ finding: { signature, match, explainedBy } }) =>
          explainedBy === undefined ? (signature.collect?.(match) ?? []) : [],
        ),
        ...(unclassified.length > 0 ? NEXT : []),
      ]),
    ],
    unread: [...new Set((snapshot.unavailable ?? []).map(({ source, reason }) => `${source}: ${reason}`))],
  }
}

/** The same report with the commands as they are typed for a plan: `serin remediate PLAN` with its path. */
export function forPlan(report: DiagnosisReport, path: string): DiagnosisReport {
  const typed = (command: string) => (command.startsWith('serin ') ? command.replace(/ PLAN\b/, ` ${path}`) : command)
  const diagnoses = report.diagnoses.map(({ remedy, ...rest }) => ({
    ...rest,
    remedy: { ...remedy, commands: remedy.commands.map(typed) },
  }))
  return { ...report, diagnoses, collect: report.collect.map((text) => text.replace(/(`serin \w+) PLAN\b/g, `$1 ${path}`)) }
}

/** What to read where nothing in the catalogue fits. */
const NEXT = [
  'Take a snapshot with all rights that `serin permissions --read` names, while it fails: `serin snapshot PLAN -o snapshot.json`.',
  'Read ipamd.log of one of these nodes: `kubectl debug node/NODE -it --image=busybox -- tail -n 200 /host/var/log/aws-routed-eni/ipamd.log`.',
]

/** Causes before what follows from them, then the surer, then the one that reaches further. */
function rankOf({ finding: { explainedBy, match }, diagnosis }: { readonly finding: Finding; readonly diagnosis: Diagnosis }): number {
  const reach = Math.min(0.009, (match.nodes.length + match.pods.length) / 10_000)
  return (explainedBy === undefined ? 100 : 0) + strengthOf(match) + diagnosis.confidence + reach
}

function diagnosisOf({ signature, match, explainedBy }: Finding, facts: ClusterFacts): Diagnosis {
  const { code, title, source, answeredAs } = signature
  const confidence = confidenceOf(strengthOf(match))
  const inCluster = (command: string) =>
    command.replace('--cluster-name CLUSTER', `--cluster-name ${facts.cluster}`).replace('--name CLUSTER', `--name ${facts.cluster}`)
  const remedy = signature.remedy(match, facts)
  return {
    code,
    title,
    confidence,
    likelihood: likelihoodOf(confidence),
    nodes: match.nodes.map(({ name }) => name).sort(),
    pods: match.pods.map(({ key }) => key).sort(),
    evidence: match.evidence.map(plain),
    against: match.against.map(plain),
    remedy: { ...remedy, commands: remedy.commands.map(inCluster) },
    blast: blastOf({ signature, match }, facts),
    ...(explainedBy === undefined ? {} : { explainedBy }),
    ...(answeredAs && { answeredAs }),
    source,
  }
}

function plain({ subject, says }: Evidence): Evidence {
  return { subject, says }
}

/** `3 of 9 nodes (groups app, canary), 4 pods`. */
function blastOf({ match: { nodes, pods } }: Finding, facts: ClusterFacts): string {
  const groups = [...new Set(nodes.flatMap(({ group }) => group ?? []))].sort()
  const parts = [
    ...(nodes.length === 0
      ? []
      : [
          `${nodes.length} of ${facts.nodes.length} nodes${groups.length === 0 ? '' : ` (${groups.length === 1 ? 'group' : 'groups'} ${groups.join(', ')})`}`,
        ]),
    ...(pods.length === 0 ? [] : [`${pods.length} ${pods.length === 1 ? 'pod' : 'pods'}`]),
  ]
  return parts.length === 0 ? 'the add-on; no node or pod shows it yet' : parts.join(', ')
}

/** Nodes and pods in trouble with the words of the CNI that no signature speaks of. */
function unclassifiedOf({ hung, stuck }: ClusterFacts, found: readonly Finding[]): readonly Evidence[] {
  const nodes = new Set(found.flatMap(({ match }) => match.nodes))
  const pods = new Set(found.flatMap(({ match }) => match.pods))
  return [
    ...hung
      .filter((node) => !nodes.has(node))
      .map(({ name, awsNode }) => ({
        subject: `Node/${name}`,
        says: `aws-node ${awsNode?.state === 'crashing' ? 'ends by itself again and again' : 'does not serve'}`,
      })),
    ...stuck.filter((pod) => !pods.has(pod) && pod.says !== '').map(({ key, says }) => ({ subject: `Pod/${key}`, says })),
  ]
}
