import { isSerinError, SerinError } from '../../errors/serin-error.ts'
import { AWS_NODE } from '../../model/aws-node.ts'
import { saysThrottled } from '../../model/events.ts'
import { type Instant, MINUTE, type Millis, SECOND } from '../../model/instant.ts'
import { type IpamdCounts, type IpamdReading, refusalsIn } from '../../model/ipamd.ts'
import type { AwsNodeFacts, NodeFacts } from '../../model/seen.ts'
import type { RunPorts } from '../../ports/ports.ts'
import { ipamdCounts } from '../facts/ipamd-counts.ts'
import { inParallel } from './in-parallel.ts'
import type { Troubles } from './troubles.ts'

/** How often the same node is asked. */
const EVERY: Millis = 30 * SECOND
/** Who may not ask one pod may ask none, since the right is one to all pods of the namespace: it is tried again only so often. */
const DENIED_EVERY: Millis = 5 * MINUTE
/** How far the older of two looks is back. */
const WINDOW: Millis = 2 * MINUTE
const AT_A_TIME = 4
/** https://github.com/aws/amazon-vpc-cni-k8s/blob/master/docs/troubleshooting.md */
const METRICS_PORT = 61_678

type Metrics = NonNullable<AwsNodeFacts['metrics']>
type Look = { readonly at: Instant; readonly counts: IpamdCounts }

/** What ipamd counts on some nodes, asked through the API server as `kubectl get --raw` does, so that nothing has to reach the nodes. */
export class IpamdReads {
  readonly #ports: Pick<RunPorts, 'kubernetes' | 'clock'>
  readonly #troubles: Troubles
  /** The looks of the last minutes, oldest first, and when it was last asked, by the uid of the pod. */
  readonly #looks = new Map<string, readonly Look[]>()
  readonly #askedAt = new Map<string, Instant>()
  #metrics: ReadonlyMap<string, Metrics> = new Map()
  #denied: { readonly at: Instant; readonly unreadable: string } | undefined
  #throttled: { readonly at: Instant; readonly says: string } | undefined

  constructor(ports: Pick<RunPorts, 'kubernetes' | 'clock'>, troubles: Troubles) {
    this.#ports = ports
    this.#troubles = troubles
  }

  /** By the uid of the pod of aws-node; the same map while nothing new was read. */
  metrics(): ReadonlyMap<string, Metrics> {
    return this.#metrics
  }

  /** The newest refusal that was throttling. */
  throttled(): { readonly at: Instant; readonly says: string } | undefined {
    return this.#throttled
  }

  /** Asks those of the nodes that are due; of others nothing is known any more. */
  async round(nodes: readonly NodeFacts[]): Promise<void> {
    const wanted = nodes.flatMap(({ name, awsNode }) => (awsNode === undefined ? [] : [{ name, awsNode }]))
    const uids = new Set(wanted.map(({ awsNode }) => awsNode.uid))
    const kept = [...this.#metrics].filter(([uid]) => uids.has(uid))
    for (const uid of this.#askedAt.keys()) if (!uids.has(uid)) this.#forget(uid)
    const now = this.#ports.clock.now()
    const due = wanted.filter(({ awsNode }) => now - (this.#askedAt.get(awsNode.uid) ?? Number.NEGATIVE_INFINITY) >= EVERY)
    if (due.length === 0 && kept.length === this.#metrics.size) return
    const metrics = new Map(kept)
    await inParallel(AT_A_TIME, due, async ({ name, awsNode }) => void metrics.set(awsNode.uid, await this.#ask(name, awsNode)))
    this.#metrics = metrics
  }

  #forget(uid: string): void {
    this.#askedAt.delete(uid)
    this.#looks.delete(uid)
  }

  async #ask(node: string, { pod, uid }: AwsNodeFacts): Promise<Metrics> {
    const at = this.#ports.clock.now()
    this.#askedAt.set(uid, at)
    if (this.#denied !== undefined && at - this.#denied.at < DENIED_EVERY) return { unreadable: this.#denied.unreadable }
    const source = `${IPAMD_METRICS}${node}`
    let denied = false
    const read = await this.#troubles.read(source, async () => {
      try {
        return countsIn(pod, await this.#ports.kubernetes.askPod(AWS_NODE.namespace, pod, METRICS_PORT, '/metrics'))
      } catch (error) {
        denied = isSerinError(error, 'REMOTE_DENIED')
        throw error
      }
    })
    if (read === undefined) {
      this.#looks.delete(uid)
      const unreadable = this.#troubles.reasonOf(source) ?? 'unknown'
      if (denied) this.#denied = { at, unreadable }
      return { unreadable }
    }
    const looks = [...(this.#looks.get(uid) ?? []).filter((look) => at - look.at <= WINDOW), { at, counts: read.answer }]
    this.#noteThrottling(node, looks)
    this.#looks.set(uid, looks)
    const [before] = looks
    return { at, counts: read.answer, ...(before !== undefined && before.at < at && { before }) }
  }

  /** Between this look and the last one: a container that was throttled long ago says so for as long as it runs. */
  #noteThrottling(node: string, looks: readonly Look[]): void {
    const [last, newest] = looks.slice(-2)
    if (last === undefined || newest === undefined) return
    const reading: IpamdReading = { ...newest, before: last }
    const [first] = refusalsIn(reading).filter(({ what }) => saysThrottled(what))
    if (first === undefined) return
    const [action, code] = first.what.split(' ')
    this.#throttled = { at: newest.at, says: `EC2 refused ${action} to ipamd on ${node} (${code})` }
  }
}

/** Sources of what could not be read, by node. */
export const IPAMD_METRICS = 'ipamd:metrics/'

function countsIn(pod: string, text: string): IpamdCounts {
  const counts = ipamdCounts(text)
  if (counts === undefined) throw new SerinError('REMOTE_MALFORMED', `${pod} serves no metrics of ipamd on port ${METRICS_PORT}`)
  return counts
}
