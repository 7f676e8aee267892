import { describe, expect, it } from 'vitest'
import type { PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { cluster } from './cluster.ts'

const CLAIM = { metadata: { name: 'files' }, spec: { storageClassName: 'gp2', accessModes: ['ReadWriteOnce'] } }
const DB = {
  kind: 'StatefulSet',
  namespace: 'db',
  name: 'db',
  replicas: 1,
  spec: { volumeClaimTemplates: [CLAIM] },
  container: {},
} as const

/** Six nodes, two in each zone, and a database whose pod has an EBS volume. */
function withVolume() {
  const world = cluster({
    nodes: 6,
    workloads: [{ ...DB, pod: {}, container: { volumeMounts: [{ name: 'files', mountPath: '/data' }] } }],
  })
  const pod = () => world.store.get('Pod', 'db', 'db-0') as PodObject | undefined
  const attachments = () =>
    world.store.list('VolumeAttachment').map(({ spec, status }) => {
      const { nodeName } = spec as { nodeName: string }
      return { nodeName, attached: (status as { attached: boolean }).attached }
    })
  const events = (reason: string) => world.store.list('Event').filter((event) => event.reason === reason) as { message?: string }[]
  const nodeOf = () => pod()?.spec?.nodeName ?? ''
  const cordon = (name: string) =>
    world.store.update('Node', undefined, name, (node) => ({ ...node, spec: { ...(node.spec as object), unschedulable: true } }))
  return { ...world, pod, attachments, events, nodeOf, cordon }
}

describe('an EBS volume', () => {
  it('is attached to the node of its pod from the beginning', () => {
    const { attachments, nodeOf } = withVolume()
    expect(attachments()).toEqual([{ nodeName: nodeOf(), attached: true }])
  })

  it('follows its pod to another node of its zone, once it has been let go', () => {
    const { attachments, nodeOf, cordon, side, pass, pod, events } = withVolume()
    const former = nodeOf()
    cordon(former)
    side.deletePod('db', 'db-0', undefined)
    pass(60)
    expect(nodeOf()).not.toBe(former)
    expect(pod()?.status?.phase).toBe('Running')
    expect(attachments()).toEqual([{ nodeName: nodeOf(), attached: true }])
    expect(events('SuccessfulAttachVolume').map(({ message }) => message)).toEqual([
      expect.stringMatching(/^AttachVolume\.Attach succeeded for volume "pvc-/),
    ])
  })

  it('of a pod that was deleted by force is still at its old node: Multi-Attach error, until it is free', () => {
    const { nodeOf, cordon, side, pass, pod, events } = withVolume()
    cordon(nodeOf())
    side.deletePod('db', 'db-0', 0)
    pass(60)
    expect(pod()?.status?.phase).toBe('Running')
    const [error] = events('FailedAttachVolume')
    expect(error?.message).toMatch(
      /^Multi-Attach error for volume "pvc-[^"]+" Volume is already exclusively attached to one node and can't be attached to another$/,
    )
  })

  it('of a node that went with its pods is taken from it after six minutes, and not before', () => {
    const { nodeOf, side, pass, pod, attachments } = withVolume()
    const former = nodeOf()
    side.leave(former)
    pass(330)
    expect(pod()?.status?.phase).toBe('Pending')
    expect(pod()?.status?.containerStatuses?.[0]?.state?.waiting?.reason).toBe('ContainerCreating')
    expect(attachments()).toEqual([{ nodeName: former, attached: true }])
    pass(60)
    expect(pod()?.status?.phase).toBe('Running')
    expect(attachments()).toEqual([{ nodeName: nodeOf(), attached: true }])
  })

  it('holds nothing back where a pod has none', () => {
    const { store, pass } = cluster({ workloads: [{ kind: 'Deployment', namespace: 'shop', name: 'web', replicas: 2 }] })
    pass(10)
    expect(store.list('VolumeAttachment')).toEqual([])
  })
})
