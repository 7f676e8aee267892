import { type Instant, type Millis, SECOND } from '../../../../model/instant.ts'
import type { StoreEvent } from '../../../contract.ts'
import { WireError } from '../../../contract.ts'
import type { BranchInterface, Ec2Answer, TrunkCalls } from '../../../network-contract.ts'
import type { ApiUser } from '../api/requests.ts'
import type { EventRecorder } from '../events.ts'
import type { Ground } from '../ground.ts'
import type { PodObject } from '../objects.ts'
import { isTerminating, stillThere } from '../objects.ts'
import { cooldownOf, type DeleteQueue } from './delete-queue.ts'
import { createPacer } from './pacer.ts'
import { interfaceAddress, POD_INTERFACE, securityGroupsOf, wantsInterface } from './policies.ts'
import { CONTROLLER, LOOK_AGAIN, type Trunk, type TrunkKeeper } from './trunks.ts'

interface BranchDeps {
  readonly ground: Ground
  readonly events: EventRecorder
  readonly calls: TrunkCalls
  readonly trunks: TrunkKeeper
  readonly queue: DeleteQueue
  readonly isAway: (node: string) => boolean
}

/** Who annotates pods: webhooks may leave this user out (controllers/core of amazon-vpc-resource-controller-k8s, as EKS runs it). */
const USER: ApiUser = { username: 'eks:vpc-resource-controller', groups: ['system:authenticated'] }

/** Requeues of a job that failed, the first after 5 ms, each twice as long (client-go's default rate limiter; pkg/config/loader.go). */
const MAX_REQUEUES = 5
const REQUEUE_FIRST: Millis = 5
/** main.go: the controller looks at every pod again. */
const RESYNC: Millis = 1_800 * SECOND
/**
 * How long nodes keep the rules for a pod that is gone: what the cool-down of its branch is for (docs/sgp/sgp_config_options.md of the
 * controller). That the default of 60 s covers it just so is an assumption.
 */
const RULES_STAY: Millis = 60 * SECOND
/** Two calls for each branch: it is created and associated. */
const CALLS_PER_BRANCH = 2
const HIGHEST_VLAN = 120

interface Held {
  readonly node: string
  readonly branch: BranchInterface
  /** The pod has no grace period. */
  readonly abrupt: boolean
}

/** Branch interfaces of pods, from request to annotation. Source: pkg/provider/branch/provider.go of the controller. */
export class Branches {
  readonly #deps: BranchDeps
  readonly #ground: Ground
  readonly #trunks: TrunkKeeper
  readonly #held = new Map<string, Held>()
  /** Addresses of pods that are gone, and until when nodes have rules for those. */
  readonly #left = new Map<string, Instant>()
  readonly #pace: (calls: number) => Millis

  constructor(deps: BranchDeps) {
    this.#deps = deps
    this.#ground = deps.ground
    this.#trunks = deps.trunks
    this.#pace = createPacer(() => deps.ground.timeline.now())
  }

  #say(pod: PodObject, type: 'Normal' | 'Warning', reason: string, message: string): void {
    if (!this.#ground.beginning()) this.#deps.events.record(pod, { type, reason, message, component: CONTROLLER })
  }

  #submit(pod: PodObject): void {
    if (this.#ground.beginning()) this.#allocate(pod, 0)
    else this.#later(pod, this.#pace(CALLS_PER_BRANCH) + this.#ground.span(300, SECOND, 'branch', pod.metadata.uid), 0)
  }

  #later(pod: PodObject, delay: Millis, requeue: number): void {
    const { timeline } = this.#ground
    timeline.cancel(jobKey(pod))
    timeline.after(delay, jobKey(pod), () => this.#allocate(pod, requeue))
  }

  #allocate(before: PodObject, requeue: number): void {
    const { store } = this.#ground
    const pod = stillThere(store, before)
    const trunk = this.#trunks.get(before.spec?.nodeName ?? '')
    if (pod === undefined || trunk === undefined || !isWaiting(pod, this.#trunks)) return
    if (this.#deps.isAway(before.spec?.nodeName ?? '')) {
      this.#later(pod, LOOK_AGAIN, 0)
      return
    }
    const groups = securityGroupsOf(store, pod)
    this.#announce(pod, groups)
    if (trunk.vlans.size >= trunk.limit) this.#later(pod, cooldownOf(store), requeue)
    else if (!this.#create(pod, trunk, groups)) this.#again(pod, requeue)
  }

  #again(pod: PodObject, requeue: number): void {
    if (requeue < MAX_REQUEUES) this.#later(pod, REQUEUE_FIRST * 2 ** requeue + this.#pace(CALLS_PER_BRANCH), requeue + 1)
    else this.#later(pod, RESYNC, 0)
  }

  #announce(pod: PodObject, groups: readonly string[]): void {
    const [type, message] =
      groups.length > 0
        ? (['Normal', `Pod will get the following Security Groups [${groups.join(' ')}]`] as const)
        : (['Warning', NO_POLICY] as const)
    this.#say(pod, type, 'SecurityGroupRequested', message)
  }

