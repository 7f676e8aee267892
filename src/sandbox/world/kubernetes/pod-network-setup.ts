import type { Millis } from '../../../model/instant.ts'
import { SECOND } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import { deletionRefused, ipamdAway, policyRefused, wrongClient } from './cni-plugin.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import type { NodeRun, Nodes } from './nodes.ts'
import type { PodObject } from './objects.ts'
import { isTerminating, keyOf, stillThere } from './objects.ts'
import { type PodAddresses, pooledAddresses } from './own-network.ts'
import { interfaceAddress, wantsInterface } from './pod-interfaces/policies.ts'

export interface PodNetworkSetup {
  /** Gets a pod its address, now or as soon as the node can give one, then calls `done` with it. */
  attach(pod: PodObject, done: (address: string) => void): void
  /** Gives back what a pod held and stops trying for it. */
  detach(pod: PodObject): void
  /** Why the plugin cannot take the network of a pod down, as the kubelet says it; undefined when it can. */
  refusesToEnd(pod: PodObject): string | undefined
  /** ipamd of a node answers again: pods that waited try once more. */
  wake(node: string): void
}

/** Who gave a pod its address, and the version of the plugin that set its network up. */
interface Holder {
  readonly addresses: PodAddresses
  readonly version?: string
}

interface Waiting {
  readonly pod: PodObject
  readonly done: (address: string) => void
  attempts: number
}

const NETWORK_NOT_READY =
  'network is not ready: container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized'

/** Sandboxes on the pod network: what the kubelet and the CNI plugin do between binding and the first container. */
export function createPodNetworkSetup(ground: Ground, nodes: Nodes, events: EventRecorder): PodNetworkSetup {
  const waiting = new Map<string, Map<string, Waiting>>()
  const holders = new Map<string, Holder>()

  function attempt(wait: Waiting): void {
    const { pod } = wait
    const node = pod.spec?.nodeName ?? ''
    const run = nodes.get(node)
    waiting.get(node)?.delete(pod.metadata.uid)
    const current = stillThere(ground.store, pod)
    if (!run || !current || isTerminating(current)) return
    if (run.hasConflist) connect(wait, run, current)
    else waitForNetwork(wait, node)
  }

  function connect(wait: Waiting, run: NodeRun, pod: PodObject): void {
    const hindrance = hindranceOf(ground, run)
    const addresses = run.addresses ?? pooledAddresses(ground, run.machine.instanceId)
    const address = hindrance === undefined ? addressFor(pod, run, addresses) : undefined
    if (address === undefined) {
      const reason = hindrance === undefined ? addresses.refusal : `add cmd: ${hindrance}`
      failSandbox(wait, run.machine.nodeName, sandboxError(pod, addresses.plugin, reason))
      return
    }
    wait.done(address)
  }

  /** A pod that asks for a branch interface gets that one's address, as soon as the controller has annotated it. */
  function addressFor(pod: PodObject, { cniBinary }: NodeRun, addresses: PodAddresses): string | undefined {
    if (wantsInterface(pod)) return interfaceAddress(pod)
    const address = addresses.assign(pod.metadata.uid)
    if (address !== undefined) holders.set(pod.metadata.uid, { addresses, ...(cniBinary === undefined ? {} : { version: cniBinary }) })
    return address
  }

  function waitForNetwork(wait: Waiting, node: string): void {
    remember(waiting, node, wait)
    events.record(wait.pod, warning('NetworkNotReady', NETWORK_NOT_READY, node))
  }

  function failSandbox(wait: Waiting, node: string, message: string): void {
    remember(waiting, node, wait)
    wait.attempts++
    events.record(wait.pod, warning('FailedCreatePodSandBox', message, node))
    ground.timeline.after(retryDelay(wait.attempts), retryKey(wait.pod), () => attempt(wait))
  }

  return {
    attach: (pod, done) => attempt({ pod, done, attempts: 0 }),
    detach(pod) {
      const { uid } = pod.metadata
      // Only who waits tries again.
      if (waiting.get(pod.spec?.nodeName ?? '')?.delete(uid)) ground.timeline.cancel(retryKey(pod))
      holders.get(uid)?.addresses.release(uid)
      holders.delete(uid)
    },
    refusesToEnd(pod) {
      const run = nodes.get(pod.spec?.nodeName ?? '')
      const holder = holders.get(pod.metadata.uid)
      const reason = run && holder && deletionRefused(holder.version, run)
      return reason === undefined ? undefined : killError(pod, reason)
    },
    wake(node) {
      for (const wait of [...(waiting.get(node)?.values() ?? [])]) {
        ground.timeline.cancel(retryKey(wait.pod))
        const delay = ground.span(SECOND, 5 * SECOND, 'wake', wait.pod.metadata.uid, wait.attempts)
        ground.timeline.after(delay, retryKey(wait.pod), () => attempt(wait))
      }
    },
  }
}

/** Why the plugin refuses a pod before ipamd is asked for an address. Pods of the beginning were set up long ago. */
function hindranceOf(ground: Ground, run: NodeRun): string | undefined {
  if (!run.ipamdServes) return ipamdAway(run)
  return ground.beginning() ? undefined : (wrongClient(run) ?? policyRefused(ground.store, run))
}

function remember(waiting: Map<string, Map<string, Waiting>>, node: string, wait: Waiting): void {
  const here = waiting.get(node) ?? new Map<string, Waiting>()
  waiting.set(node, here.set(wait.pod.metadata.uid, wait))
}

/** The kubelet tries about every quarter minute; here the tries thin out to one a minute, since each costs an event. */
function retryDelay(attempts: number): Millis {
  return Math.min(12 + 6 * (attempts - 1), 60) * SECOND
}

function retryKey(pod: PodObject): string {
  return `k8s/sandbox/${keyOf(pod)}/${pod.metadata.uid}`
}

function warning(reason: string, message: string, host: string) {
  return { type: 'Warning', reason, message, component: 'kubelet', host } as const
}

/** The kubelet's words. The sandbox id changes with every try in reality; here it stays, so that the event's count grows. */
function sandboxError(pod: PodObject, plugin: string, reason: string): string {
  return `Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup network for sandbox "${sandboxOf(pod)}": plugin type="${plugin}" name="${plugin}" failed (add): ${reason}`
}

function killError(pod: PodObject, reason: string): string {
  const because = `failed to destroy network for sandbox \\"${sandboxOf(pod)}\\": plugin type=\\"aws-cni\\" name=\\"aws-cni\\" failed (delete): del cmd: ${reason}`
  return `error killing pod: failed to "KillPodSandbox" for "${pod.metadata.uid}" with KillPodSandboxError: "rpc error: code = Unknown desc = ${because}"`
}

function sandboxOf(pod: PodObject): string {
  return keyedId(64, 'sandbox', pod.metadata.uid)
}
