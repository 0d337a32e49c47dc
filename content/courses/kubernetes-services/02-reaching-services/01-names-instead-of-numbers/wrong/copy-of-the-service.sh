#@ task an-alias
#@ says Service `stock`: `spec.type` is `ClusterIP`, not `ExternalName`.
kubectl create service clusterip stock --tcp=80
