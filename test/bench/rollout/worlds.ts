import { SECOND } from '../../../src/model/instant.ts'
import type { UpgradePlan } from '../../../src/model/plan.ts'
import { loadPlan } from '../../../src/plan/load.ts'

/** Worlds and plans of the bench of rollouts, as text of a world file and as a loaded plan. */

const ZONES = ['a', 'b', 'c']
const PLACE = { name: 'bench', region: 'eu-central-1', accountId: '111122223333' }
const HEAD = { apiVersion: 'serin.dev/v1alpha1', metadata: { name: 'bench' } }
const ADDONS = [
  { name: 'kube-proxy', version: 'v1.33.5-eksbuild.2' },
  { name: 'vpc-cni', version: 'v1.21.2-eksbuild.2' },
  { name: 'coredns', version: 'v1.12.4-eksbuild.1' },
]

/** Pods of a node that a drain moves: one that may take long, and so many that do not. */
const LIGHT_PODS = 9

/**
 * How long the slowest pod of a node takes to end, in seconds, for so many equal shares of the nodes: quantiles of a log-normal whose
 * median is e^4 s, as drains are in the field (mean near 90 s, a tail to 15 minutes). The tail ends where EKS and `drainTimeout` give a
 * drain up. A pod of the sandbox that asks for at most a minute of grace ends in 1 to 5 s, so the lower half is shorter than drawn.
 */
const SHARES = 20
const TAIL = Array.from({ length: SHARES }, (_none, index) => Math.min(700, Math.exp(4 + normalQuantile((index + 0.5) / SHARES))))

/** The normal quantile, to 0.5 percent: Tukey's lambda, https://en.wikipedia.org/wiki/Tukey_lambda_distribution */
function normalQuantile(share: number): number {
  return 4.91 * (share ** 0.14 - (1 - share) ** 0.14)
}

/** The slow pods of so many nodes, one for each: in every zone the same shares of the tail. */
function tailOf(nodes: number): readonly { readonly zone: string; readonly seconds: number; readonly replicas: number }[] {
  const kinds = Array.from({ length: nodes }, (_none, node) => `${ZONES[node % ZONES.length]} ${Math.floor((node * SHARES) / nodes)}`)
  return [...Map.groupBy(kinds, (kind) => kind)].map(([kind, { length: replicas }]) => {
    const [zone = '', share] = kind.split(' ')
    return { zone, seconds: TAIL[Number(share)] ?? 0, replicas }
  })
}

/** One self-managed group of so many nodes, full to the brim: a pod that is evicted finds room on new nodes only. */
export function nodeLevelWorld(nodes: number): string {
  const place = { nodeSelector: { workload: 'shop' }, budget: { maxUnavailable: '50%' } }
  const light = Array.from({ length: LIGHT_PODS }, (_none, index) => ({
    ...{ kind: 'Deployment', namespace: 'shop', name: `web-${index}`, replicas: nodes, cpu: '190m', memory: '64Mi' },
    ...place,
  }))
  const heavy = tailOf(nodes).map(({ zone, seconds, replicas }, index) => ({
    ...{ kind: 'Deployment', namespace: 'shop', name: `tail-${index}`, replicas, cpu: '50m', memory: '4Gi' },
    nodeSelector: { workload: 'shop', 'topology.kubernetes.io/zone': `eu-central-1${zone}` },
    // Who asks for more than a minute of grace needs four fifths of it.
    ...(seconds > 48 && { gracePeriodSeconds: Math.ceil(seconds / 0.8) }),
  }))
  const workers = {
    ...{ name: 'workers', form: 'self-managed', instanceTypes: ['m5.large'], subnets: ZONES, labels: { workload: 'shop' } },
    size: { min: 0, max: nodes + 200, desired: nodes },
    selfManaged: { launchTemplate: { name: 'workers', version: 1 } },
  }
  return JSON.stringify({
    ...HEAD,
    kind: 'World',
    clock: { start: '2026-09-29T19:30:00Z' },
    cluster: { ...PLACE, kubernetesVersion: '1.33' },
    subnets: ZONES.map((zone, index) => ({ name: zone, zone: `eu-central-1${zone}`, cidr: `10.${index}.0.0/16` })),
    launchTemplates: [
      {
        name: 'workers',
        versions: ['1.32', '1.33'].map((kubernetesVersion) => ({ instanceType: 'm5.large', image: { kubernetesVersion } })),
      },
    ],
    nodeGroups: [
      { name: 'system', instanceTypes: ['m5.large'], size: { min: 2, max: 4, desired: 2 }, kubernetesVersion: '1.33', subnets: ZONES },
      workers,
    ],
    addons: ADDONS,
    workloads: [...light, ...heavy],
  })
}

/** What a node has to show before the next one is drained: Ready for a minute, the least that any gate on nodes asks. */
export const PROOF = 60 * SECOND

