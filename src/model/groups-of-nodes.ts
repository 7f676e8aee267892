import { instanceIdOf, NODEGROUP_LABEL, type Node } from './kubernetes.ts'
import { selfManagedGroup } from './self-managed.ts'
import type { ClusterSnapshot } from './snapshot.ts'

const KNOWN = new WeakMap<ClusterSnapshot, ReadonlyMap<string, string>>()

/** The group that a node belongs to: a managed one by its label, a self-managed one, `asg:NAME`, by the instance that it is. */
export function groupOfNode(node: Node, snapshot: ClusterSnapshot): string | undefined {
  return node.metadata.labels?.[NODEGROUP_LABEL] ?? selfManaged(snapshot).get(instanceIdOf(node) ?? '')
}

/** Self-managed groups of a snapshot by instance. */
function selfManaged(snapshot: ClusterSnapshot): ReadonlyMap<string, string> {
  const known = KNOWN.get(snapshot)
  if (known !== undefined) return known
  const made = new Map(
    selfManagedNames(snapshot).flatMap((name) => {
      const group = snapshot.aws.autoScalingGroups?.find(({ AutoScalingGroupName }) => AutoScalingGroupName === name)
      return (group?.Instances ?? []).map(({ InstanceId = '' }): [string, string] => [InstanceId, selfManagedGroup(name)])
    }),
  )
  KNOWN.set(snapshot, made)
  return made
}

/** Every group that a plan can name: managed ones by name, self-managed ones as `asg:NAME`. */
export function groupNames(snapshot: ClusterSnapshot): readonly string[] {
  const managed = (snapshot.aws.nodegroups ?? []).flatMap(({ nodegroupName }) => nodegroupName ?? [])
  return [...managed, ...selfManagedNames(snapshot).map(selfManagedGroup)]
}

/** Auto Scaling groups of the snapshot behind which no managed node group stands. */
function selfManagedNames({ aws }: ClusterSnapshot): readonly string[] {
  const managed = new Set((aws.nodegroups ?? []).flatMap(({ resources }) => (resources?.autoScalingGroups ?? []).map(({ name }) => name)))
  return (aws.autoScalingGroups ?? []).flatMap(({ AutoScalingGroupName: name }) => (name === undefined || managed.has(name) ? [] : [name]))
}
