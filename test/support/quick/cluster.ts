import { groupFacts, selfManagedFacts } from '../../../src/engine/facts/aws.ts'
import type { BoundPod } from '../../../src/model/bound-pod.ts'
import { type Instant, MINUTE, SECOND } from '../../../src/model/instant.ts'
import { EXCLUDE_FROM_BALANCERS_LABEL, KEEP_FROM_AUTOSCALER, KEPT, RETIRED } from '../../../src/model/kubernetes.ts'
import { AUTOSCALER_TAG } from '../../../src/model/replacement.ts'
import type { GroupFacts, NodeFacts, Seen } from '../../../src/model/seen.ts'
import { aNode, anAwsNode, aSeen } from '../seen-builder.ts'
import { APART, type GroupChoice, groupName, type OtherChoice, POOL, type QuickChoice, STILL } from './choice.ts'
import { Eks } from './eks.ts'
import { activitiesOf, Groups, nodegroupOf, type QuickGroup, RELEASES, scalingGroupOf } from './groups.ts'
import { type Machine, Machines } from './machines.ts'
import { OTHERS } from './others.ts'
import { Timers } from './timers.ts'

/** How old what AWS says may be in a picture. */
const READ_EVERY = 10 * SECOND
const SUBNETS = Object.fromEntries(['a', 'b', 'c'].map((zone) => [`s-${zone}`, { zone, free: 4_000 }]))

/**
 * Auto Scaling, EKS, the nodes, pods and budgets of a cluster with several groups, without a wire: thousands of runs in a
 * minute. It does what it is told as the sandbox does, which `test/sandbox/quick-cluster.test.ts` holds it to.
 */
export class QuickCluster {
  readonly timers: Timers
  readonly machines: Machines
  readonly groups: Groups
  readonly eks: Eks
  readonly begin: Instant
  readonly choice: QuickChoice
  /** What others do that reaches the calls or the pictures of the run, and until when. */
  readonly troubles = { awayUntil: 0, throttledUntil: 0, blindUntil: 0 }
  readonly asked: { readonly at: Instant; readonly kind: 'hold' | 'rollback' | 'abandon' }[] = []
  #read?: { readonly at: Instant; readonly raw: readonly RawGroup[] }

  constructor(choice: QuickChoice, begin: Instant) {
    this.choice = choice
    this.begin = begin
    this.timers = new Timers(begin)
    this.machines = new Machines(this.timers)
    this.groups = new Groups(this.timers, this.machines, choice.seed, choice.fate)
    this.eks = new Eks(this.timers, this.machines, this.groups)
    for (const [index, each] of choice.groups.entries()) this.#open(groupName(each, index), each)
    this.groups.open(newGroup(STILL, 1, 2), 1)
    this.groups.open(newGroup(APART, 1, 2), 1)
    for (const [index, workload] of choice.workloads.entries()) {
      const home = workload.home === undefined ? undefined : choice.groups[workload.home % choice.groups.length]
      const name = home && groupName(home, choice.groups.indexOf(home))
      this.machines.addWorkload(workload, `w${index + 1}`, name)
    }
    for (const other of choice.others) this.timers.after(other.at, () => this.#otherDoes(other))
  }

  get now(): Instant {
    return this.timers.now
  }

  #open(name: string, { nodes, spare, zones, suspended, protectsNew, first, maxUnavailable, minimal }: GroupChoice): void {
    const group = newGroup(name, nodes, nodes + spare, ['a', 'b', 'c'].slice(0, zones), protectsNew)
    if (suspended) group.suspended.add('AZRebalance')
    group.updateConfig = { maxUnavailable: Math.max(1, maxUnavailable), updateStrategy: minimal ? 'MINIMAL' : 'DEFAULT' }
    this.groups.open(group, nodes)
    const [machine] = this.machines.of(name)
    if (machine !== undefined) dress(machine, first)
  }

