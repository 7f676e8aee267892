import { type Millis, SECOND } from '../../../../model/instant.ts'
import type { Machine, StoredObject } from '../../../contract.ts'
import type { Ec2Answer, EniPlace, TrunkCalls } from '../../../network-contract.ts'
import type { EventRecorder } from '../events.ts'
import type { Ground } from '../ground.ts'
import { eniConfigName, eniPlaceOf } from '../ipamd-node.ts'
import type { NodeObject } from '../objects.ts'
import { POD_INTERFACE } from './policies.ts'

/** A node that has its trunk: which VLANs are taken and where its branches are made. */
export interface Trunk {
  readonly id: string
  readonly instanceId: string
  readonly limit: number
  readonly place: EniPlace
  readonly vlans: Set<number>
}

export interface TrunkKeeper {
  get(node: string): Trunk | undefined
  /** ipamd of a node serves with ENABLE_POD_ENI: it signs up for the feature, and the controller attaches the trunk. */
  enable(machine: Machine, environment: Readonly<Record<string, string>>): void
  forget(node: string): void
}

interface TrunkDeps {
  readonly ground: Ground
  readonly events: EventRecorder
  readonly calls: TrunkCalls
  /** Whether a fault keeps the controller from looking after a node. */
  readonly isAway: (node: string) => boolean
  readonly opened: (node: string) => void
}

export const CONTROLLER = 'vpc-resource-controller'

const FINALIZER = 'networking.k8s.aws/resource-cleanup'
const MAX_RETRIES = 5
const RETRY_FIRST: Millis = 5 * SECOND
/** When a controller that was away may be back. */
export const LOOK_AGAIN: Millis = 60 * SECOND

interface CniNodeObject extends StoredObject {
  readonly spec?: { readonly features?: readonly { readonly name: string; readonly value?: string }[] }
}

/**
 * Trunks of nodes. ipamd patches the CNINode, the controller reads it (pkg/ipamd/ipamd.go of amazon-vpc-cni-k8s; pkg/node/manager and
 * pkg/provider/branch/provider.go of amazon-vpc-resource-controller-k8s).
 */
export function createTrunkKeeper({ ground, events, calls, isAway, opened }: TrunkDeps): TrunkKeeper {
  const { store, timeline } = ground
  const trunks = new Map<string, Trunk>()

  function say(node: string, type: 'Normal' | 'Warning', reason: string, message: string): void {
    const about = store.get('Node', undefined, node)
    if (about !== undefined && !ground.beginning()) events.record(about, { type, reason, message, component: CONTROLLER })
  }

  function enable(machine: Machine, environment: Readonly<Record<string, string>>): void {
    const { nodeName: node } = machine
    const isCustom = environment.AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG === 'true'
    if (!calls.hasRoom(machine.instanceId)) return
    signUp(ground, calls.clusterName, machine, isCustom ? eniConfigOf(ground, node, environment) : undefined)
    if (trunks.has(node)) return
    if (ground.beginning()) attach(machine, isCustom, 0)
    else timeline.after(ground.span(SECOND, 3 * SECOND, 'trunk', node), keyOf(node), () => attach(machine, isCustom, 0))
  }

  function attach(machine: Machine, isCustom: boolean, attempt: number): void {
    const { nodeName: node, instanceId, instanceType } = machine
    if (store.get('Node', undefined, node) === undefined) return
    if (isAway(node)) {
      timeline.after(LOOK_AGAIN, keyOf(node), () => attach(machine, isCustom, 0))
      return
    }
    const limit = calls.branchLimit(instanceId)
    if (limit === 0) {
      const message = `The instance type ${instanceType} is not supported for trunk interface (Security Group for Pods)`
      say(node, 'Warning', 'Unsupported', message)
      return
    }
    const place = isCustom ? placeFor(node) : undefined
    const answer = isCustom && place === undefined ? undefined : calls.attachTrunk(instanceId, place)
    if (answer?.ok === true) open(machine, answer.value, limit, place)
    else refused(machine, isCustom, attempt, answer)
  }

  /** The ENIConfig that the CNINode names; without a name the controller says so. */
  function placeFor(node: string): EniPlace | undefined {
    const { spec } = (store.get('CNINode', undefined, node) ?? {}) as Partial<CniNodeObject>
    const name = spec?.features?.find((feature) => feature.name === 'CustomNetworking')?.value
    if (name !== undefined) return eniPlaceOf(store, name)
    say(
      node,
      'Warning',
      'EniConfigNameNotFound',
      `couldn't find custom networking eniconfig name for node ${node}, error: resource was not found`,
    )
    return undefined
  }

  function refused(machine: Machine, isCustom: boolean, attempt: number, answer: Ec2Answer<string> | undefined): void {
    const { nodeName: node } = machine
    if (answer?.ok === false) {
      const hint = ': Please verify the cluster IAM role has AmazonEKSVPCResourceController policy'
      const message = `Failed to create trunk interface: Error Code: ${answer.code}${answer.code === 'UnauthorizedOperation' ? hint : ''}`
      say(node, 'Warning', 'TrunkENICreationFailed', message)
      say(node, 'Normal', 'NodeTrunkFailedInit', 'The node failed initializing trunk interface')
    }
    if (attempt < MAX_RETRIES) timeline.after(RETRY_FIRST * 2 ** attempt, keyOf(node), () => attach(machine, isCustom, attempt + 1))
  }

  function open({ nodeName: node, instanceId }: Machine, id: string, limit: number, place: EniPlace | undefined): void {
    trunks.set(node, { id, instanceId, limit, place: withGroups(place, calls.placeOf(instanceId)), vlans: new Set() })
    advertise(ground, node, limit)
    say(node, 'Normal', 'NodeTrunkInitiated', 'The node has trunk interface initialized successfully')
    opened(node)
  }

  return {
    get: (node) => trunks.get(node),
    enable,
    forget(node) {
      trunks.delete(node)
      timeline.cancel(keyOf(node))
    },
  }
}

