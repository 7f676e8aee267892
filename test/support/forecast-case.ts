import { keyedRandom } from '../../src/model/keyed.ts'
import type { UpgradePlan } from '../../src/model/plan.ts'
import { planFrom } from './random-case.ts'

/**
 * Random worlds that a forecast is held against: workloads, budgets, spreads, volumes, tight subnets and warm targets. Every draw is
 * keyed by what it is for, so a world stays as it is when the generator learns something new.
 */
export interface ForecastCase {
  readonly seed: number
  readonly world: Readonly<Record<string, unknown>>
  readonly plan: UpgradePlan
}

type Draw = <T>(what: string, from: readonly T[]) => T

const ZONES = ['a', 'b', 'c']
const CLUSTER = { name: 'shop', region: 'eu-central-1', accountId: '111122223333' }

/** `tight`: with as few addresses as about every third world has. */
export function forecastCase(seed: number, always: { readonly tight?: boolean } = {}): ForecastCase {
  const draw: Draw = (what, from) => from[Math.floor(keyedRandom(seed, what) * from.length)] as (typeof from)[number]
  const groups = Array.from({ length: draw('groups', [2, 3, 3, 4]) }, (_none, index) => groupOf(draw, index))
  return { seed, world: worldOf(draw, groups, always.tight === true || draw('tight', [false, false, true])), plan: planOf(draw, seed) }
}

interface Group {
  readonly name: string
  readonly type: string
  readonly zones: number
  readonly nodes: number
  readonly world: Readonly<Record<string, unknown>>
}

function groupOf(draw: Draw, index: number): Group {
  const name = index === 0 ? 'canary' : `app-${index}`
  const of: Draw = (what, from) => draw(`${name}/${what}`, from)
  const [type, zones, nodes] = [
    of('type', ['m5.large', 'm5.large', 'm5.xlarge', 'c5.large']),
    of('zones', [1, 2, 3, 3]),
    of('nodes', [1, 2, 3, 4, 6]),
  ]
  const world = {
    name,
    instanceTypes: [type],
    size: { min: 1, max: nodes + of('spare', [0, 0, 2]), desired: nodes },
    kubernetesVersion: '1.32',
    subnets: ZONES.slice(0, zones).map((zone) => `nodes-${zone}`),
    labels: { pool: name },
    update: {
      maxUnavailable: of('unavailable', [1, 1, 2, 3]),
      updateStrategy: of('strategy', ['DEFAULT', 'DEFAULT', 'DEFAULT', 'MINIMAL']),
    },
  }
  return { name, type, zones, nodes, world }
}

/** How aws-node takes addresses, and about how many a node holds then. */
const POOLS = [
  { env: {}, perNode: 20 },
  { env: { WARM_ENI_TARGET: '1' }, perNode: 20 },
  { env: { WARM_ENI_TARGET: '2' }, perNode: 30 },
  { env: { WARM_IP_TARGET: '3' }, perNode: 8 },
  { env: { WARM_IP_TARGET: '2', MINIMUM_IP_TARGET: '10' }, perNode: 12 },
  { env: { ENABLE_PREFIX_DELEGATION: 'true', WARM_PREFIX_TARGET: '1' }, perNode: 33 },
]

/** Subnets of their own for pods, one a zone. */
const CUSTOM_NETWORKING = {
  env: { AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG: 'true', ENI_CONFIG_LABEL_DEF: 'topology.kubernetes.io/zone' },
  network: { eniConfigs: ZONES.map((zone) => ({ name: `eu-central-1${zone}`, subnet: `pods-${zone}` })) },
}

function worldOf(draw: Draw, groups: readonly Group[], tight: boolean): Readonly<Record<string, unknown>> {
  const pool = draw('pool', POOLS)
  const custom = draw('custom networking', [false, false, false, false, true])
  const inZone = (place: number) => groups.reduce((sum, { nodes, zones }) => sum + (place < zones ? Math.ceil(nodes / zones) : 0), 0)
  const spare = (zone: string) => (tight ? draw(`spare/${zone}`, [20, 60, 100, 150]) : 600)
  const subnet = (name: string, zone: string, cidr: string, perNode: number) => ({
    name: `${name}-${zone}`,
    zone: `eu-central-1${zone}`,
    cidr,
    used: Math.max(0, 1019 - inZone(ZONES.indexOf(zone)) * perNode - spare(zone)),
  })
  const nodes = ZONES.map((zone, place) => subnet('nodes', zone, `10.0.${place * 4}.0/22`, custom ? 1 : pool.perNode))
  const pods = ZONES.map((zone, place) => subnet('pods', zone, `10.1.${place * 4}.0/22`, pool.perNode))
  return {
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'World',
    metadata: { name: 'forecast' },
    clock: { start: '2026-09-29T19:30:00Z' },
    cluster: { ...CLUSTER, kubernetesVersion: '1.33' },
    subnets: custom ? [...nodes, ...pods] : nodes,
    ...(custom && { network: CUSTOM_NETWORKING.network }),
    nodeGroups: groups.map(({ world }) => world),
    addons: [
      { name: 'kube-proxy', version: 'v1.33.5-eksbuild.2' },
      { name: 'vpc-cni', version: 'v1.22.4-eksbuild.3', configuration: { env: { ...pool.env, ...(custom && CUSTOM_NETWORKING.env) } } },
      { name: 'coredns', version: 'v1.12.4-eksbuild.1' },
    ],
    workloads: [
      { kind: 'DaemonSet', namespace: 'monitoring', name: 'agent', cpu: '20m' },
      ...Array.from({ length: draw('workloads', [3, 4, 5, 6, 8]) }, (_none, index) => workloadOf(draw, index, groups)),
    ],
    objects: draw('overlap', [false, false, false, false, false, false, false, false, false, true]) ? [overlapping()] : [],
  }
}

