import { digestOf } from './canonical-json.ts'
import type { Container, Pod, Workload } from './kubernetes.ts'
import { REDACTED, redactText } from './secret-text.ts'

/** The DaemonSet of the VPC CNI, its namespace and its main container. */
export const AWS_NODE = { namespace: 'kube-system', daemonSet: 'aws-node', container: 'aws-node' } as const

/** Whether a pod is one of the aws-node DaemonSet: by its owner, or by its label where owners were not read. */
export function isAwsNodePod(pod: Pod): boolean {
  return isOfSystemDaemonSet(pod, AWS_NODE.daemonSet)
}

/** Whether a pod is one of the kube-proxy DaemonSet, likewise. */
export function isKubeProxyPod(pod: Pod): boolean {
  return isOfSystemDaemonSet(pod, 'kube-proxy')
}

function isOfSystemDaemonSet({ metadata }: Pod, name: string): boolean {
  if (metadata.namespace !== AWS_NODE.namespace) return false
  const owner = metadata.ownerReferences?.find((reference) => reference.controller !== false)
  if (owner !== undefined) return owner.kind === 'DaemonSet' && owner.name === name
  return metadata.labels?.['k8s-app'] === name
}

/** `v1.18.3-eksbuild.3` of an image reference, its tag without a digest; undefined when it has none. */
function versionOfImage(image: string | undefined): string | undefined {
  const reference = image?.split('@')[0]
  return /:([^:/]+)$/.exec(reference ?? '')?.[1]
}

/** The version in the image of the aws-node container among these. */
export function awsNodeVersionOf(containers: readonly Container[] | undefined): string | undefined {
  return versionOfImage(containers?.find((container) => container.name === AWS_NODE.container)?.image)
}

/**
 * The plain values in the environment of the aws-node container among these, without passwords and tokens: a way back
 * must never write what a snapshot had taken out.
 */
export function awsNodeEnvOf(containers: readonly Container[] | undefined): Readonly<Record<string, string>> {
  const env = containers?.find((container) => container.name === AWS_NODE.container)?.env ?? []
  return Object.fromEntries(
    env.flatMap(({ name, value }) =>
      value === undefined || redactText(value) !== value || value.includes(REDACTED) ? [] : [[name, value]],
    ),
  )
}

/** Whether a workload is the aws-node DaemonSet. */
export function isAwsNodeDaemonSet({ kind, metadata }: Workload): boolean {
  return kind === 'DaemonSet' && metadata.namespace === AWS_NODE.namespace && metadata.name === AWS_NODE.daemonSet
}

/**
 * Digest over what an update of the add-on may change in the DaemonSet: images, environment and resources per container,
 * tolerations and update strategy. The order of containers, variables and tolerations does not matter.
 * Only the aws-node containers' own environment counts, without secrets: snapshots do not carry more.
 */
export function awsNodeTemplateDigest(daemonSet: Workload): string {
  const template = daemonSet.spec?.template?.spec
  const containers = [...(template?.initContainers ?? []), ...(template?.containers ?? [])]
  return digestOf({
    containers: byName(containers).map(containerShape),
    tolerations: (template?.tolerations ?? []).map((toleration) => digestOf(toleration)).sort(),
    updateStrategy: daemonSet.spec?.updateStrategy ?? {},
  })
}

function containerShape({ name, image, env, resources }: Container): object {
  return {
    name,
    image,
    env:
      name === AWS_NODE.container
        ? byName(env ?? []).map((variable) => ({ ...variable, ...(variable.value && { value: redactText(variable.value) }) }))
        : [],
    resources: resources ?? {},
  }
}

function byName<T extends { readonly name: string }>(items: readonly T[]): readonly T[] {
  return [...items].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
}
