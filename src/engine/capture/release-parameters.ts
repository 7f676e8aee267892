import type { EksCluster, EksNodegroup } from '../../model/aws.ts'
import { formatMinor, parseMinor } from '../../model/kubernetes-minor.ts'

/**
 * Public SSM parameters that name the recommended release of an AMI type: path and members.
 * Sources: https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html,
 * https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id-bottlerocket.html
 */
function parametersOf(amiType: string, minor: string): readonly string[] {
  const amazonLinux = AMAZON_LINUX[amiType]
  if (amazonLinux !== undefined) {
    const root = `/aws/service/eks/optimized-ami/${minor}/${amazonLinux}/recommended`
    return [`${root}/release_version`, `${root}/image_id`]
  }
  const bottlerocket = /^BOTTLEROCKET_(x86_64|ARM_64)(_NVIDIA)?(_FIPS)?$/.exec(amiType)
  if (bottlerocket === null) return []
  const [, architecture, nvidia, fips] = bottlerocket
  const flavour = `${nvidia === undefined ? '' : '-nvidia'}${fips === undefined ? '' : '-fips'}`
  const root = `/aws/service/bottlerocket/aws-k8s-${minor}${flavour}/${architecture === 'ARM_64' ? 'arm64' : 'x86_64'}/latest`
  return [`${root}/image_version`, `${root}/image_id`]
}

const AMAZON_LINUX: Readonly<Record<string, string>> = {
  AL2_x86_64: 'amazon-linux-2',
  AL2_x86_64_GPU: 'amazon-linux-2-gpu',
  AL2_ARM_64: 'amazon-linux-2-arm64',
  AL2023_x86_64_STANDARD: 'amazon-linux-2023/x86_64/standard',
  AL2023_ARM_64_STANDARD: 'amazon-linux-2023/arm64/standard',
  AL2023_x86_64_NVIDIA: 'amazon-linux-2023/x86_64/nvidia',
  AL2023_ARM_64_NVIDIA: 'amazon-linux-2023/arm64/nvidia',
  AL2023_x86_64_NEURON: 'amazon-linux-2023/x86_64/neuron',
}

/** Names of the parameters for the AMI types and minors in play: each group's own minor and the control plane's. */
export function releaseParameters(cluster: EksCluster, groups: readonly EksNodegroup[]): readonly string[] {
  const names = groups.flatMap((group) => {
    const minors = new Set([group.version, cluster.version].flatMap((version) => minorText(version)))
    return [...minors].flatMap((minor) => parametersOf(group.amiType ?? '', minor))
  })
  return [...new Set(names)].sort()
}

function minorText(version: string | undefined): readonly string[] {
  const minor = parseMinor(version)
  return minor === undefined ? [] : [formatMinor(minor)]
}
