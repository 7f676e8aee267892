import type { IpamdNode } from '../../../src/sandbox/network-contract.ts'
import { createSubnets } from '../../../src/sandbox/world/aws/addresses.ts'
import { createInstanceTypes, maxPods } from '../../../src/sandbox/world/aws/instance-types.ts'
import { createInstances, type Instance } from '../../../src/sandbox/world/aws/instances.ts'
import { createInterfaceCalls, type Refusal } from '../../../src/sandbox/world/aws/interface-calls.ts'
import { createInterfaces, type Interface } from '../../../src/sandbox/world/aws/interfaces.ts'
import { ipamdSettings } from '../../../src/sandbox/world/aws/ipamd/settings.ts'
import { createPodNetwork } from '../../../src/sandbox/world/aws/pod-network.ts'
import { type BucketSize, createRequestBuckets } from '../../../src/sandbox/world/aws/request-buckets.ts'
import type { ReservationSpec } from '../../../src/sandbox/world/network-spec.ts'
import { createTimeline } from '../../../src/sandbox/world/timeline.ts'

export interface NetworkOptions {
  readonly cidr?: string
  /** Environment of aws-node. */
  readonly env?: Readonly<Record<string, string>>
  readonly reservations?: readonly ReservationSpec[]
  readonly buckets?: Readonly<Record<string, BucketSize>>
  readonly maxPods?: number
  readonly refusal?: (action: string) => Refusal | undefined
}

/** Nodes in subnet `s`, whose pods get addresses of `pods` with custom networking; without a cluster around them. */
export function podNetwork({ cidr = '10.0.0.0/20', env = {}, reservations = [], buckets: own = {}, ...options }: NetworkOptions = {}) {
  const timeline = createTimeline(0)
  const now = () => timeline.now()
  const specs = [
    { id: 's', zone: 'eu-central-1a', cidr, ipv6Cidr: '2a05:d014:abc:1200::/64', used: 0 },
    { id: 'pods', zone: 'eu-central-1a', cidr: '100.64.0.0/20', used: 0 },
  ]
  const subnets = createSubnets(specs, () => false, reservations)
  const interfaces = createInterfaces(subnets, now, 1)
  const instances = createInstances({
    timeline,
    subnets,
    interfaces,
    seed: 1,
    region: 'eu-central-1',
    refused: () => undefined,
    bootTime: () => 1,
  })
  const types = createInstanceTypes({})
  const buckets = createRequestBuckets(now, own)
  const refusal = (_caller: unknown, action: string) => options.refusal?.(action)
  const calls = createInterfaceCalls({ subnets, interfaces, buckets, counts: () => true, refusal })
  const network = createPodNetwork({ timeline, instances, interfaces, calls, types, clusterName: 'shop' })
  const state = { cordoned: false, reachesAws: true, hasEniConfig: true, env }

  function launch(type: string): Instance | undefined {
    const launched = instances.launch({ group: 'g', type, market: 'on-demand', subnetId: 's', imageId: 'ami', launchedAt: now() })
    return launched.ok ? launched.instance : undefined
  }

  function nodeOf(type: string): IpamdNode {
    return {
      maxPods: options.maxPods ?? maxPods(types.get(type), ipamdSettings(state.env)),
      environment: state.env,
      isUnschedulable: () => state.cordoned,
      reachesAws: () => state.reachesAws,
      eniConfig: () => (state.hasEniConfig ? { subnetId: 'pods', securityGroups: ['sg-1'] } : undefined),
    }
  }

  const start = (instance: Instance) => network.start(instance.id, nodeOf(instance.type))
  const attached = (instance: Instance) => interfaces.ofInstance(instance.id)
  return { timeline, subnets, interfaces, instances, network, buckets, calls, state, launch, start, attached }
}

/** Addresses that an interface holds, those in prefixes one by one. */
export function addressesHeld({ primary, secondary, prefixes }: Interface): readonly string[] {
  return [primary, ...secondary, ...[...prefixes].flatMap(addressesIn)]
}

function addressesIn(prefix: string): readonly string[] {
  const [base = ''] = prefix.split('/')
  const [a, b, c, d] = base.split('.').map(Number)
  return Array.from({ length: 16 }, (_none, nth) => `${a}.${b}.${c}.${(d ?? 0) + nth}`)
}
