import type { World } from './contract.ts'
import type { ServedWorld } from './serve.ts'
import { sandboxToken } from './wire/kubernetes/presigned.ts'

/** A kubeconfig for a served world, as JSON (which is YAML), with a token of the EKS form that needs no AWS CLI. */
export function kubeconfigText(world: World, served: ServedWorld): string {
  const { name, region } = world.cluster
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: served.kubernetesUrl, 'certificate-authority-data': served.caData } }],
    users: [{ name: 'serin-sandbox', user: { token: sandboxToken(name, region) } }],
    contexts: [{ name: 'serin-sandbox', context: { cluster: name, user: 'serin-sandbox' } }],
    'current-context': 'serin-sandbox',
  })
}
