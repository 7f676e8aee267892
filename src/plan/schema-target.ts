import { z } from 'zod'
import { approval, duration, minor, pattern, release, says, strict, text } from './schema-parts.ts'

const addonVersion = pattern(
  /^(recommended|latest|v?\d+\.\d+\.\d+-eksbuild\.\d+)$/,
  'is not a version of an EKS add-on',
  'Write `recommended` (the default of the cluster minor), `latest`, or a full version such as `v1.22.4-eksbuild.3`.',
)

function addons(gateUse: z.ZodType) {
  const addon = strict({
    name: text.describe('Name of the EKS add-on: `vpc-cni`, `kube-proxy`, `coredns`, …'),
    version: addonVersion.describe('`recommended`, `latest` or a full version. The VPC CNI moves one minor per hop.'),
    resolveConflicts: z
      .enum(['PRESERVE', 'OVERWRITE', 'NONE'])
      .default('PRESERVE')
      .describe('What EKS does with values changed by others.'),
    gates: gateUse.optional().describe('Gates after every hop: a name from `gates`, or a list.'),
    soak: duration.default(600_000).describe('Time that must be seen passing after every hop; 10m when absent.'),
  })
  return z.array(addon).default([]).describe('Add-ons in the order in which they move, one after the other.')
}

/** Limits of `rollbackConfig.timeoutMinutes`: https://docs.aws.amazon.com/eks/latest/APIReference/API_RollbackConfig.html */
const NODES_BACK = { least: 120 * 60_000, most: 10_080 * 60_000 }

function controlPlane(gateUse: z.ZodType) {
  return strict({
    version: minor.describe('The minor after the present one, `"1.34"`; a control plane goes one minor at a time.'),
    gates: gateUse.optional().describe('Gates after the step: a name from `gates`, or a list; `[control-plane]` when absent.'),
    soak: duration
      .default(3_600_000)
      .describe('Time that must be seen passing before anything else moves, 1h when absent. Nodes stay behind: going back is one call.'),
    approval,
    nodesBackWithin: duration
      .refine(
        (span) => span >= NODES_BACK.least && span <= NODES_BACK.most,
        says('is no time that EKS takes', 'Write a time from `2h` to `7d`.'),
      )
      .optional()
      .describe('Auto Mode: how long its nodes may take to go back, from 2h to 7d; EKS gives them 12h when absent.'),
  })
}

/** What the cluster is to become. */
export function target(gateUse: z.ZodType) {
  return strict({
    kubernetesVersion: minor.optional().describe('Minor of the node groups, `"1.33"`; absent: each group keeps its own.'),
    images: release.optional().describe('`latest`, `keep` or an AMI release; resolved once and sent explicitly to every group.'),
    addons: addons(gateUse),
    controlPlane: controlPlane(gateUse)
      .optional()
      .describe('Only where it stands here does the control plane move: by one minor, after the add-ons and before the nodes.'),
  })
}
