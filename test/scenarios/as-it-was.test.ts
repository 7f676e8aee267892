import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { captureSnapshot } from '../../src/engine/capture.ts'
import type { ClusterSnapshot } from '../../src/model/snapshot.ts'
import { notAsItWas } from '../support/as-it-was.ts'
import { openSimulation } from '../support/rehearsal.ts'

/** The comparison itself: whatever is not as it was is found. */

type Loose = { readonly [member: string]: Loose | undefined }

const simulation = openSimulation({ plan: 'quickstart' })
let start: ClusterSnapshot

beforeAll(async () => {
  start = await captureSnapshot(await simulation.connect(), 'shop', {})
})
afterAll(() => simulation.close())

/** A copy of the start in which one thing is different. */
function changed(change: (end: Loose) => void): ClusterSnapshot {
  const end = structuredClone(start)
  change(end as unknown as Loose)
  return end
}

function object(end: Loose, kind: string, name = ''): Loose {
  const items = (end as unknown as ClusterSnapshot).kubernetes.items ?? []
  const found = items.find((item) => item.kind === kind && item.metadata.name.startsWith(name)) as unknown as Loose | undefined
  if (found === undefined) throw new Error(`no ${kind} ${name}`)
  return found
}

function put(target: Loose | undefined, member: string, value: unknown): void {
  if (target === undefined) throw new Error(`nothing to put ${member} on`)
  Object.assign(target, { [member]: value })
}

const CHANGES: readonly { readonly title: string; readonly change: (end: Loose) => void; readonly says: RegExp }[] = [
  { title: 'a cordon', change: (end) => put(object(end, 'Node').spec, 'unschedulable', true), says: /^cordon of ip-/ },
  {
    title: 'a taint of ours',
    change: (end) => put(object(end, 'Node').spec, 'taints', [{ key: 'serin.dev/failing', effect: 'NoSchedule' }]),
    says: /carries serin\.dev\/failing/,
  },
  {
    title: 'a balancer label',
    change: (end) => put(object(end, 'Node').metadata?.labels, 'node.kubernetes.io/exclude-from-external-load-balancers', 'true'),
    says: /^balancer label of ip-/,
  },
  {
    title: 'a mark of ours on a workload',
    change: (end) => put(object(end, 'Deployment', 'web').metadata, 'annotations', { 'serin.dev/run': 'x' }),
    says: /^Deployment\/web carries/,
  },
  {
    title: 'an image among the nodes',
    change: (end) => put(object(end, 'Node').metadata?.labels, 'eks.amazonaws.com/nodegroup-image', 'ami-other'),
    says: /^kubelets and images of /,
  },
  {
    title: 'the template of aws-node',
    change: (end) => put(object(end, 'DaemonSet', 'aws-node').spec, 'updateStrategy', { type: 'OnDelete' }),
    says: /^template of DaemonSet\/aws-node/,
  },
  { title: 'an add-on', change: (end) => put(end.aws?.addons?.[0], 'configurationValues', '{}'), says: /^add-ons was/ },
  { title: 'a release', change: (end) => put(end.aws?.nodegroups?.[0], 'releaseVersion', '1.33.9-20260915'), says: /^group / },
  {
    title: 'the update settings',
    change: (end) => put(end.aws?.nodegroups?.[0], 'updateConfig', { maxUnavailable: 7 }),
    says: /^update settings of /,
  },
  {
    title: 'a suspended process',
    change: (end) => put(end.aws?.autoScalingGroups?.[0], 'SuspendedProcesses', [{ ProcessName: 'AZRebalance' }]),
    says: /^suspended processes of /,
  },
  { title: 'a maximum', change: (end) => put(end.aws?.autoScalingGroups?.[0], 'MaxSize', 99), says: /^maximum of / },
  { title: 'a desired size lowered', change: (end) => put(end.aws?.autoScalingGroups?.[0], 'DesiredCapacity', 0), says: /was lowered/ },
  {
    title: 'a desired size inflated',
    change: (end) => put(end.aws?.autoScalingGroups?.[0], 'DesiredCapacity', 9),
    says: /does not say so/,
  },
]

describe('as it was', () => {
  it('holds for a cluster that nothing happened to', () => {
    expect(notAsItWas(start, structuredClone(start), [])).toEqual([])
  })

  it.each(CHANGES)('does not hold with $title', ({ change, says }) => {
    expect(notAsItWas(start, changed(change), [])).toContainEqual(expect.stringMatching(says))
  })
})