function eniConfigOf({ store }: Ground, node: string, environment: Readonly<Record<string, string>>): string {
  const { labels = {}, annotations = {} } = store.get('Node', undefined, node)?.metadata ?? {}
  return eniConfigName(labels, annotations, environment)
}

function keyOf(node: string): string {
  return `k8s/trunk/${node}`
}

function withGroups(place: EniPlace | undefined, own: EniPlace): EniPlace {
  if (place === undefined) return own
  return place.securityGroups.length > 0 ? place : { ...place, securityGroups: own.securityGroups }
}

/** The node's CNINode with the features that ipamd asks for; made when there is none yet. */
function signUp(ground: Ground, clusterName: string, { nodeName: name, instanceId }: Machine, eniConfig: string | undefined): void {
  const { store } = ground
  const custom = eniConfig === undefined || eniConfig === 'default' ? [] : [{ name: 'CustomNetworking', value: eniConfig }]
  const features = [...custom, { name: 'SecurityGroupsForPods' }]
  if (store.get('CNINode', undefined, name) !== undefined) {
    store.update('CNINode', undefined, name, (current) => ({ ...current, spec: { ...(current as CniNodeObject).spec, features } }))
    return
  }
  const uid = store.get('Node', undefined, name)?.metadata.uid
  const owner = { apiVersion: 'v1', kind: 'Node', name, uid, controller: true, blockOwnerDeletion: true }
  ground.create({
    apiVersion: 'vpcresources.k8s.aws/v1alpha1',
    kind: 'CNINode',
    metadata: { name, labels: { 'kubernetes.io/os': 'linux' }, ...{ finalizers: [FINALIZER], ownerReferences: [owner] as never } },
    spec: { features, tags: { 'cluster.k8s.amazonaws.com/name': clusterName, 'node.k8s.amazonaws.com/instance_id': instanceId } },
  })
}

/** The scheduler may place pods by the room for branches. */
function advertise({ store }: Ground, name: string, limit: number): void {
  store.update('Node', undefined, name, (current) => {
    const { status } = current as NodeObject
    const room = { [POD_INTERFACE]: String(limit) }
    return {
      ...current,
      status: { ...status, capacity: { ...status?.capacity, ...room }, allocatable: { ...status?.allocatable, ...room } },
    }
  })
}
