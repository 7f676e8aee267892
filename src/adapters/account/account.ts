import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm'
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import { isSerinError } from '../../errors/serin-error.ts'
import type { Account } from '../../ports/account.ts'
import { type AwsCaller, plain, withMembers } from '../aws-call.ts'

/** Who we are (STS) and public parameters (SSM) over the SDK clients. */
export function createAccount(sts: STSClient, ssm: SSMClient, caller: AwsCaller): Account {
  return {
    callerIdentity: () =>
      caller.read('sts:GetCallerIdentity', async () => {
        const answer = await sts.send(new GetCallerIdentityCommand({}))
        return plain({ Account: withMembers('sts:GetCallerIdentity', answer, 'Account', 'Arn').Account, Arn: answer.Arn })
      }),
    parameter: async (name) => {
      try {
        return await caller.read('ssm:GetParameter', async () => {
          const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name }))
          const { Name, Value } = withMembers('ssm:GetParameter', Parameter, 'Name', 'Value')
          return { Name, Value }
        })
      } catch (error) {
        if (isSerinError(error, 'REMOTE_NOT_FOUND')) return undefined
        throw error
      }
    },
  }
}
