import { addonBuild } from './addon-build.ts'
import { addonConfiguration } from './addon-configuration.ts'
import { addonListed } from './addon-listed.ts'
import { addonOlder } from './addon-older.ts'
import { addonRole } from './addon-role.ts'
import { addonsOnBothMinors } from './addons-on-both-minors.ts'
import { al2Image } from './al2-image.ts'
import { autoscalerList } from './autoscaler-list.ts'
import { awsNodeHealthy } from './aws-node-healthy.ts'
import { branchInterfaces } from './branch-interfaces.ts'
import { callerAccess } from './caller-access.ts'
import { callerActions } from './caller-actions.ts'
import { canarySize } from './canary-size.ts'
import { clockSkew } from './clock-skew.ts'
import { clusterActive } from './cluster-active.ts'
import { clusterRole } from './cluster-role.ts'
import { cniKubernetesAccess } from './cni-access.ts'
import { cniChanges } from './cni-changes.ts'
import { cniEnvironment } from './cni-environment.ts'
import { cniFloor } from './cni-floor.ts'
import { cniImages } from './cni-images.ts'
import { cniInstanceTypes } from './cni-instance-types.ts'
import { cniRoleActions } from './cni-role-actions.ts'
import { cniSocket } from './cni-socket.ts'
import { companionVersion } from './companion-version.ts'
import { controlPlaneAddresses } from './control-plane-addresses.ts'
import { controlPlaneInsights } from './control-plane-insights.ts'
import { controlPlaneNetwork } from './control-plane-network.ts'
import { credentialsLast } from './credentials-last.ts'
import type { CheckDefinition } from './definition.ts'
import { doNotDisrupt } from './do-not-disrupt.ts'
import { drainBlocked } from './drain-blocked.ts'
import { earlierUpgrade } from './earlier-upgrade.ts'
import { endpointAccess } from './endpoint-access.ts'
import { eniconfigZone } from './eniconfig-zone.ts'
import { fieldOwners } from './field-owners.ts'
import { gateAccess } from './gate-access.ts'
import { gateAlarms } from './gate-alarms.ts'
import { gateEndpoints } from './gate-endpoints.ts'
import { groupDrift } from './group-drift.ts'
import { groupTarget } from './group-target.ts'
import { hopPath } from './hop-path.ts'
import { identity } from './identity.ts'
import { imageDeprecated } from './image-deprecated.ts'
import { imageUsable } from './image-usable.ts'
import { infrastructureAsCode } from './infrastructure-as-code.ts'
import { insights } from './insights.ts'
import { insightsFresh } from './insights-fresh.ts'
import { installedListed } from './installed-listed.ts'
import { instanceRefresh } from './instance-refresh.ts'
import { karpenterDrift } from './karpenter-drift.ts'
import { knownBadVersion } from './known-bad-version.ts'
import { knownRiskyTarget } from './known-risky-target.ts'
import { kubeProxyHealthy } from './kube-proxy-healthy.ts'
import { kubeProxyMode } from './kube-proxy-mode.ts'
import { kubeProxySkew } from './kube-proxy-skew.ts'
import { kubeletSkew } from './kubelet-skew.ts'
import { leakedInterfaces } from './leaked-interfaces.ts'
import { localStorage } from './local-storage.ts'
import { maxPodsFit } from './max-pods.ts'
import { nakedPods } from './naked-pods.ts'
import { noRoom } from './no-room.ts'
import { nodeClasses } from './node-classes.ts'
import { nodeRepair } from './node-repair.ts'
import { nodegroupActive } from './nodegroup-active.ts'
import { nodegroupUpdate } from './nodegroup-update.ts'
import { nodesCordoned } from './nodes-cordoned.ts'
import { nodesReadyNow } from './nodes-ready-now.ts'
import { openRun } from './open-run.ts'
import { otherOperators } from './other-operators.ts'
import { pdbAllowsNone } from './pdb-allows-none.ts'
import { pdbOverlap } from './pdb-overlap.ts'
import { pdbSelectsNothing } from './pdb-selects-nothing.ts'
import { pinnedToGroup } from './pinned-to-group.ts'
import { planResolved } from './plan-resolved.ts'
import { podIdentityAgent } from './pod-identity-agent.ts'
import { podUpdateWebhook } from './pod-update-webhook.ts'
import { prefixFragmentation } from './prefix-fragmentation.ts'
import { probePods } from './probe-pods.ts'
import { readinessProbe } from './readiness-probe.ts'
import { removedApiObjects } from './removed-api-objects.ts'
import { removedApis } from './removed-apis.ts'
import { replicasTogether } from './replicas-together.ts'
import { requestBuckets } from './request-buckets.ts'
import { rollbackInsights } from './rollback-insights.ts'
import { runLease } from './run-lease.ts'
import { selfManagedCni } from './self-managed-cni.ts'
import { serinOnNode } from './serin-on-node.ts'
import { singleReplica } from './single-replica.ts'
import { subnetAddresses } from './subnet-addresses.ts'
import { supportDates } from './support-dates.ts'
import { suspendedProcesses } from './suspended-processes.ts'
import { systemWorkloads } from './system-workloads.ts'
import { terminationGrace } from './termination-grace.ts'
import { untouchedNodes } from './untouched-nodes.ts'
import { updateWidth } from './update-width.ts'
import { vcpuQuota } from './vcpu-quota.ts'
import { volumeZone } from './volume-zone.ts'
import { warmAddresses } from './warm-addresses.ts'
import { warmPool } from './warm-pool.ts'
import { wayBack } from './way-back.ts'
import { wayBackOpen } from './way-back-open.ts'
import { webhookAlone } from './webhook-alone.ts'
import { webhookDrain } from './webhook-drain.ts'
import { webhookReachable } from './webhook-reachable.ts'
import { windowFits } from './window-fits.ts'
import { zoneSpread } from './zone-spread.ts'

