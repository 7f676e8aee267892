/**
 * Networking limits of common instance families. `sizes` reads `large 2 3x10 9`: 2 vCPU, three interfaces of ten addresses on the
 * default network card, nine branch interfaces (none: no trunk). Interfaces and branches were read on 2026-04-23 from
 * https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/b8d4251/pkg/aws/vpc/limits.go (generated 2026-03-20), which agrees with
 * misc/eni-max-pods.txt of amazon-vpc-cni-k8s; vCPU and memory are those of https://aws.amazon.com/ec2/instance-types/.
 */
export interface Family {
  readonly names: string
  /** Memory of each vCPU; where that does not hold, the row names its GiB after the vCPU: `2/0.5`. */
  readonly gibPerVcpu: number
  readonly architecture?: 'amd64' | 'arm64'
  readonly sizes: readonly string[]
}

const FIFTH = [
  'large 2 3x10 9',
  'xlarge 4 4x15 18',
  '2xlarge 8 4x15 38',
  '4xlarge 16 8x30 54',
  '8xlarge 32 8x30 54',
  '12xlarge 48 8x30 54',
  '16xlarge 64 15x50 107',
  '24xlarge 96 15x50 107',
]

const SIXTH = [
  'large 2 3x10 9',
  'xlarge 4 4x15 18',
  '2xlarge 8 4x15 38',
  '4xlarge 16 8x30 54',
  '8xlarge 32 8x30 84',
  '12xlarge 48 8x30 114',
  '16xlarge 64 15x50 107',
  '24xlarge 96 15x50 107',
  '32xlarge 128 15x50 107',
]

const LARGEST = '48xlarge 192 15x50 107'
const SEVENTH = [...SIXTH.slice(0, -1), LARGEST]

const GRAVITON = ['medium 1 2x4 4', ...FIFTH.slice(0, -1)]
const GRAVITON_4 = ['medium 1 2x4 4', ...FIFTH, LARGEST]
const SEVENTH_AMD = ['medium 1 2x4 4', ...SIXTH, LARGEST]

const FLEX = [
  'large 2 3x10 3',
  'xlarge 4 4x15 8',
  '2xlarge 8 4x15 18',
  '4xlarge 16 8x30 34',
  '8xlarge 32 8x30 54',
  '12xlarge 48 8x30 114',
  '16xlarge 64 15x50 107',
]

const EIGHTH = [
  'large 2 3x20 9',
  'xlarge 4 4x30 18',
  '2xlarge 8 4x30 38',
  '4xlarge 16 8x50 54',
  '8xlarge 32 10x50 82',
  '12xlarge 48 12x50 110',
  '16xlarge 64 16x64 106',
  '24xlarge 96 16x64 106',
  '32xlarge 128 24x64 98',
  '48xlarge 192 24x64 98',
  '96xlarge 384 24x64 98',
]

const C5 = [
  'large 2 3x10 9',
  'xlarge 4 4x15 18',
  '2xlarge 8 4x15 38',
  '4xlarge 16 8x30 54',
  '9xlarge 36 8x30 54',
  '12xlarge 48 8x30 54',
  '18xlarge 72 15x50 107',
  '24xlarge 96 15x50 107',
]

const FOURTH = ['large 2 2x10 0', 'xlarge 4 4x15 0', '2xlarge 8 4x15 0', '4xlarge 16 8x30 0', '10xlarge 40 8x30 0', '16xlarge 64 8x30 0']

const STORAGE = ['large 2 3x10 0', 'xlarge 4 4x15 0', '2xlarge 8 4x15 0', '4xlarge 16 8x30 0', '8xlarge 32 8x30 0', '16xlarge 64 15x50 0']

const I4I = [
  'large 2 3x10 0',
  'xlarge 4 4x15 6',
  '2xlarge 8 4x15 26',
  '4xlarge 16 8x30 52',
  '8xlarge 32 8x30 112',
  '12xlarge 48 8x30 112',
  '16xlarge 64 15x50 120',
  '24xlarge 96 15x30 105',
  '32xlarge 128 15x50 120',
]

const G4DN = [
  'xlarge 4 3x10 39',
  '2xlarge 8 3x10 39',
  '4xlarge 16 3x10 59',
  '8xlarge 32 4x15 58',
  '12xlarge 48 8x30 54',
  '16xlarge 64 4x15 118',
]

