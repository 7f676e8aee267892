import type { ScalingGroup } from './auto-scaling/group.ts'
import { choicesOf, type LaunchSource } from './auto-scaling/launch-source.ts'
import type { NodeGroup } from './node-groups.ts'

/**
 * What nodes the instances of an Auto Scaling group become. A group that users made later launches nodes like those of the world's group
 * with the same launch template or launch configuration: user data, and with it cluster, labels and taints, stands there. Undefined where
 * there is none such: its instances run and join no cluster. Both are our assumptions.
 */
export function nodeGroupBehind(groups: ReadonlyMap<string, NodeGroup>, scaling: ScalingGroup): NodeGroup | undefined {
  const own = [...groups.values()].find((each) => each.scaling === scaling)
  if (own !== undefined) return own
  const like = nodeGroupLaunching(groups, namesOf(scaling.launch))
  return like && { ...like, spec: { ...like.spec, name: scaling.name }, scaling }
}

/** The world's group of self-managed nodes that launches from one of these launch templates or launch configurations. */
export function nodeGroupLaunching(groups: ReadonlyMap<string, NodeGroup>, names: readonly string[]): NodeGroup | undefined {
  return [...groups.values()].find(({ spec, template, scaling }) => {
    const known = spec.form === 'self-managed' ? [template.id, ...namesOf(scaling.launch)] : []
    return known.some((name) => names.includes(name))
  })
}

function namesOf(source: LaunchSource): readonly string[] {
  return source.kind === 'configuration' ? [source.name] : choicesOf(source).map(({ id }) => id)
}
