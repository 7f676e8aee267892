import { type AwsHandlers, WireError } from '../../../contract.ts'
import { type FilterFields, filtered, type Input, textsOf } from '../answers.ts'
import type { InstanceTypes } from '../instance-types.ts'
import { chosen, paged } from './answers.ts'

/** Operations on instance types. */
export function instanceTypeHandlers(types: InstanceTypes): AwsHandlers {
  return { DescribeInstanceTypes: (input) => describeInstanceTypes(types, input) }
}

function describeInstanceTypes(types: InstanceTypes, input: Input): Record<string, unknown> {
  const missing = (type: string) =>
    new WireError(400, 'InvalidInstanceType', `The following supplied instance types do not exist: [${type}]`)
  const fields: FilterFields<string> = { 'instance-type': (type) => [type] }
  const found = filtered(
    chosen(types.names, textsOf(input, 'InstanceTypes'), (type) => type, missing),
    input,
    fields,
  )
  return paged(input, found, 'InstanceTypes', (type) => describeInstanceType(types, type))
}

function describeInstanceType(types: InstanceTypes, type: string): Record<string, unknown> {
  const facts = types.find(type)
  return {
    InstanceType: type,
    CurrentGeneration: true,
    Hypervisor: 'nitro',
    VCpuInfo: { DefaultVCpus: facts?.vcpus },
    MemoryInfo: { SizeInMiB: facts?.memoryMiB },
    ProcessorInfo: { SupportedArchitectures: [facts?.architecture === 'arm64' ? 'arm64' : 'x86_64'] },
    NetworkInfo: {
      MaximumNetworkInterfaces: facts?.interfaces,
      MaximumNetworkCards: 1,
      DefaultNetworkCardIndex: 0,
      NetworkCards: [{ NetworkCardIndex: 0, MaximumNetworkInterfaces: facts?.interfaces }],
      Ipv4AddressesPerInterface: facts?.addressesPerInterface,
    },
  }
}
