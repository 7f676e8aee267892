import { SerinError } from '../../../src/errors/serin-error.ts'
import type { ScalingGroupChange } from '../../../src/model/command.ts'
import type { GroupSizes } from '../../../src/model/itinerary.ts'
import { keyedRandom } from '../../../src/model/keyed.ts'
import { EXCLUDE_FROM_BALANCERS_LABEL } from '../../../src/model/kubernetes.ts'
import type { ScalingGroupSettings } from '../../../src/model/replacement.ts'
import { templateOf } from '../../../src/model/self-managed.ts'
import type { CreateNodegroup, UpdateNodegroupConfig, UpdateNodegroupVersion } from '../../../src/ports/eks.ts'
import type { ClusterPorts } from '../../../src/ports/ports.ts'
import type { QuickCluster } from './cluster.ts'
import { nodegroupOf, type QuickGroup, scalingGroupOf } from './groups.ts'
import type { Machine } from './machines.ts'
import type { Watch } from './watch.ts'

/** What stands between a driver and the cluster: a call may not come through, and the driver may end at any of them. */
export type Passage = <T>(name: string, act: () => T | Promise<T>) => Promise<T>

const AWAY = (): SerinError => new SerinError('REMOTE_UNAVAILABLE', 'the answer got lost')

/** Some answers are lost, half of them with their effect; none comes through while the API is away. */
export function lossy(cluster: QuickCluster, passage: Passage): Passage {
  const { seed, lost } = cluster.choice
  let calls = 0
  return (name, act) =>
    passage(name, () => {
      calls += 1
      if (cluster.troubles.awayUntil > cluster.now) throw AWAY()
      const draw = lost === 0 ? 1 : keyedRandom(seed, 'call', cluster.now, calls)
      if (draw < lost / 2) throw AWAY()
      const answer = act()
      if (draw < lost) throw AWAY()
      return answer
    })
}

type Values = Readonly<Record<string, string | null>>

interface NodePatch {
  readonly metadata?: {
    readonly labels?: Values
    readonly annotations?: Values
  }
  readonly spec?: { readonly unschedulable?: boolean | null; readonly taints?: readonly { readonly key: string }[] }
}

/** The ports of the engine on a quick cluster, under the eyes of the laws. */
export function quickPorts(
  cluster: QuickCluster,
  watch: Watch,
  passage: Passage,
): Pick<ClusterPorts, 'eks' | 'autoScaling' | 'kubernetes'> {
  return {
    eks: eksOf(cluster, watch, passage),
    autoScaling: autoScalingOf(cluster, watch, passage),
    kubernetes: kubernetesOf(cluster, watch, passage),
  } as unknown as ClusterPorts
}

function eksOf({ eks, groups }: QuickCluster, watch: Watch, passage: Passage) {
  const updatesOf = (name: string | undefined) => [...eks.updates.values()].filter(({ of }) => of === name).reverse()
  return {
    describeNodegroup: async (_: string, name: string) => nodegroupOf(eks.group(name)),
    listUpdates: async (_: string, { nodegroup }: { nodegroup?: string }) => updatesOf(nodegroup).map(({ id }) => id),
    describeUpdate: async (_: string, id: string) => ({ ...eks.updates.get(id) }),
    updateNodegroupVersion: (request: UpdateNodegroupVersion) =>
      passage('eks.updateNodegroupVersion', () => {
        const group = groups.all.get(request.nodegroup)
        watch.group(group, 'the version')
        if (group !== undefined) watch.updates(group)
        return eks.updateVersion(request)
      }),
    updateNodegroupConfig: (request: UpdateNodegroupConfig) =>
      passage('eks.updateNodegroupConfig', () => {
        const group = groups.all.get(request.nodegroup)
        watch.group(group, 'the settings')
        const { maxSize: max, desiredSize: desired } = request.scalingConfig ?? {}
        if (group !== undefined) watch.resizes(group, { ...(max !== undefined && { max }), ...(desired !== undefined && { desired }) })
        return eks.updateConfig(request)
      }),
    createNodegroup: (request: CreateNodegroup) =>
      passage('eks.createNodegroup', () =>
        eks.create(request, likeOf(groups.all.get(request.nodegroup.replace(/-new$/, '')), request.nodegroup)),
      ),
    deleteNodegroup: (_: string, name: string) =>
      passage('eks.deleteNodegroup', () => {
        const group = eks.group(name)
        watch.group(group, 'the deletion')
        watch.deletes(group)
        eks.delete(name)
      }),
  }
}

