import { automatic, matched, type Signature, says } from './definition.ts'
import type { ClusterFacts } from './facts.ts'
import { logEvidence } from './reading.ts'
import { type CutOff, cutOff, cutOffEvidence } from './unreachable.ts'

/** ipamd dropped an interface that is attached: all pods of that interface are cut off at once. */
export const forgottenInterface: Signature = {
  code: 'P17',
  title: 'ipamd dropped an interface that is attached, and its pods are cut off',
  source: 'https://github.com/aws/amazon-vpc-cni-k8s/blob/master/pkg/ipamd/datastore/data_store.go',
  explains: ['P15', 'P16', 'P13'],
  needs: ['kubernetes:pods', 'kubernetes:events'],
  match(facts) {
    const logged = logEvidence(facts.serving, /Force removing eni .* with .* assigned pods/)
    const cut = cutOff(facts)
    const alike = cut !== undefined && cut.forAWhile.length > 1 && sharesInterface(facts, cut)
    if (logged.length === 0 && !alike) return undefined
    const pods = cut === undefined ? [] : [...cut.forAWhile, ...cut.never]
    return matched({
      nodes: cut?.nodes ?? [],
      pods,
      evidence: [
        ...logged,
        ...cutOffEvidence(pods, 2, 'were cut off'),
        ...(alike ? [says(2, 'Cluster', 'on each node all pods of one interface, and pods of its other interfaces are well')] : []),
      ],
    })
  },
  remedy: () =>
    automatic('Put new nodes in the place of these; pods that are made anew there are well too.', 'rotate-nodes', 'serin remediate PLAN'),
}

/** Whether what is cut off on each node is some interfaces whole, while pods of other interfaces there are reached. */
export function sharesInterface({ interfaceOf, reached }: ClusterFacts, { nodes, never, forAWhile }: CutOff): boolean {
  const cut = [...never, ...forAWhile]
  return nodes.every(({ name }) => {
    const here = cut.filter(({ node }) => node?.name === name)
    const gone = new Set(here.map(({ pod }) => interfaceOf(pod.status?.podIP)))
    const well = reached.filter(({ node }) => node?.name === name)
    return !gone.has(undefined) && well.length > 0 && well.every(({ pod }) => !gone.has(interfaceOf(pod.status?.podIP)))
  })
}
