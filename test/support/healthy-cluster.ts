/** The cluster that every test starts from: `shop`, control plane 1.33, twenty nodes on 1.32 in five groups over three zones. */

export const CLUSTER = 'shop'
export const ACCOUNT = '111122223333'
export const REGION = 'eu-central-1'
export const CAPTURED_AT = '2026-11-23T10:00:00Z'
export const STARTED_AT = '2026-10-01T08:00:00Z'
export const ENDPOINT = 'https://0F0E0D0C0B0A09080706050403020100.gr7.eu-central-1.eks.amazonaws.com'
export const CERTIFICATE = 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCnNob3AKLS0tLS1FTkQgQ0VSVElGSUNBVEUtLS0tLQo='

export const CNI_BEFORE = 'v1.20.4-eksbuild.2'
export const CNI_BETWEEN = 'v1.21.2-eksbuild.2'
export const CNI_AFTER = 'v1.22.4-eksbuild.3'

/** What an EKS-optimised AL2023 image of a minor is called. */
export const IMAGES: Readonly<Record<string, { readonly release: string; readonly ami: string; readonly kubelet: string }>> = {
  '1.32': { release: '1.32.9-20251002', ami: 'ami-01320000000000001', kubelet: 'v1.32.9-eks-113cf36' },
  '1.33': { release: '1.33.5-20261105', ami: 'ami-01330000000000001', kubelet: 'v1.33.5-eks-113cf36' },
}

export const ZONES = ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'] as const

export const SUBNETS = [
  { id: 'subnet-0a', zone: 'eu-central-1a', prefix: '10.0.0', cidr: '10.0.0.0/22' },
  { id: 'subnet-0b', zone: 'eu-central-1b', prefix: '10.0.4', cidr: '10.0.4.0/22' },
  { id: 'subnet-0c', zone: 'eu-central-1c', prefix: '10.0.8', cidr: '10.0.8.0/22' },
] as const

export interface TestGroup {
  readonly name: string
  readonly nodes: number
  readonly instanceType?: string
  readonly amiType?: string
  /** Minor of its nodes. */
  readonly minor?: string
}

export const GROUPS: readonly TestGroup[] = [
  { name: 'canary', nodes: 2 },
  { name: 'app-a', nodes: 5 },
  { name: 'app-b', nodes: 5 },
  { name: 'batch', nodes: 4 },
  { name: 'data', nodes: 4 },
]

export interface TestNode {
  readonly name: string
  readonly group: string
  readonly index: number
  readonly ip: string
  readonly instanceId: string
  readonly zone: string
  readonly subnet: string
  readonly instanceType: string
  readonly minor: string
  readonly ami: string
  readonly kubelet: string
}

/** The nodes of the groups, dealt out over the zones in turn; names and ids depend only on the position. */
export function nodesOfGroups(groups: readonly TestGroup[]): readonly TestNode[] {
  return groups
    .flatMap((group) => Array.from({ length: group.nodes }, (_, place) => ({ group, place })))
    .map(({ group, place }, index) => testNode(group, place, index))
}

function testNode(group: TestGroup, place: number, index: number): TestNode {
  const subnet = SUBNETS[place % SUBNETS.length] ?? SUBNETS[0]
  const minor = group.minor ?? '1.32'
  const image = IMAGES[minor]
  const ip = `${subnet.prefix}.${10 + index}`
  return {
    name: `ip-${ip.replaceAll('.', '-')}.${REGION}.compute.internal`,
    group: group.name,
    index,
    ip,
    instanceId: `i-0${index.toString(16).padStart(16, '0')}`,
    zone: subnet.zone,
    subnet: subnet.id,
    instanceType: group.instanceType ?? 'm5.large',
    minor,
    ami: image?.ami ?? 'ami-00000000000000000',
    kubelet: image?.kubelet ?? `v${minor}.0-eks-0000000`,
  }
}

/** `eks-app-a-…`, the Auto Scaling group behind a managed group. */
export function autoScalingGroupName(group: string): string {
  return `eks-${group}-b2c7d0d4-0000-4000-8000-000000000000`
}
