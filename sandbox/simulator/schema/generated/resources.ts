// Made by schema/generate/table.mjs. Do not edit.

export const RESOURCES_TABLE = `
group - v1
bindings Binding binding Namespaced create
componentstatuses ComponentStatus componentstatus Cluster get,list short=cs
configmaps ConfigMap configmap Namespaced create,delete,deletecollection,get,list,patch,update,watch short=cm
endpoints Endpoints endpoints Namespaced create,delete,deletecollection,get,list,patch,update,watch short=ep
events Event event Namespaced create,delete,deletecollection,get,list,patch,update,watch short=ev
limitranges LimitRange limitrange Namespaced create,delete,deletecollection,get,list,patch,update,watch short=limits
namespaces Namespace namespace Cluster create,delete,get,list,patch,update,watch short=ns
 finalize Namespace update
 status Namespace get,patch,update
nodes Node node Cluster create,delete,deletecollection,get,list,patch,update,watch short=no
 proxy NodeProxyOptions create,delete,get,patch,update
 status Node get,patch,update
persistentvolumeclaims PersistentVolumeClaim persistentvolumeclaim Namespaced create,delete,deletecollection,get,list,patch,update,watch short=pvc
 status PersistentVolumeClaim get,patch,update
persistentvolumes PersistentVolume persistentvolume Cluster create,delete,deletecollection,get,list,patch,update,watch short=pv
 status PersistentVolume get,patch,update
pods Pod pod Namespaced create,delete,deletecollection,get,list,patch,update,watch short=po in=all
 attach PodAttachOptions create,get
 binding Binding create
 ephemeralcontainers Pod get,patch,update
 eviction policy/v1/Eviction create
 exec PodExecOptions create,get
 log Pod get
 portforward PodPortForwardOptions create,get
 proxy PodProxyOptions create,delete,get,patch,update
 resize Pod get,patch,update
 status Pod get,patch,update
podtemplates PodTemplate podtemplate Namespaced create,delete,deletecollection,get,list,patch,update,watch
replicationcontrollers ReplicationController replicationcontroller Namespaced create,delete,deletecollection,get,list,patch,update,watch short=rc in=all
 scale autoscaling/v1/Scale get,patch,update
 status ReplicationController get,patch,update
resourcequotas ResourceQuota resourcequota Namespaced create,delete,deletecollection,get,list,patch,update,watch short=quota
 status ResourceQuota get,patch,update
secrets Secret secret Namespaced create,delete,deletecollection,get,list,patch,update,watch
serviceaccounts ServiceAccount serviceaccount Namespaced create,delete,deletecollection,get,list,patch,update,watch short=sa
 token authentication.k8s.io/v1/TokenRequest create
services Service service Namespaced create,delete,deletecollection,get,list,patch,update,watch short=svc in=all
 proxy ServiceProxyOptions create,delete,get,patch,update
 status Service get,patch,update
group apiregistration.k8s.io v1
apiservices APIService apiservice Cluster create,delete,deletecollection,get,list,patch,update,watch in=api-extensions
 status APIService get,patch,update
group apps v1
controllerrevisions ControllerRevision controllerrevision Namespaced create,delete,deletecollection,get,list,patch,update,watch
daemonsets DaemonSet daemonset Namespaced create,delete,deletecollection,get,list,patch,update,watch short=ds in=all
 status DaemonSet get,patch,update
deployments Deployment deployment Namespaced create,delete,deletecollection,get,list,patch,update,watch short=deploy in=all
 scale autoscaling/v1/Scale get,patch,update
 status Deployment get,patch,update
replicasets ReplicaSet replicaset Namespaced create,delete,deletecollection,get,list,patch,update,watch short=rs in=all
 scale autoscaling/v1/Scale get,patch,update
 status ReplicaSet get,patch,update
statefulsets StatefulSet statefulset Namespaced create,delete,deletecollection,get,list,patch,update,watch short=sts in=all
 scale autoscaling/v1/Scale get,patch,update
 status StatefulSet get,patch,update
group events.k8s.io v1
events Event event Namespaced create,delete,deletecollection,get,list,patch,update,watch short=ev
group authentication.k8s.io v1
selfsubjectreviews SelfSubjectReview selfsubjectreview Cluster create
tokenreviews TokenReview tokenreview Cluster create
group authorization.k8s.io v1
localsubjectaccessreviews LocalSubjectAccessReview localsubjectaccessreview Namespaced create
selfsubjectaccessreviews SelfSubjectAccessReview selfsubjectaccessreview Cluster create
selfsubjectrulesreviews SelfSubjectRulesReview selfsubjectrulesreview Cluster create
subjectaccessreviews SubjectAccessReview subjectaccessreview Cluster create
group autoscaling v2
horizontalpodautoscalers HorizontalPodAutoscaler horizontalpodautoscaler Namespaced create,delete,deletecollection,get,list,patch,update,watch short=hpa in=all
 status HorizontalPodAutoscaler get,patch,update
group autoscaling v1
horizontalpodautoscalers HorizontalPodAutoscaler horizontalpodautoscaler Namespaced create,delete,deletecollection,get,list,patch,update,watch short=hpa in=all
 status HorizontalPodAutoscaler get,patch,update
group batch v1
cronjobs CronJob cronjob Namespaced create,delete,deletecollection,get,list,patch,update,watch short=cj in=all
 status CronJob get,patch,update
jobs Job job Namespaced create,delete,deletecollection,get,list,patch,update,watch in=all
 status Job get,patch,update
group certificates.k8s.io v1
certificatesigningrequests CertificateSigningRequest certificatesigningrequest Cluster create,delete,deletecollection,get,list,patch,update,watch short=csr
 approval CertificateSigningRequest get,patch,update
 status CertificateSigningRequest get,patch,update
group networking.k8s.io v1
ingressclasses IngressClass ingressclass Cluster create,delete,deletecollection,get,list,patch,update,watch
ingresses Ingress ingress Namespaced create,delete,deletecollection,get,list,patch,update,watch short=ing
 status Ingress get,patch,update
ipaddresses IPAddress ipaddress Cluster create,delete,deletecollection,get,list,patch,update,watch short=ip
networkpolicies NetworkPolicy networkpolicy Namespaced create,delete,deletecollection,get,list,patch,update,watch short=netpol
servicecidrs ServiceCIDR servicecidr Cluster create,delete,deletecollection,get,list,patch,update,watch
 status ServiceCIDR get,patch,update
group policy v1
poddisruptionbudgets PodDisruptionBudget poddisruptionbudget Namespaced create,delete,deletecollection,get,list,patch,update,watch short=pdb
 status PodDisruptionBudget get,patch,update
group rbac.authorization.k8s.io v1
clusterrolebindings ClusterRoleBinding clusterrolebinding Cluster create,delete,deletecollection,get,list,patch,update,watch
clusterroles ClusterRole clusterrole Cluster create,delete,deletecollection,get,list,patch,update,watch
rolebindings RoleBinding rolebinding Namespaced create,delete,deletecollection,get,list,patch,update,watch
roles Role role Namespaced create,delete,deletecollection,get,list,patch,update,watch
group storage.k8s.io v1
csidrivers CSIDriver csidriver Cluster create,delete,deletecollection,get,list,patch,update,watch
csinodes CSINode csinode Cluster create,delete,deletecollection,get,list,patch,update,watch
csistoragecapacities CSIStorageCapacity csistoragecapacity Namespaced create,delete,deletecollection,get,list,patch,update,watch
storageclasses StorageClass storageclass Cluster create,delete,deletecollection,get,list,patch,update,watch short=sc
volumeattachments VolumeAttachment volumeattachment Cluster create,delete,deletecollection,get,list,patch,update,watch
 status VolumeAttachment get,patch,update
volumeattributesclasses VolumeAttributesClass volumeattributesclass Cluster create,delete,deletecollection,get,list,patch,update,watch short=vac
group admissionregistration.k8s.io v1
mutatingadmissionpolicies MutatingAdmissionPolicy mutatingadmissionpolicy Cluster create,delete,deletecollection,get,list,patch,update,watch in=api-extensions
mutatingadmissionpolicybindings MutatingAdmissionPolicyBinding mutatingadmissionpolicybinding Cluster create,delete,deletecollection,get,list,patch,update,watch in=api-extensions
mutatingwebhookconfigurations MutatingWebhookConfiguration mutatingwebhookconfiguration Cluster create,delete,deletecollection,get,list,patch,update,watch in=api-extensions
validatingadmissionpolicies ValidatingAdmissionPolicy validatingadmissionpolicy Cluster create,delete,deletecollection,get,list,patch,update,watch in=api-extensions
 status ValidatingAdmissionPolicy get,patch,update
validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding validatingadmissionpolicybinding Cluster create,delete,deletecollection,get,list,patch,update,watch in=api-extensions
validatingwebhookconfigurations ValidatingWebhookConfiguration validatingwebhookconfiguration Cluster create,delete,deletecollection,get,list,patch,update,watch in=api-extensions
group apiextensions.k8s.io v1
customresourcedefinitions CustomResourceDefinition customresourcedefinition Cluster create,delete,deletecollection,get,list,patch,update,watch short=crd,crds in=api-extensions
 status CustomResourceDefinition get,patch,update
group scheduling.k8s.io v1
priorityclasses PriorityClass priorityclass Cluster create,delete,deletecollection,get,list,patch,update,watch short=pc
group coordination.k8s.io v1
leases Lease lease Namespaced create,delete,deletecollection,get,list,patch,update,watch
group node.k8s.io v1
runtimeclasses RuntimeClass runtimeclass Cluster create,delete,deletecollection,get,list,patch,update,watch
group discovery.k8s.io v1
endpointslices EndpointSlice endpointslice Namespaced create,delete,deletecollection,get,list,patch,update,watch
group resource.k8s.io v1
deviceclasses DeviceClass deviceclass Cluster create,delete,deletecollection,get,list,patch,update,watch
resourceclaims ResourceClaim resourceclaim Namespaced create,delete,deletecollection,get,list,patch,update,watch
 status ResourceClaim get,patch,update
resourceclaimtemplates ResourceClaimTemplate resourceclaimtemplate Namespaced create,delete,deletecollection,get,list,patch,update,watch
resourceslices ResourceSlice resourceslice Cluster create,delete,deletecollection,get,list,patch,update,watch
group flowcontrol.apiserver.k8s.io v1
flowschemas FlowSchema flowschema Cluster create,delete,deletecollection,get,list,patch,update,watch
 status FlowSchema get,patch,update
prioritylevelconfigurations PriorityLevelConfiguration prioritylevelconfiguration Cluster create,delete,deletecollection,get,list,patch,update,watch
 status PriorityLevelConfiguration get,patch,update
`;
