/** Two small groups of Amazon Linux 2 that new groups take over from; the second of them one node at a time. */
export const REPLACEMENT_WORLD = `
apiVersion: serin.dev/v1alpha1
kind: World
metadata: { name: attic }
clock: { start: "2026-09-22T18:00:00Z" }
seed: 1
cluster: { name: attic, region: eu-west-1, accountId: "111122223333", kubernetesVersion: "1.32" }
subnets:
  - { name: nodes-a, zone: eu-west-1a, cidr: 10.40.0.0/22, used: 20 }
launchTemplates:
  - name: workers
    versions:
      - { instanceType: m5.large, image: { kubernetesVersion: "1.32" } }
      - { instanceType: m5.large, image: { kubernetesVersion: "1.32" } }
nodeGroups:
  - name: web
    amiType: AL2_x86_64
    instanceTypes: [m5.large]
    size: { min: 1, max: 5, desired: 3 }
    subnets: [nodes-a]
    labels: { workload: web }
    taints: [{ key: team, value: shop, effect: PreferNoSchedule }]
    tags: { owner: shop }
  - name: batch
    form: self-managed
    instanceTypes: [m5.large]
    size: { min: 1, max: 4, desired: 2 }
    selfManaged: { launchTemplate: { name: workers, version: 1 } }
    subnets: [nodes-a]
    labels: { workload: batch }
  - { name: system, instanceTypes: [m5.large], size: { min: 1, max: 2, desired: 2 }, subnets: [nodes-a], releaseVersion: "1.32.9-20260815" }
addons:
  - { name: kube-proxy, version: v1.32.9-eksbuild.2 }
  - { name: vpc-cni, version: v1.20.4-eksbuild.2 }
  - { name: coredns, version: v1.11.4-eksbuild.24 }
workloads:
  - { kind: Deployment, namespace: shop, name: web, replicas: 6, cpu: 300m, memory: 256Mi, nodeSelector: { workload: web }, budget: { maxUnavailable: 1 } }
  - { kind: Deployment, namespace: jobs, name: worker, replicas: 4, cpu: 300m, memory: 256Mi, nodeSelector: { workload: batch }, budget: { maxUnavailable: 1 } }
`

/** @param group `web`, or `asg:batch` */
export function replacementPlan(group: 'web' | 'asg:batch'): string {
  const image = group === 'web' ? 'replacement: { amiType: AL2023_x86_64_STANDARD, ' : 'launchTemplateVersion: 2, replacement: { '
  const others = group === 'web' ? 'system, "asg:batch"' : 'system, web'
  return `
apiVersion: serin.dev/v1alpha1
kind: UpgradePlan
metadata: { name: leave-al2 }
cluster: { name: attic, region: eu-west-1, accountId: "111122223333" }
target: { images: latest }
waves:
  - { name: moved, nodeGroups: ["${group}"] }
exclude:
  - { nodeGroups: [${others}], reason: not in this test }
nodeGroups:
  - { match: "${group}", strategy: replacement-group, ${image}name: fresh, share: 1, soak: 1m, keep: 5m } }
rollback: { waves: automatic, grace: 0s }
`
}
