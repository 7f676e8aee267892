import type { Workload } from '../../../model/kubernetes.ts'

/** `v1.20.4-eksbuild.2` of an image; undefined for one that is named by digest or not at all. EKS's minimal builds are the same version. */
export function tagOf(image: string | undefined): string | undefined {
  return /:([^:/@]+)$/.exec(image ?? '')?.[1]?.replace('-minimal-', '-')
}

/** The tag of a container of a DaemonSet, init containers included. */
export function tagOfContainer(daemonSet: Workload | undefined, name: string): string | undefined {
  const { containers = [], initContainers = [] } = daemonSet?.spec?.template?.spec ?? {}
  return tagOf([...containers, ...initContainers].find((each) => each.name === name)?.image)
}
