import type { z } from 'zod'
import type { ProbeResult } from '../../model/probe.ts'
import type { NodeFacts } from '../../model/seen.ts'
import type { Evidence, Judgement } from '../../model/verdict.ts'
import { probeAccess } from '../knowledge/run-permissions.ts'
import type { GateDefinition, GateInput } from './definition.ts'
import { conclude, gapJudgement } from './judging/differential.ts'
import type { Control, Item, NodeSays } from './judging/item.ts'
import { nodeSubject } from './judging/item.ts'
import { count, names } from './judging/words.ts'
import { PROBING, type Probing } from './probing/options.ts'
import { demandedOf, failureIn, probesOn, resultsIn, sampled, TRIES, triesOf } from './probing/reading.ts'
import { canBeAsked, controlsFirst, missingIn, probesWanted, variants } from './probing/wants.ts'

export const networkProof: GateDefinition<Probing> = {
  kind: 'network-proof',
  summary: 'A probe pod on the changed nodes gets an address and reaches DNS, the API server and pods on untouched nodes.',
  rule: {
    pass: 'A pod on each probed node (one in each zone and of each type, up to a bound) got an address, resolved a cluster name, had a TLS answer from the cluster address of the API server, and reached a pod on an untouched node in each zone that has one; at once, and again minutes later. With a SecurityGroupPolicy a second pod did so over an interface of its own. Only what worked on untouched nodes is asked for.',
    fail: 'Two probes in a row on a changed node failed at something that works on untouched nodes, also when these are asked once more.',
    unknown:
      'A probe was refused, found no place or no image, ended before it could tell, or did not try what works on untouched nodes; or probes on untouched nodes fail too, or none could tell anything.',
  },
  options: PROBING as z.ZodType<Probing>,
  appliesTo: ['addon', 'nodes'],
  cause: 'addon-or-networking',
  access: ({ namespace, securityGroupPolicy: policy }) => [namespace, ...(policy ? [policy.namespace] : [])].flatMap(probeAccess),
  failsWithoutAddresses: ({ evidence }) => evidence.every(({ says }) => says.includes(WITHOUT_ADDRESS)),
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md',
  judge,
  probes: probesWanted,
  first: controlsFirst,
}

/** In the words of one that fails for that. */
const WITHOUT_ADDRESS = 'without an address'

type Input = GateInput<Probing>

function judge(input: Input): Judgement {
  const gap = gapJudgement(input.seen, ['kubernetes:nodes', 'kubernetes:pods'])
  if (gap !== undefined) return gap
  const nodes = sampled(input)
  const said = nodes.map((node) => ({ node, said: judgeNode(input, node) }))
  const items = said.flatMap(({ node, said: one }) => ('verdict' in one ? [itemOf(node, one)] : []))
  const left = said.flatMap(({ node, said: one }) => ('leftOut' in one ? [{ subject: nodeSubject(node), says: one.leftOut }] : []))
  return conclude(input, {
    items,
    controls: controlsOf(input, nodes),
    before: { total: 0, failing: 0 },
    notApplicable: [...left, ...notDemanded(input)],
    noun: 'node',
    passed: `probe pods on ${count(items.length, 'node')} of ${input.subjects.length} have a network: ${names(demandedWords(input))}`,
    nothing: nothingToJudge(input, left),
  })
}

function judgeNode(input: Input, node: NodeFacts): NodeSays {
  if (node.cordoned) return { leftOut: 'is cordoned, where ipamd attaches no interface: a probe would prove nothing' }
  const parts = variants(input).map((branch) => judgeVariant(input, node, branch))
  const rank = ['fail', 'unknown', 'pending', 'pass']
  return parts.toSorted((a, b) => rank.indexOf(a.verdict) - rank.indexOf(b.verdict))[0] ?? { leftOut: 'is not probed' }
}

type Said = Extract<NodeSays, { verdict: unknown }>

