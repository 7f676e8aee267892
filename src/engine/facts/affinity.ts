import type { Node, Workload } from '../../model/kubernetes.ts'
import { sameJson } from '../../model/same-json.ts'

/** Why the aws-node DaemonSet does not run on a node, or undefined where it should. */
export type Excludes = (node: Node) => string | undefined

const COMPUTE_TYPE = 'eks.amazonaws.com/compute-type'
const WITHOUT_AWS_NODE: Readonly<Record<string, string>> = {
  fargate: 'is Fargate',
  hybrid: 'is a hybrid node',
  auto: 'is run by EKS Auto Mode',
}

/**
 * Reads the DaemonSet's own node selector and required node affinity
 * (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity). Where the DaemonSet could not be read:
 * Windows, Fargate, hybrid and Auto Mode nodes, as its manifest says (https://github.com/aws/amazon-vpc-cni-k8s, config/master/aws-k8s-cni.yaml).
 */
export function excludesOf(daemonSet: Workload | undefined): Excludes {
  const spec = daemonSet?.spec?.template?.spec
  if (spec === undefined) return byManifest
  const terms = requiredTerms(spec.affinity)
  const selector = Object.entries(spec.nodeSelector ?? {})
  if (terms === undefined && selector.length === 0) return byManifest
  return (node) => {
    const labels = node.metadata.labels ?? {}
    const fits = selector.every(([key, value]) => labels[key] === value) && (terms?.some((term) => termFits(term, labels)) ?? true)
    return fits ? undefined : (byManifest(node) ?? 'is left out by the affinity of the aws-node DaemonSet')
  }
}

/** Whether two states of the DaemonSet leave out the same nodes: its status changes with every pod, what it requires hardly ever. */
export function excludesAlike(a: Workload, b: Workload): boolean {
  const [before, after] = [a.spec?.template?.spec, b.spec?.template?.spec]
  return sameJson(before?.affinity, after?.affinity) && sameJson(before?.nodeSelector, after?.nodeSelector)
}

function byManifest(node: Node): string | undefined {
  const labels = node.metadata.labels ?? {}
  const os = node.status?.nodeInfo?.operatingSystem ?? labels['kubernetes.io/os']
  if (os === 'windows') return 'runs Windows'
  return WITHOUT_AWS_NODE[labels[COMPUTE_TYPE] ?? '']
}

interface Requirement {
  readonly key: string
  readonly operator: string
  readonly values: readonly string[]
}

/** The terms of `requiredDuringSchedulingIgnoredDuringExecution`, of which one must fit; undefined when nothing is required. */
function requiredTerms(affinity: unknown): readonly (readonly Requirement[])[] | undefined {
  const required = member(member(affinity, 'nodeAffinity'), 'requiredDuringSchedulingIgnoredDuringExecution')
  const terms = member(required, 'nodeSelectorTerms')
  if (!Array.isArray(terms)) return undefined
  return terms.map((term) => list(member(term, 'matchExpressions')).map(requirement))
}

function requirement(expression: unknown): Requirement {
  return {
    key: String(member(expression, 'key') ?? ''),
    operator: String(member(expression, 'operator') ?? ''),
    values: list(member(expression, 'values')).map(String),
  }
}

/** A term without expressions fits nothing, as the scheduler has it. */
function termFits(term: readonly Requirement[], labels: Readonly<Record<string, string>>): boolean {
  return term.length > 0 && term.every((need) => needFits(need, labels[need.key]))
}

function needFits({ operator, values }: Requirement, value: string | undefined): boolean {
  if (operator === 'NotIn') return value === undefined || !values.includes(value)
  if (operator === 'DoesNotExist') return value === undefined
  if (value === undefined) return false
  if (operator === 'Gt') return Number(value) > Number(values[0])
  if (operator === 'Lt') return Number(value) < Number(values[0])
  return operator === 'Exists' || values.includes(value)
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
