import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AutoScalingGroup, EksAddon, EksNodegroup } from '../../../src/model/aws.ts'
import { HOUR, type Millis, SECOND } from '../../../src/model/instant.ts'
import { conditionOf, type Node } from '../../../src/model/kubernetes.ts'
import type { AwsHandlers } from '../../../src/sandbox/contract.ts'
import { type OpenedWorld, type OpenWorldOptions, openWorld } from '../../../src/sandbox/world/open.ts'

const WORLDS = join(import.meta.dirname, '../../../plans/worlds')

export interface UpdateSeen {
  readonly id: string
  readonly status: string
  readonly type: string
  readonly params: readonly { readonly type: string; readonly value: string }[]
  readonly cancellation?: { readonly status: string }
  readonly errors: readonly { readonly errorCode: string; readonly errorMessage: string; readonly resourceIds: readonly string[] }[]
}

/** A scenario with these faults (YAML flow), as text. */
export function scenarioOf(...faults: readonly string[]): OpenWorldOptions['scenarios'] {
  const text = `apiVersion: serin.dev/v1alpha1\nkind: Scenario\nmetadata: { name: test, summary: test }\nfaults:\n${faults.map((fault) => `  - ${fault}\n`).join('')}`
  return [{ name: 'test.yaml', text }]
}

export function openShipped(name: string, options: Partial<OpenWorldOptions> = {}): OpenedWorld {
  return openWorld({ world: readFileSync(join(WORLDS, `${name}.yaml`), 'utf8'), scenarios: [], ...options })
}

/** A shipped world with more at its end, such as `controlPlane: { upgradedBefore: 2d }`; `edit` changes its text. */
export function openWith(name: string, tail: string, options: Partial<OpenWorldOptions> = {}, edit = (text: string) => text): OpenedWorld {
  const text = edit(readFileSync(join(WORLDS, `${name}.yaml`), 'utf8'))
  return openWorld({ world: `${text}\n${tail}\n`, scenarios: [], ...options })
}

export interface ClusterSeen {
  readonly status: string
  readonly version: string
  readonly platformVersion: string
}

interface Answers {
  readonly DescribeCluster: { readonly cluster: ClusterSeen & Record<string, unknown> }
  readonly UpdateClusterVersion: { readonly update: UpdateSeen }
  readonly UpdateClusterConfig: { readonly update: UpdateSeen }
  readonly CancelUpdate: { readonly update: UpdateSeen }
  readonly DescribeNodegroup: { readonly nodegroup: EksNodegroup }
  readonly UpdateNodegroupVersion: { readonly update: UpdateSeen }
  readonly UpdateNodegroupConfig: { readonly update: UpdateSeen }
  readonly CreateNodegroup: { readonly nodegroup: EksNodegroup }
  readonly DeleteNodegroup: { readonly nodegroup: EksNodegroup }
  readonly ListNodegroups: { readonly nodegroups: readonly string[] }
  readonly DescribeAddon: { readonly addon: EksAddon }
  readonly CreateAddon: { readonly addon: EksAddon }
  readonly DeleteAddon: { readonly addon: EksAddon }
  readonly ListAddons: { readonly addons: readonly string[] }
  readonly UpdateAddon: { readonly update: UpdateSeen }
  readonly DescribeUpdate: { readonly update: UpdateSeen }
  readonly ListUpdates: { readonly updateIds: readonly string[] }
}

const OF_THE_CLUSTER = new Set([
  'DescribeUpdate',
  'ListUpdates',
  'DescribeCluster',
  'UpdateClusterVersion',
  'UpdateClusterConfig',
  'CancelUpdate',
])

/** Calls an EKS operation on the world's own cluster. */
export function eks<O extends keyof Answers>(world: OpenedWorld, operation: O, input: Record<string, unknown> = {}): Answers[O] {
  const cluster = OF_THE_CLUSTER.has(operation) ? 'name' : 'clusterName'
  return call(world.eks, operation, { [cluster]: world.cluster.name, ...input })
}

/** Calls any handler; the caller says what it answers. */
export function call<T>(handlers: AwsHandlers, operation: string, input: Record<string, unknown>): T {
  const handler = handlers[operation]
  if (handler === undefined) throw new Error(`No handler for ${operation}`)
  return handler(input) as T
}

export function scalingGroup(world: OpenedWorld, group: string): AutoScalingGroup {
  const { nodegroup } = eks(world, 'DescribeNodegroup', { nodegroupName: group })
  const names = nodegroup.resources?.autoScalingGroups?.map(({ name }) => name)
  const answer = call<{ AutoScalingGroups: AutoScalingGroup[] }>(world.autoScaling, 'DescribeAutoScalingGroups', {
    AutoScalingGroupNames: names,
  })
  const [found] = answer.AutoScalingGroups
  if (found === undefined) throw new Error(`No Auto Scaling group behind ${group}`)
  return found
}

export interface GroupSeen {
  readonly ready: number
  readonly cordoned: readonly string[]
  readonly excluded: readonly string[]
  readonly images: readonly string[]
}

export function nodesOf(world: OpenedWorld, group: string): readonly Node[] {
  const nodes = world.store.list('Node') as unknown as readonly Node[]
  return nodes.filter(({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup'] === group)
}

export function groupSeen(world: OpenedWorld, group: string): GroupSeen {
  const nodes = nodesOf(world, group)
  const named = (chosen: readonly Node[]) => chosen.map(({ metadata }) => metadata.name)
  return {
    ready: nodes.filter(({ status }) => conditionOf(status?.conditions, 'Ready')?.status === 'True').length,
    cordoned: named(nodes.filter(({ spec }) => spec?.unschedulable === true)),
    excluded: named(
      nodes.filter(({ metadata }) => metadata.labels?.['node.kubernetes.io/exclude-from-external-load-balancers'] === 'true'),
    ),
    images: [...new Set(nodes.map(({ metadata }) => metadata.labels?.['eks.amazonaws.com/nodegroup-image'] ?? ''))],
  }
}

/** Lets time pass until the update has ended, looking every ten seconds; `look` is called each time. */
export function untilEnded(
  world: OpenedWorld,
  id: string,
  of: Record<string, string>,
  look: () => void = () => {},
): { update: UpdateSeen; took: Millis } {
  const begun = world.timeline.now()
  while (world.timeline.now() - begun < 6 * HOUR) {
    world.timeline.advanceTo(world.timeline.now() + 10 * SECOND)
    look()
    const { update } = eks(world, 'DescribeUpdate', { updateId: id, ...of })
    if (update.status !== 'InProgress') return { update, took: world.timeline.now() - begun }
  }
  throw new Error('The update did not end within six hours.')
}

/** The code of the refusal that a call ends with. */
export function refusalOf(attempt: () => unknown): { readonly status: number; readonly code: string; readonly message: string } {
  try {
    attempt()
  } catch (error) {
    return error as { status: number; code: string; message: string }
  }
  throw new Error('The call was not refused.')
}
