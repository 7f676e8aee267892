import { addonBuild } from '../../../src/catalog/checks/addon-build.ts'
import { addonConfiguration } from '../../../src/catalog/checks/addon-configuration.ts'
import { addonListed } from '../../../src/catalog/checks/addon-listed.ts'
import { addonOlder } from '../../../src/catalog/checks/addon-older.ts'
import { addonRole } from '../../../src/catalog/checks/addon-role.ts'
import { awsNodeHealthy } from '../../../src/catalog/checks/aws-node-healthy.ts'
import { cniKubernetesAccess } from '../../../src/catalog/checks/cni-access.ts'
import { cniChanges } from '../../../src/catalog/checks/cni-changes.ts'
import { cniEnvironment } from '../../../src/catalog/checks/cni-environment.ts'
import { cniFloor } from '../../../src/catalog/checks/cni-floor.ts'
import { cniImages } from '../../../src/catalog/checks/cni-images.ts'
import { cniSocket } from '../../../src/catalog/checks/cni-socket.ts'
import { companionVersion } from '../../../src/catalog/checks/companion-version.ts'
import { fieldOwners } from '../../../src/catalog/checks/field-owners.ts'
import { hopPath } from '../../../src/catalog/checks/hop-path.ts'
import { installedListed } from '../../../src/catalog/checks/installed-listed.ts'
import { knownBadVersion } from '../../../src/catalog/checks/known-bad-version.ts'
import { podIdentityAgent } from '../../../src/catalog/checks/pod-identity-agent.ts'
import { selfManagedCni } from '../../../src/catalog/checks/self-managed-cni.ts'
import type { AddonVersionInfo } from '../../../src/model/aws.ts'
import type { AddonIntent } from '../../../src/model/intent.ts'
import type { ContainerStatus, Pod } from '../../../src/model/kubernetes.ts'
import { owner, setManagers, setTag, setVariable } from '../../support/aws-node.ts'
import { CNI_AFTER, CNI_BEFORE, CNI_BETWEEN, GROUPS, nodesOfGroups } from '../../support/healthy-cluster.ts'
import { appPod } from '../../support/healthy-kubernetes.ts'
import type { NearMiss } from '../../support/near-miss.ts'
import type { Situation } from '../../support/situation.ts'
import {
  addObjects,
  changeAddon,
  changeAws,
  changeObject,
  healthyAddonIntent,
  type SnapshotChange,
} from '../../support/snapshot-builder.ts'

const cni = (parts: Partial<AddonIntent>) => ({ addons: [healthyAddonIntent(parts)] })
const on = (...snapshot: readonly SnapshotChange[]): Situation => ({ snapshot })

/** The listing with another word about one version. */
const about =
  (version: string, change: (info: AddonVersionInfo) => AddonVersionInfo): SnapshotChange =>
  (snapshot) =>
    changeAws({
      addonVersions: snapshot.aws.addonVersions?.map((listing) => ({
        ...listing,
        addonVersions: listing.addonVersions?.map((info) => (info.addonVersion === version ? change(info) : info)),
      })),
    })(snapshot)
const forMinors = (...minors: readonly string[]) =>
  about(CNI_AFTER, (info) => ({ ...info, compatibilities: minors.map((clusterVersion) => ({ clusterVersion })) }))
const forPlatform = (platform: string) =>
  about(CNI_AFTER, (info) => ({ ...info, compatibilities: [{ clusterVersion: '1.33', platformVersions: [platform] }] }))

const reviewed =
  (allowed: boolean): SnapshotChange =>
  (snapshot) => ({
    ...snapshot,
    kubernetes: {
      ...snapshot.kubernetes,
      awsNodeReviews: snapshot.kubernetes.awsNodeReviews?.map((each) =>
        each.verb === 'patch' && each.resource === 'cninodes' ? { ...each, allowed } : each,
      ),
    },
  })

const ready = (isReady: boolean) =>
  changeObject<Pod>('Pod', 'aws-node-0', (pod) => ({
    ...pod,
    status: {
      ...pod.status,
      containerStatuses: pod.status?.containerStatuses?.map(
        (each): ContainerStatus => (each.name === 'aws-node' ? { ...each, ready: isReady } : each),
      ),
    },
  }))

/** The agent on every node, and on the first of them ready or not. */
const agents = (first: string): SnapshotChange =>
  addObjects(
    ...nodesOfGroups(GROUPS).map(({ name, index }) => {
      const pod = appPod('kube-system', `eks-pod-identity-agent-${index}`, {}, name)
      const conditions = [{ type: 'Ready', status: index === 0 ? first : 'True' }]
      return { ...pod, status: { ...pod.status, conditions } }
    }),
  )
const associated = changeAddon('vpc-cni', {
  podIdentityAssociations: ['arn:aws:eks:eu-central-1:111122223333:podidentityassociation/shop/a-1'],
})

const socket = (probeOwner: string): Situation => ({
  snapshot: [setManagers(owner(probeOwner, 'aws-node', 'livenessProbe'))],
  intent: cni({ baseline: { version: CNI_AFTER }, hops: ['v1.23.1-eksbuild.1'], target: 'v1.23.1-eksbuild.1' }),
})

