import type { Action } from '../../model/command.ts'
import { MINUTE, type Millis, SECOND } from '../../model/instant.ts'
import type { RecreateStep, StuckPod } from '../../model/itinerary.ts'
import type { Seen, WaitingPod } from '../../model/seen.ts'
import type { Refusal } from '../drain/drain.ts'
import { paced } from '../pace.ts'
import { NO_MEMORY, type Progress, type StepDefinition, type StepInput } from './definition.ts'
import { stalledBy } from './replacing/stalling.ts'
import { gapOf } from './replacing/standing.ts'

/** What is made anew has to get an address within this time, else making more of it only costs. */
const TIME_TO_START: Millis = 3 * MINUTE

/** From the eviction of a pod until its successor is bound to a node. */
const TIME_TO_APPEAR: Millis = 30 * SECOND

/** After a refusal a pod is asked again, and gives up its turn until then. */
const ASK_AGAIN: Millis = 30 * SECOND

/** How long budgets may keep the last stuck pods before a person is asked. */
const HELD_WITHIN: Millis = 15 * MINUTE

/** Times of the cluster are in whole seconds, and its clock is not ours. */
const CLOCKS_APART: Millis = 10 * SECOND

type Input = Omit<StepInput<RecreateStep>, 'acceptedAt' | 'updateId'>

/** Makes stuck pods anew, some at a time: by eviction, so that budgets are asked, and no more once new ones are stuck too. */
export const recreatePods: StepDefinition<'recreate-pods'> = {
  kind: 'recreate-pods',
  title: 'Make stuck pods anew',
  reversibility: 'reversible',
  call: ({ pods, atOnce }) => `kubernetes:POST pods/eviction of ${pods.length} pods, ${atOnce} at a time`,
  repeats: { every: 5_000 },
  actions: (input) => {
    if (gapOf(input) !== undefined) return []
    const { stuck, anew, failing } = standing(input)
    const asked = lately(input)
    const room = failing.length > 0 ? 0 : paced(input.step.atOnce, input.seen, input.now) - anew.length - asked
    return askable(stuck, input)
      .slice(0, Math.max(0, room))
      .map(({ namespace, name: pod, uid, node }): Action => ({ kind: 'evict-pod', namespace, pod, uid, node }))
  },
  atRest: () => true,
  progress: (input) => progressOf(input),
  compensate: () => undefined,
}

function progressOf(input: StepInput<RecreateStep>): Progress {
  const gap = gapOf(input)
  if (gap !== undefined)
    return { kind: 'in-progress', because: `${gap.source} cannot be read (${gap.reason}); no pod is asked to go meanwhile` }
  const { stuck, anew, failing } = standing(input)
  const { step, seen } = input
  const [first] = failing
  if (first !== undefined) {
    return {
      kind: 'failed',
      failure: {
        cause: 'networking-fails',
        message: `${failing.length} of the pods that were made anew wait for an address like those before: ${first.namespace}/${first.name}`,
        evidence: failing.map(({ namespace, name, message = 'waits for an address' }) => ({
          subject: `Pod/${namespace}/${name}`,
          says: message,
        })),
        nodes: [],
      },
    }
  }
  if (stuck.length > 0 && anew.length === 0 && stuck.every((pod) => refusalOf(pod, input) !== undefined)) return heldBack(stuck, input)
  if (stuck.length > 0 || anew.length > 0 || lately(input) > 0)
    return {
      kind: 'in-progress',
      because: `${stuck.length} of ${step.pods.length} stuck pods are yet to go, ${anew.length} new ones start`,
    }
  const owners = new Set(step.pods.flatMap(({ workload }) => workload ?? []))
  const short = seen.workloads.filter(({ key, available, desired }) => owners.has(key) && available < desired)
  return short.length === 0
    ? { kind: 'done' }
    : { kind: 'in-progress', because: `${short.map(({ key }) => key).join(', ')} ${short.length === 1 ? 'is' : 'are'} not back yet` }
}

function refusalOf({ uid }: StuckPod, { memory = NO_MEMORY }: Input): Refusal | undefined {
  return memory.refusals[uid]
}

/** Pods to ask now: those that were never refused come first, so that a budget which allows none holds up no others. */
function askable(stuck: readonly StuckPod[], input: Input): readonly StuckPod[] {
  const asked = stuck.map((pod) => ({ pod, at: refusalOf(pod, input)?.at ?? Number.NEGATIVE_INFINITY }))
  return asked
    .filter(({ at }) => input.now - at >= ASK_AGAIN)
    .toSorted((a, b) => a.at - b.at)
    .map(({ pod }) => pod)
}

/** Only such pods are left as budgets or webhooks do not let go. */
function heldBack(stuck: readonly StuckPod[], input: Input): Progress {
  const evidence = stuck.map((pod) => ({
    subject: `Pod/${pod.namespace}/${pod.name}`,
    says: refusalOf(pod, input)?.message ?? 'may not be evicted',
  }))
  const [first] = evidence
  return stalledBy(
    'eviction-blocked',
    HELD_WITHIN,
    `${stuck.length} of ${input.step.pods.length} stuck pods may not be evicted: ${first?.subject}: ${first?.says}`,
    evidence,
  )
}

/** Pods asked to go so short a time ago that their successors may not be there yet. */
function lately({ memory = NO_MEMORY, now }: Input): number {
  return Object.values(memory.lately).filter((at) => now - at < TIME_TO_APPEAR).length
}

interface Standing {
  readonly stuck: readonly StuckPod[]
  /** Pods of the same owners that wait for an address and came after the first was asked to go: a bound may have left older ones out. */
  readonly anew: readonly WaitingPod[]
  /** Of these, those that have waited too long. */
  readonly failing: readonly WaitingPod[]
}

function standing({ step, seen, now, begunAt }: Input): Standing {
  const waiting = waitingPods(seen)
  const uids = new Set(waiting.map(({ uid }) => uid))
  const known = new Set(step.pods.map(({ uid }) => uid))
  const owners = new Set(step.pods.map(({ namespace, owner }) => `${namespace}/${owner}`))
  const since = begunAt === undefined ? Number.POSITIVE_INFINITY : begunAt - CLOCKS_APART
  const anew = waiting.filter(
    ({ uid, namespace, owner, boundAt }) => boundAt >= since && !known.has(uid ?? '') && owners.has(`${namespace}/${owner}`),
  )
  return {
    stuck: step.pods.filter(({ uid }) => uids.has(uid)),
    anew,
    failing: anew.filter(({ boundAt, cause }) => cause === 'cni' && now - boundAt >= TIME_TO_START),
  }
}

function waitingPods({ groups, otherNodes }: Seen): readonly WaitingPod[] {
  return [...Object.values(groups).flatMap(({ nodes }) => nodes), ...otherNodes].flatMap((node) => node.waitingPods)
}
