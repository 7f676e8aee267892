import type { Draw } from './draw.ts'

/** What a recipe asks of the world that it is played in; the rest is drawn. */
export interface Wish {
  readonly cni?: readonly string[]
  readonly types?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Chance that ipamd.log goes to the container's log; by default that of a cluster where somebody once set it. */
  readonly stdout?: number
  readonly addons?: Readonly<Record<string, object>>
  readonly configuration?: Readonly<Record<string, unknown>>
  readonly nodesPerGroup?: readonly [low: number, high: number]
}

/** A drawn world, as a world file has it, with the names that recipes need. */
export interface Ground {
  readonly text: string
  readonly cluster: string
  readonly region: string
  readonly zones: readonly string[]
  readonly groups: readonly string[]
  readonly namespaces: readonly string[]
  readonly cni: string
  /** Whether ipamd.log goes to the container's log. */
  readonly stdout: boolean
}

/** Versions that are listed for every minor drawn here. */
export const CNI = {
  old: ['v1.18.3-eksbuild.3', 'v1.19.2-eksbuild.5', 'v1.18.6-eksbuild.1'],
  middle: ['v1.19.6-eksbuild.7', 'v1.20.4-eksbuild.2', 'v1.21.1-eksbuild.7'],
  late: ['v1.22.4-eksbuild.3', 'v1.23.1-eksbuild.1'],
} as const

const EVERY_CNI = [...CNI.old, ...CNI.middle, ...CNI.late]
export const TRUNK_TYPES = ['m5.large', 'm6i.large', 'c5.xlarge', 'r5.large', 'm5.xlarge']
const TYPES = [...TRUNK_TYPES, 't3.large', 't3.xlarge', 'c5.xlarge']
const REGIONS = ['eu-central-1', 'us-east-1', 'ap-southeast-2', 'eu-west-1']
const CLUSTERS = ['shop', 'atlas', 'pay-prod', 'edge-7', 'blue', 'ml-platform']
const GROUPS = ['app', 'canary', 'general', 'workers-2', 'ingress', 'batch', 'blue-a']
const NAMESPACES = ['shop', 'web', 'payments', 'team-a', 'search', 'default']
const WORKLOADS = ['web', 'cart', 'api', 'queue', 'frontend', 'ledger']
const KUBE_PROXY: Readonly<Record<string, string>> = { '1.33': 'v1.33.10-eksbuild.29', '1.34': 'v1.34.6-eksbuild.29' }

export function drawGround(draw: Draw, wish: Wish): Ground {
  const region = draw.pick('region', REGIONS)
  const zones = ['a', 'b', 'c'].slice(0, draw.whole('zones', 2, 3)).map((letter) => `${region}${letter}`)
  const groups = draw.shuffled('groups', GROUPS).slice(0, draw.whole('group-count', 2, 3))
  const namespaces = draw.shuffled('namespaces', NAMESPACES).slice(0, 2)
  const minor = draw.pick('minor', Object.keys(KUBE_PROXY))
  const cni = draw.pick('cni', wish.cni ?? EVERY_CNI)
  const cluster = draw.pick('cluster', CLUSTERS)
  const second = draw.whole('cidr', 0, 250)
  const subnets = zones.map((zone, index) => ({ name: `nodes-${zone.at(-1)}`, zone, cidr: `10.${second}.${index}.0/24` }))
  const world = {
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'World',
    metadata: { name: 'drawn' },
    clock: {
      start: `2026-0${draw.whole('month', 7, 9)}-1${draw.whole('day', 0, 9)}T${draw.whole('hour', 10, 22)}:3${draw.whole('minute', 0, 9)}:00Z`,
    },
    seed: draw.seed,
    cluster: { name: cluster, region, accountId: `${draw.whole('account', 100_000_000_000, 999_999_999_999)}`, kubernetesVersion: minor },
    subnets,
    nodeGroups: groups.map((name) => nodeGroup(draw, name, subnets, wish)),
    addons: [
      { name: 'kube-proxy', version: KUBE_PROXY[minor], ...wish.addons?.['kube-proxy'] },
      { name: 'vpc-cni', version: cni, configuration: configurationOf(draw, wish), ...wish.addons?.['vpc-cni'] },
      { name: 'coredns', version: 'v1.12.4-eksbuild.38' },
      ...Object.entries(wish.addons ?? {}).flatMap(([name, addon]) =>
        name === 'kube-proxy' || name === 'vpc-cni' ? [] : [{ name, ...addon }],
      ),
    ],
    workloads: [
      ...namespaces.flatMap((namespace) => workloads(draw, namespace)),
      { kind: 'Deployment', namespace: 'checks', name: 'idle', replicas: 1, cpu: '10m' },
    ],
  }
  return { text: JSON.stringify(world), cluster, region, zones, groups, namespaces, cni, stdout: isStdout(draw, wish) }
}

function nodeGroup(draw: Draw, name: string, subnets: readonly { name: string }[], { types, nodesPerGroup = [1, 2] }: Wish): object {
  const desired = draw.whole(`nodes/${name}`, ...nodesPerGroup)
  const instanceTypes = [draw.pick(`type/${name}`, types ?? TYPES)]
  return { name, instanceTypes, size: { min: 1, max: 20, desired }, subnets: subnets.map((subnet) => subnet.name) }
}

/** Of so many clusters somebody once set it. */
function isStdout(draw: Draw, { stdout = 0.3 }: Wish): boolean {
  return draw.chance('stdout', stdout)
}

function configurationOf(draw: Draw, wish: Wish): object {
  const { env, configuration } = wish
  const log = isStdout(draw, wish) ? { AWS_VPC_K8S_CNI_LOG_FILE: 'stdout' } : {}
  const variables = { ...env, ...log }
  return { ...configuration, ...(Object.keys(variables).length > 0 ? { env: variables } : {}) }
}

function workloads(draw: Draw, namespace: string): readonly object[] {
  const names = draw.shuffled(`workloads/${namespace}`, WORKLOADS).slice(0, draw.whole(`workload-count/${namespace}`, 1, 2))
  return names.map((name) => ({
    kind: 'Deployment',
    namespace,
    name,
    replicas: draw.whole(`replicas/${namespace}/${name}`, 1, 4),
    cpu: '20m',
    ...(draw.chance(`budget/${namespace}/${name}`, 0.3) ? { budget: { maxUnavailable: 1 } } : {}),
  }))
}
