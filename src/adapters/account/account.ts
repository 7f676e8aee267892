import { GetServiceQuotaCommand, type ServiceQuotasClient } from '@aws-sdk/client-service-quotas'
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm'
import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import { isSerinError } from '../../errors/serin-error.ts'
import type { Credentials } from '../../model/aws.ts'
import { iso } from '../../model/instant.ts'
import type { Account } from '../../ports/account.ts'
import { type AwsCaller, plain, withMembers } from '../aws-call.ts'

interface AccountClients {
  readonly sts: STSClient
  readonly ssm: SSMClient
  readonly quotas: ServiceQuotasClient
}

/** Who we are (STS), public parameters (SSM) and quotas over the SDK clients. */
export function createAccount({ sts, ssm, quotas }: AccountClients, caller: AwsCaller): Account {
  return {
    callerIdentity: () =>
      caller.read('sts:GetCallerIdentity', async () => {
        const answer = await sts.send(new GetCallerIdentityCommand({}))
        return plain({ Account: withMembers('sts:GetCallerIdentity', answer, 'Account', 'Arn').Account, Arn: answer.Arn })
      }),
    credentials: () => caller.read('aws:credentials', async () => told(await sts.config.credentials())),
    clockOffset: () => sts.config.systemClockOffset,
    parameter: (name) =>
      unlessMissing(() =>
        caller.read('ssm:GetParameter', async () => {
          const { Parameter } = await ssm.send(new GetParameterCommand({ Name: name }))
          const { Name, Value } = withMembers('ssm:GetParameter', Parameter, 'Name', 'Value')
          return { Name, Value }
        }),
      ),
    quota: (ServiceCode, QuotaCode) =>
      unlessMissing(() =>
        caller.read('servicequotas:GetServiceQuota', async () => {
          const { Quota } = await quotas.send(new GetServiceQuotaCommand({ ServiceCode, QuotaCode }))
          const { QuotaName, Value } = withMembers('servicequotas:GetServiceQuota', Quota, 'Value')
          return { ServiceCode, QuotaCode, QuotaName, Value }
        }),
      ),
  }
}

/** What does not exist is undefined. */
async function unlessMissing<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question()
  } catch (error) {
    if (isSerinError(error, 'REMOTE_NOT_FOUND')) return undefined
    throw error
  }
}

type Identity = Awaited<ReturnType<STSClient['config']['credentials']>>

/** Of a session that the environment or a file holds nobody gives the next; every other source is asked again by the SDK. */
function told({ sessionToken, expiration, $source }: Identity & { readonly $source?: object }): Credentials {
  const written = ['CREDENTIALS_ENV_VARS', 'CREDENTIALS_PROFILE', 'CREDENTIALS_CODE'].some(
    (source) => $source !== undefined && source in $source,
  )
  const session = sessionToken !== undefined
  return {
    ...(expiration === undefined ? {} : { Expiration: iso(expiration.getTime()) }),
    session,
    renewable: !session || (expiration !== undefined && !written),
  }
}