/** vpc-cni, what goes with it, and what it needs. */
export const CNI_ADD_ON: readonly NearMiss[] = [
  {
    check: addonListed,
    title: 'the minor that the last hop is listed for',
    fires: on(forMinors('1.32')),
    silent: on(forMinors('1.33')),
  },
  {
    check: addonBuild,
    title: 'the platform version that a build is for',
    fires: on(forPlatform('eks.10')),
    silent: on(forPlatform('eks.9')),
  },
  {
    check: addonOlder,
    title: 'the version that the default means',
    fires: { intent: cni({ target: 'v1.20.4-eksbuild.1' }) },
    silent: { intent: cni({ target: 'v1.20.4-eksbuild.3' }) },
  },
  {
    check: installedListed,
    title: 'the build that is listed',
    fires: on(about(CNI_BEFORE, (info) => ({ ...info, addonVersion: 'v1.20.4-eksbuild.1' }))),
  },
  {
    check: hopPath,
    title: 'where the last hop ends',
    fires: { intent: cni({ hops: [CNI_BETWEEN], target: CNI_AFTER }) },
    silent: { intent: cni({ hops: [CNI_BETWEEN], target: CNI_BETWEEN }) },
  },
  {
    check: knownBadVersion,
    title: 'the version of a hop',
    fires: { intent: cni({ hops: [CNI_BETWEEN, 'v1.22.1-eksbuild.2'] }) },
    silent: { intent: cni({ hops: [CNI_BETWEEN, 'v1.22.4-eksbuild.3'] }) },
  },
  {
    check: addonConfiguration,
    title: 'a key that the schemas know',
    fires: { intent: cni({ baseline: { version: CNI_BEFORE, configurationValues: '{"env":{"WARM_ENI_TARGETS":"1"}}' } }) },
    silent: { intent: cni({ baseline: { version: CNI_BEFORE, configurationValues: '{"env":{"WARM_ENI_TARGET":"1"}}' } }) },
  },
  {
    check: cniEnvironment,
    title: 'an enforcing mode that there is',
    fires: on(setVariable('NETWORK_POLICY_ENFORCING_MODE', 'lenient')),
    silent: on(setVariable('NETWORK_POLICY_ENFORCING_MODE', 'strict')),
  },
  {
    check: cniChanges,
    title: 'a variable at another value than its default',
    fires: { ...on(setVariable('IP_COOLDOWN_PERIOD', '31')), intent: cni({ baseline: { version: 'v1.14.1-eksbuild.1' } }) },
    silent: { ...on(setVariable('IP_COOLDOWN_PERIOD', '30')), intent: cni({ baseline: { version: 'v1.14.1-eksbuild.1' } }) },
  },
  {
    check: cniFloor,
    title: 'several network cards in use',
    fires: { ...on(setVariable('ENABLE_MULTI_NIC', 'true')), intent: cni({ baseline: { version: 'v1.19.6-eksbuild.7' } }) },
    silent: { ...on(setVariable('ENABLE_MULTI_NIC', 'false')), intent: cni({ baseline: { version: 'v1.19.6-eksbuild.7' } }) },
  },
  {
    check: cniImages,
    title: 'the node agent that goes with a socket',
    fires: on(setTag('aws-eks-nodeagent', 'v1.4.1-eksbuild.1')),
    silent: on(setTag('aws-eks-nodeagent', 'v1.4.0-eksbuild.1')),
  },
  { check: cniSocket, title: 'who owns the probe', fires: socket('Helm'), silent: socket('eks') },
  {
    check: fieldOwners,
    title: 'how conflicts are resolved',
    fires: { ...on(setManagers(owner('Helm', 'aws-node', 'resources'))), intent: cni({ resolveConflicts: 'NONE' }) },
    silent: { ...on(setManagers(owner('Helm', 'aws-node', 'resources'))), intent: cni({ resolveConflicts: 'PRESERVE' }) },
  },
  {
    check: addonRole,
    title: 'the role of the add-on',
    fires: on(changeAddon('vpc-cni', { serviceAccountRoleArn: 'arn:aws:iam::111122223333:role/shop-cni-2' })),
  },
  { check: cniKubernetesAccess, title: 'one verb of aws-node', fires: on(reviewed(false)), silent: on(reviewed(true)) },
  {
    check: podIdentityAgent,
    title: 'the agent on one node',
    fires: on(associated, agents('False')),
    silent: on(associated, agents('True')),
  },
  { check: awsNodeHealthy, title: 'aws-node on a node of the canary', fires: on(ready(false)) },
  {
    check: selfManagedCni,
    title: 'the name under which EKS knows it',
    fires: on(changeAddon('vpc-cni', { addonName: 'aws-vpc-cni' })),
  },
  {
    check: companionVersion,
    title: 'the oldest build that is listed, and the one before',
    fires: on(changeAddon('coredns', { addonVersion: 'v1.11.1-eksbuild.2' })),
    silent: on(changeAddon('coredns', { addonVersion: 'v1.11.1-eksbuild.3' })),
  },
]
