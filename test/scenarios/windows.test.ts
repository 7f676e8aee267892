import { expect, it } from 'vitest'
import { loadPlan } from '../../src/plan/load.ts'
import { notTarget } from '../support/as-it-was.ts'
import { rehearse } from '../support/rehearsal.ts'
import { eventsOf, outcomeOf } from './story.ts'

/** Windows groups are ordinary managed groups on which aws-node does not run. */

const HEAD = 'apiVersion: serin.dev/v1alpha1'

const WORLD = `
${HEAD}
kind: World
metadata: { name: windows }
clock: { start: "2026-09-29T19:30:00Z" }
cluster: { name: shop, region: eu-central-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets:
  - { name: nodes-a, zone: eu-central-1a, cidr: 10.0.0.0/22, used: 40 }
nodeGroups:
  - { name: linux, instanceTypes: [m5.large], size: { min: 1, max: 2, desired: 1 }, kubernetesVersion: "1.33", subnets: [nodes-a] }
  - { name: iis, amiType: WINDOWS_CORE_2022_x86_64, instanceTypes: [m5.large], size: { min: 1, max: 3, desired: 2 }, kubernetesVersion: "1.32", subnets: [nodes-a], labels: { app: iis } }
addons:
  - { name: kube-proxy, version: v1.33.5-eksbuild.2 }
  - { name: vpc-cni, version: v1.20.4-eksbuild.2, configuration: { enableWindowsIpam: "true" } }
  - { name: coredns, version: v1.12.4-eksbuild.1 }
workloads:
  - { kind: Deployment, namespace: shop, name: iis, replicas: 3, cpu: 200m, memory: 256Mi, nodeSelector: { app: iis }, budget: { maxUnavailable: 1 } }
`

const PLAN = `
${HEAD}
kind: UpgradePlan
metadata: { name: windows }
cluster: { name: shop, region: eu-central-1, accountId: "111122223333" }
target: { kubernetesVersion: "1.33" }
gates: { node: [nodes-ready, aws-node, ipam, stuck-pods, workloads] }
waves: [{ name: all, nodeGroups: [iis], gates: node }]
exclude: [{ nodeGroups: [linux], reason: what gates compare with }]
`

it('a Windows group comes to its target: gates of aws-node are not applicable there, and say so', async () => {
  const plan = { plan: loadPlan({ read: () => PLAN }, 'windows.yaml').plan, world: WORLD }
  const { exit, start, end, prepared, ending, journal } = await rehearse({ plan })
  expect(exit).toBe('ok')
  expect(notTarget(start, end, prepared.itinerary, outcomeOf(ending).byHand)).toEqual([])
  const last = new Map(eventsOf(journal, 'gate-judged').map(({ gate, judgement }) => [gate, judgement]))
  for (const gate of ['aws-node', 'ipam', 'stuck-pods']) expect(last.get(gate)?.reason).toContain('not applicable')
  for (const gate of ['nodes-ready', 'workloads']) expect(last.get(gate)?.reason).not.toContain('not applicable')
})
