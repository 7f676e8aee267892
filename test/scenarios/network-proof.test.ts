import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadPlan } from '../../src/plan/load.ts'
import { type Rehearsal, rehearse } from '../support/rehearsal.ts'
import { eventsOf } from './story.ts'

/** What leaves aws-node Ready, and what probe pods make of it: the sandbox carries their commands out as its network is. */

const WORLD = `
apiVersion: serin.dev/v1alpha1
kind: World
metadata: { name: proof }
clock: { start: "2026-09-29T19:30:00Z" }
cluster: { name: proof, region: eu-central-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets:
  - { name: nodes-a, zone: eu-central-1a, cidr: 10.0.0.0/23 }
  - { name: nodes-b, zone: eu-central-1b, cidr: 10.0.2.0/23 }
nodeGroups:
  - { name: app, instanceTypes: [m5.large], size: { min: 1, max: 8, desired: 2 }, kubernetesVersion: "1.32", subnets: [nodes-a, nodes-b] }
  - { name: other, instanceTypes: [m6i.large], size: { min: 1, max: 8, desired: 2 }, kubernetesVersion: "1.32", subnets: [nodes-a, nodes-b] }
addons:
  - { name: kube-proxy, version: v1.33.5-eksbuild.2 }
  - { name: vpc-cni, version: v1.21.1-eksbuild.7, configuration: { env: { ENABLE_POD_ENI: "true" } } }
  - { name: coredns, version: v1.12.4-eksbuild.1 }
workloads: [{ kind: Deployment, namespace: shop, name: web, replicas: 3 }]
network:
  securityGroupPolicies:
    - { namespace: shop, name: probe, podSelector: { matchLabels: { probe: "yes" } }, groupIds: [sg-0a1b2c3d4e5f60718] }
`

const PROOF = 'namespace: default, image: "busybox:1.36", lasting: 1m, reach: ["sts.eu-central-1.amazonaws.com:443"]'
const POLICY = 'securityGroupPolicy: { namespace: shop, name: probe, labels: { probe: "yes" } }'

async function proven(options: string, scenarios: readonly { name: string; text: string }[] = []): Promise<Rehearsal> {
  const text = `
apiVersion: serin.dev/v1alpha1
kind: UpgradePlan
metadata: { name: proof }
cluster: { name: proof, region: eu-central-1, accountId: "111122223333" }
target: { kubernetesVersion: "1.33", images: latest }
gates: { node: [nodes-ready, aws-node, network-proof: { ${options} }] }
canary: { nodeGroups: [app], gates: node, soak: 1m }
exclude: [{ nodeGroups: [other], reason: untouched }]
rollback: { canary: automatic, grace: 1m }
`
  return await rehearse({ plan: { plan: loadPlan({ read: () => text }, 'proof.yaml').plan, world: WORLD }, scenarios })
}

const said = ({ journal }: Rehearsal) => eventsOf(journal, 'gate-judged').filter(({ gate }) => gate === 'network-proof')

describe('network-proof', () => {
  it('passes where all is well, over interfaces of their own too', async () => {
    const run = await proven(`${PROOF}, ${POLICY}`)
    expect(run.exit).toBe('ok')
    expect(said(run).at(-1)?.judgement).toMatchObject({
      verdict: 'pass',
      reason: expect.stringContaining('have a network: address, dns, api'),
    })
    const results = eventsOf(run.journal, 'probe-reported').flatMap(({ report }) => (report.kind === 'told' ? report.results : []))
    expect(results.filter(({ id }) => id === 'branch').map(({ outcome }) => outcome)).toContain('works')
    expect(results.every(({ outcome }) => outcome === 'works')).toBe(true)
  })

  it('takes nodes back whose pods reach nothing outside, although aws-node is Ready there', async () => {
    const text = readFileSync(join(import.meta.dirname, '../../plans/scenarios/snat-gone.yaml'), 'utf8')
    const run = await proven(PROOF, [{ name: 'snat-gone', text }])
    expect(run.exit).toBe('rolledBack')
    const [failed] = eventsOf(run.journal, 'batch-failed')
    expect(failed?.failure.message).toMatch(
      /network-proof: .* failed 2 times, last at reaching sts.*Connection timed out.*; 2 untouched nodes are healthy/,
    )
  })

  it('holds where no interface of its own is to be had on the new nodes: that is no proof of a fault', async () => {
    const text = `
apiVersion: serin.dev/v1alpha1
kind: Scenario
metadata: { name: no-trunk, summary: the resource controller leaves new nodes alone }
faults: [{ fault: resource-controller-away, where: { launchedLater: true } }]
`
    const run = await proven(`${PROOF}, ${POLICY}`, [{ name: 'no-trunk', text }])
    expect(run.ending).toMatchObject({
      kind: 'open',
      exit: 'held',
      because: expect.stringContaining('Insufficient vpc.amazonaws.com/pod-eni'),
    })
  })
})
