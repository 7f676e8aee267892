import type { Signature } from './definition.ts'
import { ipamdNotServing } from './f01-ipamd-not-serving.ts'
import { roleLacksAction } from './f02-role-lacks-action.ts'
import { ipv6DescribeSubnets } from './f03-ipv6-describe-subnets.ts'
import { noCredentials } from './f04-no-credentials.ts'
import { kubeProxyOnNode } from './f05-kube-proxy.ts'
import { hostState } from './f06-host-state.ts'
import { lateServiceNetwork } from './f07-many-services.ts'
import { awsUnreachable } from './f08-aws-unreachable.ts'
import { metadataService } from './f09-metadata-service.ts'
import { clusterRole } from './f10-cluster-role.ts'
import { networkCardPanic } from './f11-network-card-panic.ts'
import { unknownInstanceType } from './f12-unknown-instance-type.ts'
import { iptablesBackend } from './f13-iptables-backend.ts'
import { noEniConfig } from './f14-no-eniconfig.ts'
import { cniNodeRegression } from './f15-cninode-regression.ts'
import { configuration } from './f16-configuration.ts'
import { nodeAgent } from './f17-node-agent.ts'
import { agentPair } from './f18-agent-pair.ts'
import { insufficientReplicas } from './f19-insufficient-replicas.ts'
import { configurationConflict } from './f20-configuration-conflict.ts'
import { admissionDenied } from './f21-admission-denied.ts'
import { updateWebhook } from './p01-update-webhook.ts'
import { branchRefused } from './p02-branch-refused.ts'
import { noController } from './p03-no-controller.ts'
import { noBranchLeft } from './p04-no-branch-left.ts'
import { trunkRefused } from './p05-trunk-refused.ts'
import { poolEmpty } from './p06-pool-empty.ts'
import { subnetFull } from './p07-subnet-full.ts'
import { fragmentedSubnet } from './p08-fragmented-subnet.ts'
import { cordonedNode } from './p09-cordoned-node.ts'
import { ipamdAway } from './p10-ipamd-away.ts'
import { pluginVersion } from './p11-plugin-version.ts'
import { agentMissing } from './p12-agent-missing.ts'
import { agentDenies } from './p13-agent-denies.ts'
import { nftables } from './p14-nftables.ts'
import { rulesRemoved } from './p15-rules-removed.ts'
import { macPolicy } from './p16-mac-policy.ts'
import { forgottenInterface } from './p17-forgotten-interface.ts'
import { downgradedPlugin } from './p18-downgraded-plugin.ts'
import { branchCooldown } from './p19-branch-cooldown.ts'
import { noAwsNode } from './p20-no-aws-node.ts'
import { noTrunk } from './p21-no-trunk.ts'
import { leakedInterfaces } from './p22-leaked-interfaces.ts'
import { zeroGrace } from './p23-zero-grace.ts'
import { strictMode } from './p24-strict-mode.ts'

/** Every signature, in the order of the catalogue: aws-node that is not Ready, then pods without a network. */
export const SIGNATURES: readonly Signature[] = [
  ipamdNotServing,
  roleLacksAction,
  ipv6DescribeSubnets,
  noCredentials,
  kubeProxyOnNode,
  hostState,
  lateServiceNetwork,
  awsUnreachable,
  metadataService,
  clusterRole,
  networkCardPanic,
  unknownInstanceType,
  iptablesBackend,
  noEniConfig,
  cniNodeRegression,
  configuration,
  nodeAgent,
  agentPair,
  insufficientReplicas,
  configurationConflict,
  admissionDenied,
  updateWebhook,
  branchRefused,
  noController,
  noBranchLeft,
  trunkRefused,
  poolEmpty,
  subnetFull,
  fragmentedSubnet,
  cordonedNode,
  ipamdAway,
  pluginVersion,
  agentMissing,
  agentDenies,
  nftables,
  rulesRemoved,
  macPolicy,
  forgottenInterface,
  downgradedPlugin,
  branchCooldown,
  noAwsNode,
  noTrunk,
  leakedInterfaces,
  zeroGrace,
  strictMode,
]
