import type { Container, PodSpec } from '../../../model/kubernetes.ts'

/** Whose credentials the aws-node service account uses; undefined: those of the node's role. */
export type CniIdentity = 'pod-identity' | 'service-account' | undefined

/**
 * What the webhook of EKS adds to the containers of a new pod, by how its service account gets credentials:
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html,
 * https://docs.aws.amazon.com/eks/latest/userguide/pod-configuration.html
 */
const ADDED: Readonly<Record<'pod-identity' | 'service-account', Readonly<Record<string, string>>>> = {
  'pod-identity': {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/var/run/secrets/pods.eks.amazonaws.com/serviceaccount/eks-pod-identity-token',
  },
  'service-account': { AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/secrets/eks.amazonaws.com/serviceaccount/token' },
}

/** The spec of a new pod of aws-node, with the variables that lead it to its credentials. */
export function withIdentity<S extends PodSpec>(spec: S, identity: CniIdentity): S {
  if (identity === undefined || spec.serviceAccountName !== 'aws-node') return spec
  const added = Object.entries(ADDED[identity]).map(([name, value]) => ({ name, value }))
  const led = (containers: readonly Container[] | undefined) =>
    containers?.map((each) => ({ ...each, env: [...(each.env ?? []), ...added] }))
  const { initContainers, containers } = spec
  return {
    ...spec,
    ...(initContainers === undefined ? {} : { initContainers: led(initContainers) ?? [] }),
    ...(containers === undefined ? {} : { containers: led(containers) ?? [] }),
  }
}
