import type { UpgradePlan } from '../../src/model/plan.ts'
import { loadPlan } from '../../src/plan/load.ts'

const GROUPS = 5
/** Replicas per node in each of the Deployments; with aws-node and kube-proxy that makes 20 pods per node. */
const DEPLOYMENTS = 9
const REPLICAS_PER_NODE = 2

/** Where the pods of a Deployment may stand: anywhere, or as charts and teams write it; one way after the other. */
export type Placing = 'anywhere' | 'spread'

const ZONE = 'topology.kubernetes.io/zone'
const HOST = 'kubernetes.io/hostname'

function spreading(app: string, way: number): object {
  const labelSelector = { matchLabels: { app } }
  const over = (topologyKey: string, whenUnsatisfiable: string) => ({ maxSkew: 1, topologyKey, whenUnsatisfiable, labelSelector })
  const apart = { weight: 100, podAffinityTerm: { topologyKey: HOST, labelSelector } }
  const ways = [
    { topologySpreadConstraints: [over(ZONE, 'DoNotSchedule')] },
    { topologySpreadConstraints: [over(ZONE, 'ScheduleAnyway'), over(HOST, 'ScheduleAnyway')] },
    { affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [apart] } } },
  ]
  return { pod: ways[way % ways.length] }
}

/** A world of five equal groups with so many nodes, and 20 pods on each: 500 nodes have 10,000. */
export function worldOf(nodes: number, placing: Placing = 'anywhere'): string {
  const each = nodes / GROUPS
  const subnets = ['a', 'b', 'c'].map((zone, index) => ({ name: zone, zone: `eu-central-1${zone}`, cidr: `10.${index}.0.0/16` }))
  const size = { min: 1, max: each + 10, desired: each }
  const nodeGroups = Array.from({ length: GROUPS }, (_none, index) => ({
    name: `group-${index + 1}`,
    instanceTypes: ['m5.large'],
    size,
    kubernetesVersion: '1.32',
    subnets: ['a', 'b', 'c'],
    update: { maxUnavailable: Math.max(1, Math.floor(each / 4)) },
  }))
  const web = { kind: 'Deployment', namespace: 'shop', cpu: '50m', memory: '64Mi', budget: { maxUnavailable: '25%' } }
  return JSON.stringify({
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'World',
    metadata: { name: 'bench' },
    clock: { start: '2026-09-29T19:30:00Z' },
    cluster: { name: 'bench', region: 'eu-central-1', accountId: '111122223333', kubernetesVersion: '1.33' },
    subnets,
    nodeGroups,
    addons: [
      { name: 'kube-proxy', version: 'v1.33.5-eksbuild.2' },
      { name: 'vpc-cni', version: 'v1.21.2-eksbuild.2' },
      { name: 'coredns', version: 'v1.12.4-eksbuild.1' },
    ],
    workloads: Array.from({ length: DEPLOYMENTS }, (_none, index) => ({
      ...web,
      ...(placing === 'spread' && spreading(`web-${index}`, index)),
      name: `web-${index}`,
      replicas: REPLICAS_PER_NODE * nodes,
    })),
  })
}

/** All of it, the add-on and every group, in one wave behind the canary. */
export function planOf(): UpgradePlan {
  const text = JSON.stringify({
    apiVersion: 'serin.dev/v1alpha1',
    kind: 'UpgradePlan',
    metadata: { name: 'bench' },
    cluster: { name: 'bench', region: 'eu-central-1', accountId: '111122223333' },
    target: {
      kubernetesVersion: '1.33',
      images: 'latest',
      addons: [{ name: 'vpc-cni', version: 'recommended', gates: 'cni', soak: '5m' }],
    },
    gates: { cni: ['aws-node', 'stuck-pods'], node: ['nodes-ready', 'aws-node', 'ipam', 'stuck-pods', 'workloads'] },
    canary: { nodeGroups: ['group-1'], gates: 'node', soak: '5m' },
    waves: [{ name: 'rest', nodeGroups: ['*'], gates: 'node', soak: '5m' }],
  })
  return loadPlan({ read: () => text }, 'bench.yaml').plan
}
