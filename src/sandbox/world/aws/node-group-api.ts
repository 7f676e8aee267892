import type { AwsHandlers } from '../../contract.ts'
import { numberOf, pageOf, textOf } from './answers.ts'
import { invalidParameter } from './eks-errors.ts'
import { updateNodegroupConfig } from './node-group/config.ts'
import { type NodeGroupApiDeps, shownGroup } from './node-group/context.ts'
import { createNodegroup } from './node-group/create.ts'
import { deleteNodegroup } from './node-group/delete.ts'
import { describeGroup } from './node-group/describe.ts'
import { updateNodegroupVersion } from './node-group/version.ts'
import type { NodeGroup } from './node-groups.ts'
import { createTokens } from './tokens.ts'

/** The node group operations of EKS, in SDK shapes. Every input names the cluster; that was checked before. */
export function nodeGroupHandlers(deps: NodeGroupApiDeps): AwsHandlers {
  const generations = new Map([...deps.groups.keys()].map((name) => [name, 1]))
  const creating = { ...deps, creations: createTokens<NodeGroup>(), generations }
  return {
    ListNodegroups(input) {
      const names = deps.shown.groups
        .all()
        .map(({ spec }) => spec.name)
        .sort()
      const page = pageOf(names, textOf(input, 'nextToken'), numberOf(input, 'maxResults') ?? 100, () => invalidParameter('Invalid token'))
      return { nodegroups: page.items, nextToken: page.next }
    },
    DescribeNodegroup: (input) => ({ nodegroup: describeGroup(deps, shownGroup(deps, input)) }),
    CreateNodegroup: (input) => createNodegroup(creating, input),
    DeleteNodegroup: (input) => deleteNodegroup(deps, input),
    UpdateNodegroupVersion: (input) => updateNodegroupVersion(deps, input),
    UpdateNodegroupConfig: (input) => updateNodegroupConfig(deps, input),
  }
}
