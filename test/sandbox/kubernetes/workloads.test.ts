import { describe, expect, it } from 'vitest'
import { MINUTE, SECOND } from '../../../src/model/instant.ts'
import { conditionOf } from '../../../src/model/kubernetes.ts'
import type { WorkloadSpec } from '../../../src/sandbox/contract.ts'
import { nextTime } from '../../../src/sandbox/world/kubernetes/cron-schedule.ts'
import type { PodObject } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { isReady } from '../../../src/sandbox/world/kubernetes/objects.ts'
import { cluster } from './cluster.ts'
import { faultsWhere } from './support.ts'

type World = ReturnType<typeof cluster>

const SHOP = { namespace: 'shop', name: 'web', kind: 'Deployment' } as const
const job = (rest: Partial<WorkloadSpec>): WorkloadSpec => ({ namespace: 'shop', name: 'load', kind: 'Job', ...rest })
const sh = (script: string) => ({ command: ['sh', '-c', script] })

const podsOf = (world: World) => world.pods('shop')
const only = (world: World) => podsOf(world)[0] as PodObject
const events = (world: World, reason: string) => world.store.list('Event').filter((event) => event.reason === reason)
const jobStatus = (world: World, name = 'load') => world.store.get('Job', 'shop', name)?.status

describe('workloads of the beginning that are not well', () => {
  it('a container that exits has been in its crash loop for days, and goes on', () => {
    const world = cluster({ workloads: [{ ...SHOP, behaviour: { kind: 'exits', after: 2_000, code: 3, log: ['no config'] } }] })
    const [status] = only(world).status?.containerStatuses ?? []
    expect(status).toMatchObject({
      ready: false,
      state: { waiting: { reason: 'CrashLoopBackOff', message: expect.stringContaining('back-off 5m0s restarting failed container=web') } },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    })
    expect(status?.restartCount).toBeGreaterThan(1_000)
    expect(events(world, 'BackOff')).toHaveLength(1)
    expect(world.side.logs('shop', only(world).metadata.name, 'web', true)).toBe('no config\n')
    world.pass(660)
    expect(only(world).status?.containerStatuses?.[0]?.restartCount).toBeGreaterThan(status?.restartCount ?? 0)
    expect(isReady(only(world))).toBe(false)
  })

  it.each([
    {
      title: 'an image that is not there',
      behaviour: { kind: 'no-image', message: 'not found' } as const,
      state: { waiting: { reason: 'ImagePullBackOff' } },
      reason: 'Failed',
    },
    {
      title: 'a probe that fails',
      behaviour: { kind: 'unready', message: 'HTTP probe failed with statuscode: 503' } as const,
      state: { running: {} },
      reason: 'Unhealthy',
    },
  ])('$title leaves the pod unready', ({ behaviour, state, reason }) => {
    const world = cluster({ workloads: [{ ...SHOP, behaviour }] })
    expect(only(world).status?.containerStatuses?.[0]).toMatchObject({ ready: false, state })
    world.pass(600)
    expect(isReady(only(world))).toBe(false)
    expect(events(world, reason).length).toBeGreaterThan(0)
    expect(world.workload('Deployment', 'shop', 'web').status).toMatchObject({ unavailableReplicas: 1 })
  })

  it('takes pod, container and controller members as Kubernetes writes them', () => {
    const world = cluster({
      workloads: [
        {
          ...SHOP,
          labels: { team: 'a' },
          annotations: { 'karpenter.sh/do-not-disrupt': 'true' },
          pod: { priorityClassName: 'gold' },
          container: { image: 'web:2' },
          spec: { strategy: { type: 'Recreate' } },
          service: { port: 80 },
          budget: { maxUnavailable: 1, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
        },
      ],
    })
    expect(only(world)).toMatchObject({
      metadata: { labels: { app: 'web', team: 'a' }, annotations: { 'karpenter.sh/do-not-disrupt': 'true' } },
      spec: { priorityClassName: 'gold', containers: [{ name: 'web', image: 'web:2' }] },
    })
    expect(world.workload('Deployment', 'shop', 'web').spec).toMatchObject({ strategy: { type: 'Recreate' } })
    expect(world.store.get('Service', 'shop', 'web')).toMatchObject({ spec: { selector: { app: 'web' } } })
    expect(world.store.get('PodDisruptionBudget', 'shop', 'web')).toMatchObject({ spec: { unhealthyPodEvictionPolicy: 'AlwaysAllow' } })
  })

  it('a pod without a controller stands by itself', () => {
    const world = cluster({ workloads: [{ ...SHOP, kind: 'Pod' }] })
    expect(isReady(only(world))).toBe(true)
    expect(only(world).metadata.ownerReferences).toBeUndefined()
  })
})

describe('Jobs', () => {
  it('of the beginning ended long ago, as their pods do', () => {
    const world = cluster({
      workloads: [job({}), job({ name: 'bad', behaviour: { kind: 'exits', after: 1_000, code: 1 }, pod: { restartPolicy: 'Never' } })],
    })
    expect(jobStatus(world)).toMatchObject({
      succeeded: 1,
      conditions: [{ type: 'SuccessCriteriaMet' }, { type: 'Complete', status: 'True' }],
    })
    expect(jobStatus(world, 'bad')).toMatchObject({ failed: 7, conditions: [{}, { type: 'Failed', reason: 'BackoffLimitExceeded' }] })
    expect(
      podsOf(world)
        .map(({ status }) => status?.phase)
        .sort(),
    ).toEqual([...Array(7).fill('Failed'), 'Succeeded'])
    const now = world.store.version()
    world.pass(3600)
    expect(world.store.list('Job')).toHaveLength(2)
    expect(world.store.version()).toBe(now)
  })

  function create(world: World, spec: Record<string, unknown>, container: Record<string, unknown>, restartPolicy = 'Never'): void {
    const template = {
      metadata: { labels: { app: 'load' } },
      spec: { restartPolicy, containers: [{ name: 'load', image: 'load:1', ...container }] },
    }
    world.store.create({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'load', namespace: 'shop' }, spec: { ...spec, template } })
  }

  it.each([
    {
      title: 'three completions, two at a time',
      spec: { completions: 3, parallelism: 2 },
      run: sh('sleep 5'),
      status: { succeeded: 3, ready: 0 },
      end: 'Complete',
    },
    { title: 'a failure each time', spec: { backoffLimit: 2 }, run: sh('exit 4'), status: { failed: 3 }, end: 'Failed' },
    { title: 'a deadline', spec: { activeDeadlineSeconds: 60 }, run: sh('sleep 600'), status: { failed: 1 }, end: 'Failed' },
  ])('run: $title', ({ spec, run, status, end }) => {
    const world = cluster()
    create(world, spec, run)
    world.pass(300)
    expect(jobStatus(world)).toMatchObject({ ...status, conditions: [{}, { type: end, status: 'True' }] })
    expect(podsOf(world).every(({ status }) => status?.phase !== 'Running')).toBe(true)
  })

  it('whose pods restart their containers fail by restarts, and go when their time is over', () => {
    const world = cluster()
    create(world, { backoffLimit: 1, ttlSecondsAfterFinished: 60 }, sh('exit 1'), 'OnFailure')
    world.pass(40)
    expect(jobStatus(world)).toMatchObject({ failed: 1, conditions: [{}, { reason: 'BackoffLimitExceeded' }] })
    world.pass(70)
    expect(world.store.list('Job')).toEqual([])
    expect(podsOf(world)).toEqual([])
  })

  it('give the addresses of pods that ended back', () => {
    const world = cluster()
    create(world, {}, sh('true'))
    world.pass(30)
    expect(only(world).status?.phase).toBe('Succeeded')
    expect(world.network.held.has(only(world).metadata.uid)).toBe(false)
  })
})