const G5 = [
  'xlarge 4 4x15 4',
  '2xlarge 8 4x15 17',
  '4xlarge 16 8x30 34',
  '8xlarge 32 8x30 84',
  '12xlarge 48 15x50 107',
  '16xlarge 64 8x30 114',
  '24xlarge 96 15x50 107',
  '48xlarge 192 7x50 115',
]

const G6 = [
  'xlarge 4 4x15 18',
  '2xlarge 8 4x15 38',
  '4xlarge 16 8x30 54',
  '8xlarge 32 8x30 84',
  '12xlarge 48 8x30 114',
  '16xlarge 64 15x50 107',
  '24xlarge 96 15x50 107',
  LARGEST,
]

const BURSTABLE = [
  'nano 2/0.5 2x2 0',
  'micro 2/1 2x2 0',
  'small 2/2 3x4 0',
  'medium 2/4 3x6 0',
  'large 2/8 3x12 0',
  'xlarge 4/16 4x15 0',
  '2xlarge 8/32 4x15 0',
]

export const FAMILIES: readonly Family[] = [
  { names: 't3', gibPerVcpu: 0, sizes: BURSTABLE },
  { names: 't3a', gibPerVcpu: 0, sizes: BURSTABLE.map((size) => size.replace('2/2 3x4', '2/2 2x4')) },
  { names: 't4g', gibPerVcpu: 0, architecture: 'arm64', sizes: BURSTABLE },
  { names: 'm4', gibPerVcpu: 4, sizes: FOURTH },
  { names: 'm5 m5a m5d m5n', gibPerVcpu: 4, sizes: FIFTH },
  { names: 'm6i m6id', gibPerVcpu: 4, sizes: SIXTH },
  { names: 'm6a', gibPerVcpu: 4, sizes: [...SIXTH, LARGEST] },
  { names: 'm6g m7g', gibPerVcpu: 4, architecture: 'arm64', sizes: GRAVITON },
  { names: 'm7i', gibPerVcpu: 4, sizes: SEVENTH },
  { names: 'm7i-flex', gibPerVcpu: 4, sizes: FLEX },
  { names: 'm7a', gibPerVcpu: 4, sizes: SEVENTH_AMD },
  { names: 'm8i', gibPerVcpu: 4, sizes: EIGHTH },
  { names: 'm8g', gibPerVcpu: 4, architecture: 'arm64', sizes: GRAVITON_4 },
  { names: 'c5 c5d', gibPerVcpu: 2, sizes: C5 },
  { names: 'c5a', gibPerVcpu: 2, sizes: FIFTH },
  { names: 'c6i', gibPerVcpu: 2, sizes: SIXTH },
  { names: 'c6a', gibPerVcpu: 2, sizes: [...SIXTH, LARGEST] },
  { names: 'c6g c6gn c7g', gibPerVcpu: 2, architecture: 'arm64', sizes: GRAVITON },
  { names: 'c7i', gibPerVcpu: 2, sizes: SEVENTH },
  { names: 'c7i-flex', gibPerVcpu: 2, sizes: FLEX },
  { names: 'c7a', gibPerVcpu: 2, sizes: SEVENTH_AMD },
  { names: 'c8i', gibPerVcpu: 2, sizes: EIGHTH },
  { names: 'c8g', gibPerVcpu: 2, architecture: 'arm64', sizes: GRAVITON_4 },
  { names: 'r5 r5a r5d', gibPerVcpu: 8, sizes: FIFTH },
  { names: 'r6i', gibPerVcpu: 8, sizes: SIXTH },
  { names: 'r6a', gibPerVcpu: 8, sizes: [...SIXTH, LARGEST] },
  { names: 'r6g r7g', gibPerVcpu: 8, architecture: 'arm64', sizes: GRAVITON },
  { names: 'r7i', gibPerVcpu: 8, sizes: SEVENTH },
  { names: 'r7a', gibPerVcpu: 8, sizes: SEVENTH_AMD },
  { names: 'r8i', gibPerVcpu: 8, sizes: EIGHTH },
  { names: 'r8g', gibPerVcpu: 8, architecture: 'arm64', sizes: GRAVITON_4 },
  { names: 'i3', gibPerVcpu: 7.625, sizes: STORAGE },
  { names: 'i4i', gibPerVcpu: 8, sizes: I4I },
  { names: 'g4dn', gibPerVcpu: 4, sizes: G4DN },
  { names: 'g5', gibPerVcpu: 4, sizes: G5 },
  { names: 'g6', gibPerVcpu: 4, sizes: G6 },
  { names: 'p3dn', gibPerVcpu: 8, sizes: ['24xlarge 96 15x50 107'] },
]
