import type { ScalingGroup } from './auto-scaling/group.ts'
import { choicesOf, type LaunchSource } from './auto-scaling/launch-source.ts'
import type { NodeGroup } from './node-groups.ts'

/**
 * What nodes the instances of an Auto Scaling group become. A group that users made later launches nodes like those of the world's group
 * with the same launch template or launch configuration: user data, and with it cluster, labels and taints, stands there. Undefined where
 * there is none such: its instances run and join no cluster. Both are our assumptions.
 */
export function nodeGroupBehind(groups: ReadonlyMap<string, NodeGroup>, scaling: ScalingGroup): NodeGroup | undefined {
  const all = [...groups.values()]
  const own = all.find((each) => each.scaling === scaling)
  if (own !== undefined) return own
  const wanted = namesOf(scaling.launch)
  const like = all.find(({ spec, template, scaling: theirs }) => {
    const known = spec.form === 'self-managed' ? [template.id, ...namesOf(theirs.launch)] : []
    return known.some((name) => wanted.includes(name))
  })
  return like && { ...like, spec: { ...like.spec, name: scaling.name }, scaling }
}

function namesOf(source: LaunchSource): readonly string[] {
  return source.kind === 'configuration' ? [source.name] : choicesOf(source).map(({ id }) => id)
}
