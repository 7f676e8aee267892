import { addonCrashloop } from './addon-crashloop.ts'
import { addonDegraded } from './addon-degraded.ts'
import { alarmSounds } from './alarm-sounds.ts'
import { apiServerAway } from './api-server-away.ts'
import { capacityShortage } from './capacity-shortage.ts'
import { clockSkew } from './clock-skew.ts'
import { conflictStorm } from './conflict-storm.ts'
import { containerExits } from './container-exits.ts'
import { controlPlanePatchedByEks } from './control-plane-patched-by-eks.ts'
import { controlPlaneUpdateFails } from './control-plane-update-fails.ts'
import { controlPlaneUpdateStalls } from './control-plane-update-stalls.ts'
import { cutConnection } from './cut-connection.ts'
import { cutWatch } from './cut-watch.ts'
import { evictionBlocked } from './eviction-blocked.ts'
import { expiredToken } from './expired-token.ts'
import type { FaultRow } from './fault.ts'
import { forbidden } from './forbidden.ts'
import { hostTrouble } from './host-trouble.ts'
import { html } from './html.ts'
import { imageGone } from './image-gone.ts'
import { instanceHealth } from './instance-health.ts'
import { instanceMetadataStale } from './instance-metadata-stale.ts'
import { ipRulesRemoved } from './ip-rules-removed.ts'
import { ipamHang } from './ipam-hang.ts'
import { kubeletMisreports } from './kubelet-misreports.ts'
import { kubeletSilent } from './kubelet-silent.ts'
import { latency } from './latency.ts'
import { macAddressPolicy } from './mac-address-policy.ts'
import { nodeAgentDenies } from './node-agent-denies.ts'
import { nodeGroupDegraded } from './node-group-degraded.ts'
import { nodeGroupUpdateStalls } from './node-group-update-stalls.ts'
import { nodeNeverJoins } from './node-never-joins.ts'
import { nodesCordoned } from './nodes-cordoned.ts'
import { objectGone } from './object-gone.ts'
import { rbacLacksVerb } from './rbac-lacks-verb.ts'
import { resourceControllerAway } from './resource-controller-away.ts'
import { restartedBefore } from './restarted-before.ts'
import { roleLacksAction } from './role-lacks-action.ts'
import { rollingRestart } from './rolling-restart.ts'
import { serverError } from './server-error.ts'
import { serviceNetworkLate } from './service-network-late.ts'
import { slowBoot } from './slow-boot.ts'
import { snatRulesRemoved } from './snat-rules-removed.ts'
import { spotInterruption } from './spot-interruption.ts'
import { staleRead } from './stale-read.ts'
import { subnetExhausted } from './subnet-exhausted.ts'
import { throttling } from './throttling.ts'
import { truncated } from './truncated.ts'
import { vcpuQuota } from './vcpu-quota.ts'
import { webhookAnswers } from './webhook-answers.ts'
import { workloadEdited } from './workload-edited.ts'

/** Every fault that a scenario may name. */
export const FAULTS: readonly FaultRow[] = [
  addonCrashloop,
  addonDegraded,
  alarmSounds,
  apiServerAway,
  capacityShortage,
  clockSkew,
  conflictStorm,
  containerExits,
  controlPlanePatchedByEks,
  controlPlaneUpdateFails,
  controlPlaneUpdateStalls,
  cutConnection,
  cutWatch,
  evictionBlocked,
  expiredToken,
  forbidden,
  hostTrouble,
  html,
  imageGone,
  instanceHealth,
  ipamHang,
  instanceMetadataStale,
  ipRulesRemoved,
  snatRulesRemoved,
  kubeletMisreports,
  kubeletSilent,
  latency,
  macAddressPolicy,
  nodeAgentDenies,
  nodeGroupDegraded,
  nodeGroupUpdateStalls,
  nodeNeverJoins,
  nodesCordoned,
  objectGone,
  rbacLacksVerb,
  resourceControllerAway,
  restartedBefore,
  roleLacksAction,
  rollingRestart,
  serverError,
  serviceNetworkLate,
  slowBoot,
  spotInterruption,
  staleRead,
  subnetExhausted,
  throttling,
  truncated,
  vcpuQuota,
  webhookAnswers,
  workloadEdited,
]

/** Throws for a name that no row has; scenarios that were read have none. */
export function faultRow(name: string): FaultRow {
  const row = FAULTS.find((each) => each.name === name)
  if (row === undefined) throw new Error(`There is no fault ${name}.`)
  return row
}