describe('CronJobs', () => {
  it('make a Job each time and keep only so many', () => {
    const world = cluster({
      workloads: [{ namespace: 'shop', name: 'tick', kind: 'CronJob', spec: { schedule: '*/5 * * * *' }, container: sh('true') }],
    })
    world.pass(31 * 60)
    expect(world.store.list('Job')).toHaveLength(3)
    expect(events(world, 'SuccessfulCreate').filter(({ message }) => String(message).startsWith('Created job tick-'))).toHaveLength(6)
    expect(world.store.get('CronJob', 'shop', 'tick')?.status).toMatchObject({ lastScheduleTime: '2026-11-23T10:30:00Z' })
  })

  it('that forbid overlap wait for the Job before', () => {
    const spec = { schedule: '* * * * *', concurrencyPolicy: 'Forbid' }
    const world = cluster({ workloads: [{ namespace: 'shop', name: 'tick', kind: 'CronJob', spec, container: sh('sleep 150') }] })
    world.pass(200)
    expect(world.store.list('Job')).toHaveLength(1)
    expect(events(world, 'JobAlreadyActive')).toHaveLength(1)
  })

  it.each([
    ['*/15 * * * *', '2026-11-23T10:15:00Z'],
    ['0 3 * * *', '2026-11-24T03:00:00Z'],
    ['30 2 1,15 * *', '2026-12-01T02:30:00Z'],
    ['0 9-17/4 * * 1-5', '2026-11-23T13:00:00Z'],
    ['0 0 * * 7', '2026-11-29T00:00:00Z'],
    ['0 0 13 * 5', '2026-11-27T00:00:00Z'],
    ['@monthly', '2026-12-01T00:00:00Z'],
    ['every day', undefined],
    ['61 * * * *', undefined],
  ])('"%s" comes next at %s', (schedule, expected) => {
    const at = nextTime(schedule, Date.UTC(2026, 10, 23, 10) + MINUTE / 2)
    expect(at).toBe(expected === undefined ? undefined : Date.parse(expected))
  })
})