/** All checks in reading order: is this the right place, may anything move, is the target sound, is there room, who is in the way. */
export const CHECKS: readonly CheckDefinition[] = [
  // the right place, and nobody else in it
  identity,
  openRun,
  runLease,
  clusterActive,
  nodegroupActive,
  nodegroupUpdate,
  groupDrift,
  suspendedProcesses,
  instanceRefresh,
  warmPool,
  nodeRepair,
  otherOperators,
  autoscalerList,
  infrastructureAsCode,
  callerActions,
  callerAccess,
  credentialsLast,
  clockSkew,
  planResolved,
  // versions that fit each other, there and back
  groupTarget,
  knownRiskyTarget,
  supportDates,
  controlPlaneInsights,
  earlierUpgrade,
  rollbackInsights,
  karpenterDrift,
  al2Image,
  imageUsable,
  imageDeprecated,
  kubeletSkew,
  kubeProxySkew,
  kubeProxyMode,
  companionVersion,
  selfManagedCni,
  cniImages,
  addonListed,
  addonsOnBothMinors,
  addonBuild,
  addonOlder,
  installedListed,
  hopPath,
  cniFloor,
  knownBadVersion,
  addonConfiguration,
  cniEnvironment,
  cniInstanceTypes,
  cniChanges,
  cniSocket,
  fieldOwners,
  addonRole,
  podIdentityAgent,
  cniRoleActions,
  cniKubernetesAccess,
  clusterRole,
  controlPlaneNetwork,
  controlPlaneAddresses,
  endpointAccess,
  podUpdateWebhook,
  webhookReachable,
  webhookDrain,
  webhookAlone,
  wayBack,
  wayBackOpen,
  windowFits,
  insights,
  removedApis,
  removedApiObjects,
  insightsFresh,
  // the cluster as it is now
  nodesReadyNow,
  systemWorkloads,
  awsNodeHealthy,
  kubeProxyHealthy,
  nodesCordoned,
  untouchedNodes,
  // addresses and limits
  subnetAddresses,
  warmAddresses,
  prefixFragmentation,
  eniconfigZone,
  leakedInterfaces,
  maxPodsFit,
  branchInterfaces,
  vcpuQuota,
  requestBuckets,
  // what runs on the nodes that go
  pdbAllowsNone,
  pdbOverlap,
  pdbSelectsNothing,
  drainBlocked,
  noRoom,
  pinnedToGroup,
  volumeZone,
  localStorage,
  replicasTogether,
  zoneSpread,
  singleReplica,
  readinessProbe,
  nakedPods,
  terminationGrace,
  doNotDisrupt,
  serinOnNode,
  updateWidth,
  // what the gates can see, and the canary prove
  gateAccess,
  gateAlarms,
  gateEndpoints,
  probePods,
  canarySize,
  nodeClasses,
]