/** A second budget on the pods of the first workload: then nobody can evict them. */
function overlapping(): object {
  const spec = { maxUnavailable: 1, selector: { matchLabels: { app: 'work-0' } } }
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'another', namespace: 'shop' }, spec }
}

function workloadOf(draw: Draw, index: number, groups: readonly Group[]): Readonly<Record<string, unknown>> {
  const name = `work-${index}`
  const of: Draw = (what, from) => draw(`${name}/${what}`, from)
  const kind = of('kind', ['Deployment', 'Deployment', 'Deployment', 'StatefulSet'])
  const replicas = of('replicas', [1, 2, 2, 3, 3, 4, 6])
  const pinned = of('pinned', [false, false, false, true])
  const unready = of(
    'unready',
    Array.from({ length: 20 }, (_none, index) => index === 0),
  )
  const labels = { matchLabels: { app: name } }
  return {
    kind,
    namespace: 'shop',
    name,
    replicas,
    cpu: of('cpu', ['50m', '100m', '200m', '300m', '600m', '900m']),
    memory: of('memory', ['64Mi', '256Mi', '1Gi']),
    ...(pinned && { nodeSelector: { pool: of('pool', groups).name } }),
    ...budgetOf(of, replicas),
    ...of('grace', [{}, {}, {}, { gracePeriodSeconds: 120 }, { gracePeriodSeconds: 5 }]),
    ...(kind === 'StatefulSet' && of('volume', [true, false]) && { spec: { volumeClaimTemplates: [claim()] } }),
    pod: { ...spreadOf(of, labels) },
    ...(unready && { behaviour: { kind: 'unready' } }),
  }
}

function budgetOf(of: Draw, replicas: number): object {
  const budget = of<object | undefined>('budget', [
    undefined,
    undefined,
    { maxUnavailable: 1 },
    { maxUnavailable: 1 },
    { maxUnavailable: '25%' },
    { minAvailable: replicas - 1 },
    { minAvailable: '50%' },
    { minAvailable: 1 },
  ])
  const none = of(
    'none',
    Array.from({ length: 30 }, (_none, index) => index === 0),
  )
  if (budget === undefined || (replicas === 1 && !none)) return {}
  if (none) return { budget: { maxUnavailable: 0 } }
  return { budget: { ...budget, ...of('unhealthy', [{}, {}, { unhealthyPodEvictionPolicy: 'AlwaysAllow' }]) } }
}

function spreadOf(of: Draw, labelSelector: object): object {
  const spread = (topologyKey: string, whenUnsatisfiable: string) => ({
    topologySpreadConstraints: [{ maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector }],
  })
  const apart = (topologyKey: string) => ({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey, labelSelector }] } },
  })
  return of<object>('spread', [
    {},
    {},
    {},
    {},
    spread('topology.kubernetes.io/zone', 'DoNotSchedule'),
    spread('topology.kubernetes.io/zone', 'ScheduleAnyway'),
    spread('kubernetes.io/hostname', 'DoNotSchedule'),
    apart('kubernetes.io/hostname'),
  ])
}

function claim(): object {
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName: 'gp2', resources: { requests: { storage: '8Gi' } } }
  return { metadata: { name: 'data' }, spec }
}

function planOf(draw: Draw, seed: number): UpgradePlan {
  const plan = {
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'UpgradePlan',
    metadata: { name: `forecast-${seed}` },
    cluster: CLUSTER,
    target: { kubernetesVersion: '1.33', images: 'latest' },
    canary: { nodeGroups: ['canary'], soak: '1m' },
    waves: [{ name: 'rest', nodeGroups: ['*'], batch: draw('batch', [1, 1, 2]), soak: '1m' }],
  }
  return planFrom({ plan })
}
