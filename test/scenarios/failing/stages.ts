import type { StepKind } from '../../../src/model/itinerary.ts'
import { loadPlan } from '../../../src/plan/load.ts'
import type { RehearsalSettings } from '../../support/rehearsal.ts'
import { REPLACEMENT_WORLD, replacementPlan } from '../../support/replacement-world.ts'

/** Small clusters with a plan each, on which every step of a strategy fails in turn. */

/** What is moved, on its own: a strategy by its kind, or what a plan moves beside node groups. */
export interface Stage {
  readonly plan: Exclude<RehearsalSettings['plan'], string>
}

const HEAD = 'apiVersion: serin.dev/v1alpha1'

function worldOf(groups: readonly string[]): string {
  return `
${HEAD}
kind: World
metadata: { name: failing }
clock: { start: "2026-09-29T19:30:00Z" }
cluster: { name: shop, region: eu-central-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets:
  - { name: nodes-a, zone: eu-central-1a, cidr: 10.0.0.0/22, used: 40 }
launchTemplates:
  - { name: plain, versions: [{}, {}] }
  - { name: workers, versions: [{ instanceType: m5.large, image: { kubernetesVersion: "1.32" } }, { instanceType: m5.large, image: { kubernetesVersion: "1.33" } }] }
  - { name: turned, versions: [{ instanceType: m5.large, image: { kubernetesVersion: "1.33" } }, { instanceType: m5.large, image: { kubernetesVersion: "1.32" } }] }
nodeGroups:
${groups.map((group) => `  - { instanceTypes: [m5.large], subnets: [nodes-a], ${group} }`).join('\n')}
addons:
  - { name: kube-proxy, version: v1.33.5-eksbuild.2 }
  - { name: vpc-cni, version: v1.20.4-eksbuild.2, configuration: { env: { WARM_ENI_TARGET: "1" } } }
  - { name: coredns, version: v1.12.4-eksbuild.1 }
workloads:
  - { kind: Deployment, namespace: shop, name: web, replicas: 3, cpu: 200m, memory: 256Mi, nodeSelector: { moved: "yes" }, budget: { maxUnavailable: 1 } }
  - { kind: DaemonSet, namespace: monitoring, name: agent, cpu: 20m }
`
}

/** The plan on a cluster of these groups; what fails goes back at once. */
export function stage(groups: readonly string[], plan: string, settings = ''): Stage {
  const text = `
${HEAD}
kind: UpgradePlan
metadata: { name: failing }
cluster: { name: shop, region: eu-central-1, accountId: "111122223333" }
${plan}
${settings}rollback: { addon: last-proven-hop, canary: automatic, waves: automatic, grace: 0s }
`
  return { plan: { plan: loadPlan({ read: () => text }, 'failing.yaml').plan, world: worldOf(groups) } }
}

export const MOVED = 'labels: { moved: "yes" }'
const MANAGED = `name: moved, size: { min: 1, max: 3, desired: 2 }, kubernetesVersion: "1.32", ${MOVED}, update: { maxUnavailable: 2 }`
const EMPTY = 'name: empty, size: { min: 0, max: 2, desired: 0 }, kubernetesVersion: "1.32"'
const OWN = `name: moved, form: self-managed, size: { min: 1, max: 3, desired: 2 }, selfManaged: { launchTemplate: { name: workers, version: 1 } }, ${MOVED}`
/** Nodes that nothing moves: what gates compare with. */
export const STILL = 'name: still, size: { min: 1, max: 2, desired: 1 }, kubernetesVersion: "1.33"'
export const GATES = 'gates: { node: [nodes-ready, aws-node, ipam, stuck-pods, workloads] }\n'
export const ONLY = 'exclude: [{ nodeGroups: [still], reason: what gates compare with }]\n'

/** By the kind of the strategy; a new strategy without a stage fails the test. */
export const STRATEGY_STAGES: Readonly<Record<string, Stage>> = {
  'managed-in-place': stage(
    [MANAGED, EMPTY, STILL],
    'target: { kubernetesVersion: "1.33", images: latest }\nwaves: [{ name: moved, nodeGroups: [moved], gates: node }, { name: empty, nodeGroups: [empty], gates: node }]',
    `${GATES}${ONLY}nodeGroups: [{ match: moved, maxUnavailable: 1 }, { match: empty, whenEmpty: scale-one }]\n`,
  ),
  'drain-and-replace': stage(
    [OWN, STILL],
    'target: { kubernetesVersion: "1.33" }\nwaves: [{ name: moved, nodeGroups: ["asg:moved"], gates: node }]',
    `${GATES}${ONLY}nodeGroups: [{ match: "asg:moved", launchTemplateVersion: 2 }]\n`,
  ),
  'observe-only': {
    plan: {
      plan: stage(
        ['name: still, size: { min: 1, max: 2, desired: 1 }'],
        'target: { images: keep }\nwaves: [{ name: pools, nodeGroups: ["hybrid:all"], gates: [nodes-ready] }]',
        ONLY,
      ).plan.plan,
      world: worldOf([STILL]).replace(
        'addons:',
        'otherNodes: [{ name: floor, kind: hybrid, count: 2, kubernetesVersion: "1.32", upgradedAfter: 20m }]\naddons:',
      ),
    },
  },
  'replacement-group': {
    plan: { plan: loadPlan({ read: () => replacementPlan('asg:batch') }, 'plan.yaml').plan, world: REPLACEMENT_WORLD },
  },
}

/** Steps that no strategy has: of add-ons and the control plane. */
export const OTHER_STAGES: Readonly<Record<string, Stage>> = {
  'add-on': stage(
    [STILL, 'name: more, size: { min: 1, max: 2, desired: 2 }, kubernetesVersion: "1.33"'],
    'target: { addons: [{ name: vpc-cni, version: recommended, gates: cni, soak: 1m }], images: keep }\nwaves: [{ name: rest, nodeGroups: ["*"] }]',
    'gates: { cni: [aws-node, stuck-pods] }\n',
  ),
}

/** Kinds of step that no course forward has, with the test that fails them. */
export const NOT_FORWARD: { readonly [K in StepKind]?: string } = {
  'aws-node-fields': 'test/scenarios/way-back.test.ts',
  'mark-nodes': 'test/scenarios/way-back.test.ts',
  'recreate-pods': 'test/scenarios/cure.test.ts',
  'rotate-node': 'test/scenarios/cure.test.ts',
  tidy: 'test/rollout/leftovers.test.ts',
  'control-plane-update': 'test/scenarios/control-plane.test.ts',
}
