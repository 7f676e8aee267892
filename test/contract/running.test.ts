import { describe, expect } from 'vitest'
import { MINUTE, SECOND } from '../../src/model/instant.ts'
import type { World } from '../../src/sandbox/contract.ts'
import { contractTarget, inSandbox, type Json, type Target } from './target.ts'

/** What a cluster does by itself. Each needs nodes that run at once, a control plane to update or a kubelet to break: the simulated world. */

const DAEMON_SETS = '/apis/apps/v1/namespaces/kube-system/daemonsets'
const AWS_NODE_PODS = '/api/v1/namespaces/kube-system/pods?labelSelector=k8s-app%3Daws-node'
const MERGE = 'application/merge-patch+json'

const worldOf = ({ world }: Target): World => {
  if (world === undefined) throw new Error('There is no simulated world.')
  return world()
}
const pass = (target: Target, span: number) => worldOf(target).timeline.advanceTo(worldOf(target).timeline.now() + span)
const isReady = (pod: Json): boolean => pod.status.conditions.some(({ type, status }: Json) => type === 'Ready' && status === 'True')

describe('a DaemonSet', () => {
  const target = contractTarget('rolling')

  inSandbox('rolls a tenth of the nodes at a time, rounded up, and goes on when those are ready', async () => {
    const { body: before } = await target.ask(`${DAEMON_SETS}/aws-node`)
    const nodes: number = before.status.desiredNumberScheduled
    expect(before.spec.updateStrategy).toMatchObject({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '10%' } })
    const body = { spec: { template: { metadata: { annotations: { rolled: 'yes' } } } } }
    expect((await target.ask(`${DAEMON_SETS}/aws-node`, { method: 'PATCH', type: MERGE, body })).status).toBe(200)
    let most = 0
    for (let passed = 0; passed < 20 * MINUTE; passed += SECOND) {
      pass(target, SECOND)
      const { status } = worldOf(target).store.get('DaemonSet', 'kube-system', 'aws-node') as Json
      most = Math.max(most, status.numberUnavailable ?? 0)
      if (status.observedGeneration > 1 && status.updatedNumberScheduled === nodes && status.numberAvailable === nodes) break
    }
    const { body: after } = await target.ask(`${DAEMON_SETS}/aws-node`)
    expect(after.status).toMatchObject({ updatedNumberScheduled: nodes, numberAvailable: nodes })
    expect(most).toBe(Math.ceil(nodes / 10))
  })
})

describe('a control plane that is updated', () => {
  const target = contractTarget('away')

  inSandbox('is away for seconds: watches break, then /version says the new minor', async () => {
    const world = worldOf(target)
    const minor = async () => Number((await target.ask('/version')).body.minor)
    const before = await minor()
    const watch = await target.watch('/api/v1/nodes?watch=true&fieldSelector=metadata.name%3Dnone')
    world.eks.UpdateClusterVersion?.({ name: world.cluster.name, version: `1.${before + 1}` })
    let away = 0
    for (let passed = 0; passed < 15 * MINUTE; passed += SECOND) {
      pass(target, SECOND)
      if (!world.apiServer.isAway()) continue
      away += 1
      if (away === 1) await expect(target.ask('/version')).rejects.toThrow()
    }
    expect(away).toBeGreaterThanOrEqual(2)
    expect(away).toBeLessThanOrEqual(10)
    await expect(
      watch.next().then(
        (event) => event ?? 'ended',
        () => 'ended',
      ),
    ).resolves.toBe('ended')
    expect(await minor()).toBe(before + 1)
  })
})

describe('a broken kubelet', () => {
  const text = `apiVersion: serin.dev/v1alpha1
kind: Scenario
metadata: { name: broken, summary: kubelets say Ready of what they have not begun }
faults: [{ fault: kubelet-misreports }]
`
  const target = contractTarget('misreporting', [{ name: 'broken', text }])

  inSandbox('lets a DaemonSet count as ready what is Pending with unfinished init containers', async () => {
    await target.ask(AWS_NODE_PODS, { method: 'DELETE' })
    pass(target, 5 * MINUTE)
    const { body: pods } = await target.ask(AWS_NODE_PODS)
    const { status } = (await target.ask(`${DAEMON_SETS}/aws-node`)).body
    expect(status.numberReady).toBe(status.desiredNumberScheduled)
    expect(pods.items).toHaveLength(status.desiredNumberScheduled)
    for (const pod of pods.items) {
      expect([pod.status.phase, isReady(pod)]).toEqual(['Pending', true])
      expect(pod.status.initContainerStatuses.every(({ ready }: Json) => ready === false)).toBe(true)
    }
  })
})
