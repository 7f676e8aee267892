import { z } from 'zod'

const share = z.number().int().min(1).max(100)

/** Node auto repair of a group, in the API's words (API reference, NodeRepairConfig). */
export const nodeRepair = z.strictObject({
  enabled: z.boolean().default(true),
  maxUnhealthyNodeThresholdCount: z.number().int().min(1).optional(),
  maxUnhealthyNodeThresholdPercentage: share.optional(),
  maxParallelNodesRepairedCount: z.number().int().min(1).optional(),
  maxParallelNodesRepairedPercentage: share.optional(),
  nodeRepairConfigOverrides: z
    .array(
      z.strictObject({
        nodeMonitoringCondition: z.string(),
        nodeUnhealthyReason: z.string(),
        minRepairWaitTimeMins: z.number().int().min(1),
        repairAction: z.enum(['Replace', 'Reboot', 'NoAction']),
      }),
    )
    .optional(),
})

/** Members of a node group in a world file that most do without. */
export const nodeGroupExtras = {
  repair: nodeRepair.optional(),
  tags: z.record(z.string(), z.string()).optional(),
  diskSize: z.number().int().positive().optional(),
}

export type NodeRepairSpec = z.output<typeof nodeRepair>