function likeOf(group: QuickGroup | undefined, name: string): QuickGroup {
  if (group === undefined) throw new SerinError('REMOTE_REFUSED', `nothing that ${name} could be like`)
  return group
}

function autoScalingOf(cluster: QuickCluster, watch: Watch, passage: Passage) {
  const { groups, machines, eks } = cluster
  const named = (name: string): QuickGroup => {
    const group = groups.byScalingName(name)
    if (group === undefined) throw new SerinError('REMOTE_NOT_FOUND', `AutoScalingGroup name not found - ${name}`)
    return group
  }
  const on = (name: string, scalingGroup: string, deed: string, act: (group: QuickGroup) => void) =>
    passage(`autoScaling.${name}`, () => {
      const group = named(scalingGroup)
      watch.group(group, deed)
      act(group)
    })
  return {
    describeGroups: async (names: readonly string[]) =>
      names.flatMap((name) => {
        const group = groups.byScalingName(name)
        return group === undefined ? [] : [scalingGroupOf(group, machines)]
      }),
    describeLifecycleHooks: async () => [],
    setMaxSize: (name: string, max: number) =>
      on('setMaxSize', name, 'the maximum', (group) => {
        watch.resizes(group, { max })
        groups.resize(group, { max })
      }),
    updateGroup: (name: string, { launch, min, max, desired }: ScalingGroupChange) =>
      on('updateGroup', name, 'sizes', (group) => {
        const sizes = { ...(min !== undefined && { min }), ...(max !== undefined && { max }), ...(desired !== undefined && { desired }) }
        watch.resizes(group, sizes)
        group.launch = templateOf(launch)?.version ?? group.launch
        groups.resize(group, sizes)
      }),
    terminateInstance: (id: string, decrement: boolean) =>
      passage('autoScaling.terminateInstance', () => {
        const machine = [...machines.all.values()].find((each) => each.id === id)
        const group = groups.all.get(machine?.group ?? '')
        if (machine === undefined || group === undefined) throw new SerinError('REMOTE_REFUSED', 'ValidationError: Instance Id not found')
        watch.group(group, 'an instance')
        watch.terminates(machine)
        if (machine.lifecycle === 'Terminating') return
        groups.end(machine)
        if (decrement) group.desired -= 1
        groups.reconcileSoon(group)
        groups.balanceLater(group)
      }),
    protectInstances: (name: string, ids: readonly string[], protect: boolean) =>
      on('protectInstances', name, 'protection', () => {
        for (const machine of machines.all.values()) if (ids.includes(machine.id)) machine.protected = protect
      }),
    suspendProcesses: (name: string, processes: readonly string[]) =>
      on('suspendProcesses', name, 'processes', ({ suspended }) => processes.forEach((each) => void suspended.add(each))),
    resumeProcesses: (name: string, processes: readonly string[]) =>
      on('resumeProcesses', name, 'processes', (group) => {
        for (const each of processes) group.suspended.delete(each)
        watch.resumes(group)
        groups.balanceLater(group)
      }),
    tagGroup: (name: string, key: string, tag: { readonly value: string } | undefined) =>
      on('tagGroup', name, 'tags', ({ tags }) => void (tag === undefined ? tags.delete(key) : tags.set(key, tag.value))),
    createGroup: (name: string, { Tags }: ScalingGroupSettings, { min, max, desired }: GroupSizes) =>
      passage('autoScaling.createGroup', () => {
        if (groups.byScalingName(name) !== undefined) throw new SerinError('REMOTE_REFUSED', `AlreadyExists: ${name}`)
        const like = likeOf(groups.all.get(`asg:${name.replace(/-new$/, '')}`), name)
        const tags = new Map(Tags.map(({ Key = '', Value = '' }) => [Key, Value]))
        const group: QuickGroup = {
          ...like,
          ...{ name: `asg:${name}`, scalingName: name, arn: `arn:asg:${name}:${cluster.now}`, tags, suspended: new Set<string>() },
          ...{
            min,
            max,
            desired,
            launch: '2',
            current: '2',
            failures: [],
            grown: 0,
            shortUntil: 0,
            protectsNew: false,
            updateConfig: { maxUnavailable: 1 },
          },
        }
        groups.all.set(group.name, group)
        groups.reconcileSoon(group)
      }),
    deleteGroup: (name: string) =>
      on('deleteGroup', name, 'the deletion', (group) => {
        watch.deletes(group)
        group.status = 'DELETING'
        eks.empty(group)
      }),
  }
}

