import { formatDuration, MINUTE } from '../../../model/instant.ts'
import type { ServiceFacts } from '../../../model/service-facts.ts'
import type { Judgement } from '../../../model/verdict.ts'
import { worst } from '../../../model/verdict.ts'
import type { BatchBaseline, GateInput } from '../definition.ts'
import { conclude, gapIn } from './differential.ts'
import type { Control, Item } from './item.ts'
import { clockTime, count, exactTime, names } from './words.ts'

/** So long a workload, or a Service, may take until it is back. */
export const BACK_WITHIN = 10 * MINUTE

/** So long a pod may be Ready before it is an endpoint. */
const LISTED_WITHIN = 2 * MINUTE

/** What a picture calls the part that tells of the endpoints of Services. */
export const ENDPOINTS = 'kubernetes:endpointslices'

type Input = GateInput<{ readonly ignoreNamespaces?: readonly string[] }>
type Before = NonNullable<BatchBaseline['services']>[string]

/**
 * Services that had a ready endpoint on a replaced node: whether they have one again. Undefined where there is none to judge.
 * A Service can be without endpoints although all its pods are Ready: one that selects a leader by a label that no pod has any more.
 * @param replaced names of the replaced nodes
 */
export function judgeServices(input: Input, replaced: ReadonlySet<string>): Judgement | undefined {
  const { baseline, seen, options } = input
  const gap = gapIn(seen, [ENDPOINTS])
  if (gap !== undefined) return unreadable(gap)
  const now = new Map((seen.services ?? []).map((service) => [service.key, service]))
  const generations = new Map(seen.workloads.map(({ key, generation }) => [key, generation]))
  /** Somebody else's doing is not judged: a Service that is gone, or a workload behind it that was changed or is gone. */
  const isAsBefore = ({ workloads }: Before) => workloads.every((key) => generations.get(key) === baseline.workloads[key]?.generation)
  const asked = Object.entries(baseline.services ?? {}).filter(([key]) => !options.ignoreNamespaces?.includes(key.split('/')[0] ?? ''))
  const known = asked.map(([key, before]) => ({ key, before, service: isAsBefore(before) ? now.get(key) : undefined }))
  const concerned = known.filter(({ before }) => before.nodes.some((node) => replaced.has(node)))
  const items = concerned.flatMap(({ before, service }) => (service === undefined ? [] : itemOf(service, before, input)))
  if (items.length === 0) return undefined
  const elsewhere = known.filter((one) => !concerned.includes(one))
  return conclude(input, {
    items,
    controls: elsewhere.flatMap(({ service }) => (service === undefined ? [] : controlOf(service))),
    before: { total: items.length, failing: 0 },
    notApplicable: concerned.flatMap(({ key, service }) =>
      service === undefined ? { subject: `Service/${key}`, says: 'it, or what it serves, was changed or deleted by others meanwhile' } : [],
    ),
    noun: 'Service',
    passed: `${count(items.length, 'Service')} of theirs ${items.length === 1 ? 'has' : 'have'} ready endpoints${leftOutWords(items)}`,
    nothing: '',
  })
}

/** What is told of workloads and Services together: the worse of the two, and both when they agree. */
export function withServices(workloads: Judgement, services: Judgement | undefined): Judgement {
  if (services === undefined) return workloads
  const verdict = worst([workloads.verdict, services.verdict])
  const telling = [workloads, services].filter((judgement) => judgement.verdict === verdict)
  const notApplicable = [workloads, services].flatMap((judgement) => judgement.notApplicable ?? [])
  return {
    verdict,
    reason: telling.map(({ reason }) => reason).join('; '),
    evidence: telling.flatMap(({ evidence }) => evidence),
    ...(notApplicable.length > 0 && { notApplicable }),
  }
}

function unreadable({ reason, since }: { readonly reason: string; readonly since: number }): Judgement {
  const remedy =
    'let Serin `list` and `watch` endpointslices of discovery.k8s.io (`serin permissions --only rbac`), or take the gate out of the plan'
  const says = `EndpointSlices cannot be read since ${clockTime(since)} (${reason}), so which Services lost their endpoints is not known: ${remedy}`
  return { verdict: 'unknown', reason: says, evidence: [{ subject: ENDPOINTS, says: reason }] }
}

function itemOf(service: ServiceFacts, before: Before, input: Input): Item {
  const name = `Service/${service.key}`
  const { verdict, says, suspect = false } = standing(service, before, input)
  return { subject: name, name, verdict, says, sentence: `${name} ${says}`, suspect }
}

function standing(
  { ready, changedAt = 0, unlisted = [] }: ServiceFacts,
  before: Before,
  { settledAt, now }: Input,
): Pick<Item, 'verdict' | 'says' | 'suspect'> {
  const counts = `has ${count(ready, 'ready endpoint')}, before it had ${before.ready}`
  const late = before.unlisted === undefined ? unlisted.filter(({ readySince }) => now - readySince > LISTED_WITHIN) : []
  const left =
    late.length === 0
      ? ''
      : `; Ready for more than ${formatDuration(LISTED_WITHIN)} and no endpoint of it: ${names(late.map(({ pod }) => pod))}`
  const says = `${counts}${left}`
  if (ready > 0) return { verdict: 'pass', says, suspect: late.length > 0 }
  if (settledAt === undefined) return { verdict: 'pending', says: `${says}; EKS still replaces nodes` }
  const limit = Math.max(settledAt, changedAt) + BACK_WITHIN
  if (now < limit) return { verdict: 'pending', says: `${says}; it has until ${exactTime(limit)}` }
  return { verdict: 'fail', says: `${says}, and is not back after ${formatDuration(BACK_WITHIN)}` }
}

function leftOutWords(items: readonly Item[]): string {
  const named = items.filter(({ suspect }) => suspect).map(({ sentence }) => sentence)
  return named.length === 0 ? '' : `; ${names(named)}`
}

function controlOf({ key, ready }: ServiceFacts): Control {
  return { name: `Service/${key}`, state: ready > 0 ? 'fine' : 'fails' }
}
