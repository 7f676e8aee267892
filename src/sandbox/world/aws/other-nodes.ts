import type { Instant } from '../../../model/instant.ts'
import { keyedId } from '../../../model/keyed.ts'
import type { Machine } from '../../contract.ts'
import type { OtherNodesSpec } from '../other-nodes-spec.ts'
import type { ClusterSpec } from '../world-spec.ts'
import type { Image, Images } from './images.ts'
import { type AddressingMode, type InstanceTypes, maxPods } from './instance-types.ts'
import type { Instance, Instances } from './instances.ts'

export interface OtherNodesDeps {
  readonly seed: number
  readonly cluster: ClusterSpec
  readonly images: Images
  readonly instances: Instances
  readonly types: InstanceTypes
  readonly bornAt: Instant
  readonly mode: AddressingMode
}

/**
 * Nodes of the world's beginning that no Auto Scaling group launched: Karpenter's, Auto Mode's, hybrid ones. Nobody launches another
 * when one goes; labels and provider ids are those of the real ones. Throws when EC2 refuses one of them.
 */
export function openOtherNodes(specs: readonly OtherNodesSpec[], deps: OtherNodesDeps): readonly Machine[] {
  return specs.flatMap((spec) =>
    Array.from({ length: spec.count }, (_none, nth) =>
      spec.kind === 'hybrid' ? hybridMachine(spec, deps, nth) : ec2Machine(spec, deps, nth),
    ),
  )
}

function ec2Machine(spec: OtherNodesSpec, deps: OtherNodesDeps, nth: number): Machine {
  const { types, mode } = deps
  const image = imageOf(spec, deps)
  const instance = launched(spec, deps, image, nth)
  const facts = types.get(instance.type)
  const isAuto = spec.kind === 'auto'
  return {
    ...(isAuto ? { kind: 'auto' as const } : {}),
    instanceId: instance.id,
    privateIp: instance.privateIp,
    nodeName: instance.nodeName,
    group: spec.name,
    zone: instance.zone,
    subnetId: instance.subnetId,
    instanceType: instance.type,
    imageId: instance.imageId,
    kubeletVersion: image.kubeletVersion,
    architecture: facts.architecture,
    osImage: isAuto ? image.osImage.replace('Bottlerocket OS', 'Bottlerocket (EKS Auto, Standard)') : image.osImage,
    labels: { ...ec2Labels(spec, instance), ...spec.labels },
    taints: spec.taints,
    vcpus: facts.vcpus,
    memoryMiB: facts.memoryMiB,
    maxPods: isAuto ? 110 : maxPods(facts, mode),
  }
}

/** Auto Mode runs Bottlerocket. */
function imageOf({ kind, name, instanceType, kubernetesVersion }: OtherNodesSpec, { images, cluster, types }: OtherNodesDeps): Image {
  const arm = types.get(instanceType).architecture === 'arm64'
  const amiType = kind === 'auto' ? `BOTTLEROCKET_${arm ? 'ARM_64' : 'x86_64'}` : `AL2023_${arm ? 'ARM_64' : 'x86_64'}_STANDARD`
  const [newest] = images.releases(amiType, kubernetesVersion ?? cluster.kubernetesVersion)
  if (newest === undefined) throw new Error(`otherNodes.${name}: there is no image of ${kubernetesVersion}.`)
  return newest
}

function launched(spec: OtherNodesSpec, { instances, bornAt, cluster }: OtherNodesDeps, { imageId }: Image, nth: number): Instance {
  const subnetId = spec.subnetIds[nth % spec.subnetIds.length] ?? ''
  const owner = spec.kind === 'auto' ? 'eks:eks-cluster-name' : 'karpenter.sh/nodepool'
  const tags = { [`kubernetes.io/cluster/${cluster.name}`]: 'owned', [owner]: spec.kind === 'auto' ? cluster.name : spec.name }
  const market = spec.capacityType === 'SPOT' ? 'spot' : 'on-demand'
  const named = spec.kind === 'auto' ? ({ named: 'by-id' } as const) : {}
  const result = instances.launch({ group: '', type: spec.instanceType, market, subnetId, imageId, launchedAt: bornAt, tags, ...named })
  if (!result.ok) throw new Error(`otherNodes.${spec.name}: an instance cannot be launched: ${result.fault.message}`)
  return result.instance
}

/** Labels of Karpenter (https://karpenter.sh/docs/concepts/nodeclaims/) and of Auto Mode (EKS user guide, "set-builtin-node-pools"). */
function ec2Labels({ kind, name, capacityType }: OtherNodesSpec, { type, id }: Instance): Readonly<Record<string, string>> {
  const [family = '', size = ''] = type.split('.')
  const prefix = kind === 'auto' ? 'eks.amazonaws.com' : 'karpenter.k8s.aws'
  return {
    'karpenter.sh/nodepool': name,
    'karpenter.sh/capacity-type': capacityType === 'SPOT' ? 'spot' : 'on-demand',
    'karpenter.sh/registered': 'true',
    'karpenter.sh/initialized': 'true',
    [`${prefix}/instance-family`]: family,
    [`${prefix}/instance-size`]: size,
    [`${prefix}/instance-category`]: /^[a-z]+?(?=\d)/.exec(family)?.[0] ?? '',
    ...(kind === 'auto'
      ? { 'eks.amazonaws.com/compute-type': 'auto', 'eks.amazonaws.com/nodeclass': 'default', 'kubernetes.io/hostname': id }
      : { 'karpenter.k8s.aws/ec2nodeclass': 'default' }),
  }
}

/** A machine of the user's own, known by the id that Systems Manager gave it (https://github.com/aws/eks-hybrid). */
function hybridMachine(spec: OtherNodesSpec, { seed, cluster, images }: OtherNodesDeps, nth: number): Machine {
  const nodeName = `mi-${keyedId(17, seed, 'hybrid', spec.name, nth)}`
  const minor = spec.kubernetesVersion ?? cluster.kubernetesVersion
  const [image] = images.releases('AL2023_x86_64_STANDARD', minor)
  return {
    kind: 'hybrid',
    providerId: `eks-hybrid:///${cluster.region}/${cluster.name}/${nodeName}`,
    instanceId: nodeName,
    privateIp: `192.168.${Math.floor(nth / 250)}.${10 + (nth % 250)}`,
    nodeName,
    group: spec.name,
    zone: '',
    subnetId: '',
    instanceType: '',
    imageId: '',
    kubeletVersion: image?.kubeletVersion ?? `v${minor}.0`,
    architecture: 'amd64',
    osImage: 'Ubuntu 24.04.1 LTS',
    labels: {
      'eks.amazonaws.com/compute-type': 'hybrid',
      'eks.amazonaws.com/hybrid-credential-provider': 'ssm',
      ...spec.labels,
    },
    taints: spec.taints,
    vcpus: 8,
    memoryMiB: 32_768,
    maxPods: 110,
  }
}
