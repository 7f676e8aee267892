import type { UpgradePlan } from '../../src/model/plan.ts'
import { loadPlan } from '../../src/plan/load.ts'
import { rehearse } from '../support/rehearsal.ts'
import { ms, timed } from './measure.ts'

const SIZES = [20, 100, 200]
const GROUPS = 5

/** A world of five equal groups with so many nodes, and a few pods per node. */
function worldOf(nodes: number): string {
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
  const web = { kind: 'Deployment', namespace: 'shop', cpu: '100m', memory: '64Mi', budget: { maxUnavailable: '25%' } }
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
    workloads: Array.from({ length: 4 }, (_none, index) => ({ ...web, name: `web-${index}`, replicas: nodes })),
  })
}

function planOf(): UpgradePlan {
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

/** The whole way of a rehearsal, world, wire, adapters and engine, at each size. */
export async function rehearsalCost(): Promise<readonly (readonly string[])[]> {
  const plan = planOf()
  await rehearse({ plan: { plan, world: worldOf(SIZES[0] ?? 20) } })
  const rows: string[][] = [['nodes', 'time', 'exit', 'requests', 'exponent']]
  let before: { readonly nodes: number; readonly took: number } | undefined
  for (const nodes of SIZES) {
    let exit = ''
    let requests = 0
    const took = await timed(async () => {
      const rehearsal = await rehearse({ plan: { plan, world: worldOf(nodes) } })
      exit = rehearsal.exit
      requests = rehearsal.requests.length
    })
    const exponent = before === undefined ? '' : (Math.log(took / before.took) / Math.log(nodes / before.nodes)).toFixed(2)
    rows.push([String(nodes), ms(took), exit, String(requests), exponent])
    before = { nodes, took }
  }
  return rows
}
