import { describe, expect, it } from 'vitest'
import type { WorkloadSpec } from '../../../src/sandbox/contract.ts'
import type { PodObject, WorkloadObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { isReady } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { cluster } from './cluster.ts'
import { faultsWhere } from './support.ts'

type World = ReturnType<typeof cluster>

const web = (spec: Record<string, unknown> = {}, rest: Partial<WorkloadSpec> = {}): WorkloadSpec => ({
  kind: 'Deployment',
  namespace: 'shop',
  name: 'web',
  replicas: 4,
  spec,
  ...rest,
})

function change(world: World, kind: string, name: string, spec: (current: WorkloadObject['spec']) => object): void {
  world.store.update(kind, 'shop', name, (current) => ({
    ...current,
    spec: { ...(current.spec as object), ...spec((current as WorkloadObject).spec) },
  }))
}

const roll = (world: World, kind: string, name: string, release: string) =>
  change(world, kind, name, (spec) => ({ template: { ...spec?.template, metadata: { labels: { app: name, release } } } }))

const releases = (world: World) =>
  world
    .pods('shop')
    .filter(({ metadata }) => !metadata.deletionTimestamp)
    .map(({ metadata }) => metadata.labels?.release ?? '1')
    .sort()
const setsOf = (world: World) =>
  (world.store.list('ReplicaSet') as WorkloadObject[]).filter(({ metadata }) => metadata.namespace === 'shop')
const conditionOf = (world: World, type: string) =>
  (world.workload('Deployment', 'shop', 'web').status as { conditions?: { type: string }[] }).conditions?.find((each) => each.type === type)
function extremes(world: World) {
  const seen = { most: 0, fewest: 99, releases: 1 }
  world.store.subscribe(() => {
    const pods = world.pods('shop').filter(({ metadata }) => !metadata.deletionTimestamp)
    seen.most = Math.max(seen.most, pods.length)
    seen.fewest = Math.min(seen.fewest, pods.filter(isReady).length)
    seen.releases = Math.max(seen.releases, new Set(world.pods('shop').map(({ metadata }) => metadata.labels?.release)).size)
  })
  return seen
}

describe('Deployments', () => {
  it.each([
    { title: 'surge', rollingUpdate: { maxSurge: 2, maxUnavailable: 0 }, most: 6, fewest: 4 },
    { title: 'do without', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 }, most: 4, fewest: 3 },
    { title: 'move, though both bounds are 0', rollingUpdate: { maxSurge: 0, maxUnavailable: 0 }, most: 4, fewest: 3 },
  ])('$title within their bounds', ({ rollingUpdate, most, fewest }) => {
    const world = cluster({ workloads: [web({ strategy: { type: 'RollingUpdate', rollingUpdate } })] })
    const seen = extremes(world)
    roll(world, 'Deployment', 'web', '2')
    world.pass(300)
    expect(releases(world)).toEqual(['2', '2', '2', '2'])
    expect(seen).toMatchObject({ most, fewest })
    expect(conditionOf(world, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' })
    expect(world.store.list('Event').map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^Scaled up replica set web-\S+ from \d to \d$/),
    )
  })

  it('that recreate never have two templates at a time', () => {
    const world = cluster({ workloads: [web({ strategy: { type: 'Recreate' } })] })
    const seen = extremes(world)
    roll(world, 'Deployment', 'web', '2')
    world.pass(120)
    expect(releases(world)).toEqual(['2', '2', '2', '2'])
    expect(seen).toMatchObject({ fewest: 0, releases: 1 })
  })

  it('that are paused wait, and scale what they have', () => {
    const world = cluster({ workloads: [web({ paused: true })] })
    expect(world.pods('shop')).toEqual([])
    change(world, 'Deployment', 'web', () => ({ paused: false }))
    world.pass(60)
    change(world, 'Deployment', 'web', () => ({ paused: true, replicas: 5 }))
    roll(world, 'Deployment', 'web', '2')
    world.pass(60)
    expect(releases(world)).toEqual(['1', '1', '1', '1', '1'])
    expect(conditionOf(world, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' })
    change(world, 'Deployment', 'web', () => ({ paused: false }))
    world.pass(120)
    expect(releases(world)).toEqual(['2', '2', '2', '2', '2'])
  })

  it('number their revisions, come back to one, and forget the oldest', () => {
    const world = cluster({ workloads: [web({ revisionHistoryLimit: 1 })] })
    const revisions = () =>
      setsOf(world)
        .map(({ metadata, spec }) => [metadata.annotations?.['deployment.kubernetes.io/revision'], spec?.replicas])
        .sort()
    for (const release of ['2', '3']) {
      roll(world, 'Deployment', 'web', release)
      world.pass(200)
    }
    expect(revisions()).toEqual([
      ['2', 0],
      ['3', 4],
    ])
    roll(world, 'Deployment', 'web', '2')
    world.pass(200)
    expect(revisions()).toEqual([
      ['3', 0],
      ['4', 4],
    ])
    expect(world.workload('Deployment', 'shop', 'web').metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '4' })
  })

  it('that stand still say so after their deadline, and take nothing back', () => {
    let isBroken = false
    const faults = faultsWhere({ 'pod/run': { fault: { kind: 'unready', message: 'no' } } }, () => isBroken)
    const world = cluster({ workloads: [web({ progressDeadlineSeconds: 120 })], faults })
    isBroken = true
    roll(world, 'Deployment', 'web', '2')
    world.pass(90)
    expect(conditionOf(world, 'Progressing')).toMatchObject({ reason: 'ReplicaSetUpdated' })
    world.pass(60)
    expect(conditionOf(world, 'Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' })
    expect(conditionOf(world, 'Available')).toMatchObject({ status: 'True' })
    expect(releases(world).filter((release) => release === '1').length).toBeGreaterThanOrEqual(3)
  })
})

describe('StatefulSets', () => {
  const db = (spec: Record<string, unknown> = {}): WorkloadSpec => ({
    kind: 'StatefulSet',
    namespace: 'shop',
    name: 'db',
    replicas: 3,
    spec,
  })
  const names = (pods: readonly PodObject[]) => pods.map(({ metadata }) => metadata.name).sort()

  it('go from the highest ordinal down to the partition', () => {
    const world = cluster({ workloads: [db({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 1 } } })] })
    roll(world, 'StatefulSet', 'db', '2')
    world.pass(200)
    expect(names(world.pods('shop').filter(({ metadata }) => metadata.labels?.release === '2'))).toEqual(['db-1', 'db-2'])
  })

  it('leave it to others on delete', () => {
    const world = cluster({ workloads: [db({ updateStrategy: { type: 'OnDelete' } })] })
    roll(world, 'StatefulSet', 'db', '2')
    world.pass(60)
    expect(releases(world)).toEqual(['1', '1', '1'])
    world.side.deletePod('shop', 'db-0', undefined)
    world.pass(60)
    expect(releases(world)).toEqual(['1', '1', '2'])
  })

  it.each([
    { policy: 'OrderedReady', alive: ['db-0'] },
    { policy: 'Parallel', alive: ['db-0', 'db-1', 'db-2'] },
  ])('$policy: what is not ready keeps the rest or does not', ({ policy, alive }) => {
    const faults = faultsWhere({ 'pod/run': { fault: { kind: 'unready', message: 'no' } } }, ({ workload }) => workload === 'db')
    const world = cluster({ faults })
    const template = { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image: 'db:1' }] } }
    const spec = { replicas: 3, selector: { matchLabels: { app: 'db' } }, template, podManagementPolicy: policy }
    world.store.create({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db', namespace: 'shop' }, spec })
    world.pass(60)
    expect(names(world.pods('shop'))).toEqual(alive)
  })

  it('make the claims of their templates, which keep each pod in its zone and outlive it', () => {
    const world = cluster({
      workloads: [
        db({
          volumeClaimTemplates: [
            {
              metadata: { name: 'data' },
              spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'gp2', resources: { requests: { storage: '8Gi' } } },
            },
          ],
        }),
      ],
    })
    expect(world.pods('shop').every(isReady)).toBe(true)
    expect(world.store.list('PersistentVolumeClaim')).toMatchObject(
      [0, 1, 2].map((nth) => ({ metadata: { name: `data-db-${nth}` }, status: { phase: 'Bound' } })),
    )
    const home = (world.store.get('Pod', 'shop', 'db-1') as PodObject).spec?.nodeName
    world.side.deletePod('shop', 'db-1', undefined)
    world.pass(60)
    expect((world.store.get('Pod', 'shop', 'db-1') as PodObject).spec?.nodeName).toBe(home)
    change(world, 'StatefulSet', 'db', () => ({ replicas: 1 }))
    world.pass(60)
    expect(names(world.pods('shop'))).toEqual(['db-0'])
    expect(world.store.list('PersistentVolumeClaim')).toHaveLength(3)
  })
})

