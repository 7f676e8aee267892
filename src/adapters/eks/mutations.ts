import {
  CancelUpdateCommand,
  CreateNodegroupCommand,
  type CreateNodegroupCommandInput,
  DeleteNodegroupCommand,
  type EKSClient,
  type NodegroupUpdateStrategies,
  UpdateAddonCommand,
  UpdateClusterVersionCommand,
  UpdateNodegroupConfigCommand,
  UpdateNodegroupVersionCommand,
} from '@aws-sdk/client-eks'
import { SerinError } from '../../errors/serin-error.ts'
import type { Eks } from '../../ports/eks.ts'
import { type AwsCaller, plain, withMembers } from '../aws-call.ts'
import { ofSubject } from './updates.ts'

/** What changes a cluster. Each call carries our token, so that the same command sent twice is one update. */
export function mutations(client: EKSClient, caller: AwsCaller) {
  return {
    updateNodegroupVersion: (request) =>
      caller.mutate('eks:UpdateNodegroupVersion', async () => {
        requireToken('eks:UpdateNodegroupVersion', request.clientRequestToken)
        const { cluster, nodegroup, ...rest } = request
        const { update } = await client.send(
          new UpdateNodegroupVersionCommand({ clusterName: cluster, nodegroupName: nodegroup, force: false, ...rest }),
        )
        return ofSubject(plain(withMembers('eks:UpdateNodegroupVersion', update, 'id')), { nodegroup })
      }),
    updateNodegroupConfig: (request) =>
      caller.mutate('eks:UpdateNodegroupConfig', async () => {
        requireToken('eks:UpdateNodegroupConfig', request.clientRequestToken)
        const { cluster, nodegroup, updateConfig, ...rest } = request
        const strategy = updateConfig?.updateStrategy as NodegroupUpdateStrategies | undefined
        const config = updateConfig === undefined ? {} : { updateConfig: { ...updateConfig, updateStrategy: strategy } }
        const { update } = await client.send(
          new UpdateNodegroupConfigCommand({ clusterName: cluster, nodegroupName: nodegroup, ...rest, ...config }),
        )
        return ofSubject(plain(withMembers('eks:UpdateNodegroupConfig', update, 'id')), { nodegroup })
      }),
    updateAddon: (request) =>
      caller.mutate('eks:UpdateAddon', async () => {
        requireToken('eks:UpdateAddon', request.clientRequestToken)
        const { cluster, addon, version, ...rest } = request
        const { update } = await client.send(
          new UpdateAddonCommand({ clusterName: cluster, addonName: addon, addonVersion: version, ...rest }),
        )
        return ofSubject(plain(withMembers('eks:UpdateAddon', update, 'id')), { addon })
      }),
    updateClusterVersion: (request) =>
      caller.mutate('eks:UpdateClusterVersion', async () => {
        requireToken('eks:UpdateClusterVersion', request.clientRequestToken)
        const { cluster, rollbackTimeoutMinutes: timeoutMinutes, ...rest } = request
        const config = timeoutMinutes === undefined ? {} : { rollbackConfig: { timeoutMinutes } }
        const { update } = await client.send(new UpdateClusterVersionCommand({ name: cluster, ...rest, ...config }))
        return plain(withMembers('eks:UpdateClusterVersion', update, 'id'))
      }),
    createNodegroup: ({ cluster, nodegroup, settings, ...rest }) =>
      caller.mutate('eks:CreateNodegroup', async () => {
        requireToken('eks:CreateNodegroup', rest.clientRequestToken)
        const input = { ...settings, ...rest, clusterName: cluster, nodegroupName: nodegroup } as CreateNodegroupCommandInput
        const answer = await client.send(new CreateNodegroupCommand(input))
        return plain(withMembers('eks:CreateNodegroup', answer.nodegroup, 'nodegroupName', 'status'))
      }),
    deleteNodegroup: (clusterName, nodegroupName) =>
      caller.mutate('eks:DeleteNodegroup', async () => {
        await client.send(new DeleteNodegroupCommand({ clusterName, nodegroupName }))
      }),
    cancelUpdate: (name, updateId, clientRequestToken) =>
      caller.mutate('eks:CancelUpdate', async () => {
        requireToken('eks:CancelUpdate', clientRequestToken)
        const { update } = await client.send(new CancelUpdateCommand({ name, updateId, clientRequestToken }))
        return plain(withMembers('eks:CancelUpdate', update, 'id'))
      }),
  } satisfies Partial<Eks>
}

/** The SDK would make up a token of its own, and a repeated command would then be a second update. */
function requireToken(operation: string, token: string): void {
  if (token === '') throw new SerinError('REMOTE_REFUSED', `${operation}: a client request token is required`, { operation })
}