function judgeVariant(input: Input, node: NodeFacts, branch: boolean): Said {
  const which = branch ? 'a probe pod with an interface of its own' : 'a probe pod'
  const say = (verdict: Said['verdict'], says: string, suspect = false): Said => ({
    ...{ verdict, says, sentence: `${which} on ${node.name} ${says}` },
    ...(suspect && { suspect }),
  })
  const told = probesOn(input, node.name, 'subject', branch)
  const tries = triesOf(told)
  const last = tries.at(-1)
  if (last?.report === undefined) return say('pending', told.length === 0 ? 'is to come' : 'has not told anything yet')
  const again = tries.length < TRIES
  const failure = failureIn(input, last)
  if (failure !== undefined)
    return again
      ? say('pending', `failed at ${failure.says}; it is tried once more`, true)
      : say('fail', `failed ${TRIES} times, last ${wordsOf(failure)}`)
  if (last.report.kind === 'unusable' || last.report.kind === 'lost')
    return say(again ? 'pending' : 'unknown', `could not tell: ${last.report.says}`)
  const missing = missingIn(input, last)
  if (missing !== undefined) return say(again ? 'pending' : 'unknown', `has not tried ${missing}, which works on untouched nodes`)
  return proven(input, branch, resultsIn(last.report), say)
}

function wordsOf({ id, says }: ProbeResult): string {
  return id === 'address' ? `${WITHOUT_ADDRESS}: ${says}` : `at ${says}`
}

/** A check that works here and could not be told there is no proof; where nothing works on untouched nodes, nothing is proven. */
function proven(
  input: Input,
  branch: boolean,
  results: ReturnType<typeof resultsIn>,
  say: (verdict: Said['verdict'], says: string) => Said,
): Said {
  const demanded = demandedOf(input, branch)
  if (demanded.size === 0) return say('unknown', 'cannot be compared: no probe on an untouched node could tell anything')
  const open = results.find(({ id, outcome }) => outcome === 'unknown' && demanded.has(id))
  if (open !== undefined) return say('unknown', `could not tell about ${open.says}`)
  return say('pass', `has a network: ${names(results.filter(({ id }) => demanded.has(id)).map(({ says }) => says))}`)
}

function itemOf(node: NodeFacts, { verdict, says, sentence, suspect }: Said): Item {
  return { subject: nodeSubject(node), name: node.name, verdict, says, sentence, ...(suspect && { suspect }) }
}

/** An untouched node fails by the same measure where its newest probe fails at what the changed nodes fail at. */
function controlsOf(input: Input, nodes: readonly NodeFacts[]): readonly Control[] {
  return variants(input).flatMap((branch) => {
    const failing = new Set(
      nodes.flatMap(({ name }) => probesOn(input, name, 'subject', branch).flatMap((state) => failureIn(input, state)?.id ?? [])),
    )
    if (failing.size === 0) return []
    const asked = input.probing.probes.filter(({ spec }) => spec.role === 'control' && (spec.branch !== undefined) === branch)
    return [...Map.groupBy(asked, ({ spec }) => spec.node)].map(([name, states]): Control => {
      const newest = triesOf(states).at(-1)?.report
      if (newest === undefined || newest.kind === 'unusable' || newest.kind === 'lost') return { name, state: 'unreadable' }
      return { name, state: resultsIn(newest).some(({ id, outcome }) => outcome === 'fails' && failing.has(id)) ? 'fails' : 'fine' }
    })
  })
}

/** What does not work on untouched nodes either, or has none left to be tried with, is shown, and asked of nobody. */
function notDemanded(input: Input): readonly Evidence[] {
  return variants(input).flatMap((branch) => {
    const demanded = demandedOf(input, branch)
    const controls = input.probing.probes.filter(({ spec }) => spec.role === 'control' && (spec.branch !== undefined) === branch)
    const failed = controls.flatMap(({ report }) => resultsIn(report)).filter(({ id, outcome }) => outcome !== 'works' && !demanded.has(id))
    const nowhere = [...demanded].filter((id) => !canBeAsked(input, id))
    return [
      ...[...new Map(failed.map((result) => [result.id, result])).values()].map(({ id, says }) => ({
        subject: `Check ${id}`,
        says: `does not work on untouched nodes either, so it is not asked for (${says})`,
      })),
      ...nowhere.map((id) => ({ subject: `Check ${id}`, says: 'is not asked for: no untouched node is left there to be reached' })),
    ]
  })
}

function demandedWords(input: Input): readonly string[] {
  const demanded = variants(input).flatMap((branch) => [...demandedOf(input, branch)])
  return [...new Set(demanded)].filter((id) => canBeAsked(input, id))
}

function nothingToJudge(input: Input, left: readonly Evidence[]): string {
  if (left.length > 0)
    return `none of the ${count(input.subjects.length, 'changed node')} can be probed: ${left[0]?.subject} ${left[0]?.says}`
  return `there is no node that ${input.batch.title} changed, so there is nothing to probe`
}
