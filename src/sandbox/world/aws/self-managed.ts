import type { NodeGroupSpec } from '../world-spec.ts'
import { type LaunchSource, pinned, type TemplateChoice } from './auto-scaling/launch-source.ts'
import type { TemplateReference } from './instances.ts'
import type { LaunchConfiguration } from './launch-configurations.ts'

/**
 * What the Auto Scaling group of a node group launches from at the world's beginning: a managed one from EKS's own template, a
 * self-managed one from whatever its users made.
 * @param own a template with the AMI of the group's release.
 */
export function launchOf(
  spec: NodeGroupSpec,
  own: TemplateReference,
  made: { readonly imageId: string; readonly createdAt: number; readonly configurations: Map<string, LaunchConfiguration> },
): LaunchSource {
  const { selfManaged, instanceTypes } = spec
  if (spec.form !== 'self-managed' || selfManaged === undefined) return pinned(own)
  if (selfManaged.launchConfiguration === true) {
    const { imageId, createdAt } = made
    const name = `${spec.name}-configuration`
    made.configurations.set(name, { name, imageId, instanceType: instanceTypes[0] ?? '', createdAt })
    return { kind: 'configuration', name }
  }
  const template: TemplateChoice = selfManaged.launchTemplate ?? { id: own.id, version: String(own.version) }
  if (selfManaged.mixed === undefined) return { kind: 'template', template }
  const { onDemandBase, onDemandPercentage: onDemandPercent, onDemandStrategy, spotStrategy, weights } = selfManaged.mixed
  const overrides = instanceTypes.map((instanceType) => ({
    instanceType,
    ...(weights === undefined ? {} : { weight: weights[instanceType] ?? 1 }),
  }))
  const distribution = { onDemandBase, onDemandPercent, onDemandStrategy, spotStrategy }
  return { kind: 'mixed', policy: { template, overrides, distribution } }
}