describe('DaemonSets', () => {
  const agent = (updateStrategy: object): WorkloadSpec => ({
    kind: 'DaemonSet',
    namespace: 'shop',
    name: 'agent',
    spec: { updateStrategy },
  })

  it('with a surge put the new pod beside the old one first', () => {
    const world = cluster({ workloads: [agent({ type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } })] })
    const seen = extremes(world)
    roll(world, 'DaemonSet', 'agent', '2')
    world.pass(200)
    expect(releases(world)).toEqual(['2', '2', '2'])
    expect(seen).toMatchObject({ most: 4, fewest: 3 })
    expect(world.workload('DaemonSet', 'shop', 'agent').status).toMatchObject({ updatedNumberScheduled: 3, numberAvailable: 3 })
  })

  it('on delete wait for somebody to delete', () => {
    const world = cluster({ workloads: [agent({ type: 'OnDelete' })] })
    roll(world, 'DaemonSet', 'agent', '2')
    world.pass(60)
    expect(releases(world)).toEqual(['1', '1', '1'])
    world.side.deletePod('shop', world.pods('shop')[0]?.metadata.name ?? '', undefined)
    world.pass(60)
    expect(releases(world)).toEqual(['1', '1', '2'])
  })
})

describe('minReadySeconds', () => {
  const db = (kind: 'StatefulSet' | 'DaemonSet' | 'Deployment', spec: object): WorkloadSpec => ({
    kind,
    namespace: 'shop',
    name: 'web',
    replicas: 3,
    spec: { minReadySeconds: 120, ...spec },
  })
  const availableOf = (world: World, kind: string) => {
    const { availableReplicas, numberAvailable } = world.workload(kind, 'shop', 'web').status as Record<string, number>
    return availableReplicas ?? numberAvailable
  }

  it.each<{ title: string; workload: WorkloadSpec }>([
    { title: 'Deployment', workload: db('Deployment', { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } } }) },
    { title: 'StatefulSet', workload: db('StatefulSet', {}) },
    { title: 'DaemonSet', workload: db('DaemonSet', {}) },
  ])('a rollout of a $title waits so long for each pod', ({ workload }) => {
    const world = cluster({ workloads: [workload] })
    world.pass(10)
    expect(availableOf(world, workload.kind)).toBe(3)
    roll(world, workload.kind, 'web', '2')
    world.pass(100)
    expect(releases(world)).toEqual(['1', '1', '2'])
    expect(world.pods('shop').filter(isReady)).toHaveLength(3)
    expect(availableOf(world, workload.kind)).toBe(2)
    world.pass(140)
    expect(releases(world)).toEqual(['1', '2', '2'])
    world.pass(300)
    expect(releases(world)).toEqual(['2', '2', '2'])
    expect(availableOf(world, workload.kind)).toBe(3)
  })

  it('can be changed without a rollout', () => {
    const world = cluster({ workloads: [web()] })
    change(world, 'Deployment', 'web', () => ({ minReadySeconds: 600, replicas: 5 }))
    world.pass(120)
    expect(setsOf(world)).toHaveLength(1)
    expect(availableOf(world, 'Deployment')).toBe(4)
    expect(world.workload('Deployment', 'shop', 'web').status).toMatchObject({ readyReplicas: 5 })
    world.pass(600)
    expect(availableOf(world, 'Deployment')).toBe(5)
  })
})
