import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubernetesObject, Pod, PodDisruptionBudget, Workload } from '../../src/model/kubernetes.ts'
import { API_VERSION, type ClusterSnapshot } from '../../src/model/snapshot.ts'
import { healthyAws } from '../support/healthy-aws.ts'
import { CAPTURED_AT, CERTIFICATE, ENDPOINT, nodesOfGroups, SUBNETS, type TestGroup } from '../support/healthy-cluster.ts'
import { appPod, healthyObjects } from '../support/healthy-kubernetes.ts'
import { against, ms, timed } from './measure.ts'
import { WEIGHED, weightIn } from './weighed.ts'

const ROOT = join(import.meta.dirname, '../..')
const SIZES = [100, 1_000, 5_000]
const PODS_PER_NODE = 30
/** What a thousand nodes are to take. */
const OF_1000 = { time: { text: '3 s', most: 3_000 }, memory: { text: '500 MiB', most: 500 } }
/** Replicas of each workload; every other one has a budget. */
const REPLICAS = 20

export const PLAN = {
  apiVersion: API_VERSION,
  kind: 'UpgradePlan',
  metadata: { name: 'bench' },
  cluster: { name: 'shop', region: 'eu-central-1', accountId: '111122223333' },
  target: { kubernetesVersion: '1.33', images: 'latest', addons: [{ name: 'vpc-cni', version: 'recommended' }] },
  canary: { nodeGroups: ['canary'] },
  waves: [{ name: 'rest', nodeGroups: ['*'], batch: 2 }],
}

/** Subnets and a quota for five thousand nodes. */
const ROOMY = {
  subnets: SUBNETS.map(({ id, zone }, place) => ({
    SubnetId: id,
    AvailabilityZone: zone,
    CidrBlock: `10.${place}.0.0/16`,
    AvailableIpAddressCount: 30_000,
  })),
  quotas: [{ ServiceCode: 'ec2', QuotaCode: 'L-1216C47A', QuotaName: 'Running On-Demand Standard instances', Value: 20_000 }],
}

/** A healthy cluster of so many nodes in eleven groups, thirty pods to a node. */
export function snapshotOf(nodes: number): ClusterSnapshot {
  const each = Math.floor((nodes - 5) / 10)
  const groups: readonly TestGroup[] = [
    { name: 'canary', nodes: nodes - 10 * each },
    ...Array.from({ length: 10 }, (_none, index) => ({ name: `app-${index}`, nodes: each })),
  ]
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterSnapshot',
    capturedAt: CAPTURED_AT,
    aws: { ...healthyAws(groups), ...ROOMY },
    kubernetes: {
      items: [...healthyObjects(groups), ...workloads(nodesOfGroups(groups).map(({ name }) => name))],
      server: { endpoint: ENDPOINT, certificateAuthorityData: CERTIFICATE, version: 'v1.33.5-eks-113cf36' },
    },
    openRun: null,
  }
}

function workloads(nodes: readonly string[]): readonly KubernetesObject[] {
  const count = Math.floor((nodes.length * (PODS_PER_NODE - 2)) / REPLICAS)
  return Array.from({ length: count }, (_none, index) => workload(index, nodes)).flat()
}

function workload(index: number, nodes: readonly string[]): readonly KubernetesObject[] {
  const namespace = `team-${index % 25}`
  const name = `app-${index}`
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name, uid: `d-${name}`, controller: true }
  const spec = { replicas: REPLICAS, selector: { matchLabels: { app: name } } }
  const deployment: Workload = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace }, spec }
  const set: Workload = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: { name: `${name}-5f`, namespace, ownerReferences: [owner] },
    spec,
  }
  const budget: PodDisruptionBudget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name, namespace },
    spec: { maxUnavailable: 2, selector: { matchLabels: { app: name } } },
    status: { currentHealthy: REPLICAS, desiredHealthy: REPLICAS - 2, disruptionsAllowed: 2 },
  }
  const setOwner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-5f`, uid: `s-${name}` }
  const pods = Array.from({ length: REPLICAS }, (_none, place): Pod => {
    const pod = appPod(namespace, `${name}-5f-${place}`, { app: name }, nodes[(index * 31 + place * 7) % nodes.length] ?? '', setOwner)
    const containers = pod.spec?.containers?.map((container) => ({ ...container, resources: { requests: { cpu: '30m', memory: '64Mi' } } }))
    return { ...pod, spec: { ...pod.spec, ...(containers && { containers }) } }
  })
  return [deployment, set, ...(index % 2 === 0 ? [budget] : []), ...pods]
}

/** `serin preflight PLAN --snapshot FILE`, from the start of the process to its end, by size of the cluster. */
export async function preflightCost(): Promise<readonly (readonly string[])[]> {
  const folder = mkdtempSync(join(tmpdir(), 'serin-bench-'))
  const plan = join(folder, 'plan.json')
  const file = join(folder, 'snapshot.json')
  writeFileSync(plan, JSON.stringify(PLAN))
  const rows: string[][] = [['nodes', 'snapshot', 'time', 'cpu', 'peak memory', 'exit', 'exponent']]
  let before: { readonly nodes: number; readonly cpuMs: number } | undefined
  try {
    for (const nodes of SIZES) {
      const text = JSON.stringify(snapshotOf(nodes))
      writeFileSync(file, text)
      let run: ReturnType<typeof spawnSync> | undefined
      const took = await timed(() => {
        const args = ['--import', WEIGHED, join(ROOT, 'bin/serin.js'), 'preflight', plan, '--snapshot', file, '-o', 'json']
        run = spawnSync(process.execPath, args, { cwd: ROOT, maxBuffer: 2 ** 28 })
      })
      const { mebibytes, cpuMs } = weightIn(String(run?.stderr))
      const exponent = before === undefined ? '' : (Math.log(cpuMs / before.cpuMs) / Math.log(nodes / before.nodes)).toFixed(2)
      const target = nodes === 1_000 ? OF_1000 : undefined
      rows.push([
        String(nodes),
        `${Math.round(text.length / 2 ** 20)} MiB`,
        against(ms(took), took, target?.time),
        ms(cpuMs),
        against(`${mebibytes} MiB`, mebibytes, target?.memory),
        String(run?.status),
        exponent,
      ])
      before = { nodes, cpuMs }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  return rows
}
