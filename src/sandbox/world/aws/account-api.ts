import type { Instant } from '../../../model/instant.ts'
import { type AwsHandlers, WireError } from '../../contract.ts'
import type { ClusterSpec } from '../world-spec.ts'
import { dateOf, type Input, textOf } from './answers.ts'
import { CALLER_ROLE } from './iam.ts'
import type { Images } from './images.ts'
import { parameterValue } from './parameters.ts'

export function stsHandlers(cluster: ClusterSpec): AwsHandlers {
  const { accountId } = cluster
  return {
    GetCallerIdentity: () => ({
      Account: accountId,
      Arn: `arn:aws:sts::${accountId}:assumed-role/${CALLER_ROLE}/sandbox`,
      UserId: 'AROASANDBOXSANDBOX000:sandbox',
    }),
  }
}

/** Public parameters with the recommended AMI of each type and minor (EKS user guide, "retrieve-ami-id" and "retrieve-ami-id-bottlerocket"). */
export function ssmHandlers(images: Images, start: Instant): AwsHandlers {
  return {
    GetParameter(input) {
      const name = textOf(input, 'Name') ?? ''
      const value = parameterValue(images, name)
      if (value === undefined) throw new WireError(400, 'ParameterNotFound', `Parameter ${name} not found.`)
      return { Parameter: { Name: name, Type: 'String', Value: value, Version: 1, LastModifiedDate: dateOf(start), DataType: 'text' } }
    },
    GetParameters: (input) => getParameters(images, input, start),
  }
}

function getParameters(images: Images, input: Input, start: Instant): Record<string, unknown> {
  const names = Array.isArray(input.Names) ? input.Names.map(String) : []
  const found = names.map((name) => ({ name, value: parameterValue(images, name) }))
  return {
    Parameters: found
      .filter(({ value }) => value !== undefined)
      .map(({ name, value }) => ({
        Name: name,
        Type: 'String',
        Value: value,
        Version: 1,
        LastModifiedDate: dateOf(start),
        DataType: 'text',
      })),
    InvalidParameters: found.filter(({ value }) => value === undefined).map(({ name }) => name),
  }
}
