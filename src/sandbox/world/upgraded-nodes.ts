import type { Machine, ObjectStore } from '../contract.ts'
import type { AwsGround } from './aws/aws-side.ts'

/** Owners of nodes that no group launched bring them to the control plane's minor, where the world says when: in place, as `nodeadm upgrade` does. */
export function upgradeLater({ spec, timeline, images, controlPlane }: AwsGround, machines: readonly Machine[], store: ObjectStore): void {
  for (const { name, upgradedAfter } of spec.otherNodes ?? []) {
    if (upgradedAfter === undefined) continue
    timeline.after(upgradedAfter, `other-nodes/${name}/upgrade`, () => {
      const [image] = images.releases('AL2023_x86_64_STANDARD', controlPlane.version)
      const kubeletVersion = image?.kubeletVersion ?? `v${controlPlane.version}.0`
      for (const { nodeName } of machines.filter(({ group }) => group === name))
        store.update('Node', undefined, nodeName, (node) => {
          const status = node.status as { readonly nodeInfo?: object } | undefined
          return { ...node, status: { ...status, nodeInfo: { ...status?.nodeInfo, kubeletVersion } } }
        })
    })
  }
}
