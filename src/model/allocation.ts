import type { Instant } from './instant.ts'
import type { Pod } from './kubernetes.ts'

/** How far a pod has come on its way to an address. With an interface of its own the resource controller makes that first. */
export interface Allocation {
  readonly own: boolean
  readonly reached: 'bound' | 'requested' | 'branch created' | 'annotated'
  /** What the newest event says against the next step; absent while nothing does. */
  readonly stoppedBy?: string
}

/** What an event about the pod tells. */
interface Told {
  readonly type: string
  readonly reason: string
  readonly text: string
  readonly lastSeen: Instant
}

/** What is known of the node that a pod is bound to. */
interface NodeTold {
  readonly events: readonly Told[]
  /** Features of its CNINode, `none` where others have one and it has not; absent where nobody knows. */
  readonly cniNode?: readonly string[] | 'none'
}

/** The feature by which aws-node asks for a trunk interface: pkg/ipamd/ipamd.go of amazon-vpc-cni-k8s, tryEnableSecurityGroupsForPods. */
export const POD_SECURITY_GROUPS = 'SecurityGroupsForPods'

/** The extended resource and the annotation of pods with an interface of their own. */
const POD_ENI = 'vpc.amazonaws.com/pod-eni'

/**
 * How far a pod without an address has come. The resource controller makes a branch interface and annotates the pod with it, then the
 * CNI gives it to the pod (https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/pkg/provider/branch/provider.go); any
 * other pod gets an address from the pool of its node.
 * @param events those about this pod
 * @param node without a trunk interface there nothing is made for a pod
 */
export function allocationOf(pod: Pod, events: readonly Told[], node: NodeTold = { events: [] }): Allocation {
  const newestFirst = events.toSorted((a, b) => b.lastSeen - a.lastSeen)
  const sandbox = newestFirst.find(({ reason }) => reason === 'FailedCreatePodSandBox')
  const refused = sandbox && { stoppedBy: sandbox.text }
  if (!wantsOwn(pod)) return { own: false, reached: sandbox === undefined ? 'bound' : 'requested', ...refused }
  if (pod.metadata.annotations?.[POD_ENI] !== undefined) return { own: true, reached: 'annotated', ...refused }
  const tellings = newestFirst.filter(({ reason }) => reason in REACHED)
  // Each new try begins with a request: that it is the newest takes nothing back of what the last one failed at.
  const told = tellings.find(({ type }) => type === 'Warning') ?? tellings[0]
  if (told !== undefined) {
    const stopped = told.type === 'Warning' && { stoppedBy: `${told.reason}: ${told.text}` }
    return { own: true, reached: REACHED[told.reason] ?? 'bound', ...stopped }
  }
  const lacking = withoutTrunk(node)
  if (lacking !== undefined) return { own: true, reached: 'bound', stoppedBy: lacking }
  const untold = sandbox !== undefined && { stoppedBy: 'no event of the resource controller tells that it took the pod up' }
  return { own: true, reached: 'bound', ...untold }
}

/** Why the node has no trunk interface, as far as it is told: by its newest event of that, else by what its CNINode lacks. */
function withoutTrunk({ events, cniNode }: NodeTold): string | undefined {
  const told = events.filter(({ reason }) => TRUNK_EVENTS.test(reason)).sort((a, b) => b.lastSeen - a.lastSeen)
  // It comes with every failure, and does not say why.
  const newest = told.find(({ reason }) => reason !== 'NodeTrunkFailedInit') ?? told[0]
  if (newest !== undefined) return newest.reason === 'NodeTrunkInitiated' ? undefined : `${newest.reason} on its node: ${newest.text}`
  if (cniNode === 'none') return 'its node has no CNINode, which the resource controller makes for every node that it looks after'
  return cniNode === undefined || cniNode.includes(POD_SECURITY_GROUPS)
    ? undefined
    : `the CNINode of its node lacks ${POD_SECURITY_GROUPS}: aws-node has not asked for a trunk interface`
}

/** pkg/provider/branch/provider.go and pkg/node/manager of amazon-vpc-resource-controller-k8s; `NodeTrunkFailedInit` is of type Normal. */
const TRUNK_EVENTS = /^(TrunkENICreationFailed|NodeTrunkInitiated|NodeTrunkFailedInit|Unsupported|EniConfigNameNotFound)$/

/** What an event of the controller proves. */
const REACHED: Readonly<Record<string, Allocation['reached']>> = {
  SecurityGroupRequested: 'requested',
  BranchAllocationFailed: 'requested',
  BranchENIAnnotationFailed: 'branch created',
  ResourceAllocated: 'annotated',
}

function wantsOwn({ spec }: Pod): boolean {
  return spec?.containers?.some(({ resources }) => resources?.limits?.[POD_ENI] !== undefined) === true
}
