// Made by schema/generate/table.mjs. Do not edit.

export const TYPES_TABLE = `
package admission.v1
AdmissionRequest
 uid 1 string always go=types.UID
 kind 2 meta.v1.GroupVersionKind always
 resource 3 meta.v1.GroupVersionResource always
 subResource 4 string
 requestKind 13 *meta.v1.GroupVersionKind
 requestResource 14 *meta.v1.GroupVersionResource
 requestSubResource 15 string
 name 5 string
 namespace 6 string
 operation 7 string always go=v1.Operation
 userInfo 8 authentication.v1.UserInfo always
 object 9 runtime.RawExtension
 oldObject 10 runtime.RawExtension
 dryRun 11 *bool
 options 12 runtime.RawExtension
AdmissionResponse
 uid 1 string always go=types.UID
 allowed 2 bool always
 status 3 *meta.v1.Status
 patch 4 bytes
 patchType 5 *string go=v1.PatchType
 auditAnnotations 6 {}string
 warnings 7 []string
AdmissionReview*
 request 1 *AdmissionRequest
 response 2 *AdmissionResponse
package admissionregistration.v1
ApplyConfiguration
 expression 1 string
AuditAnnotation
 key! 1 string always
 valueExpression! 2 string always
ExpressionWarning
 fieldRef! 2 string always
 warning! 3 string always
JSONPatch
 expression 1 string
MatchCondition
 name! 1 string always
 expression! 2 string always
MatchResources map=atomic
 namespaceSelector 1 *meta.v1.LabelSelector
 objectSelector 2 *meta.v1.LabelSelector
 resourceRules 3 []NamedRuleWithOperations list=atomic
 excludeResourceRules 4 []NamedRuleWithOperations list=atomic
 matchPolicy 7 *string go=v1.MatchPolicyType
MutatingAdmissionPolicy*
 metadata 1 meta.v1.ObjectMeta
 spec 2 MutatingAdmissionPolicySpec
MutatingAdmissionPolicyBinding*
 metadata 1 meta.v1.ObjectMeta
 spec 2 MutatingAdmissionPolicyBindingSpec
MutatingAdmissionPolicyBindingList*
 metadata 1 meta.v1.ListMeta
 items! 2 []MutatingAdmissionPolicyBinding always
MutatingAdmissionPolicyBindingSpec
 policyName 1 string
 paramRef 2 *ParamRef
 matchResources 3 *MatchResources
MutatingAdmissionPolicyList*
 metadata 1 meta.v1.ListMeta
 items! 2 []MutatingAdmissionPolicy always
MutatingAdmissionPolicySpec
 paramKind 1 *ParamKind
 matchConstraints 2 *MatchResources
 variables 3 []Variable list=atomic
 mutations 4 []Mutation list=atomic
 failurePolicy 5 *string go=v1.FailurePolicyType
 matchConditions 6 []MatchCondition key=name patch=merge list=map:name
 reinvocationPolicy 7 string go=v1.ReinvocationPolicyType
MutatingWebhook
 name! 1 string always
 clientConfig! 2 WebhookClientConfig always
 rules 3 []RuleWithOperations list=atomic
 failurePolicy 4 *string go=v1.FailurePolicyType
 matchPolicy 9 *string go=v1.MatchPolicyType
 namespaceSelector 5 *meta.v1.LabelSelector
 objectSelector 11 *meta.v1.LabelSelector
 sideEffects! 6 *string always go=v1.SideEffectClass
 timeoutSeconds 7 *int32
 admissionReviewVersions! 8 []string always list=atomic
 reinvocationPolicy 10 *string go=v1.ReinvocationPolicyType
 matchConditions 12 []MatchCondition key=name patch=merge list=map:name
MutatingWebhookConfiguration*
 metadata 1 meta.v1.ObjectMeta
 webhooks 2 []MutatingWebhook key=name patch=merge list=map:name
MutatingWebhookConfigurationList*
 metadata 1 meta.v1.ListMeta
 items! 2 []MutatingWebhookConfiguration always
Mutation
 patchType! 2 string always go=v1.PatchType
 applyConfiguration 3 *ApplyConfiguration
 jsonPatch 4 *JSONPatch
NamedRuleWithOperations map=atomic
 resourceNames 1 []string list=atomic
 ~ruleWithOperations 2 RuleWithOperations
ParamKind map=atomic
 apiVersion 1 string
 kind 2 string
ParamRef map=atomic
 name 1 string
 namespace 2 string
 selector 3 *meta.v1.LabelSelector
 parameterNotFoundAction 4 *string go=v1.ParameterNotFoundActionType
Rule
 apiGroups 1 []string list=atomic
 apiVersions 2 []string list=atomic
 resources 3 []string list=atomic
 scope 4 *string go=v1.ScopeType
RuleWithOperations
 operations 1 []string go=[]v1.OperationType list=atomic
 ~rule 2 Rule
ServiceReference
 namespace! 1 string always
 name! 2 string always
 path 3 *string
 port 4 *int32
TypeChecking
 expressionWarnings 1 []ExpressionWarning list=atomic
ValidatingAdmissionPolicy*
 metadata 1 meta.v1.ObjectMeta
 spec 2 ValidatingAdmissionPolicySpec
 status 3 ValidatingAdmissionPolicyStatus
ValidatingAdmissionPolicyBinding*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 ValidatingAdmissionPolicyBindingSpec
ValidatingAdmissionPolicyBindingList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ValidatingAdmissionPolicyBinding always
ValidatingAdmissionPolicyBindingSpec
 policyName! 1 string
 paramRef 2 *ParamRef
 matchResources 3 *MatchResources
 validationActions! 4 []string go=[]v1.ValidationAction list=set
ValidatingAdmissionPolicyList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ValidatingAdmissionPolicy always
ValidatingAdmissionPolicySpec
 paramKind 1 *ParamKind
 matchConstraints 2 *MatchResources
 validations 3 []Validation list=atomic
 failurePolicy 4 *string go=v1.FailurePolicyType
 auditAnnotations 5 []AuditAnnotation list=atomic
 matchConditions 6 []MatchCondition key=name patch=merge list=map:name
 variables 7 []Variable key=name patch=merge list=map:name
ValidatingAdmissionPolicyStatus
 observedGeneration 1 int64
 typeChecking 2 *TypeChecking
 conditions 3 []meta.v1.Condition list=map:type
ValidatingWebhook
 name! 1 string always
 clientConfig! 2 WebhookClientConfig always
 rules 3 []RuleWithOperations list=atomic
 failurePolicy 4 *string go=v1.FailurePolicyType
 matchPolicy 9 *string go=v1.MatchPolicyType
 namespaceSelector 5 *meta.v1.LabelSelector
 objectSelector 10 *meta.v1.LabelSelector
 sideEffects! 6 *string always go=v1.SideEffectClass
 timeoutSeconds 7 *int32
 admissionReviewVersions! 8 []string always list=atomic
 matchConditions 11 []MatchCondition key=name patch=merge list=map:name
ValidatingWebhookConfiguration*
 metadata 1 meta.v1.ObjectMeta
 webhooks 2 []ValidatingWebhook key=name patch=merge list=map:name
ValidatingWebhookConfigurationList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ValidatingWebhookConfiguration always
Validation
 expression! 1 string always
 message 2 string
 reason 3 *string go=v1.StatusReason
 messageExpression 4 string
Variable map=atomic
 name! 1 string always
 expression! 2 string always
WebhookClientConfig
 url 3 *string
 service 1 *ServiceReference
 caBundle 2 bytes
package apidiscovery.v2
APIGroupDiscovery*
 metadata 1 meta.v1.ObjectMeta
 versions 2 []APIVersionDiscovery
APIGroupDiscoveryList*
 metadata 1 meta.v1.ListMeta
 items 2 []APIGroupDiscovery always
APIResourceDiscovery
 resource 1 string always
 responseKind 2 *meta.v1.GroupVersionKind
 scope 3 string always go=v2.ResourceScope
 singularResource 4 string always
 verbs 5 []string always
 shortNames 6 []string
 categories 7 []string
 subresources 8 []APISubresourceDiscovery
APISubresourceDiscovery
 subresource 1 string always
 responseKind 2 *meta.v1.GroupVersionKind
 acceptedTypes 3 []meta.v1.GroupVersionKind
 verbs 4 []string always
APIVersionDiscovery
 version 1 string always
 resources 2 []APIResourceDiscovery
 freshness 3 string go=v2.DiscoveryFreshness
package apps.v1
ControllerRevision*
 metadata 1 meta.v1.ObjectMeta
 data 2 runtime.RawExtension
 revision! 3 int64 always
ControllerRevisionList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ControllerRevision always
DaemonSet*
 metadata 1 meta.v1.ObjectMeta
 spec 2 DaemonSetSpec
 status 3 DaemonSetStatus
DaemonSetCondition
 type! 1 string always go=v1.DaemonSetConditionType
 status! 2 string always go=v1.ConditionStatus
 lastTransitionTime 3 meta.v1.Time
 reason 4 string
 message 5 string
DaemonSetList*
 metadata 1 meta.v1.ListMeta
 items! 2 []DaemonSet always
DaemonSetSpec
 selector! 1 *meta.v1.LabelSelector always
 template! 2 core.v1.PodTemplateSpec always
 updateStrategy 3 DaemonSetUpdateStrategy
 minReadySeconds 4 int32
 revisionHistoryLimit 6 *int32
DaemonSetStatus
 currentNumberScheduled! 1 int32 always
 numberMisscheduled! 2 int32 always
 desiredNumberScheduled! 3 int32 always
 numberReady! 4 int32 always
 observedGeneration 5 int64
 updatedNumberScheduled 6 int32
 numberAvailable 7 int32
 numberUnavailable 8 int32
 collisionCount 9 *int32
 conditions 10 []DaemonSetCondition key=type patch=merge list=map:type
DaemonSetUpdateStrategy
 type 1 string go=v1.DaemonSetUpdateStrategyType
 rollingUpdate 2 *RollingUpdateDaemonSet
Deployment*
 metadata 1 meta.v1.ObjectMeta
 spec 2 DeploymentSpec
 status 3 DeploymentStatus
DeploymentCondition
 type! 1 string always go=v1.DeploymentConditionType
 status! 2 string always go=v1.ConditionStatus
 lastUpdateTime 6 meta.v1.Time
 lastTransitionTime 7 meta.v1.Time
 reason 4 string
 message 5 string
DeploymentList*
 metadata 1 meta.v1.ListMeta
 items! 2 []Deployment always
DeploymentSpec
 replicas 1 *int32
 selector! 2 *meta.v1.LabelSelector always
 template! 3 core.v1.PodTemplateSpec always
 strategy 4 DeploymentStrategy patch=retainKeys
 minReadySeconds 5 int32
 revisionHistoryLimit 6 *int32
 paused 7 bool
 progressDeadlineSeconds 9 *int32
DeploymentStatus
 observedGeneration 1 int64
 replicas 2 int32
 updatedReplicas 3 int32
 readyReplicas 7 int32
 availableReplicas 4 int32
 unavailableReplicas 5 int32
 terminatingReplicas 9 *int32
 conditions 6 []DeploymentCondition key=type patch=merge list=map:type
 collisionCount 8 *int32
DeploymentStrategy
 type 1 string go=v1.DeploymentStrategyType
 rollingUpdate 2 *RollingUpdateDeployment
ReplicaSet*
 metadata 1 meta.v1.ObjectMeta
 spec 2 ReplicaSetSpec
 status 3 ReplicaSetStatus
ReplicaSetCondition
 type! 1 string always go=v1.ReplicaSetConditionType
 status! 2 string always go=v1.ConditionStatus
 lastTransitionTime 3 meta.v1.Time
 reason 4 string
 message 5 string
ReplicaSetList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ReplicaSet always
ReplicaSetSpec
 replicas 1 *int32
 minReadySeconds 4 int32
 selector! 2 *meta.v1.LabelSelector always
 template 3 core.v1.PodTemplateSpec
ReplicaSetStatus
 replicas! 1 int32 always
 fullyLabeledReplicas 2 int32
 readyReplicas 4 int32
 availableReplicas 5 int32
 terminatingReplicas 7 *int32
 observedGeneration 3 int64
 conditions 6 []ReplicaSetCondition key=type patch=merge list=map:type
RollingUpdateDaemonSet
 maxUnavailable 1 *intstr.IntOrString
 maxSurge 2 *intstr.IntOrString
RollingUpdateDeployment
 maxUnavailable 1 *intstr.IntOrString
 maxSurge 2 *intstr.IntOrString
RollingUpdateStatefulSetStrategy
 partition 1 *int32
 maxUnavailable 2 *intstr.IntOrString
StatefulSet*
 metadata 1 meta.v1.ObjectMeta
 spec 2 StatefulSetSpec
 status 3 StatefulSetStatus
StatefulSetCondition
 type! 1 string always go=v1.StatefulSetConditionType
 status! 2 string always go=v1.ConditionStatus
 lastTransitionTime 3 meta.v1.Time
 reason 4 string
 message 5 string
StatefulSetList*
 metadata 1 meta.v1.ListMeta
 items! 2 []StatefulSet always
StatefulSetOrdinals
 start 1 int32 always
StatefulSetPersistentVolumeClaimRetentionPolicy
 whenDeleted 1 string go=v1.PersistentVolumeClaimRetentionPolicyType
 whenScaled 2 string go=v1.PersistentVolumeClaimRetentionPolicyType
StatefulSetSpec
 replicas 1 *int32
 selector! 2 *meta.v1.LabelSelector always
 template! 3 core.v1.PodTemplateSpec always
 volumeClaimTemplates 4 []core.v1.PersistentVolumeClaim list=atomic
 serviceName 5 string always
 podManagementPolicy 6 string go=v1.PodManagementPolicyType
 updateStrategy 7 StatefulSetUpdateStrategy
 revisionHistoryLimit 8 *int32
 minReadySeconds 9 int32
 persistentVolumeClaimRetentionPolicy 10 *StatefulSetPersistentVolumeClaimRetentionPolicy
 ordinals 11 *StatefulSetOrdinals
StatefulSetStatus
 observedGeneration 1 int64
 replicas! 2 int32 always
 readyReplicas 3 int32
 currentReplicas 4 int32
 updatedReplicas 5 int32
 currentRevision 6 string
 updateRevision 7 string
 collisionCount 9 *int32
 conditions 10 []StatefulSetCondition key=type patch=merge list=map:type
 availableReplicas 11 int32 always
StatefulSetUpdateStrategy
 type 1 string go=v1.StatefulSetUpdateStrategyType
 rollingUpdate 2 *RollingUpdateStatefulSetStrategy
package authentication.v1
BoundObjectReference
 kind 1 string
 apiVersion 2 string
 name 3 string
 uid 4 string go=types.UID
ExtraValue
 items 1 []string
SelfSubjectReview*
 metadata 1 meta.v1.ObjectMeta
 status 2 SelfSubjectReviewStatus
SelfSubjectReviewStatus
 userInfo 1 UserInfo
TokenRequest*
 metadata 1 meta.v1.ObjectMeta
 spec 2 TokenRequestSpec always
 status 3 TokenRequestStatus
TokenRequestSpec
 audiences 1 []string always list=atomic
 expirationSeconds 4 *int64 always
 boundObjectRef 3 *BoundObjectReference always
TokenRequestStatus
 token 1 string always
 expirationTimestamp 2 meta.v1.Time always
TokenReview*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 TokenReviewSpec always
 status 3 TokenReviewStatus
TokenReviewSpec
 token! 1 string
 audiences 2 []string list=atomic
TokenReviewStatus
 authenticated 1 bool
 user 2 UserInfo
 audiences 4 []string list=atomic
 error 3 string
UserInfo
 username 1 string
 uid 2 string
 groups 3 []string list=atomic
 extra 4 {}ExtraValue
package authorization.v1
ExtraValue
 items 1 []string
FieldSelectorAttributes
 rawSelector 1 string
 requirements 2 []meta.v1.FieldSelectorRequirement list=atomic
LabelSelectorAttributes
 rawSelector 1 string
 requirements 2 []meta.v1.LabelSelectorRequirement list=atomic
LocalSubjectAccessReview*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 SubjectAccessReviewSpec always
 status 3 SubjectAccessReviewStatus
NonResourceAttributes
 path 1 string
 verb 2 string
NonResourceRule
 verbs! 1 []string always list=atomic
 nonResourceURLs 2 []string list=atomic
ResourceAttributes
 namespace 1 string
 verb 2 string
 group 3 string
 version 4 string
 resource 5 string
 subresource 6 string
 name 7 string
 fieldSelector 8 *FieldSelectorAttributes
 labelSelector 9 *LabelSelectorAttributes
ResourceRule
 verbs! 1 []string always list=atomic
 apiGroups 2 []string list=atomic
 resources 3 []string list=atomic
 resourceNames 4 []string list=atomic
SelfSubjectAccessReview*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 SelfSubjectAccessReviewSpec always
 status 3 SubjectAccessReviewStatus
SelfSubjectAccessReviewSpec
 resourceAttributes 1 *ResourceAttributes
 nonResourceAttributes 2 *NonResourceAttributes
SelfSubjectRulesReview*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 SelfSubjectRulesReviewSpec always
 status 3 SubjectRulesReviewStatus
SelfSubjectRulesReviewSpec
 namespace 1 string
SubjectAccessReview*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 SubjectAccessReviewSpec always
 status 3 SubjectAccessReviewStatus
SubjectAccessReviewSpec
 resourceAttributes 1 *ResourceAttributes
 nonResourceAttributes 2 *NonResourceAttributes
 user 3 string
 groups 4 []string list=atomic
 extra 5 {}ExtraValue
 uid 6 string
SubjectAccessReviewStatus
 allowed! 1 bool always
 denied 4 bool
 reason 2 string
 evaluationError 3 string
SubjectRulesReviewStatus
 resourceRules! 1 []ResourceRule always list=atomic
 nonResourceRules! 2 []NonResourceRule always list=atomic
 incomplete! 3 bool always
 evaluationError 4 string
package autoscaling.v1
ContainerResourceMetricSource
 name 1 string always go=v1.ResourceName
 targetAverageUtilization 2 *int32
 targetAverageValue 3 *resource.Quantity
 container 5 string always
ContainerResourceMetricStatus
 name 1 string always go=v1.ResourceName
 currentAverageUtilization 2 *int32
 currentAverageValue 3 resource.Quantity always
 container 4 string always
CrossVersionObjectReference map=atomic
 kind! 1 string always
 name! 2 string always
 apiVersion 3 string
ExternalMetricSource
 metricName 1 string always
 metricSelector 2 *meta.v1.LabelSelector
 targetValue 3 *resource.Quantity
 targetAverageValue 4 *resource.Quantity
ExternalMetricStatus
 metricName 1 string always
 metricSelector 2 *meta.v1.LabelSelector
 currentValue 3 resource.Quantity always
 currentAverageValue 4 *resource.Quantity
HorizontalPodAutoscaler*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 HorizontalPodAutoscalerSpec
 status 3 HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerCondition
 type 1 string always go=v1.HorizontalPodAutoscalerConditionType
 status 2 string always go=v1.ConditionStatus
 lastTransitionTime 3 meta.v1.Time
 reason 4 string
 message 5 string
HorizontalPodAutoscalerList*
 metadata 1 meta.v1.ListMeta
 items! 2 []HorizontalPodAutoscaler always
HorizontalPodAutoscalerSpec
 scaleTargetRef! 1 CrossVersionObjectReference always
 minReplicas 2 *int32
 maxReplicas! 3 int32 always
 targetCPUUtilizationPercentage 4 *int32
HorizontalPodAutoscalerStatus
 observedGeneration 1 *int64
 lastScaleTime 2 *meta.v1.Time
 currentReplicas! 3 int32 always
 desiredReplicas! 4 int32 always
 currentCPUUtilizationPercentage 5 *int32
MetricSpec
 type 1 string always go=v1.MetricSourceType
 object 2 *ObjectMetricSource
 pods 3 *PodsMetricSource
 resource 4 *ResourceMetricSource
 containerResource 7 *ContainerResourceMetricSource
 external 5 *ExternalMetricSource
MetricStatus
 type 1 string always go=v1.MetricSourceType
 object 2 *ObjectMetricStatus
 pods 3 *PodsMetricStatus
 resource 4 *ResourceMetricStatus
 containerResource 7 *ContainerResourceMetricStatus
 external 5 *ExternalMetricStatus
ObjectMetricSource
 target 1 CrossVersionObjectReference always
 metricName 2 string always
 targetValue 3 resource.Quantity always
 selector 4 *meta.v1.LabelSelector
 averageValue 5 *resource.Quantity
ObjectMetricStatus
 target 1 CrossVersionObjectReference always
 metricName 2 string always
 currentValue 3 resource.Quantity always
 selector 4 *meta.v1.LabelSelector
 averageValue 5 *resource.Quantity
PodsMetricSource
 metricName 1 string always
 targetAverageValue 2 resource.Quantity always
 selector 3 *meta.v1.LabelSelector
PodsMetricStatus
 metricName 1 string always
 currentAverageValue 2 resource.Quantity always
 selector 3 *meta.v1.LabelSelector
ResourceMetricSource
 name 1 string always go=v1.ResourceName
 targetAverageUtilization 2 *int32
 targetAverageValue 3 *resource.Quantity
ResourceMetricStatus
 name 1 string always go=v1.ResourceName
 currentAverageUtilization 2 *int32
 currentAverageValue 3 resource.Quantity always
Scale*
 metadata 1 meta.v1.ObjectMeta
 spec 2 ScaleSpec
 status 3 ScaleStatus
ScaleSpec
 replicas 1 int32 default=0
ScaleStatus
 replicas! 1 int32 always
 selector 2 string
package autoscaling.v2
ContainerResourceMetricSource
 name! 1 string always go=v1.ResourceName
 target! 2 MetricTarget always
 container! 3 string always
ContainerResourceMetricStatus
 name! 1 string always go=v1.ResourceName
 current! 2 MetricValueStatus always
 container! 3 string always
CrossVersionObjectReference
 kind! 1 string always
 name! 2 string always
 apiVersion 3 string
ExternalMetricSource
 metric! 1 MetricIdentifier always
 target! 2 MetricTarget always
ExternalMetricStatus
 metric! 1 MetricIdentifier always
 current! 2 MetricValueStatus always
HPAScalingPolicy
 type! 1 string always go=v2.HPAScalingPolicyType
 value! 2 int32 always
 periodSeconds! 3 int32 always
HPAScalingRules
 stabilizationWindowSeconds 3 *int32
 selectPolicy 1 *string go=v2.ScalingPolicySelect
 policies 2 []HPAScalingPolicy list=atomic
 tolerance 4 *resource.Quantity
HorizontalPodAutoscaler*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 HorizontalPodAutoscalerSpec
 status 3 HorizontalPodAutoscalerStatus
HorizontalPodAutoscalerBehavior
 scaleUp 1 *HPAScalingRules
 scaleDown 2 *HPAScalingRules
HorizontalPodAutoscalerCondition
 type! 1 string always go=v2.HorizontalPodAutoscalerConditionType
 status! 2 string always go=v1.ConditionStatus
 lastTransitionTime 3 meta.v1.Time
 reason 4 string
 message 5 string
HorizontalPodAutoscalerList*
 metadata 1 meta.v1.ListMeta
 items! 2 []HorizontalPodAutoscaler always
HorizontalPodAutoscalerSpec
 scaleTargetRef! 1 CrossVersionObjectReference always
 minReplicas 2 *int32
 maxReplicas! 3 int32 always
 metrics 4 []MetricSpec list=atomic
 behavior 5 *HorizontalPodAutoscalerBehavior
HorizontalPodAutoscalerStatus
 observedGeneration 1 *int64
 lastScaleTime 2 *meta.v1.Time
 currentReplicas 3 int32
 desiredReplicas! 4 int32 always
 currentMetrics 5 []MetricStatus always list=atomic
 conditions 6 []HorizontalPodAutoscalerCondition key=type patch=merge list=map:type
MetricIdentifier
 name! 1 string always
 selector 2 *meta.v1.LabelSelector
MetricSpec
 type! 1 string always go=v2.MetricSourceType
 object 2 *ObjectMetricSource
 pods 3 *PodsMetricSource
 resource 4 *ResourceMetricSource
 containerResource 7 *ContainerResourceMetricSource
 external 5 *ExternalMetricSource
MetricStatus
 type! 1 string always go=v2.MetricSourceType
 object 2 *ObjectMetricStatus
 pods 3 *PodsMetricStatus
 resource 4 *ResourceMetricStatus
 containerResource 7 *ContainerResourceMetricStatus
 external 5 *ExternalMetricStatus
MetricTarget
 type! 1 string always go=v2.MetricTargetType
 value 2 *resource.Quantity
 averageValue 3 *resource.Quantity
 averageUtilization 4 *int32
MetricValueStatus
 value 1 *resource.Quantity
 averageValue 2 *resource.Quantity
 averageUtilization 3 *int32
ObjectMetricSource
 describedObject! 1 CrossVersionObjectReference always
 target! 2 MetricTarget always
 metric! 3 MetricIdentifier always
ObjectMetricStatus
 metric! 1 MetricIdentifier always
 current! 2 MetricValueStatus always
 describedObject! 3 CrossVersionObjectReference always
PodsMetricSource
 metric! 1 MetricIdentifier always
 target! 2 MetricTarget always
PodsMetricStatus
 metric! 1 MetricIdentifier always
 current! 2 MetricValueStatus always
ResourceMetricSource
 name! 1 string always go=v1.ResourceName
 target! 2 MetricTarget always
ResourceMetricStatus
 name! 1 string always go=v1.ResourceName
 current! 2 MetricValueStatus always
package batch.v1
CronJob*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 CronJobSpec
 status 3 CronJobStatus
CronJobList*
 metadata 1 meta.v1.ListMeta
 items! 2 []CronJob always
CronJobSpec
 schedule! 1 string always
 timeZone 8 *string
 startingDeadlineSeconds 2 *int64
 concurrencyPolicy 3 string go=v1.ConcurrencyPolicy
 suspend 4 *bool
 jobTemplate! 5 JobTemplateSpec always
 successfulJobsHistoryLimit 6 *int32
 failedJobsHistoryLimit 7 *int32
CronJobStatus
 active 1 []core.v1.ObjectReference list=atomic
 lastScheduleTime 4 *meta.v1.Time
 lastSuccessfulTime 5 *meta.v1.Time
Job*
 metadata 1 meta.v1.ObjectMeta
 spec 2 JobSpec
 status 3 JobStatus
JobCondition
 type! 1 string always go=v1.JobConditionType
 status! 2 string always go=v1.ConditionStatus
 lastProbeTime 3 meta.v1.Time
 lastTransitionTime 4 meta.v1.Time
 reason 5 string
 message 6 string
JobList*
 metadata 1 meta.v1.ListMeta
 items! 2 []Job always
JobSpec
 parallelism 1 *int32
 completions 2 *int32
 activeDeadlineSeconds 3 *int64
 podFailurePolicy 11 *PodFailurePolicy
 successPolicy 16 *SuccessPolicy
 backoffLimit 7 *int32
 backoffLimitPerIndex 12 *int32
 maxFailedIndexes 13 *int32
 selector 4 *meta.v1.LabelSelector
 manualSelector 5 *bool
 template! 6 core.v1.PodTemplateSpec always
 ttlSecondsAfterFinished 8 *int32
 completionMode 9 *string go=v1.CompletionMode
 suspend 10 *bool
 podReplacementPolicy 14 *string go=v1.PodReplacementPolicy
 managedBy 15 *string
JobStatus
 conditions 1 []JobCondition key=type patch=merge list=atomic
 startTime 2 *meta.v1.Time
 completionTime 3 *meta.v1.Time
 active 4 int32
 succeeded 5 int32
 failed 6 int32
 terminating 11 *int32
 completedIndexes 7 string
 failedIndexes 10 *string
 uncountedTerminatedPods 8 *UncountedTerminatedPods
 ready 9 *int32
JobTemplateSpec
 metadata 1 meta.v1.ObjectMeta
 spec 2 JobSpec
PodFailurePolicy
 rules! 1 []PodFailurePolicyRule always list=atomic
PodFailurePolicyOnExitCodesRequirement
 containerName 1 *string
 operator! 2 string always go=v1.PodFailurePolicyOnExitCodesOperator
 values! 3 []int32 always list=set
PodFailurePolicyOnPodConditionsPattern
 type! 1 string always go=v1.PodConditionType
 status 2 string always go=v1.ConditionStatus
PodFailurePolicyRule
 action! 1 string always go=v1.PodFailurePolicyAction
 onExitCodes 2 *PodFailurePolicyOnExitCodesRequirement
 onPodConditions 3 []PodFailurePolicyOnPodConditionsPattern list=atomic
SuccessPolicy
 rules! 1 []SuccessPolicyRule always list=atomic
SuccessPolicyRule
 succeededIndexes 1 *string
 succeededCount 2 *int32
UncountedTerminatedPods
 succeeded 1 []string go=[]types.UID list=set
 failed 2 []string go=[]types.UID list=set
package certificates.v1
CertificateSigningRequest*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 CertificateSigningRequestSpec always
 status 3 CertificateSigningRequestStatus
CertificateSigningRequestCondition
 type! 1 string always go=v1.RequestConditionType
 status! 6 string always go=v1.ConditionStatus
 reason 2 string
 message 3 string
 lastUpdateTime 4 meta.v1.Time
 lastTransitionTime 5 meta.v1.Time
CertificateSigningRequestList*
 metadata 1 meta.v1.ListMeta
 items! 2 []CertificateSigningRequest always
CertificateSigningRequestSpec
 request! 1 bytes always
 signerName! 7 string always
 expirationSeconds 8 *int32
 usages 5 []string go=[]v1.KeyUsage list=atomic
 username 2 string
 uid 3 string
 groups 4 []string list=atomic
 extra 6 {}ExtraValue
CertificateSigningRequestStatus
 conditions 1 []CertificateSigningRequestCondition list=map:type
 certificate 2 bytes
ExtraValue
 items 1 []string
package coordination.v1
Lease*
 metadata 1 meta.v1.ObjectMeta
 spec 2 LeaseSpec
LeaseList*
 metadata 1 meta.v1.ListMeta
 items! 2 []Lease always
LeaseSpec
 holderIdentity 1 *string
 leaseDurationSeconds 2 *int32
 acquireTime 3 *meta.v1.MicroTime
 renewTime 4 *meta.v1.MicroTime
 leaseTransitions 5 *int32
 strategy 6 *string go=v1.CoordinatedLeaseStrategy
 preferredHolder 7 *string
package core.v1
AWSElasticBlockStoreVolumeSource
 volumeID! 1 string always
 fsType 2 string
 partition 3 int32
 readOnly 4 bool
Affinity
 nodeAffinity 1 *NodeAffinity
 podAffinity 2 *PodAffinity
 podAntiAffinity 3 *PodAntiAffinity
AppArmorProfile
 type! 1 string always go=v1.AppArmorProfileType
 localhostProfile 2 *string
AttachedVolume
 name! 1 string always go=v1.UniqueVolumeName
 devicePath! 2 string always
AvoidPods
 preferAvoidPods 1 []PreferAvoidPodsEntry
AzureDiskVolumeSource
 diskName! 1 string always
 diskURI! 2 string always
 cachingMode 3 *string go=v1.AzureDataDiskCachingMode default="ReadWrite"
 fsType 4 *string default="ext4"
 readOnly 5 *bool default=false
 kind 6 *string go=v1.AzureDataDiskKind default="Shared"
AzureFilePersistentVolumeSource
 secretName! 1 string always
 shareName! 2 string always
 readOnly 3 bool
 secretNamespace 4 *string always
AzureFileVolumeSource
 secretName! 1 string always
 shareName! 2 string always
 readOnly 3 bool
Binding*
 metadata 1 meta.v1.ObjectMeta
 target! 2 ObjectReference always
CSIPersistentVolumeSource
 driver! 1 string always
 volumeHandle! 2 string always
 readOnly 3 bool
 fsType 4 string
 volumeAttributes 5 {}string
 controllerPublishSecretRef 6 *SecretReference
 nodeStageSecretRef 7 *SecretReference
 nodePublishSecretRef 8 *SecretReference
 controllerExpandSecretRef 9 *SecretReference
 nodeExpandSecretRef 10 *SecretReference
CSIVolumeSource
 driver! 1 string always
 readOnly 2 *bool
 fsType 3 *string
 volumeAttributes 4 {}string
 nodePublishSecretRef 5 *LocalObjectReference
Capabilities
 add 1 []string go=[]v1.Capability list=atomic
 drop 2 []string go=[]v1.Capability list=atomic
CephFSPersistentVolumeSource
 monitors! 1 []string always list=atomic
 path 2 string
 user 3 string
 secretFile 4 string
 secretRef 5 *SecretReference
 readOnly 6 bool
CephFSVolumeSource
 monitors! 1 []string always list=atomic
 path 2 string
 user 3 string
 secretFile 4 string
 secretRef 5 *LocalObjectReference
 readOnly 6 bool
CinderPersistentVolumeSource
 volumeID! 1 string always
 fsType 2 string
 readOnly 3 bool
 secretRef 4 *SecretReference
CinderVolumeSource
 volumeID! 1 string always
 fsType 2 string
 readOnly 3 bool
 secretRef 4 *LocalObjectReference
ClientIPConfig
 timeoutSeconds 1 *int32
ClusterTrustBundleProjection
 name 1 *string
 signerName 2 *string
 labelSelector 3 *meta.v1.LabelSelector
 optional 5 *bool
 path! 4 string always
ComponentCondition
 type! 1 string always go=v1.ComponentConditionType
 status! 2 string always go=v1.ConditionStatus
 message 3 string
 error 4 string
ComponentStatus*
 metadata 1 meta.v1.ObjectMeta
 conditions 2 []ComponentCondition key=type patch=merge list=map:type
ComponentStatusList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ComponentStatus always
ConfigMap*
 metadata 1 meta.v1.ObjectMeta
 immutable 4 *bool
 data 2 {}string
 binaryData 3 {}bytes
ConfigMapEnvSource
 ~localObjectReference 1 LocalObjectReference
 optional 2 *bool
ConfigMapKeySelector map=atomic
 ~localObjectReference 1 LocalObjectReference
 key! 2 string always
 optional 3 *bool
ConfigMapList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ConfigMap always
ConfigMapNodeConfigSource
 namespace! 1 string always
 name! 2 string always
 uid 3 string go=types.UID
 resourceVersion 4 string
 kubeletConfigKey! 5 string always
ConfigMapProjection
 ~localObjectReference 1 LocalObjectReference
 items 2 []KeyToPath list=atomic
 optional 4 *bool
ConfigMapVolumeSource
 ~localObjectReference 1 LocalObjectReference
 items 2 []KeyToPath list=atomic
 defaultMode 3 *int32
 optional 4 *bool
Container
 name! 1 string always
 image 2 string
 command 3 []string list=atomic
 args 4 []string list=atomic
 workingDir 5 string
 ports 6 []ContainerPort key=containerPort patch=merge list=map:containerPort,protocol
 envFrom 19 []EnvFromSource list=atomic
 env 7 []EnvVar key=name patch=merge list=map:name
 resources 8 ResourceRequirements
 resizePolicy 23 []ContainerResizePolicy list=atomic
 restartPolicy 24 *string go=v1.ContainerRestartPolicy
 restartPolicyRules 25 []ContainerRestartRule list=atomic
 volumeMounts 9 []VolumeMount key=mountPath patch=merge list=map:mountPath
 volumeDevices 21 []VolumeDevice key=devicePath patch=merge list=map:devicePath
 livenessProbe 10 *Probe
 readinessProbe 11 *Probe
 startupProbe 22 *Probe
 lifecycle 12 *Lifecycle
 terminationMessagePath 13 string
 terminationMessagePolicy 20 string go=v1.TerminationMessagePolicy
 imagePullPolicy 14 string go=v1.PullPolicy
 securityContext 15 *SecurityContext
 stdin 16 bool
 stdinOnce 17 bool
 tty 18 bool
ContainerExtendedResourceRequest
 containerName! 1 string always
 resourceName! 2 string always
 requestName! 3 string always
ContainerImage
 names 1 []string always list=atomic
 sizeBytes 2 int64
ContainerPort
 name 1 string
 hostPort 2 int32
 containerPort! 3 int32 always
 protocol 4 string go=v1.Protocol default="TCP"
 hostIP 5 string
ContainerResizePolicy
 resourceName! 1 string always go=v1.ResourceName
 restartPolicy! 2 string always go=v1.ResourceResizeRestartPolicy
ContainerRestartRule
 action! 1 string go=v1.ContainerRestartRuleAction
 exitCodes 2 *ContainerRestartRuleOnExitCodes
ContainerRestartRuleOnExitCodes
 operator! 1 string go=v1.ContainerRestartRuleOnExitCodesOperator
 values 2 []int32 list=set
ContainerState
 waiting 1 *ContainerStateWaiting
 running 2 *ContainerStateRunning
 terminated 3 *ContainerStateTerminated
ContainerStateRunning
 startedAt 1 meta.v1.Time
ContainerStateTerminated
 exitCode! 1 int32 always
 signal 2 int32
 reason 3 string
 message 4 string
 startedAt 5 meta.v1.Time
 finishedAt 6 meta.v1.Time
 containerID 7 string
ContainerStateWaiting
 reason 1 string
 message 2 string
ContainerStatus
 name! 1 string always
 state 2 ContainerState
 lastState 3 ContainerState
 ready! 4 bool always
 restartCount! 5 int32 always
 image! 6 string always
 imageID! 7 string always
 containerID 8 string
 started 9 *bool
 allocatedResources 10 {}resource.Quantity go=v1.ResourceList
 resources 11 *ResourceRequirements
 volumeMounts 12 []VolumeMountStatus key=mountPath patch=merge list=map:mountPath
 user 13 *ContainerUser
 allocatedResourcesStatus 14 []ResourceStatus key=name patch=merge list=map:name
 stopSignal 15 *string go=v1.Signal
ContainerUser
 linux 1 *LinuxContainerUser
DaemonEndpoint
 Port! 1 int32 always
DownwardAPIProjection
 items 1 []DownwardAPIVolumeFile list=atomic
DownwardAPIVolumeFile
 path! 1 string always
 fieldRef 2 *ObjectFieldSelector
 resourceFieldRef 3 *ResourceFieldSelector
 mode 4 *int32
DownwardAPIVolumeSource
 items 1 []DownwardAPIVolumeFile list=atomic
 defaultMode 2 *int32
EmptyDirVolumeSource
 medium 1 string go=v1.StorageMedium
 sizeLimit 2 *resource.Quantity
EndpointAddress map=atomic
 ip! 1 string always
 hostname 3 string
 nodeName 4 *string
 targetRef 2 *ObjectReference
EndpointPort map=atomic
 name 1 string
 port! 2 int32 always
 protocol 3 string go=v1.Protocol
 appProtocol 4 *string
EndpointSubset
 addresses 1 []EndpointAddress list=atomic
 notReadyAddresses 2 []EndpointAddress list=atomic
 ports 3 []EndpointPort list=atomic
Endpoints*
 metadata 1 meta.v1.ObjectMeta
 subsets 2 []EndpointSubset list=atomic
EndpointsList*
 metadata 1 meta.v1.ListMeta
 items! 2 []Endpoints always
EnvFromSource
 prefix 1 string
 configMapRef 2 *ConfigMapEnvSource
 secretRef 3 *SecretEnvSource
EnvVar
 name! 1 string always
 value 2 string
 valueFrom 3 *EnvVarSource
EnvVarSource
 fieldRef 1 *ObjectFieldSelector
 resourceFieldRef 2 *ResourceFieldSelector
 configMapKeyRef 3 *ConfigMapKeySelector
 secretKeyRef 4 *SecretKeySelector
 fileKeyRef 5 *FileKeySelector
EphemeralContainer
 ~ephemeralContainerCommon 1 EphemeralContainerCommon
 targetContainerName 2 string
EphemeralContainerCommon
 name! 1 string always
 image 2 string
 command 3 []string list=atomic
 args 4 []string list=atomic
 workingDir 5 string
 ports 6 []ContainerPort key=containerPort patch=merge list=map:containerPort,protocol
 envFrom 19 []EnvFromSource list=atomic
 env 7 []EnvVar key=name patch=merge list=map:name
 resources 8 ResourceRequirements
 resizePolicy 23 []ContainerResizePolicy list=atomic
 restartPolicy 24 *string go=v1.ContainerRestartPolicy
 restartPolicyRules 25 []ContainerRestartRule list=atomic
 volumeMounts 9 []VolumeMount key=mountPath patch=merge list=map:mountPath
 volumeDevices 21 []VolumeDevice key=devicePath patch=merge list=map:devicePath
 livenessProbe 10 *Probe
 readinessProbe 11 *Probe
 startupProbe 22 *Probe
 lifecycle 12 *Lifecycle
 terminationMessagePath 13 string
 terminationMessagePolicy 20 string go=v1.TerminationMessagePolicy
 imagePullPolicy 14 string go=v1.PullPolicy
 securityContext 15 *SecurityContext
 stdin 16 bool
 stdinOnce 17 bool
 tty 18 bool
EphemeralVolumeSource
 volumeClaimTemplate 1 *PersistentVolumeClaimTemplate
Event*
 metadata! 1 meta.v1.ObjectMeta always
 involvedObject! 2 ObjectReference always
 reason 3 string
 message 4 string
 source 5 EventSource
 firstTimestamp 6 meta.v1.Time
 lastTimestamp 7 meta.v1.Time
 count 8 int32
 type 9 string
 eventTime 10 meta.v1.MicroTime
 series 11 *EventSeries
 action 12 string
 related 13 *ObjectReference
 reportingComponent 14 string always
 reportingInstance 15 string always
EventList*
 metadata 1 meta.v1.ListMeta
 items! 2 []Event always
EventSeries
 count 1 int32
 lastObservedTime 2 meta.v1.MicroTime
EventSource
 component 1 string
 host 2 string
ExecAction
 command 1 []string list=atomic
FCVolumeSource
 targetWWNs 1 []string list=atomic
 lun 2 *int32
 fsType 3 string
 readOnly 4 bool
 wwids 5 []string list=atomic
FileKeySelector map=atomic
 volumeName! 1 string always
 path! 2 string always
 key! 3 string always
 optional 4 *bool default=false
FlexPersistentVolumeSource
 driver! 1 string always
 fsType 2 string
 secretRef 3 *SecretReference
 readOnly 4 bool
 options 5 {}string
FlexVolumeSource
 driver! 1 string always
 fsType 2 string
 secretRef 3 *LocalObjectReference
 readOnly 4 bool
 options 5 {}string
FlockerVolumeSource
 datasetName 1 string
 datasetUUID 2 string
GCEPersistentDiskVolumeSource
 pdName! 1 string always
 fsType 2 string
 partition 3 int32
 readOnly 4 bool
GRPCAction
 port! 1 int32 always
 service 2 *string always default=""
GitRepoVolumeSource
 repository! 1 string always
 revision 2 string
 directory 3 string
GlusterfsPersistentVolumeSource
 endpoints! 1 string always
 path! 2 string always
 readOnly 3 bool
 endpointsNamespace 4 *string
GlusterfsVolumeSource
 endpoints! 1 string always
 path! 2 string always
 readOnly 3 bool
HTTPGetAction
 path 1 string
 port! 2 intstr.IntOrString always
 host 3 string
 scheme 4 string go=v1.URIScheme
 httpHeaders 5 []HTTPHeader list=atomic
HTTPHeader
 name! 1 string always
 value! 2 string always
HostAlias
 ip! 1 string always
 hostnames 2 []string list=atomic
HostIP
 ip! 1 string always
HostPathVolumeSource
 path! 1 string always
 type 2 *string go=v1.HostPathType
ISCSIPersistentVolumeSource
 targetPortal! 1 string always
 iqn! 2 string always
 lun! 3 int32 always
 iscsiInterface 4 string default="default"
 fsType 5 string
 readOnly 6 bool
 portals 7 []string list=atomic
 chapAuthDiscovery 8 bool
 chapAuthSession 11 bool
 secretRef 10 *SecretReference
 initiatorName 12 *string
ISCSIVolumeSource
 targetPortal! 1 string always
 iqn! 2 string always
 lun! 3 int32 always
 iscsiInterface 4 string default="default"
 fsType 5 string
 readOnly 6 bool
 portals 7 []string list=atomic
 chapAuthDiscovery 8 bool
 chapAuthSession 11 bool
 secretRef 10 *LocalObjectReference
 initiatorName 12 *string
ImageVolumeSource
 reference 1 string
 pullPolicy 2 string go=v1.PullPolicy
ImageVolumeStatus
 imageRef! 1 string
KeyToPath
 key! 1 string always
 path! 2 string always
 mode 3 *int32
Lifecycle
 postStart 1 *LifecycleHandler
 preStop 2 *LifecycleHandler
 stopSignal 3 *string go=v1.Signal
LifecycleHandler
 exec 1 *ExecAction
 httpGet 2 *HTTPGetAction
 tcpSocket 3 *TCPSocketAction
 sleep 4 *SleepAction
LimitRange*
 metadata 1 meta.v1.ObjectMeta
 spec 2 LimitRangeSpec
LimitRangeItem
 type! 1 string always go=v1.LimitType
 max 2 {}resource.Quantity go=v1.ResourceList
 min 3 {}resource.Quantity go=v1.ResourceList
 default 4 {}resource.Quantity go=v1.ResourceList
 defaultRequest 5 {}resource.Quantity go=v1.ResourceList
 maxLimitRequestRatio 6 {}resource.Quantity go=v1.ResourceList
LimitRangeList*
 metadata 1 meta.v1.ListMeta
 items! 2 []LimitRange always
LimitRangeSpec
 limits! 1 []LimitRangeItem always list=atomic
LinuxContainerUser
 uid! 1 int64 always
 gid! 2 int64 always
 supplementalGroups 3 []int64 list=atomic
List
 metadata 1 meta.v1.ListMeta
 items 2 []runtime.RawExtension
LoadBalancerIngress
 ip 1 string
 hostname 2 string
 ipMode 3 *string go=v1.LoadBalancerIPMode
 ports 4 []PortStatus list=atomic
LoadBalancerStatus
 ingress 1 []LoadBalancerIngress list=atomic
LocalObjectReference map=atomic
 name 1 string default=""
LocalVolumeSource
 path! 1 string always
 fsType 2 *string
ModifyVolumeStatus
 targetVolumeAttributesClassName 1 string
 status! 2 string always go=v1.PersistentVolumeClaimModifyVolumeStatus
NFSVolumeSource
 server! 1 string always
 path! 2 string always
 readOnly 3 bool
Namespace*
 metadata 1 meta.v1.ObjectMeta
 spec 2 NamespaceSpec
 status 3 NamespaceStatus
NamespaceCondition
 type! 1 string always go=v1.NamespaceConditionType
 status! 2 string always go=v1.ConditionStatus
 lastTransitionTime 4 meta.v1.Time
 reason 5 string
 message 6 string
NamespaceList*
 metadata 1 meta.v1.ListMeta
 items! 2 []Namespace always
NamespaceSpec
 finalizers 1 []string go=[]v1.FinalizerName list=atomic
NamespaceStatus
 phase 1 string go=v1.NamespacePhase
 conditions 2 []NamespaceCondition key=type patch=merge list=map:type
Node*
 metadata 1 meta.v1.ObjectMeta
 spec 2 NodeSpec
 status 3 NodeStatus
NodeAddress
 type! 1 string always go=v1.NodeAddressType
 address! 2 string always
NodeAffinity
 requiredDuringSchedulingIgnoredDuringExecution 1 *NodeSelector
 preferredDuringSchedulingIgnoredDuringExecution 2 []PreferredSchedulingTerm list=atomic
NodeAllocatableResourceClaimStatus
 resourceClaimName! 1 string always
 containers 2 []string list=set
 resources! 3 {}resource.Quantity always go=map[v1.ResourceName]resource.Quantity
NodeCondition
 type! 1 string always go=v1.NodeConditionType
 status! 2 string always go=v1.ConditionStatus
 lastHeartbeatTime 3 meta.v1.Time
 lastTransitionTime 4 meta.v1.Time
 reason 5 string
 message 6 string
NodeConfigSource
 configMap 2 *ConfigMapNodeConfigSource
NodeConfigStatus
 assigned 1 *NodeConfigSource
 active 2 *NodeConfigSource
 lastKnownGood 3 *NodeConfigSource
 error 4 string
NodeDaemonEndpoints
 kubeletEndpoint 1 DaemonEndpoint
NodeFeatures
 supplementalGroupsPolicy 1 *bool
NodeList*
 metadata 1 meta.v1.ListMeta
 items! 2 []Node always
NodeProxyOptions*
 path 1 string
NodeRuntimeHandler
 name 1 string always
 features 2 *NodeRuntimeHandlerFeatures
NodeRuntimeHandlerFeatures
 recursiveReadOnlyMounts 1 *bool
 userNamespaces 2 *bool
NodeSelector map=atomic
 nodeSelectorTerms! 1 []NodeSelectorTerm always list=atomic
NodeSelectorRequirement
 key! 1 string always
 operator! 2 string always go=v1.NodeSelectorOperator
 values 3 []string list=atomic
NodeSelectorTerm map=atomic
 matchExpressions 1 []NodeSelectorRequirement list=atomic
 matchFields 2 []NodeSelectorRequirement list=atomic
NodeSpec
 podCIDR 1 string
 podCIDRs 7 []string patch=merge list=set
 providerID 3 string
 unschedulable 4 bool
 taints 5 []Taint list=atomic
 configSource 6 *NodeConfigSource
 externalID 2 string
NodeStatus
 capacity 1 {}resource.Quantity go=v1.ResourceList
 allocatable 2 {}resource.Quantity go=v1.ResourceList
 phase 3 string go=v1.NodePhase
 conditions 4 []NodeCondition key=type patch=merge list=map:type
 addresses 5 []NodeAddress key=type patch=merge list=map:type
 daemonEndpoints 6 NodeDaemonEndpoints
 nodeInfo 7 NodeSystemInfo
 images 8 []ContainerImage list=atomic
 volumesInUse 9 []string go=[]v1.UniqueVolumeName list=atomic
 volumesAttached 10 []AttachedVolume list=atomic
 config 11 *NodeConfigStatus
 runtimeHandlers 12 []NodeRuntimeHandler list=atomic
 features 13 *NodeFeatures
 declaredFeatures 14 []string list=atomic
NodeSwapStatus
 capacity 1 *int64
NodeSystemInfo
 machineID! 1 string always
 systemUUID! 2 string always
 bootID! 3 string always
 kernelVersion! 4 string always
 osImage! 5 string always
 containerRuntimeVersion! 6 string always
 kubeletVersion! 7 string always
 kubeProxyVersion! 8 string always
 operatingSystem! 9 string always
 architecture! 10 string always
 swap 11 *NodeSwapStatus
ObjectFieldSelector map=atomic
 apiVersion 1 string
 fieldPath! 2 string always
ObjectReference map=atomic
 kind 1 string
 namespace 2 string
 name 3 string
 uid 4 string go=types.UID
 apiVersion 5 string
 resourceVersion 6 string
 fieldPath 7 string
PersistentVolume*
 metadata 1 meta.v1.ObjectMeta
 spec 2 PersistentVolumeSpec
 status 3 PersistentVolumeStatus
PersistentVolumeClaim*
 metadata 1 meta.v1.ObjectMeta
 spec 2 PersistentVolumeClaimSpec
 status 3 PersistentVolumeClaimStatus
PersistentVolumeClaimCondition
 type! 1 string always go=v1.PersistentVolumeClaimConditionType
 status! 2 string always go=v1.ConditionStatus
 lastProbeTime 3 meta.v1.Time
 lastTransitionTime 4 meta.v1.Time
 reason 5 string
 message 6 string
PersistentVolumeClaimList*
 metadata 1 meta.v1.ListMeta
 items! 2 []PersistentVolumeClaim always
PersistentVolumeClaimSpec
 accessModes 1 []string go=[]v1.PersistentVolumeAccessMode list=atomic
 selector 4 *meta.v1.LabelSelector
 resources 2 VolumeResourceRequirements
 volumeName 3 string
 storageClassName 5 *string
 volumeMode 6 *string go=v1.PersistentVolumeMode
 dataSource 7 *TypedLocalObjectReference
 dataSourceRef 8 *TypedObjectReference
 volumeAttributesClassName 9 *string
PersistentVolumeClaimStatus
 phase 1 string go=v1.PersistentVolumeClaimPhase
 accessModes 2 []string go=[]v1.PersistentVolumeAccessMode list=atomic
 capacity 3 {}resource.Quantity go=v1.ResourceList
 conditions 4 []PersistentVolumeClaimCondition key=type patch=merge list=map:type
 allocatedResources 5 {}resource.Quantity go=v1.ResourceList
 allocatedResourceStatuses 7 {}string go=map[v1.ResourceName]v1.ClaimResourceStatus map=granular
 currentVolumeAttributesClassName 8 *string
 modifyVolumeStatus 9 *ModifyVolumeStatus
PersistentVolumeClaimTemplate
 metadata 1 meta.v1.ObjectMeta
 spec! 2 PersistentVolumeClaimSpec always
PersistentVolumeClaimVolumeSource
 claimName! 1 string always
 readOnly 2 bool
PersistentVolumeList*
 metadata 1 meta.v1.ListMeta
 items! 2 []PersistentVolume always
PersistentVolumeSource
 gcePersistentDisk 1 *GCEPersistentDiskVolumeSource
 awsElasticBlockStore 2 *AWSElasticBlockStoreVolumeSource
 hostPath 3 *HostPathVolumeSource
 glusterfs 4 *GlusterfsPersistentVolumeSource
 nfs 5 *NFSVolumeSource
 rbd 6 *RBDPersistentVolumeSource
 iscsi 7 *ISCSIPersistentVolumeSource
 cinder 8 *CinderPersistentVolumeSource
 cephfs 9 *CephFSPersistentVolumeSource
 fc 10 *FCVolumeSource
 flocker 11 *FlockerVolumeSource
 flexVolume 12 *FlexPersistentVolumeSource
 azureFile 13 *AzureFilePersistentVolumeSource
 vsphereVolume 14 *VsphereVirtualDiskVolumeSource
 quobyte 15 *QuobyteVolumeSource
 azureDisk 16 *AzureDiskVolumeSource
 photonPersistentDisk 17 *PhotonPersistentDiskVolumeSource
 portworxVolume 18 *PortworxVolumeSource
 scaleIO 19 *ScaleIOPersistentVolumeSource
 local 20 *LocalVolumeSource
 storageos 21 *StorageOSPersistentVolumeSource
 csi 22 *CSIPersistentVolumeSource
PersistentVolumeSpec
 capacity 1 {}resource.Quantity go=v1.ResourceList
 ~persistentVolumeSource 2 PersistentVolumeSource
 accessModes 3 []string go=[]v1.PersistentVolumeAccessMode list=atomic
 claimRef 4 *ObjectReference map=granular
 persistentVolumeReclaimPolicy 5 string go=v1.PersistentVolumeReclaimPolicy
 storageClassName 6 string
 mountOptions 7 []string list=atomic
 volumeMode 8 *string go=v1.PersistentVolumeMode
 nodeAffinity 9 *VolumeNodeAffinity
 volumeAttributesClassName 10 *string
PersistentVolumeStatus
 phase 1 string go=v1.PersistentVolumePhase
 message 2 string
 reason 3 string
 lastPhaseTransitionTime 4 *meta.v1.Time
PhotonPersistentDiskVolumeSource
 pdID! 1 string always
 fsType 2 string
Pod*
 metadata 1 meta.v1.ObjectMeta
 spec 2 PodSpec
 status 3 PodStatus
PodAffinity
 requiredDuringSchedulingIgnoredDuringExecution 1 []PodAffinityTerm list=atomic
 preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm list=atomic
PodAffinityTerm
 labelSelector 1 *meta.v1.LabelSelector
 namespaces 2 []string list=atomic
 topologyKey! 3 string always
 namespaceSelector 4 *meta.v1.LabelSelector
 matchLabelKeys 5 []string list=atomic
 mismatchLabelKeys 6 []string list=atomic
PodAntiAffinity
 requiredDuringSchedulingIgnoredDuringExecution 1 []PodAffinityTerm list=atomic
 preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm list=atomic
PodAttachOptions*
 stdin 1 bool
 stdout 2 bool
 stderr 3 bool
 tty 4 bool
 container 5 string
PodCertificateProjection
 signerName! 1 string
 keyType! 2 string
 maxExpirationSeconds 3 *int32
 credentialBundlePath 4 string
 keyPath 5 string
 certificateChainPath 6 string
 userAnnotations 7 {}string
PodCondition
 type! 1 string always go=v1.PodConditionType
 observedGeneration 7 int64
 status! 2 string always go=v1.ConditionStatus
 lastProbeTime 3 meta.v1.Time
 lastTransitionTime 4 meta.v1.Time
 reason 5 string
 message 6 string
PodDNSConfig
 nameservers 1 []string list=atomic
 searches 2 []string list=atomic
 options 3 []PodDNSConfigOption list=atomic
PodDNSConfigOption
 name 1 string
 value 2 *string
PodExecOptions*
 stdin 1 bool
 stdout 2 bool
 stderr 3 bool
 tty 4 bool
 container 5 string
 command 6 []string always
PodExtendedResourceClaimStatus
 requestMappings! 1 []ContainerExtendedResourceRequest always list=atomic
 resourceClaimName! 2 string always
PodIP
 ip! 1 string always
PodList*
 metadata 1 meta.v1.ListMeta
 items! 2 []Pod always
PodLogOptions*
 container 1 string
 follow 2 bool
 previous 3 bool
 sinceSeconds 4 *int64
 sinceTime 5 *meta.v1.Time
 timestamps 6 bool
 tailLines 7 *int64
 limitBytes 8 *int64
 insecureSkipTLSVerifyBackend 9 bool
 stream 10 *string
PodOS
 name! 1 string always go=v1.OSName
PodPortForwardOptions*
 ports 1 []int32
PodProxyOptions*
 path 1 string
PodReadinessGate
 conditionType! 1 string always go=v1.PodConditionType
PodResourceClaim
 name! 1 string always
 resourceClaimName 3 *string
 resourceClaimTemplateName 4 *string
PodResourceClaimStatus
 name! 1 string always
 resourceClaimName 2 *string
PodSchedulingGate
 name! 1 string always
PodSchedulingGroup
 podGroupName 1 *string
PodSecurityContext
 seLinuxOptions 1 *SELinuxOptions
 windowsOptions 8 *WindowsSecurityContextOptions
 runAsUser 2 *int64
 runAsGroup 6 *int64
 runAsNonRoot 3 *bool
 supplementalGroups 4 []int64 list=atomic
 supplementalGroupsPolicy 12 *string go=v1.SupplementalGroupsPolicy
 fsGroup 5 *int64
 sysctls 7 []Sysctl list=atomic
 fsGroupChangePolicy 9 *string go=v1.PodFSGroupChangePolicy
 seccompProfile 10 *SeccompProfile
 appArmorProfile 11 *AppArmorProfile
 seLinuxChangePolicy 13 *string go=v1.PodSELinuxChangePolicy
PodSignature
 podController 1 *meta.v1.OwnerReference
PodSpec
 volumes 1 []Volume key=name patch=merge,retainKeys list=map:name
 initContainers 20 []Container key=name patch=merge list=map:name
 containers! 2 []Container always key=name patch=merge list=map:name
 ephemeralContainers 34 []EphemeralContainer key=name patch=merge list=map:name
 restartPolicy 3 string go=v1.RestartPolicy
 terminationGracePeriodSeconds 4 *int64
 activeDeadlineSeconds 5 *int64
 dnsPolicy 6 string go=v1.DNSPolicy
 nodeSelector 7 {}string map=atomic
 serviceAccountName 8 string
 serviceAccount 9 string
 automountServiceAccountToken 21 *bool
 nodeName 10 string
 hostNetwork 11 bool
 hostPID 12 bool
 hostIPC 13 bool
 shareProcessNamespace 27 *bool
 securityContext 14 *PodSecurityContext
 imagePullSecrets 15 []LocalObjectReference key=name patch=merge list=map:name
 hostname 16 string
 subdomain 17 string
 affinity 18 *Affinity
 schedulerName 19 string
 tolerations 22 []Toleration list=atomic
 hostAliases 23 []HostAlias key=ip patch=merge list=map:ip
 priorityClassName 24 string
 priority 25 *int32
 dnsConfig 26 *PodDNSConfig
 readinessGates 28 []PodReadinessGate list=atomic
 runtimeClassName 29 *string
 enableServiceLinks 30 *bool
 preemptionPolicy 31 *string go=v1.PreemptionPolicy
 overhead 32 {}resource.Quantity go=v1.ResourceList
 topologySpreadConstraints 33 []TopologySpreadConstraint key=topologyKey patch=merge list=map:topologyKey,whenUnsatisfiable
 setHostnameAsFQDN 35 *bool
 os 36 *PodOS
 hostUsers 37 *bool
 schedulingGates 38 []PodSchedulingGate key=name patch=merge list=map:name
 resourceClaims 39 []PodResourceClaim key=name patch=merge,retainKeys list=map:name
 resources 40 *ResourceRequirements
 hostnameOverride 41 *string
 schedulingGroup 43 *PodSchedulingGroup
PodStatus
 observedGeneration 17 int64
 phase 1 string go=v1.PodPhase
 conditions 2 []PodCondition key=type patch=merge list=map:type
 message 3 string
 reason 4 string
 nominatedNodeName 11 string
 hostIP 5 string
 hostIPs 16 []HostIP key=ip patch=merge list=atomic
 podIP 6 string
 podIPs 12 []PodIP key=ip patch=merge list=map:ip
 startTime 7 *meta.v1.Time
 initContainerStatuses 10 []ContainerStatus list=atomic
 containerStatuses 8 []ContainerStatus list=atomic
 qosClass 9 string go=v1.PodQOSClass
 ephemeralContainerStatuses 13 []ContainerStatus list=atomic
 resize 14 string go=v1.PodResizeStatus
 resourceClaimStatuses 15 []PodResourceClaimStatus key=name patch=merge,retainKeys list=map:name
 extendedResourceClaimStatus 18 *PodExtendedResourceClaimStatus
 allocatedResources 19 {}resource.Quantity go=v1.ResourceList
 resources 20 *ResourceRequirements
 nodeAllocatableResourceClaimStatuses 21 []NodeAllocatableResourceClaimStatus list=atomic
PodStatusResult
 metadata 1 meta.v1.ObjectMeta
 status 2 PodStatus
PodTemplate*
 metadata 1 meta.v1.ObjectMeta
 template 2 PodTemplateSpec
PodTemplateList*
 metadata 1 meta.v1.ListMeta
 items! 2 []PodTemplate always
PodTemplateSpec
 metadata 1 meta.v1.ObjectMeta
 spec 2 PodSpec
PortStatus
 port! 1 int32 always
 protocol! 2 string always go=v1.Protocol
 error 3 *string
PortworxVolumeSource
 volumeID! 1 string always
 fsType 2 string
 readOnly 3 bool
Preconditions
 uid 1 *string go=types.UID
PreferAvoidPodsEntry
 podSignature 1 PodSignature always
 evictionTime 2 meta.v1.Time
 reason 3 string
 message 4 string
PreferredSchedulingTerm
 weight! 1 int32 always
 preference! 2 NodeSelectorTerm always
Probe
 ~handler 1 ProbeHandler
 initialDelaySeconds 2 int32
 timeoutSeconds 3 int32
 periodSeconds 4 int32
 successThreshold 5 int32
 failureThreshold 6 int32
 terminationGracePeriodSeconds 7 *int64
ProbeHandler
 exec 1 *ExecAction
 httpGet 2 *HTTPGetAction
 tcpSocket 3 *TCPSocketAction
 grpc 4 *GRPCAction
ProjectedVolumeSource
 sources 1 []VolumeProjection always list=atomic
 defaultMode 2 *int32
QuobyteVolumeSource
 registry! 1 string always
 volume! 2 string always
 readOnly 3 bool
 user 4 string
 group 5 string
 tenant 6 string
RBDPersistentVolumeSource
 monitors! 1 []string always list=atomic
 image! 2 string always
 fsType 3 string
 pool 4 string default="rbd"
 user 5 string default="admin"
 keyring 6 string default="/etc/ceph/keyring"
 secretRef 7 *SecretReference
 readOnly 8 bool
RBDVolumeSource
 monitors! 1 []string always list=atomic
 image! 2 string always
 fsType 3 string
 pool 4 string default="rbd"
 user 5 string default="admin"
 keyring 6 string default="/etc/ceph/keyring"
 secretRef 7 *LocalObjectReference
 readOnly 8 bool
RangeAllocation*
 metadata 1 meta.v1.ObjectMeta
 range 2 string always
 data 3 bytes always
ReplicationController*
 metadata 1 meta.v1.ObjectMeta
 spec 2 ReplicationControllerSpec
 status 3 ReplicationControllerStatus
ReplicationControllerCondition
 type! 1 string always go=v1.ReplicationControllerConditionType
 status! 2 string always go=v1.ConditionStatus
 lastTransitionTime 3 meta.v1.Time
 reason 4 string
 message 5 string
ReplicationControllerList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ReplicationController always
ReplicationControllerSpec
 replicas 1 *int32 default=1
 minReadySeconds 4 int32 default=0
 selector 2 {}string map=atomic
 template 3 *PodTemplateSpec
ReplicationControllerStatus
 replicas! 1 int32 always
 fullyLabeledReplicas 2 int32
 readyReplicas 4 int32
 availableReplicas 5 int32
 observedGeneration 3 int64
 conditions 6 []ReplicationControllerCondition key=type patch=merge list=map:type
ResourceClaim
 name! 1 string always
 request 2 string
ResourceFieldSelector map=atomic
 containerName 1 string
 resource! 2 string always
 divisor 3 resource.Quantity
ResourceHealth
 resourceID! 1 string always go=v1.ResourceID
 health 2 string go=v1.ResourceHealthStatus
 message 6 *string
ResourceQuota*
 metadata 1 meta.v1.ObjectMeta
 spec 2 ResourceQuotaSpec
 status 3 ResourceQuotaStatus
ResourceQuotaList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ResourceQuota always
ResourceQuotaSpec
 hard 1 {}resource.Quantity go=v1.ResourceList
 scopes 2 []string go=[]v1.ResourceQuotaScope list=atomic
 scopeSelector 3 *ScopeSelector
ResourceQuotaStatus
 hard 1 {}resource.Quantity go=v1.ResourceList
 used 2 {}resource.Quantity go=v1.ResourceList
ResourceRequirements
 limits 1 {}resource.Quantity go=v1.ResourceList
 requests 2 {}resource.Quantity go=v1.ResourceList
 claims 3 []ResourceClaim list=map:name
ResourceStatus
 name! 1 string always go=v1.ResourceName
 resources 2 []ResourceHealth list=map:resourceID
SELinuxOptions
 user 1 string
 role 2 string
 type 3 string
 level 4 string
ScaleIOPersistentVolumeSource
 gateway! 1 string always
 system! 2 string always
 secretRef! 3 *SecretReference always
 sslEnabled 4 bool
 protectionDomain 5 string
 storagePool 6 string
 storageMode 7 string default="ThinProvisioned"
 volumeName 8 string
 fsType 9 string default="xfs"
 readOnly 10 bool
ScaleIOVolumeSource
 gateway! 1 string always
 system! 2 string always
 secretRef! 3 *LocalObjectReference always
 sslEnabled 4 bool
 protectionDomain 5 string
 storagePool 6 string
 storageMode 7 string default="ThinProvisioned"
 volumeName 8 string
 fsType 9 string default="xfs"
 readOnly 10 bool
ScopeSelector map=atomic
 matchExpressions 1 []ScopedResourceSelectorRequirement list=atomic
ScopedResourceSelectorRequirement
 scopeName! 1 string always go=v1.ResourceQuotaScope
 operator! 2 string always go=v1.ScopeSelectorOperator
 values 3 []string list=atomic
SeccompProfile
 type! 1 string always go=v1.SeccompProfileType
 localhostProfile 2 *string
Secret*
 metadata 1 meta.v1.ObjectMeta
 immutable 5 *bool
 data 2 {}bytes
 stringData 4 {}string
 type 3 string go=v1.SecretType
SecretEnvSource
 ~localObjectReference 1 LocalObjectReference
 optional 2 *bool
SecretKeySelector map=atomic
 ~localObjectReference 1 LocalObjectReference
 key! 2 string always
 optional 3 *bool
SecretList*
 metadata 1 meta.v1.ListMeta
 items! 2 []Secret always
SecretProjection
 ~localObjectReference 1 LocalObjectReference
 items 2 []KeyToPath list=atomic
 optional 4 *bool
SecretReference map=atomic
 name 1 string
 namespace 2 string
SecretVolumeSource
 secretName 1 string
 items 2 []KeyToPath list=atomic
 defaultMode 3 *int32
 optional 4 *bool
SecurityContext
 capabilities 1 *Capabilities
 privileged 2 *bool
 seLinuxOptions 3 *SELinuxOptions
 windowsOptions 10 *WindowsSecurityContextOptions
 runAsUser 4 *int64
 runAsGroup 8 *int64
 runAsNonRoot 5 *bool
 readOnlyRootFilesystem 6 *bool
 allowPrivilegeEscalation 7 *bool
 procMount 9 *string go=v1.ProcMountType
 seccompProfile 11 *SeccompProfile
 appArmorProfile 12 *AppArmorProfile
SerializedReference*
 reference 1 ObjectReference
Service*
 metadata 1 meta.v1.ObjectMeta
 spec 2 ServiceSpec
 status 3 ServiceStatus
ServiceAccount*
 metadata 1 meta.v1.ObjectMeta
 secrets 2 []ObjectReference key=name patch=merge list=map:name
 imagePullSecrets 3 []LocalObjectReference list=atomic
 automountServiceAccountToken 4 *bool
ServiceAccountList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ServiceAccount always
ServiceAccountTokenProjection
 audience 1 string
 expirationSeconds 2 *int64
 path! 3 string always
ServiceList*
 metadata 1 meta.v1.ListMeta
 items! 2 []Service always
ServicePort
 name 1 string
 protocol 2 string go=v1.Protocol default="TCP"
 appProtocol 6 *string
 port! 3 int32 always
 targetPort 4 intstr.IntOrString
 nodePort 5 int32
ServiceProxyOptions*
 path 1 string
ServiceSpec
 ports 1 []ServicePort key=port patch=merge list=map:port,protocol
 selector 2 {}string map=atomic
 clusterIP 3 string
 clusterIPs 18 []string list=atomic
 type 4 string go=v1.ServiceType
 externalIPs 5 []string list=atomic
 sessionAffinity 7 string go=v1.ServiceAffinity
 loadBalancerIP 8 string
 loadBalancerSourceRanges 9 []string list=atomic
 externalName 10 string
 externalTrafficPolicy 11 string go=v1.ServiceExternalTrafficPolicy
 healthCheckNodePort 12 int32
 publishNotReadyAddresses 13 bool
 sessionAffinityConfig 14 *SessionAffinityConfig
 ipFamilies 19 []string go=[]v1.IPFamily list=atomic
 ipFamilyPolicy 17 *string go=v1.IPFamilyPolicy
 allocateLoadBalancerNodePorts 20 *bool
 loadBalancerClass 21 *string
 internalTrafficPolicy 22 *string go=v1.ServiceInternalTrafficPolicy
 trafficDistribution 23 *string
ServiceStatus
 loadBalancer 1 LoadBalancerStatus
 conditions 2 []meta.v1.Condition key=type patch=merge list=map:type
SessionAffinityConfig
 clientIP 1 *ClientIPConfig
SleepAction
 seconds! 1 int64 always
StorageOSPersistentVolumeSource
 volumeName 1 string
 volumeNamespace 2 string
 fsType 3 string
 readOnly 4 bool
 secretRef 5 *ObjectReference
StorageOSVolumeSource
 volumeName 1 string
 volumeNamespace 2 string
 fsType 3 string
 readOnly 4 bool
 secretRef 5 *LocalObjectReference
Sysctl
 name! 1 string always
 value! 2 string always
TCPSocketAction
 port! 1 intstr.IntOrString always
 host 2 string
Taint
 key! 1 string always
 value 2 string
 effect! 3 string always go=v1.TaintEffect
 timeAdded 4 *meta.v1.Time
Toleration
 key 1 string
 operator 2 string go=v1.TolerationOperator
 value 3 string
 effect 4 string go=v1.TaintEffect
 tolerationSeconds 5 *int64
TopologySelectorLabelRequirement
 key! 1 string always
 values! 2 []string always list=atomic
TopologySelectorTerm map=atomic
 matchLabelExpressions 1 []TopologySelectorLabelRequirement list=atomic
TopologySpreadConstraint
 maxSkew! 1 int32 always
 topologyKey! 2 string always
 whenUnsatisfiable! 3 string always go=v1.UnsatisfiableConstraintAction
 labelSelector 4 *meta.v1.LabelSelector
 minDomains 5 *int32
 nodeAffinityPolicy 6 *string go=v1.NodeInclusionPolicy
 nodeTaintsPolicy 7 *string go=v1.NodeInclusionPolicy
 matchLabelKeys 8 []string list=atomic
TypedLocalObjectReference map=atomic
 apiGroup 1 *string always
 kind! 2 string always
 name! 3 string always
TypedObjectReference
 apiGroup 1 *string always
 kind! 2 string always
 name! 3 string always
 namespace 4 *string
Volume
 name! 1 string always
 ~volumeSource 2 VolumeSource
VolumeDevice
 name! 1 string always
 devicePath! 2 string always
VolumeMount
 name! 1 string always
 readOnly 2 bool
 recursiveReadOnly 7 *string go=v1.RecursiveReadOnlyMode
 mountPath! 3 string always
 subPath 4 string
 mountPropagation 5 *string go=v1.MountPropagationMode
 subPathExpr 6 string
VolumeMountStatus
 name! 1 string always
 mountPath! 2 string always
 readOnly 3 bool
 recursiveReadOnly 4 *string go=v1.RecursiveReadOnlyMode
 volumeStatus 5 *VolumeStatus
VolumeNodeAffinity
 required 1 *NodeSelector
VolumeProjection
 secret 1 *SecretProjection
 downwardAPI 2 *DownwardAPIProjection
 configMap 3 *ConfigMapProjection
 serviceAccountToken 4 *ServiceAccountTokenProjection
 clusterTrustBundle 5 *ClusterTrustBundleProjection
 podCertificate 6 *PodCertificateProjection
VolumeResourceRequirements
 limits 1 {}resource.Quantity go=v1.ResourceList
 requests 2 {}resource.Quantity go=v1.ResourceList
VolumeSource
 hostPath 1 *HostPathVolumeSource
 emptyDir 2 *EmptyDirVolumeSource
 gcePersistentDisk 3 *GCEPersistentDiskVolumeSource
 awsElasticBlockStore 4 *AWSElasticBlockStoreVolumeSource
 gitRepo 5 *GitRepoVolumeSource
 secret 6 *SecretVolumeSource
 nfs 7 *NFSVolumeSource
 iscsi 8 *ISCSIVolumeSource
 glusterfs 9 *GlusterfsVolumeSource
 persistentVolumeClaim 10 *PersistentVolumeClaimVolumeSource
 rbd 11 *RBDVolumeSource
 flexVolume 12 *FlexVolumeSource
 cinder 13 *CinderVolumeSource
 cephfs 14 *CephFSVolumeSource
 flocker 15 *FlockerVolumeSource
 downwardAPI 16 *DownwardAPIVolumeSource
 fc 17 *FCVolumeSource
 azureFile 18 *AzureFileVolumeSource
 configMap 19 *ConfigMapVolumeSource
 vsphereVolume 20 *VsphereVirtualDiskVolumeSource
 quobyte 21 *QuobyteVolumeSource
 azureDisk 22 *AzureDiskVolumeSource
 photonPersistentDisk 23 *PhotonPersistentDiskVolumeSource
 projected 26 *ProjectedVolumeSource
 portworxVolume 24 *PortworxVolumeSource
 scaleIO 25 *ScaleIOVolumeSource
 storageos 27 *StorageOSVolumeSource
 csi 28 *CSIVolumeSource
 ephemeral 29 *EphemeralVolumeSource
 image 30 *ImageVolumeSource
VolumeStatus
 image 1 *ImageVolumeStatus
VsphereVirtualDiskVolumeSource
 volumePath! 1 string always
 fsType 2 string
 storagePolicyName 3 string
 storagePolicyID 4 string
WeightedPodAffinityTerm
 weight! 1 int32 always
 podAffinityTerm! 2 PodAffinityTerm always
WindowsSecurityContextOptions
 gmsaCredentialSpecName 1 *string
 gmsaCredentialSpec 2 *string
 runAsUserName 3 *string
 hostProcess 4 *bool
package discovery.v1
Endpoint
 addresses! 1 []string always list=set
 conditions 2 EndpointConditions
 hostname 3 *string
 targetRef 4 *core.v1.ObjectReference
 deprecatedTopology 5 {}string
 nodeName 6 *string
 zone 7 *string
 hints 8 *EndpointHints
EndpointConditions
 ready 1 *bool
 serving 2 *bool
 terminating 3 *bool
EndpointHints
 forZones 1 []ForZone list=atomic
 forNodes 2 []ForNode list=atomic
EndpointPort map=atomic
 name 1 *string
 protocol 2 *string go=v1.Protocol
 port 3 *int32
 appProtocol 4 *string
EndpointSlice*
 metadata 1 meta.v1.ObjectMeta
 addressType! 4 string always go=v1.AddressType
 endpoints 2 []Endpoint always list=atomic
 ports 3 []EndpointPort always list=atomic
EndpointSliceList*
 metadata 1 meta.v1.ListMeta
 items! 2 []EndpointSlice always
ForNode
 name! 1 string always
ForZone
 name! 1 string always
package events.v1
Event*
 metadata 1 meta.v1.ObjectMeta always
 eventTime! 2 meta.v1.MicroTime always
 series 3 *EventSeries
 reportingController 4 string
 reportingInstance 5 string
 action 6 string
 reason 7 string
 regarding 8 core.v1.ObjectReference
 related 9 *core.v1.ObjectReference
 note 10 string
 type 11 string
 deprecatedSource 12 core.v1.EventSource
 deprecatedFirstTimestamp 13 meta.v1.Time
 deprecatedLastTimestamp 14 meta.v1.Time
 deprecatedCount 15 int32
EventList*
 metadata 1 meta.v1.ListMeta
 items! 2 []Event always
EventSeries
 count! 1 int32 always
 lastObservedTime! 2 meta.v1.MicroTime always
package flowcontrol.v1
ExemptPriorityLevelConfiguration
 nominalConcurrencyShares 1 *int32
 lendablePercent 2 *int32
FlowDistinguisherMethod
 type! 1 string always go=v1.FlowDistinguisherMethodType
FlowSchema*
 metadata 1 meta.v1.ObjectMeta
 spec 2 FlowSchemaSpec
 status 3 FlowSchemaStatus
FlowSchemaCondition
 type 1 string go=v1.FlowSchemaConditionType
 status 2 string go=v1.ConditionStatus
 lastTransitionTime 3 meta.v1.Time
 reason 4 string
 message 5 string
FlowSchemaList*
 metadata 1 meta.v1.ListMeta
 items! 2 []FlowSchema always
FlowSchemaSpec
 priorityLevelConfiguration! 1 PriorityLevelConfigurationReference always
 matchingPrecedence 2 int32 always
 distinguisherMethod 3 *FlowDistinguisherMethod
 rules 4 []PolicyRulesWithSubjects list=atomic
FlowSchemaStatus
 conditions 1 []FlowSchemaCondition key=type patch=merge list=map:type
GroupSubject
 name! 1 string always
LimitResponse
 type! 1 string always go=v1.LimitResponseType
 queuing 2 *QueuingConfiguration
LimitedPriorityLevelConfiguration
 nominalConcurrencyShares 1 *int32 always
 limitResponse 2 LimitResponse
 lendablePercent 3 *int32
 borrowingLimitPercent 4 *int32
NonResourcePolicyRule
 verbs! 1 []string always list=set
 nonResourceURLs! 6 []string always list=set
PolicyRulesWithSubjects
 subjects! 1 []Subject always list=atomic
 resourceRules 2 []ResourcePolicyRule list=atomic
 nonResourceRules 3 []NonResourcePolicyRule list=atomic
PriorityLevelConfiguration*
 metadata 1 meta.v1.ObjectMeta
 spec 2 PriorityLevelConfigurationSpec
 status 3 PriorityLevelConfigurationStatus
PriorityLevelConfigurationCondition
 type 1 string go=v1.PriorityLevelConfigurationConditionType
 status 2 string go=v1.ConditionStatus
 lastTransitionTime 3 meta.v1.Time
 reason 4 string
 message 5 string
PriorityLevelConfigurationList*
 metadata 1 meta.v1.ListMeta
 items! 2 []PriorityLevelConfiguration always
PriorityLevelConfigurationReference
 name! 1 string always
PriorityLevelConfigurationSpec
 type! 1 string always go=v1.PriorityLevelEnablement
 limited 2 *LimitedPriorityLevelConfiguration
 exempt 3 *ExemptPriorityLevelConfiguration
PriorityLevelConfigurationStatus
 conditions 1 []PriorityLevelConfigurationCondition key=type patch=merge list=map:type
QueuingConfiguration
 queues 1 int32 always
 handSize 2 int32 always
 queueLengthLimit 3 int32 always
ResourcePolicyRule
 verbs! 1 []string always list=set
 apiGroups! 2 []string always list=set
 resources! 3 []string always list=set
 clusterScope 4 bool
 namespaces 5 []string always list=set
ServiceAccountSubject
 namespace! 1 string always
 name! 2 string always
Subject
 kind! 1 string always go=v1.SubjectKind
 user 2 *UserSubject
 group 3 *GroupSubject
 serviceAccount 4 *ServiceAccountSubject
UserSubject
 name! 1 string always
package networking.v1
HTTPIngressPath
 path 1 string
 pathType! 3 *string always go=v1.PathType
 backend! 2 IngressBackend always
HTTPIngressRuleValue
 paths! 1 []HTTPIngressPath always list=atomic
IPAddress*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 IPAddressSpec
IPAddressList*
 metadata 1 meta.v1.ListMeta
 items! 2 []IPAddress always
IPAddressSpec
 parentRef! 1 *ParentReference
IPBlock
 cidr! 1 string always
 except 2 []string list=atomic
Ingress*
 metadata 1 meta.v1.ObjectMeta
 spec 2 IngressSpec
 status 3 IngressStatus
IngressBackend
 service 4 *IngressServiceBackend
 resource 3 *core.v1.TypedLocalObjectReference
IngressClass*
 metadata 1 meta.v1.ObjectMeta
 spec 2 IngressClassSpec
IngressClassList*
 metadata 1 meta.v1.ListMeta
 items! 2 []IngressClass always
IngressClassParametersReference
 apiGroup 1 *string
 kind! 2 string always
 name! 3 string always
 scope 4 *string always
 namespace 5 *string
IngressClassSpec
 controller 1 string
 parameters 2 *IngressClassParametersReference
IngressList*
 metadata 1 meta.v1.ListMeta
 items! 2 []Ingress always
IngressLoadBalancerIngress
 ip 1 string
 hostname 2 string
 ports 4 []IngressPortStatus list=atomic
IngressLoadBalancerStatus
 ingress 1 []IngressLoadBalancerIngress list=atomic
IngressPortStatus
 port! 1 int32 always
 protocol! 2 string always go=v1.Protocol
 error 3 *string
IngressRule
 host 1 string
 ~ingressRuleValue 2 IngressRuleValue
IngressRuleValue
 http 1 *HTTPIngressRuleValue
IngressServiceBackend
 name! 1 string always
 port 2 ServiceBackendPort
IngressSpec
 ingressClassName 4 *string
 defaultBackend 1 *IngressBackend
 tls 2 []IngressTLS list=atomic
 rules 3 []IngressRule list=atomic
IngressStatus
 loadBalancer 1 IngressLoadBalancerStatus
IngressTLS
 hosts 1 []string list=atomic
 secretName 2 string
NetworkPolicy*
 metadata 1 meta.v1.ObjectMeta
 spec 2 NetworkPolicySpec
NetworkPolicyEgressRule
 ports 1 []NetworkPolicyPort list=atomic
 to 2 []NetworkPolicyPeer list=atomic
NetworkPolicyIngressRule
 ports 1 []NetworkPolicyPort list=atomic
 from 2 []NetworkPolicyPeer list=atomic
NetworkPolicyList*
 metadata 1 meta.v1.ListMeta
 items! 2 []NetworkPolicy always
NetworkPolicyPeer
 podSelector 1 *meta.v1.LabelSelector
 namespaceSelector 2 *meta.v1.LabelSelector
 ipBlock 3 *IPBlock
NetworkPolicyPort
 protocol 1 *string go=v1.Protocol
 port 2 *intstr.IntOrString
 endPort 3 *int32
NetworkPolicySpec
 podSelector 1 meta.v1.LabelSelector always
 ingress 2 []NetworkPolicyIngressRule list=atomic
 egress 3 []NetworkPolicyEgressRule list=atomic
 policyTypes 4 []string go=[]v1.PolicyType list=atomic
ParentReference
 group 1 string
 resource! 2 string
 namespace 3 string
 name! 4 string
ServiceBackendPort map=atomic
 name 1 string
 number 2 int32
ServiceCIDR*
 metadata 1 meta.v1.ObjectMeta
 spec 2 ServiceCIDRSpec
 status 3 ServiceCIDRStatus
ServiceCIDRList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ServiceCIDR always
ServiceCIDRSpec
 cidrs 1 []string list=atomic
ServiceCIDRStatus
 conditions 1 []meta.v1.Condition key=type patch=merge list=map:type
package node.v1
Overhead
 podFixed 1 {}resource.Quantity go=v1.ResourceList
RuntimeClass*
 metadata 1 meta.v1.ObjectMeta
 handler! 2 string always
 overhead 3 *Overhead
 scheduling 4 *Scheduling
RuntimeClassList*
 metadata 1 meta.v1.ListMeta
 items! 2 []RuntimeClass always
Scheduling
 nodeSelector 1 {}string map=atomic
 tolerations 2 []core.v1.Toleration list=atomic
package policy.v1
Eviction*
 metadata 1 meta.v1.ObjectMeta
 deleteOptions 2 *meta.v1.DeleteOptions
PodDisruptionBudget*
 metadata 1 meta.v1.ObjectMeta
 spec 2 PodDisruptionBudgetSpec
 status 3 PodDisruptionBudgetStatus
PodDisruptionBudgetList*
 metadata 1 meta.v1.ListMeta
 items! 2 []PodDisruptionBudget always
PodDisruptionBudgetSpec
 minAvailable 1 *intstr.IntOrString
 selector 2 *meta.v1.LabelSelector patch=replace
 maxUnavailable 3 *intstr.IntOrString
 unhealthyPodEvictionPolicy 4 *string go=v1.UnhealthyPodEvictionPolicyType
PodDisruptionBudgetStatus
 observedGeneration 1 int64
 disruptedPods 2 {}meta.v1.Time
 disruptionsAllowed 3 int32 always
 currentHealthy 4 int32 always
 desiredHealthy 5 int32 always
 expectedPods 6 int32 always
 conditions 7 []meta.v1.Condition key=type patch=merge list=map:type
package rbac.v1
AggregationRule
 clusterRoleSelectors 1 []meta.v1.LabelSelector list=atomic
ClusterRole*
 metadata 1 meta.v1.ObjectMeta
 rules 2 []PolicyRule always list=atomic
 aggregationRule 3 *AggregationRule
ClusterRoleBinding*
 metadata 1 meta.v1.ObjectMeta
 subjects 2 []Subject list=atomic
 roleRef! 3 RoleRef always
ClusterRoleBindingList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ClusterRoleBinding always
ClusterRoleList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ClusterRole always
PolicyRule
 verbs! 1 []string always list=atomic
 apiGroups 2 []string list=atomic
 resources 3 []string list=atomic
 resourceNames 4 []string list=atomic
 nonResourceURLs 5 []string list=atomic
Role*
 metadata 1 meta.v1.ObjectMeta
 rules 2 []PolicyRule always list=atomic
RoleBinding*
 metadata 1 meta.v1.ObjectMeta
 subjects 2 []Subject list=atomic
 roleRef! 3 RoleRef always
RoleBindingList*
 metadata 1 meta.v1.ListMeta
 items! 2 []RoleBinding always
RoleList*
 metadata 1 meta.v1.ListMeta
 items! 2 []Role always
RoleRef map=atomic
 apiGroup 1 string always
 kind! 2 string always
 name! 3 string always
Subject map=atomic
 kind! 1 string always
 apiGroup 2 string
 name! 3 string always
 namespace 4 string
package resource.v1
AllocatedDeviceStatus
 driver! 1 string always
 pool! 2 string always
 device! 3 string always
 shareID 7 *string
 conditions 4 []meta.v1.Condition always list=map:type
 data 5 *runtime.RawExtension
 networkData 6 *NetworkDeviceData
AllocationResult
 devices 1 DeviceAllocationResult
 nodeSelector 3 *core.v1.NodeSelector
 allocationTimestamp 5 *meta.v1.Time
CELDeviceSelector
 expression! 1 string always
CapacityRequestPolicy
 default 1 *resource.Quantity always
 validValues 3 []resource.Quantity list=atomic
 validRange 4 *CapacityRequestPolicyRange
CapacityRequestPolicyRange
 min! 1 *resource.Quantity
 max 2 *resource.Quantity
 step 3 *resource.Quantity
CapacityRequirements
 requests 1 {}resource.Quantity go=map[v1.QualifiedName]resource.Quantity
Counter
 value! 1 resource.Quantity always
CounterSet
 name! 1 string always
 counters! 2 {}Counter
Device
 name! 1 string always
 attributes 2 {}DeviceAttribute go=map[v1.QualifiedName]v1.DeviceAttribute
 capacity 3 {}DeviceCapacity go=map[v1.QualifiedName]v1.DeviceCapacity
 consumesCounters 4 []DeviceCounterConsumption list=atomic
 nodeName 5 *string
 nodeSelector 6 *core.v1.NodeSelector
 allNodes 7 *bool
 taints 8 []DeviceTaint list=atomic
 bindsToNode 9 *bool
 bindingConditions 10 []string list=atomic
 bindingFailureConditions 11 []string list=atomic
 allowMultipleAllocations 12 *bool
 nodeAllocatableResourceMappings 13 {}NodeAllocatableResourceMapping go=map[v1.ResourceName]v1.NodeAllocatableResourceMapping
DeviceAllocationConfiguration
 source! 1 string always go=v1.AllocationConfigSource
 requests 2 []string list=atomic
 ~deviceConfiguration 3 DeviceConfiguration
DeviceAllocationResult
 results 1 []DeviceRequestAllocationResult list=atomic
 config 2 []DeviceAllocationConfiguration list=atomic
DeviceAttribute
 int 2 *int64
 bool 3 *bool
 string 4 *string
 version 5 *string
 ints 6 []int64 list=atomic
 bools 7 []bool list=atomic
 strings 8 []string list=atomic
 versions 9 []string list=atomic
DeviceCapacity
 value! 1 resource.Quantity always
 requestPolicy 2 *CapacityRequestPolicy
DeviceClaim
 requests 1 []DeviceRequest always list=atomic
 constraints 2 []DeviceConstraint list=atomic
 config 3 []DeviceClaimConfiguration list=atomic
DeviceClaimConfiguration
 requests 1 []string list=atomic
 ~deviceConfiguration 2 DeviceConfiguration
DeviceClass*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 DeviceClassSpec always
DeviceClassConfiguration
 ~deviceConfiguration 1 DeviceConfiguration
DeviceClassList*
 metadata 1 meta.v1.ListMeta
 items! 2 []DeviceClass always
DeviceClassSpec
 selectors 1 []DeviceSelector list=atomic
 config 2 []DeviceClassConfiguration list=atomic
 extendedResourceName 4 *string
DeviceConfiguration
 opaque 1 *OpaqueDeviceConfiguration
DeviceConstraint
 requests 1 []string list=atomic
 matchAttribute 2 *string go=v1.FullyQualifiedName
 distinctAttribute 3 *string go=v1.FullyQualifiedName
DeviceCounterConsumption
 counterSet! 1 string always
 counters! 2 {}Counter
DeviceRequest
 name! 1 string always
 exactly 2 *ExactDeviceRequest
 firstAvailable 3 []DeviceSubRequest list=atomic
DeviceRequestAllocationResult
 request! 1 string always
 driver! 2 string always
 pool! 3 string always
 device! 4 string always
 adminAccess 5 *bool
 tolerations 6 []DeviceToleration list=atomic
 bindingConditions 7 []string list=atomic
 bindingFailureConditions 8 []string list=atomic
 shareID 9 *string go=types.UID
 consumedCapacity 10 {}resource.Quantity go=map[v1.QualifiedName]resource.Quantity
DeviceSelector
 cel 1 *CELDeviceSelector
DeviceSubRequest
 name! 1 string always
 deviceClassName! 2 string always
 selectors 3 []DeviceSelector list=atomic
 allocationMode 4 string go=v1.DeviceAllocationMode
 count 5 int64
 tolerations 6 []DeviceToleration list=atomic
 capacity 7 *CapacityRequirements
DeviceTaint
 key! 1 string always
 value 2 string
 effect! 3 string always go=v1.DeviceTaintEffect
 timeAdded 4 *meta.v1.Time
DeviceToleration
 key 1 string
 operator 2 string go=v1.DeviceTolerationOperator default="Equal"
 value 3 string
 effect 4 string go=v1.DeviceTaintEffect
 tolerationSeconds 5 *int64
ExactDeviceRequest
 deviceClassName! 1 string always
 selectors 2 []DeviceSelector list=atomic
 allocationMode 3 string go=v1.DeviceAllocationMode
 count 4 int64
 adminAccess 5 *bool
 tolerations 6 []DeviceToleration list=atomic
 capacity 7 *CapacityRequirements
NetworkDeviceData
 interfaceName 1 string
 ips 2 []string list=atomic
 hardwareAddress 3 string
NodeAllocatableResourceMapping
 capacityKey 1 *string go=v1.QualifiedName
 allocationMultiplier 2 *resource.Quantity
OpaqueDeviceConfiguration
 driver! 1 string always
 parameters! 2 runtime.RawExtension always
ResourceClaim*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 ResourceClaimSpec always
 status 3 ResourceClaimStatus
ResourceClaimConsumerReference
 apiGroup 1 string
 resource! 3 string always
 name! 4 string always
 uid! 5 string always go=types.UID
ResourceClaimList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ResourceClaim always
ResourceClaimSpec
 devices 1 DeviceClaim always
ResourceClaimStatus
 allocation 1 *AllocationResult
 reservedFor 2 []ResourceClaimConsumerReference key=uid patch=merge list=map:uid
 devices 4 []AllocatedDeviceStatus list=map:driver,device,pool,shareID
ResourceClaimTemplate*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 ResourceClaimTemplateSpec always
ResourceClaimTemplateList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ResourceClaimTemplate always
ResourceClaimTemplateSpec
 metadata 1 meta.v1.ObjectMeta
 spec! 2 ResourceClaimSpec always
ResourcePool
 name! 1 string always
 generation! 2 int64 always
 resourceSliceCount! 3 int64 always
ResourceSlice*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 ResourceSliceSpec always
ResourceSliceList*
 metadata 1 meta.v1.ListMeta
 items! 2 []ResourceSlice always
ResourceSliceSpec
 driver! 1 string always
 pool! 2 ResourcePool always
 nodeName 3 *string
 nodeSelector 4 *core.v1.NodeSelector
 allNodes 5 *bool
 devices 6 []Device list=atomic
 perDeviceNodeSelection 7 *bool
 sharedCounters 8 []CounterSet list=atomic
package scheduling.v1
PriorityClass*
 metadata 1 meta.v1.ObjectMeta
 value 2 int32 always
 globalDefault 3 bool
 description 4 string
 preemptionPolicy 5 *string go=v1.PreemptionPolicy
PriorityClassList*
 metadata 1 meta.v1.ListMeta
 items! 2 []PriorityClass always
package storage.v1
CSIDriver*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 CSIDriverSpec always
CSIDriverList*
 metadata 1 meta.v1.ListMeta
 items! 2 []CSIDriver always
CSIDriverSpec
 attachRequired 1 *bool
 podInfoOnMount 2 *bool
 volumeLifecycleModes 3 []string go=[]v1.VolumeLifecycleMode list=set
 storageCapacity 4 *bool
 fsGroupPolicy 5 *string go=v1.FSGroupPolicy
 tokenRequests 6 []TokenRequest list=atomic
 requiresRepublish 7 *bool
 seLinuxMount 8 *bool
 nodeAllocatableUpdatePeriodSeconds 9 *int64
 serviceAccountTokenInSecrets 10 *bool
 preventPodSchedulingIfMissing 11 *bool
CSINode*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 CSINodeSpec always
CSINodeDriver
 name! 1 string always
 nodeID! 2 string always
 topologyKeys 3 []string always list=atomic
 allocatable 4 *VolumeNodeResources
CSINodeList*
 metadata 1 meta.v1.ListMeta
 items! 2 []CSINode always
CSINodeSpec
 drivers! 1 []CSINodeDriver always key=name patch=merge list=map:name
CSIStorageCapacity*
 metadata 1 meta.v1.ObjectMeta
 nodeTopology 2 *meta.v1.LabelSelector
 storageClassName! 3 string always
 capacity 4 *resource.Quantity
 maximumVolumeSize 5 *resource.Quantity
CSIStorageCapacityList*
 metadata 1 meta.v1.ListMeta
 items! 2 []CSIStorageCapacity always
StorageClass*
 metadata 1 meta.v1.ObjectMeta
 provisioner! 2 string always
 parameters 3 {}string
 reclaimPolicy 4 *string go=v1.PersistentVolumeReclaimPolicy
 mountOptions 5 []string list=atomic
 allowVolumeExpansion 6 *bool
 volumeBindingMode 7 *string go=v1.VolumeBindingMode
 allowedTopologies 8 []core.v1.TopologySelectorTerm list=atomic
StorageClassList*
 metadata 1 meta.v1.ListMeta
 items! 2 []StorageClass always
TokenRequest
 audience! 1 string always
 expirationSeconds 2 *int64
VolumeAttachment*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 VolumeAttachmentSpec always
 status 3 VolumeAttachmentStatus
VolumeAttachmentList*
 metadata 1 meta.v1.ListMeta
 items! 2 []VolumeAttachment always
VolumeAttachmentSource
 persistentVolumeName 1 *string
 inlineVolumeSpec 2 *core.v1.PersistentVolumeSpec
VolumeAttachmentSpec
 attacher! 1 string always
 source! 2 VolumeAttachmentSource always
 nodeName! 3 string always
VolumeAttachmentStatus
 attached! 1 bool always
 attachmentMetadata 2 {}string
 attachError 3 *VolumeError
 detachError 4 *VolumeError
VolumeAttributesClass*
 metadata 1 meta.v1.ObjectMeta
 driverName! 2 string always
 parameters 3 {}string
VolumeAttributesClassList*
 metadata 1 meta.v1.ListMeta
 items! 2 []VolumeAttributesClass always
VolumeError
 time 1 meta.v1.Time
 message 2 string
 errorCode 3 *int32
VolumeNodeResources
 count 1 *int32
package apiextensions.v1
ConversionRequest
 uid 1 string always go=types.UID
 desiredAPIVersion 2 string always
 objects 3 []runtime.RawExtension always
ConversionResponse
 uid 1 string always go=types.UID
 convertedObjects 2 []runtime.RawExtension always
 result 3 meta.v1.Status always
ConversionReview
 request 1 *ConversionRequest
 response 2 *ConversionResponse
CustomResourceColumnDefinition
 name! 1 string always
 type! 2 string always
 format 3 string
 description 4 string
 priority 5 int32
 jsonPath! 6 string always
CustomResourceConversion
 strategy! 1 string always go=v1.ConversionStrategyType
 webhook 2 *WebhookConversion
CustomResourceDefinition*
 metadata 1 meta.v1.ObjectMeta
 spec! 2 CustomResourceDefinitionSpec always
 status 3 CustomResourceDefinitionStatus
CustomResourceDefinitionCondition
 type! 1 string always go=v1.CustomResourceDefinitionConditionType
 status! 2 string always go=v1.ConditionStatus
 lastTransitionTime 3 meta.v1.Time
 reason 4 string
 message 5 string
 observedGeneration 6 int64
CustomResourceDefinitionList*
 metadata 1 meta.v1.ListMeta
 items! 2 []CustomResourceDefinition always
CustomResourceDefinitionNames
 plural! 1 string always
 singular 2 string
 shortNames 3 []string list=atomic
 kind! 4 string always
 listKind 5 string
 categories 6 []string list=atomic
CustomResourceDefinitionSpec
 group! 1 string always
 names! 3 CustomResourceDefinitionNames always
 scope! 4 string always go=v1.ResourceScope
 versions! 7 []CustomResourceDefinitionVersion always list=atomic
 conversion 9 *CustomResourceConversion
 preserveUnknownFields 10 bool
CustomResourceDefinitionStatus
 conditions 1 []CustomResourceDefinitionCondition always list=map:type
 acceptedNames 2 CustomResourceDefinitionNames always
 storedVersions 3 []string always list=atomic
 observedGeneration 4 int64
CustomResourceDefinitionVersion
 name! 1 string always
 served! 2 bool always
 storage! 3 bool always
 deprecated 7 bool
 deprecationWarning 8 *string
 schema 4 *CustomResourceValidation
 subresources 5 *CustomResourceSubresources
 additionalPrinterColumns 6 []CustomResourceColumnDefinition list=atomic
 selectableFields 9 []SelectableField list=atomic
CustomResourceSubresourceScale
 specReplicasPath! 1 string always
 statusReplicasPath! 2 string always
 labelSelectorPath 3 *string
CustomResourceSubresourceStatus
CustomResourceSubresources
 status 1 *CustomResourceSubresourceStatus
 scale 2 *CustomResourceSubresourceScale
CustomResourceValidation
 openAPIV3Schema 1 *JSONSchemaProps
ExternalDocumentation
 description 1 string
 url 2 string
JSON
 raw 1 bytes always
JSONSchemaProps
 id 1 string
 \$schema 2 string go=v1.JSONSchemaURL
 \$ref 3 *string
 description 4 string
 type 5 string
 format 6 string
 title 7 string
 default 8 *JSON
 maximum 9 *double
 exclusiveMaximum 10 bool
 minimum 11 *double
 exclusiveMinimum 12 bool
 maxLength 13 *int64
 minLength 14 *int64
 pattern 15 string
 maxItems 16 *int64
 minItems 17 *int64
 uniqueItems 18 bool
 multipleOf 19 *double
 enum 20 []JSON list=atomic
 maxProperties 21 *int64
 minProperties 22 *int64
 required 23 []string list=atomic
 items 24 *JSONSchemaPropsOrArray
 allOf 25 []JSONSchemaProps list=atomic
 oneOf 26 []JSONSchemaProps list=atomic
 anyOf 27 []JSONSchemaProps list=atomic
 not 28 *JSONSchemaProps
 properties 29 {}JSONSchemaProps
 additionalProperties 30 *JSONSchemaPropsOrBool
 patternProperties 31 {}JSONSchemaProps
 dependencies 32 {}JSONSchemaPropsOrStringArray go=v1.JSONSchemaDependencies
 additionalItems 33 *JSONSchemaPropsOrBool
 definitions 34 {}JSONSchemaProps go=v1.JSONSchemaDefinitions
 externalDocs 35 *ExternalDocumentation
 example 36 *JSON
 nullable 37 bool
 x-kubernetes-preserve-unknown-fields 38 *bool
 x-kubernetes-embedded-resource 39 bool
 x-kubernetes-int-or-string 40 bool
 x-kubernetes-list-map-keys 41 []string list=atomic
 x-kubernetes-list-type 42 *string
 x-kubernetes-map-type 43 *string
 x-kubernetes-validations 44 []ValidationRule go=v1.ValidationRules key=rule patch=merge list=map:rule
JSONSchemaPropsOrArray
 schema 1 *JSONSchemaProps always
 jSONSchemas 2 []JSONSchemaProps always
JSONSchemaPropsOrBool
 allows 1 bool always
 schema 2 *JSONSchemaProps always
JSONSchemaPropsOrStringArray
 schema 1 *JSONSchemaProps always
 property 2 []string always
SelectableField
 jsonPath! 1 string always
ServiceReference
 namespace! 1 string always
 name! 2 string always
 path 3 *string
 port 4 *int32
ValidationRule
 rule! 1 string always
 message 2 string
 messageExpression 3 string
 reason 4 *string go=v1.FieldValueErrorReason
 fieldPath 5 string
 optionalOldSelf 6 *bool
WebhookClientConfig
 url 3 *string
 service 1 *ServiceReference
 caBundle 2 bytes
WebhookConversion
 clientConfig 2 *WebhookClientConfig
 conversionReviewVersions! 3 []string always list=atomic
package resource
Quantity
 string 1 string
QuantityValue
 string 1 string
package meta.v1
APIGroup*
 name! 1 string always
 versions! 2 []GroupVersionForDiscovery always list=atomic
 preferredVersion 3 GroupVersionForDiscovery
 serverAddressByClientCIDRs 4 []ServerAddressByClientCIDR list=atomic
APIGroupList*
 groups! 1 []APIGroup always list=atomic
APIResource
 name! 1 string always
 singularName! 6 string always
 namespaced! 2 bool always
 group 8 string
 version 9 string
 kind! 3 string always
 verbs! 4 Verbs always
 shortNames 5 []string list=atomic
 categories 7 []string list=atomic
 storageVersionHash 10 string
APIResourceList*
 groupVersion! 1 string always
 resources! 2 []APIResource always list=atomic
APIVersions*
 versions! 1 []string always list=atomic
 serverAddressByClientCIDRs! 2 []ServerAddressByClientCIDR always list=atomic
ApplyOptions*
 dryRun 1 []string
 force 2 bool always
 fieldManager 3 string always
Condition
 type! 1 string always
 status! 2 string always go=v1.ConditionStatus
 observedGeneration 3 int64
 lastTransitionTime! 4 Time always
 reason! 5 string always
 message! 6 string always
CreateOptions*
 dryRun 1 []string
 fieldManager 3 string
 fieldValidation 4 string
DeleteOptions*
 gracePeriodSeconds 1 *int64
 preconditions 2 *Preconditions
 orphanDependents 3 *bool
 propagationPolicy 4 *string go=v1.DeletionPropagation
 dryRun 5 []string list=atomic
 ignoreStoreReadErrorWithClusterBreakingPotential 6 *bool
Duration
 duration 1 int64 always go=time.Duration
FieldSelectorRequirement
 key! 1 string always
 operator! 2 string always go=v1.FieldSelectorOperator
 values 3 []string list=atomic
FieldsV1
 Raw 1 bytes
GetOptions*
 resourceVersion 1 string
GroupKind
 group 1 string always
 kind 2 string always
GroupResource
 group! 1 string always
 resource! 2 string always
GroupVersion
 group 1 string always
 version 2 string always
GroupVersionForDiscovery
 groupVersion! 1 string always
 version! 2 string always
GroupVersionKind
 group 1 string always
 version 2 string always
 kind 3 string always
GroupVersionResource
 group 1 string always
 version 2 string always
 resource 3 string always
LabelSelector map=atomic
 matchLabels 1 {}string
 matchExpressions 2 []LabelSelectorRequirement list=atomic
LabelSelectorRequirement
 key! 1 string always
 operator! 2 string always go=v1.LabelSelectorOperator
 values 3 []string list=atomic
List
 metadata 1 ListMeta
 items 2 []runtime.RawExtension always
ListMeta
 selfLink 1 string
 resourceVersion 2 string
 continue 3 string
 remainingItemCount 4 *int64
 shardInfo 5 *ShardInfo
ListOptions*
 labelSelector 1 string
 fieldSelector 2 string
 watch 3 bool
 allowWatchBookmarks 9 bool
 resourceVersion 4 string
 resourceVersionMatch 10 string go=v1.ResourceVersionMatch
 timeoutSeconds 5 *int64
 limit 7 int64
 continue 8 string
 sendInitialEvents 11 *bool
 shardSelector 15 string
ManagedFieldsEntry
 manager 1 string
 operation 2 string go=v1.ManagedFieldsOperationType
 apiVersion 3 string
 time 4 *Time
 fieldsType 6 string
 fieldsV1 7 *FieldsV1
 subresource 8 string
MicroTime
 seconds 1 int64
 nanos 2 int32
ObjectMeta
 name 1 string
 generateName 2 string
 namespace 3 string
 selfLink 4 string
 uid 5 string go=types.UID
 resourceVersion 6 string
 generation 7 int64
 creationTimestamp 8 Time omitzero
 deletionTimestamp 9 *Time
 deletionGracePeriodSeconds 10 *int64
 labels 11 {}string
 annotations 12 {}string
 ownerReferences 13 []OwnerReference key=uid patch=merge list=map:uid
 finalizers 14 []string patch=merge list=set
 managedFields 17 []ManagedFieldsEntry list=atomic
OwnerReference map=atomic
 apiVersion! 5 string always
 kind! 1 string always
 name! 3 string always
 uid! 4 string always go=types.UID
 controller 6 *bool
 blockOwnerDeletion 7 *bool
PartialObjectMetadata
 metadata 1 ObjectMeta
PartialObjectMetadataList
 metadata 1 ListMeta
 items 2 []PartialObjectMetadata always
Patch
PatchOptions*
 dryRun 1 []string
 force 2 *bool
 fieldManager 3 string
 fieldValidation 4 string
Preconditions
 uid 1 *string go=types.UID
 resourceVersion 2 *string
RootPaths
 paths 1 []string always
ServerAddressByClientCIDR
 clientCIDR! 1 string always
 serverAddress! 2 string always
ShardInfo
 selector! 1 string always
Status*
 metadata 1 ListMeta
 status 2 string
 message 3 string
 reason 4 string go=v1.StatusReason
 details 5 *StatusDetails
 code 6 int32
StatusCause
 reason 1 string go=v1.CauseType
 message 2 string
 field 3 string
StatusDetails
 name 1 string
 group 2 string
 kind 3 string
 uid 6 string go=types.UID
 causes 4 []StatusCause list=atomic
 retryAfterSeconds 5 int32
TableOptions*
 includeObject 1 string go=v1.IncludeObjectPolicy
Time
 seconds 1 int64
 nanos 2 int32
Timestamp
 seconds 1 int64 always
 nanos 2 int32 always
TypeMeta
 kind 1 string
 apiVersion 2 string
UpdateOptions*
 dryRun 1 []string
 fieldManager 2 string
 fieldValidation 3 string
Verbs
 items 1 []string
WatchEvent
 type! 1 string always
 object! 2 runtime.RawExtension always
package runtime
RawExtension
 raw 1 bytes always
TypeMeta
 apiVersion 1 string
 kind 2 string
Unknown
 typeMeta 1 TypeMeta
 raw 2 bytes always
 contentEncoding 3 string always
 contentType 4 string always
package intstr
IntOrString
 type 1 int64
 intVal 2 int32
 strVal 3 string
package apiregistration.v1
APIService*
 metadata 1 meta.v1.ObjectMeta
 spec 2 APIServiceSpec
 status 3 APIServiceStatus
APIServiceCondition
 type! 1 string always go=v1.APIServiceConditionType
 status! 2 string always go=v1.ConditionStatus
 lastTransitionTime 3 meta.v1.Time
 reason 4 string
 message 5 string
APIServiceList*
 metadata 1 meta.v1.ListMeta
 items! 2 []APIService always
APIServiceSpec
 service 1 *ServiceReference
 group 2 string
 version 3 string
 insecureSkipTLSVerify 4 bool
 caBundle 5 bytes list=atomic
 groupPriorityMinimum! 7 int32 always
 versionPriority! 8 int32 always
APIServiceStatus
 conditions 1 []APIServiceCondition key=type patch=merge list=map:type
ServiceReference
 namespace 1 string
 name 2 string
 port 3 *int32
`;
