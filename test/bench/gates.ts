import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadPlan } from '../../src/plan/load.ts'
import { rehearse } from '../support/rehearsal.ts'

/**
 * Every signature of the catalogue, played while the nodes of a group are replaced: judged by the nodes and aws-node being Ready, with
 * network-proof beside, and by every gate that looks at the cluster. What stops a run, and how many new nodes there are by then.
 */

const SCENARIOS = join(import.meta.dirname, '../../plans/scenarios')

const WORLD = `
apiVersion: serin.dev/v1alpha1
kind: World
metadata: { name: gates }
clock: { start: "2026-09-29T19:30:00Z" }
cluster: { name: gates, region: eu-central-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets:
  - { name: nodes-a, zone: eu-central-1a, cidr: 10.0.0.0/23 }
  - { name: nodes-b, zone: eu-central-1b, cidr: 10.0.2.0/23 }
nodeGroups:
  - { name: app, instanceTypes: [m5.large], size: { min: 1, max: 8, desired: 4 }, kubernetesVersion: "1.32", subnets: [nodes-a, nodes-b], update: { maxUnavailable: 2 } }
  - { name: other, instanceTypes: [m6i.large], size: { min: 1, max: 8, desired: 4 }, kubernetesVersion: "1.32", subnets: [nodes-a, nodes-b] }
addons:
  - { name: kube-proxy, version: v1.33.5-eksbuild.2 }
  - { name: vpc-cni, version: v1.21.1-eksbuild.7 }
  - { name: coredns, version: v1.12.4-eksbuild.1 }
workloads:
  - { kind: Deployment, namespace: shop, name: web, replicas: 6 }
`

const plan = (gates: string) => `
apiVersion: serin.dev/v1alpha1
kind: UpgradePlan
metadata: { name: gates }
cluster: { name: gates, region: eu-central-1, accountId: "111122223333" }
target: { kubernetesVersion: "1.33", images: latest }
gates: { node: [${gates}] }
canary: { nodeGroups: [app], gates: node, soak: 1m }
exclude: [{ nodeGroups: [other], reason: untouched }]
`

const READY = 'nodes-ready, aws-node'
const PROOF = `${READY}, network-proof: { namespace: default, image: "busybox:1.36", reach: ["sts.eu-central-1.amazonaws.com:443"] }`

/** All that ask nobody outside: the gate that is named first is the one that noticed it. */
const ALL = `${PROOF}, kube-proxy, permissions, ipam, ipamd-metrics, networking-ready, stuck-pods, workloads, addresses-left, throttling`

export async function gatesCaught(): Promise<readonly (readonly string[])[]> {
  const signatures = readdirSync(join(SCENARIOS, 'signatures')).map((file) => `signatures/${file.replace('.yaml', '')}`)
  const rows: string[][] = [['scenario', 'Ready only', 'nodes', 'with network-proof', 'nodes', 'with all', 'nodes']]
  for (const scenario of [...signatures.toSorted(), 'snat-gone'])
    rows.push([
      scenario.replace('signatures/', ''),
      ...(await told(scenario, READY)),
      ...(await told(scenario, PROOF)),
      ...(await told(scenario, ALL)),
    ])
  return rows
}

/** What stopped the run, and the new nodes that were exposed by then. */
async function told(scenario: string, gates: string): Promise<readonly [string, string]> {
  let most = 0
  let exposed: number | undefined
  const { plan: loaded } = loadPlan({ read: () => plan(gates) }, 'gates.yaml')
  const text = readFileSync(join(SCENARIOS, `${scenario}.yaml`), 'utf8')
  try {
    const run = await rehearse({
      plan: { plan: loaded, world: WORLD },
      scenarios: [{ name: scenario, text }],
      watch: (seen) => {
        most = Object.values(seen.groups).flatMap(({ nodes }) => nodes.filter(({ kubeletMinor }) => kubeletMinor === '1.33')).length
      },
      onEvent: ({ event }) => {
        if (event.type === 'batch-failed' || event.type === 'hold-entered') exposed ??= most
      },
    })
    const failed = run.journal.map(({ event }) => event).find((event) => event.type === 'batch-failed')
    const gate = failed?.type === 'batch-failed' ? failed.failure.message.split(':')[0] : undefined
    const why = run.exit === 'ok' ? 'passed' : (gate ?? run.exit)
    return [run.exit === 'blocked' || run.exit === 'inconclusive' ? 'pre-flight' : why, run.exit === 'ok' ? '-' : String(exposed ?? 0)]
  } catch (error) {
    return [`not played: ${(error as Error).message.slice(0, 30)}`, '-']
  }
}
