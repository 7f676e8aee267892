import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { MINUTE } from '../../../src/model/instant.ts'
import type { WorkloadSpec } from '../../../src/sandbox/contract.ts'
import type { WebhookAnswer } from '../../../src/sandbox/levers.ts'
import type { NewObject } from '../../../src/sandbox/world/kubernetes/api/requests.ts'
import type { EventObject, NodeObject, WorkloadObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import type { ScenarioData } from '../signatures/stage.ts'
import { openStage } from '../signatures/stage.ts'
import { cluster } from './cluster.ts'
import { faultsWhere } from './support.ts'

const HOOK = 'pods.policies.example.com'
const BECAUSE =
  `Internal error occurred: failed calling webhook "${HOOK}": failed to call webhook: ` +
  'Post "https://admission.policies.svc:443/validate?timeout=10s": no endpoints available for service "admission"'

/** A webhook for new pods that fails closed, and its Service, with an address when somebody is to answer. */
function webhook(changes: Record<string, unknown> = {}, answered = false): readonly NewObject[] {
  const metadata = { name: 'admission', namespace: 'policies' }
  const endpoints = { apiVersion: 'v1', kind: 'Endpoints', metadata, subsets: [{ addresses: [{ ip: '10.0.0.250' }] }] }
  const entry = {
    name: HOOK,
    clientConfig: { service: { ...metadata, path: '/validate' } },
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
    ...changes,
  }
  return [
    { apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 443 }] } },
    ...(answered ? [endpoints] : []),
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'policies' },
      webhooks: [entry],
    },
  ]
}

interface StandOptions {
  readonly workload: Partial<WorkloadSpec> & Pick<WorkloadSpec, 'kind'>
  readonly objects?: readonly NewObject[]
  readonly answer?: WebhookAnswer
}

/** A cluster with a workload in `shop` whose first pod was taken away while the webhook stands. */
function stand({ workload, objects = webhook(), answer }: StandOptions) {
  const faults = answer === undefined ? undefined : faultsWhere({ 'webhook/answer': answer }, () => true)
  const { name = 'web' } = workload
  const workloads = [{ namespace: 'shop', name, ...workload }] as readonly WorkloadSpec[]
  const world = cluster({ workloads, ...(faults === undefined ? {} : { faults }) })
  world.pass(60)
  for (const object of objects) world.store.create(object)
  const [pod] = world.pods('shop')
  if (pod) world.side.deletePod('shop', pod.metadata.name, 0)
  const complaints = () => (world.store.list('Event') as readonly EventObject[]).filter(({ reason }) => reason === 'FailedCreate')
  const live = () => world.pods('shop').filter(({ metadata }) => metadata.deletionTimestamp === undefined).length
  const unhook = () => world.store.remove('ValidatingWebhookConfiguration', undefined, 'policies')
  return { ...world, complaints, live, unhook }
}

describe('a pod that the API server refuses its controller', () => {
  const cases = [
    {
      kind: 'Deployment',
      replicas: 3,
      left: 2,
      about: 'ReplicaSet',
      component: 'replicaset-controller',
      says: `Error creating: ${BECAUSE}`,
    },
    { kind: 'DaemonSet', left: 2, about: 'DaemonSet', component: 'daemonset-controller', says: `Error creating: ${BECAUSE}` },
    {
      kind: 'StatefulSet',
      replicas: 3,
      left: 2,
      about: 'StatefulSet',
      component: 'statefulset-controller',
      says: `create Pod web-0 in StatefulSet web failed error: ${BECAUSE}`,
    },
    { kind: 'Job', left: 0, about: 'Job', component: 'job-controller', says: `Error creating: ${BECAUSE}` },
  ] as const

  it.each(cases)('is missed and complained about by the controller of a $kind, and made when nobody refuses it', (row) => {
    const { kind, left, about, component, says } = row
    const world = stand({ workload: { kind, ...('replicas' in row ? { replicas: row.replicas } : { spec: { suspend: true } }) } })
    if (kind === 'Job') world.store.update(kind, 'shop', 'web', (job) => ({ ...job, spec: { ...(job.spec as object), suspend: false } }))
    world.pass(40)
    expect(world.live()).toBe(left)
    expect(world.complaints()).toMatchObject([{ type: 'Warning', message: says, involvedObject: { kind: about }, source: { component } }])
    world.unhook()
    world.pass(60)
    expect(world.live()).toBe(left + 1)
  })

  it('is tried again after waits that double: a dozen times in the first minute, a handful in the next ten', () => {
    const world = stand({ workload: { kind: 'Deployment', replicas: 1 } })
    const tries = () => world.complaints()[0]?.count ?? 0
    world.pass(60)
    const first = tries()
    world.pass(600)
    expect([first, tries() - first]).toEqual([
      expect.toSatisfy((n: number) => n >= 12 && n <= 16),
      expect.toSatisfy((n) => n >= 3 && n <= 5),
    ])
  })

  it('is in the conditions of its ReplicaSet and Deployment until it is made', () => {
    const world = stand({ workload: { kind: 'Deployment', replicas: 2 } })
    const failures = () =>
      [...world.store.list('ReplicaSet'), world.workload('Deployment', 'shop', 'web')]
        .filter(({ metadata }) => metadata.namespace === 'shop')
        .map(({ status }) =>
          (status as { conditions?: readonly { type: string }[] }).conditions?.find(({ type }) => type === 'ReplicaFailure'),
        )
    world.pass(20)
    const condition = { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: BECAUSE }
    expect(failures()).toMatchObject([condition, condition])
    world.unhook()
    world.pass(60)
    expect(failures()).toEqual([undefined, undefined])
  })

  it('is one of a batch of which the others are not tried then', () => {
    const world = stand({ workload: { kind: 'Deployment', replicas: 1 } })
    world.pass(20)
    const before = world.complaints()[0]?.count ?? 0
    world.store.update('Deployment', 'shop', 'web', (current) => ({
      ...current,
      spec: { ...(current as WorkloadObject).spec, replicas: 9 },
    }))
    world.pass(1)
    expect((world.complaints()[0]?.count ?? 0) - before).toBeLessThanOrEqual(2)
  })
})