/** So many nodes launched ahead, none missing; the gate that asks least of a node, so that nothing hides behind it. */
export function nodeLevelPlan(slots: number): UpgradePlan {
  const text = JSON.stringify({
    ...HEAD,
    kind: 'UpgradePlan',
    cluster: PLACE,
    target: { kubernetesVersion: '1.33' },
    gates: { node: ['nodes-ready'] },
    waves: [{ name: 'workers', nodeGroups: ['asg:workers'], gates: 'node' }],
    nodeGroups: [{ match: 'asg:*', launchTemplateVersion: 2, surge: slots }],
    exclude: [{ nodeGroups: ['system'], reason: 'it has the target already' }],
  })
  return loadPlan({ read: () => text }, 'bench.yaml').plan
}

/** Managed groups of a fleet, and the Deployments that fill it: with aws-node and kube-proxy that makes 30 pods per node. */
const GROUPS = 20
const DEPLOYMENTS = 28

/** A fleet of managed groups of equal size, thirty pods to a node. */
export function fleetWorld(nodes: number): string {
  const each = nodes / GROUPS
  const groups = Array.from({ length: GROUPS }, (_none, index) => ({
    ...{ name: `group-${index + 1}`, instanceTypes: ['m5.xlarge'], kubernetesVersion: '1.32' },
    ...{ subnets: SUBNETS.map(({ name }) => name), size: { min: 1, max: each + 40, desired: each } },
    update: { maxUnavailable: Math.max(1, Math.ceil(each / 10)) },
  }))
  const web = { kind: 'Deployment', namespace: 'shop', cpu: '100m', memory: '128Mi', budget: { maxUnavailable: '25%' } }
  return JSON.stringify({
    ...HEAD,
    kind: 'World',
    clock: { start: '2026-09-29T19:30:00Z' },
    cluster: { ...PLACE, kubernetesVersion: '1.33' },
    subnets: SUBNETS,
    nodeGroups: groups,
    addons: ADDONS.map((addon) => (addon.name === 'vpc-cni' ? { ...addon, configuration: PREFIXES } : addon)),
    workloads: Array.from({ length: DEPLOYMENTS }, (_none, index) => ({ ...web, name: `web-${index}`, replicas: nodes })),
  })
}

/** Whole blocks of addresses: of a fleet that begins many nodes at once the EC2 buckets allow no more calls. */
const PREFIXES = { env: { ENABLE_PREFIX_DELEGATION: 'true' } }

const SUBNETS = Array.from({ length: 6 }, (_none, index) => ({
  name: `nodes-${index}`,
  zone: `eu-central-1${ZONES[index % ZONES.length]}`,
  cidr: `10.${index}.0.0/16`,
}))

/** The fleet in one run: a group as canary, the rest seven at a time. */
export function fleetPlan(): UpgradePlan {
  const text = JSON.stringify({
    ...HEAD,
    kind: 'UpgradePlan',
    cluster: PLACE,
    target: { kubernetesVersion: '1.33', images: 'latest' },
    canary: { nodeGroups: ['group-1'], soak: '5m' },
    waves: [{ name: 'rest', nodeGroups: ['*'], batch: 7, soak: '5m' }],
  })
  return loadPlan({ read: () => text }, 'bench.yaml').plan
}

/** Sizes of the groups of which EKS does the work: as unequal as they are in clusters that grew. */
const SIZES = [3, 4, 6, 6, 8, 10, 12, 12, 15, 18, 24]

/** Managed groups of unequal sizes, five pods to a node. */
export function groupLevelWorld(): string {
  const groups = SIZES.map((desired, index) => ({
    ...{ name: `group-${String(index + 1).padStart(2, '0')}`, instanceTypes: ['m5.large'], kubernetesVersion: '1.32', subnets: ZONES },
    ...{ size: { min: 1, max: desired + 10, desired }, update: { maxUnavailable: 2 } },
  }))
  const replicas = SIZES.reduce((sum, size) => sum + size, 0)
  const web = { kind: 'Deployment', namespace: 'shop', cpu: '100m', memory: '128Mi', replicas, budget: { maxUnavailable: '25%' } }
  return JSON.stringify({
    ...HEAD,
    kind: 'World',
    clock: { start: '2026-09-29T19:30:00Z' },
    cluster: { ...PLACE, kubernetesVersion: '1.33' },
    subnets: ZONES.map((zone, index) => ({ name: zone, zone: `eu-central-1${zone}`, cidr: `10.${index}.0.0/16` })),
    nodeGroups: groups,
    addons: ADDONS,
    workloads: Array.from({ length: 5 }, (_none, index) => ({ ...web, name: `web-${index}` })),
  })
}

/** A canary and three groups at a time, by the gates that a plan has by itself; no soak, since that is a wait which the plan declares. */
export function groupLevelPlan(): { readonly plan: UpgradePlan; readonly batch: number } {
  const batch = 3
  const text = JSON.stringify({
    ...HEAD,
    kind: 'UpgradePlan',
    cluster: PLACE,
    target: { kubernetesVersion: '1.33', images: 'latest' },
    canary: { nodeGroups: ['group-01'] },
    waves: [{ name: 'rest', nodeGroups: ['*'], batch }],
  })
  return { plan: loadPlan({ read: () => text }, 'bench.yaml').plan, batch }
}
