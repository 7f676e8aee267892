import { addonConfiguration } from './addon-configuration.ts'
import { addonListed } from './addon-listed.ts'
import { al2Image } from './al2-image.ts'
import { awsNodeHealthy } from './aws-node-healthy.ts'
import { canarySize } from './canary-size.ts'
import { clusterActive } from './cluster-active.ts'
import type { CheckDefinition } from './definition.ts'
import { groupTarget } from './group-target.ts'
import { hopPath } from './hop-path.ts'
import { identity } from './identity.ts'
import { insights } from './insights.ts'
import { installedListed } from './installed-listed.ts'
import { knownBadVersion } from './known-bad-version.ts'
import { kubeletSkew } from './kubelet-skew.ts'
import { nodeClasses } from './node-classes.ts'
import { nodegroupActive } from './nodegroup-active.ts'
import { nodegroupUpdate } from './nodegroup-update.ts'
import { nodesCordoned } from './nodes-cordoned.ts'
import { openRun } from './open-run.ts'
import { pdbAllowsNone } from './pdb-allows-none.ts'
import { planResolved } from './plan-resolved.ts'
import { selfManagedCni } from './self-managed-cni.ts'
import { serinOnNode } from './serin-on-node.ts'
import { subnetAddresses } from './subnet-addresses.ts'
import { wayBack } from './way-back.ts'

/** All checks in reading order: is this the right place, may anything move, is the target sound, is there room, who is in the way. */
export const CHECKS: readonly CheckDefinition[] = [
  // the right place, and nobody else in it
  identity,
  openRun,
  clusterActive,
  nodegroupActive,
  nodegroupUpdate,
  planResolved,
  // versions that fit each other, there and back
  groupTarget,
  al2Image,
  kubeletSkew,
  selfManagedCni,
  addonListed,
  installedListed,
  hopPath,
  knownBadVersion,
  addonConfiguration,
  wayBack,
  insights,
  // the cluster as it is now
  awsNodeHealthy,
  nodesCordoned,
  subnetAddresses,
  pdbAllowsNone,
  serinOnNode,
  // what the canary can prove
  canarySize,
  nodeClasses,
]
