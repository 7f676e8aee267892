import { expect, it } from 'vitest'
import type { Faults } from '../../../src/sandbox/contract.ts'
import type { Levers } from '../../../src/sandbox/levers.ts'
import type { EventObject, PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { isReady } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { cluster } from './cluster.ts'
import { fakeNetwork, faultsWhere, HANGS, machine } from './support.ts'

const CANNOT_RUN: Partial<Levers> = { 'aws-node/start': { step: 'exec', fate: { exit: 1 } } }

const hangsOn = (n: number): Faults => faultsWhere(HANGS, ({ node }) => node === machine(n).nodeName)

const container = (pod: PodObject, name = 'aws-node') => pod.status?.containerStatuses?.find((status) => status.name === name)

const readyCondition = (node: { status?: { conditions?: readonly { type: string }[] } } | undefined) =>
  node?.status?.conditions?.find(({ type }) => type === 'Ready')

function eventsAbout(world: ReturnType<typeof cluster>, pod: PodObject) {
  const events = world.store.list('Event') as EventObject[]
  return events
    .filter((event) => event.involvedObject?.uid === pod.metadata.uid)
    .map(({ reason, message, count }) => ({ reason, message, count }))
}

const hungLines = [
  'Installed /host/opt/cni/bin/aws-cni',
  'Installed /host/opt/cni/bin/egress-cni',
  expect.stringMatching(/^time=".+" level=info msg="Starting IPAM daemon\.\.\. "$/),
  expect.stringMatching(/^time=".+" level=info msg="Checking for IPAM connectivity\.\.\. "$/),
]

it('a new node registers NotReady, gets aws-node and turns Ready once its configuration is written', () => {
  const world = cluster()
  world.side.join(machine(9))
  expect(readyCondition(world.node(9))).toMatchObject({ status: 'False', message: expect.stringContaining('cni plugin not initialized') })
  expect(world.node(9)?.spec?.taints?.map(({ key }) => key)).toContain('node.kubernetes.io/not-ready')
  world.pass(30)
  const pod = world.awsNode(9)
  expect(readyCondition(world.node(9))).toMatchObject({ status: 'True', reason: 'KubeletReady' })
  expect(world.node(9)?.spec?.taints).toBeUndefined()
  expect(container(pod)).toMatchObject({ ready: true, restartCount: 0, state: { running: { startedAt: expect.any(String) } } })
  expect(container(pod, 'aws-eks-nodeagent')).toMatchObject({ ready: true })
  expect(pod.status?.initContainerStatuses?.[0]?.state?.terminated).toMatchObject({ exitCode: 0, reason: 'Completed' })
  expect(pod.status).toMatchObject({ phase: 'Running', podIP: machine(9).privateIp, hostIP: machine(9).privateIp })
})

it('a healthy start says so in the log, in the order of the entrypoint', () => {
  const world = cluster()
  world.side.join(machine(9))
  world.pass(30)
  const log = world.side.logs('kube-system', world.awsNode(9).metadata.name, 'aws-node', false)
  expect(log?.trimEnd().split('\n')).toEqual([
    ...hungLines,
    expect.stringMatching(/level=info msg="Copying config file\.\.\. "$/),
    expect.stringMatching(/level=info msg="Successfully copied CNI plugin binary and config file\."$/),
  ])
})

it('a pod of the beginning has a log too, and no previous one', () => {
  const world = cluster()
  const { name } = world.awsNode(1).metadata
  expect(world.side.logs('kube-system', name, 'aws-node', false)).toContain('Successfully copied')
  expect(world.side.logs('kube-system', name, 'aws-node', true)).toBeUndefined()
  expect(world.side.logs('kube-system', name, 'nonesuch', false)).toBeUndefined()
  expect(world.side.logs('kube-system', 'nonesuch', 'aws-node', false)).toBeUndefined()
})

it('ipam-hang on a new node: no Ready, silent log, liveness kills with exit 2, restarts and back-off', () => {
  const world = cluster({ faults: hangsOn(9) })
  world.side.join(machine(9))
  world.pass(60)
  expect(world.side.logs('kube-system', world.awsNode(9).metadata.name, 'aws-node', false)?.trimEnd().split('\n')).toEqual(hungLines)
  expect(container(world.awsNode(9))).toMatchObject({ ready: false, restartCount: 0, state: { running: {} } })
  world.pass(55)
  expect(container(world.awsNode(9))).toMatchObject({
    ready: false,
    restartCount: 1,
    state: { running: {} },
    lastState: { terminated: { exitCode: 2, reason: 'Error' } },
  })
  expect(world.side.logs('kube-system', world.awsNode(9).metadata.name, 'aws-node', true)).toContain('Checking for IPAM connectivity')
  world.pass(75)
  expect(container(world.awsNode(9))).toMatchObject({
    restartCount: 1,
    state: {
      waiting: { reason: 'CrashLoopBackOff', message: expect.stringContaining('back-off 10s restarting failed container=aws-node') },
    },
  })
  world.pass(600)
  const pod = world.awsNode(9)
  expect(container(pod)?.restartCount).toBeGreaterThanOrEqual(4)
  expect(container(pod, 'aws-eks-nodeagent')).toMatchObject({ ready: true, restartCount: 0 })
  expect(readyCondition(world.node(9))).toMatchObject({ status: 'False' })
  expect(isReady(pod)).toBe(false)
})

it.each([
  { title: 'the TCP port up to v1.22', version: 'v1.18.3-eksbuild.3', address: ':50051' },
  { title: 'the unix socket from v1.23', version: 'v1.23.1-eksbuild.1', address: 'unix:///var/run/aws-node/ipamd.sock' },
])('ipam-hang leaves events that name $title', ({ version, address }) => {
  const world = cluster({ faults: hangsOn(9), cniVersion: version })
  world.side.join(machine(9))
  world.pass(240)
  const events = eventsAbout(world, world.awsNode(9))
  const failed = `timeout: failed to connect service "${address}" within 5s`
  expect(events).toContainEqual({ reason: 'Unhealthy', message: `Readiness probe failed: ${failed}`, count: expect.any(Number) })
  expect(events).toContainEqual({ reason: 'Unhealthy', message: `Liveness probe failed: ${failed}`, count: 6 })
  expect(events).toContainEqual(expect.objectContaining({ reason: 'Killing' }))
  expect(events).toContainEqual(
    expect.objectContaining({
      reason: 'BackOff',
      message: expect.stringContaining('Back-off restarting failed container aws-node in pod'),
    }),
  )
})

it('ipam-hang on an existing node: it stays Ready, its running pods run, and new pods get no sandbox', () => {
  const workloads = [{ kind: 'Deployment', namespace: 'shop', name: 'web', replicas: 3 } as const]
  const world = cluster({ nodes: 1, faults: hangsOn(1), workloads })
  world.side.deletePod('kube-system', world.awsNode(1).metadata.name, undefined)
  world.pass(30)
  expect(readyCondition(world.node(1))).toMatchObject({ status: 'True' })
  expect(world.pods('shop').every(isReady)).toBe(true)
  world.side.deletePod('shop', world.pods('shop')[0]?.metadata.name ?? '', undefined)
  world.pass(60)
  const stuck = world.pods('shop').filter((pod) => !isReady(pod))
  expect(stuck).toHaveLength(1)
  expect(stuck[0]?.status).toMatchObject({ phase: 'Pending', containerStatuses: [{ state: { waiting: { reason: 'ContainerCreating' } } }] })
  expect(stuck.flatMap((pod) => eventsAbout(world, pod))).toContainEqual({
    reason: 'FailedCreatePodSandBox',
    message: expect.stringMatching(
      /^Failed to create pod sandbox: .* plugin type="aws-cni" name="aws-cni" failed \(add\): add cmd: .*connection refused/,
    ),
    count: expect.toSatisfy((count: number) => count > 1),
  })
})

it('a pod for which there is no address waits with the words of the CNI, and starts when one is free', () => {
  const network = fakeNetwork(3)
  const workloads = [{ kind: 'Deployment', namespace: 'shop', name: 'web', replicas: 1 } as const]
  const world = cluster({ nodes: 2, network, workloads })
  world.side.seed([{ kind: 'Deployment', namespace: 'late', name: 'job', replicas: 1 }])
  world.pass(60)
  const waiting = world.pods('late').flatMap((pod) => eventsAbout(world, pod))
  expect(waiting).toContainEqual(
    expect.objectContaining({
      reason: 'FailedCreatePodSandBox',
      message: expect.stringMatching(/failed to assign an IP address to container$/),
    }),
  )
  world.store.remove('Deployment', 'shop', 'web')
  world.pass(120)
  expect(world.pods('late').map(isReady)).toEqual([true])
})

it('addon-crashloop: the container of that version exits 1 at once, again and again; its log says why', () => {
  const faults = faultsWhere(CANNOT_RUN, ({ cniVersion }) => cniVersion === 'v1.19.0-eksbuild.1')
  const world = cluster({ faults })
  world.side.applyAddon('vpc-cni', 'v1.19.0-eksbuild.1', undefined)
  world.pass(120)
  const broken = [1, 2, 3].map(world.awsNode).filter((pod) => !isReady(pod))
  expect(broken).toHaveLength(1)
  const [pod] = broken as [PodObject]
  expect(container(pod)).toMatchObject({ restartCount: expect.any(Number), lastState: { terminated: { exitCode: 1, reason: 'Error' } } })
  expect(world.side.addonHealth('vpc-cni')).toEqual({ desired: 3, updated: 1, available: 2, waiting: ['CrashLoopBackOff'] })
  expect(world.side.logs('kube-system', pod.metadata.name, 'aws-node', true)).toMatch(/level=error msg="Failed to execute command/)
})

it('a restart after the fault has ended is healthy, and waiting pods start', () => {
  let holds = true
  const world = cluster({ faults: faultsWhere(HANGS, () => holds) })
  world.side.join(machine(9))
  world.pass(100)
  holds = false
  world.pass(120)
  expect(isReady(world.awsNode(9))).toBe(true)
  expect(readyCondition(world.node(9))).toMatchObject({ status: 'True' })
})

it('the fault is asked with the version of the pod and the particulars of the node', () => {
  const asked: unknown[] = []
  const world = cluster({
    faults: faultsWhere(HANGS, (subject) => {
      asked.push(subject)
      return false
    }),
  })
  world.side.join(machine(9, { group: 'canary' }))
  world.pass(30)
  expect(asked[0]).toEqual({
    node: machine(9).nodeName,
    group: 'canary',
    zone: 'eu-central-1a',
    instanceType: 'm5.large',
    kubeletMinor: '1.33',
    cniVersion: 'v1.18.3-eksbuild.3',
    imageId: machine(9).imageId,
    launchedLater: true,
    occasion: 0,
  })
})

/** A fault that ends a container of aws-node on node 1, switched on and off. */
function ending(fault: Levers['pod/run']['fault']) {
  const listeners: ((levers: ReadonlySet<keyof Levers>) => void)[] = []
  let isOn = false
  const holds = faultsWhere({ 'pod/run': { container: 'aws-node', fault } }, ({ node }) => isOn && node === machine(1).nodeName)
  const faults: Faults = { ...holds, onChange: (listener) => void listeners.push(listener) }
  return {
    faults,
    turn(on: boolean): void {
      isOn = on
      for (const listener of listeners) listener(new Set(['pod/run']))
    },
  }
}

/** A pod of its own on node 1, made now. */
function podOnNode1(world: ReturnType<typeof cluster>, name: string): () => PodObject {
  const spec = { nodeName: machine(1).nodeName, containers: [{ name: 'main', image: 'pause:3' }] }
  world.store.create({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default' }, spec })
  return () => world.store.get('Pod', 'default', name) as PodObject
}

it.each([
  { title: 'fails', fault: { kind: 'exits', after: 2_000, code: 1, log: ['panic: out of cheese'] } as const, reason: 'Error' },
  { title: 'ends well', fault: { kind: 'exits', after: 2_000, code: 0, log: [] } as const, reason: 'Completed' },
])('ipamd serves no more when its container $title, until the next one does', ({ fault, reason }) => {
  const { faults, turn } = ending(fault)
  const world = cluster({ faults })
  world.pass(60)
  turn(true)
  world.pass(20)
  const pod = podOnNode1(world, 'late')
  expect(container(world.awsNode(1))).toMatchObject({ ready: false, lastState: { terminated: { exitCode: fault.code, reason } } })
  world.pass(120)
  expect(isReady(pod())).toBe(false)
  const refused = eventsAbout(world, pod()).filter(({ reason }) => reason === 'FailedCreatePodSandBox')
  expect(refused).toEqual([expect.objectContaining({ message: expect.stringContaining('127.0.0.1:50051: connect: connection refused') })])
  const restarts = container(world.awsNode(1))?.restartCount ?? 0
  expect(restarts).toBeGreaterThan(2)
  if (fault.log.length > 0) expect(world.side.logs('kube-system', world.awsNode(1).metadata.name, 'aws-node', true)).toContain(fault.log[0])
  turn(false)
  world.pass(400)
  expect(isReady(pod())).toBe(true)
  expect(container(world.awsNode(1))).toMatchObject({ ready: true, state: { running: {} } })
  expect(isReady(world.awsNode(2))).toBe(true)
  expect(container(world.awsNode(2))?.restartCount).toBe(0)
})

it('an aws-node that runs for a while before it ends serves meanwhile', () => {
  const { faults, turn } = ending({ kind: 'exits', after: 30_000, code: 1, log: [] })
  const world = cluster({ faults })
  world.pass(60)
  turn(true)
  world.pass(31)
  const pod = podOnNode1(world, 'late')
  world.pass(25)
  expect(container(world.awsNode(1))).toMatchObject({ ready: true, restartCount: 1 })
  expect(isReady(pod())).toBe(true)
  world.pass(15)
  expect(container(world.awsNode(1))?.ready).toBe(false)
})
