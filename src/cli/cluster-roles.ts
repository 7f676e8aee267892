import { REMOVED_APIS } from '../catalog/knowledge/removed-apis.ts'

/** The ClusterRole and, in kube-system, the Role, as YAML for `kubectl apply -f -`; bind both to the group of the access entry. */
export function clusterRole(kind: 'read' | 'apply'): string {
  return kind === 'read' ? READ_ROLE : `${READ_ROLE}${APPLY_RULES}${APPLY_ROLE}`
}

/** A namespace in which Serin makes and removes probe pods: as Jobs, whose pods it asks for in a dry run first. */
export function probeRole(namespace: string): string {
  return `---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: serin-probes
  namespace: ${namespace}
rules:
  - apiGroups: [batch]
    resources: [jobs]
    verbs: [create, delete]
  - apiGroups: [""]
    resources: [pods]
    verbs: [create]
`
}

const unique = (names: readonly unknown[]) => [...new Set(names)].join(', ')

/** What `ipamd-metrics` asks goes through the API server: no narrower right than to GET from any pod of kube-system can be given. */
export const METRICS_ROLE = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: serin-metrics
  namespace: kube-system
rules:
  - apiGroups: [""]
    resources: [pods/proxy]
    verbs: [get]
`

const READ_ROLE = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: serin
rules:
  - apiGroups: [""]
    resources: [nodes, namespaces, pods, services, events]
    verbs: [get, list, watch]
  - apiGroups: [""]
    resources: [pods/log]
    verbs: [get]
  - apiGroups: [""]
    resources: [configmaps]
    resourceNames: [serin-run, amazon-vpc-cni, kube-proxy-config]
    verbs: [get]
  - apiGroups: [""]
    resources: [serviceaccounts]
    resourceNames: [aws-node]
    verbs: [get]
  - apiGroups: [apiextensions.k8s.io]
    resources: [customresourcedefinitions]
    resourceNames:
      - eniconfigs.crd.k8s.amazonaws.com
      - policyendpoints.networking.k8s.aws
      - cninodes.vpcresources.k8s.aws
      - clusterpolicyendpoints.networking.k8s.aws
    verbs: [get]
  - apiGroups: [authorization.k8s.io]
    resources: [selfsubjectaccessreviews, subjectaccessreviews]
    verbs: [create]
  - apiGroups: [apps]
    resources: [daemonsets, deployments, statefulsets, replicasets]
    verbs: [get, list, watch]
  - apiGroups: [policy]
    resources: [poddisruptionbudgets]
    verbs: [get, list, watch]
  - apiGroups: [discovery.k8s.io]
    resources: [endpointslices]
    verbs: [list, watch]
  - apiGroups: [batch]
    resources: [jobs, cronjobs]
    verbs: [list]
  - apiGroups: [""]
    resources: [persistentvolumes, persistentvolumeclaims]
    verbs: [list]
  - apiGroups: [storage.k8s.io]
    resources: [storageclasses]
    verbs: [list]
  - apiGroups: [scheduling.k8s.io]
    resources: [priorityclasses]
    verbs: [list]
  - apiGroups: [admissionregistration.k8s.io]
    resources: [mutatingwebhookconfigurations, validatingwebhookconfigurations]
    verbs: [list]
  # Their metadata only: who still writes them in an API version that a coming minor removes.
  - apiGroups: [${unique(REMOVED_APIS.map(({ apiVersion }) => apiVersion.split('/')[0]))}]
    resources: [${unique(REMOVED_APIS.map(({ plural }) => plural))}]
    verbs: [list]
  - apiGroups: [crd.k8s.amazonaws.com, vpcresources.k8s.aws, kyverno.io, karpenter.sh, karpenter.k8s.aws]
    resources: [eniconfigs, securitygrouppolicies, cninodes, clusterpolicies, nodepools, ec2nodeclasses]
    verbs: [list]
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    resourceNames: [serin]
    verbs: [get]
  # Where security groups for pods are in use, these two let a dry run on the server prove that no webhook rewrites pods;
  # nothing is stored, but the right itself is one to change pods. Without them what webhooks do is unknown.
  # - { apiGroups: [""], resources: [pods], verbs: [patch] }
  # - { apiGroups: [""], resources: [users], resourceNames: ["eks:vpc-resource-controller"], verbs: [impersonate] }
`

/** Cordons, balancer labels, annotations and taints of nodes; EKS drains managed groups by itself, pods of others are evicted. */
const APPLY_RULES = `  - apiGroups: [""]
    resources: [nodes]
    verbs: [patch]
  - apiGroups: [""]
    resources: [pods/eviction]
    verbs: [create]
  - apiGroups: [""]
    resources: [pods]
    verbs: [delete]
`

/** The Lease and the record of the run; the DaemonSet only to give aws-node back the settings that an add-on update wiped. */
const APPLY_ROLE = `---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata:
  name: serin
  namespace: kube-system
rules:
  - apiGroups: [coordination.k8s.io]
    resources: [leases]
    verbs: [get, create, update]
  - apiGroups: [""]
    resources: [configmaps]
    verbs: [get, create, update]
  - apiGroups: [apps]
    resources: [daemonsets]
    resourceNames: [aws-node]
    verbs: [patch]
`
