import { beforeEach, describe, expect, it } from 'vitest'
import type { ObjectStore } from '../../../src/sandbox/contract.ts'
import type { WebhookAnswer } from '../../../src/sandbox/levers.ts'
import type { ApiServer } from '../../../src/sandbox/world/kubernetes/api/api-server.ts'
import { createApiServer } from '../../../src/sandbox/world/kubernetes/api/api-server.ts'
import { builtInKind } from '../../../src/sandbox/world/kubernetes/api/kinds.ts'
import { installPolicyEngine } from '../../../src/sandbox/world/kubernetes/api/policy-engine.ts'
import type { NewObject } from '../../../src/sandbox/world/kubernetes/api/requests.ts'
import { createBackends } from '../../../src/sandbox/world/kubernetes/api/webhook-backends.ts'
import { createStore } from '../../../src/sandbox/world/kubernetes/store.ts'
import { createTimeline } from '../../../src/sandbox/world/timeline.ts'
import { faultsWhere, START } from './support.ts'

const CONTROLLER = { username: 'eks:vpc-resource-controller', groups: ['system:authenticated'] }
const SOMEBODY = { username: 'arn:aws:iam::111122223333:user/me', groups: ['system:masters', 'system:authenticated'] }
const HOOK = 'pods.policy.example.com'

let store: ObjectStore
let api: ApiServer

function open(answer?: WebhookAnswer, objects: readonly NewObject[] = []): void {
  const timeline = createTimeline(START)
  store = createStore(timeline, 1)
  const faults = answer === undefined ? {} : ({ 'webhook/answer': answer } as const)
  api = createApiServer({ timeline, store, seed: 1, backends: createBackends(faultsWhere(faults, ({ webhook }) => webhook === HOOK)) })
  installPolicyEngine({ objects }, store, api)
  for (const name of ['shop', 'kube-system']) store.create(namespace(name))
  for (const object of objects) store.create(object)
  store.create(pod('web-0', { nodeName: 'n1' }))
}

const namespace = (name: string): NewObject => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
})
const pod = (name: string, spec: object = {}): NewObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: 'web' } },
  spec: { containers: [{ name: 'main', image: 'web:1' }], ...spec },
})
const service: NewObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'policy', namespace: 'kube-system' },
  spec: { ports: [{ port: 443 }] },
}
const endpoints: NewObject = {
  apiVersion: 'v1',
  kind: 'Endpoints',
  metadata: { name: 'policy', namespace: 'kube-system' },
  subsets: [{ addresses: [{ ip: '10.0.0.9' }] }],
}

const mutating = (changes: Record<string, unknown> = {}, kind = 'MutatingWebhookConfiguration'): NewObject => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind,
  metadata: { name: 'policy' },
  webhooks: [
    {
      name: HOOK,
      clientConfig: { service: { namespace: 'kube-system', name: 'policy', path: '/mutate' } },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['pods'] }],
      failurePolicy: 'Fail',
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      ...changes,
    },
  ],
})

const annotate = (user = CONTROLLER) =>
  api.update({ user }, 'Pod', 'shop', 'web-0', (current) => ({
    ...current,
    metadata: { ...current.metadata, annotations: { 'vpc.amazonaws.com/pod-eni': '[]' } },
  }))

function refusal(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  return 'accepted'
}

describe('a webhook that rewrites pods on update', () => {
  beforeEach(() => open('rewrite-pod-spec', [service, endpoints, mutating()]))

  it('makes the API server refuse an annotation, in its own words', () => {
    expect(refusal(annotate)).toMatchObject({
      status: 422,
      code: 'Invalid',
      message: expect.stringContaining(
        'Pod "web-0" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`',
      ),
      extra: { details: { name: 'web-0', kind: 'Pod', causes: [{ reason: 'FieldValueForbidden', field: 'spec' }] } },
    })
    expect(store.get('Pod', 'shop', 'web-0')?.metadata.annotations).toBeUndefined()
  })

  it('does so in a dry run too, which stores nothing', () => {
    const version = store.version()
    const writing = { user: SOMEBODY, dryRun: true }
    expect(refusal(() => api.update(writing, 'Pod', 'shop', 'web-0', (current) => current))).toMatchObject({ status: 422 })
    expect(store.version()).toBe(version)
  })

  it('lets pods be created', () => {
    expect(api.create({ user: SOMEBODY }, kindOf('Pod'), pod('web-1')).metadata.name).toBe('web-1')
  })
})

