import { groupOfNode } from '../../../model/groups-of-nodes.ts'
import type { Node } from '../../../model/kubernetes.ts'
import type { ClusterSnapshot } from '../../../model/snapshot.ts'
import { count, names } from './wording.ts'

/** Kinds of compute that a run leaves as they are, by what their nodes carry; the first that fits names a node. */
export const KINDS: readonly {
  readonly kind: string
  readonly alone?: true
  readonly is: (labels: Readonly<Record<string, string>>) => boolean
}[] = [
  { kind: 'Fargate', is: (labels) => labels['eks.amazonaws.com/compute-type'] === 'fargate' },
  { kind: 'hybrid', is: (labels) => labels['eks.amazonaws.com/compute-type'] === 'hybrid' },
  { kind: 'Auto Mode', is: (labels) => labels['eks.amazonaws.com/compute-type'] === 'auto' },
  {
    kind: 'Karpenter',
    is: (labels) => labels['karpenter.sh/nodepool'] !== undefined || labels['karpenter.sh/provisioner-name'] !== undefined,
  },
  { kind: 'Windows', alone: true, is: (labels) => labels['kubernetes.io/os'] === 'windows' },
  { kind: 'self-managed', alone: true, is: () => true },
]

export function kindOf({ metadata }: Node): string {
  return KINDS.find(({ is }) => is(metadata.labels ?? {}))?.kind ?? ''
}

/** Nodes of one group or, outside the groups, of one kind: what is told of a thousand nodes is told once. */
export interface NodesTogether {
  /** `NodeGroup/app-a`, `Nodes/Karpenter`. */
  readonly subject: string
  readonly nodes: readonly Node[]
  /** `3 nodes of app-a (ip-10-0-1-7, ip-10-0-1-8, …)` */
  readonly which: string
}

/** Nodes by where they belong, in the order in which they come. */
export function nodesTogether(nodes: readonly Node[], snapshot: ClusterSnapshot): readonly NodesTogether[] {
  const groupOf = (node: Node) => groupOfNode(node, snapshot)
  const bySubject = Map.groupBy(nodes, (node) => (groupOf(node) === undefined ? `Nodes/${kindOf(node)}` : `NodeGroup/${groupOf(node)}`))
  return [...bySubject].map(([subject, members]) => {
    const [first] = members
    const group = first && groupOf(first)
    const where = group === undefined ? 'in no managed group' : `of ${group}`
    return {
      subject,
      nodes: members,
      which: `${count(members.length, 'node')} ${where} (${names(members.map(({ metadata }) => metadata.name))})`,
    }
  })
}

/** The first of them, as arguments of a command. */
export function namesToType(nodes: readonly Node[], most = 5): string {
  const shown = nodes.slice(0, most).map(({ metadata }) => metadata.name)
  return [...shown, ...(nodes.length > most ? ['…'] : [])].join(' ')
}