describe('a pod with a command', () => {
  const probe = (world: World, script: string, labels = {}) =>
    world.store.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe', namespace: 'shop', labels },
      spec: { restartPolicy: 'Never', containers: [{ name: 'probe', image: 'busybox:1.36', ...sh(script) }] },
    })
  const WORKLOADS = [
    { ...SHOP, replicas: 2, service: { port: 80 } },
    { ...SHOP, name: 'empty', replicas: 0, service: { port: 80 } },
  ]
  const cut = (...cuts: ('services' | 'pods' | 'internet')[]) => faultsWhere({ 'pod/traffic': { cuts } }, ({ pod }) => pod === 'probe')

  it.each([
    { title: 'resolves a Service', script: 'nslookup kubernetes.default', phase: 'Succeeded', log: 'Address: 172.20.0.1' },
    {
      title: 'does not resolve what is not there',
      script: 'nslookup nobody.shop',
      phase: 'Failed',
      log: "** server can't find nobody.shop: NXDOMAIN",
    },
    { title: 'reaches the API server', script: 'nc -z -w 5 kubernetes.default.svc 443 && echo fine', phase: 'Succeeded', log: 'fine' },
    { title: 'is refused where nobody answers', script: 'nc -z empty 80', phase: 'Failed', log: 'Connection refused' },
    { title: 'fetches from a Service', script: 'wget -q -T 5 -O - http://web.shop.svc.cluster.local', phase: 'Succeeded', log: 'ok' },
    { title: 'is told that it may not', script: 'curl -sf https://kubernetes.default/api', phase: 'Failed', log: 'error: 403' },
    {
      title: 'shakes hands outside',
      script: 'openssl s_client -connect sts.eu-central-1.amazonaws.com:443',
      phase: 'Succeeded',
      log: 'Verification: OK',
    },
    { title: 'goes on after a failure if told so', script: 'nslookup nobody.shop || echo sad; exit 0', phase: 'Succeeded', log: 'sad' },
    {
      title: 'knows the address of the API server',
      script: 'nc -z -w 5 $KUBERNETES_SERVICE_HOST 443',
      phase: 'Succeeded',
      log: '172.20.0.1:443',
    },
    {
      title: 'times out where names are not answered',
      script: 'nslookup kubernetes.default',
      cuts: cut('services'),
      phase: 'Failed',
      log: 'connection timed out; no servers could be reached',
    },
    {
      title: 'times out where packets are lost',
      script: 'curl -m 4 https://52.94.1.1',
      cuts: cut('internet'),
      phase: 'Failed',
      log: 'curl: (28) Connection timed out after 4001 milliseconds',
    },
    {
      title: 'times out at a node that it cannot reach',
      script: 'nc -zw3 10.1.0.1 10250',
      cuts: cut('pods'),
      phase: 'Failed',
      log: 'Connection timed out',
    },
  ])('$title', ({ script, cuts, phase, log }) => {
    const world = cluster({ workloads: WORKLOADS, ...(cuts ? { faults: cuts } : {}) })
    probe(world, script)
    world.pass(60)
    expect(world.side.logs('shop', 'probe', 'probe', false)).toContain(log)
    expect(world.store.get('Pod', 'shop', 'probe')).toMatchObject({ status: { phase } })
  })

  it('finds the network at each command as it is then, and tells so in its termination message', () => {
    const traffic = { cuts: ['services'], since: { from: 90 * SECOND } } as const
    const world = cluster({ faults: faultsWhere({ 'pod/traffic': traffic }, ({ pod }) => pod === 'probe') })
    const look =
      'nslookup kubernetes.default >>/dev/termination-log 2>&1 && echo yes >>/dev/termination-log || echo no >>/dev/termination-log'
    probe(world, `${look}; sleep 120; ${look}; exit 3`)
    world.pass(60)
    expect(world.store.get('Pod', 'shop', 'probe')).toMatchObject({ status: { phase: 'Running' } })
    world.pass(120)
    const [status] = (world.store.get('Pod', 'shop', 'probe') as PodObject).status?.containerStatuses ?? []
    expect(status?.state?.terminated).toMatchObject({ exitCode: 3 })
    expect(status?.state?.terminated?.message).toMatch(/Name:\tkubernetes.*\nyes\n;; connection timed out.*\nno\n$/s)
    expect(world.side.logs('shop', 'probe', 'probe', false)).toBe('')
  })

  it('is over when it was active for longer than it may be, and gives its address back', () => {
    const world = cluster()
    world.store.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe', namespace: 'shop' },
      spec: { activeDeadlineSeconds: 60, containers: [{ name: 'probe', image: 'busybox:1.36', ...sh('sleep 600') }] },
    })
    world.pass(50)
    expect(world.store.get('Pod', 'shop', 'probe')).toMatchObject({ status: { phase: 'Running' } })
    world.pass(20)
    const message = 'Pod was active on the node longer than the specified deadline'
    expect(world.store.get('Pod', 'shop', 'probe')).toMatchObject({ status: { phase: 'Failed', reason: 'DeadlineExceeded', message } })
    world.pass(600)
    expect(world.store.get('Pod', 'shop', 'probe')).toMatchObject({ status: { phase: 'Failed' } })
  })

  it('with a readiness gate that nobody opens is never Ready', () => {
    const world = cluster()
    world.store.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe', namespace: 'shop' },
      spec: { readinessGates: [{ conditionType: 'serin.dev/never-ready' }], containers: [{ name: 'probe', image: 'busybox:1.36' }] },
    })
    world.pass(60)
    const pod = world.store.get('Pod', 'shop', 'probe') as PodObject
    expect(conditionOf(pod.status?.conditions, 'ContainersReady')?.status).toBe('True')
    expect(conditionOf(pod.status?.conditions, 'Ready')).toMatchObject({ status: 'False', reason: 'ReadinessGatesNotReady' })
  })

  it('that nobody knows simply runs', () => {
    const world = cluster()
    probe(world, 'java -jar shop.jar')
    world.pass(600)
    expect(world.store.get('Pod', 'shop', 'probe')).toMatchObject({ status: { phase: 'Running' } })
  })
})