describe('which requests a webhook is called for', () => {
  const cases: readonly { title: string; changes: Record<string, unknown>; called: boolean }[] = [
    { title: 'its rules match', changes: {}, called: true },
    { title: 'another operation', changes: { rules: [rule({ operations: ['CREATE'] })] }, called: false },
    { title: 'any operation', changes: { rules: [rule({ operations: ['*'] })] }, called: true },
    { title: 'another resource', changes: { rules: [rule({ resources: ['services'] })] }, called: false },
    { title: 'subresources only', changes: { rules: [rule({ resources: ['pods/status'] })] }, called: false },
    { title: 'all resources and their parts', changes: { rules: [rule({ resources: ['*/*'] })] }, called: true },
    { title: 'another group', changes: { rules: [rule({ apiGroups: ['apps'] })] }, called: false },
    { title: 'cluster scope', changes: { rules: [rule({ scope: 'Cluster' })] }, called: false },
    { title: 'a namespace that is excluded', changes: { namespaceSelector: notIn('shop') }, called: false },
    { title: 'another namespace excluded', changes: { namespaceSelector: notIn('kube-system') }, called: true },
    { title: 'objects with another label', changes: { objectSelector: { matchLabels: { app: 'db' } } }, called: false },
    {
      title: 'the user is excluded',
      changes: { matchConditions: [when("request.userInfo.username != 'eks:vpc-resource-controller'")] },
      called: false,
    },
    {
      title: 'another user is excluded',
      changes: { matchConditions: [when('!(request.userInfo.username in [\'system:x\', "y"])')] },
      called: true,
    },
    {
      title: 'conditions together',
      changes: { matchConditions: [when("request.operation == 'UPDATE' && object.metadata.name.startsWith('web') && has(object.spec)")] },
      called: true,
    },
  ]

  function rule(changes: object) {
    return { apiGroups: [''], apiVersions: ['v1'], operations: ['UPDATE'], resources: ['pods'], ...changes }
  }
  function notIn(name: string) {
    return { matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [name] }] }
  }
  function when(expression: string) {
    return { name: 'c', expression }
  }

  it.each(cases)('$title', ({ changes, called }) => {
    open('deny', [service, endpoints, mutating(changes)])
    expect(refusal(annotate)).toEqual(called ? expect.objectContaining({ status: 403 }) : 'accepted')
  })

  it('never webhook configurations themselves', () => {
    open('deny', [service, endpoints, mutating({ rules: [rule({ apiGroups: ['*'], resources: ['*'], operations: ['*'] })] })])
    const remove = () => api.remove({ user: SOMEBODY }, 'MutatingWebhookConfiguration', undefined, 'policy')
    expect(refusal(remove)).toBe('accepted')
  })
})

describe('a webhook that is not reached', () => {
  const address = 'Post "https://policy.kube-system.svc:443/mutate?timeout=10s"'
  it.each([
    { title: 'without a Service', objects: [mutating()], because: 'service "policy" not found' },
    { title: 'without an endpoint', objects: [service, mutating()], because: 'no endpoints available for service "policy"' },
    {
      title: 'that answers too late',
      answer: 'timeout' as const,
      objects: [service, endpoints, mutating()],
      because: 'context deadline exceeded',
    },
  ])('$title fails the write', ({ answer, objects, because }) => {
    open(answer, objects)
    expect(refusal(annotate)).toMatchObject({
      status: 500,
      message: `Internal error occurred: failed calling webhook "${HOOK}": failed to call webhook: ${address}: ${because}`,
    })
  })

  it('is passed over when it says Ignore', () => {
    open(undefined, [mutating({ failurePolicy: 'Ignore' })])
    expect(refusal(annotate)).toBe('accepted')
  })

  it('is reached again when a pod that its Service selects is ready', () => {
    const selecting = { ...service, spec: { ports: [{ port: 443 }], selector: { app: 'policy' } } }
    open('add-label', [selecting, mutating()])
    expect(refusal(annotate)).toMatchObject({ status: 500 })
    const status = { conditions: [{ type: 'Ready', status: 'True' }] }
    store.create({ ...pod('policy-0'), metadata: { name: 'policy-0', namespace: 'kube-system', labels: { app: 'policy' } }, status })
    expect(annotate().metadata.labels).toMatchObject({ 'admission.example.com/seen-by': HOOK })
  })
})

