/**
 * Messages of the objects that clients send as protobuf, without the status: `name number type`, `!` for what is told even when it is
 * empty, `*` for a message whose members stand in the outer one. No type: a string; n number, b boolean, y bytes, `[]` a list, `{}` a
 * map by strings. Source: the `protobuf` and `json` tags of k8s.io/api and k8s.io/apimachinery v0.33, types.go.
 */
export const MESSAGES: readonly string[] = `
Namespace: metadata 1 ObjectMeta, spec 2 NamespaceSpec
ConfigMap: metadata 1 ObjectMeta, immutable 4! b, data 2 {}, binaryData 3 {}y
Secret: metadata 1 ObjectMeta, immutable 5! b, data 2 {}y, stringData 4 {}, type 3
ServiceAccount: metadata 1 ObjectMeta, secrets 2 []ObjectReference, imagePullSecrets 3 []LocalObjectReference, automountServiceAccountToken 4! b
Service: metadata 1 ObjectMeta, spec 2 ServiceSpec
Pod: metadata 1 ObjectMeta, spec 2 PodSpec
ResourceQuota: metadata 1 ObjectMeta, spec 2 ResourceQuotaSpec
Deployment: metadata 1 ObjectMeta, spec 2 DeploymentSpec
Job: metadata 1 ObjectMeta, spec 2 JobSpec
CronJob: metadata 1 ObjectMeta, spec 2 CronJobSpec
PodDisruptionBudget: metadata 1 ObjectMeta, spec 2 PodDisruptionBudgetSpec
Eviction: metadata 1 ObjectMeta, deleteOptions 2 DeleteOptions
PriorityClass: metadata 1 ObjectMeta, value 2! n, globalDefault 3 b, description 4, preemptionPolicy 5!
HorizontalPodAutoscaler: metadata 1 ObjectMeta, spec 2 HorizontalPodAutoscalerSpec
Ingress: metadata 1 ObjectMeta, spec 2 IngressSpec
Role: metadata 1 ObjectMeta, rules 2 []PolicyRule
RoleBinding: metadata 1 ObjectMeta, subjects 2 []Subject, roleRef 3 RoleRef
ClusterRole: metadata 1 ObjectMeta, rules 2 []PolicyRule, aggregationRule 3 AggregationRule
ClusterRoleBinding: metadata 1 ObjectMeta, subjects 2 []Subject, roleRef 3 RoleRef
SelfSubjectAccessReview: metadata 1 ObjectMeta, spec 2 SelfSubjectAccessReviewSpec
SelfSubjectRulesReview: metadata 1 ObjectMeta, spec 2 SelfSubjectRulesReviewSpec
SubjectAccessReview: metadata 1 ObjectMeta, spec 2 SubjectAccessReviewSpec
LocalSubjectAccessReview: metadata 1 ObjectMeta, spec 2 SubjectAccessReviewSpec
SelfSubjectReview: metadata 1 ObjectMeta
TokenRequest: metadata 1 ObjectMeta, spec 2 TokenRequestSpec
DeleteOptions: gracePeriodSeconds 1! n, preconditions 2 Preconditions, orphanDependents 3! b, propagationPolicy 4!, dryRun 5 [], ignoreStoreReadErrorWithClusterBreakingPotential 6! b
ObjectMeta: name 1, generateName 2, namespace 3, selfLink 4, uid 5, resourceVersion 6, generation 7 n, creationTimestamp 8 @time, deletionTimestamp 9 @time, deletionGracePeriodSeconds 10! n, labels 11 {}, annotations 12 {}, ownerReferences 13 []OwnerReference, finalizers 14 []
NamespaceSpec: finalizers 1 []
ObjectReference: kind 1, namespace 2, name 3, uid 4, apiVersion 5, resourceVersion 6, fieldPath 7
LocalObjectReference: name 1
ServiceSpec: ports 1 []ServicePort, selector 2 {}, clusterIP 3, clusterIPs 18 [], type 4, externalIPs 5 [], sessionAffinity 7, loadBalancerIP 8, loadBalancerSourceRanges 9 [], externalName 10, externalTrafficPolicy 11, healthCheckNodePort 12 n, publishNotReadyAddresses 13 b, sessionAffinityConfig 14 SessionAffinityConfig, ipFamilies 19 [], ipFamilyPolicy 17!, allocateLoadBalancerNodePorts 20! b, loadBalancerClass 21!, internalTrafficPolicy 22!, trafficDistribution 23!
PodSpec: volumes 1 []Volume, initContainers 20 []Container, containers 2 []Container, restartPolicy 3, terminationGracePeriodSeconds 4! n, activeDeadlineSeconds 5! n, dnsPolicy 6, nodeSelector 7 {}, serviceAccountName 8, serviceAccount 9, automountServiceAccountToken 21! b, nodeName 10, hostNetwork 11 b, hostPID 12 b, hostIPC 13 b, shareProcessNamespace 27! b, securityContext 14 PodSecurityContext, imagePullSecrets 15 []LocalObjectReference, hostname 16, subdomain 17, affinity 18 Affinity, schedulerName 19, tolerations 22 []Toleration, hostAliases 23 []HostAlias, priorityClassName 24, priority 25! n, dnsConfig 26 PodDNSConfig, readinessGates 28 []PodReadinessGate, runtimeClassName 29!, enableServiceLinks 30! b, preemptionPolicy 31!, overhead 32 {}@quantity, topologySpreadConstraints 33 []TopologySpreadConstraint, setHostnameAsFQDN 35! b, os 36 PodOS, hostUsers 37! b, schedulingGates 38 []PodSchedulingGate, resourceClaims 39 []PodResourceClaim, resources 40 ResourceRequirements
ResourceQuotaSpec: hard 1 {}@quantity, scopes 2 [], scopeSelector 3 ScopeSelector
DeploymentSpec: replicas 1! n, selector 2 LabelSelector, template 3 PodTemplateSpec, strategy 4 DeploymentStrategy, minReadySeconds 5 n, revisionHistoryLimit 6! n, paused 7 b, progressDeadlineSeconds 9! n
JobSpec: parallelism 1! n, completions 2! n, activeDeadlineSeconds 3! n, podFailurePolicy 11 PodFailurePolicy, successPolicy 16 SuccessPolicy, backoffLimit 7! n, backoffLimitPerIndex 12! n, maxFailedIndexes 13! n, selector 4 LabelSelector, manualSelector 5! b, template 6 PodTemplateSpec, ttlSecondsAfterFinished 8! n, completionMode 9!, suspend 10! b, podReplacementPolicy 14!, managedBy 15!
CronJobSpec: schedule 1!, timeZone 8!, startingDeadlineSeconds 2! n, concurrencyPolicy 3, suspend 4! b, jobTemplate 5 JobTemplateSpec, successfulJobsHistoryLimit 6! n, failedJobsHistoryLimit 7! n
PodDisruptionBudgetSpec: minAvailable 1 @intstr, selector 2 LabelSelector, maxUnavailable 3 @intstr, unhealthyPodEvictionPolicy 4!
HorizontalPodAutoscalerSpec: scaleTargetRef 1 CrossVersionObjectReference, minReplicas 2! n, maxReplicas 3! n, metrics 4 []MetricSpec, behavior 5 HorizontalPodAutoscalerBehavior
IngressSpec: ingressClassName 4!, defaultBackend 1 IngressBackend, tls 2 []IngressTLS, rules 3 []IngressRule
PolicyRule: verbs 1 [], apiGroups 2 [], resources 3 [], resourceNames 4 [], nonResourceURLs 5 []
Subject: kind 1!, apiGroup 2, name 3!, namespace 4
RoleRef: apiGroup 1!, kind 2!, name 3!
AggregationRule: clusterRoleSelectors 1 []LabelSelector
SelfSubjectAccessReviewSpec: resourceAttributes 1 ResourceAttributes, nonResourceAttributes 2 NonResourceAttributes
SelfSubjectRulesReviewSpec: namespace 1
SubjectAccessReviewSpec: resourceAttributes 1 ResourceAttributes, nonResourceAttributes 2 NonResourceAttributes, user 3, groups 4 [], extra 5 {}@items, uid 6
TokenRequestSpec: audiences 1 [], expirationSeconds 4! n, boundObjectRef 3 BoundObjectReference
Preconditions: uid 1!, resourceVersion 2!
OwnerReference: apiVersion 5!, kind 1!, name 3!, uid 4!, controller 6! b, blockOwnerDeletion 7! b
ServicePort: name 1, protocol 2, appProtocol 6!, port 3! n, targetPort 4 @intstr, nodePort 5 n
SessionAffinityConfig: clientIP 1 ClientIPConfig
Volume: name 1!, * 2 VolumeSource
Container: name 1!, image 2, command 3 [], args 4 [], workingDir 5, ports 6 []ContainerPort, envFrom 19 []EnvFromSource, env 7 []EnvVar, resources 8 ResourceRequirements, resizePolicy 23 []ContainerResizePolicy, restartPolicy 24!, volumeMounts 9 []VolumeMount, volumeDevices 21 []VolumeDevice, livenessProbe 10 Probe, readinessProbe 11 Probe, startupProbe 22 Probe, lifecycle 12 Lifecycle, terminationMessagePath 13, terminationMessagePolicy 20, imagePullPolicy 14, securityContext 15 SecurityContext, stdin 16 b, stdinOnce 17 b, tty 18 b
PodSecurityContext: seLinuxOptions 1 SELinuxOptions, windowsOptions 8 WindowsSecurityContextOptions, runAsUser 2! n, runAsGroup 6! n, runAsNonRoot 3! b, supplementalGroups 4 []n, supplementalGroupsPolicy 12!, fsGroup 5! n, sysctls 7 []Sysctl, fsGroupChangePolicy 9!, seccompProfile 10 SeccompProfile, appArmorProfile 11 AppArmorProfile, seLinuxChangePolicy 13!
Affinity: nodeAffinity 1 NodeAffinity, podAffinity 2 PodAffinity, podAntiAffinity 3 PodAntiAffinity
Toleration: key 1, operator 2, value 3, effect 4, tolerationSeconds 5! n
HostAlias: ip 1!, hostnames 2 []
PodDNSConfig: nameservers 1 [], searches 2 [], options 3 []PodDNSConfigOption
PodReadinessGate: conditionType 1!
TopologySpreadConstraint: maxSkew 1! n, topologyKey 2!, whenUnsatisfiable 3!, labelSelector 4 LabelSelector, minDomains 5! n, nodeAffinityPolicy 6!, nodeTaintsPolicy 7!, matchLabelKeys 8 []
PodOS: name 1!
PodSchedulingGate: name 1!
PodResourceClaim: name 1!, resourceClaimName 3!, resourceClaimTemplateName 4!
ResourceRequirements: limits 1 {}@quantity, requests 2 {}@quantity, claims 3 []ResourceClaim
ScopeSelector: matchExpressions 1 []ScopedResourceSelectorRequirement
LabelSelector: matchLabels 1 {}, matchExpressions 2 []LabelSelectorRequirement
PodTemplateSpec: metadata 1 ObjectMeta, spec 2 PodSpec
DeploymentStrategy: type 1, rollingUpdate 2 RollingUpdateDeployment
PodFailurePolicy: rules 1 []PodFailurePolicyRule
SuccessPolicy: rules 1 []SuccessPolicyRule
JobTemplateSpec: metadata 1 ObjectMeta, spec 2 JobSpec
CrossVersionObjectReference: kind 1!, name 2!, apiVersion 3
MetricSpec: type 1!, object 2 ObjectMetricSource, pods 3 PodsMetricSource, resource 4 ResourceMetricSource, containerResource 7 ContainerResourceMetricSource, external 5 ExternalMetricSource
HorizontalPodAutoscalerBehavior: scaleUp 1 HPAScalingRules, scaleDown 2 HPAScalingRules
IngressBackend: service 4 IngressServiceBackend, resource 3 TypedLocalObjectReference
IngressTLS: hosts 1 [], secretName 2
IngressRule: host 1, * 2 IngressRuleValue
ResourceAttributes: namespace 1, verb 2, group 3, version 4, resource 5, subresource 6, name 7, fieldSelector 8 FieldSelectorAttributes, labelSelector 9 LabelSelectorAttributes
NonResourceAttributes: path 1, verb 2
BoundObjectReference: kind 1, apiVersion 2, name 3, uid 4
ClientIPConfig: timeoutSeconds 1! n
VolumeSource: hostPath 1 HostPathVolumeSource, emptyDir 2 EmptyDirVolumeSource, gcePersistentDisk 3 GCEPersistentDiskVolumeSource, awsElasticBlockStore 4 AWSElasticBlockStoreVolumeSource, gitRepo 5 GitRepoVolumeSource, secret 6 SecretVolumeSource, nfs 7 NFSVolumeSource, iscsi 8 ISCSIVolumeSource, glusterfs 9 GlusterfsVolumeSource, persistentVolumeClaim 10 PersistentVolumeClaimVolumeSource, rbd 11 RBDVolumeSource, flexVolume 12 FlexVolumeSource, cinder 13 CinderVolumeSource, cephfs 14 CephFSVolumeSource, flocker 15 FlockerVolumeSource, downwardAPI 16 DownwardAPIVolumeSource, fc 17 FCVolumeSource, azureFile 18 AzureFileVolumeSource, configMap 19 ConfigMapVolumeSource, vsphereVolume 20 VsphereVirtualDiskVolumeSource, quobyte 21 QuobyteVolumeSource, azureDisk 22 AzureDiskVolumeSource, photonPersistentDisk 23 PhotonPersistentDiskVolumeSource, projected 26 ProjectedVolumeSource, portworxVolume 24 PortworxVolumeSource, scaleIO 25 ScaleIOVolumeSource, storageos 27 StorageOSVolumeSource, csi 28 CSIVolumeSource, ephemeral 29 EphemeralVolumeSource, image 30 ImageVolumeSource
ContainerPort: name 1, hostPort 2 n, containerPort 3! n, protocol 4, hostIP 5
EnvFromSource: prefix 1, configMapRef 2 ConfigMapEnvSource, secretRef 3 SecretEnvSource
EnvVar: name 1!, value 2, valueFrom 3 EnvVarSource
ContainerResizePolicy: resourceName 1!, restartPolicy 2!
VolumeMount: name 1!, readOnly 2 b, recursiveReadOnly 7!, mountPath 3!, subPath 4, mountPropagation 5!, subPathExpr 6
VolumeDevice: name 1!, devicePath 2!
Probe: * 1 ProbeHandler, initialDelaySeconds 2 n, timeoutSeconds 3 n, periodSeconds 4 n, successThreshold 5 n, failureThreshold 6 n, terminationGracePeriodSeconds 7! n
Lifecycle: postStart 1 LifecycleHandler, preStop 2 LifecycleHandler, stopSignal 3!
SecurityContext: capabilities 1 Capabilities, privileged 2! b, seLinuxOptions 3 SELinuxOptions, windowsOptions 10 WindowsSecurityContextOptions, runAsUser 4! n, runAsGroup 8! n, runAsNonRoot 5! b, readOnlyRootFilesystem 6! b, allowPrivilegeEscalation 7! b, procMount 9!, seccompProfile 11 SeccompProfile, appArmorProfile 12 AppArmorProfile
SELinuxOptions: user 1, role 2, type 3, level 4
WindowsSecurityContextOptions: gmsaCredentialSpecName 1!, gmsaCredentialSpec 2!, runAsUserName 3!, hostProcess 4! b
Sysctl: name 1!, value 2!
SeccompProfile: type 1!, localhostProfile 2!
AppArmorProfile: type 1!, localhostProfile 2!
NodeAffinity: requiredDuringSchedulingIgnoredDuringExecution 1 NodeSelector, preferredDuringSchedulingIgnoredDuringExecution 2 []PreferredSchedulingTerm
PodAffinity: requiredDuringSchedulingIgnoredDuringExecution 1 []PodAffinityTerm, preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm
PodAntiAffinity: requiredDuringSchedulingIgnoredDuringExecution 1 []PodAffinityTerm, preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm
PodDNSConfigOption: name 1, value 2!
ResourceClaim: name 1!, request 2
ScopedResourceSelectorRequirement: scopeName 1!, operator 2!, values 3 []
LabelSelectorRequirement: key 1!, operator 2!, values 3 []
RollingUpdateDeployment: maxUnavailable 1 @intstr, maxSurge 2 @intstr
PodFailurePolicyRule: action 1!, onExitCodes 2 PodFailurePolicyOnExitCodesRequirement, onPodConditions 3 []PodFailurePolicyOnPodConditionsPattern
SuccessPolicyRule: succeededIndexes 1!, succeededCount 2! n
ObjectMetricSource: describedObject 1 CrossVersionObjectReference, target 2 MetricTarget, metric 3 MetricIdentifier
PodsMetricSource: metric 1 MetricIdentifier, target 2 MetricTarget
ResourceMetricSource: name 1!, target 2 MetricTarget
ContainerResourceMetricSource: name 1!, target 2 MetricTarget, container 3!
ExternalMetricSource: metric 1 MetricIdentifier, target 2 MetricTarget
HPAScalingRules: stabilizationWindowSeconds 3! n, selectPolicy 1!, policies 2 []HPAScalingPolicy, tolerance 4 @quantity
IngressServiceBackend: name 1!, port 2 ServiceBackendPort
TypedLocalObjectReference: apiGroup 1!, kind 2!, name 3!
IngressRuleValue: http 1 HTTPIngressRuleValue
FieldSelectorAttributes: rawSelector 1, requirements 2 []FieldSelectorRequirement
LabelSelectorAttributes: rawSelector 1, requirements 2 []LabelSelectorRequirement
HostPathVolumeSource: path 1!, type 2!
EmptyDirVolumeSource: medium 1, sizeLimit 2 @quantity
GCEPersistentDiskVolumeSource: pdName 1!, fsType 2, partition 3 n, readOnly 4 b
AWSElasticBlockStoreVolumeSource: volumeID 1!, fsType 2, partition 3 n, readOnly 4 b
GitRepoVolumeSource: repository 1!, revision 2, directory 3
SecretVolumeSource: secretName 1, items 2 []KeyToPath, defaultMode 3! n, optional 4! b
NFSVolumeSource: server 1!, path 2!, readOnly 3 b
ISCSIVolumeSource: targetPortal 1!, iqn 2!, lun 3! n, iscsiInterface 4, fsType 5, readOnly 6 b, portals 7 [], chapAuthDiscovery 8 b, chapAuthSession 11 b, secretRef 10 LocalObjectReference, initiatorName 12!
GlusterfsVolumeSource: endpoints 1!, path 2!, readOnly 3 b
PersistentVolumeClaimVolumeSource: claimName 1!, readOnly 2 b
RBDVolumeSource: monitors 1 [], image 2!, fsType 3, pool 4, user 5, keyring 6, secretRef 7 LocalObjectReference, readOnly 8 b
FlexVolumeSource: driver 1!, fsType 2, secretRef 3 LocalObjectReference, readOnly 4 b, options 5 {}
CinderVolumeSource: volumeID 1!, fsType 2, readOnly 3 b, secretRef 4 LocalObjectReference
CephFSVolumeSource: monitors 1 [], path 2, user 3, secretFile 4, secretRef 5 LocalObjectReference, readOnly 6 b
FlockerVolumeSource: datasetName 1, datasetUUID 2
DownwardAPIVolumeSource: items 1 []DownwardAPIVolumeFile, defaultMode 2! n
FCVolumeSource: targetWWNs 1 [], lun 2! n, fsType 3, readOnly 4 b, wwids 5 []
AzureFileVolumeSource: secretName 1!, shareName 2!, readOnly 3 b
ConfigMapVolumeSource: * 1 LocalObjectReference, items 2 []KeyToPath, defaultMode 3! n, optional 4! b
VsphereVirtualDiskVolumeSource: volumePath 1!, fsType 2, storagePolicyName 3, storagePolicyID 4
QuobyteVolumeSource: registry 1!, volume 2!, readOnly 3 b, user 4, group 5, tenant 6
AzureDiskVolumeSource: diskName 1!, diskURI 2!, cachingMode 3!, fsType 4!, readOnly 5! b, kind 6!
PhotonPersistentDiskVolumeSource: pdID 1!, fsType 2
ProjectedVolumeSource: sources 1 []VolumeProjection, defaultMode 2! n
PortworxVolumeSource: volumeID 1!, fsType 2, readOnly 3 b
ScaleIOVolumeSource: gateway 1!, system 2!, secretRef 3 LocalObjectReference, sslEnabled 4 b, protectionDomain 5, storagePool 6, storageMode 7, volumeName 8, fsType 9, readOnly 10 b
StorageOSVolumeSource: volumeName 1, volumeNamespace 2, fsType 3, readOnly 4 b, secretRef 5 LocalObjectReference
CSIVolumeSource: driver 1!, readOnly 2! b, fsType 3!, volumeAttributes 4 {}, nodePublishSecretRef 5 LocalObjectReference
EphemeralVolumeSource: volumeClaimTemplate 1 PersistentVolumeClaimTemplate
ImageVolumeSource: reference 1, pullPolicy 2
ConfigMapEnvSource: * 1 LocalObjectReference, optional 2! b
SecretEnvSource: * 1 LocalObjectReference, optional 2! b
EnvVarSource: fieldRef 1 ObjectFieldSelector, resourceFieldRef 2 ResourceFieldSelector, configMapKeyRef 3 ConfigMapKeySelector, secretKeyRef 4 SecretKeySelector
ProbeHandler: exec 1 ExecAction, httpGet 2 HTTPGetAction, tcpSocket 3 TCPSocketAction, grpc 4 GRPCAction
LifecycleHandler: exec 1 ExecAction, httpGet 2 HTTPGetAction, tcpSocket 3 TCPSocketAction, sleep 4 SleepAction
Capabilities: add 1 [], drop 2 []
NodeSelector: nodeSelectorTerms 1 []NodeSelectorTerm
PreferredSchedulingTerm: weight 1! n, preference 2 NodeSelectorTerm
PodAffinityTerm: labelSelector 1 LabelSelector, namespaces 2 [], topologyKey 3!, namespaceSelector 4 LabelSelector, matchLabelKeys 5 [], mismatchLabelKeys 6 []
WeightedPodAffinityTerm: weight 1! n, podAffinityTerm 2 PodAffinityTerm
PodFailurePolicyOnExitCodesRequirement: containerName 1!, operator 2!, values 3 []n
PodFailurePolicyOnPodConditionsPattern: type 1!
MetricTarget: type 1!, value 2 @quantity, averageValue 3 @quantity, averageUtilization 4! n
MetricIdentifier: name 1!, selector 2 LabelSelector
HPAScalingPolicy: type 1!, value 2! n, periodSeconds 3! n
ServiceBackendPort: name 1, number 2 n
HTTPIngressRuleValue: paths 1 []HTTPIngressPath
FieldSelectorRequirement: key 1!, operator 2!, values 3 []
KeyToPath: key 1!, path 2!, mode 3! n
DownwardAPIVolumeFile: path 1!, fieldRef 2 ObjectFieldSelector, resourceFieldRef 3 ResourceFieldSelector, mode 4! n
VolumeProjection: secret 1 SecretProjection, downwardAPI 2 DownwardAPIProjection, configMap 3 ConfigMapProjection, serviceAccountToken 4 ServiceAccountTokenProjection, clusterTrustBundle 5 ClusterTrustBundleProjection
PersistentVolumeClaimTemplate: metadata 1 ObjectMeta, spec 2 PersistentVolumeClaimSpec
ObjectFieldSelector: apiVersion 1, fieldPath 2!
ResourceFieldSelector: containerName 1, resource 2!, divisor 3 @quantity
ConfigMapKeySelector: * 1 LocalObjectReference, key 2!, optional 3! b
SecretKeySelector: * 1 LocalObjectReference, key 2!, optional 3! b
ExecAction: command 1 []
HTTPGetAction: path 1, port 2 @intstr, host 3, scheme 4, httpHeaders 5 []HTTPHeader
TCPSocketAction: port 1 @intstr, host 2
GRPCAction: port 1! n, service 2!
SleepAction: seconds 1! n
NodeSelectorTerm: matchExpressions 1 []NodeSelectorRequirement, matchFields 2 []NodeSelectorRequirement
HTTPIngressPath: path 1, pathType 3!, backend 2 IngressBackend
SecretProjection: * 1 LocalObjectReference, items 2 []KeyToPath, optional 4! b
DownwardAPIProjection: items 1 []DownwardAPIVolumeFile
ConfigMapProjection: * 1 LocalObjectReference, items 2 []KeyToPath, optional 4! b
ServiceAccountTokenProjection: audience 1, expirationSeconds 2! n, path 3!
ClusterTrustBundleProjection: name 1!, signerName 2!, labelSelector 3 LabelSelector, optional 5! b, path 4!
PersistentVolumeClaimSpec: accessModes 1 [], selector 4 LabelSelector, resources 2 VolumeResourceRequirements, volumeName 3, storageClassName 5!, volumeMode 6!, dataSource 7 TypedLocalObjectReference, dataSourceRef 8 TypedObjectReference, volumeAttributesClassName 9!
HTTPHeader: name 1!, value 2!
NodeSelectorRequirement: key 1!, operator 2!, values 3 []
VolumeResourceRequirements: limits 1 {}@quantity, requests 2 {}@quantity
TypedObjectReference: apiGroup 1!, kind 2!, name 3!, namespace 4!
`
  .trim()
  .split('\n')