  /** False when it has to be tried again. */
  #create(pod: PodObject, trunk: Trunk, groups: readonly string[]): boolean {
    const vlanId = freeVlan(trunk)
    const place = groups.length > 0 ? { ...trunk.place, securityGroups: groups } : trunk.place
    const answer = this.#deps.calls.createBranch(trunk.id, vlanId, place)
    if (!answer.ok) {
      this.#say(pod, 'Warning', 'BranchAllocationFailed', `failed to allocate branch ENI to pod: ${goError(answer)}`)
      return false
    }
    trunk.vlans.add(vlanId)
    return this.#annotate(pod, trunk, answer.value)
  }

  #annotate(pod: PodObject, trunk: Trunk, branch: BranchInterface): boolean {
    const text = JSON.stringify([branch])
    const refusal = annotatePod(this.#ground, pod, text)
    if (refusal === undefined) {
      const abrupt = pod.spec?.terminationGracePeriodSeconds === 0
      this.#held.set(pod.metadata.uid, { node: pod.spec?.nodeName ?? '', branch, abrupt })
      this.#say(pod, 'Normal', 'ResourceAllocated', `Allocated ${text} to the pod`)
      return true
    }
    this.#deps.queue.push(trunk, branch, 'at once')
    this.#say(pod, 'Warning', 'BranchENIAnnotationFailed', `failed to annotate pod with branch ENI details: ${refusal}`)
    return false
  }

  /** The CNI plugin of a pod without grace never runs its DEL, and the branch stays until the node goes (EKS best practices, "sgpp"). */
  #release(uid: string): void {
    const held = this.#held.get(uid)
    if (held === undefined || held.abrupt) return
    this.#held.delete(uid)
    this.#left.set(held.branch.privateIp, this.#ground.timeline.now() + RULES_STAY)
    const trunk = this.#trunks.get(held.node)
    if (trunk !== undefined) this.#deps.queue.push(trunk, held.branch, 'cooled')
  }

  handle({ type, object }: StoreEvent): void {
    if (object.kind !== 'Pod') return
    const pod = object as PodObject
    if (type === 'DELETED' || isOver(pod)) {
      this.#ground.timeline.cancel(jobKey(pod))
      this.#release(pod.metadata.uid)
    } else if (isWaiting(pod, this.#trunks)) this.#submit(pod)
  }

  /** Until when nodes take a pod for one that had its address before; undefined when they do not. */
  mistakenUntil(pod: PodObject): Instant | undefined {
    const until = this.#left.get(interfaceAddress(pod) ?? '')
    return until !== undefined && until > this.#ground.timeline.now() ? until : undefined
  }

  /** The trunk of a node is there: pods that waited for it get their interfaces. */
  trunkOpened(node: string): void {
    for (const pod of this.#ground.store.podsOnNode(node) as readonly PodObject[]) {
      if (isWaiting(pod, this.#trunks)) this.#submit(pod)
    }
  }

  /** The node is gone; its branches stay a minute for late events. */
  nodeGone(node: string): void {
    for (const [uid, held] of this.#held) {
      if (held.node !== node) continue
      this.#held.delete(uid)
      this.#deps.queue.abandon(held.branch.eniId)
    }
  }
}

const NO_POLICY = "Pod will get the instance security group as the pod didn't match any Security Group from SecurityGroupPolicy"

function isWaiting(pod: PodObject, trunks: TrunkKeeper): boolean {
  if (trunks.get(pod.spec?.nodeName ?? '') === undefined || isTerminating(pod)) return false
  return wantsInterface(pod) && pod.metadata.annotations?.[POD_INTERFACE] === undefined
}

/** Its branch goes as if it was deleted (controllers/core/pod_controller.go). */
function isOver({ status }: PodObject): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed'
}

function jobKey({ metadata }: PodObject): string {
  return `k8s/branch/${metadata.uid}`
}

function freeVlan({ vlans }: Trunk): number {
  for (let vlan = 1; vlan <= HIGHEST_VLAN; vlan++) if (!vlans.has(vlan)) return vlan
  throw new Error('A trunk has more branches than VLANs.')
}

/** Through admission like any client's write. The refusal's words, if it was refused. */
function annotatePod({ api }: Ground, { metadata }: PodObject, value: string): string | undefined {
  const { namespace, name } = metadata
  const annotated = <T extends { readonly metadata: object }>(current: T) => ({
    ...current,
    metadata: { ...current.metadata, annotations: { ...(current.metadata as PodObject['metadata']).annotations, [POD_INTERFACE]: value } },
  })
  try {
    api.update({ user: USER }, 'Pod', namespace, name, (current) => annotated(current) as never)
    return undefined
  } catch (error) {
    if (!(error instanceof WireError)) throw error
    return error.message
  }
}

/** How the SDK for Go words a refusal, with what the controller was at. */
function goError({ action = 'CreateNetworkInterface', ...answer }: Ec2Answer<unknown> & { readonly action?: string }): string {
  if (answer.ok) return ''
  const at = action === 'CreateNetworkInterface' ? 'creating network interface' : 'associating branch to trunk'
  const status = answer.code === 'RequestLimitExceeded' ? 503 : answer.code === 'UnauthorizedOperation' ? 403 : 400
  const { requestId, code, message } = answer
  return `${at}, operation error EC2: ${action}, https response error StatusCode: ${status}, RequestID: ${requestId}, api error ${code}: ${message}`
}
