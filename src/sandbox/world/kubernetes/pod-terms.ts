import type { LabelSelector } from '../../../model/kubernetes.ts'
import { selectorMatches } from '../../../model/kubernetes.ts'
import type { PodObject } from './objects.ts'
import { isTerminating } from './objects.ts'
import type { PodAffinityTerm } from './pod-spec.ts'

/** Pods of some namespaces that a selector matches, counted per domain of a topology key. */
export interface PodTerm {
  readonly key: string
  readonly topologyKey: string
  matches(pod: PodObject): boolean
  /** Whether a pod that is placed counts. */
  tallies(pod: PodObject): boolean
  /** Pods by domain; a pod on a node without the key is in none. */
  readonly counts: Map<string, number>
}

/** Where pods stand, and what they demand of their neighbours, as far as somebody asked: kept as pods come and go. */
export interface PodTerms {
  /** Counts pods that match an affinity term of a pod in `namespace`. */
  of(term: PodAffinityTerm, namespace: string): PodTerm
  /**
   * Counts pods of `namespace` that match a spread constraint of a pod with these labels. Terminating pods do not count, and
   * with an empty selector none does. Source: countPodsMatchSelector, plugins/podtopologyspread/common.go.
   */
  spread(constraint: SpreadCount, labels: Labels | undefined, namespace: string): PodTerm
  /** Required anti-affinity of pods that are placed: terms by who matches them, counted where their holders stand. */
  holders(): Iterable<PodTerm>
  add(pod: PodObject, domainOf: (topologyKey: string) => string | undefined): Undo
}

/** What of a spread constraint says which pods count where. */
interface SpreadCount {
  readonly topologyKey: string
  readonly labelSelector?: LabelSelector
  readonly matchLabelKeys?: readonly string[]
}

/** Takes a pod out of every count it went into. */
export type Undo = () => void

type Labels = Readonly<Record<string, string>>

/** `placed` lists pods with their domains, for a term that is asked for the first time. */
export function createPodTerms(
  placed: () => Iterable<readonly [PodObject, (topologyKey: string) => string | undefined]>,
  namespaceLabels: (namespace: string) => Labels | undefined,
): PodTerms {
  const terms = new Map<string, PodTerm>()
  const held = new Map<string, PodTerm>()
  /** What a term that came later added for pods placed before it. */
  const late = new Map<string, Undo[]>()

  function newTerm(key: string, term: PodAffinityTerm, namespace: string): PodTerm {
    const matches = matcher(term, namespace, namespaceLabels)
    return { key, topologyKey: term.topologyKey, matches, tallies: matches, counts: new Map() }
  }

  function holderOf(term: PodAffinityTerm, namespace: string): PodTerm {
    const key = termKey(term, namespace)
    const made = held.get(key) ?? newTerm(key, term, namespace)
    held.set(key, made)
    return made
  }

  function of(term: PodAffinityTerm, namespace: string): PodTerm {
    const key = termKey(term, namespace)
    return terms.get(key) ?? countFromNow(newTerm(key, term, namespace))
  }

  function spread(constraint: SpreadCount, labels: Labels | undefined, namespace: string): PodTerm {
    const term = spreadTerm(constraint, labels)
    const key = `spread ${termKey(term, namespace)}`
    const known = terms.get(key)
    if (known) return known
    const made = newTerm(key, term, namespace)
    const tallies = selectsAll(term.labelSelector) ? () => false : (pod: PodObject) => !isTerminating(pod) && made.matches(pod)
    return countFromNow({ ...made, tallies })
  }

  function countFromNow(made: PodTerm): PodTerm {
    terms.set(made.key, made)
    for (const [pod, domainOf] of placed()) {
      const undo = counted(made, pod, domainOf)
      if (undo) late.set(pod.metadata.uid, [...(late.get(pod.metadata.uid) ?? []), undo])
    }
    return made
  }

  return {
    of,
    spread,
    holders: () => held.values(),
    add(pod, domainOf) {
      const undos: Undo[] = []
      for (const term of terms.values()) undos.push(counted(term, pod, domainOf) ?? nothing)
      for (const wanted of pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []) {
        const term = holderOf(wanted, pod.metadata.namespace ?? '')
        undos.push(raise(term, domainOf(term.topologyKey)))
      }
      return () => {
        for (const undo of [...undos, ...(late.get(pod.metadata.uid) ?? [])]) undo()
        late.delete(pod.metadata.uid)
      }
    },
  }
}

function nothing(): void {}

function counted(term: PodTerm, pod: PodObject, domainOf: (topologyKey: string) => string | undefined): Undo | undefined {
  return term.tallies(pod) ? raise(term, domainOf(term.topologyKey)) : undefined
}

function raise({ counts }: PodTerm, domain: string | undefined): Undo {
  if (domain === undefined) return nothing
  counts.set(domain, (counts.get(domain) ?? 0) + 1)
  return () => {
    const left = (counts.get(domain) ?? 0) - 1
    if (left > 0) counts.set(domain, left)
    else counts.delete(domain)
  }
}

function termKey({ topologyKey, labelSelector, namespaces, namespaceSelector }: PodAffinityTerm, namespace: string): string {
  const where = namespaces || namespaceSelector ? [...(namespaces ?? [])].sort() : [namespace]
  return JSON.stringify([topologyKey, labelSelector ?? null, where, namespaceSelector ?? null])
}

/** The labels object is shared by the pods of a template, so what it matches is remembered per object. */
function matcher(
  { labelSelector, namespaces, namespaceSelector }: PodAffinityTerm,
  own: string,
  namespaceLabels: (namespace: string) => Labels | undefined,
): (pod: PodObject) => boolean {
  const known = new WeakMap<object, boolean>()
  const inNamespace = (namespace: string) =>
    namespaces || namespaceSelector
      ? (namespaces?.includes(namespace) ?? false) || selectorMatches(namespaceSelector, namespaceLabels(namespace))
      : namespace === own
  return ({ metadata: { labels = NO_LABELS, namespace = '' } }) => {
    if (!inNamespace(namespace)) return false
    const remembered = known.get(labels)
    if (remembered !== undefined) return remembered
    const holds = selectorMatches(labelSelector, labels)
    known.set(labels, holds)
    return holds
  }
}

const NO_LABELS: Labels = {}

/** An empty selector, which is not the same as none: that matches nothing. */
function selectsAll(selector: LabelSelector | undefined): boolean {
  return selector !== undefined && !selector.matchExpressions?.length && Object.keys(selector.matchLabels ?? {}).length === 0
}

/** A spread constraint seen as a term: pods of the same namespace, narrowed by the pod's own values of `matchLabelKeys`. */
function spreadTerm(constraint: SpreadCount, labels: Labels = NO_LABELS): PodAffinityTerm {
  const { topologyKey, labelSelector, matchLabelKeys = [] } = constraint
  const own = matchLabelKeys.flatMap((key) => (labels[key] === undefined ? [] : [[key, labels[key]] as const]))
  if (own.length === 0) return { topologyKey, ...(labelSelector ? { labelSelector } : {}) }
  return { topologyKey, labelSelector: { ...labelSelector, matchLabels: { ...labelSelector?.matchLabels, ...Object.fromEntries(own) } } }
}