describe('validating webhooks', () => {
  it('deny with their message', () => {
    open('deny', [service, endpoints, mutating({}, 'ValidatingWebhookConfiguration')])
    expect(refusal(annotate)).toMatchObject({
      status: 403,
      message: `admission webhook "${HOOK}" denied the request: denied by the policy of this cluster`,
    })
  })

  it('with side effects are not called in a dry run: 400', () => {
    open()
    store.create(mutating({ sideEffects: 'Some' }))
    const writing = { user: SOMEBODY, dryRun: true }
    expect(refusal(() => api.update(writing, 'Pod', 'shop', 'web-0', (current) => current))).toMatchObject({
      status: 400,
      message: `admission webhook "${HOOK}" does not support dry run`,
    })
  })
})

it('a match condition beyond what is understood is refused by name', () => {
  open()
  const create = () =>
    api.create(
      { user: SOMEBODY },
      kindOf('MutatingWebhookConfiguration'),
      mutating({ matchConditions: [{ name: 'c', expression: 'object.spec.containers.all(c, c.image.matches("x"))' }] }),
    )
  expect(refusal(create)).toMatchObject({ status: 501, message: expect.stringContaining('object.spec.containers.all') })
})

describe('Kyverno', () => {
  const policy = (changes: Record<string, unknown> = {}): NewObject => ({
    apiVersion: 'kyverno.io/v1',
    kind: 'ClusterPolicy',
    metadata: { name: 'seccomp' },
    spec: {
      rules: [
        {
          name: 'profile',
          match: { any: [{ resources: { kinds: ['Pod'] } }] },
          preconditions: { all: [{ key: "{{ request.object.spec.nodeName || '' }}", operator: 'NotEquals', value: '' }] },
          mutate: { patchStrategicMerge: { spec: { containers: [{ '(name)': '*', '+(securityContext)': { runAsNonRoot: true } }] } } },
          ...changes,
        },
      ],
    },
  })
  const configuration = () => store.get('MutatingWebhookConfiguration', undefined, 'kyverno-resource-mutating-webhook-cfg')?.webhooks
  const change = (next: NewObject) => api.update({ user: SOMEBODY }, 'ClusterPolicy', undefined, 'seccomp', () => next)

  beforeEach(() => open(undefined, [policy()]))

  it('registers the webhook that its policies need', () => {
    expect(configuration()).toMatchObject([
      {
        name: 'mutate.kyverno.svc-fail',
        rules: [
          { apiGroups: [''], operations: ['CREATE', 'UPDATE'], resources: ['pods', 'pods/ephemeralcontainers'], scope: 'Namespaced' },
        ],
        failurePolicy: 'Fail',
      },
    ])
    store.remove('ClusterPolicy', undefined, 'seccomp')
    expect(configuration()).toEqual([])
  })

  it('rewrites pods on update, so that an annotation is refused', () => {
    expect(refusal(annotate)).toMatchObject({ status: 422, message: expect.stringContaining('runAsNonRoot') })
  })

  it('leaves alone what has the member that is to be added', () => {
    store.update('Pod', 'shop', 'web-0', (current) => ({
      ...current,
      spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'web:1', securityContext: {} }] },
    }))
    expect(refusal(annotate)).toBe('accepted')
  })

  it.each([
    { title: 'the user', changes: { exclude: { any: [{ subjects: [{ kind: 'User', name: 'eks:vpc-resource-controller' }] }] } } },
    { title: 'the namespace', changes: { exclude: { any: [{ resources: { namespaces: ['sh*'] } }] } } },
    { title: 'updates', changes: { match: { any: [{ resources: { kinds: ['v1/Pod'], operations: ['CREATE'] } }] } } },
    {
      title: 'updates by a precondition',
      changes: { preconditions: [{ key: '{{ request.operation }}', operator: 'AnyNotIn', value: ['UPDATE'] }] },
    },
  ])('lets go when the policy is changed to exclude $title', ({ changes }) => {
    change(policy(changes))
    expect(refusal(annotate)).toBe('accepted')
  })

  it('gives a policy with match conditions a webhook of its own, which has them', () => {
    const matchConditions = [{ name: 'not-the-controller', expression: "request.userInfo.username != 'eks:vpc-resource-controller'" }]
    const { spec } = policy()
    change({ ...policy(), spec: { ...(spec as object), webhookConfiguration: { matchConditions } } })
    expect(configuration()).toMatchObject([{ name: 'mutate.kyverno.svc-fail-finegrained-seccomp', matchConditions }])
    expect(refusal(annotate)).toBe('accepted')
    expect(refusal(() => annotate(SOMEBODY))).toMatchObject({ status: 422 })
  })

  it.each([
    { title: 'a rule of another kind', changes: { validate: { message: 'no' } }, what: 'a rule with validate' },
    {
      title: 'an unknown variable',
      changes: { preconditions: [{ key: '{{ images }}', operator: 'Equals', value: '' }] },
      what: '{{ images }}',
    },
    { title: 'an unknown operator', changes: { preconditions: [{ key: 'a', operator: 'GreaterThan', value: 1 }] }, what: 'GreaterThan' },
    { title: 'a filter by cluster role', changes: { exclude: { clusterRoles: ['admin'] } }, what: 'clusterRoles' },
  ])('refuses $title by name', ({ changes, what }) => {
    expect(refusal(() => change(policy(changes)))).toMatchObject({ status: 501, message: expect.stringContaining(what) })
  })
})

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
describe('the Pod Security level of a namespace', () => {
  const HARDENED = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } }
  const careful = {
    securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name: 'main', image: 'web:1', securityContext: HARDENED }],
  }
  const onHost = { ...careful, hostNetwork: true, volumes: [{ name: 'log', hostPath: { path: '/var/log' } }] }
  const HOST = 'host namespaces (hostNetwork=true), hostPath volumes (volume "log")'
  const made = (level: string, spec: object) => {
    open()
    const labels = { 'pod-security.kubernetes.io/enforce': level }
    store.update('Namespace', undefined, 'shop', (current) => ({ ...current, metadata: { ...current.metadata, labels } }))
    return refusal(() => api.create({ user: SOMEBODY }, kindOf('Pod'), pod('web-1', spec)))
  }

  it.each([
    { title: 'privileged takes what belongs to the host', level: 'privileged', spec: onHost, says: undefined },
    { title: 'baseline does not', level: 'baseline', spec: onHost, says: `violates PodSecurity "baseline:latest": ${HOST}` },
    { title: 'baseline takes a pod that says nothing of its rights', level: 'baseline', spec: {}, says: undefined },
    { title: 'restricted does not', level: 'restricted', spec: {}, says: 'allowPrivilegeEscalation != false (container "main" must set' },
    { title: 'restricted takes one that gives them up', level: 'restricted', spec: careful, says: undefined },
    {
      title: 'restricted takes no root',
      level: 'restricted',
      spec: { ...careful, securityContext: { ...careful.securityContext, runAsUser: 0 } },
      says: 'runAsUser=0',
    },
  ])('$title', ({ level, spec, says }) => {
    const found = made(level, spec)
    if (says === undefined) expect(found).toBe('accepted')
    else expect(found).toMatchObject({ status: 403, message: expect.stringContaining(says) })
  })
})

function kindOf(name: string) {
  const kind = builtInKind(name)
  if (kind === undefined) throw new Error(name)
  return kind
}
