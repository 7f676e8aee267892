/**
 * Network limits of common instance families, for the day when DescribeInstanceTypes may not be called.
 * Read on 2026-08-20 from https://github.com/aws/amazon-vpc-cni-k8s/blob/b52188387/pkg/vpc/vpc_ip_resource_limit.go;
 * the live answer of EC2 comes first.
 */
export interface InterfaceLimits {
  readonly interfaces: number
  readonly addressesPerInterface: number
}

/** `sizes` reads `3x10 large`: three interfaces of ten addresses. A family may lack some of the sizes of its row. */
const FAMILIES: readonly { readonly names: string; readonly sizes: readonly string[] }[] = [
  { names: 't2', sizes: ['2x2 nano micro', '3x4 small', '3x6 medium', '3x12 large', '3x15 xlarge 2xlarge'] },
  { names: 't3 t4g', sizes: ['2x2 nano micro', '3x4 small', '3x6 medium', '3x12 large', '4x15 xlarge 2xlarge'] },
  { names: 't3a', sizes: ['2x2 nano micro', '2x4 small', '3x6 medium', '3x12 large', '4x15 xlarge 2xlarge'] },
  { names: 'm4', sizes: ['2x10 large', '4x15 xlarge 2xlarge', '8x30 4xlarge 10xlarge 16xlarge'] },
  {
    names: 'c4 r4 i3 m5 m5a m5ad m5d m5n c5a r5 r5a r5d r5n m6a c6a r6a m6i m6id c6i c6id r6i r6id m7i r7i c7i m7i-flex c7i-flex',
    sizes: [
      '3x10 large',
      '4x15 xlarge 2xlarge',
      '8x30 4xlarge 8xlarge 12xlarge',
      '15x50 16xlarge 24xlarge 32xlarge 48xlarge metal metal-24xl metal-48xl',
    ],
  },
  {
    names: 'c5 c5d c5n',
    sizes: ['3x10 large', '4x15 xlarge 2xlarge', '8x30 4xlarge 9xlarge 12xlarge', '15x50 18xlarge 24xlarge metal'],
  },
  {
    names: 'm6g m6gd c6g c6gd r6g r6gd m7g m7gd c7g c7gd r7g r7gd m7a c7a r7a m8g c8g r8g',
    sizes: [
      '2x4 medium',
      '3x10 large',
      '4x15 xlarge 2xlarge',
      '8x30 4xlarge 8xlarge 12xlarge',
      '15x50 16xlarge 24xlarge 32xlarge 48xlarge metal metal-24xl metal-48xl',
    ],
  },
  {
    names: 'm8i c8i r8i m8i-flex c8i-flex',
    sizes: [
      '3x20 large',
      '4x30 xlarge 2xlarge',
      '8x50 4xlarge',
      '10x50 8xlarge',
      '12x50 12xlarge',
      '16x64 16xlarge 24xlarge',
      '24x64 32xlarge 48xlarge 96xlarge metal-48xl metal-96xl',
    ],
  },
  { names: 'p3', sizes: ['4x15 2xlarge', '8x30 8xlarge 16xlarge'] },
  { names: 'p3dn', sizes: ['15x50 24xlarge'] },
  { names: 'g4dn', sizes: ['3x10 xlarge 2xlarge 4xlarge', '4x15 8xlarge 16xlarge', '8x30 12xlarge', '15x50 metal'] },
  { names: 'g5', sizes: ['4x15 xlarge 2xlarge', '8x30 4xlarge 8xlarge 16xlarge', '15x50 12xlarge 24xlarge', '7x50 48xlarge'] },
  { names: 'g6', sizes: ['4x15 xlarge 2xlarge', '8x30 4xlarge 8xlarge 12xlarge', '15x50 16xlarge 24xlarge 48xlarge'] },
]

/** Limits of an instance type by this table, or undefined for a type that it does not know. */
export function knownInterfaceLimits(instanceType: string): InterfaceLimits | undefined {
  const [family, size] = instanceType.split('.')
  const row = FAMILIES.find(({ names }) => names.split(' ').some((name) => name === family))
  const limits = row?.sizes.find((entry) =>
    entry
      .split(' ')
      .slice(1)
      .includes(size ?? ''),
  )
  return limits === undefined ? undefined : parseLimits(limits)
}

function parseLimits(entry: string): InterfaceLimits {
  const [interfaces = 0, addressesPerInterface = 0] = (entry.split(' ')[0] ?? '').split('x').map(Number)
  return { interfaces, addressesPerInterface }
}