describe('which refusals there are', () => {
  const deployment = { kind: 'Deployment', replicas: 1 } as const
  const conditions = [
    { name: 'others', expression: "request.userInfo.username != 'system:serviceaccount:kube-system:replicaset-controller'" },
  ]
  const cases: readonly (Omit<StandOptions, 'workload'> & { readonly title: string; readonly says: string | undefined })[] = [
    { title: 'nobody answers', says: BECAUSE },
    { title: 'nobody answers and that may be ignored', objects: webhook({ failurePolicy: 'Ignore' }), says: undefined },
    { title: 'somebody answers yes', objects: webhook({}, true), says: undefined },
    {
      title: 'somebody answers no',
      objects: webhook({}, true),
      answer: 'deny',
      says: `admission webhook "${HOOK}" denied the request: `,
    },
    {
      title: 'the webhook is for another namespace',
      objects: webhook({ namespaceSelector: { matchLabels: { team: 'x' } } }),
      says: undefined,
    },
    { title: 'the webhook leaves out the controller', objects: webhook({ matchConditions: conditions }), says: undefined },
  ]

  it.each(cases)('$title', ({ title: _title, says, ...options }) => {
    const world = stand({ workload: deployment, ...options })
    world.pass(30)
    expect(world.live()).toBe(says === undefined ? 1 : 0)
    expect(world.complaints().map(({ message }) => message)).toEqual(says === undefined ? [] : [expect.stringContaining(says)])
  })
})

describe('a webhook that fails closed for kube-system', () => {
  const shipped = 'plans/scenarios/webhook-blocks-aws-node.yaml'

  /** New nodes beside those of the beginning: why each is not Ready, and whether aws-node is on it. */
  function newcomers(stage: ReturnType<typeof openStage>, before: ReadonlySet<string>): readonly unknown[] {
    return stage
      .nodes()
      .filter(({ metadata }) => !before.has(metadata.name))
      .map(({ metadata, status }: NodeObject) => {
        const ready = status?.conditions?.find(({ type }) => type === 'Ready')
        const isThere = stage.world.store.podsOnNode(metadata.name).some((pod) => pod.metadata.labels?.['k8s-app'] === 'aws-node')
        return { ready: ready?.status, because: ready?.message, awsNode: isThere }
      })
  }

  it('keeps new nodes NotReady without aws-node, and lets go of them when it is deleted', () => {
    const stage = openStage(parse(readFileSync(shipped, 'utf8')) as ScenarioData)
    const before = new Set(stage.nodes().map(({ metadata }) => metadata.name))
    stage.launchNodes()
    const sick = { ready: 'False', because: expect.stringMatching(/cni plugin not initialized$/), awsNode: false }
    expect(newcomers(stage, before)).toEqual([sick, sick, sick, sick])
    const told = (stage.world.store.list('Event') as readonly EventObject[]).filter(({ reason }) => reason === 'FailedCreate')
    expect(told).toContainEqual(
      expect.objectContaining({
        involvedObject: expect.objectContaining({ kind: 'DaemonSet', namespace: 'kube-system', name: 'aws-node' }),
        message: `Error creating: ${BECAUSE}`,
      }),
    )
    const user = { username: 'arn:aws:iam::111122223333:user/me', groups: ['system:masters'] }
    stage.world.api.remove({ user }, 'ValidatingWebhookConfiguration', undefined, 'policies')
    stage.pass(18 * MINUTE)
    const well = { ready: 'True', because: 'kubelet is posting ready status', awsNode: true }
    expect(newcomers(stage, before)).toEqual([well, well, well, well])
  })
})