function kubernetesOf({ machines }: QuickCluster, watch: Watch, passage: Passage) {
  const present = (name: string): Machine => {
    const machine = machines.all.get(name)
    if (machine?.joinedAt === undefined) throw new SerinError('REMOTE_NOT_FOUND', `nodes "${name}" not found`)
    return machine
  }
  return {
    get: async (_: unknown, __: unknown, name: string) => {
      const machine = machines.all.get(name)
      if (machine?.joinedAt === undefined) return undefined
      const taints = [...machine.taints].map((key) => ({ key, effect: key.startsWith('team') ? 'NoSchedule' : 'PreferNoSchedule' }))
      return { metadata: { name }, spec: { unschedulable: machine.cordoned, taints } }
    },
    list: async (_: unknown, { fieldSelector = '' }: { fieldSelector?: string } = {}) => {
      const machine = machines.all.get(fieldSelector.replace('spec.nodeName=', ''))
      return [...(machine?.pods ?? [])].map(({ uid }) => ({ metadata: { namespace: 'shop', name: uid, uid } }))
    },
    patch: (_: unknown, __: unknown, name: string, ___: unknown, body: NodePatch) =>
      passage('kubernetes.patch', () => {
        watch.node(name, machines.all.get(name), 'a patch')
        patch(present(name), body)
      }),
    evict: (_: string, __: string, uid: string) =>
      passage('kubernetes.evict', () => {
        watch.evicts(machines.find(uid)?.node)
        const answer = machines.evict(uid)
        return answer === 'held' ? { kind: answer, by: 'budget', message: 'its budget allows none' } : { kind: answer }
      }),
    remove: (_: unknown, __: unknown, name: string) =>
      passage('kubernetes.remove', () => {
        watch.forces(machines.find(name)?.node)
        machines.deletePod(name)
      }),
  }

  function patch(machine: Machine, { metadata = {}, spec = {} }: NodePatch): void {
    const { labels = {}, annotations = {} } = metadata
    if (spec.unschedulable === true && labels[EXCLUDE_FROM_BALANCERS_LABEL] === 'true') {
      watch.retires(machine)
      machine.wasRetired = true
    }
    relabel(machine, labels, annotations)
    if (spec.taints !== undefined) retaint(machine, spec.taints)
    machines.touch(machine)
    machines.cordon(machine, spec.unschedulable === undefined ? machine.cordoned : spec.unschedulable === true)
  }
}

function retaint({ taints }: Machine, wanted: readonly { readonly key: string }[]): void {
  taints.clear()
  for (const { key } of wanted) taints.add(key)
}

function relabel(machine: Machine, labels: Values, annotations: Values): void {
  for (const [key, value] of Object.entries(labels)) value === null ? machine.labels.delete(key) : machine.labels.add(key)
  for (const [key, value] of Object.entries(annotations))
    value === null ? machine.annotations.delete(key) : machine.annotations.set(key, value)
}
