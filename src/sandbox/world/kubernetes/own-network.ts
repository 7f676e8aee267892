import type { Machine, ObjectStore, StoredObject } from '../../contract.ts'
import type { EventRecorder } from './events.ts'
import type { Ground } from './ground.ts'
import { ipamdNode } from './ipamd-node.ts'
import type { NodeRun } from './nodes.ts'

/** Where pods of a node get their addresses from, and in whose words they are told that there is none. */
export interface PodAddresses {
  assign(podUid: string): string | undefined
  release(podUid: string): void
  readonly plugin: string
  readonly refusal: string
}

/** The pools of aws-node, or what the VPC resource controller and Auto Mode keep in its stead. */
export function pooledAddresses({ network }: Ground, instanceId: string): PodAddresses {
  return {
    assign: (podUid) => network.assign(instanceId, podUid),
    release: (podUid) => network.release(instanceId, podUid),
    plugin: 'aws-cni',
    refusal: 'add cmd: failed to assign an IP address to container',
  }
}

/**
 * The pod network of a machine without aws-node comes up with it: on Windows nodes the VPC resource controller keeps a pool of addresses
 * (docs/windows of amazon-vpc-resource-controller-k8s), Auto Mode has the CNI built in, a hybrid node has one of its users', and on
 * Fargate the pod has the address of its node.
 */
export function startOwnNetwork(ground: Ground, run: NodeRun, events: EventRecorder): void {
  const { machine } = run
  run.ipamdServes = true
  run.kubeProxySince ??= ground.timeline.now()
  if (machine.kind === 'windows') run.addresses = windowsAddresses(ground, machine, events)
  else if (machine.kind === 'auto') ground.network.start(machine.instanceId, ipamdNode(ground.store, machine, BUILT_IN))
  else if (machine.kind === 'hybrid') run.addresses = remoteAddresses(machine)
  else if (machine.kind === 'fargate') run.addresses = { assign: () => machine.privateIp, release() {}, plugin: 'aws-cni', refusal: '' }
}

/** Auto Mode delegates prefixes (EKS user guide, "auto-networking"). */
const BUILT_IN = { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' }

const WINDOWS_REFUSAL = 'failed to parse Kubernetes args: pod does not have label vpc.amazonaws.com/PrivateIPv4Address'
const INSUFFICIENT = 'InsufficientCidrBlocks'

function windowsAddresses(ground: Ground, machine: Machine, events: EventRecorder): PodAddresses {
  const words = { plugin: 'vpc-bridge', refusal: WINDOWS_REFUSAL }
  const settings = controllerSettings(ground.store)
  if (settings['enable-windows-ipam'] !== 'true') return { assign: () => undefined, release() {}, ...words }
  ground.network.start(machine.instanceId, ipamdNode(ground.store, machine, windowsEnvironment(settings)))
  const complain = () => {
    const node = ground.store.get('Node', undefined, machine.nodeName)
    if (node === undefined || ground.network.figures(machine.instanceId)?.refusal !== INSUFFICIENT) return
    const message = `${INSUFFICIENT}: The specified subnet does not have enough free cidr blocks to satisfy the request`
    events.record(node, { type: 'Warning', reason: INSUFFICIENT, message, component: 'vpc-resource-controller' })
  }
  complain()
  const pooled = pooledAddresses(ground, machine.instanceId)
  return {
    ...pooled,
    ...words,
    assign(podUid) {
      const address = pooled.assign(podUid)
      if (address === undefined) complain()
      return address
    },
  }
}

type Settings = Readonly<Record<string, string | undefined>>

/** The ConfigMap that the controller reads. */
function controllerSettings(store: ObjectStore): Settings {
  const map = store.get('ConfigMap', 'kube-system', 'amazon-vpc-cni') as (StoredObject & { readonly data?: Settings }) | undefined
  return map?.data ?? {}
}

/** The controller's targets, in the words of ipamd: one interface, three addresses warm (with prefixes one) unless the map says otherwise. */
function windowsEnvironment(settings: Settings): Readonly<Record<string, string>> {
  const prefixes = settings['enable-windows-prefix-delegation'] === 'true'
  const target = (name: string, unset: string) => (prefixes ? settings[name] : (settings[`windows-${name}`] ?? settings[name])) ?? unset
  return {
    MAX_ENI: '1',
    ENABLE_PREFIX_DELEGATION: String(prefixes),
    WARM_IP_TARGET: target('warm-ip-target', prefixes ? '1' : '3'),
    MINIMUM_IP_TARGET: target('minimum-ip-target', '3'),
  }
}

/** A /24 of the remote pod network for each hybrid node; that its CNI hands addresses out in their order is our assumption. */
function remoteAddresses({ privateIp }: Machine): PodAddresses {
  const [, , third, fourth] = privateIp.split('.')
  const held = new Map<string, number>()
  return {
    assign(podUid) {
      const taken = new Set(held.values())
      const number = held.get(podUid) ?? Array.from({ length: 253 }, (_none, index) => index + 2).find((each) => !taken.has(each))
      if (number === undefined) return undefined
      held.set(podUid, number)
      return `172.${16 + (Number(third) % 16)}.${fourth}.${number}`
    },
    release: (podUid) => void held.delete(podUid),
    plugin: 'cilium-cni',
    refusal: 'unable to allocate IP via local cilium agent: range is full',
  }
}
