/** A cluster that is small enough to run a whole plan on it hundreds of times: one zone, two groups, two hops of vpc-cni. */

export const CRASH_WORLD = `
apiVersion: serin.dev/v1alpha1
kind: World
metadata: { name: crash }
clock: { start: "2026-09-29T19:30:00Z" }
seed: 1
cluster: { name: crash, region: eu-central-1, accountId: "111122223333", kubernetesVersion: "1.33" }
subnets:
  - { name: nodes-a, zone: eu-central-1a, cidr: 10.0.0.0/22, used: 40 }
nodeGroups:
  - { name: canary, instanceTypes: [m5.large], size: { min: 1, max: 4, desired: 2 }, kubernetesVersion: "1.32", subnets: [nodes-a] }
  - { name: app, instanceTypes: [m5.large], size: { min: 1, max: 4, desired: 2 }, kubernetesVersion: "1.32", subnets: [nodes-a], update: { maxUnavailable: 2 } }
addons:
  - { name: kube-proxy, version: v1.33.5-eksbuild.2 }
  - { name: vpc-cni, version: v1.20.4-eksbuild.2, configuration: { env: { WARM_ENI_TARGET: "1" } } }
  - { name: coredns, version: v1.12.4-eksbuild.1 }
workloads:
  - { kind: Deployment, namespace: shop, name: web, replicas: 4, cpu: 200m, memory: 256Mi, budget: { maxUnavailable: 1 } }
`

export const CRASH_PLAN = `
apiVersion: serin.dev/v1alpha1
kind: UpgradePlan
metadata: { name: crash }
cluster: { name: crash, region: eu-central-1, accountId: "111122223333" }
target:
  kubernetesVersion: "1.33"
  images: latest
  addons:
    - { name: vpc-cni, version: recommended, gates: cni, soak: 1m }
gates:
  cni: [aws-node, stuck-pods]
  node: [nodes-ready, aws-node, ipam, stuck-pods, workloads]
canary: { nodeGroups: [canary], gates: node, soak: 1m }
waves:
  - { name: app, nodeGroups: [app], gates: node }
nodeGroups:
  - { match: app, maxUnavailable: 1 } # update settings are changed and restored, so they have commands too
rollback: { addon: last-proven-hop, canary: automatic, waves: automatic, grace: 1m }
`