  #otherDoes({ does, nth }: OtherChoice): void {
    if (does === 'hold' || does === 'rollback' || does === 'abandon') this.asked.push({ at: this.now, kind: does })
    else OTHERS[does](this, nth)
  }

  /** One picture: nodes, pods and budgets as they are, groups as they were up to ten seconds ago. */
  seen(plainReadAt: Instant): Seen {
    const { now, troubles } = this
    if (this.#read === undefined || now - this.#read.at >= READ_EVERY) this.#read = { at: now, raw: this.#readGroups() }
    const byGroup = new Map<string, NodeFacts[]>()
    const others: NodeFacts[] = []
    const known = new Set(this.#read.raw.map(({ group }) => group.name))
    for (const machine of this.machines.all.values()) {
      if (machine.joinedAt === undefined) continue
      const facts = this.#nodeFacts(machine)
      if (!known.has(machine.group) || machine.group === APART) others.push(facts)
      else byGroup.set(machine.group, [...(byGroup.get(machine.group) ?? []), facts])
    }
    const groups = this.#read.raw.flatMap((raw) => (raw.group.name === APART ? [] : [factsOf(raw, byGroup.get(raw.group.name) ?? [])]))
    const since = now - MINUTE
    return {
      ...aSeen({ groups, addons: [], budgets: this.machines.budgets(), subnets: SUBNETS }),
      now,
      otherNodes: [...others, ...this.#poolFacts()],
      updates: this.#updates(),
      plainReadAt,
      throttled: troubles.throttledUntil > now ? 1 : 0,
      unavailable: troubles.blindUntil > now ? [{ source: 'kubernetes:pods', reason: 'no answer', since }] : [],
    }
  }

  #readGroups(): readonly RawGroup[] {
    return [...this.groups.all.values()].map((group) => ({
      group,
      managed: group.managed ? nodegroupOf(group) : undefined,
      scaling: { group: scalingGroupOf(group, this.machines), activities: activitiesOf(group, this.machines) },
    }))
  }

  #updates(): Seen['updates'] {
    return Object.fromEntries(this.eks.updates)
  }

  /** Two nodes that somebody upgrades a quarter of an hour after the run has begun. */
  #poolFacts(): readonly NodeFacts[] {
    const kubeletMinor = this.now - this.begin >= 15 * MINUTE ? '1.33' : '1.32'
    POOL_NODES[kubeletMinor] ??= [1, 2].map((index) => aNode({ name: `floor-${index}`, group: undefined, pool: POOL, kubeletMinor }))
    return POOL_NODES[kubeletMinor]
  }

  #nodeFacts(machine: Machine): NodeFacts {
    machine.facts ??= this.#factsOf(machine)
    return machine.facts
  }

  #factsOf(machine: Machine): NodeFacts {
    const {
      id,
      name,
      group,
      zone,
      cordoned,
      labels,
      annotations,
      taints,
      version,
      launchedAt,
      joinedAt = 0,
      recoveredAt,
      lifecycle,
    } = machine
    const { machines, now } = this
    const pods = [...machine.pods].map(({ uid, workload, readyAt, leavesAt }): BoundPod => {
      const going = leavesAt === undefined ? {} : { goingSince: leavesAt - workload.grace }
      const owner = `ReplicaSet/shop/${workload.name}`
      const base = { key: `shop/${uid}`, namespace: 'shop', name: uid, uid, owner, running: true, grace: workload.grace, finalizers: [] }
      return { ...base, ready: readyAt <= now && machine.unwellUntil <= now, ...going }
    })
    const fails = machines.networkFails(machine)
    const since = Math.max(joinedAt, recoveredAt)
    const ours = [...taints].filter((key) => key.startsWith('serin.dev/'))
    const awsNode = anAwsNode({ pod: `aws-node-${name}`, boundAt: joinedAt, readyChangedAt: since })
    return aNode({
      ...{ name, uid: id, instanceId: id, group, zone, cordoned, pods, volumes: [], evictablePods: pods.length, waitingPods: [] },
      ready: machine.fate === 'silent' ? 'Unknown' : machines.isReady(machine) ? 'True' : 'False',
      readySince: machines.isReady(machine) ? since : now,
      createdAt: launchedAt,
      deleting: lifecycle === 'Terminating',
      kubeletMinor: RELEASES[version]?.version,
      image: `ami-${version}`,
      excludedFromBalancers: labels.has(EXCLUDE_FROM_BALANCERS_LABEL),
      ourTaints: ours,
      ...(annotations.has(RETIRED) && { retired: true }),
      ...(annotations.get(RETIRED) === KEPT && { kept: true }),
      ...(annotations.has(KEEP_FROM_AUTOSCALER) && { keptFromAutoscaler: true }),
      awsNode: { ...awsNode, containers: awsNode.containers.map((each) => ({ ...each, startedAt: since, ready: !fails })) },
      kubeProxy: undefined,
    })
  }
}

/** What a node was before the run. */
function dress(machine: Machine, first: GroupChoice['first']): void {
  if (first === 'cordoned') machine.cordoned = true
  if (first === 'tainted') machine.taints.add('team/night')
  if (first === 'kept') machine.annotations.set(KEEP_FROM_AUTOSCALER, 'true')
  if (first === 'excluded') machine.labels.add(EXCLUDE_FROM_BALANCERS_LABEL)
  if (first === 'protected' && machine.group.startsWith('asg:')) machine.protected = true
}

const POOL_NODES: Record<string, readonly NodeFacts[]> = {}

interface RawGroup {
  readonly group: QuickGroup
  readonly managed: ReturnType<typeof nodegroupOf> | undefined
  readonly scaling: { readonly group: ReturnType<typeof scalingGroupOf>; readonly activities: ReturnType<typeof activitiesOf> }
}

function factsOf({ group, managed, scaling }: RawGroup, nodes: readonly NodeFacts[]): GroupFacts {
  if (managed !== undefined) return groupFacts(group.name, managed, nodes, scaling)
  return selfManagedFacts(group.name, { ...scaling, hooks: [], refreshes: [] }, nodes)
}

function newGroup(name: string, nodes: number, max: number, zones: readonly string[] = ['a'], protectsNew = false): QuickGroup {
  const managed = !name.startsWith('asg:')
  const bare = name.replace('asg:', '')
  const scalingName = managed ? `eks-${bare}` : bare
  return {
    ...{
      name,
      scalingName,
      managed,
      arn: `arn:${name}`,
      home: name,
      template: `lt-${scalingName}`,
      zones,
      protectsNew: !managed && protectsNew,
    },
    ...{
      tags: new Map([[AUTOSCALER_TAG, 'true']]),
      suspended: new Set<string>(),
      min: 0,
      max,
      desired: nodes,
      stated: { min: 0, max, desired: nodes },
      launch: '1',
      current: '1',
    },
    ...{ status: 'ACTIVE', updateConfig: { maxUnavailable: 1 }, shortUntil: 0, failures: [], grown: 0 },
  }
}
