/**
 * How many branch interfaces (security groups for pods) an instance type carries; 0 where it has no trunk at all. EC2 does not tell.
 * Read from https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/b8d4251/pkg/aws/vpc/limits.go (generated 2026-03-20).
 */

/** `sizes` reads `9 large`: nine branch interfaces. A family may lack some of the sizes of its row. */
const FAMILIES: readonly { readonly names: string; readonly sizes: readonly string[] }[] = [
  {
    names: 'c5n c8a c8i c8id gr6f m8a m8i m8id r8a r8i r8id x8i',
    sizes: [
      '4 medium',
      '9 large',
      '18 xlarge',
      '38 2xlarge',
      '54 4xlarge 9xlarge',
      '82 8xlarge',
      '98 32xlarge 48xlarge 64xlarge 96xlarge metal-48xl metal-96xl',
      '106 16xlarge 24xlarge metal-24xl',
      '107 18xlarge metal',
      '110 12xlarge',
    ],
  },
  {
    names: 'c6a c6i c6id c7a c7i g6 gr6 inf2 m6a m6i m6id m7a m7i r6a r6i r6id r7a r7i r7iz x2idn',
    sizes: [
      '4 medium',
      '9 large',
      '18 xlarge',
      '38 2xlarge',
      '54 4xlarge',
      '84 8xlarge',
      '107 16xlarge 24xlarge 32xlarge 48xlarge metal-48xl metal metal-24xl metal-16xl metal-32xl',
      '114 12xlarge',
    ],
  },
  {
    names:
      'c5 c5a c5ad c5d c6g c6gd c6gn c7g c7gd c7gn c8g c8gd g5g i4g i8g im4gn is4gen m5a m5ad m5d m5dn m5n m6g m6gd m7g m7gd m8g m8gd r5a r5ad r5b r5d r5dn r5n r6g r6gd r7g r7gd r8g r8gd trn1n x8g',
    sizes: [
      '4 medium',
      '9 large',
      '18 xlarge',
      '38 2xlarge',
      '54 4xlarge 8xlarge 9xlarge 12xlarge',
      '107 16xlarge 18xlarge 24xlarge 48xlarge metal-24xl metal-48xl metal',
      '120 32xlarge',
    ],
  },
  {
    names: 'a1 i7i',
    sizes: [
      '9 large',
      '10 medium',
      '18 xlarge',
      '38 2xlarge',
      '54 4xlarge metal',
      '84 8xlarge 12xlarge',
      '107 16xlarge 24xlarge 48xlarge metal-24xl metal-48xl',
    ],
  },
  {
    names: 'i7ie',
    sizes: ['19 large', '27 xlarge 2xlarge 3xlarge', '54 6xlarge 12xlarge', '107 18xlarge 24xlarge 48xlarge metal-24xl metal-48xl'],
  },
  {
    names: 'i8ge',
    sizes: [
      '19 large',
      '25 3xlarge',
      '27 xlarge 2xlarge',
      '50 12xlarge',
      '52 6xlarge',
      '98 48xlarge metal-48xl',
      '106 18xlarge 24xlarge metal-24xl',
    ],
  },
  {
    names: 'c6in m6idn m6in p5e p5en p6-b200 p6-b300 r6idn r6in',
    sizes: [
      '9 large',
      '18 xlarge',
      '38 2xlarge',
      '54 4xlarge',
      '84 8xlarge',
      '106 32xlarge metal',
      '107 16xlarge 24xlarge',
      '114 12xlarge',
      '120 48xlarge',
    ],
  },
  {
    names: 'c8gb c8gn m8gb m8gn r8gb r8gn',
    sizes: [
      '4 medium',
      '9 large',
      '18 xlarge',
      '38 2xlarge',
      '50 12xlarge',
      '52 8xlarge',
      '54 4xlarge',
      '98 24xlarge 48xlarge',
      '106 16xlarge',
    ],
  },
  {
    names: 'i4i',
    sizes: ['0 large', '6 xlarge', '26 2xlarge', '52 4xlarge', '105 24xlarge', '112 8xlarge 12xlarge', '120 16xlarge 32xlarge metal'],
  },
  { names: 'm5 r5', sizes: ['9 large', '18 xlarge', '38 2xlarge', '54 4xlarge 8xlarge 12xlarge', '107 16xlarge 24xlarge', '120 metal'] },
  {
    names: 'm8azn p5 trn1 x8aedz',
    sizes: [
      '3 medium',
      '8 large',
      '17 2xlarge',
      '18 xlarge',
      '34 3xlarge',
      '54 6xlarge',
      '58 4xlarge',
      '82 32xlarge',
      '106 12xlarge 24xlarge metal-12xl metal-24xl',
      '120 48xlarge',
    ],
  },
  {
    names: 'p4d p4de x2gd',
    sizes: ['9 large', '10 medium', '18 xlarge', '38 2xlarge', '54 4xlarge 8xlarge 12xlarge', '62 24xlarge', '107 16xlarge metal'],
  },
  { names: 'g5', sizes: ['4 xlarge', '17 2xlarge', '34 4xlarge', '84 8xlarge', '107 12xlarge 24xlarge', '114 16xlarge', '115 48xlarge'] },
  {
    names: 'g6e g6f',
    sizes: [
      '10 large',
      '18 xlarge',
      '38 2xlarge',
      '54 4xlarge',
      '82 48xlarge',
      '84 8xlarge',
      '102 24xlarge',
      '107 16xlarge',
      '112 12xlarge',
    ],
  },
  { names: 'i3en', sizes: ['5 large', '12 xlarge', '28 2xlarge', '38 3xlarge', '54 6xlarge 12xlarge', '107 24xlarge metal'] },
  { names: 'x2iedn', sizes: ['11 xlarge', '27 2xlarge', '54 4xlarge', '107 16xlarge 24xlarge 32xlarge metal', '114 8xlarge'] },
  { names: 'c7i-flex m7i-flex', sizes: ['3 large', '8 xlarge', '18 2xlarge', '34 4xlarge', '54 8xlarge', '107 16xlarge', '114 12xlarge'] },
  {
    names: 'c8i-flex m8i-flex r8i-flex',
    sizes: ['3 large', '8 xlarge', '18 2xlarge', '34 4xlarge', '52 8xlarge', '106 16xlarge', '110 12xlarge'],
  },
  { names: 'g4dn', sizes: ['39 xlarge 2xlarge', '54 12xlarge', '58 8xlarge', '59 4xlarge', '107 metal', '118 16xlarge'] },
  { names: 'i3', sizes: ['0 large xlarge 2xlarge 4xlarge 8xlarge 16xlarge', '120 metal'] },
  {
    names: 'm5zn x2iezn',
    sizes: ['13 large', '29 xlarge', '62 2xlarge', '92 3xlarge', '107 12xlarge metal', '114 4xlarge 6xlarge 8xlarge'],
  },
  { names: 'z1d', sizes: ['13 large', '28 xlarge', '54 3xlarge 6xlarge', '58 2xlarge', '107 12xlarge metal'] },
  { names: 'd3en', sizes: ['24 xlarge', '58 2xlarge', '118 4xlarge 6xlarge 8xlarge', '119 12xlarge'] },
  { names: 'g4ad', sizes: ['6 16xlarge', '10 8xlarge', '11 4xlarge', '12 xlarge 2xlarge'] },
  { names: 'd3', sizes: ['42 xlarge', '92 2xlarge', '118 4xlarge', '119 8xlarge'] },
  { names: 'inf1', sizes: ['38 xlarge 2xlarge', '54 6xlarge', '111 24xlarge'] },
  { names: 'c1 c3 c4 d2 f1 h1 i2 m1 m2 m3 m4 p3 r3 r4 t1 t2 t3 t3a t4g u-6tb1 x1 x1e', sizes: [] },
]

/** Branch interfaces of an instance type; 0 for a family without trunks, undefined for a type that the table does not know. */
export function branchInterfacesOf(instanceType: string): number | undefined {
  const [family, size = ''] = instanceType.split('.')
  const row = FAMILIES.find(({ names }) => names.split(' ').some((name) => name === family))
  if (row === undefined) return undefined
  if (row.sizes.length === 0) return 0
  const entry = row.sizes.find((each) => each.split(' ').slice(1).includes(size))
  return entry === undefined ? undefined : Number.parseInt(entry, 10)
}
