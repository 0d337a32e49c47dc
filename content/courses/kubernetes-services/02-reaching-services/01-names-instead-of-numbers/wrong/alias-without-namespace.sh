#@ task an-alias
#@ says Service `stock`: `spec.externalName` is `stock`, none of *.
kubectl create service externalname stock --external-name=stock
