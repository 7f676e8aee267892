import type { KubernetesObject } from '../../model/kubernetes.ts'
import { INJECTING_WEBHOOK } from './kubernetes/pod-interfaces/policies.ts'
import type { NetworkSpec } from './network-spec.ts'

/** The Kubernetes objects that a world's network is described by: ENIConfigs, policies, and the webhook that goes with these. */
export function networkObjects({ eniConfigs = [], securityGroupPolicies = [] }: NetworkSpec): readonly KubernetesObject[] {
  const configs = eniConfigs.map(({ name, subnetId, securityGroups }) => ({
    apiVersion: 'crd.k8s.amazonaws.com/v1alpha1',
    kind: 'ENIConfig',
    metadata: { name },
    spec: { subnet: subnetId, ...(securityGroups.length > 0 ? { securityGroups } : {}) },
  }))
  const policies = securityGroupPolicies.map(({ namespace, name, groupIds, ...selectors }) => ({
    apiVersion: 'vpcresources.k8s.aws/v1beta1',
    kind: 'SecurityGroupPolicy',
    metadata: { namespace, name },
    spec: { ...selectors, securityGroups: { groupIds } },
  }))
  return [...configs, ...(policies.length > 0 ? [INJECTOR] : []), ...policies]
}

/** EKS runs the webhook beside the API server, so its address is the API server's own host. */
const INJECTOR = {
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name: INJECTING_WEBHOOK },
  webhooks: [
    {
      admissionReviewVersions: ['v1'],
      clientConfig: { url: 'https://127.0.0.1:23443/mutate-v1-pod' },
      failurePolicy: 'Ignore',
      matchPolicy: 'Equivalent',
      name: 'mpod.vpc.k8s.aws',
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'], scope: '*' }],
      sideEffects: 'None',
      timeoutSeconds: 10,
    },
  ],
}
