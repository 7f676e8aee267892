import { SerinError } from '../errors/serin-error.ts'
import type { EksNodegroup } from '../model/aws.ts'
import { compareMinors, parseMinor } from '../model/kubernetes-minor.ts'
import { API_VERSION, type ClusterSnapshot } from '../model/snapshot.ts'
import { clusterMinorOf, offerOf } from './addon-listing.ts'
import { takeCensus } from './group-numbers.ts'

/**
 * The commented plan that `serin init` writes: a canary proposed, `*` last, the minor of the control plane where groups lag behind it.
 * It loads without mistakes on the cluster of the snapshot.
 * @throws SerinError DOCUMENT_INVALID when the snapshot does not say which cluster it is
 */
export function proposePlan(snapshot: ClusterSnapshot): string {
  const identity = identityOf(snapshot)
  const groups = [...(snapshot.aws.nodegroups ?? [])].filter((group) => group.nodegroupName !== undefined)
  const lines = [
    '# yaml-language-server: $schema=./schema.json',
    '# `serin schema plan > schema.json` writes the schema that completes this file in editors.',
    `apiVersion: ${API_VERSION}`,
    'kind: UpgradePlan',
    `metadata: { name: ${quoted(`${identity.name}-upgrade`)} }`,
    `cluster: { name: ${quoted(identity.name)}, region: ${identity.region}, accountId: "${identity.account}" }`,
    '',
    ...targetLines(snapshot, groups),
    '',
    'gates:',
    '  node: [nodes-ready, aws-node, kube-proxy, ipam, stuck-pods, workloads]',
    '  # Short-lived pods that look at the network from inside new nodes. `kubectl create namespace serin-probes`, then `gates: proof` below.',
    '  # proof:',
    '  #   - nodes-ready',
    '  #   - aws-node',
    '  #   - kube-proxy',
    '  #   - ipam',
    '  #   - stuck-pods',
    '  #   - network-proof: { namespace: serin-probes, image: "public.ecr.aws/docker/library/busybox:1.36" }',
    '  #   - workloads',
    '',
    ...groupLines(snapshot, groups),
    '',
    '# What goes back by itself when a gate fails: the canary does, a wave waits for a person.',
    'rollback: { addon: last-proven-hop, canary: automatic, waves: hold, grace: 10m }',
    '',
    '# window: { timeZone: Europe/Zurich, open: ["Tue 21:00-05:00"], atClose: hold }',
    '# notify:',
    '#   - { webhook: { urlFrom: env:SERIN_WEBHOOK_URL }, on: [held, rollback-started, finished] }',
  ]
  return `${lines.join('\n')}\n`
}

interface Identity {
  readonly name: string
  readonly region: string
  readonly account: string
}

/** From the cluster's ARN, `arn:aws:eks:eu-central-1:111122223333:cluster/shop`. */
function identityOf(snapshot: ClusterSnapshot): Identity {
  const match = /^arn:[^:]+:eks:([^:]+):(\d{12}):cluster\/(.+)$/.exec(snapshot.aws.cluster?.arn ?? '')
  const [, region, account, name] = match ?? []
  if (region && account && name) return { name, region, account }
  throw new SerinError('DOCUMENT_INVALID', 'The snapshot does not name its cluster: aws.cluster.arn is missing', {
    remedy: 'Allow eks:DescribeCluster and take the snapshot again.',
  })
}

/** A word that YAML could take for a number or a keyword stands in quotes. */
function quoted(name: string): string {
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(name) && !/^(true|false|null|yes|no|on|off)$/i.test(name) ? name : JSON.stringify(name)
}

function targetLines(snapshot: ClusterSnapshot, groups: readonly EksNodegroup[]): readonly string[] {
  const minor = clusterMinorOf(snapshot)
  const lagging = minor !== undefined && groups.some((group) => isBehind(group.version, minor))
  const addon = addonLines(snapshot)
  return [
    'target:',
    ...(lagging
      ? [`  kubernetesVersion: "${minor}" # the control plane's; at least one group is behind it`]
      : ['  # kubernetesVersion: absent, every group keeps its minor']),
    '  images: latest # resolved once; the canary and every wave get the same release',
    ...addon,
  ]
}

function isBehind(version: string | undefined, minor: string): boolean {
  const [group, control] = [parseMinor(version), parseMinor(minor)]
  return group !== undefined && control !== undefined && compareMinors(group, control) < 0
}

function addonLines(snapshot: ClusterSnapshot): readonly string[] {
  const installed = snapshot.aws.addons?.find((addon) => addon.addonName === 'vpc-cni')
  if (!installed) return ['  # The VPC CNI is not an EKS add-on here; Serin leaves it alone.']
  const recommended = offerOf(snapshot, 'vpc-cni')?.recommended ?? 'the default of this minor'
  return [
    '  addons:',
    `    # installed ${installed.addonVersion ?? 'unknown'}, recommended ${recommended}; one minor per hop, gated after each`,
    '    - { name: vpc-cni, version: recommended, resolveConflicts: PRESERVE, gates: [aws-node, stuck-pods], soak: 10m }',
  ]
}

function groupLines(snapshot: ClusterSnapshot, groups: readonly EksNodegroup[]): readonly string[] {
  if (groups.length === 0) return ['# The cluster has no managed node groups: this plan moves add-ons only.']
  const nodes = takeCensus(snapshot).nodes
  const sized = groups.map((group) => ({
    group,
    name: group.nodegroupName ?? '',
    nodes: nodes.get(group.nodegroupName ?? '')?.length ?? group.scalingConfig?.desiredSize ?? 0,
  }))
  const canary = [...sized].sort((a, b) => merit(a) - merit(b) || a.nodes - b.nodes || (a.name < b.name ? -1 : 1))[0]
  if (!canary) return []
  const rest = sized.filter((each) => each !== canary)
  const list = rest.map((each) => `${each.name} (${each.nodes})`).join(', ')
  return [
    `# Proposed: ${canary.name}, ${canary.nodes} node${canary.nodes === 1 ? '' : 's'}. Choose a group you can spare; name one per class of nodes.`,
    `canary: { nodeGroups: [${quoted(canary.name)}], gates: node, soak: 30m }`,
    '',
    ...(rest.length > 0
      ? [
          `# Nodes now: ${list}. Put what fails alike into waves of their own before \`*\`.`,
          'waves:',
          '  - { name: rest, nodeGroups: ["*"], batch: 1, gates: node, soak: 15m } # every group that no other entry names',
        ]
      : ['# No other groups.']),
    ...ownImages(groups),
  ]
}

/** Groups whose template brings the AMI: only a person knows which version of it is to be next. */
function ownImages(groups: readonly EksNodegroup[]): readonly string[] {
  const own = groups.filter(({ amiType }) => amiType === 'CUSTOM')
  if (own.length === 0) return []
  return [
    '',
    '# These groups bring an AMI of their own: name the launch template version that has the new one, or leave the group out by `exclude`.',
    '# nodeGroups:',
    ...own.map(
      ({ nodegroupName = '', launchTemplate }) =>
        `#   - { match: ${quoted(nodegroupName)}, launchTemplateVersion: "?" } # now ${launchTemplate?.version ?? 'unknown'}`,
    ),
  ]
}

/** Lower is better: named as a canary, then ordinary, spot and system groups, empty ones last. */
function merit({ group, name, nodes }: { readonly group: EksNodegroup; readonly name: string; readonly nodes: number }): number {
  if (nodes === 0) return 3
  if (/canary/i.test(name)) return 0
  return /system|spot/i.test(name) || group.capacityType === 'SPOT' ? 2 : 1
}
