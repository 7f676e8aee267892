import { isSerinError } from '../../errors/serin-error.ts'
import type { EksUpdate } from '../../model/aws.ts'
import type { CommandResult } from '../../model/command.ts'
import { MINUTE } from '../../model/instant.ts'
import type { ClusterPorts } from '../../ports/ports.ts'
import type { Senders } from './sender.ts'

/** Updates of Amazon EKS: each carries the command's id as its token, so that sent twice it is one update. */
export const EKS_SENDERS: Senders<
  'update-addon' | 'update-control-plane' | 'cancel-rollback' | 'update-nodegroup-version' | 'update-nodegroup-config' | 'scale-nodegroup'
> = {
  'update-addon': async ({ ports: { eks }, cluster }, { addon, spec, resolveConflicts }, clientRequestToken) => {
    const { version, configurationValues, serviceAccountRoleArn } = spec
    return begun(
      await eks.updateAddon({ cluster, addon, version, resolveConflicts, configurationValues, serviceAccountRoleArn, clientRequestToken }),
    )
  },
  'update-control-plane': async ({ ports: { eks }, cluster }, { version, nodesBackWithin }, clientRequestToken) => {
    const timeout = nodesBackWithin !== undefined && { rollbackTimeoutMinutes: Math.round(nodesBackWithin / MINUTE) }
    return begun(await eks.updateClusterVersion({ cluster, version, ...timeout, clientRequestToken }))
  },
  'cancel-rollback': async ({ ports: { eks }, cluster }, { updateId }, clientRequestToken) => {
    try {
      await eks.cancelUpdate(cluster, updateId, clientRequestToken)
      return { kind: 'accepted' }
    } catch (error) {
      // The control plane itself is on its way by now: there is nothing left to cancel.
      if (isSerinError(error, 'REMOTE_REFUSED')) return { kind: 'moot' }
      throw error
    }
  },
  'update-nodegroup-version': async ({ ports: { eks }, cluster }, { group, spec, force }, clientRequestToken) => {
    const launchTemplate = spec.launchTemplate && { id: spec.launchTemplate.id, version: spec.launchTemplate.version }
    const { version, releaseVersion } = spec
    return begun(
      await eks.updateNodegroupVersion({
        cluster,
        nodegroup: group,
        version,
        releaseVersion,
        launchTemplate,
        ...(force && { force }),
        clientRequestToken,
      }),
    )
  },
  'update-nodegroup-config': async ({ ports: { eks }, cluster }, { group, settings }, clientRequestToken) =>
    begun(await eks.updateNodegroupConfig({ cluster, nodegroup: group, updateConfig: settings, clientRequestToken })),
  'scale-nodegroup': async ({ ports, cluster }, { group, sizes }, clientRequestToken) => {
    const { min, max, desired, raisedBy } = sizes
    const { eks } = ports
    // What an autoscaler has grown meanwhile would be lowered, and nodes ended.
    if (desired !== undefined && raisedBy !== undefined && (await sizeNow(ports, cluster, group)) !== desired - raisedBy)
      return { kind: 'moot', unwanted: true }
    const scalingConfig = { minSize: min, maxSize: max, ...(desired !== undefined && { desiredSize: desired }) }
    return begun(await eks.updateNodegroupConfig({ cluster, nodegroup: group, scalingConfig, clientRequestToken }))
  },
}

/** The size of the Auto Scaling group behind it: what EKS says of the size may be from before. */
async function sizeNow({ eks, autoScaling }: ClusterPorts, cluster: string, nodegroup: string): Promise<number | undefined> {
  const { resources, scalingConfig } = await eks.describeNodegroup(cluster, nodegroup)
  const name = resources?.autoScalingGroups?.[0]?.name
  const [behind] = name === undefined ? [] : await autoScaling.describeGroups([name])
  return Math.max(scalingConfig?.desiredSize ?? 0, behind?.DesiredCapacity ?? 0)
}

function begun(update: EksUpdate): CommandResult {
  return { kind: 'accepted', ...(update.id && { updateId: update.id }) }
}
