import type { Instant } from '../../../model/instant.ts'
import type { Node } from '../../../model/kubernetes.ts'
import type { AwsHandlers, ObjectStore } from '../../contract.ts'
import type { ListedAddon } from '../world-spec.ts'
import { addonArn } from './addon/context.ts'
import { adjusted } from './addon/listed.ts'
import { keepAddons } from './addon/upkeep.ts'
import { addonHandlers } from './addon-api.ts'
import { addonListing } from './addon-listing.ts'
import { type Input, textOf } from './answers.ts'
import type { AutoScaling } from './auto-scaling.ts'
import type { AwsGround } from './aws-side.ts'
import { type ApiServer, clusterHandlers } from './cluster-api.ts'
import { clusterMemberHandlers } from './cluster-members.ts'
import type { InsightFacts } from './insight/facts.ts'
import { createInsights } from './insights.ts'
import { createNodeActions, type DrivenCluster } from './node-actions.ts'
import { watchNodes } from './node-group/repair.ts'
import { nodeGroupHandlers } from './node-group-api.ts'
import type { NodeGroup } from './node-groups.ts'
import { shownEks } from './shown-eks.ts'
import { createUpdates } from './updates.ts'
import { clusterSecurityGroup } from './vpc.ts'

/** What EKS drives, beside the ground it stands on. */
export interface EksDeps {
  readonly store: ObjectStore
  readonly cluster: DrivenCluster
  readonly groups: Map<string, NodeGroup>
  readonly autoScaling: AutoScaling
  readonly endpoint: ApiServer
  readonly vpcId: string
  readonly createdAt: Instant
}

/** The EKS service of a world: its handlers, and what it does by itself from `begin` on. */
export function openEks(ground: AwsGround, deps: EksDeps): { readonly handlers: AwsHandlers; begin(): void } {
  const { spec, timeline } = ground
  const { cluster, options, seed } = spec
  const { store, groups, autoScaling, createdAt } = deps
  const updates = createUpdates(seed, () => timeline.now())
  const listing = adjusted(spec.listing ?? addonListing(options.addonListing), ground.controlPlane.spec)
  const updating = { ...ground, cluster: deps.cluster }
  const nodes = createNodeActions(store, deps.cluster)
  const { insights, handlers, begin } = createInsights({ timeline, seed, facts: () => factsOf(ground, store, listing) })
  const securityGroupId = clusterSecurityGroup(spec)
  const shown = shownEks(ground, groups, updates)
  const shared = { ...ground, cluster, options, seed, updates, shown }
  const nodeGroups = { ...shared, groups, autoScaling, nodes, updating: { ...ground, seed, autoScaling, nodes } }
  return {
    handlers: {
      ...shown.updates.heardLater(
        clusterHandlers({ ...shared, insights, groups, vpcId: deps.vpcId, securityGroupId, createdAt, endpoint: deps.endpoint }),
        () => [],
      ),
      ...clusterMemberHandlers({
        cluster,
        spec: ground.controlPlane.spec,
        seed,
        createdAt,
        subnetIds: ground.controlPlane.settings.subnetIds,
      }),
      ...shown.updates.heardLater(
        {
          ...shown.groups.heardLater(nodeGroupHandlers(nodeGroups), named('nodegroupName')),
          ...shown.addons.heardLater(addonHandlers({ ...shared, listing, updating }), named('addonName')),
        },
        () => [],
      ),
      ...handlers,
    },
    begin() {
      begin()
      watchNodes(nodeGroups)
      keepAddons(updating, ground.addons)
    },
  }
}

function named(member: string): (input: Input) => readonly string[] {
  return (input) => [textOf(input, member) ?? '']
}

/** What insights see of the world. */
function factsOf(ground: AwsGround, store: ObjectStore, listing: readonly ListedAddon[]): InsightFacts {
  const { controlPlane, addons, timeline, spec } = ground
  const versionsOf = (addon: string) => listing.find(({ name }) => name === addon)?.versions ?? []
  const kubeProxy = store.get('DaemonSet', 'kube-system', 'kube-proxy') as
    | { spec?: { template?: { spec?: { containers?: { image?: string }[] } } } }
    | undefined
  const image = kubeProxy?.spec?.template?.spec?.containers?.[0]?.image
  return {
    now: timeline.now(),
    controlPlane,
    nodes: (store.list('Node') as unknown as readonly Node[]).map(({ metadata, status }) => ({
      name: metadata.name,
      kubeletVersion: status?.nodeInfo?.kubeletVersion ?? '',
      osImage: status?.nodeInfo?.osImage ?? '',
    })),
    addons: [...addons.values()].map((addon) => ({ name: addon.name, version: addon.version, arn: addonArn(spec, addon.name) })),
    listedFor: (addon, version) => versionsOf(addon).find((each) => each.version === version)?.minors,
    versionsFor: (addon, minor) => versionsOf(addon).flatMap(({ version, minors }) => (minors.includes(minor) ? [version] : [])),
    kubeProxyVersion: image?.split(':').at(-1),
  }
}