describe('probes of a pod that nobody can reach', () => {
  const port = { httpGet: { path: '/healthz', port: 8080 } }
  const faults = faultsWhere({ 'pod/traffic': { cuts: ['kubelet'], since: { from: 4 * MINUTE } } }, ({ workload }) => workload === 'web')
  const start = (container: Record<string, unknown>) => {
    const world = cluster({ faults })
    const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1', ...container }] } }
    world.store.create({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'web', namespace: 'shop' },
      spec: { replicas: 1, selector: { matchLabels: { app: 'web' } }, template },
    })
    world.pass(200)
    expect(isReady(only(world))).toBe(true)
    world.pass(120)
    return world
  }

  it('readiness is lost with the words of the kubelet', () => {
    const world = start({ readinessProbe: port })
    expect(isReady(only(world))).toBe(false)
    const url = `http://${only(world).status?.podIP}:8080/healthz`
    expect(events(world, 'Unhealthy')[0]).toMatchObject({
      type: 'Warning',
      message: `Readiness probe failed: Get "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    })
  })

  it('liveness restarts the container, again and again', () => {
    const world = start({ livenessProbe: { tcpSocket: { port: 8080 } } })
    world.pass(600)
    expect(events(world, 'Killing')[0]).toMatchObject({ type: 'Normal', message: 'Container web failed liveness probe, will be restarted' })
    expect(only(world).status?.containerStatuses?.[0]?.restartCount).toBeGreaterThan(3)
    expect(only(world).status?.containerStatuses?.[0]?.lastState?.terminated).toMatchObject({ exitCode: 143 })
  })

  it('without probes the pod stays Ready', () => {
    expect(isReady(only(start({})))).toBe(true)
  })
})

it('a Service has the endpoints of its pods, ready, going or not', () => {
  const world = cluster({ workloads: [{ ...SHOP, replicas: 2, service: { port: 80 } }] })
  const slice = () => world.store.list('EndpointSlice').find(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web')
  const [first] = podsOf(world)
  const healthy = { conditions: { ready: true, serving: true, terminating: false } }
  expect(slice()).toMatchObject({ endpoints: [healthy, healthy], ports: [{ port: 80, protocol: 'TCP' }] })
  world.side.deletePod('shop', first?.metadata.name ?? '', undefined)
  world.pass(0.2)
  expect(slice()?.endpoints).toContainEqual(
    expect.objectContaining({
      addresses: [first?.status?.podIP],
      conditions: { ready: false, serving: true, terminating: true },
      targetRef: expect.objectContaining({ name: first?.metadata.name }),
    }),
  )
  world.pass(60)
  expect(slice()).toMatchObject({ endpoints: [healthy, healthy] })
})
