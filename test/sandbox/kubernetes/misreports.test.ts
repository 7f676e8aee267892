import { describe, expect, it } from 'vitest'
import { isReady } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { cluster } from './cluster.ts'
import { faultsWhere, machine } from './support.ts'

describe('a kubelet that is broken', () => {
  it('lets a DaemonSet count as ready what is Pending in its init containers', () => {
    const world = cluster({ faults: faultsWhere({ 'node/reports': 'ready-unbegun' }, () => true) })
    world.side.applyAddon('vpc-cni', 'v1.19.0-eksbuild.1', undefined)
    world.pass(600)
    const { status } = world.workload('DaemonSet', 'kube-system', 'aws-node')
    expect(status).toMatchObject({ desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberReady: 3 })
    const pods = [1, 2, 3].map((n) => world.awsNode(n))
    expect(pods.map(isReady)).toEqual([true, true, true])
    expect(pods.map(({ status: seen }) => seen?.phase)).toEqual(['Pending', 'Pending', 'Pending'])
    const inits = pods.flatMap(({ status: seen }) => seen?.initContainerStatuses ?? [])
    expect(inits.map(({ state }) => state?.waiting?.reason)).toEqual(['PodInitializing', 'PodInitializing', 'PodInitializing'])
    expect(pods.flatMap(({ status: seen }) => seen?.containerStatuses ?? []).some(({ ready }) => ready)).toBe(false)
  })

  it('says what is true again once it is mended', () => {
    let isBroken = true
    const faults = faultsWhere({ 'node/reports': 'ready-unbegun' }, ({ node }) => isBroken && node === machine(1).nodeName)
    const world = cluster({ faults })
    world.side.deletePod('kube-system', world.awsNode(1).metadata.name, 0)
    world.pass(60)
    expect(world.awsNode(1).status?.phase).toBe('Pending')
    isBroken = false
    world.pass(60)
    expect(world.awsNode(1).status).toMatchObject({ phase: 'Running', containerStatuses: [{ ready: true }, { ready: true }] })
  })
})
